#include "models/kernel/register_device.h"

#include "models/kernel/access_check.h"
#include "models/kernel/clock.h"
#include "models/kernel/traffic.h"

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

tlm::tlm_response_status register_device::access_registers(tlm::tlm_generic_payload& access, bool debug)
{
    const register_table& table = m_registers.table();
    const unsigned each = table.register_bytes;
    const bool pair = table.in_pairs && access.get_data_length() == 2 * each;
    const tlm::tlm_response_status status = check_access(access, {table.size_bytes, pair ? 2 * each : each});
    if (status != tlm::TLM_OK_RESPONSE)
        return status;
    register_bank::answer answer = register_bank::answer::done;
    for (unsigned at = 0; at < (pair ? 2 * each : each) && answer == register_bank::answer::done; at += each)
        answer = access_register(access.is_read(), access.get_address() + at, access.get_data_ptr() + at, debug);
    return answer == register_bank::answer::done          ? tlm::TLM_OK_RESPONSE
           : answer == register_bank::answer::no_register ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                                          : tlm::TLM_COMMAND_ERROR_RESPONSE;
}

register_bank::answer register_device::access_register(bool read, std::uint64_t offset, unsigned char* data, bool debug)
{
    std::uint32_t value = 0;
    if (!read) {
        std::memcpy(&value, data, m_registers.table().register_bytes);
        return debug ? register_bank::answer::refused : m_registers.write(offset, value); // debug: without effects
    }
    const register_bank::answer answer = m_registers.read(offset, value, debug);
    if (answer == register_bank::answer::done)
        std::memcpy(data, &value, m_registers.table().register_bytes);
    return answer;
}

void register_device::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay)
{
    const bool nothing_before = traffic::nothing_before_it(payload);
    if (nothing_before && m_reads_run_ahead && payload.is_read()) {
        m_ahead_ps = delay.value();
        payload.set_response_status(access_registers(payload, false));
        m_ahead_ps = 0;
        traffic::tell_served_ahead(payload);
        delay += m_latency;
        return;
    }
    // Most registers here change with time or start something: an initiator that ran ahead comes back to now first.
    if (!nothing_before || delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    delay = m_latency;
    payload.set_response_status(access_registers(payload, false));
}

std::uint64_t register_device::access_ps() const
{
    return kernel_ps() + m_ahead_ps;
}

unsigned register_device::transport_dbg(tlm::tlm_generic_payload& payload)
{
    payload.set_response_status(access_registers(payload, true));
    return payload.is_response_ok() ? payload.get_data_length() : 0;
}

} // namespace loas::kernel
