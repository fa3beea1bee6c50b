#include "compute/plif.h"

#include "tlm/access_check.h"

namespace loas::compute
{

plif::plif(const sc_core::sc_module_name& name, unsigned latency, const tlm_blocks::clock& clock)
    : sc_module(name), m_latency(clock.to_time(latency)), m_interval(clock.to_time(latency > 0 ? 1 : 0))
{
    currents_in.register_b_transport(this, &plif::b_transport);
}

void plif::b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
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
    std::uint16_t word = 0;
    if (m_configuration.currents) {
        tlm_blocks::prepare(m_payload, tlm::TLM_WRITE_COMMAND, access.get_address(), access.get_data_ptr(),
                            access.get_data_length());
    } else {
        word = functional::lif(currents, m_configuration.timesteps, m_configuration.neuron);
        ++m_updates;
        tlm_blocks::prepare(m_payload, tlm::TLM_WRITE_COMMAND, access.get_address(), &word, sizeof word);
    }
    sc_core::sc_time arrival = delay + m_latency;
    spikes_out->b_transport(m_payload, arrival);
    delay += m_interval;
}

} // namespace loas::compute
