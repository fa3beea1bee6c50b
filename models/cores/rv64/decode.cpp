// Instructions of 32 bits, by opcode (chapter "RV32/64G instruction set listings" of the ISA manual).
#include "models/cores/rv64/instruction.h"

namespace loas::rv64
{
namespace
{

using op = operation;

class word
{
public:
    explicit word(std::uint32_t bits) : m_bits(bits) {}
    std::uint32_t get(unsigned low, unsigned count) const { return m_bits >> low & ((1U << count) - 1); }
    std::uint32_t opcode() const { return get(0, 7); }
    std::uint32_t funct3() const { return get(12, 3); }
    std::uint32_t funct7() const { return get(25, 7); }
    std::uint8_t rd() const
    {
        const auto number = static_cast<std::uint8_t>(get(7, 5));
        return number == 0 ? discarded : number;
    }
    std::uint8_t rs1() const { return static_cast<std::uint8_t>(get(15, 5)); }
    std::uint8_t rs2() const { return static_cast<std::uint8_t>(get(20, 5)); }
    std::int64_t i_immediate() const { return static_cast<std::int32_t>(m_bits) >> 20; }
    std::int64_t s_immediate() const { return (i_immediate() & ~std::int64_t{31}) | get(7, 5); }
    std::int64_t u_immediate() const { return static_cast<std::int32_t>(m_bits & 0xfffff000); }
    std::int64_t branch_offset() const { return sign() * 4096 + (get(7, 1) << 11 | get(25, 6) << 5 | get(8, 4) << 1); }
    std::int64_t jump_offset() const
    {
        return sign() * 1048576 + (get(12, 8) << 12 | get(20, 1) << 11 | get(21, 10) << 1);
    }

private:
    std::int64_t sign() const { return -static_cast<std::int64_t>(m_bits >> 31); }

