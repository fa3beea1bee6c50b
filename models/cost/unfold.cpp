#include "models/cost/unfold.h"

namespace loas::cost
{

using functional::bit_matrix;
using functional::layer_shape;

namespace
{

/// Calls f(row, position, pixel) for every kernel position of every row that lies within the image.
template <class function> void for_each_pixel(const layer_shape& shape, function f)
{
    for (std::uint64_t oy = 0; oy < shape.out_height; ++oy)
        for (std::uint64_t ox = 0; ox < shape.out_width; ++ox)
            for (unsigned kh = 0; kh < shape.kernel_h; ++kh)
                for (unsigned kw = 0; kw < shape.kernel_w; ++kw) {
                    // Unsigned wrap makes a coordinate in the padding too large as well.
                    const std::uint64_t y = oy * shape.stride_h + kh - shape.pad_h;
                    const std::uint64_t x = ox * shape.stride_w + kw - shape.pad_w;
                    if (y < shape.in_height && x < shape.in_width)
                        f(oy * shape.out_width + ox, std::size_t{kh} * shape.kernel_w + kw, y * shape.in_width + x);
                }
}

std::size_t positions_of(const layer_shape& shape)
{
    return std::size_t{shape.kernel_h} * shape.kernel_w;
}

} // namespace

unfolded_input unfold_rows(const layer_shape& shape, const std::vector<std::uint16_t>& words)
{
    // A pixel is in many rows, and most of its channels are silent: those that are not are looked for once.
    std::vector<std::uint32_t> channels;
    std::vector<std::size_t> first(shape.input_pixels() + 1); // of a pixel's channels
    std::vector<std::uint64_t> spikes(shape.input_pixels());
    for (std::size_t pixel = 0; pixel < spikes.size(); ++pixel) {
        for (std::uint32_t c = 0; c < shape.in_channels; ++c)
            if (const std::uint16_t word = words[pixel * shape.in_channels + c]; word != 0) {
                channels.push_back(c);
                spikes[pixel] += functional::popcount(word);
            }
        first[pixel + 1] = channels.size();
    }
    const std::size_t positions = positions_of(shape);
    unfolded_input unfolded{bit_matrix(shape.m, shape.k)};
    for_each_pixel(shape, [&](std::size_t row, std::size_t position, std::size_t pixel) {
        for (std::size_t i = first[pixel]; i < first[pixel + 1]; ++i)
            unfolded.masks.set(row, channels[i] * positions + position);
        unfolded.spikes += spikes[pixel];
    });
    return unfolded;
}

std::vector<bit_matrix> unfold_timesteps(const layer_shape& shape, const std::vector<std::uint16_t>& words)
{
    const std::size_t positions = positions_of(shape), channels = shape.in_channels;
    std::vector<bit_matrix> unfolded(shape.timesteps, bit_matrix(shape.m, shape.k));
    for_each_pixel(shape, [&](std::size_t row, std::size_t position, std::size_t pixel) {
        for (std::size_t c = 0; c < channels; ++c)
            for (std::uint64_t left = words[pixel * channels + c]; left != 0; left &= left - 1)
                unfolded[functional::lowest_bit(left)].set(row, c * positions + position);
    });
    return unfolded;
}

std::uint16_t unfolded_word(const layer_shape& shape, const std::vector<std::uint16_t>& words, std::size_t row,
                            std::size_t input)
{
    const std::size_t positions = positions_of(shape), position = input % positions;
    const std::uint64_t y = row / shape.out_width * shape.stride_h + position / shape.kernel_w - shape.pad_h;
    const std::uint64_t x = row % shape.out_width * shape.stride_w + position % shape.kernel_w - shape.pad_w;
    const bool inside = y < shape.in_height && x < shape.in_width; // wraps, as above
    return inside ? words[(y * shape.in_width + x) * shape.in_channels + input / positions] : std::uint16_t{0};
}

std::size_t weight_position(const layer_shape& shape, std::size_t input)
{
    const std::size_t positions = positions_of(shape);
    return input % positions * shape.in_channels + input / positions;
}

bit_matrix unfold_columns(const layer_shape& shape, const bit_matrix& non_zeros)
{
    const std::size_t positions = positions_of(shape);
    bit_matrix columns(shape.n, shape.k);
    for (std::size_t n = 0; n < shape.n; ++n) {
        std::size_t position = 0, first = 0; // of the position's channels
        for (std::size_t i = 0; i < functional::words_of(shape.k); ++i)
            for (std::uint64_t bits = non_zeros.row(n)[i]; bits != 0; bits &= bits - 1) {
                const std::size_t k = 64 * i + functional::lowest_bit(bits);
                for (; k >= first + shape.in_channels; first += shape.in_channels)
                    ++position;
                columns.set(n, (k - first) * positions + position);
            }
    }
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
    const std::size_t positions = positions_of(shape), channels = shape.in_channels;
    for_each_pixel(shape, [&](std::size_t row, std::size_t position, std::size_t pixel) {
        for (std::size_t c = 0; c < channels; ++c)
            layer.spikes[row * layer.inputs + c * positions + position] = words[pixel * channels + c];
    });
    for (std::size_t n = 0; n < layer.columns; ++n)
        for (std::size_t position = 0; position < positions; ++position)
            for (std::size_t c = 0; c < channels; ++c)
                layer.weights[n * layer.inputs + c * positions + position] =
                    weights[n * layer.inputs + position * channels + c];
    return layer;
}

} // namespace loas::cost
