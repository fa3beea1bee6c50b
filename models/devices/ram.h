// Memory: zero at start, byte addressed, DMI to whoever asks. RAM, or a ROM that only its owner fills.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

namespace loas::devices
{

class ram : public sc_core::sc_module
{
public:
    tlm_utils::simple_target_socket<ram> bus_in{"bus_in"};

    /// latency: of one access of any length by way of the bus; an accelerator's path has its own timing in front.
    ram(const sc_core::sc_module_name& name, std::uint64_t size_bytes, const sc_core::sc_time& latency,
        bool writable = true);

    /// From the first byte on, without time; no more than there are.
    void fill(const std::vector<std::uint8_t>& bytes);

private:
    struct release {
        void operator()(void* memory) const { std::free(memory); }
    };

    bool move(tlm::tlm_generic_payload& access);
    void b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& access);
    bool get_direct_mem_ptr(tlm::tlm_generic_payload& access, tlm::tlm_dmi& dmi);

    std::uint64_t m_size_bytes;
    sc_core::sc_time m_latency;
    bool m_writable;
    std::unique_ptr<unsigned char[], release> m_bytes; // calloc: pages that nobody touches cost nothing
};

} // namespace loas::devices
