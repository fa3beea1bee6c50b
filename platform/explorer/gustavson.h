// Gustavson's orders against inner products: which takes fewer cycles on a layer, and what decides.
#pragma once

#include "platform/explorer/explore.h"

#include <string>

namespace loas::explorer
{

/// What the units of a point do while none waits for DRAM.
struct unit_time {
    double work_cycles = 0; ///< of all units together: matches, elements that are merged again, joins without a match
    double at_work = 1;     ///< units with a row or column, on average over the steps; no fewer than work on average
    double busy = 0;        ///< share of their cycles in which units work
};
unit_time unit_time_of(const point_counts& counts, const work_rules& rules);

/// Of the points without a machine the best of each kind, with the largest buffer; empty: one kind is not there, or
/// nothing matches.
std::string gustavson_in_words(const exploration& explored, std::size_t layer);

} // namespace loas::explorer
