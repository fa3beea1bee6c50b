// A random program that says what it has computed: blocks of random instructions, each with an ecall at its end, whose
// handler puts all registers and the trap's into a hash, changes privilege and PMP regions by it, and writes it to the
// UART of QEMU's virt machine now and then. Two machines that print the same have done the same.
#pragma once

#include <cstdint>
#include <vector>

namespace loas::test
{

struct random_program {
    std::uint32_t seed = 1;
    std::uint64_t checkpoints = 1000; ///< ecalls, after which it ends
    unsigned period = 16;             ///< checkpoints from one line of output to the next
    unsigned blocks = 1500;           ///< they run in turn, again and again

    static constexpr unsigned block_instructions = 64;

    static constexpr std::uint64_t base = 0x80000000, state = 0x80400000, data = 0x80410000, memory_bytes = 0x800000;
    static constexpr std::uint64_t uart = 0x10000000, finisher = 0x100000, nothing = 0x01000000;

    /// To be loaded at `base` and started there.
    std::vector<std::uint8_t> image() const;
};

} // namespace loas::test
