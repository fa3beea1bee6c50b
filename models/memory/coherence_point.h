// Where accesses of the host side pass the global cache by: each is shown to the cache first (cache_control::snoop), so
// software and accelerator see one memory without cache maintenance, as behind a coherent interconnect. Project's
// choice: nothing is published about the host side.
//
// Pointers to memory are given for pages of which the cache has no line, and taken back when it takes one in: an access
// by pointer is one of which the cache need not know.
#pragma once

#include "models/kernel/cache_control.h"

#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <unordered_set>

namespace loas::memory
{

class coherence_point : public sc_core::sc_module, private kernel::line_listener
{
public:
    tlm_utils::multi_passthrough_target_socket<coherence_point> bus_in{"bus_in"};
    tlm_utils::simple_initiator_socket<coherence_point> bus_out{"bus_out"};

    explicit coherence_point(const sc_core::sc_module_name& name);

    /// nullptr: there is no cache.
    void set_cache(kernel::cache_control* cache)
    {
        m_cache = cache;
        if (m_cache != nullptr)
            m_cache->set_listener(this);
    }

private:
    void b_transport(int source, tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    unsigned transport_dbg(int source, tlm::tlm_generic_payload& access);
    bool get_direct_mem_ptr(int source, tlm::tlm_generic_payload& access, tlm::tlm_dmi& dmi);
    void line_taken(std::uint64_t address, std::uint64_t bytes) override;
    bool is_free(std::uint64_t page) const;

    static constexpr std::uint64_t page_bytes = 4096;

    kernel::cache_control* m_cache = nullptr;
    std::unordered_set<std::uint64_t> m_given; ///< first addresses of the pages of which somebody has a pointer
    bool m_asked = false;                      ///< for one of them
};

} // namespace loas::memory
