// Instructions of F and D, except loads and stores.
#include "models/cores/rv64/floating_point.h"
#include "models/cores/rv64/hart.h"

#include <type_traits>

namespace loas::rv64
{
namespace
{

constexpr std::uint64_t low_32 = 0xffffffff;

/// What an operation of this precision finds in a register.
template <class format> std::uint64_t number_in(std::uint64_t bits)
{
    if (format::bits == 64)
        return bits;
    return bits >> 32 == low_32 ? bits & low_32 : floating_point<format>::not_a_number;
}

template <class format> std::uint64_t as_register(std::uint64_t number)
{
    return format::bits == 64 ? number : boxed(number);
}

std::uint64_t sign_extended(std::uint64_t bits)
{
    return static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(bits)});
}

} // namespace

void hart::set_f(unsigned number, std::uint64_t bits)
{
    m_f[number] = bits;
    m_mstatus |= status::fs | status::sd;
}

void hart::raise(unsigned flags)
{
    if (flags == 0)
        return;
    m_flags |= flags;
    m_mstatus |= status::fs | status::sd;
}

/// False: frm holds a reserved mode.
bool hart::rounding_of(std::uint32_t bits, unsigned& mode) const
{
    const std::uint32_t own = bits >> 12 & 7;
    mode = own == 7 ? m_rounding : own;
    return mode <= to_larger;
}

/// False: illegal.
bool hart::floating(std::uint32_t bits, const instruction* at)
{
    if ((m_mstatus & status::fs) == 0)
        return false;
    const std::uint32_t operation = bits >> 27;
    const bool fused = (bits & 0x7f) != 0x53;
    // Those of the others have their third operand, or their kind, in the place of a mode.
    const bool rounds =
        fused || operation < 4 || operation == 0x08 || operation == 0x0b || operation == 0x18 || operation == 0x1a;
    unsigned mode = to_even;
    if (rounds && !rounding_of(bits, mode))
        return false;
    return (bits >> 25 & 1) != 0 ? floating_in<double_precision>(bits, at, mode)
                                 : floating_in<single_precision>(bits, at, mode);
}

template <class format> bool hart::floating_in(std::uint32_t bits, const instruction* at, unsigned mode)
{
    using fp = floating_point<format>;
    using other = std::conditional_t<format::bits == 64, single_precision, double_precision>;
    const unsigned rd = bits >> 7 & 31, kind = bits >> 12 & 7;
    const std::uint64_t a = number_in<format>(m_f[at->rs1]), b = number_in<format>(m_f[at->rs2]);
    rounding round{mode, 0};
    const auto result = [&](std::uint64_t number) {
        raise(round.flags);
        set_f(rd, as_register<format>(number));
        return true;
    };
    const auto integer = [&](std::uint64_t value) {
        raise(round.flags);
        m_x[at->rd] = value;
        return true;
    };
    const std::uint32_t opcode = bits & 0x7f;
    if (opcode != 0x53) { // fmadd 43, fmsub 47, fnmsub 4b, fnmadd 4f: the product's sign, the addend's
        const std::uint64_t c = number_in<format>(m_f[bits >> 27]);
        const bool negates = opcode >= 0x4b, subtracts = opcode == 0x47 || opcode == 0x4f;
        return result(fp::multiply_add(negates ? a ^ fp::sign_bit : a, b, subtracts ? c ^ fp::sign_bit : c, round));
    }
    switch (bits >> 27) {
    case 0x00:
        return result(fp::add(a, b, round));
    case 0x01:
        return result(fp::add(a, b ^ fp::sign_bit, round));
    case 0x02:
        return result(fp::multiply(a, b, round));
    case 0x03:
        return result(fp::divide(a, b, round));
    case 0x0b:
        return result(fp::root(a, round));
    case 0x04: { // the other's sign, its opposite, or both signs
        const std::uint64_t sign = kind == 0 ? b : kind == 1 ? ~b : a ^ b;
        return result((a & ~fp::sign_bit) | (sign & fp::sign_bit));
    }
    case 0x05:
        return result(fp::extreme(a, b, kind == 1, round));
    case 0x08:
        return result(fp::template from<other>(number_in<other>(m_f[at->rs1]), round));
    case 0x14:
        return integer((kind == 2 ? fp::equal(a, b, round) : fp::less(a, b, kind == 0, round)) ? 1 : 0);
    case 0x18:
        return integer(fp::to_integer(a, at->rs2 < 2 ? 32 : 64, at->rs2 % 2 == 0, round));
    case 0x1a: {
        const std::uint64_t x = m_x[at->rs1];
        const std::uint64_t value = at->rs2 == 0 ? sign_extended(x) : at->rs2 == 1 ? x & low_32 : x;
        return result(fp::from_integer(value, at->rs2 % 2 == 0, round));
    }
    case 0x1c: // the bits as they are
        return integer(kind == 1 ? fp::class_of(a) : format::bits == 64 ? m_f[at->rs1] : sign_extended(m_f[at->rs1]));
    default: // 0x1e
        return result(format::bits == 64 ? m_x[at->rs1] : m_x[at->rs1] & low_32);
    }
}

bool hart::read_floating_csr(unsigned number, std::uint64_t& value) const
{
    if (number < csr::fflags || number > csr::fcsr)
        return false;
    value = number == csr::fflags ? m_flags : number == csr::frm ? m_rounding : m_rounding << 5 | m_flags;
    return true;
}

bool hart::write_floating_csr(unsigned number, std::uint64_t value)
{
    if (number < csr::fflags || number > csr::fcsr)
        return false;
    if (number != csr::frm)
        m_flags = static_cast<unsigned>(value & 31);
    if (number != csr::fflags)
        m_rounding = static_cast<unsigned>((number == csr::frm ? value : value >> 5) & 7);
    m_mstatus |= status::fs | status::sd;
    return true;
}

} // namespace loas::rv64
