#include "models/functional/layer_shape.h"

#include <algorithm>

namespace loas::functional
{

layer_shape::layer_shape(const loas_descriptor& d)
    : timesteps(d.timesteps), spike_format(d.formats & LOAS_FORMATS_SPIKES_MASK),
      weight_format(unsigned{d.formats} >> LOAS_FORMATS_WEIGHTS_SHIFT), in_height(d.in_height), in_width(d.in_width),
      in_channels(d.in_channels), kernel_h(d.kernel_h), kernel_w(d.kernel_w), stride_h(d.stride_h),
      stride_w(d.stride_w), pad_h(d.pad_h), pad_w(d.pad_w), pool(d.pool),
      out_height((in_height + 2U * pad_h - kernel_h) / stride_h + 1U),
      out_width((in_width + 2U * pad_w - kernel_w) / stride_w + 1U), pooled_height(out_height / pool),
      pooled_width(out_width / pool), m(out_height * out_width), k(std::uint64_t{kernel_h} * kernel_w * in_channels),
      n(d.out_channels), currents((d.neuron & LOAS_NEURON_CURRENTS) != 0),
      thresholds((d.neuron & LOAS_NEURON_THRESHOLDS) != 0),
      potentials_address((d.neuron & LOAS_NEURON_CARRY) != 0 ? loas_potentials_address(d.neuron, d.bias_address, n) : 0)
{
}

std::vector<std::uint32_t> row_order(const layer_shape& shape)
{
    std::vector<std::uint32_t> order;
    order.reserve(shape.m);
    for (std::uint64_t py = 0; py < shape.pooled_height; ++py)
        for (std::uint64_t px = 0; px < shape.pooled_width; ++px)
            for (unsigned dy = 0; dy < shape.pool; ++dy)
                for (unsigned dx = 0; dx < shape.pool; ++dx)
                    order.push_back(
                        static_cast<std::uint32_t>((py * shape.pool + dy) * shape.out_width + px * shape.pool + dx));
    return order;
}

std::vector<std::uint32_t> rows_from(const std::vector<std::uint32_t>& order, std::size_t first, std::size_t most)
{
    const auto begin = order.begin() + static_cast<std::ptrdiff_t>(first);
    return {begin, begin + static_cast<std::ptrdiff_t>(std::min(most, order.size() - first))};
}

void gather_runs(const layer_shape& shape, std::uint64_t row, std::vector<pixel_run>& runs)
{
    runs.clear();
    const std::int64_t top = static_cast<std::int64_t>(row / shape.out_width * shape.stride_h) - shape.pad_h;
    const std::int64_t left = static_cast<std::int64_t>(row % shape.out_width * shape.stride_w) - shape.pad_w;
    const std::int64_t from = std::max<std::int64_t>(left, 0);
    const std::int64_t to = std::min<std::int64_t>(left + shape.kernel_w, shape.in_width);
    for (unsigned kh = 0; kh < shape.kernel_h && from < to; ++kh) {
        const std::int64_t y = top + kh;
        if (y < 0 || y >= shape.in_height)
            continue;
        runs.push_back(
            {static_cast<std::uint64_t>(y * shape.in_width + from), static_cast<std::uint32_t>(to - from),
             (std::uint64_t{kh} * shape.kernel_w + static_cast<std::uint64_t>(from - left)) * shape.in_channels});
    }
}

} // namespace loas::functional
