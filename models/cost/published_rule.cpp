#include "cost/published_rule.h"

#include <algorithm>

namespace loas::cost
{

using functional::bit_matrix;
using functional::layer_shape;

unfolded_input unfold_rows(const layer_shape& shape, const std::vector<std::uint16_t>& words)
{
    unfolded_input unfolded{bit_matrix(shape.m, shape.k)};
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
                        if (pixel[c] != 0) {
                            unfolded.masks.set(oy * shape.out_width + ox,
                                               c * kernel + std::size_t{kh} * shape.kernel_w + kw);
                            unfolded.spikes += functional::popcount(pixel[c]);
                        }
                }
    return unfolded;
}

bit_matrix unfold_columns(const layer_shape& shape, const std::vector<std::int8_t>& weights)
{
    bit_matrix columns(shape.n, shape.k);
    const std::size_t kernel = std::size_t{shape.kernel_h} * shape.kernel_w;
    for (std::size_t n = 0; n < shape.n; ++n)
        for (std::size_t position = 0; position < kernel; ++position)
            for (std::size_t c = 0; c < shape.in_channels; ++c)
                if (weights[n * shape.k + position * shape.in_channels + c] != 0)
                    columns.set(n, c * kernel + position);
    return columns;
}

std::uint64_t published_cycles(const bit_matrix& rows, const bit_matrix& columns, const published_tile& tile)
{
    const std::size_t row_words = functional::words_of(rows.bits());
    const std::size_t chunk_words = tile.inputs / 64;
    std::vector<std::uint64_t> matches(tile.rows); // of one tile
    std::uint64_t cycles = 0;
    for (std::size_t m0 = 0; m0 < rows.rows(); m0 += tile.rows) {
        const std::size_t m1 = std::min<std::size_t>(m0 + tile.rows, rows.rows());
        for (std::size_t n0 = 0; n0 < columns.rows(); n0 += tile.columns) {
            const std::size_t n1 = std::min<std::size_t>(n0 + tile.columns, columns.rows());
            for (std::size_t first = 0; first < row_words; first += chunk_words) {
                const std::size_t last = std::min(first + chunk_words, row_words);
                std::fill(matches.begin(), matches.end(), 0);
                for (std::size_t m = m0; m < m1; ++m)
                    for (std::size_t n = n0; n < n1; ++n)
                        for (std::size_t i = first; i < last; ++i)
                            matches[m - m0] += functional::popcount(rows.row(m)[i] & columns.row(n)[i]);
                cycles += *std::max_element(matches.begin(), matches.end());
            }
        }
    }
    return cycles;
}

} // namespace loas::cost
