#include "models/devices/ram.h"

#include "models/kernel/access_check.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace loas::devices
{

ram::ram(const sc_core::sc_module_name& name, std::uint64_t size_bytes, const sc_core::sc_time& latency, bool writable)
    : sc_module(name), m_size_bytes(size_bytes), m_latency(latency), m_writable(writable),
      m_bytes(static_cast<unsigned char*>(std::calloc(size_bytes, 1)))
{
    if (!m_bytes)
        throw std::bad_alloc();
    bus_in.register_b_transport(this, &ram::b_transport);
    bus_in.register_transport_dbg(this, &ram::transport_dbg);
    bus_in.register_get_direct_mem_ptr(this, &ram::get_direct_mem_ptr);
}

bool ram::move(tlm::tlm_generic_payload& access)
{
    tlm::tlm_response_status status = kernel::check_access(access, {m_size_bytes});
    if (status == tlm::TLM_OK_RESPONSE && access.is_write() && !m_writable)
        status = tlm::TLM_COMMAND_ERROR_RESPONSE;
    access.set_response_status(status);
    if (status != tlm::TLM_OK_RESPONSE)
        return false;
    unsigned char* here = m_bytes.get() + access.get_address();
    if (access.is_write())
        std::memcpy(here, access.get_data_ptr(), access.get_data_length());
    else
        std::memcpy(access.get_data_ptr(), here, access.get_data_length());
    return true;
}

void ram::fill(const std::vector<std::uint8_t>& bytes)
{
    std::memcpy(m_bytes.get(), bytes.data(), std::min<std::uint64_t>(bytes.size(), m_size_bytes));
}

void ram::b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    if (move(access)) {
        delay += m_latency;
        access.set_dmi_allowed(true);
    }
}

unsigned ram::transport_dbg(tlm::tlm_generic_payload& access)
{
    return move(access) ? access.get_data_length() : 0;
}

bool ram::get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi)
{
    dmi.set_dmi_ptr(m_bytes.get());
    dmi.set_start_address(0);
    dmi.set_end_address(m_size_bytes - 1);
    dmi.set_read_latency(m_latency);
    dmi.set_write_latency(m_latency);
    if (m_writable)
        dmi.allow_read_write();
    else
        dmi.allow_read();
    return true;
}

} // namespace loas::devices
