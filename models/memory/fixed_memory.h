// The simplest memory behind an accelerator: every access takes a fixed latency after a shared channel of limited
// bandwidth. latency 0 and bandwidth 0 (no limit) is the ideal memory.
//
// The interface of this room: a target socket for the accelerator's reads and writes, with an annotated delay that
// tells when the access ends, and an initiator socket to where the data lies. Caches and DRAM models have the same two
// sides. Callers keep several accesses under way by giving each its own start in the delay.
#pragma once

#include "memory/channel_calendar.h"

#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

namespace loas::memory
{

struct fixed_memory_parameters {
    sc_core::sc_time latency;
    double bandwidth_bytes_per_ns; ///< 0: no limit
};

class fixed_memory : public sc_core::sc_module
{
public:
    tlm_utils::multi_passthrough_target_socket<fixed_memory> memory_in{"memory_in"};
    tlm_utils::simple_initiator_socket<fixed_memory> storage_out{"storage_out"};

    fixed_memory(const sc_core::sc_module_name& name, const fixed_memory_parameters& parameters);

private:
    void b_transport(int source, tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    unsigned transport_dbg(int source, tlm::tlm_generic_payload& access);

    sc_core::sc_time m_latency;
    double m_ps_per_byte;
    channel_calendar m_channel; ///< in ps
};

} // namespace loas::memory
