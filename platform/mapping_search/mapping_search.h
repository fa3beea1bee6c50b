// `loas-vp dataflow --search`: which point of the space is best for all layers of a scenario, under a budget.
#pragma once

#include "platform/explorer/explore.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loas::mapping_search
{

/// What is wanted least of all layers together.
enum class objective { dram_bytes, cycles, energy_pj, live_sums };
inline constexpr std::size_t objectives = 4;
std::string_view word_of(objective which);

/// As typed; empty: not given.
struct request {
    std::string least;            ///< a word of the objectives; "dram_bytes"
    std::string most_area_mm2;    ///< of the whole chip with the buffer as its cache
    explorer::request explored{}; ///< of what the space consists, where something is said of it
    /// Points times non-zeros of the layers up to which all points are counted, at some ten millions a second and buffer;
    /// in a larger space a local search looks at some.
    std::uint64_t exhaustive_work = 100'000'000;
};

/// A point with a buffer, on all layers of the scenario.
struct candidate {
    dataflow::mapping point;
    std::string spatial, format; ///< in words
    std::vector<std::string> overrides; ///< of point.machine, with which it has this point: "gospa.rows=16"
    unsigned capacity_kib = 0;
    double area_mm2 = 0;
    double figures[objectives] = {}; ///< in the order of the enumeration; sums over layers, of what is live the most
    bool unbeaten = false;           ///< no other one within the budget is as good in all figures and better in one

    double of(objective which) const { return figures[static_cast<std::size_t>(which)]; }
};

struct found {
    std::string scenario;
    objective least = objective::dram_bytes;
    double most_area_mm2 = 0; ///< 0: any
    std::uint64_t space = 0;  ///< points with a buffer that there are; with those that are out of the budget
    std::uint64_t looked_at = 0;
    std::vector<candidate> within; ///< the budget, the best first
    /// Least that any point could do, by what each layer needs once.
    double bound[objectives] = {};
    std::string bound_spatial; ///< with which the bound of cycles is least: "n16"
    bool bound_dense = false;  ///< of those that skip no zero
    std::vector<std::string> not_built; ///< designs that cannot have one of these buffers, each with the rule that it breaks

    bool exhaustive() const { return looked_at == space; }
    /// The best that a simulated design runs; nullptr: none is within the budget.
    const candidate* runnable() const;
};

/// Progress on a terminal. Throws text::user_error, also when nothing is within the budget.
found search(const config::scenario& scenario, const request& asked);

/// At most 100 columns.
std::string to_text(const found& of);
std::string to_json(const found& of);

/// The scenario as one whose machine is this point's: run and compare take it. The point must be a design's.
std::string scenario_of(const config::scenario& base, const candidate& chosen);

} // namespace loas::mapping_search
