#include "models/devices/interrupt_controller.h"

#include "models/kernel/access_check.h"

#include <cstring>

namespace loas::devices
{

interrupt_controller::interrupt_controller(const sc_core::sc_module_name& name, unsigned inputs,
                                           const sc_core::sc_time& latency)
    : sc_module(name), interrupts_in("interrupts_in", inputs), m_latency(latency)
{
    bus_in.register_b_transport(this, &interrupt_controller::b_transport);
    bus_in.register_transport_dbg(this, &interrupt_controller::transport_dbg);
    SC_METHOD(drive);
    for (auto& input : interrupts_in)
        sensitive << input;
    sensitive << m_enable_changed;
}

std::uint32_t interrupt_controller::pending() const
{
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < interrupts_in.size(); ++i)
        bits |= static_cast<std::uint32_t>(interrupts_in[i].read()) << i;
    return bits;
}

void interrupt_controller::access_register(tlm::tlm_generic_payload& access, bool has_effects)
{
    tlm::tlm_response_status status = kernel::check_access(access, {size_bytes, 4});
    const std::uint64_t offset = access.get_address();
    if (status == tlm::TLM_OK_RESPONSE && offset != pending_offset && offset != enable_offset)
        status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (status == tlm::TLM_OK_RESPONSE && access.is_write() && (offset == pending_offset || !has_effects))
        status = tlm::TLM_COMMAND_ERROR_RESPONSE;
    access.set_response_status(status);
    if (status != tlm::TLM_OK_RESPONSE)
        return;
    if (access.is_write()) {
        std::memcpy(&m_enable, access.get_data_ptr(), 4);
        m_enable_changed.notify(sc_core::SC_ZERO_TIME);
    } else {
        const std::uint32_t value = offset == pending_offset ? pending() : m_enable;
        std::memcpy(access.get_data_ptr(), &value, 4);
    }
}

void interrupt_controller::b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    sc_core::wait(delay); // the levels depend on time: no initiator may look ahead
    delay = m_latency;
    access_register(access, true);
}

unsigned interrupt_controller::transport_dbg(tlm::tlm_generic_payload& access)
{
    access_register(access, false);
    return access.is_response_ok() ? access.get_data_length() : 0;
}

void interrupt_controller::drive()
{
    interrupt_out.write((pending() & m_enable) != 0);
}

} // namespace loas::devices
