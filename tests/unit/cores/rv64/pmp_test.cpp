// Physical memory protection: the regions against a plain reading of the manual, and what a program sees of them.
#include "models/cores/rv64/pmp.h"
#include "tests/unit/cores/rv64/small_board.h"

#include <gtest/gtest.h>

#include <random>

namespace
{

using namespace loas;
using namespace loas::test::rv64_code;
using loas::test::both_forms;
using loas::test::small_board;
namespace cause = rv64::cause;
namespace csr = rv64::csr;
namespace status = rv64::status;

constexpr std::uint64_t base = small_board::ram_base, data = base + 0x8000, handler = base + 0x4000;
constexpr unsigned locked = 0x80, tor = 1 << 3, na4 = 2 << 3, napot = 3 << 3;

/// Whether a region has a byte, as the manual says it.
bool has(unsigned configuration, std::uint64_t address, std::uint64_t before, std::uint64_t byte)
{
    switch (configuration >> 3 & 3) {
    case 1:
        return byte >= before << 2 && byte < address << 2;
    case 2:
        return byte >> 2 == address;
    case 3: {
        unsigned ones = 0;
        while ((address >> ones & 1) != 0)
            ++ones;
        return byte >> (ones + 3) == address >> (ones + 1);
    }
    default:
        return false;
    }
}

std::uint64_t power_of_two(std::uint64_t first, std::uint64_t bytes)
{
    return first >> 2 | (bytes / 8 - 1);
}

class rv64_pmp : public testing::TestWithParam<rv64::dispatch>
{
protected:
    rv64_pmp()
    {
        m_board.hart.write_csr(csr::mtvec, handler);
        // The last region opens everything; those before it are each test's.
        region(7, ~std::uint64_t{0} >> 10, napot | 7);
    }
    void region(unsigned number, std::uint64_t address, unsigned configuration)
    {
        m_board.hart.write_csr(csr::pmpaddr0 + number, address);
        const std::uint64_t others = m_board.csr(csr::pmpcfg0) & ~(std::uint64_t{0xff} << 8 * number);
        m_board.hart.write_csr(csr::pmpcfg0, others | std::uint64_t{configuration} << 8 * number);
    }
    /// The cause of the trap of one instruction at base, x2 = address; 0: none.
    std::uint64_t one(word code, std::uint64_t address, bool user)
    {
        m_board.put(base, std::vector<word>{code});
        m_board.hart.write_csr(csr::mstatus, 0);
        m_board.hart.set_machine_mode(!user);
        m_board.hart.set_pc(base);
        m_board.hart.set_x(2, address);
        const std::uint64_t traps = m_board.hart.traps();
        m_board.steps(1);
        if (m_board.hart.traps() == traps)
            return 0;
        EXPECT_EQ(m_board.csr(csr::mtval), address);
        return m_board.csr(csr::mcause);
    }

