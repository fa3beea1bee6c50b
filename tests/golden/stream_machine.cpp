#include "tests/golden/stream_machine.h"

#include <algorithm>
#include <deque>

namespace loas::golden
{

stream_machine_result run_stream_machine(const stream_machine_config& config,
                                         const std::vector<std::vector<std::size_t>>& matches)
{
    stream_machine_result result;
    result.last_taken.assign(config.pes, 0);
    std::vector<std::deque<std::size_t>> fifos(config.pes);
    std::size_t next = 0;
    for (std::uint64_t cycle = 0;; ++cycle) {
        std::vector<bool> idle(config.pes, true);
        bool something_left = next < matches.size();
        for (std::size_t pe = 0; pe < config.pes; ++pe) {
            if (fifos[pe].empty())
                continue;
            fifos[pe].pop_front();
            idle[pe] = false;
            result.last_taken[pe] = cycle + 1;
            something_left = true;
        }
        if (!something_left)
            return result;
        for (unsigned passed = 0; next < matches.size() && (config.width == 0 || passed < config.width); ++passed) {
            const std::vector<std::size_t>& pes = matches[next];
            const bool all_ready = std::all_of(pes.begin(), pes.end(), [&](std::size_t pe) {
                return idle[pe] || config.fifo_depth == 0 || fifos[pe].size() < config.fifo_depth;
            });
            if (!all_ready)
                break;
            for (const std::size_t pe : pes) {
                if (idle[pe]) {
                    idle[pe] = false;
                    result.last_taken[pe] = cycle + 1;
                } else {
                    fifos[pe].push_back(next);
                }
            }
            result.pass_cycles.push_back(cycle);
            ++next;
        }
    }
}

} // namespace loas::golden
