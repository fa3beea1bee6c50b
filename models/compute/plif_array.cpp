#include "models/compute/plif_array.h"

#include "models/functional/lif_lanes.h"
#include "models/kernel/access_check.h"

namespace loas::compute
{

plif_array::plif_array(const sc_core::sc_module_name& name, std::size_t tiles, unsigned latency,
                       const kernel::clock& clock)
    : sc_module(name), m_lanes(functional::whole_lanes(tiles)), m_latency(latency), m_clock(clock)
{
    currents_in.register_b_transport(this, &plif_array::b_transport);
}

void plif_array::b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    if (!access.is_write()) {
        access.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
        return;
    }
    access.set_response_status(tlm::TLM_OK_RESPONSE);
    if (operation_of(access.get_address()) == tile_operation::configure) {
        std::memcpy(&m_configuration, access.get_data_ptr(), sizeof m_configuration);
        m_updates = 0;
        return;
    }
    const auto* currents = reinterpret_cast<const std::int32_t*>(access.get_data_ptr());
    const std::size_t rows = rows_of_results(access.get_address()), timesteps = m_configuration.timesteps;
    const std::size_t columns = access.get_data_length() / (4 * timesteps * m_lanes);
    if (m_configuration.currents) {
        m_currents.resize(rows * columns * timesteps);
        std::int32_t* to = m_currents.data();
        for (std::size_t row = 0; row < rows; ++row)
            for (std::size_t i = 0; i < columns * timesteps; ++i)
                *to++ = currents[i * m_lanes + row];
        kernel::prepare(m_payload, tlm::TLM_WRITE_COMMAND, access.get_address(), m_currents.data(),
                        4 * m_currents.size());
    } else {
        m_words.resize(m_lanes * columns);
        for (std::size_t first = 0; first < rows; first += functional::lanes_together)
            for (std::size_t n = 0; n < columns; ++n)
                functional::lif(currents + n * timesteps * m_lanes + first, m_lanes, m_configuration.timesteps,
                                m_configuration.neuron, &m_words[first * columns + n], columns);
        m_updates += rows * columns;
        kernel::prepare(m_payload, tlm::TLM_WRITE_COMMAND, access.get_address(), m_words.data(), 2 * rows * columns);
    }
    // The last neuron follows the first one, a cycle apart each.
    sc_core::sc_time arrival = delay + m_clock.to_time(m_latency == 0 ? 0 : m_latency + columns - 1);
    spikes_out->b_transport(m_payload, arrival);
}

} // namespace loas::compute
