// The sizes that follow from a descriptor, computed once and used by everyone.
#pragma once

#include "abi/loas_abi.h"

#include <cstdint>
#include <vector>

namespace loas::functional
{

/// All sizes in elements. Only meaningful for a descriptor whose shape was checked: kernel and stride not 0, kernel not
/// larger than the padded input, pool not 0 and not larger than the output.
struct layer_shape {
    unsigned timesteps = 0;
    unsigned spike_format = 0, weight_format = 0; ///< enums of the contract
    unsigned in_height = 0, in_width = 0, in_channels = 0;
    unsigned kernel_h = 0, kernel_w = 0, stride_h = 0, stride_w = 0, pad_h = 0, pad_w = 0, pool = 0;
    std::uint64_t out_height = 0, out_width = 0; ///< before pooling
    std::uint64_t pooled_height = 0, pooled_width = 0;
    std::uint64_t m = 0;                  ///< rows of the product, out_height * out_width
    std::uint64_t k = 0;                  ///< inputs of one output neuron
    std::uint64_t n = 0;                  ///< columns
    bool currents = false;                ///< int32 currents instead of spikes
    bool thresholds = false;              ///< one for each column, int32[N] right behind the bias
    std::uint64_t potentials_address = 0; ///< of potentials that are carried, int32[M][N]; 0: none are

    layer_shape() = default;
    explicit layer_shape(const loas_descriptor& descriptor);

    bool bytes() const { return loas_format_is_bytes(spike_format) != 0; } ///< numbers 0..255 in place of spikes
    unsigned word_bits() const { return static_cast<unsigned>(loas_word_bits(spike_format, timesteps)); }
    std::uint64_t input_pixels() const { return std::uint64_t{in_height} * in_width; }
    std::uint64_t output_pixels() const { return pooled_height * pooled_width; }
    loas_tensor_layout input_layout() const { return spikes_of(input_pixels(), in_channels); }
    loas_tensor_layout weight_layout() const { return loas_weight_layout(weight_format, n, k); }
    loas_tensor_layout output_layout() const { return spikes_of(output_pixels(), n); }
    std::uint64_t output_bytes() const { return currents ? m * n * timesteps * 4 : output_layout().total_bytes; }
    /// int32 numbers that lie at the address of the bias: [N], with thresholds [2][N].
    std::uint64_t bias_numbers() const { return loas_bias_bytes(thresholds ? LOAS_NEURON_THRESHOLDS : 0U, n) / 4; }
    bool carries_potentials() const { return potentials_address != 0; }
    std::uint64_t potentials_bytes() const { return carries_potentials() ? 4 * m * n : 0; }
    std::uint64_t potential_address(std::uint64_t row, std::uint64_t column) const
    {
        return potentials_address + 4 * (row * n + column);
    }
    /// Bytes from the output's address to the work area behind it.
    std::uint64_t work_offset() const { return loas_align_up(output_bytes(), LOAS_TENSOR_ALIGN); }

private:
    loas_tensor_layout spikes_of(std::uint64_t pixels, std::uint64_t channels) const
    {
        return loas_spike_layout(spike_format, pixels, channels, timesteps);
    }
};

/// The rows that a design computes, in the order in which it should: raster order, or with pooling window after window,
/// so that a window's rows are neighbours. Rows outside every window are left out.
std::vector<std::uint32_t> row_order(const layer_shape& shape);

/// `most` rows of an order from `first` on, or as many as there are.
std::vector<std::uint32_t> rows_from(const std::vector<std::uint32_t>& order, std::size_t first, std::size_t most);

/// Pixels next to each other in memory that a kernel row covers.
struct pixel_run {
    std::uint64_t first_pixel; ///< of the input, in raster order
    std::uint32_t count;       ///< at least 1
    std::uint64_t position;    ///< of their first channel within the K inputs of the row
};

/// The input pixels of row m of the product, in the order of their positions. Pixels in the padding are zero bits and
/// left out.
void gather_runs(const layer_shape& shape, std::uint64_t row, std::vector<pixel_run>& runs);

/// Window of a row, in raster order of windows.
inline std::uint64_t window_of(const layer_shape& shape, std::uint64_t row)
{
    return row / shape.out_width / shape.pool * shape.pooled_width + row % shape.out_width / shape.pool;
}

} // namespace loas::functional
