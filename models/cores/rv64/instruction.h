// Decoded instructions, as blocks keep them and dispatch runs them.
#pragma once

#include <cstdint>

namespace loas::rv64
{

enum class operation : std::uint8_t {
#define RV64_OPERATION(name, cost) name,
#include "models/cores/rv64/operations.inc"
#undef RV64_OPERATION
};

inline constexpr unsigned operations = 0
#define RV64_OPERATION(name, cost) +1
#include "models/cores/rv64/operations.inc"
#undef RV64_OPERATION
    ;

/// A register that nobody reads: what is written to x0 goes there.
inline constexpr std::uint8_t discarded = 32;

struct instruction {
    const void* label = nullptr; ///< of threaded dispatch; set when the instruction enters a block
    /// The immediate, sign-extended. Of jal and branches the target, of auipc the result; of csr instructions the
    /// number of the register, of amo its funct5, of an illegal instruction its bits, of shifts the distance, of
    /// floating its bits too.
    std::int64_t immediate = 0;
    operation what = operation::illegal;
    std::uint8_t rd = discarded; ///< never 0; of flw and fld its low 5 bits are the number
    std::uint8_t rs1 = 0;        ///< of csrr.i the immediate
    std::uint8_t rs2 = 0;
    std::uint8_t length = 4; ///< bytes: 2 or 4
};

/// RV64IMAFDC, Zicsr, Zifencei, Zba, Zbb, Zbs. bits: an instruction at address pc; with a compressed one (low two bits
/// other than 3) only the low 16 are looked at. What the ISA reserves is illegal.
instruction decode(std::uint32_t bits, std::uint64_t pc);

/// The instruction of 32 bits that a compressed one stands for; 0, which is illegal too, where there is none.
std::uint32_t expand_compressed(std::uint16_t bits);

inline constexpr bool is_compressed(std::uint32_t bits)
{
    return (bits & 3) != 3;
}

/// Whether a block ends with it.
constexpr bool ends_block(operation what)
{
    return what == operation::illegal || what >= operation::beq;
}

} // namespace loas::rv64
