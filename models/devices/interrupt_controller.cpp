#include "models/devices/interrupt_controller.h"

#include "abi/loas_interrupts.h"

namespace loas::devices
{

interrupt_controller::interrupt_controller(const sc_core::sc_module_name& name, unsigned inputs,
                                           const sc_core::sc_time& latency)
    : register_device(name, interrupt_controller_registers(), latency), interrupts_in("interrupts_in", inputs)
{
    registers().set_effects(LOAS_INTERRUPTS_REG_PENDING, {[this] { return pending(); }, {}, {}});
    const auto enabled = [this](std::uint32_t) {
        m_enable_changed.notify(sc_core::SC_ZERO_TIME);
        return kernel::register_bank::verdict::keep;
    };
    registers().set_effects(LOAS_INTERRUPTS_REG_ENABLE, {{}, enabled, {}});
    SC_METHOD(drive);
    for (std::size_t i = 0; i < interrupts_in.size(); ++i) // sc_vector's iterators are ambiguous in C++20
        sensitive << interrupts_in[i];
    sensitive << m_enable_changed;
}

std::uint32_t interrupt_controller::pending() const
{
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < interrupts_in.size(); ++i)
        bits |= static_cast<std::uint32_t>(interrupts_in[i].read()) << i;
    return bits;
}

void interrupt_controller::drive()
{
    interrupt_out.write((pending() & registers().value(LOAS_INTERRUPTS_REG_ENABLE)) != 0);
}

} // namespace loas::devices
