// Traps, interrupts, privilege, control and status registers.
#include "tests/unit/cores/rv64/small_board.h"

#include <gtest/gtest.h>

namespace
{

using namespace loas;
using namespace loas::test::rv64_code;
using loas::test::both_forms;
using loas::test::small_board;
using rv64::interrupt_line;
namespace cause = rv64::cause;
namespace csr = rv64::csr;
namespace status = rv64::status;

constexpr std::uint64_t base = small_board::ram_base, handler = base + 0x4000;
constexpr std::uint64_t all = ~std::uint64_t{0};

class rv64_trap : public testing::TestWithParam<rv64::dispatch>
{
protected:
    rv64_trap() { m_board.hart.write_csr(csr::mtvec, handler); }

    void run(const std::vector<word>& code)
    {
        m_board.put(base, code);
        m_board.hart.set_pc(base);
        m_board.steps(static_cast<unsigned>(code.size()));
    }
    /// To user mode at base, with all memory open.
    void to_user()
    {
        m_board.hart.set_machine_mode(true);
        m_board.hart.write_csr(csr::pmpaddr0, all);
        m_board.hart.write_csr(csr::pmpcfg0, 0x1f);
        m_board.hart.write_csr(csr::mstatus, m_board.csr(csr::mstatus) & ~status::mpp);
        m_board.hart.write_csr(csr::mepc, base);
        m_board.put(handler + 0x800, std::vector<word>{mret});
        m_board.hart.set_pc(handler + 0x800);
        m_board.steps(1);
        EXPECT_FALSE(m_board.hart.machine_mode());
        EXPECT_EQ(m_board.hart.pc(), base);
    }
    void expect_trap(std::uint64_t cause, std::uint64_t value, std::uint64_t pc)
    {
        EXPECT_EQ(m_board.hart.pc(), handler);
        EXPECT_EQ(m_board.csr(csr::mcause), cause);
        EXPECT_EQ(m_board.csr(csr::mtval), value);
        EXPECT_EQ(m_board.csr(csr::mepc), pc);
        EXPECT_TRUE(m_board.hart.machine_mode());
    }
    bool is_illegal(word code)
    {
        const std::uint64_t before = m_board.hart.traps();
        const std::uint64_t pc = m_board.hart.pc();
        m_board.put(pc, std::vector<word>{code});
        m_board.steps(1);
        if (m_board.hart.traps() == before)
            return false;
        expect_trap(cause::illegal, code, pc);
        return true;
    }

