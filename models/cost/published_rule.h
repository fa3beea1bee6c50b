// The publication's own accounting of cycles, beside which the modelled ones are shown (loas.md section 4, "published";
// rules from the authors' published result files): a tile is rows x k x columns; it costs the largest number of matches
// among its rows; empty joins, laggy prefix-sum, P-LIF, compressor and memory cost nothing.
// published_traffic.h has the rest of that accounting.
#pragma once

#include "cost/tile_walk.h"
#include "cost/unfold.h"

#include <cstdint>

namespace loas::cost
{

/// Cycles of a layer by the published rule, in the order m, n-tile, k-chunk.
std::uint64_t published_cycles(const functional::bit_matrix& rows, const functional::bit_matrix& columns,
                               const published_tile& tile);

} // namespace loas::cost
