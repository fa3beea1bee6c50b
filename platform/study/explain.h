// What bounds a layer: for a finished run, which unit costs how much. The cost is not estimated: the run is repeated
// with that unit ideal, one unit at a time.
#pragma once

#include "platform/designs/design.h"
#include "platform/results/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace loas::study
{

using designs::bound;

/// Those that apply to a scenario; the last one is all of them together.
std::vector<bound> bounds_of(const config::scenario& scenario);

struct layer_bound {
    std::string name;
    double lost_share = 0;            ///< of the tiles' cycles, by the attribution of the run
    std::uint64_t cycles_without = 0; ///< of the layer, by the rerun
};

/// How far the sums of a kind of accumulators went.
struct accumulator_range {
    std::string name;
    std::uint64_t largest = 0; ///< magnitude, in weight units
    unsigned bits = 0;         ///< of the hardware
    std::uint64_t neurons = 0; ///< whose sums left that
};

struct layer_explanation {
    std::string name;
    std::uint64_t cycles = 0;
    double busy_share = 0;
    double idle_share = 0;                              ///< tiles without work
    double zero_share = 0;                              ///< pairs with a zero, of a design that skips none
    std::vector<std::pair<std::string, double>> waits;  ///< for memory, by cause: shares of the tiles' cycles
    std::vector<std::pair<std::string, double>> misses; ///< of the cache, by operand: shares of its accesses
    std::vector<accumulator_range> ranges;              ///< empty: the design has no such accumulators
    std::vector<layer_bound> bounds;                    ///< the most costly first
    std::uint64_t cycles_without_all = 0;
};

struct explanation {
    std::string scenario, timing, golden;
    std::vector<layer_explanation> layers;
};

/// result: results.json of a run, or its folder; scenario.toml must lie beside it. jobs: as of rerun(). Throws
/// text::user_error, and what rerun() throws.
explanation explain(const std::filesystem::path& result, unsigned jobs = 0);

/// The same by what reruns gave, in the order of the bounds: the first of them is of the run itself, the others each
/// with a bound ideal. Throws text::user_error when the first has other layers or cycles than the result.
explanation explained_by(const config::scenario& scenario, const std::vector<bound>& bounds,
                         const results::run_result& result, const std::vector<results::run_result>& reruns);

std::string to_text(const explanation& explained);
std::string to_json(const explanation& explained);

} // namespace loas::study
