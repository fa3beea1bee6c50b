// Where accesses of the host side pass the global cache by: each is shown to the cache first (cache_control::snoop), so
// software and accelerator see one memory without cache maintenance, as behind a coherent interconnect. Project's
// choice: nothing is published about the host side.
#pragma once

#include "models/kernel/cache_control.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

namespace loas::memory
{

class coherence_point : public sc_core::sc_module
{
public:
    tlm_utils::multi_passthrough_target_socket<coherence_point> bus_in{"bus_in"};
    tlm_utils::simple_initiator_socket<coherence_point> bus_out{"bus_out"};

    explicit coherence_point(const sc_core::sc_module_name& name);

    /// nullptr: there is no cache.
    void set_cache(kernel::cache_control* cache) { m_cache = cache; }

private:
    void b_transport(int source, tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    unsigned transport_dbg(int source, tlm::tlm_generic_payload& access);

    kernel::cache_control* m_cache = nullptr;
};

} // namespace loas::memory
