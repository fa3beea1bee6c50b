#include "models/devices/dummy_target.h"

#include "models/kernel/access_check.h"

#include <cstring>
#include <utility>

namespace loas::devices
{

dummy_target::dummy_target(const sc_core::sc_module_name& name, std::uint64_t size_bytes,
                           const sc_core::sc_time& latency, std::function<void(const access&)> told)
    : sc_module(name), m_size_bytes(size_bytes), m_latency(latency), m_told(std::move(told))
{
    bus_in.register_b_transport(this, &dummy_target::b_transport);
    bus_in.register_transport_dbg(this, &dummy_target::transport_dbg);
}

tlm::tlm_response_status dummy_target::check(const tlm::tlm_generic_payload& payload) const
{
    const tlm::tlm_response_status status = kernel::check_access(payload, {m_size_bytes});
    return status == tlm::TLM_OK_RESPONSE && payload.get_data_length() > 8 ? tlm::TLM_BURST_ERROR_RESPONSE : status;
}

void dummy_target::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay)
{
    sc_core::wait(delay); // what it tells has a time
    delay = m_latency;
    payload.set_response_status(check(payload));
    if (!payload.is_response_ok())
        return;
    access seen{payload.is_write(), payload.get_address(), payload.get_data_length(), 0};
    if (seen.write)
        std::memcpy(&seen.value, payload.get_data_ptr(), seen.bytes);
    else
        std::memset(payload.get_data_ptr(), 0, seen.bytes);
    if (m_told)
        m_told(seen);
}

unsigned dummy_target::transport_dbg(tlm::tlm_generic_payload& payload)
{
    payload.set_response_status(payload.is_read() ? check(payload) : tlm::TLM_COMMAND_ERROR_RESPONSE);
    if (!payload.is_response_ok())
        return 0;
    std::memset(payload.get_data_ptr(), 0, payload.get_data_length());
    return payload.get_data_length();
}

} // namespace loas::devices
