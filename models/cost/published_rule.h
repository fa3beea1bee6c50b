// The publication's own accounting of cycles, beside which the modelled ones are shown (loas.md section 4, "published";
// rules from the authors' published result files): a tile is rows x k x columns; it costs the largest number of matches
// among its rows; empty joins, laggy prefix-sum, P-LIF, compressor and memory cost nothing.
#pragma once

#include "functional/bit_matrix.h"
#include "functional/layer_shape.h"

#include <cstdint>
#include <vector>

namespace loas::cost
{

struct published_tile {
    unsigned rows = 16;
    unsigned inputs = 128; ///< k, a multiple of 64
    unsigned columns = 32;
};

struct unfolded_input {
    functional::bit_matrix masks; ///< M x K: non-silent inputs
    std::uint64_t spikes = 0;     ///< in the unfolded matrix: a spike counts as often as rows use it
};

/// The unfolded input, with k in the order of the published accounting: channel slowest, then kernel row,
/// then kernel column; rows in raster order. words: [pixel][channel], bit t = timestep t.
unfolded_input unfold_rows(const functional::layer_shape& shape, const std::vector<std::uint16_t>& words);

/// Masks of the columns, N x K in the same order. weights: [N][K] with k = (kernel row, kernel column, channel).
functional::bit_matrix unfold_columns(const functional::layer_shape& shape, const std::vector<std::int8_t>& weights);

/// Cycles of a layer by the published rule, in the order m, n-tile, k-chunk.
std::uint64_t published_cycles(const functional::bit_matrix& rows, const functional::bit_matrix& columns,
                               const published_tile& tile);

} // namespace loas::cost
