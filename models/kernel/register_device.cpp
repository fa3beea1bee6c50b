#include "models/kernel/register_device.h"

#include "models/kernel/access_check.h"

#include <cstring>

namespace loas::kernel
{

register_device::register_device(const sc_core::sc_module_name& name, const register_table& table,
                                 const sc_core::sc_time& latency)
    : sc_module(name), m_registers(table), m_latency(latency)
{
    bus_in.register_b_transport(this, &register_device::b_transport);
    bus_in.register_transport_dbg(this, &register_device::transport_dbg);
}

tlm::tlm_response_status register_device::access_register(tlm::tlm_generic_payload& access, bool debug)
{
    const tlm::tlm_response_status status = check_access(access, {m_registers.table().size_bytes, 4});
    if (status != tlm::TLM_OK_RESPONSE)
        return status;
    std::uint32_t value = 0;
    register_bank::answer answer = register_bank::answer::refused;
    if (access.is_read()) {
        answer = m_registers.read(access.get_address(), value, debug);
        if (answer == register_bank::answer::done)
            std::memcpy(access.get_data_ptr(), &value, 4);
    } else {
        std::memcpy(&value, access.get_data_ptr(), 4);
        if (!debug) // which must have no effects
            answer = m_registers.write(access.get_address(), value);
    }
    return answer == register_bank::answer::done          ? tlm::TLM_OK_RESPONSE
           : answer == register_bank::answer::no_register ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                                          : tlm::TLM_COMMAND_ERROR_RESPONSE;
}

void register_device::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay)
{
    // Most registers here change with time or start something: an initiator that ran ahead comes back to now first.
    sc_core::wait(delay);
    delay = m_latency;
    payload.set_response_status(access_register(payload, false));
}

unsigned register_device::transport_dbg(tlm::tlm_generic_payload& payload)
{
    payload.set_response_status(access_register(payload, true));
    return payload.is_response_ok() ? payload.get_data_length() : 0;
}

} // namespace loas::kernel
