#include "memory/fixed_memory.h"

#include <cmath>

namespace loas::memory
{

fixed_memory::fixed_memory(const sc_core::sc_module_name& name, const fixed_memory_parameters& parameters)
    : sc_module(name), m_latency(parameters.latency),
      m_ps_per_byte(parameters.bandwidth_bytes_per_ns > 0 ? 1000.0 / parameters.bandwidth_bytes_per_ns : 0.0)
{
    memory_in.register_b_transport(this, &fixed_memory::b_transport);
    memory_in.register_transport_dbg(this, &fixed_memory::transport_dbg);
}

void fixed_memory::b_transport(int, tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    sc_core::sc_time ignored; // the storage's own timing is for those who reach it without this memory in front
    storage_out->b_transport(access, ignored);
    access.set_dmi_allowed(false); // a pointer would bypass the timing
    if (!access.is_response_ok())
        return;
    const std::uint64_t now = sc_core::sc_time_stamp().value();
    const auto transfer = static_cast<std::uint64_t>(std::ceil(access.get_data_length() * m_ps_per_byte));
    const std::uint64_t start = m_channel.book(now, now + delay.value(), transfer);
    delay = sc_core::sc_time::from_value(start + transfer - now) + m_latency;
}

unsigned fixed_memory::transport_dbg(int, tlm::tlm_generic_payload& access)
{
    return storage_out->transport_dbg(access);
}

} // namespace loas::memory
