#include "tests/golden/merge_machine.h"

#include <deque>

namespace loas::golden
{

namespace
{

struct round {
    std::uint64_t elements = 0, again = 0, fill = 0;
    bool last = true;
};

struct fiber {
    std::set<unsigned> columns;
    bool partial;
};

/// Fibers stand in line; a round takes them from the front and puts what it makes at the back. The first one is as
/// small as leaves full ones to all others.
void add_rounds(const merge_rules& rules, const merge_step& step, std::deque<round>& rounds)
{
    std::deque<fiber> line;
    for (const std::set<unsigned>& row : step)
        line.push_back({row, false});
    std::size_t width = line.size();
    while (width > rules.radix)
        width -= rules.radix - 1;
    bool first = true;
    for (;;) {
        round made;
        made.last = line.size() <= rules.radix;
        const std::size_t taken = made.last ? line.size() : first ? width : rules.radix;
        fiber out{{}, true};
        for (std::size_t i = 0; i < taken; ++i) {
            (line.front().partial ? made.again : made.elements) += line.front().columns.size();
            out.columns.insert(line.front().columns.begin(), line.front().columns.end());
            line.pop_front();
        }
        made.fill = taken > 0 ? rules.latency : 0;
        rounds.push_back(made);
        if (made.last)
            return;
        line.push_back(out);
        first = false;
    }
}

} // namespace

merge_times run_merge_machine(const merge_rules& rules, const std::vector<merge_step>& steps)
{
    std::deque<round> rounds;
    for (const merge_step& step : steps)
        add_rounds(rules, step, rounds);

    merge_times times;
    round now;
    bool merging = false, sums_wait = false; // for the neurons
    std::uint64_t neurons_left = 0;
    for (;; ++times.cycles) {
        for (bool changed = true; changed;) {
            changed = false;
            if (merging && now.elements + now.again + now.fill == 0) {
                merging = false;
                sums_wait = sums_wait || now.last;
                changed = true;
            }
            if (sums_wait && neurons_left == 0) {
                sums_wait = false;
                neurons_left = rules.columns;
                changed = true;
            }
            if (!merging && !rounds.empty() && !(rounds.front().last && sums_wait)) {
                now = rounds.front();
                rounds.pop_front();
                times.partial_elements += now.again;
                merging = true;
                changed = true;
            }
        }
        if (!merging && rounds.empty() && neurons_left == 0)
            return times;
        if (!merging)
            ++times.neurons;
        else if (now.elements > 0)
            --now.elements, ++times.busy;
        else if (now.again > 0)
            --now.again, ++times.merging;
        else
            --now.fill, ++times.fill;
        neurons_left -= neurons_left > 0 ? 1 : 0;
    }
}

} // namespace loas::golden
