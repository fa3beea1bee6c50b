#include "tests/golden/published_rule.h"

#include "tests/golden/geometry.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace loas::golden
{

namespace
{

/// The layer as two dense matrices of yes and no, with k in the published order.
struct unfolded_layer {
    std::size_t rows = 0, inputs = 0, columns = 0;
    std::vector<char> active;  ///< [m][k]: the input spikes in some timestep
    std::vector<char> nonzero; ///< [k][n]: the weight is not zero
};

bool spikes_at_all(std::uint16_t word, unsigned timesteps)
{
    for (unsigned t = 0; t < timesteps; ++t) {
        if (((word >> t) & 1) != 0)
            return true;
    }
    return false;
}

unfolded_layer unfold(const reference::reference_layer& layer)
{
    check_spiking(layer);
    unfolded_layer unfolded;
    unfolded.rows = row_count(layer);
    unfolded.inputs = input_count(layer);
    unfolded.columns = layer.out_channels;
    unfolded.active.assign(unfolded.rows * unfolded.inputs, 0);
    unfolded.nonzero.assign(unfolded.inputs * unfolded.columns, 0);

    std::size_t k = 0;
    for (std::size_t channel = 0; channel < layer.in_channels; ++channel) {
        for (std::size_t kernel_row = 0; kernel_row < layer.kernel_h; ++kernel_row) {
            for (std::size_t kernel_column = 0; kernel_column < layer.kernel_w; ++kernel_column) {
                for (std::size_t m = 0; m < unfolded.rows; ++m) {
                    const input_place place = place_of_input(layer, m, kernel_row, kernel_column, channel);
                    if (!place.padding && spikes_at_all(layer.spikes[place.index], layer.timesteps))
                        unfolded.active[m * unfolded.inputs + k] = 1;
                }
                const std::size_t given = weight_input_index(layer, kernel_row, kernel_column, channel);
                for (std::size_t n = 0; n < unfolded.columns; ++n) {
                    if (layer.weights[n * unfolded.inputs + given] != 0)
                        unfolded.nonzero[k * unfolded.columns + n] = 1;
                }
                ++k;
            }
        }
    }
    return unfolded;
}

/// Pairs of one row with inputs k_begin..k_end-1 and columns n_begin..n_end-1.
std::uint64_t pairs(const unfolded_layer& layer, std::size_t m, std::size_t k_begin, std::size_t k_end,
                    std::size_t n_begin, std::size_t n_end)
{
    std::uint64_t count = 0;
    for (std::size_t k = k_begin; k < k_end; ++k) {
        if (layer.active[m * layer.inputs + k] == 0)
            continue;
        for (std::size_t n = n_begin; n < n_end; ++n) {
            if (layer.nonzero[k * layer.columns + n] != 0)
                ++count;
        }
    }
    return count;
}

} // namespace

std::uint64_t published_cycles(const reference::reference_layer& layer, published_tile tile)
{
    if (tile.rows == 0 || tile.k == 0 || tile.columns == 0)
        throw std::invalid_argument("published rule: a tile size is 0");
    const unfolded_layer unfolded = unfold(layer);
    std::uint64_t cycles = 0;
    for (std::size_t m_begin = 0; m_begin < unfolded.rows; m_begin += tile.rows) {
        const std::size_t m_end = std::min(m_begin + tile.rows, unfolded.rows);
        for (std::size_t n_begin = 0; n_begin < unfolded.columns; n_begin += tile.columns) {
            const std::size_t n_end = std::min(n_begin + tile.columns, unfolded.columns);
            for (std::size_t k_begin = 0; k_begin < unfolded.inputs; k_begin += tile.k) {
                const std::size_t k_end = std::min(k_begin + tile.k, unfolded.inputs);
                std::uint64_t slowest = 0;
                for (std::size_t m = m_begin; m < m_end; ++m)
                    slowest = std::max(slowest, pairs(unfolded, m, k_begin, k_end, n_begin, n_end));
                cycles += slowest;
            }
        }
    }
    return cycles;
}

std::uint64_t published_matches(const reference::reference_layer& layer)
{
    const unfolded_layer unfolded = unfold(layer);
    std::uint64_t matches = 0;
    for (std::size_t m = 0; m < unfolded.rows; ++m)
        matches += pairs(unfolded, m, 0, unfolded.inputs, 0, unfolded.columns);
    return matches;
}

} // namespace loas::golden
