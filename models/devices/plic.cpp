#include "models/devices/plic.h"

#include "abi/loas_devices.h"

namespace loas::devices
{
namespace
{

std::uint64_t bit_of(unsigned input)
{
    return std::uint64_t{1} << input;
}

} // namespace

plic::plic(const sc_core::sc_module_name& name, const sc_core::sc_time& latency)
    : register_device(name, plic_registers(), latency)
{
    reads_run_ahead(); // a claim changes lines at once and schedules nothing
    kernel::register_bank& bank = registers();
    const auto changed = [this] { forward(); };
    for (unsigned input = 1; input < plic_inputs; ++input)
        bank.set_effects(LOAS_PLIC_REG_PRIORITY + 4 * input, {{}, {}, {}, changed});
    for (unsigned word = 0; word < plic_inputs / 32; ++word) {
        bank.set_effects(LOAS_PLIC_REG_PENDING + 4 * word,
                         {[this, word] { return static_cast<std::uint32_t>(m_pending >> (32 * word)); }, {}, {}});
        bank.set_effects(LOAS_PLIC_REG_ENABLE + 4 * word, {{}, {}, {}, changed});
    }
    bank.set_effects(LOAS_PLIC_REG_THRESHOLD, {{}, {}, {}, changed});
    const auto completed = [this](std::uint32_t input) {
        complete(input);
        return kernel::register_bank::verdict::drop;
    };
    bank.set_effects(LOAS_PLIC_REG_CLAIM, {[this] { return most_urgent(); }, completed, [this] { claim(); }});
}

void plic::set_input(unsigned input, bool high)
{
    m_levels = high ? m_levels | bit_of(input) : m_levels & ~bit_of(input);
    forward();
}

std::uint64_t plic::word_pair(std::uint64_t offset) const
{
    return registers().value(offset) | std::uint64_t{registers().value(offset + 4)} << 32;
}

unsigned plic::priority_of(unsigned input) const
{
    return registers().value(LOAS_PLIC_REG_PRIORITY + 4 * input);
}

// The threshold has no say in a claim, as the specification has it.
unsigned plic::most_urgent() const
{
    const std::uint64_t candidates = m_pending & word_pair(LOAS_PLIC_REG_ENABLE);
    unsigned best = 0, highest = 0;
    for (unsigned input = 1; input < plic_inputs && candidates >> input != 0; ++input)
        if ((candidates & bit_of(input)) != 0 && priority_of(input) > highest) {
            best = input;
            highest = priority_of(input);
        }
    return best;
}

void plic::claim()
{
    const unsigned input = most_urgent();
    if (input == 0)
        return;
    m_pending &= ~bit_of(input);
    m_claimed |= bit_of(input);
    forward();
}

void plic::complete(unsigned input)
{
    if (input >= plic_inputs)
        return;
    m_claimed &= ~bit_of(input);
    forward();
}

// A request that was let through stays, even if its level goes down before it is claimed.
void plic::forward()
{
    m_pending |= m_levels & ~m_claimed;
    const unsigned input = most_urgent();
    interrupt_out.drive(input != 0 && priority_of(input) > registers().value(LOAS_PLIC_REG_THRESHOLD));
}

} // namespace loas::devices
