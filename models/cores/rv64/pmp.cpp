#include "models/cores/rv64/pmp.h"

namespace loas::rv64
{
namespace
{

enum : unsigned { off, up_to, four_bytes, power_of_two };

constexpr std::uint64_t address_mask = (std::uint64_t{1} << 54) - 1;
constexpr std::uint8_t writable_bits = 0x9f;

} // namespace

std::uint64_t pmp::configurations() const
{
    std::uint64_t all = 0;
    for (unsigned i = 0; i < regions; ++i)
        all |= std::uint64_t{m_regions[i].configuration} << 8 * i;
    return all;
}

void pmp::set_configurations(std::uint64_t value)
{
    for (region& r : m_regions) {
        auto next = static_cast<std::uint8_t>(value & writable_bits);
        value >>= 8;
        if ((next & may_all & ~may_execute) == may_write)
            next = static_cast<std::uint8_t>(next & ~may_write);
        if (!r.locked())
            r.configuration = next;
    }
    find_bounds();
}

void pmp::set_address(unsigned number, std::uint64_t value)
{
    // A locked region that begins where this one ends locks this address too.
    const bool begins_here =
        number + 1 < regions && m_regions[number + 1].locked() && m_regions[number + 1].kind() == up_to;
    if (m_regions[number].locked() || begins_here)
        return;
    m_regions[number].address = value & address_mask;
    find_bounds();
}

void pmp::find_bounds()
{
    std::uint64_t before = 0;
    for (region& r : m_regions) {
        const std::uint64_t begin = r.address << 2;
        // The lowest 0 of the address and the ones below it say how large: 8 bytes and as many times twice that.
        const std::uint64_t inside = ((r.address ^ (r.address + 1)) << 2) | 3;
        r.empty = r.kind() == off || (r.kind() == up_to && begin <= before);
        r.first = r.kind() == up_to ? before : r.kind() == power_of_two ? begin & ~inside : begin;
        r.last = r.kind() == up_to ? begin - 1 : r.kind() == power_of_two ? begin | inside : begin + 3;
        before = begin;
    }
}

} // namespace loas::rv64
