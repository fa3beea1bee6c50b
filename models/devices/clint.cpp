#include "models/devices/clint.h"

#include "abi/loas_devices.h"

namespace loas::devices
{
namespace
{

std::uint64_t now_ticks()
{
    return clint::ticks_at(sc_core::sc_time_stamp().value());
}

} // namespace

clint::clint(const sc_core::sc_module_name& name, const sc_core::sc_time& latency)
    : register_device(name, clint_registers(), latency)
{
    reads_run_ahead();
    kernel::register_bank& bank = registers();
    bank.set_effects(LOAS_CLINT_REG_MSIP,
                     {{}, {}, {}, [this] { software_out.drive(registers().value(LOAS_CLINT_REG_MSIP) != 0); }});
    for (const std::uint64_t half : {LOAS_CLINT_REG_MTIMECMP, LOAS_CLINT_REG_MTIMECMP + 4})
        bank.set_effects(half, {{}, {}, {}, [this] { look(); }});
    bank.set_effects(LOAS_CLINT_REG_MTIME, {[this] { return static_cast<std::uint32_t>(ticks_at(access_ps())); }, {}, {}});
    bank.set_effects(LOAS_CLINT_REG_MTIME + 4, {[this] { return static_cast<std::uint32_t>(ticks_at(access_ps()) >> 32); }, {}, {}});
    SC_METHOD(look);
    sensitive << m_alarm;
    dont_initialize();
}

void clint::look()
{
    const std::uint64_t at_ticks = registers().value(LOAS_CLINT_REG_MTIMECMP) |
                                   std::uint64_t{registers().value(LOAS_CLINT_REG_MTIMECMP + 4)} << 32;
    timer_out.drive(now_ticks() >= at_ticks);
    m_alarm.cancel();
    const bool ever = at_ticks <= ~std::uint64_t{0} / tick_ps; // simulated time ends with 64 bits of picoseconds
    if (!timer_out.high() && ever)
        m_alarm.notify(sc_core::sc_time::from_value(at_ticks * tick_ps - sc_core::sc_time_stamp().value()));
}

} // namespace loas::devices
