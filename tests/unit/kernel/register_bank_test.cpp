// Rights, bit by bit, and what a device may have a say in.
#include "models/kernel/register_bank.h"

#include <gtest/gtest.h>

#include <stdexcept>

using namespace loas::kernel;

namespace
{

using answer = register_bank::answer;
using verdict = register_bank::verdict;

const register_table mixed{"mixed",
                           "MIXED_",
                           0x100,
                           {{0x00,
                             "ALL",
                             {{"RO", 0, 4, right::ro, 5, ""},
                              {"RW", 8, 8, right::rw, 0x21, ""},
                              {"W1C", 16, 4, right::w1c, 0xF, ""},
                              {"WO", 31, 1, right::wo, 0, ""}},
                             ""},
                            {0x10, "STRICT", {{"BIT", 0, 1, right::rw, 0, ""}}, "", refuses_reserved},
                            {0x20, "MANY", {{"", 0, 32, right::rw, 7, ""}}, "", plain, nullptr, nullptr, 3, 8}}};

std::uint32_t read(register_bank& bank, std::uint64_t offset)
{
    std::uint32_t value = 0;
    EXPECT_EQ(bank.read(offset, value, false), answer::done);
    return value;
}

} // namespace

TEST(register_bank, every_bit_has_the_rights_of_its_field)
{
    register_bank bank(mixed);
    EXPECT_EQ(read(bank, 0), 0x000F2105u);
    EXPECT_EQ(bank.write(0, 0), answer::done);
    EXPECT_EQ(read(bank, 0), 0x000F0005u);
    EXPECT_EQ(bank.write(0, 0x80050000), answer::done);
    EXPECT_EQ(read(bank, 0), 0x000A0005u);
    EXPECT_EQ(bank.write(0, ~0U), answer::done);
    EXPECT_EQ(read(bank, 0), 0x0000FF05u);
    bank.reset();
    EXPECT_EQ(read(bank, 0), 0x000F2105u);
}

TEST(register_bank, bits_without_a_field_are_ignored_or_refused)
{
    register_bank bank(mixed);
    EXPECT_EQ(bank.write(0x10, 1), answer::done);
    EXPECT_EQ(bank.write(0x10, 2), answer::refused);
    EXPECT_EQ(read(bank, 0x10), 1u);
    EXPECT_EQ(bank.write(0x0, 0x40000000), answer::done);
    EXPECT_EQ(read(bank, 0) & 0x40000000, 0u);
}

TEST(register_bank, a_row_may_stand_for_several)
{
    register_bank bank(mixed);
    EXPECT_EQ(bank.write(0x28, 1), answer::done);
    EXPECT_EQ(read(bank, 0x20), 7u);
    EXPECT_EQ(read(bank, 0x28), 1u);
    EXPECT_EQ(read(bank, 0x30), 7u);
    std::uint32_t value = 99;
    EXPECT_EQ(bank.read(0x24, value, false), answer::no_register);
    EXPECT_EQ(bank.read(0x38, value, false), answer::no_register);
    EXPECT_EQ(bank.write(0x38, 0), answer::no_register);
    EXPECT_EQ(value, 99u);
}

TEST(register_bank, the_device_keeps_drops_or_refuses_a_write)
{
    register_bank bank(mixed);
    verdict says = verdict::drop;
    std::uint32_t seen = 0;
    const auto written = [&](std::uint32_t value) {
        seen = value;
        return says;
    };
    bank.set_effects(0, {{}, written, {}});
    EXPECT_EQ(bank.write(0, ~0U), answer::done);
    EXPECT_EQ(seen, 0x800FFF00u) << "what can be written, no more";
    EXPECT_EQ(read(bank, 0), 0x000F2105u);
    says = verdict::refuse;
    EXPECT_EQ(bank.write(0, ~0U), answer::refused);
    says = verdict::keep;
    EXPECT_EQ(bank.write(0, 0xFF00), answer::done);
    EXPECT_EQ(read(bank, 0), 0x000FFF05u);
}

TEST(register_bank, reads_have_effects_but_not_a_debuggers)
{
    register_bank bank(mixed);
    unsigned reads = 0;
    bank.set_effects(0x20, {[] { return 42U; }, {}, [&] { ++reads; }});
    std::uint32_t value = 0;
    EXPECT_EQ(bank.read(0x20, value, true), answer::done);
    EXPECT_EQ(value, 42u);
    EXPECT_EQ(reads, 0u);
    EXPECT_EQ(read(bank, 0x20), 42u);
    EXPECT_EQ(reads, 1u);
}

TEST(register_bank, refuses_a_table_that_cannot_be)
{
    const field_row whole{"", 0, 32, right::rw, 0, ""};
    const auto bank_of = [](std::vector<register_row> rows) {
        const register_table table{"bad", "", 0x10, std::move(rows)};
        register_bank bank(table);
    };
    EXPECT_NO_THROW(bank_of({{0x0, "A", {whole}, ""}, {0x4, "B", {whole}, ""}}));
    EXPECT_THROW(bank_of({{0x0, "A", {whole}, ""}, {0x0, "B", {whole}, ""}}), std::logic_error);
    EXPECT_THROW(bank_of({{0x2, "A", {whole}, ""}}), std::logic_error);
    EXPECT_THROW(bank_of({{0x10, "A", {whole}, ""}}), std::logic_error);
    EXPECT_THROW(bank_of({{0x8, "A", {whole}, "", plain, nullptr, nullptr, 3, 4}}), std::logic_error);
    EXPECT_THROW(bank_of({{0x0, "A", {whole, {"X", 3, 1, right::ro, 0, ""}}, ""}}), std::logic_error);
    EXPECT_THROW(bank_of({{0x0, "A", {{"X", 30, 3, right::ro, 0, ""}}, ""}}), std::logic_error);
    EXPECT_THROW(
        {
            register_bank bank(mixed);
            bank.set(0x4, 1);
        },
        std::logic_error);
}
