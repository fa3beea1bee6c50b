#include "models/designs/spinalflow/pe_array.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;

pe_array::pe_array(const sc_core::sc_module_name& name, std::size_t tiles, std::size_t pes)
    : sc_module(name), m_tiles(tiles), m_sums(pes), m_busy(tiles)
{
}

void pe_array::begin_layer()
{
    std::fill(m_tiles.begin(), m_tiles.end(), tile_cycles{});
    std::fill(m_sums.begin(), m_sums.end(), 0);
    m_counters = {};
}

std::uint64_t pe_array::add(functional::span<const std::uint32_t> inputs, const dense_weights& filters,
                            std::uint64_t cycle)
{
    const std::size_t columns = filters.columns(), tiles = filters.tiles();
    if (columns > m_sums.size() || tiles > m_tiles.size())
        SC_REPORT_FATAL(name(), "more columns than PEs");
    std::fill(m_busy.begin(), m_busy.end(), 0);
    std::uint64_t matches = 0;
    for (const std::uint32_t input : inputs) {
        if (input < filters.first_input() || input >= filters.first_input() + filters.inputs())
            SC_REPORT_FATAL(name(), "a spike whose weights are not in the filter buffer");
        const std::int8_t* weights = filters.weights(input);
        const std::uint8_t* with_weights = filters.tiles_with_weights(input);
        for (std::size_t pe = 0; pe < columns; ++pe)
            m_sums[pe] += weights[pe];
        for (std::size_t tile = 0; tile < tiles; ++tile)
            m_busy[tile] += with_weights[tile];
        matches += filters.non_zeros(input);
    }
    for (std::size_t tile = 0; tile < tiles; ++tile) {
        m_tiles[tile].busy += m_busy[tile];
        m_tiles[tile].zero_weights += inputs.size() - m_busy[tile];
    }
    m_counters[counter::matches] += matches;
    m_counters[counter::zero_weights_added] += inputs.size() * columns - matches;
    m_counters[counter::inputs_taken] += inputs.size();
    m_counters[counter::sram_read_b_weights] += 8 * inputs.size() * columns;
    return cycle + inputs.size();
}

std::uint64_t pe_array::end_timestep(std::size_t row, unsigned timestep, const dense_weights& filters,
                                     std::uint64_t cycle)
{
    std::uint64_t taken = cycle;
    for (std::size_t pe = 0; pe < filters.columns(); ++pe)
        taken = std::max(taken, sums_out->take_sums({pe, timestep, row, pe, false}, {&m_sums[pe], 1}, cycle));
    std::fill(m_sums.begin(), m_sums.end(), 0);
    for (std::size_t tile = 0; tile < filters.tiles(); ++tile)
        m_tiles[tile].packing += taken - cycle;
    return taken;
}

std::uint64_t pe_array::fill(unsigned cycles, const dense_weights& filters, std::uint64_t cycle)
{
    for (std::size_t tile = 0; tile < filters.tiles(); ++tile)
        m_tiles[tile].fill += cycles;
    return cycle + cycles;
}

void pe_array::collect_tile(std::size_t tile, observe::counter_set& counters) const
{
    const tile_cycles& of = m_tiles[tile];
    counters[counter::busy_cycles] += of.busy;
    counters[counter::stall_zero_operand] += of.zero_weights;
    counters[counter::stall_fill] += of.fill;
    counters[counter::stall_packing] += of.packing;
}

} // namespace loas::designs
