// Instructions as numbers, by the formats of the ISA manual and independent of the decoder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace loas::test::rv64_code
{

using word = std::uint32_t;

constexpr word r_type(word funct7, word rs2, word rs1, word funct3, word rd, word opcode)
{
    return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr word i_type(std::int32_t immediate, word rs1, word funct3, word rd, word opcode)
{
    return static_cast<word>(immediate) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr word s_type(std::int32_t immediate, word rs2, word rs1, word funct3)
{
    const auto bits = static_cast<word>(immediate);
    return (bits >> 5 & 0x7f) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (bits & 31) << 7 | 0x23;
}
constexpr word b_type(std::int32_t offset, word rs2, word rs1, word funct3)
{
    const auto bits = static_cast<word>(offset);
    return (bits >> 12 & 1) << 31 | (bits >> 5 & 0x3f) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 |
           (bits >> 1 & 15) << 8 | (bits >> 11 & 1) << 7 | 0x63;
}

// rd, rs1, rs2 are numbers of registers; offsets are in bytes from the instruction.
constexpr word lui(word rd, word top_20)
{
    return top_20 << 12 | rd << 7 | 0x37;
}
constexpr word auipc(word rd, word top_20)
{
    return top_20 << 12 | rd << 7 | 0x17;
}
constexpr word addi(word rd, word rs1, std::int32_t value)
{
    return i_type(value, rs1, 0, rd, 0x13);
}
constexpr word slli(word rd, word rs1, std::int32_t by)
{
    return i_type(by, rs1, 1, rd, 0x13);
}
constexpr word srli(word rd, word rs1, std::int32_t by)
{
    return i_type(by, rs1, 5, rd, 0x13);
}
constexpr word add(word rd, word rs1, word rs2)
{
    return r_type(0, rs2, rs1, 0, rd, 0x33);
}
constexpr word sub(word rd, word rs1, word rs2)
{
    return r_type(0x20, rs2, rs1, 0, rd, 0x33);
}
constexpr word xor_(word rd, word rs1, word rs2)
{
    return r_type(0, rs2, rs1, 4, rd, 0x33);
}
constexpr word mul(word rd, word rs1, word rs2)
{
    return r_type(1, rs2, rs1, 0, rd, 0x33);
}
constexpr word div(word rd, word rs1, word rs2)
{
    return r_type(1, rs2, rs1, 4, rd, 0x33);
}
constexpr word lb(word rd, word rs1, std::int32_t offset)
{
    return i_type(offset, rs1, 0, rd, 0x03);
}
constexpr word lh(word rd, word rs1, std::int32_t offset)
{
    return i_type(offset, rs1, 1, rd, 0x03);
}
constexpr word lw(word rd, word rs1, std::int32_t offset)
{
    return i_type(offset, rs1, 2, rd, 0x03);
}
constexpr word ld(word rd, word rs1, std::int32_t offset)
{
    return i_type(offset, rs1, 3, rd, 0x03);
}
constexpr word lbu(word rd, word rs1, std::int32_t offset)
{
    return i_type(offset, rs1, 4, rd, 0x03);
}
constexpr word lhu(word rd, word rs1, std::int32_t offset)
{
    return i_type(offset, rs1, 5, rd, 0x03);
}
constexpr word lwu(word rd, word rs1, std::int32_t offset)
{
    return i_type(offset, rs1, 6, rd, 0x03);
}
constexpr word sb(word rs2, word rs1, std::int32_t offset)
{
    return s_type(offset, rs2, rs1, 0);
}
constexpr word sh(word rs2, word rs1, std::int32_t offset)
{
    return s_type(offset, rs2, rs1, 1);
}
constexpr word sw(word rs2, word rs1, std::int32_t offset)
{
    return s_type(offset, rs2, rs1, 2);
}
constexpr word sd(word rs2, word rs1, std::int32_t offset)
{
    return s_type(offset, rs2, rs1, 3);
}
constexpr word beq(word rs1, word rs2, std::int32_t offset)
{
    return b_type(offset, rs2, rs1, 0);
}
constexpr word bne(word rs1, word rs2, std::int32_t offset)
{
    return b_type(offset, rs2, rs1, 1);
}
constexpr word jal(word rd, std::int32_t offset)
{
    const auto bits = static_cast<word>(offset);
    return (bits >> 20 & 1) << 31 | (bits >> 1 & 0x3ff) << 21 | (bits >> 11 & 1) << 20 | (bits >> 12 & 0xff) << 12 |
           rd << 7 | 0x6f;
}
constexpr word jalr(word rd, word rs1, std::int32_t offset)
{
    return i_type(offset, rs1, 0, rd, 0x67);
}
constexpr word csrrw(word rd, word number, word rs1)
{
    return number << 20 | rs1 << 15 | 1 << 12 | rd << 7 | 0x73;
}
constexpr word csrrs(word rd, word number, word rs1)
{
    return number << 20 | rs1 << 15 | 2 << 12 | rd << 7 | 0x73;
}
constexpr word csrrc(word rd, word number, word rs1)
{
    return number << 20 | rs1 << 15 | 3 << 12 | rd << 7 | 0x73;
}
constexpr word csrrwi(word rd, word number, word value)
{
    return number << 20 | value << 15 | 5 << 12 | rd << 7 | 0x73;
}
constexpr word csrrsi(word rd, word number, word value)
{
    return number << 20 | value << 15 | 6 << 12 | rd << 7 | 0x73;
}
constexpr word csrrci(word rd, word number, word value)
{
    return number << 20 | value << 15 | 7 << 12 | rd << 7 | 0x73;
}
/// funct5: 2 lr, 3 sc, 1 swap, 0 add, 4 xor, 8 or, 12 and, 16 min, 20 max, 24 minu, 28 maxu. width: 2 = 4 bytes, 3 = 8
constexpr word amo(word funct5, word width, word rd, word rs1, word rs2)
{
    return r_type(funct5 << 2, rs2, rs1, width, rd, 0x2f);
}
constexpr word ecall = 0x00000073, ebreak = 0x00100073, mret = 0x30200073, wfi = 0x10500073, fence_i = 0x0000100f,
               nop = 0x00000013;
constexpr std::uint16_t c_nop = 0x0001, c_ebreak = 0x9002;

/// A constant in up to eight instructions; the same number of them for every value.
inline void load_constant(std::vector<word>& to, word rd, std::uint64_t value)
{
    to.push_back(addi(rd, 0, static_cast<std::int32_t>(value >> 55)));
    for (int shift = 44; shift >= 0; shift -= 11) {
        to.push_back(slli(rd, rd, 11));
        to.push_back(addi(rd, rd, static_cast<std::int32_t>(value >> shift & 0x7ff)));
    }
}

/// A program as it grows.
class assembly
{
public:
    void emit(std::uint64_t value, unsigned bytes = 4)
    {
        for (unsigned i = 0; i < bytes; ++i)
            m_bytes.push_back(static_cast<std::uint8_t>(value >> 8 * i));
    }
    template <typename... words> void code(words... each) { (emit(each), ...); }
    void constant(word rd, std::uint64_t value)
    {
        std::vector<word> words;
        load_constant(words, rd, value);
        for (const word each : words)
            emit(each);
    }
    std::size_t here() const { return m_bytes.size(); }
    /// A branch or jump to a place that is not known yet: code(distance) is the instruction.
    template <typename maker> void aim(std::size_t at, maker code)
    {
        const word made = code(static_cast<std::int32_t>(here()) - static_cast<std::int32_t>(at));
        std::memcpy(m_bytes.data() + at, &made, sizeof made);
    }
    std::vector<std::uint8_t>& bytes() { return m_bytes; }

private:
    std::vector<std::uint8_t> m_bytes;
};

} // namespace loas::test::rv64_code