    std::uint32_t m_bits;
};

op immediate_64(const word& w, std::int64_t& immediate)
{
    const std::uint32_t top = w.get(26, 6);
    switch (w.funct3()) {
    case 0:
        return op::addi;
    case 2:
        return op::slti;
    case 3:
        return op::sltiu;
    case 4:
        return op::xori;
    case 6:
        return op::ori;
    case 7:
        return op::andi;
    default:
        break;
    }
    immediate = w.get(20, 6);
    if (w.funct3() == 1) {
        switch (top) {
        case 0x00:
            return op::slli;
        case 0x0a:
            return op::bseti;
        case 0x12:
            return op::bclri;
        case 0x1a:
            return op::binvi;
        case 0x18: {
            static constexpr op unary[] = {op::clz, op::ctz, op::cpop, op::illegal, op::sext_b, op::sext_h};
            return immediate < 6 ? unary[immediate] : op::illegal;
        }
        default:
            return op::illegal;
        }
    }
    switch (top) {
    case 0x00:
        return op::srli;
    case 0x10:
        return op::srai;
    case 0x12:
        return op::bexti;
    case 0x18:
        return op::rori;
    case 0x0a:
        return immediate == 0x07 ? op::orc_b : op::illegal;
    case 0x1a:
        return immediate == 0x38 ? op::rev8 : op::illegal;
    default:
        return op::illegal;
    }
}

op immediate_32(const word& w, std::int64_t& immediate)
{
    if (w.funct3() == 0)
        return op::addiw;
    immediate = w.get(20, 6);
    if (w.funct3() == 1 && w.get(26, 6) == 0x02)
        return op::slli_uw;
    if (w.funct3() == 1 && w.funct7() == 0x30) {
        static constexpr op unary[] = {op::clzw, op::ctzw, op::cpopw};
        return immediate < 3 ? unary[immediate] : op::illegal;
    }
    if (w.funct3() == 1 && w.funct7() == 0x00)
        return op::slliw;
    if (w.funct3() == 5 && w.funct7() == 0x00)
        return op::srliw;
    if (w.funct3() == 5 && w.funct7() == 0x20)
        return op::sraiw;
    if (w.funct3() == 5 && w.funct7() == 0x30)
        return op::roriw;
    return op::illegal;
}

op register_64(const word& w)
{
    static constexpr op none = op::illegal;
    static constexpr op base[] = {op::add, op::sll, op::slt, op::sltu, op::xor_, op::srl, op::or_, op::and_};
    static constexpr op product[] = {op::mul, op::mulh, op::mulhsu, op::mulhu, op::div, op::divu, op::rem, op::remu};
    static constexpr op negated[] = {op::sub, none, none, none, op::xnor, op::sra, op::orn, op::andn};
    static constexpr op extreme[] = {none, none, none, none, op::min, op::minu, op::max, op::maxu};
    static constexpr op shifted[] = {none, none, op::sh1add, none, op::sh2add, none, op::sh3add, none};
    static constexpr op rotated[] = {none, op::rol, none, none, none, op::ror, none, none};
    static constexpr op cleared[] = {none, op::bclr, none, none, none, op::bext, none, none};
    const std::uint32_t at = w.funct3();
    switch (w.funct7()) {
    case 0x00:
        return base[at];
    case 0x01:
        return product[at];
    case 0x20:
        return negated[at];
    case 0x05:
        return extreme[at];
    case 0x10:
        return shifted[at];
    case 0x30:
        return rotated[at];
    case 0x24:
        return cleared[at];
    case 0x34:
        return at == 1 ? op::binv : none;
    case 0x14:
        return at == 1 ? op::bset : none;
    default:
        return none;
    }
}

op register_32(const word& w)
{
    static constexpr op none = op::illegal;
    static constexpr op base[] = {op::addw, op::sllw, none, none, none, op::srlw, none, none};
    static constexpr op product[] = {op::mulw, none, none, none, op::divw, op::divuw, op::remw, op::remuw};
    static constexpr op negated[] = {op::subw, none, none, none, none, op::sraw, none, none};
    static constexpr op shifted[] = {none, none, op::sh1add_uw, none, op::sh2add_uw, none, op::sh3add_uw, none};
    static constexpr op rotated[] = {none, op::rolw, none, none, none, op::rorw, none, none};
    const std::uint32_t at = w.funct3();
    switch (w.funct7()) {
    case 0x00:
        return base[at];
    case 0x01:
        return product[at];
    case 0x20:
        return negated[at];
    case 0x10:
        return shifted[at];
    case 0x30:
        return rotated[at];
    case 0x04:
        return at == 0 ? op::add_uw : at == 4 && w.rs2() == 0 ? op::zext_h : none;
    default:
        return none;
    }
}

op atomic(const word& w)
{
    const std::uint32_t funct5 = w.get(27, 5);
    const bool known = funct5 <= 4 || (funct5 & 3) == 0;
    if (!known || (funct5 == 2 && w.rs2() != 0)) // lr has no source
        return op::illegal;
    return w.funct3() == 2 ? op::amo_w : w.funct3() == 3 ? op::amo_d : op::illegal;
}

op system(std::uint32_t bits, const word& w)
{
    static constexpr op registers[] = {op::illegal, op::csrrw,  op::csrrs,  op::csrrc,
                                       op::illegal, op::csrrwi, op::csrrsi, op::csrrci};
    switch (bits) {
    case 0x00000073:
        return op::ecall;
    case 0x00100073:
        return op::ebreak;
    case 0x30200073:
        return op::mret;
    case 0x10500073:
        return op::wfi;
    default:
        return registers[w.funct3()];
    }
}

/// Rounding modes 5 and 6 are reserved; 7 is the one in frm.
bool rounds(const word& w)
{
    return w.funct3() != 5 && w.funct3() != 6;
}

op floating(const word& w)
{
    if (w.get(26, 1) != 0) // neither single nor double precision
        return op::illegal;
    const std::uint32_t funct5 = w.get(27, 5), kind = w.funct3(), from = w.rs2(), is_double = w.get(25, 1);
    bool known = false;
    switch (funct5) {
    case 0x00: // add, sub, mul
    case 0x01:
    case 0x02:
        known = rounds(w);
        break;
    case 0x03:
        return rounds(w) ? op::floating_long : op::illegal;
    case 0x0b: // sqrt
        return rounds(w) && from == 0 ? op::floating_long : op::illegal;
    case 0x04: // sign injection
    case 0x14: // comparison
        known = kind < 3;
        break;
    case 0x05: // min, max
        known = kind < 2;
        break;
    case 0x08: // from the other precision
        known = rounds(w) && from == 1 - is_double;
        break;
    case 0x18: // to and from w, wu, l, lu
    case 0x1a:
        known = rounds(w) && from < 4;
        break;
    case 0x1c: // bits to x, class
        known = kind < 2 && from == 0;
        break;
    case 0x1e: // bits from x
        known = kind == 0 && from == 0;
        break;
    default:
        break;
    }
    return known ? op::floating : op::illegal;
}

op of_word(std::uint32_t bits, std::uint64_t pc, std::int64_t& immediate)
{
    static constexpr op loads[] = {op::lb, op::lh, op::lw, op::ld, op::lbu, op::lhu, op::lwu, op::illegal};
    static constexpr op stores[] = {op::sb, op::sh, op::sw, op::sd};
    static constexpr op branches[] = {op::beq, op::bne, op::illegal, op::illegal, op::blt, op::bge, op::bltu, op::bgeu};
    const word w(bits);
    const auto from_here = [pc](std::int64_t offset) {
        return static_cast<std::int64_t>(pc + static_cast<std::uint64_t>(offset));
    };
    immediate = w.i_immediate();
    switch (w.opcode()) {
    case 0x37: // lui
        immediate = w.u_immediate();
        return op::constant;
    case 0x17: // auipc
        immediate = from_here(w.u_immediate());
        return op::constant;
    case 0x6f:
        immediate = from_here(w.jump_offset());
        return op::jal;
    case 0x67:
        return w.funct3() == 0 ? op::jalr : op::illegal;
    case 0x63:
        immediate = from_here(w.branch_offset());
        return branches[w.funct3()];
    case 0x03:
        return loads[w.funct3()];
    case 0x23:
        immediate = w.s_immediate();
        return w.funct3() < 4 ? stores[w.funct3()] : op::illegal;
    case 0x07:
        return w.funct3() == 2 ? op::flw : w.funct3() == 3 ? op::fld : op::illegal;
    case 0x27:
        immediate = w.s_immediate();
        return w.funct3() == 2 ? op::fsw : w.funct3() == 3 ? op::fsd : op::illegal;
    case 0x43: // fmadd, fmsub, fnmsub, fnmadd
    case 0x47:
    case 0x4b:
    case 0x4f:
        immediate = bits;
        return rounds(w) && w.get(26, 1) == 0 ? op::floating : op::illegal;
    case 0x53:
        immediate = bits;
        return floating(w);
    case 0x13:
        return immediate_64(w, immediate);
    case 0x1b:
        return immediate_32(w, immediate);
    case 0x33:
        return register_64(w);
    case 0x3b:
        return register_32(w);
    case 0x2f:
        immediate = w.get(27, 5);
        return atomic(w);
    case 0x0f:
        return w.funct3() == 0 ? op::fence : w.funct3() == 1 ? op::fence_i : op::illegal;
    case 0x73:
        immediate = w.get(20, 12);
        return system(bits, w);
    default:
        return op::illegal;
    }
}

} // namespace

instruction decode(std::uint32_t bits, std::uint64_t pc)
{
    instruction to;
    std::uint32_t full = bits;
    if (is_compressed(bits)) {
        to.length = 2;
        bits &= 0xffff;
        full = expand_compressed(static_cast<std::uint16_t>(bits));
    }
    to.what = of_word(full, pc, to.immediate);
    const word w(full);
    to.rd = w.rd();
    to.rs1 = w.rs1();
    to.rs2 = w.rs2();
    if (to.what == operation::illegal)
        to.immediate = bits;
    return to;
}

} // namespace loas::rv64
