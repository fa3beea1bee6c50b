#include "models/devices/watchdog.h"

#include "abi/loas_devices.h"

#include <algorithm>
#include <utility>

namespace loas::devices
{
namespace
{

constexpr std::uint64_t us_ps = 1000000;

}

watchdog::watchdog(const sc_core::sc_module_name& name, const sc_core::sc_time& latency, std::function<void()> bites)
    : register_device(name, watchdog_registers(), latency), m_bites(std::move(bites))
{
    kernel::register_bank& bank = registers();
    bank.set_effects(LOAS_WATCHDOG_REG_CONTROL, {{}, {}, {}, [this] { start(); }});
    bank.set_effects(LOAS_WATCHDOG_REG_RESTART, {{}, {}, {}, [this] { start(); }});
    bank.set_effects(LOAS_WATCHDOG_REG_STATUS,
                     {{}, {}, {}, [this] { interrupt_out.drive(registers().value(LOAS_WATCHDOG_REG_STATUS) != 0); }});
    bank.set_effects(LOAS_WATCHDOG_REG_LEFT_US,
                     {[this] { return static_cast<std::uint32_t>(left().value() / us_ps); }, {}, {}});
    SC_METHOD(expire);
    sensitive << m_expires;
    dont_initialize();
}

void watchdog::start()
{
    m_expires.cancel();
    m_end = sc_core::SC_ZERO_TIME;
    if (registers().value(LOAS_WATCHDOG_REG_CONTROL) == 0)
        return;
    const std::uint64_t us = std::max(registers().value(LOAS_WATCHDOG_REG_TIMEOUT_US), 1U);
    const sc_core::sc_time time = sc_core::sc_time::from_value(us * us_ps);
    m_end = sc_core::sc_time_stamp() + time;
    m_expires.notify(time);
}

void watchdog::expire()
{
    if (interrupt_out.high()) {
        m_bites();
        return;
    }
    registers().set(LOAS_WATCHDOG_REG_STATUS, LOAS_WATCHDOG_EXPIRED);
    interrupt_out.drive(true);
    start();
}

sc_core::sc_time watchdog::left() const
{
    return m_end > sc_core::sc_time_stamp() ? m_end - sc_core::sc_time_stamp() : sc_core::SC_ZERO_TIME;
}

} // namespace loas::devices
