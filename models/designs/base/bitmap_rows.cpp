#include "models/designs/base/bitmap_rows.h"

#include "models/functional/bits.h"

namespace loas::designs
{

void bitmap_rows::fetch(block_ports& ports, const functional::layer_shape& shape, std::uint64_t input_address,
                        const std::vector<std::uint32_t>& rows, std::uint64_t cycle)
{
    m_arrival.begin(cycle);
    const std::size_t stride = shape.input_layout().mask_stride;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        fetched_row& row = m_rows[i];
        functional::gather_runs(shape, rows[i], row.runs);
        std::size_t pixels = 0;
        for (const functional::pixel_run& run : row.runs)
            pixels += run.count;
        row.masks.resize(shape.timesteps * pixels * stride / 8);
        std::uint64_t* into = row.masks.data();
        for (unsigned t = 0; t < shape.timesteps; ++t)
            for (const functional::pixel_run& run : row.runs) {
                ports.read(i, input_address + (t * shape.input_pixels() + run.first_pixel) * stride, into,
                           run.count * stride, observe::operand::a_mask, cycle, m_arrival);
                into += run.count * stride / 8;
            }
    }
}

functional::span<const std::uint64_t> bitmap_rows::put_together(const functional::layer_shape& shape, std::size_t row)
{
    const std::size_t words = functional::words_of(shape.k);
    const std::size_t pixel_words = shape.input_layout().mask_stride / 8;
    m_bitmaps.assign(shape.timesteps * words, 0);
    const std::uint64_t* mask = m_rows[row].masks.data();
    for (unsigned t = 0; t < shape.timesteps; ++t)
        for (const functional::pixel_run& run : m_rows[row].runs)
            for (std::uint32_t pixel = 0; pixel < run.count; ++pixel, mask += pixel_words)
                functional::append_bits(&m_bitmaps[t * words], run.position + pixel * shape.in_channels, mask,
                                        shape.in_channels);
    return m_bitmaps;
}

} // namespace loas::designs
