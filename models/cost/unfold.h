// A layer unfolded into its matrix product, in the order of the published accounting: k with the channel slowest, then
// kernel row, then kernel column; rows in raster order. The order decides which inputs share a tile.
#pragma once

#include "models/functional/bit_matrix.h"
#include "models/functional/layer_shape.h"

#include <cstdint>
#include <vector>

namespace loas::cost
{

struct unfolded_input {
    functional::bit_matrix masks; ///< M x K: non-silent inputs
    std::uint64_t spikes = 0;     ///< in the unfolded matrix: a spike counts as often as rows use it
};

/// words: [pixel][channel], bit t = timestep t.
unfolded_input unfold_rows(const functional::layer_shape& shape, const std::vector<std::uint16_t>& words);

/// The same for each timestep by itself: where there are spikes.
std::vector<functional::bit_matrix> unfold_timesteps(const functional::layer_shape& shape,
                                                     const std::vector<std::uint16_t>& words);

/// One word of the unfolded matrix; 0 in the padding.
std::uint16_t unfolded_word(const functional::layer_shape& shape, const std::vector<std::uint16_t>& words,
                            std::size_t row, std::size_t input);

/// Where an input of the unfolded matrix lies in a column of weights in memory: (kernel row, kernel column, channel).
std::size_t weight_position(const functional::layer_shape& shape, std::size_t input);

/// Masks of the columns, N x K. non_zeros: of the weights, [N][K] with k = (kernel row, kernel column, channel).
functional::bit_matrix unfold_columns(const functional::layer_shape& shape, const functional::bit_matrix& non_zeros);

/// The same with values. Zeros of the padding are silent inputs like any other.
struct unfolded_layer {
    std::size_t rows = 0, inputs = 0, columns = 0; ///< M, K, N
    unsigned timesteps = 4;                        ///< 1..16
    std::vector<std::uint16_t> spikes;             ///< [row][input], bit t = timestep t
    std::vector<std::int8_t> weights;              ///< [column][input]
};

unfolded_layer unfold(const functional::layer_shape& shape, const std::vector<std::uint16_t>& words,
                      const std::vector<std::int8_t>& weights);

} // namespace loas::cost
