#include "models/compute/tile_array.h"

#include "models/kernel/access_check.h"

#include <algorithm>

namespace loas::compute
{

tile_array::tile_array(const sc_core::sc_module_name& name, std::size_t rows, const tppe_parameters& parameters,
                       const kernel::clock& clock)
    : sc_module(name), m_parameters(parameters), m_joins(rows, parameters), m_clock(clock)
{
    broadcast_in.register_b_transport(this, &tile_array::b_transport);
}

void tile_array::b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    if (!access.is_write()) {
        access.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
        return;
    }
    access.set_response_status(tlm::TLM_OK_RESPONSE);
    switch (operation_of(access.get_address())) {
    case tile_operation::configure:
        configure(*reinterpret_cast<const tile_configuration*>(access.get_data_ptr()));
        // The P-LIFs beyond the tiles need the neuron too.
        kernel::prepare(m_payload, tlm::TLM_WRITE_COMMAND, access.get_address(), access.get_data_ptr(),
                        access.get_data_length());
        currents_out->b_transport(m_payload, delay);
        return;
    case tile_operation::load_row: {
        const std::uint64_t row = tile_of(access.get_address());
        const fiber_packet::view fiber = fiber_packet::parse(access.get_data_ptr(), m_joins.mask_words());
        m_joins.load_row(row, fiber);
        row_loaded(row, fiber);
        return;
    }
    case tile_operation::join:
        join(*reinterpret_cast<const join_broadcast*>(access.get_data_ptr()), delay);
        return;
    }
    access.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

void tile_array::configure(const tile_configuration& configuration)
{
    m_configuration = configuration;
    m_joins.configure(configuration.timesteps, configuration.inputs);
    m_open_sets = 0;
    begin_layer();
}

void tile_array::join(const join_broadcast& broadcast, sc_core::sc_time& delay)
{
    if (broadcast.first_chunk == 0) {
        if (m_open_sets == 0) {
            m_first_open_set = broadcast.first_set;
            m_first_open_column = broadcast.columns[0].id;
        }
        m_open_sets += static_cast<unsigned>(broadcast.column_count);
    }
    m_joins.join(broadcast);
    const std::size_t tiles = take_time(broadcast);
    if (!broadcast.drain)
        return;
    delay = m_clock.delay_until(*std::max_element(broadcast.tile_cycles, broadcast.tile_cycles + tiles));
    send_currents(broadcast.tiles, delay);
}

void tile_array::send_currents(std::size_t rows, const sc_core::sc_time& delay)
{
    std::int32_t* currents = m_joins.read(m_first_open_set, m_open_sets);
    kernel::prepare(m_payload, tlm::TLM_WRITE_COMMAND, results_address(m_first_open_column, 0, rows), currents,
                    std::size_t{4} * m_configuration.timesteps * m_open_sets * m_joins.all_lanes());
    sc_core::sc_time sent = delay;
    currents_out->b_transport(m_payload, sent); // pipelined: the tiles go on meanwhile
    m_open_sets = 0;
}

} // namespace loas::compute
