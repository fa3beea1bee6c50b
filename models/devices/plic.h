// Platform-level interrupt controller, as the RISC-V PLIC specification has it: inputs are levels; a gateway lets one
// request of an input through and the next when software has completed that one.
#pragma once

#include "models/devices/device_registers.h"
#include "models/kernel/interrupt_line.h"
#include "models/kernel/register_device.h"

#include <cstdint>
#include <systemc>

namespace loas::devices
{

class plic : public kernel::register_device
{
public:
    /// To the hart.
    kernel::interrupt_line interrupt_out;

    plic(const sc_core::sc_module_name& name, const sc_core::sc_time& latency);

    /// The level of an input, 1 to plic_inputs - 1, from now on.
    void set_input(unsigned input, bool high);

private:
    std::uint64_t word_pair(std::uint64_t offset) const; ///< of one bit an input
    unsigned priority_of(unsigned input) const;
    unsigned most_urgent() const; ///< 0: none
    void claim();
    void complete(unsigned input);
    void forward(); ///< requests that gateways let through, and the line to the hart

    std::uint64_t m_levels = 0;
    std::uint64_t m_pending = 0;
    std::uint64_t m_claimed = 0;
};

} // namespace loas::devices
