#include "cost/unfold.h"

#include <algorithm>
#include <cstring>

namespace loas::cost
{

using functional::bit_matrix;
using functional::layer_shape;

namespace
{

/// Calls f(row, input, word) for every input of every row that lies within the image.
template <class function>
void for_each_input(const layer_shape& shape, const std::vector<std::uint16_t>& words, function f)
{
    const std::size_t kernel = std::size_t{shape.kernel_h} * shape.kernel_w;
    for (std::uint64_t oy = 0; oy < shape.out_height; ++oy)
        for (std::uint64_t ox = 0; ox < shape.out_width; ++ox)
            for (unsigned kh = 0; kh < shape.kernel_h; ++kh)
                for (unsigned kw = 0; kw < shape.kernel_w; ++kw) {
                    // Unsigned wrap makes a coordinate in the padding too large as well.
                    const std::uint64_t y = oy * shape.stride_h + kh - shape.pad_h;
                    const std::uint64_t x = ox * shape.stride_w + kw - shape.pad_w;
                    if (y >= shape.in_height || x >= shape.in_width)
                        continue;
                    const std::uint16_t* pixel = &words[(y * shape.in_width + x) * shape.in_channels];
                    for (std::size_t c = 0; c < shape.in_channels; ++c)
                        f(oy * shape.out_width + ox, c * kernel + std::size_t{kh} * shape.kernel_w + kw, pixel[c]);
                }
}

/// Calls f(column, input, weight) for every weight that is not zero.
template <class function>
void for_each_weight(const layer_shape& shape, const std::vector<std::int8_t>& weights, function f)
{
    const std::size_t kernel = std::size_t{shape.kernel_h} * shape.kernel_w;
    for (std::size_t n = 0; n < shape.n; ++n)
        for (std::size_t position = 0; position < kernel; ++position)
            for (std::size_t c = 0; c < shape.in_channels;) {
                const std::int8_t* weight = &weights[n * shape.k + position * shape.in_channels + c];
                std::uint64_t eight = 1;
                if (shape.in_channels - c >= sizeof eight)
                    std::memcpy(&eight, weight, sizeof eight);
                if (eight == 0) { // as nearly always
                    c += sizeof eight;
                    continue;
                }
                if (*weight != 0)
                    f(n, c * kernel + position, *weight);
                ++c;
            }
}

} // namespace

unfolded_input unfold_rows(const layer_shape& shape, const std::vector<std::uint16_t>& words)
{
    unfolded_input unfolded{bit_matrix(shape.m, shape.k)};
    for_each_input(shape, words, [&unfolded](std::size_t row, std::size_t input, std::uint16_t word) {
        if (word != 0) {
            unfolded.masks.set(row, input);
            unfolded.spikes += functional::popcount(word);
        }
    });
    return unfolded;
}

bit_matrix unfold_columns(const layer_shape& shape, const std::vector<std::int8_t>& weights)
{
    bit_matrix columns(shape.n, shape.k);
    for_each_weight(shape, weights,
                    [&columns](std::size_t column, std::size_t input, std::int8_t) { columns.set(column, input); });
    return columns;
}

unfolded_layer unfold(const layer_shape& shape, const std::vector<std::uint16_t>& words,
                      const std::vector<std::int8_t>& weights)
{
    unfolded_layer layer;
    layer.rows = shape.m;
    layer.inputs = shape.k;
    layer.columns = shape.n;
    layer.timesteps = shape.timesteps;
    layer.spikes.resize(layer.rows * layer.inputs);
    layer.weights.resize(layer.columns * layer.inputs);
    for_each_input(shape, words, [&layer](std::size_t row, std::size_t input, std::uint16_t word) {
        layer.spikes[row * layer.inputs + input] = word;
    });
    for_each_weight(shape, weights, [&layer](std::size_t column, std::size_t input, std::int8_t weight) {
        layer.weights[column * layer.inputs + input] = weight;
    });
    return layer;
}

} // namespace loas::cost
