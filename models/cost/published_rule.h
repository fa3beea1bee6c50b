// The publication's own accounting of cycles, beside which the modelled ones are shown (rules from the authors'
// published result files): a tile is rows x k x columns; it costs the largest number of matches
// among its rows; empty joins, laggy prefix-sum, P-LIF, compressor and memory cost nothing.
// published_traffic.h has the rest of that accounting.
#pragma once

#include "models/cost/tile_walk.h"
#include "models/cost/unfold.h"

#include <cstdint>

namespace loas::cost
{

struct tile_joins {
    std::uint64_t cycles = 0;  ///< summed over the tiles: of each the most matches of a row
    std::uint64_t matches = 0; ///< pairs of a non-zero input and a non-zero weight
};

/// Of a layer whose PEs have rows, in any order of tiles. Where they have columns, exchange rows and columns.
tile_joins join_tiles(const functional::bit_matrix& rows, const functional::bit_matrix& columns,
                      const published_tile& tile);

} // namespace loas::cost
