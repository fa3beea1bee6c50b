#include "loas_accelerator/column_tiles.h"

#include "tlm/access_check.h"

#include <algorithm>

namespace loas::accelerators
{

using compute::tile_operation;
using observe::counter;

column_tiles::column_tiles(const sc_core::sc_module_name& name, std::size_t tiles, std::size_t rows,
                           const compute::tppe_parameters& parameters, const tlm_blocks::clock& clock)
    : sc_module(name), m_clock(clock), m_parameters(parameters), m_joins(rows, parameters), m_of_tiles(tiles)
{
    broadcast_in.register_b_transport(this, &column_tiles::b_transport);
}

void column_tiles::b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    if (!access.is_write()) {
        access.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
        return;
    }
    access.set_response_status(tlm::TLM_OK_RESPONSE);
    switch (compute::operation_of(access.get_address())) {
    case tile_operation::configure:
        configure(*reinterpret_cast<const compute::tile_configuration*>(access.get_data_ptr()));
        tlm_blocks::prepare(m_payload, tlm::TLM_WRITE_COMMAND, access.get_address(), access.get_data_ptr(),
                            access.get_data_length());
        currents_out->b_transport(m_payload, delay);
        return;
    case tile_operation::load_row: {
        const auto row = compute::fiber_packet::parse(access.get_data_ptr(), m_joins.mask_words());
        m_joins.load_row(compute::tile_of(access.get_address()), row);
        m_a_mask_bits += 64 * m_joins.mask_words();
        m_a_words += row.value_count;
        return;
    }
    case tile_operation::join:
        join(*reinterpret_cast<const compute::join_broadcast*>(access.get_data_ptr()), delay);
        return;
    }
    access.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

void column_tiles::configure(const compute::tile_configuration& configuration)
{
    m_configuration = configuration;
    m_joins.configure(configuration.timesteps, configuration.inputs);
    std::fill(m_of_tiles.begin(), m_of_tiles.end(), tile_counts{});
    m_a_mask_bits = m_a_words = 0;
    m_open_columns = 0;
}

void column_tiles::join(const compute::join_broadcast& broadcast, sc_core::sc_time& delay)
{
    if (broadcast.first_chunk == 0) {
        if (m_open_columns == 0)
            m_first_open_column = broadcast.columns[0].id;
        m_open_columns += static_cast<unsigned>(broadcast.column_count);
    }
    m_joins.join(broadcast);
    for (std::size_t column = 0; column < broadcast.column_count; ++column) {
        tile_counts& tile = m_of_tiles[broadcast.first_set + column];
        for (std::uint32_t chunk = 0; chunk < broadcast.chunks; ++chunk)
            for (std::size_t row = 0; row < broadcast.tiles; ++row) {
                const std::uint64_t matches =
                    *m_joins.matches(row, broadcast.first_set + column, broadcast.first_chunk + chunk);
                ++tile.joins;
                tile.empty_joins += matches == 0;
                tile.matches += matches;
                broadcast.tile_cycles[column] += matches != 0 ? matches : m_parameters.timing.empty_join_cycles;
            }
    }
    if (!broadcast.drain)
        return;
    const std::uint64_t last = *std::max_element(broadcast.tile_cycles, broadcast.tile_cycles + broadcast.column_count);
    delay = m_clock.delay_until(last);
    send_currents(broadcast.tiles, delay);
}

void column_tiles::send_currents(std::size_t rows, const sc_core::sc_time& delay)
{
    std::int32_t* currents = m_joins.read(0, m_open_columns);
    tlm_blocks::prepare(m_payload, tlm::TLM_WRITE_COMMAND, compute::results_address(m_first_open_column, 0, rows),
                        currents, std::size_t{4} * m_configuration.timesteps * m_open_columns * m_joins.all_lanes());
    sc_core::sc_time sent = delay;
    currents_out->b_transport(m_payload, sent); // pipelined: the tiles go on meanwhile
    m_open_columns = 0;
}

void column_tiles::collect_tile(std::size_t tile, observe::counter_set& counters) const
{
    const tile_counts& of = m_of_tiles[tile];
    observe::counter_set mine;
    mine[counter::joins] = of.joins;
    mine[counter::empty_joins] = of.empty_joins;
    mine[counter::sram_read_b_weights] = 8 * of.matches; // one a match
    mine[counter::busy_cycles] = of.matches;
    mine[counter::stall_empty_join] = of.empty_joins * m_parameters.timing.empty_join_cycles;
    counters.merge_with(mine);
}

void column_tiles::collect_joins(observe::counter_set& counters) const
{
    m_joins.collect(counters);
    counters[counter::sram_read_a_mask] += m_a_mask_bits; // once for all tiles
    counters[counter::sram_read_a_words] += m_a_words * m_configuration.timesteps;
}

} // namespace loas::accelerators
