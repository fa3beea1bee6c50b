// Watchdog: interrupts when software has not restarted it in time, and ends the program when nobody dealt with that
// either. One event a time-out.
#pragma once

#include "models/devices/device_registers.h"
#include "models/kernel/interrupt_line.h"
#include "models/kernel/register_device.h"

#include <functional>
#include <systemc>

namespace loas::devices
{

class watchdog : public kernel::register_device
{
public:
    kernel::interrupt_line interrupt_out;

    /// bites: a second time-out has passed.
    watchdog(const sc_core::sc_module_name& name, const sc_core::sc_time& latency, std::function<void()> bites);

private:
    SC_HAS_PROCESS(watchdog);
    void start();
    void expire();
    sc_core::sc_time left() const;

    std::function<void()> m_bites;
    sc_core::sc_event m_expires{"expires"};
    sc_core::sc_time m_end;
};

} // namespace loas::devices