    small_board m_board{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(forms, rv64_pmp, testing::ValuesIn(both_forms), [](const auto& info) {
    return info.param == rv64::dispatch::threaded ? "threaded" : "plain";
});

} // namespace

// Small random regions around small random accesses.
TEST(rv64_pmp_regions, as_the_manual_reads)
{
    std::mt19937 random(5);
    unsigned partial = 0, allowed = 0;
    for (int i = 0; i < 20000; ++i) {
        rv64::pmp pmp;
        unsigned configurations[rv64::pmp::regions];
        std::uint64_t addresses[rv64::pmp::regions], all = 0;
        for (unsigned r = 0; r < rv64::pmp::regions; ++r) {
            configurations[r] = random() & 0x9f;
            if ((configurations[r] & 3) == 2)
                configurations[r] &= ~2U; // write without read is reserved
            addresses[r] = random() % 32;
            if (random() % 16 == 0)
                addresses[r] = (std::uint64_t{1} << 54) - 1 - random() % 4;
            pmp.set_address(r, addresses[r]);
            all |= std::uint64_t{configurations[r]} << 8 * r;
        }
        pmp.set_configurations(all);
        ASSERT_EQ(pmp.configurations(), all);
        for (int j = 0; j < 20; ++j) {
            const std::uint64_t first = random() % 128, last = first + random() % 8;
            const bool machine = (random() & 1) != 0;
            unsigned expected = machine ? 7 : 0, matches = 0;
            for (unsigned r = 0; r < rv64::pmp::regions && matches == 0; ++r) {
                for (std::uint64_t byte = first; byte <= last; ++byte)
                    matches += has(configurations[r], addresses[r], r == 0 ? 0 : addresses[r - 1], byte) ? 1U : 0U;
                if (matches == last - first + 1)
                    expected = machine && (configurations[r] & locked) == 0 ? 7 : configurations[r] & 7;
            }
            const auto rights = pmp.rights(first, last, machine);
            const bool is_partial = matches != 0 && matches != last - first + 1;
            ASSERT_EQ(rights.has_value(), !is_partial);
            ASSERT_EQ(rights.value_or(expected), expected);
            partial += is_partial ? 1U : 0U;
            allowed += expected != 0 ? 1U : 0U;
        }
    }
    EXPECT_GT(partial, 10000u);
    EXPECT_GT(allowed, 10000u);
}

TEST(rv64_pmp_regions, locks)
{
    rv64::pmp pmp;
    pmp.set_address(0, 0x100);
    pmp.set_address(1, 0x200);
    pmp.set_configurations((locked | tor | 1U) << 8);
    pmp.set_address(0, 0x111); // the beginning of region 1
    pmp.set_address(1, 0x222);
    pmp.set_configurations(0x1f1f);
    EXPECT_EQ(pmp.address(0), 0x100u);
    EXPECT_EQ(pmp.address(1), 0x200u);
    EXPECT_EQ(pmp.configurations(), (locked | tor | 1U) << 8 | 0x1fu);
    pmp.set_configurations(0);
    EXPECT_EQ(pmp.configurations(), (locked | tor | 1U) << 8);
    pmp.set_address(2, ~std::uint64_t{0});
    EXPECT_EQ(pmp.address(2), (std::uint64_t{1} << 54) - 1);
    pmp.set_configurations(0x620000); // bits that mean nothing, and write without read
    EXPECT_EQ(pmp.configurations() >> 16, 0u);
}

TEST_P(rv64_pmp, user_mode_needs_a_region)
{
    EXPECT_EQ(one(ld(1, 2, 0), data, true), 0u);
    region(7, 0, 0);
    region(0, power_of_two(base, 0x1000), napot | 4); // of code only
    EXPECT_EQ(one(ld(1, 2, 0), data, true), std::uint64_t{cause::load_access});
    EXPECT_EQ(one(sd(1, 2, 0), data, true), std::uint64_t{cause::store_access});
    EXPECT_EQ(one(ld(1, 2, 0), data, false), 0u);
    region(0, 0, 0);
    EXPECT_EQ(one(nop, base, true), std::uint64_t{cause::fetch_access});
}

TEST_P(rv64_pmp, rights_of_a_page_and_of_less)
{
    for (const std::uint64_t bytes : {std::uint64_t{8}, std::uint64_t{0x1000}, std::uint64_t{0x4000}}) {
        region(0, power_of_two(data, bytes), napot | 1); // read only
        for (int i = 0; i < 2; ++i) {
            EXPECT_EQ(one(ld(1, 2, 0), data, true), 0u);
            EXPECT_EQ(one(sd(1, 2, 0), data, true), std::uint64_t{cause::store_access});
            EXPECT_EQ(one(sd(1, 2, 0), data - 8, true), 0u);
            EXPECT_EQ(one(sd(1, 2, 0), data + bytes, true), 0u);
            EXPECT_EQ(one(ld(1, 2, 0), data + bytes - 4, true), std::uint64_t{cause::load_access}); // half of it
            EXPECT_EQ(one(sd(1, 2, 0), data, false), 0u);
            EXPECT_EQ(one(amo(2, 3, 1, 2, 0), data, true), 0u);
            EXPECT_EQ(one(amo(3, 3, 1, 2, 0), data, true), std::uint64_t{cause::store_access});
            EXPECT_EQ(one(amo(0, 3, 1, 2, 0), data, true), std::uint64_t{cause::store_access});
        }
    }
}

TEST_P(rv64_pmp, kinds_of_regions)
{
    region(0, data >> 2, 0);
    region(1, (data + 0x14) >> 2, tor); // no rights
    EXPECT_EQ(one(lw(1, 2, 0), data - 4, true), 0u);
    EXPECT_EQ(one(lw(1, 2, 0), data, true), std::uint64_t{cause::load_access});
    EXPECT_EQ(one(lw(1, 2, 0), data + 0x10, true), std::uint64_t{cause::load_access});
    EXPECT_EQ(one(lw(1, 2, 0), data + 0x14, true), 0u);
    region(1, data >> 2, na4);
    EXPECT_EQ(one(lbu(1, 2, 0), data + 3, true), std::uint64_t{cause::load_access});
    EXPECT_EQ(one(lw(1, 2, 0), data + 4, true), 0u);
    EXPECT_EQ(one(ld(1, 2, 0), data, true), std::uint64_t{cause::load_access});
}

// A region that is locked holds in machine mode too: a write through null is caught.
TEST_P(rv64_pmp, locked_regions_hold_for_machine_mode)
{
    EXPECT_EQ(one(sd(1, 2, 0), data, false), 0u);
    region(0, power_of_two(data, 0x1000), locked | napot);
    EXPECT_EQ(one(ld(1, 2, 0), data, false), std::uint64_t{cause::load_access});
    EXPECT_EQ(one(sd(1, 2, 0), data, false), std::uint64_t{cause::store_access});
    EXPECT_EQ(one(nop, base, false), 0u);
    m_board.hart.set_pc(data);
    m_board.steps(1);
    EXPECT_EQ(m_board.csr(csr::mcause), std::uint64_t{cause::fetch_access});
}

// Code that has been decoded must be allowed again after rights change, and per privilege.
TEST_P(rv64_pmp, decoded_code_follows_its_rights)
{
    region(0, power_of_two(base, 0x1000), napot | 4);
    EXPECT_EQ(one(nop, base, true), 0u);
    EXPECT_EQ(one(nop, base, false), 0u);
    region(0, power_of_two(base, 0x1000), napot | 3);
    EXPECT_EQ(one(nop, base, true), std::uint64_t{cause::fetch_access});
    EXPECT_EQ(one(nop, base, false), 0u);
    // A block does not run into what may not be executed.
    region(0, power_of_two(base, 8), napot | 4);
    region(1, power_of_two(base + 8, 8), napot);
    m_board.put(base, std::vector<word>{nop, nop, nop});
    EXPECT_EQ(one(nop, base, true), 0u);
    m_board.steps(2);
    EXPECT_EQ(m_board.csr(csr::mcause), std::uint64_t{cause::fetch_access});
    EXPECT_EQ(m_board.csr(csr::mepc), base + 8);
}

TEST_P(rv64_pmp, mprv_loads_and_stores_with_the_former_privilege)
{
    region(0, power_of_two(data, 0x1000), napot | 1);
    m_board.put(base, std::vector<word>{sd(1, 2, 0), ld(1, 2, 0), nop});
    m_board.hart.set_x(2, data);
    m_board.hart.write_csr(csr::mstatus, status::mprv); // mpp: user
    m_board.hart.set_pc(base);
    m_board.steps(1);
    EXPECT_EQ(m_board.csr(csr::mcause), std::uint64_t{cause::store_access});
    EXPECT_EQ(m_board.csr(csr::mstatus) & status::mpp, status::mpp); // machine mode was trapped
    m_board.hart.set_pc(base);
    m_board.steps(2); // with mpp machine again
    EXPECT_EQ(m_board.hart.pc(), base + 8);
}
