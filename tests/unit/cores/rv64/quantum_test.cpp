// The same happens at the same times, however many instructions run at once, and in both forms of dispatch: random
// programs with jumps, faults, stores into their own code, device accesses, and interrupts at given cycles.
#include "tests/unit/cores/rv64/small_board.h"

#include <gtest/gtest.h>

#include <random>

namespace
{

using namespace loas;
using namespace loas::test::rv64_code;
using loas::test::small_board;
namespace csr = rv64::csr;

constexpr std::uint64_t base = small_board::ram_base, handler = base + 0x4000;
constexpr unsigned code_words = 700;
constexpr std::uint64_t end_cycle = 60000, interrupt_period = 777;

/// x1 to x3 hold addresses: the device, data, the code itself.
word random_instruction(std::mt19937& random, unsigned at)
{
    const auto reg = [&] { return static_cast<word>(5 + random() % 10); };
    const auto near = [&] {
        const auto target = static_cast<int>(random() % code_words);
        return std::max(-1000, std::min(1000, target - static_cast<int>(at))) * 4;
    };
    static constexpr word opcodes[] = {0x13, 0x1b, 0x33, 0x3b};
    switch (random() % 16) {
    case 0:
        return b_type(near(), reg(), reg(), static_cast<word>(random() % 8));
    case 1:
        return jal(reg(), near());
    case 2:
        return s_type(static_cast<std::int32_t>(random() % 0x6f0) & ~7, reg(), 1, static_cast<word>(random() % 4));
    case 3:
        return i_type(static_cast<std::int32_t>(random() % 0x900), 1, static_cast<word>(random() % 7), reg(), 0x03);
    case 4:
    case 5:
        return s_type(static_cast<std::int32_t>(random() % 0x800), reg(), 2, static_cast<word>(random() % 4));
    case 6:
    case 7:
        return i_type(static_cast<std::int32_t>(random() % 0x800), 2, static_cast<word>(random() % 7), reg(), 0x03);
    case 8:
        return random() % 8 == 0 ? sb(reg(), 3, static_cast<std::int32_t>(random() % 2000)) : nop;
    case 9:
        return amo(static_cast<word>(random() % 8) << 2, 2 + random() % 2, reg(), 2, reg());
    case 10:
        return csrrs(reg(), random() % 2 == 0 ? csr::mcycle : csr::minstret, 0);
    case 11:
        return random() % 16 == 0 ? static_cast<word>(random()) | 3 : random() % 8 == 0 ? fence_i : nop;
    default:
        return (static_cast<word>(random()) & 0xfe007000) | reg() << 15 | reg() << 20 | reg() << 7 |
               opcodes[random() % 4];
    }
}

void load(small_board& board, unsigned seed)
{
    std::mt19937 random(seed);
    std::vector<word> code;
    for (unsigned i = 0; i < code_words; ++i)
        code.push_back(random_instruction(random, i));
    code.push_back(jal(0, -static_cast<int>(code_words) * 4));
    board.put(base, code);
    // Counts the trap, and returns behind the instruction, or to it after an interrupt, which the device ends.
    board.put(handler, std::vector<word>{csrrs(28, csr::mcause, 0), csrrs(29, csr::mepc, 0), b_type(16, 0, 28, 4),
                                         addi(29, 29, 4), csrrw(0, csr::mepc, 29), jal(0, 8), sw(29, 1, 0x6f8),
                                         addi(27, 27, 1), csrrs(30, csr::mtval, 0), mret});
    for (unsigned i = 1; i < 32; ++i)
        board.hart.set_x(i, (std::uint64_t{random()} << 32) + random());
    board.hart.set_x(1, board.device);
    board.hart.set_x(2, base + 0x8000);
    board.hart.set_x(3, base);
    board.hart.write_csr(csr::mtvec, handler);
    board.hart.write_csr(csr::mie, 0x80);
    board.hart.write_csr(csr::mstatus, rv64::status::mie);
}

struct history {
    std::vector<small_board::access> accesses;
    std::vector<std::uint8_t> ram;
    std::vector<std::uint64_t> state;
};

history run(unsigned seed, rv64::dispatch form, std::uint64_t quantum)
{
    small_board board(form);
    load(board, seed);
    rv64::hart& hart = board.hart;
    std::uint64_t next_interrupt = interrupt_period;
    std::size_t seen = 0;
    while (hart.cycle() < end_cycle) {
        hart.run_instructions(quantum, std::min(next_interrupt, end_cycle));
        for (; seen < board.accesses.size(); ++seen) // the handler's store takes the line back
            if (board.accesses[seen].address == board.device + 0x6f8 && board.accesses[seen].write)
                hart.set_line(rv64::interrupt_line::timer, false);
        if (hart.cycle() >= next_interrupt) {
            hart.set_line(rv64::interrupt_line::timer, true);
            next_interrupt += interrupt_period;
        }
    }
    history all{board.accesses,
                board.ram,
                {hart.pc(), hart.cycle(), hart.instret(), hart.traps(), board.csr(csr::mepc), board.csr(csr::mcause),
                 board.csr(csr::mtval), board.csr(csr::mstatus)}};
    for (unsigned i = 0; i < 32; ++i)
        all.state.push_back(hart.x(i));
    return all;
}

} // namespace

TEST(rv64_quantum, same_history_for_every_quantum_and_form)
{
    std::uint64_t traps = 0, accesses = 0, instructions = 0;
    for (unsigned seed = 1; seed <= 20; ++seed) {
        const history first = run(seed, rv64::dispatch::threaded, 10000);
        traps += first.state[3];
        accesses += first.accesses.size();
        instructions += first.state[2];
        for (const rv64::dispatch form : test::both_forms)
            for (const std::uint64_t quantum : {1U, 100U, 10000U}) {
                const history other = run(seed, form, quantum);
                ASSERT_EQ(other.state, first.state) << "seed " << seed << ", quantum " << quantum;
                ASSERT_EQ(other.accesses.size(), first.accesses.size()) << "seed " << seed << ", quantum " << quantum;
                ASSERT_TRUE(other.accesses == first.accesses) << "seed " << seed << ", quantum " << quantum;
                ASSERT_TRUE(other.ram == first.ram) << "seed " << seed << ", quantum " << quantum;
            }
    }
    // That something happened.
    EXPECT_GT(traps, 3000u);
    EXPECT_GT(accesses, 3000u);
    EXPECT_GT(instructions, 100000u);
}

TEST(rv64_quantum, no_instruction_begins_at_the_end)
{
    small_board board;
    board.put(base, std::vector<word>{div(5, 6, 7), add(5, 5, 5), jal(0, -8)});
    for (std::uint64_t until = 1; until < 3000; until += 7) {
        board.hart.run(until);
        EXPECT_GE(board.hart.cycle(), until);
        EXPECT_LT(board.hart.cycle(), until + 20); // the one under way
    }
    const std::uint64_t retired = board.hart.instret();
    EXPECT_EQ(board.hart.run(board.hart.cycle()), rv64::hart::stop::time_up);
    EXPECT_EQ(board.hart.instret(), retired);
}
