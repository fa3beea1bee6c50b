// Memory-mapped router: an address decides the target, which sees addresses from 0, or whole ones if it is a way to
// others. Untimed: latency is the targets'.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <utility>

namespace loas::kernel
{

class router : public sc_core::sc_module
{
public:
    using port = tlm_utils::simple_initiator_socket_tagged<router>;
    enum class addresses { from_zero, whole };

    tlm_utils::multi_passthrough_target_socket<router> bus_in{"bus_in"};

    explicit router(const sc_core::sc_module_name& name);

    /// Adds a target at [base, base + size_bytes) and returns the socket to bind to it. Before elaboration ends. A
    /// range that wraps, is empty or overlaps another is our own mistake in wiring the machine: SC_REPORT_FATAL.
    port& map(const std::string& name, std::uint64_t base, std::uint64_t size_bytes,
              addresses seen = addresses::from_zero);

private:
    struct window {
        std::uint64_t base;
        std::uint64_t size_bytes;
        std::uint64_t start; ///< what the target calls the address `base`
        port socket;

        window(const std::string& name, std::uint64_t base_, std::uint64_t size_bytes_, std::uint64_t start_)
            : base(base_), size_bytes(size_bytes_), start(start_), socket(name.c_str())
        {
        }

        /// A range of the target's addresses as initiators call it, cut to the window.
        std::pair<std::uint64_t, std::uint64_t> whole(std::uint64_t first, std::uint64_t last) const;
    };

    window* find(std::uint64_t address, std::uint64_t bytes);
    void b_transport(int source, tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    unsigned transport_dbg(int source, tlm::tlm_generic_payload& access);
    bool get_direct_mem_ptr(int source, tlm::tlm_generic_payload& access, tlm::tlm_dmi& dmi);
    void invalidate_direct_mem_ptr(int window_index, sc_dt::uint64 start, sc_dt::uint64 end);

    std::list<window> m_windows; // a list: sockets do not move
    window* m_last = nullptr;    ///< that was found: accesses come in crowds
};

} // namespace loas::kernel
