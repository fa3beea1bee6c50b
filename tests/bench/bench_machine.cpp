// Whole runs: what the memory system costs in host time, against the memory of a fixed latency. Each run is a process
// of its own, with loading; the golden check is off.
#include "app/rerun.h"
#include "config/scenario.h"

#include <benchmark/benchmark.h>

using namespace loas;

namespace
{

void whole_run(benchmark::State& state, const char* file, const std::vector<std::string>& overrides)
{
    config::scenario scenario = config::load_scenario(std::string(LOAS_SOURCE_DIR "/scenarios/") + file, overrides);
    scenario.run.golden = false;
    double cycles = 0, dram_bytes = 0;
    for (auto _ : state) {
        const auto result = app::rerun({scenario}).front();
        cycles += result["totals"]["cycles"].get<double>();
        dram_bytes += result["totals"]["dram_bytes"].get<double>();
    }
    state.counters["simulated_cycles_per_s"] = benchmark::Counter(cycles, benchmark::Counter::kIsRate);
    state.counters["dram_bytes_per_s"] = benchmark::Counter(dram_bytes, benchmark::Counter::kIsRate);
}

constexpr const char* quick_start = "quickstart/digits.toml";
constexpr const char* v_l8 = "layers/v_l8.toml";

} // namespace

#define LOAS_WHOLE_RUN(name, ...)                                                                                      \
    BENCHMARK_CAPTURE(whole_run, name, __VA_ARGS__)->Unit(benchmark::kMillisecond)->UseRealTime()

LOAS_WHOLE_RUN(quick_start_ideal, quick_start, {"memory.backend=ideal"});
LOAS_WHOLE_RUN(quick_start_fixed, quick_start, {"memory.backend=fixed"});
LOAS_WHOLE_RUN(quick_start_cache_hbm, quick_start, {});
LOAS_WHOLE_RUN(quick_start_cache_hbm_checked, quick_start, {"run.check_protocol=true"});
LOAS_WHOLE_RUN(quick_start_lt, quick_start, {"timing=lt"});
LOAS_WHOLE_RUN(v_l8_fixed, v_l8, {"memory.backend=fixed"});
LOAS_WHOLE_RUN(v_l8_cache_hbm, v_l8, {});
LOAS_WHOLE_RUN(v_l8_published, v_l8, {"fidelity=published"});
