#include "models/designs/stellar/stellar_array.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;

stellar_array::stellar_array(const sc_core::sc_module_name& name, std::size_t pes, const stellar_parameters& own)
    : sc_module(name), m_own(own), m_tiles(pes), m_sums(own.timesteps * pes), m_busy(pes)
{
}

void stellar_array::begin_layer()
{
    std::fill(m_tiles.begin(), m_tiles.end(), tile_cycles{});
    std::fill(m_sums.begin(), m_sums.end(), 0);
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
    for (std::size_t tile = 0; tile < pixels * columns; ++tile) {
        m_tiles[tile].busy += m_busy[tile];
        m_tiles[tile].zero_operand += count - m_busy[tile];
    }
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
        std::int32_t* sums = &m_sums[functional::lowest_bit(bits) * m_tiles.size() + pixel * columns];
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
    std::uint64_t begun = cycle;
    for (std::size_t tile = 0; tile < of.pixels * columns; ++tile)
        for (unsigned t = 0; t < of.timesteps; ++t) {
            const std::uint64_t taken = sums_out->take_sums(
                {tile, of.first_timestep + t, of.first_pixel + tile / columns, first_column + tile % columns, false},
                {&m_sums[t * m_tiles.size() + tile], 1}, cycle);
            if (t == 0) // then the sums before these have been taken
                begun = std::max(begun, taken);
        }
    std::fill(m_sums.begin(), m_sums.end(), 0);
    for (std::size_t tile = 0; tile < of.pixels * columns; ++tile)
        m_tiles[tile].packing += begun - cycle;
    return begun;
}

std::uint64_t stellar_array::fill(std::uint64_t cycles, std::size_t pes, std::uint64_t cycle)
{
    for (std::size_t tile = 0; tile < pes; ++tile)
        m_tiles[tile].fill += cycles;
    return cycle + cycles;
}

void stellar_array::collect_tile(std::size_t tile, observe::counter_set& counters) const
{
    const tile_cycles& of = m_tiles[tile];
    counters[counter::busy_cycles] += of.busy;
    counters[counter::stall_zero_operand] += of.zero_operand;
    counters[counter::stall_fill] += of.fill;
    counters[counter::stall_packing] += of.packing;
}

} // namespace loas::designs
