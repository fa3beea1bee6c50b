// Interrupt controller: level inputs, an enable bit each, one line to the CPU. A device keeps its line up until
// software has dealt with the cause there, so nothing is latched or acknowledged here.
#pragma once

#include "models/kernel/register_device.h"

#include <cstdint>
#include <systemc>

namespace loas::devices
{

/// Its registers; the page and the C header come from here, too.
const kernel::register_table& interrupt_controller_registers();

class interrupt_controller : public kernel::register_device
{
public:
    sc_core::sc_vector<sc_core::sc_in<bool>> interrupts_in;
    sc_core::sc_out<bool> interrupt_out{"interrupt_out"};

    /// inputs: 1..32
    interrupt_controller(const sc_core::sc_module_name& name, unsigned inputs, const sc_core::sc_time& latency);

private:
    SC_HAS_PROCESS(interrupt_controller);

    std::uint32_t pending() const;
    void drive();

    sc_core::sc_event m_enable_changed{"enable_changed"};
};

} // namespace loas::devices