    small_board m_board{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(forms, rv64_trap, testing::ValuesIn(both_forms), [](const auto& info) {
    return info.param == rv64::dispatch::threaded ? "threaded" : "plain";
});

} // namespace

TEST_P(rv64_trap, causes)
{
    run({nop, ecall});
    expect_trap(cause::ecall_from_m, 0, base + 4);
    EXPECT_EQ(m_board.hart.instret(), 1u); // ecall does not retire
    run({nop, ebreak});
    expect_trap(cause::breakpoint, 0, base + 4);
    run({nop, 0xffffffff});
    expect_trap(cause::illegal, 0xffffffff, base + 4);
    m_board.put(base, std::vector<std::uint16_t>{c_nop, 0x8002, 0xffff});
    m_board.hart.set_pc(base);
    m_board.steps(2);
    expect_trap(cause::illegal, 0x8002, base + 2);
    m_board.put(base, std::vector<std::uint16_t>{c_nop, c_ebreak});
    m_board.hart.set_pc(base);
    m_board.steps(2);
    expect_trap(cause::breakpoint, 0, base + 2);
    m_board.put(base, std::vector<word>{ecall});
    to_user();
    m_board.steps(1);
    expect_trap(cause::ecall_from_u, 0, base);
}

TEST_P(rv64_trap, status_is_stacked_and_comes_back)
{
    m_board.hart.write_csr(csr::mstatus, status::mie);
    run({ecall});
    EXPECT_EQ(m_board.csr(csr::mstatus), status::uxl_64 | status::mpie | status::mpp);
    m_board.hart.write_csr(csr::mepc, base + 0x101);
    m_board.put(handler, std::vector<word>{mret});
    m_board.steps(1);
    EXPECT_EQ(m_board.hart.pc(), base + 0x100);
    EXPECT_EQ(m_board.csr(csr::mstatus), status::uxl_64 | status::mie | status::mpie); // mpp becomes the least: user
    EXPECT_TRUE(m_board.hart.machine_mode());
    m_board.hart.write_csr(csr::mstatus, status::mprv);
    to_user();
    EXPECT_EQ(m_board.csr(csr::mstatus) & status::mprv, 0u); // and mprv ends on the way to user mode
}

TEST_P(rv64_trap, interrupts_by_priority_and_vector)
{
    m_board.hart.write_csr(csr::mie, all);
    m_board.hart.write_csr(csr::mtvec, handler | 1);
    m_board.put(base, std::vector<word>{nop, nop, nop});
    for (const interrupt_line line : {interrupt_line::timer, interrupt_line::software, interrupt_line::external}) {
        m_board.hart.set_line(line, true); // each goes before those of before
        m_board.hart.set_pc(base);
        m_board.hart.write_csr(csr::mstatus, 0);
        m_board.steps(1); // not enabled
        EXPECT_EQ(m_board.hart.pc(), base + 4);
        m_board.hart.write_csr(csr::mstatus, status::mie);
        m_board.put(handler + 4 * static_cast<unsigned>(line), std::vector<word>{nop});
        m_board.steps(1); // the first instruction of its handler
        EXPECT_EQ(m_board.hart.pc(), handler + 4 * static_cast<unsigned>(line) + 4);
        EXPECT_EQ(m_board.csr(csr::mcause), cause::interrupt | static_cast<unsigned>(line));
        EXPECT_EQ(m_board.csr(csr::mepc), base + 4);
        EXPECT_EQ(m_board.csr(csr::mtval), 0u);
    }
    EXPECT_EQ(m_board.csr(csr::mip), 0x888u);
    m_board.hart.set_line(interrupt_line::external, false);
    EXPECT_EQ(m_board.csr(csr::mip), 0x88u);
    // Exceptions go to the base.
    run({ecall});
    expect_trap(cause::ecall_from_m, 0, base);
}

TEST_P(rv64_trap, user_mode_is_always_interrupted)
{
    m_board.hart.write_csr(csr::mie, 1U << 7);
    to_user();
    m_board.put(base, std::vector<word>{nop});
    m_board.put(handler, std::vector<word>{nop});
    m_board.hart.set_line(interrupt_line::timer, true);
    m_board.steps(1);
    EXPECT_EQ(m_board.csr(csr::mcause), cause::interrupt | 7);
    EXPECT_TRUE(m_board.hart.machine_mode());
    EXPECT_EQ(m_board.csr(csr::mepc), base);
}

// An interrupt that software enables is taken before the next instruction.
TEST_P(rv64_trap, enabling_takes_effect_at_once)
{
    m_board.hart.set_line(interrupt_line::software, true);
    m_board.put(handler, std::vector<word>{nop});
    run({csrrwi(0, csr::mie, 8), csrrsi(0, csr::mstatus, 8), nop});
    EXPECT_EQ(m_board.csr(csr::mepc), base + 8);
    EXPECT_EQ(m_board.hart.pc(), handler + 4);
    // mret to where they are enabled, in the same way
    m_board.hart.write_csr(csr::mepc, base);
    m_board.put(handler, std::vector<word>{nop, mret});
    m_board.hart.run_instructions(1, all);
    EXPECT_EQ(m_board.hart.pc(), base);
    m_board.hart.run_instructions(1, all);
    EXPECT_EQ(m_board.csr(csr::mepc), base);
    EXPECT_EQ(m_board.hart.pc(), handler + 4);
}

TEST_P(rv64_trap, wfi_waits_for_a_line_that_is_enabled)
{
    m_board.put(base, std::vector<word>{nop, wfi, addi(5, 0, 1), jal(0, 0)});
    EXPECT_EQ(m_board.hart.run(100), rv64::hart::stop::waiting);
    EXPECT_EQ(m_board.hart.pc(), base + 8);
    EXPECT_EQ(m_board.hart.cycle(), 2u);
    EXPECT_TRUE(m_board.hart.waiting());
    m_board.hart.set_line(interrupt_line::timer, true); // not enabled in mie
    EXPECT_EQ(m_board.hart.run(100), rv64::hart::stop::waiting);
    m_board.hart.write_csr(csr::mie, 1U << 7);
    m_board.hart.advance_to(50);
    EXPECT_EQ(m_board.hart.run(52), rv64::hart::stop::time_up);
    EXPECT_EQ(m_board.hart.x(5), 1u); // interrupts are off: it goes on without a trap
    EXPECT_EQ(m_board.hart.traps(), 0u);
    EXPECT_EQ(m_board.csr(csr::mcycle), 53u);
    run({wfi, addi(5, 0, 2)}); // pends already
    EXPECT_EQ(m_board.hart.x(5), 2u);
}

TEST_P(rv64_trap, what_user_mode_may_not)
{
    const word machine_only[] = {mret,
                                 csrrs(1, csr::mstatus, 0),
                                 csrrw(0, csr::mscratch, 1),
                                 csrrs(1, csr::cycle, 0),
                                 csrrs(1, csr::time, 0),
                                 csrrs(1, csr::instret, 0),
                                 csrrs(1, 0xc03, 0),
                                 csrrs(1, csr::mhartid, 0)};
    for (const word code : machine_only) {
        to_user();
        EXPECT_TRUE(is_illegal(code)) << std::hex << code;
    }
    m_board.hart.write_csr(csr::mcounteren, 5);
    to_user();
    EXPECT_FALSE(is_illegal(csrrs(1, csr::cycle, 0)));
    EXPECT_FALSE(is_illegal(csrrs(1, csr::instret, 0)));
    EXPECT_TRUE(is_illegal(csrrs(1, csr::time, 0)));
    to_user();
    EXPECT_FALSE(is_illegal(wfi));
    m_board.hart.write_csr(csr::mstatus, status::tw);
    to_user();
    EXPECT_TRUE(is_illegal(wfi));
}

TEST_P(rv64_trap, registers_that_are_not_there)
{
    m_board.hart.set_pc(base);
    for (const word number : {0x000U, 0x001U, 0x003U, 0x100U, 0x180U, 0x302U, 0x303U, 0x3a1U, 0x3a4U, 0x3c0U, 0x7b0U,
                              0xc80U, 0xf10U, 0xfffU}) {
        EXPECT_TRUE(is_illegal(csrrs(1, number, 0))) << std::hex << number;
        m_board.hart.set_pc(base);
    }
    // Read-only registers can be read, and written by nothing but csrrs and csrrc with x0.
    m_board.hart.set_x(1, 5);
    EXPECT_FALSE(is_illegal(csrrs(2, csr::mhartid, 0)));
    EXPECT_EQ(m_board.hart.x(2), 7u);
    EXPECT_FALSE(is_illegal(csrrc(2, csr::cycle, 0)));
    EXPECT_TRUE(is_illegal(csrrs(2, csr::mhartid, 1)));
    m_board.hart.set_pc(base);
    EXPECT_TRUE(is_illegal(csrrw(0, csr::cycle, 0)));
    m_board.hart.set_pc(base);
    EXPECT_TRUE(is_illegal(csrrci(0, csr::mvendorid, 1)));
}

TEST_P(rv64_trap, read_modify_write)
{
    m_board.hart.set_x(3, 0xf0);
    m_board.hart.write_csr(csr::mscratch, 0x1234);
    run({csrrw(1, csr::mscratch, 3), csrrsi(2, csr::mscratch, 0xf), csrrc(4, csr::mscratch, 3),
         csrrci(5, csr::mscratch, 1), csrrwi(6, csr::mscratch, 31), csrrw(3, csr::mscratch, 3)});
    EXPECT_EQ(m_board.hart.x(1), 0x1234u);
    EXPECT_EQ(m_board.hart.x(2), 0xf0u);
    EXPECT_EQ(m_board.hart.x(4), 0xffu);
    EXPECT_EQ(m_board.hart.x(5), 0xfu);
    EXPECT_EQ(m_board.hart.x(6), 0xeu);
    EXPECT_EQ(m_board.hart.x(3), 31u);
    EXPECT_EQ(m_board.csr(csr::mscratch), 0xf0u);
}

TEST_P(rv64_trap, what_registers_hold)
{
    struct row {
        unsigned number;
        std::uint64_t written, read;
    };
    const row rows[] = {
        {csr::mstatus, all,
         status::uxl_64 | status::mie | status::mpie | status::mpp | status::mprv | status::tw | status::fs |
             status::sd},
        {csr::mstatus, 1U << status::mpp_shift, status::uxl_64 | status::mpp}, // no supervisor mode: as before
        {csr::mstatus, 0, status::uxl_64},
        {csr::misa, 0, 0x800000000010112d},
        {csr::mie, all, 0x888},
        {csr::mip, all, 0},
        {csr::mtvec, all - 2, all - 2},
        {csr::mtvec, 0x1002, all - 2},
        {csr::mtvec, 0x1000, 0x1000},
        {csr::mepc, all, all - 1},
        {csr::mcause, 0x8000000000000007, 0x8000000000000007},
        {csr::mtval, all, all},
        {csr::mscratch, all, all},
        {csr::mcounteren, all, 7},
        {csr::menvcfg, all, 1},
        {csr::mcountinhibit, all, 0},
        {csr::mhpmevent3, all, 0},
        {csr::mcycle + 3, all, 0},
        {csr::pmpcfg0 + 2, all, 0},
        {csr::pmpaddr0 + 8, all, 0},
        {csr::pmpaddr0 + 7, all, all >> 10},
        {csr::tselect, all, 0},
    };
    for (const row& each : rows) {
        EXPECT_TRUE(m_board.hart.write_csr(each.number, each.written));
        EXPECT_EQ(m_board.csr(each.number), each.read) << std::hex << each.number;
    }
}

TEST_P(rv64_trap, counters)
{
    run({csrrs(1, csr::cycle, 0), nop, csrrs(2, csr::mcycle, 0), csrrs(3, csr::minstret, 0), nop,
         csrrs(4, csr::instret, 0)});
    EXPECT_EQ(m_board.hart.x(1), 0u);
    EXPECT_EQ(m_board.hart.x(2), 4u); // a csr instruction takes 3
    EXPECT_EQ(m_board.hart.x(3), 3u);
    EXPECT_EQ(m_board.hart.x(4), 5u);
    // What is written holds after the instruction that writes it.
    m_board.hart.set_x(5, 1000);
    run({csrrw(1, csr::minstret, 5), csrrs(2, csr::minstret, 0), csrrw(1, csr::mcycle, 5), csrrs(3, csr::mcycle, 0)});
    EXPECT_EQ(m_board.hart.x(2), 1000u);
    EXPECT_EQ(m_board.hart.x(3), 1000u);
    m_board.hart.advance_to(12345);
    run({csrrs(1, csr::time, 0)});
    EXPECT_EQ(m_board.hart.x(1), 1234u);
}

TEST_P(rv64_trap, a_breakpoint_that_somebody_takes)
{
    struct semihosting : small_board {
        using small_board::small_board;
        unsigned calls = 0;
        bool breakpoint(rv64::hart& of) override
        {
            ++calls;
            EXPECT_EQ(of.pc(), ram_base + 4);
            of.set_x(10, 77);
            return true;
        }
    };
    semihosting board(GetParam());
    board.put(base, std::vector<word>{nop, ebreak, add(5, 10, 0)});
    EXPECT_EQ(board.hart.run(100), rv64::hart::stop::accessed);
    board.steps(1);
    EXPECT_EQ(board.calls, 1u);
    EXPECT_EQ(board.hart.x(5), 77u);
    EXPECT_EQ(board.hart.traps(), 0u);
    EXPECT_EQ(board.hart.instret(), 3u);
}

// A handler that traps for ever is no program that goes on; one that gives up after some times is.
TEST_P(rv64_trap, a_handler_that_only_traps_is_lost)
{
    m_board.hart.write_csr(csr::mtvec, 0x40000000); // nothing is there
    m_board.put(base, std::vector<word>{nop, lw(5, 0, 16)});
    m_board.hart.set_pc(base);
    EXPECT_EQ(m_board.hart.run(all), rv64::hart::stop::lost);
    EXPECT_EQ(m_board.hart.first_trap().pc, base + 4);
    EXPECT_EQ(m_board.hart.first_trap().cause, std::uint64_t{cause::load_access});
    EXPECT_EQ(m_board.hart.first_trap().value, 16u);
    EXPECT_EQ(m_board.hart.instret(), 1u);

    // The handler counts, and comes back by mret: as often as it likes.
    m_board.hart.reset(base);
    m_board.hart.write_csr(csr::mtvec, handler);
    m_board.put(base, std::vector<word>{ecall});
    m_board.put(handler, std::vector<word>{addi(6, 6, 1), mret});
    EXPECT_EQ(m_board.hart.run(200000), rv64::hart::stop::time_up);
    EXPECT_GT(m_board.hart.x(6), 20000u);
}
