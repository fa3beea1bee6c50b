// Interrupt controller: level inputs, an enable bit each, one line to the CPU. A device keeps its line up until
// software has dealt with the cause there, so nothing is latched or acknowledged here.
#pragma once

#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

namespace loas::devices
{

class interrupt_controller : public sc_core::sc_module
{
public:
    static constexpr std::uint64_t pending_offset = 0x0; ///< RO, 32 bits: level of each input
    static constexpr std::uint64_t enable_offset = 0x4;  ///< RW, 32 bits, reset 0
    static constexpr std::uint64_t size_bytes = 0x1000;

    tlm_utils::simple_target_socket<interrupt_controller> bus_in{"bus_in"};
    sc_core::sc_vector<sc_core::sc_in<bool>> interrupts_in;
    sc_core::sc_out<bool> interrupt_out{"interrupt_out"};

    /// inputs: 1..32
    interrupt_controller(const sc_core::sc_module_name& name, unsigned inputs, const sc_core::sc_time& latency);

private:
    SC_HAS_PROCESS(interrupt_controller);

    std::uint32_t pending() const;
    void access_register(tlm::tlm_generic_payload& access, bool has_effects);
    void b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& access);
    void drive();

    sc_core::sc_time m_latency;
    std::uint32_t m_enable = 0;
    sc_core::sc_event m_enable_changed{"enable_changed"};
};

} // namespace loas::devices
