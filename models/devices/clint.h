// Core-local interruptor: software interrupt, and the timer whose count everybody shares. No event while nobody has set
// an alarm.
#pragma once

#include "models/devices/device_registers.h"
#include "models/kernel/interrupt_line.h"
#include "models/kernel/register_device.h"

#include <cstdint>
#include <systemc>

namespace loas::devices
{

class clint : public kernel::register_device
{
public:
    static constexpr std::uint64_t tick_ps = 100000; ///< 10 MHz, as on QEMU's virt

    kernel::interrupt_line software_out, timer_out;

    clint(const sc_core::sc_module_name& name, const sc_core::sc_time& latency);

    /// MTIME at a time.
    static std::uint64_t ticks_at(std::uint64_t time_ps) { return time_ps / tick_ps; }

private:
    SC_HAS_PROCESS(clint);
    void look(); ///< has the time come? If not, when?

    sc_core::sc_event m_alarm{"alarm"};
};

} // namespace loas::devices
