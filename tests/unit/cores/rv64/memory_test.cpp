// Loads, stores, atomics, and code that changes.
#include "tests/unit/cores/rv64/small_board.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace
{

using namespace loas;
using namespace loas::test::rv64_code;
using loas::test::both_forms;
using loas::test::small_board;
namespace cause = rv64::cause;
namespace csr = rv64::csr;

constexpr std::uint64_t base = small_board::ram_base, data = base + 0x8000, handler = base + 0x4000;

class rv64_memory : public testing::TestWithParam<rv64::dispatch>
{
protected:
    rv64_memory() { m_board.hart.write_csr(csr::mtvec, handler); }

    /// One instruction at the start of RAM, x2 = address.
    void one(word code, std::uint64_t address)
    {
        m_board.put(base, std::vector<word>{code});
        m_board.hart.set_pc(base);
        m_board.hart.set_x(2, address);
        m_board.steps(1);
    }
    void expect_trap(std::uint64_t cause, std::uint64_t value)
    {
        EXPECT_EQ(m_board.hart.pc(), handler);
        EXPECT_EQ(m_board.csr(csr::mcause), cause);
        EXPECT_EQ(m_board.csr(csr::mtval), value);
        EXPECT_EQ(m_board.csr(csr::mepc), base);
    }

    small_board m_board{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(forms, rv64_memory, testing::ValuesIn(both_forms), [](const auto& info) {
    return info.param == rv64::dispatch::threaded ? "threaded" : "plain";
});

} // namespace

TEST_P(rv64_memory, sizes_and_signs)
{
    struct row {
        word code;
        std::uint64_t result;
    };
    const row rows[] = {{lb(1, 2, 0), 0xffffffffffffff88},
                        {lh(1, 2, 0), 0xffffffffffff8788},
                        {lw(1, 2, 0), 0xffffffff85868788},
                        {ld(1, 2, 0), 0x8182838485868788},
                        {lbu(1, 2, 0), 0x88},
                        {lhu(1, 2, 0), 0x8788},
                        {lwu(1, 2, 0), 0x85868788},
                        {ld(1, 2, -8), 0x1122334455667788}};
    m_board.set<std::uint64_t>(data - 8, 0x1122334455667788);
    m_board.set<std::uint64_t>(data, 0x8182838485868788);
    for (const row& each : rows)
        for (int i = 0; i < 2; ++i) { // the second time through the pointer
            one(each.code, data);
            EXPECT_EQ(m_board.hart.x(1), each.result);
        }
    m_board.hart.set_x(3, 0x0102030405060708);
    const word stores[] = {sb(3, 2, 0), sh(3, 2, 0), sw(3, 2, 0), sd(3, 2, 0)};
    const std::uint64_t masks[] = {0xff, 0xffff, 0xffffffff, ~std::uint64_t{0}};
    for (int i = 0; i < 4; ++i) {
        m_board.set<std::uint64_t>(data, ~std::uint64_t{0});
        one(stores[i], data);
        EXPECT_EQ(m_board.get<std::uint64_t>(data), (0x0102030405060708 & masks[i]) | ~masks[i]);
    }
    EXPECT_TRUE(m_board.accesses.empty());
}

TEST_P(rv64_memory, misaligned_in_ram_and_across_pages)
{
    for (const std::uint64_t address : {data + 1, data + 0xffd, m_board.called_base + 3, m_board.called_base - 3}) {
        m_board.hart.set_x(3, 0x1122334455667788);
        one(sd(3, 2, 0), address);
        EXPECT_EQ(m_board.get<std::uint64_t>(address), 0x1122334455667788u);
        one(ld(1, 2, 0), address);
        EXPECT_EQ(m_board.hart.x(1), 0x1122334455667788u);
    }
    EXPECT_EQ(m_board.hart.traps(), 0u);
}

TEST_P(rv64_memory, a_device_sees_one_access_of_the_size)
{
    m_board.hart.set_x(3, 0x1122334455667788);
    const word codes[] = {lb(1, 2, 0), lhu(1, 2, 2), lw(1, 2, 4), ld(1, 2, 8),
                          sb(3, 2, 1), sh(3, 2, 2),  sw(3, 2, 4), sd(3, 2, 8)};
    const std::uint64_t sizes[] = {1, 2, 4, 8, 1, 2, 4, 8}, offsets[] = {0, 2, 4, 8, 1, 2, 4, 8};
    for (unsigned i = 0; i < 8; ++i) {
        const std::uint64_t cycle = m_board.hart.cycle();
        one(codes[i], m_board.device);
        ASSERT_EQ(m_board.accesses.size(), i + 1);
        const small_board::access& seen = m_board.accesses.back();
        EXPECT_EQ(seen.write, i >= 4);
        EXPECT_EQ(seen.address, m_board.device + offsets[i]);
        EXPECT_EQ(seen.bytes, sizes[i]);
        EXPECT_EQ(seen.cycle, cycle);
        EXPECT_EQ(m_board.hart.cycle(), cycle + 1 + 9); // of the instruction, of the device
        const std::uint64_t stored = 0x1122334455667788 & (~std::uint64_t{0} >> (64 - 8 * sizes[i]));
        EXPECT_EQ(seen.value, i >= 4 ? stored : i);
    }
}

TEST_P(rv64_memory, faults_are_precise)
{
    constexpr std::uint64_t nowhere = 0x20000000;
    m_board.hart.set_x(1, 0x77);
    for (const std::uint64_t address : {nowhere, small_board::broken, ~std::uint64_t{0} - 7}) {
        one(ld(1, 2, 0), address);
        expect_trap(cause::load_access, address);
        one(sd(1, 2, 0), address);
        expect_trap(cause::store_access, address);
    }
    one(sw(1, 2, 0), m_board.rom_base);
    expect_trap(cause::store_access, m_board.rom_base);
    one(lw(1, 2, 0), m_board.device + 2);
    expect_trap(cause::load_misaligned, m_board.device + 2);
    one(sd(1, 2, 0), m_board.device + 4);
    expect_trap(cause::store_misaligned, m_board.device + 4);
    one(ld(1, 2, 0), base + small_board::ram_bytes - 4); // half of it in RAM
    expect_trap(cause::load_misaligned, base + small_board::ram_bytes - 4);
    one(ld(1, 2, 0), ~std::uint64_t{0} - 3); // round the end of addresses
    expect_trap(cause::load_misaligned, ~std::uint64_t{0} - 3);
    EXPECT_EQ(m_board.hart.x(1), 0x77u);
    EXPECT_EQ(m_board.hart.instret(), 0u);
    m_board.hart.set_pc(nowhere);
    m_board.steps(1);
    EXPECT_EQ(m_board.csr(csr::mcause), std::uint64_t{cause::fetch_access});
    EXPECT_EQ(m_board.csr(csr::mtval), nowhere);
    EXPECT_EQ(m_board.csr(csr::mepc), nowhere);
}

// A block is counted when it is entered: a fault in its middle takes the rest back.
TEST_P(rv64_memory, counters_are_exact_at_a_fault_in_a_block)
{
    m_board.put(base,
                std::vector<word>{addi(5, 0, 1), mul(5, 5, 5), ld(1, 2, 0), addi(6, 0, 2), div(6, 6, 5), jal(0, 0)});
    m_board.hart.set_pc(base);
    m_board.hart.set_x(2, 0x20000000);
    m_board.hart.run(5); // instructions begin in cycles 0, 1, 4, and the bus takes 9 for its error
    EXPECT_EQ(m_board.hart.instret(), 2u);
    EXPECT_EQ(m_board.hart.cycle(), 14u);
    EXPECT_EQ(m_board.hart.x(6), 0u);
    EXPECT_EQ(m_board.csr(csr::mepc), base + 8);
}

TEST_P(rv64_memory, a_device_access_ends_the_run)
{
    m_board.put(base, std::vector<word>{addi(5, 0, 1), sw(5, 2, 0), addi(5, 5, 1), sw(5, 2, 4), jal(0, 0)});
    m_board.hart.set_x(2, m_board.device);
    EXPECT_EQ(m_board.hart.run(1000), rv64::hart::stop::accessed);
    EXPECT_EQ(m_board.hart.pc(), base + 8);
    EXPECT_EQ(m_board.hart.cycle(), 11u);
    EXPECT_EQ(m_board.hart.instret(), 2u);
    EXPECT_EQ(m_board.hart.run(1000), rv64::hart::stop::accessed);
    EXPECT_EQ(m_board.hart.run(1000), rv64::hart::stop::time_up);
    EXPECT_EQ(m_board.hart.cycle(), 1000u);
    EXPECT_EQ(m_board.accesses.size(), 2u);
}

TEST_P(rv64_memory, atomics)
{
    struct row {
        word funct5;
        std::uint64_t memory, source, result;
    };
    constexpr std::uint64_t minus = ~std::uint64_t{0};
    const row rows[] = {{0, 5, 3, 8},      {1, 5, 3, 3},      {4, 5, 3, 6},
                        {8, 5, 3, 7},      {12, 5, 3, 1},     {16, minus, 3, minus},
                        {20, minus, 3, 3}, {24, minus, 3, 3}, {28, minus, 3, minus}};
    for (const row& each : rows)
        for (const word width : {2U, 3U}) {
            m_board.set<std::uint64_t>(data, 0);
            if (width == 2)
                m_board.set(data, static_cast<std::uint32_t>(each.memory));
            else
                m_board.set(data, each.memory);
            m_board.hart.set_x(3, each.source);
            one(amo(each.funct5, width, 1, 2, 3), data);
            EXPECT_EQ(m_board.hart.x(1), each.memory) << each.funct5;
            EXPECT_EQ(m_board.get<std::uint64_t>(data), width == 2 ? each.result & 0xffffffff : each.result)
                << each.funct5;
        }
    m_board.set<std::uint64_t>(m_board.called_base, 40); // RAM that is called
    m_board.hart.set_x(3, 2);
    one(amo(0, 3, 1, 2, 3), m_board.called_base);
    EXPECT_EQ(m_board.hart.x(1), 40u);
    EXPECT_EQ(m_board.get<std::uint64_t>(m_board.called_base), 42u);
    EXPECT_EQ(m_board.hart.traps(), 0u);
}

TEST_P(rv64_memory, atomics_trap_on_devices_and_misaligned)
{
    one(amo(2, 2, 1, 2, 0), m_board.device);
    expect_trap(cause::load_access, m_board.device);
    one(amo(3, 2, 1, 2, 3), m_board.device);
    expect_trap(cause::store_access, m_board.device);
    one(amo(0, 3, 1, 2, 3), m_board.device);
    expect_trap(cause::store_access, m_board.device);
    one(amo(2, 3, 1, 2, 0), data + 4);
    expect_trap(cause::load_misaligned, data + 4);
    one(amo(3, 2, 1, 2, 3), data + 2);
    expect_trap(cause::store_misaligned, data + 2);
    one(amo(0, 2, 1, 2, 3), data + 1);
    expect_trap(cause::store_misaligned, data + 1);
    EXPECT_TRUE(m_board.accesses.empty());
}

TEST_P(rv64_memory, store_conditional)
{
    const auto lr = [](word width) { return amo(2, width, 1, 2, 0); };
    const auto sc = [](word width) { return amo(3, width, 4, 2, 3); };
    const auto conditional = [&](const std::vector<word>& code, std::uint64_t second) {
        m_board.put(base, code);
        m_board.hart.set_pc(base);
        m_board.hart.set_x(2, data);
        m_board.hart.set_x(3, 99);
        m_board.hart.set_x(4, 55);
        m_board.hart.set_x(5, second);
        m_board.set<std::uint64_t>(data, 11);
        m_board.steps(static_cast<unsigned>(code.size()));
        EXPECT_EQ(m_board.get<std::uint64_t>(data), m_board.hart.x(4) == 0 ? 99u : 11u);
        return m_board.hart.x(4);
    };
    EXPECT_EQ(conditional({lr(2), sc(2)}, 0), 0u);
    EXPECT_EQ(conditional({lr(3), add(6, 6, 6), sc(3)}, 0), 0u);
    EXPECT_EQ(conditional({sc(2)}, 0), 1u);                             // nothing is reserved
    EXPECT_EQ(conditional({lr(2), sc(3)}, 0), 1u);                      // another size
    EXPECT_EQ(conditional({lr(2), add(2, 5, 0), sc(2)}, data + 8), 1u); // another place
    EXPECT_EQ(conditional({lr(2), add(7, 2, 0), addi(2, 2, 8), sc(2), add(2, 7, 0), sc(2)}, 0), 1u); // only once
    m_board.put(base, std::vector<word>{lr(2), sc(2)});
    m_board.hart.set_pc(base);
    m_board.steps(1);
    m_board.hart.written_by_others(data + 3, 1);
    m_board.steps(1);
    EXPECT_EQ(m_board.hart.x(4), 1u);
    // A trap between the two.
    m_board.put(base, std::vector<word>{lr(2), ecall});
    m_board.put(handler, std::vector<word>{sc(2)});
    m_board.hart.set_pc(base);
    m_board.steps(3);
    EXPECT_EQ(m_board.hart.x(4), 1u);
}

// A store is seen by the next instruction, also in its own block, with and without fence.i.
TEST_P(rv64_memory, code_that_changes_itself)
{
    for (const bool fenced : {false, true}) {
        m_board.put(base, std::vector<word>{sw(3, 2, 0), fenced ? fence_i : nop, addi(5, 0, 1), jal(0, -12)});
        m_board.hart.set_pc(base);
        m_board.hart.set_x(2, base + 8);
        m_board.hart.set_x(3, addi(5, 0, 1));
        m_board.steps(8);
        EXPECT_EQ(m_board.hart.x(5), 1u);
        m_board.hart.set_x(3, addi(5, 0, 2));
        m_board.hart.run(m_board.hart.cycle() + 4);
        EXPECT_EQ(m_board.hart.x(5), 2u);
        m_board.put(base + 8, std::vector<word>{addi(5, 0, 3)}); // somebody else
        m_board.hart.set_x(3, addi(5, 0, 3));
        m_board.steps(4);
        EXPECT_EQ(m_board.hart.x(5), 3u);
    }
}

// Data in the same page as code can be written without dropping it, and code in it is still noticed.
TEST_P(rv64_memory, data_beside_code)
{
    m_board.put(base, std::vector<word>{sw(3, 2, 0), addi(3, 3, 1), addi(4, 4, -1), bne(4, 0, -12), sw(6, 7, 0), nop,
                                        jal(0, 0)});
    m_board.hart.set_x(2, base + 0x800);
    m_board.hart.set_x(4, 10);
    m_board.hart.set_x(6, addi(5, 0, 42));
    m_board.hart.set_x(7, base + 20);
    m_board.steps(43);
    EXPECT_EQ(m_board.get<std::uint32_t>(base + 0x800), 9u);
    EXPECT_EQ(m_board.hart.x(5), 42u);
}

TEST_P(rv64_memory, an_instruction_across_pages)
{
    const std::uint64_t at = base + 0xffe;
    m_board.put(at, std::vector<word>{addi(5, 0, 7), jal(0, 0)});
    m_board.hart.set_pc(at);
    m_board.steps(1);
    EXPECT_EQ(m_board.hart.x(5), 7u);
    m_board.put(at, std::vector<word>{addi(5, 0, 8)});
    m_board.hart.set_pc(at);
    m_board.steps(1);
    EXPECT_EQ(m_board.hart.x(5), 8u);
    // Its second half is written by a store.
    m_board.put(base, std::vector<word>{sh(3, 2, 0), jalr(0, 4, 0)});
    m_board.hart.set_x(2, base + 0x1000);
    m_board.hart.set_x(3, addi(5, 0, 9) >> 16);
    m_board.hart.set_x(4, at);
    m_board.hart.set_pc(base);
    m_board.steps(3);
    EXPECT_EQ(m_board.hart.x(5), 9u);
    // Its second half cannot be fetched.
    const std::uint64_t end = m_board.rom_base + 0xffe;
    m_board.rom[0xffe] = 0x13;
    m_board.hart.set_pc(end);
    m_board.steps(1);
    EXPECT_EQ(m_board.csr(csr::mepc), end);
    EXPECT_EQ(m_board.csr(csr::mtval), end + 2);
}

TEST_P(rv64_memory, code_in_memory_without_pointers)
{
    m_board.put(m_board.called_base, std::vector<word>{addi(5, 0, 7), addi(5, 5, 1)});
    m_board.hart.set_pc(m_board.called_base);
    m_board.steps(2);
    EXPECT_EQ(m_board.hart.x(5), 8u);
    EXPECT_TRUE(m_board.accesses.empty());
}

// Pages may be taken away and given back while the program runs.
// Any byte of a page stands for all of it, and for none of its neighbours.
TEST_P(rv64_memory, a_page_is_forgotten_with_each_of_its_bytes)
{
    const std::uint64_t page = data & ~std::uint64_t{0xfff};
    std::vector<std::vector<std::uint8_t>> before; // still there for who has a pointer
    std::uint32_t value = 5;
    m_board.set<std::uint32_t>(data, value);
    one(lw(1, 2, 0), data);
    for (const auto& [first, last, forgotten] :
         {std::tuple(page, page, true), std::tuple(page + 0xfff, page + 0xfff, true),
          std::tuple(page + 7, page + 9, true), std::tuple(page - 1, page + 0x1000, true),
          std::tuple(page - 1, page - 1, false), std::tuple(page + 0x1000, page + 0x1000, false)}) {
        before.push_back(std::move(m_board.ram));
        m_board.ram = before.back();
        m_board.set<std::uint32_t>(data, value + 1);
        m_board.hart.forget_pages(base, base); // where the code is
        m_board.hart.forget_pages(first, last);
        one(lw(1, 2, 0), data);
        EXPECT_EQ(m_board.hart.x(1), forgotten ? value + 1 : value) << first - page << ' ' << last - page;
        value += forgotten ? 1 : 0;
    }
}

TEST_P(rv64_memory, forgotten_pages_are_asked_for_again)
{
    one(lw(1, 2, 0), data);
    m_board.set<std::uint32_t>(data, 5);
    m_board.ram = std::vector<std::uint8_t>(m_board.ram); // elsewhere
    m_board.hart.forget_pages(0, ~std::uint64_t{0});
    m_board.set<std::uint32_t>(data, 6);
    one(lw(1, 2, 0), data);
    EXPECT_EQ(m_board.hart.x(1), 6u);
}
