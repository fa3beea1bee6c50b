// The host side as one more initiator of the data plane: what comes from the bus goes through cache and DRAM with the
// accelerator's accesses, and takes the time that they take. Coherent, since everybody uses the same cache.
//
// An access waits in its thread for the end: no local time runs ahead here, so all who use memory meet in order of
// time.
#pragma once

#include "models/kernel/agent.h"
#include "models/kernel/memory_port.h"

#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>

namespace loas::memory
{

class host_port : public sc_core::sc_module, private kernel::memory_port::owner
{
public:
    tlm_utils::multi_passthrough_target_socket<host_port> bus_in{"bus_in"};

    host_port(const sc_core::sc_module_name& name, const kernel::clock& clock, kernel::event_wheel& wheel);

    tlm_utils::simple_initiator_socket<kernel::memory_port>& memory_out() { return m_memory.socket; }

    /// The host's CPU will not access memory before time_ps; see kernel::agent.
    void host_rests_until(std::uint64_t time_ps) { m_host.rest_until(time_ps); }

private:
    struct open_access {
        bool done = false;
        bool ok = false;
        std::uint64_t time_ps = 0;
    };

    void b_transport(int source, tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    unsigned transport_dbg(int source, tlm::tlm_generic_payload& access);
    void access_finished(const kernel::access_done& done) override;

    kernel::memory_port m_memory;
    kernel::agent m_host;
    kernel::agent m_dispatcher; ///< accesses descriptors when the host or the accelerator has given it something to do
};

} // namespace loas::memory
