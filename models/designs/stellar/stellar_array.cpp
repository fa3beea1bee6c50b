#include "models/designs/stellar/stellar_array.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;

stellar_array::stellar_array(const sc_core::sc_module_name& name, std::size_t pes, const stellar_parameters& own)
    : sc_module(name), m_own(own), m_tiles(pes, own.timesteps), m_busy(pes)
{
}

void stellar_array::begin_layer()
{
    m_tiles.begin_layer();
    m_counters = {};
}

std::uint64_t stellar_array::take(const quad_steps& steps, std::size_t pixels, const dense_weights& weights,
                                  std::uint64_t cycle)
{
    const std::size_t columns = weights.columns(), count = steps.inputs.size();
    if (pixels * columns > m_tiles.size() || steps.spikes.size() != count * pixels)
        SC_REPORT_FATAL(name(), "more pixels and columns than PEs, or steps of another number of pixels");
    std::fill(m_busy.begin(), m_busy.end(), 0);
    const std::uint16_t* spikes = steps.spikes.data();
    for (const std::uint32_t input : steps.inputs)
        for (std::size_t pixel = 0; pixel < pixels; ++pixel, ++spikes)
            if (*spikes != 0)
                add(pixel, *spikes, input, weights);
    for (std::size_t tile = 0; tile < pixels * columns; ++tile)
        m_tiles.take(tile, m_busy[tile], count);
    m_counters[counter::inputs_taken] += count;
    m_counters[counter::sram_read_b_weights] += 8 * count * columns;
    m_counters[counter::sram_read_a_words] += count * pixels * m_own.timesteps;
    return cycle + count;
}

void stellar_array::add(std::size_t pixel, unsigned spikes, std::size_t input, const dense_weights& weights)
{
    const std::size_t columns = weights.columns();
    const std::int8_t* row = weights.weights(input);
    const std::uint8_t* not_zero = weights.tiles_with_weights(input); // of a column each
    for (std::size_t column = 0; column < columns; ++column)
        m_busy[pixel * columns + column] += not_zero[column];
    for (unsigned bits = spikes; bits != 0; bits &= bits - 1) {
        std::int32_t* sums = m_tiles.sums(functional::lowest_bit(bits)) + pixel * columns;
        for (std::size_t column = 0; column < columns; ++column)
            sums[column] += row[column];
    }
    const unsigned count = functional::popcount(spikes);
    const std::uint64_t matches = std::uint64_t{count} * weights.non_zeros(input);
    m_counters[counter::matches] += matches;
    m_counters[counter::zero_weights_added] += count * columns - matches;
}

std::uint64_t stellar_array::end_round(const quad_round& of, std::size_t first_column, std::size_t columns,
                                       std::uint64_t cycle)
{
    return m_tiles.hand_over(*sums_out[0], of.pixels * columns, of.timesteps, cycle, [&](std::size_t tile) {
        return compute::sums_block{tile, of.first_timestep, of.first_pixel + tile / columns, first_column + tile % columns,
                                   false};
    });
}

} // namespace loas::designs
