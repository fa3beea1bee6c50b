// Host time of a request to the DRAM channels alone: what their scheduler costs, without controller, cache and wheel.
#include "models/memory/dram/channel_group.h"
#include "models/memory/dram/mapping.h"

#include "tests/support/random.h"

#include <benchmark/benchmark.h>

#include <vector>

using namespace loas;

namespace
{

enum traffic { sequential, random_reads, random_mixed };

std::vector<dram::request> requests_of(const dram::parameters& parameters, int kind)
{
    const dram::address_mapping mapping(parameters);
    support::random_source random(1);
    std::vector<dram::request> requests(1 << 16);
    for (std::size_t i = 0; i < requests.size(); ++i)
        requests[i] = {i, mapping.of(kind == sequential ? i : random.below(1 << 22)),
                       kind == random_mixed && random.chance(3, 10), 0};
    return requests;
}

// As many at a time as said; 0: one every 100 clocks, so that each finds the channels idle.
void dram_request(benchmark::State& state)
{
    dram::parameters parameters;
    parameters.channels = static_cast<unsigned>(state.range(1));
    const std::vector<dram::request> requests = requests_of(parameters, static_cast<int>(state.range(0)));
    const auto in_flight = static_cast<std::size_t>(state.range(2));
    dram::channel_group group(parameters, 0);
    std::vector<dram::completion> done;
    std::uint64_t now = 0;
    for (auto _ : state)
        for (dram::request request : requests) {
            while (group.next_clock() != dram::never && (in_flight == 0 || group.waiting() >= in_flight)) {
                now = group.next_clock();
                group.advance(now, done);
                ++now;
            }
            now += in_flight == 0 ? 100 : 0;
            request.clock = now;
            group.push(request);
            done.clear();
        }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(requests.size()));
    state.counters["ns"] =
        benchmark::Counter(static_cast<double>(requests.size()),
                           benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

} // namespace

BENCHMARK(dram_request)
    ->ArgNames({"kind", "channels", "in_flight"})
    ->ArgsProduct({{sequential, random_reads, random_mixed}, {1, 2}, {0, 8, 32}});
