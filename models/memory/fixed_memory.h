// The simplest memory behind an accelerator: every access takes a fixed latency after a shared channel of limited
// bandwidth, first come first served. latency 0 and bandwidth 0 (no limit) is the ideal memory.
//
// The interface of this room: a target socket of the data plane (kernel/memory_port.h), and an initiator socket to
// where the data lie. Cache and DRAM have the same two sides.
#pragma once

#include "models/memory/memory_backend.h"

#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>

namespace loas::memory
{

struct fixed_memory_parameters {
    sc_core::sc_time latency;
    double bandwidth_bytes_per_ns; ///< 0: no limit
    bool fills_buffer = true;      ///< what is read goes into a buffer that nobody else models; its writes count here
};

class fixed_memory : public memory_backend
{
public:
    tlm_utils::multi_passthrough_target_socket<fixed_memory> memory_in{"memory_in"};

    fixed_memory(const sc_core::sc_module_name& name, const fixed_memory_parameters& parameters);

    tlm_utils::multi_target_base<>& target() override { return memory_in; }
    void collect(observe::counter_set& counters, observe::memory_statistics&) const override
    {
        counters.merge_with(m_counters);
    }

private:
    void b_transport(int source, tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    tlm::tlm_sync_enum nb_transport_fw(int source, tlm::tlm_generic_payload& access, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
    unsigned transport_dbg(int source, tlm::tlm_generic_payload& access);

    sc_core::sc_time m_latency;
    double m_ps_per_byte;
    bool m_fills_buffer;
    std::uint64_t m_free_ps = 0; ///< the channel is busy until then
    observe::counter_set m_counters;
};

} // namespace loas::memory
