// Compressed instructions stand for one of 32 bits each (chapter "C" of the ISA manual, RV64).
#include "models/cores/rv64/instruction.h"

namespace loas::rv64
{
namespace
{

// Formats of 32 bits.
constexpr std::uint32_t i_type(std::uint32_t immediate, std::uint32_t rs1, std::uint32_t funct3, std::uint32_t rd,
                               std::uint32_t opcode)
{
    return (immediate & 0xfff) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}

constexpr std::uint32_t s_type(std::uint32_t immediate, std::uint32_t rs2, std::uint32_t rs1, std::uint32_t funct3,
                               std::uint32_t opcode = 0x23)
{
    return (immediate >> 5 & 0x7f) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (immediate & 0x1f) << 7 | opcode;
}

constexpr std::uint32_t r_type(std::uint32_t funct7, std::uint32_t rs2, std::uint32_t rs1, std::uint32_t funct3,
                               std::uint32_t rd, std::uint32_t opcode)
{
    return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}

constexpr std::uint32_t b_type(std::uint32_t offset, std::uint32_t rs1, std::uint32_t funct3)
{
    return (offset >> 12 & 1) << 31 | (offset >> 5 & 0x3f) << 25 | rs1 << 15 | funct3 << 12 | (offset >> 1 & 0xf) << 8 |
           (offset >> 11 & 1) << 7 | 0x63;
}

constexpr std::uint32_t jump(std::uint32_t offset, std::uint32_t rd)
{
    return (offset >> 20 & 1) << 31 | (offset >> 1 & 0x3ff) << 21 | (offset >> 11 & 1) << 20 |
           (offset >> 12 & 0xff) << 12 | rd << 7 | 0x6f;
}

class fields
{
public:
    explicit constexpr fields(std::uint16_t bits) : m_bits(bits) {}
    /// `count` bits from `low` on, put at `at`.
    constexpr std::uint32_t get(unsigned low, unsigned count, unsigned at = 0) const
    {
        return (m_bits >> low & ((1U << count) - 1)) << at;
    }
    /// Bit 12 from `at` upwards, as a sign.
    constexpr std::uint32_t sign(unsigned at) const { return get(12, 1) != 0 ? ~0U << at : 0; }
    constexpr std::uint32_t rd() const { return get(7, 5); }
    constexpr std::uint32_t rs2() const { return get(2, 5); }
    constexpr std::uint32_t rd_short() const { return 8 + get(2, 3); }
    constexpr std::uint32_t rs1_short() const { return 8 + get(7, 3); }
    constexpr std::uint32_t immediate() const { return sign(5) | get(2, 5); }

private:
    std::uint32_t m_bits;
};

std::uint32_t quadrant_0(const fields& c)
{
    const std::uint32_t word = c.get(10, 3, 3) | c.get(6, 1, 2) | c.get(5, 1, 6),
                        two_words = c.get(10, 3, 3) | c.get(5, 2, 6);
    switch (c.get(13, 3)) {
    case 0: { // c.addi4spn
        const std::uint32_t offset = c.get(11, 2, 4) | c.get(7, 4, 6) | c.get(6, 1, 2) | c.get(5, 1, 3);
        return offset == 0 ? 0 : i_type(offset, 2, 0, c.rd_short(), 0x13);
    }
    case 1: // c.fld
        return i_type(two_words, c.rs1_short(), 3, c.rd_short(), 0x07);
    case 5: // c.fsd
        return s_type(two_words, c.rd_short(), c.rs1_short(), 3, 0x27);
    case 2: // c.lw
        return i_type(word, c.rs1_short(), 2, c.rd_short(), 0x03);
    case 3: // c.ld
        return i_type(two_words, c.rs1_short(), 3, c.rd_short(), 0x03);
    case 6: // c.sw
        return s_type(word, c.rd_short(), c.rs1_short(), 2);
    case 7: // c.sd
        return s_type(two_words, c.rd_short(), c.rs1_short(), 3);
    default:
        return 0;
    }
}

std::uint32_t arithmetic(const fields& c)
{
    const std::uint32_t rd = c.rs1_short(), rs2 = c.rd_short();
    const std::uint32_t distance = c.get(12, 1, 5) | c.get(2, 5);
    switch (c.get(10, 2)) {
    case 0: // c.srli
        return i_type(distance, rd, 5, rd, 0x13);
    case 1: // c.srai
        return i_type(0x400 | distance, rd, 5, rd, 0x13);
    case 2: // c.andi
        return i_type(c.immediate(), rd, 7, rd, 0x13);
    default:
        break;
    }
    switch (c.get(12, 1, 2) | c.get(5, 2)) {
    case 0: // c.sub
        return r_type(0x20, rs2, rd, 0, rd, 0x33);
    case 1: // c.xor
        return r_type(0, rs2, rd, 4, rd, 0x33);
    case 2: // c.or
        return r_type(0, rs2, rd, 6, rd, 0x33);
    case 3: // c.and
        return r_type(0, rs2, rd, 7, rd, 0x33);
    case 4: // c.subw
        return r_type(0x20, rs2, rd, 0, rd, 0x3b);
    case 5: // c.addw
        return r_type(0, rs2, rd, 0, rd, 0x3b);
    default:
        return 0;
    }
}

std::uint32_t quadrant_1(const fields& c)
{
    const std::uint32_t rd = c.rd();
    switch (c.get(13, 3)) {
    case 0: // c.addi, c.nop
        return i_type(c.immediate(), rd, 0, rd, 0x13);
    case 1: // c.addiw
        return rd == 0 ? 0 : i_type(c.immediate(), rd, 0, rd, 0x1b);
    case 2: // c.li
        return i_type(c.immediate(), 0, 0, rd, 0x13);
    case 3:
        if (rd == 2) { // c.addi16sp
            const std::uint32_t by = c.sign(9) | c.get(6, 1, 4) | c.get(5, 1, 6) | c.get(3, 2, 7) | c.get(2, 1, 5);
            return by == 0 ? 0 : i_type(by, 2, 0, 2, 0x13);
        }
        return c.immediate() == 0 ? 0 : c.immediate() << 12 | rd << 7 | 0x37; // c.lui
    case 4:
        return arithmetic(c);
    case 5: // c.j
        return jump(c.sign(11) | c.get(11, 1, 4) | c.get(9, 2, 8) | c.get(8, 1, 10) | c.get(7, 1, 6) | c.get(6, 1, 7) |
                        c.get(3, 3, 1) | c.get(2, 1, 5),
                    0);
    default: // c.beqz, c.bnez
        return b_type(c.sign(8) | c.get(10, 2, 3) | c.get(5, 2, 6) | c.get(3, 2, 1) | c.get(2, 1, 5), c.rs1_short(),
                      c.get(13, 1));
    }
}

std::uint32_t quadrant_2(const fields& c)
{
    const std::uint32_t rd = c.rd(), rs2 = c.rs2();
    switch (c.get(13, 3)) {
    case 0: // c.slli
        return i_type(c.get(12, 1, 5) | c.get(2, 5), rd, 1, rd, 0x13);
    case 1: // c.fldsp
        return i_type(c.get(12, 1, 5) | c.get(5, 2, 3) | c.get(2, 3, 6), 2, 3, rd, 0x07);
    case 5: // c.fsdsp
        return s_type(c.get(10, 3, 3) | c.get(7, 3, 6), rs2, 2, 3, 0x27);
    case 2: // c.lwsp
        return rd == 0 ? 0 : i_type(c.get(12, 1, 5) | c.get(4, 3, 2) | c.get(2, 2, 6), 2, 2, rd, 0x03);
    case 3: // c.ldsp
        return rd == 0 ? 0 : i_type(c.get(12, 1, 5) | c.get(5, 2, 3) | c.get(2, 3, 6), 2, 3, rd, 0x03);
    case 4:
        if (rs2 != 0) // c.mv, c.add
            return r_type(0, rs2, c.get(12, 1) != 0 ? rd : 0, 0, rd, 0x33);
        if (rd != 0) // c.jr, c.jalr
            return i_type(0, rd, 0, c.get(12, 1), 0x67);
        return c.get(12, 1) != 0 ? 0x00100073 : 0; // c.ebreak
    case 6:                                        // c.swsp
        return s_type(c.get(9, 4, 2) | c.get(7, 2, 6), rs2, 2, 2);
    case 7: // c.sdsp
        return s_type(c.get(10, 3, 3) | c.get(7, 3, 6), rs2, 2, 3);
    default:
        return 0;
    }
}

} // namespace

std::uint32_t expand_compressed(std::uint16_t bits)
{
    const fields c(bits);
    switch (bits & 3) {
    case 0:
        return quadrant_0(c);
    case 1:
        return quadrant_1(c);
    case 2:
        return quadrant_2(c);
    default:
        return 0;
    }
}

} // namespace loas::rv64
