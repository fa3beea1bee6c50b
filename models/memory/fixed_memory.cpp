#include "models/memory/fixed_memory.h"

#include "models/kernel/memory_port.h"

#include <algorithm>
#include <cmath>

namespace loas::memory
{

using kernel::traffic;
using observe::counter;
using observe::operand;

fixed_memory::fixed_memory(const sc_core::sc_module_name& name, const fixed_memory_parameters& parameters)
    : memory_backend(name), m_latency(parameters.latency),
      m_ps_per_byte(parameters.bandwidth_bytes_per_ns > 0 ? 1000.0 / parameters.bandwidth_bytes_per_ns : 0.0),
      m_fills_buffer(parameters.fills_buffer)
{
    memory_in.register_b_transport(this, &fixed_memory::b_transport);
    memory_in.register_nb_transport_fw(this, &fixed_memory::nb_transport_fw);
    memory_in.register_transport_dbg(this, &fixed_memory::transport_dbg);
}

void fixed_memory::b_transport(int, tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    storage.move(access);
    if (!access.is_response_ok())
        return;
    if (m_ps_per_byte > 0) {
        const std::uint64_t arrival_ps = kernel::absolute_ps(delay);
        m_free_ps = std::max(m_free_ps, arrival_ps) +
                    static_cast<std::uint64_t>(std::ceil(access.get_data_length() * m_ps_per_byte));
        delay += sc_core::sc_time::from_value(m_free_ps - arrival_ps);
    }
    delay += m_latency;

    const operand kind = traffic::kind_of(access);
    if (kind == operand::count)
        return;
    const std::uint64_t bytes = access.get_data_length();
    m_counters[of(access.is_read() ? counter::dram_read : counter::dram_write, kind)] += bytes;
    if (!m_fills_buffer)
        return;
    m_counters[of(counter::request_bytes, kind)] += bytes;
    if (access.is_read())
        m_counters[counter::sram_write_fills] += 8 * bytes;
}

// All is known at once, so the transaction is complete at once, with the delay.
tlm::tlm_sync_enum fixed_memory::nb_transport_fw(int source, tlm::tlm_generic_payload& access, tlm::tlm_phase& phase,
                                                 sc_core::sc_time& delay)
{
    if (phase != tlm::BEGIN_REQ)
        return tlm::TLM_ACCEPTED;
    b_transport(source, access, delay);
    return tlm::TLM_COMPLETED;
}

unsigned fixed_memory::transport_dbg(int, tlm::tlm_generic_payload& access)
{
    return storage.socket->transport_dbg(access);
}

} // namespace loas::memory
