#include "models/memory/dram/command_checker.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

using loas::dram::command;
using loas::dram::command_checker;
using loas::dram::parameters;

namespace
{

struct step {
    command what;
    std::uint64_t clock;
    std::uint32_t bank_group = 0;
    std::uint32_t bank = 0;
    std::uint64_t row = 0;
};

// In clocks of 1 ns, so that each rule can be made the one that binds.
parameters slow()
{
    parameters p;
    p.channels = 2;
    p.burst_beats = 2; // one clock, less than tCCD_S
    p.timing = {1, 10, 11, 12, 6, 30, 50, 2, 5, 4, 40, 9, 7, 8, 1000, 100};
    return p;
}

std::vector<std::string> violations(const parameters& p, const std::vector<step>& steps)
{
    command_checker checker(p);
    for (const step& s : steps)
        checker.issued({1, s.what, s.clock, s.bank_group, s.bank, s.row});
    EXPECT_EQ(checker.commands(), steps.size());
    EXPECT_EQ(checker.clean(), checker.violations().empty());
    return checker.violations();
}

// The steps are legal, and with the last one a clock earlier they break just the rule.
void expect_rule(const std::string& rule, std::vector<step> steps, const parameters& p = slow())
{
    EXPECT_EQ(violations(p, steps), std::vector<std::string>()) << rule;
    --steps.back().clock;
    const std::vector<std::string> told = violations(p, steps);
    ASSERT_EQ(told.size(), 1u) << rule;
    EXPECT_NE(told[0].find(": " + rule + ", 1 clocks"), std::string::npos) << told[0];
    EXPECT_EQ(told[0].find("channel 1, clock " + std::to_string(steps.back().clock) + ", "), 0u) << told[0];
}

constexpr command act = command::activate, pre = command::precharge, rd = command::read, wr = command::write,
                  ref = command::refresh;

} // namespace

TEST(dram_checker, each_rule_is_exact_to_the_clock)
{
    expect_rule("tRCD", {{act, 5}, {rd, 15}});
    expect_rule("tRCD", {{act, 5}, {wr, 15}});
    expect_rule("tRAS", {{act, 5}, {pre, 35}});
    expect_rule("tRC", {{act, 5}, {pre, 35}, {act, 55}});
    expect_rule("tRP", {{act, 5}, {pre, 50}, {act, 61}});
    expect_rule("tRRD", {{act, 5, 0}, {act, 9, 1}});
    expect_rule("tFAW", {{act, 5, 0}, {act, 9, 1}, {act, 13, 2}, {act, 17, 3}, {act, 45, 0, 1}});
    expect_rule("tCCD_S", {{act, 0, 0}, {act, 4, 1}, {rd, 20, 0}, {rd, 22, 1}});
    expect_rule("tCCD_L", {{act, 0, 0}, {act, 4, 0, 1}, {rd, 20, 0}, {rd, 25, 0, 1}});
    expect_rule("tRTP", {{act, 0}, {rd, 40}, {pre, 48}});
    expect_rule("tWR", {{act, 0}, {wr, 40}, {pre, 40 + 6 + 1 + 9}});
    expect_rule("tWTR", {{act, 0, 0}, {act, 4, 1}, {wr, 20, 0}, {rd, 20 + 6 + 1 + 7, 1}});
    expect_rule("data bus", {{act, 0}, {rd, 20}, {wr, 20 + 12 + 1 + 1 - 6}});
    expect_rule("tRFC", {{ref, 5}, {act, 105}});
    expect_rule("tRFC", {{ref, 5}, {ref, 105}});
    expect_rule("tRP", {{act, 0}, {pre, 30}, {ref, 41}});
}

TEST(dram_checker, data_of_two_reads_do_not_overlap)
{
    parameters p = slow();
    p.burst_beats = 8; // four clocks, and so is tCCD_S, which then says the same
    command_checker checker(p);
    for (const step& s : std::vector<step>{{act, 0, 0}, {act, 4, 1}, {rd, 20, 0}, {rd, 23, 1}})
        checker.issued({0, s.what, s.clock, s.bank_group, s.bank, s.row});
    ASSERT_EQ(checker.violations().size(), 2u);
    EXPECT_NE(checker.violations()[0].find("tCCD_S, 1 clocks"), std::string::npos);
    EXPECT_NE(checker.violations()[1].find("data bus, 1 clocks"), std::string::npos);
}

TEST(dram_checker, banks_have_to_be_in_the_right_state)
{
    const parameters p = slow();
    const auto told = [&](const std::vector<step>& steps) {
        const std::vector<std::string> found = violations(p, steps);
        return found.size() == 1 ? found[0].substr(found[0].find(": ") + 2) : std::to_string(found.size());
    };
    EXPECT_EQ(told({{rd, 20}}), "bank is closed");
    EXPECT_EQ(told({{act, 0, 0, 0, 7}, {rd, 20, 0, 0, 8}}), "another row is open");
    EXPECT_EQ(told({{act, 0, 0, 0, 7}, {wr, 20, 0, 1, 7}}), "bank is closed");
    EXPECT_EQ(told({{act, 0}, {act, 50}}), "bank is open");
    EXPECT_EQ(told({{act, 0}, {pre, 30}, {pre, 60}}), "bank is closed");
    EXPECT_EQ(told({{act, 0, 2, 3}, {ref, 100}}), "bank is open");
    EXPECT_EQ(told({{act, 0, 4, 0}}), "no such bank");
    EXPECT_EQ(told({{act, 0, 0, 4}}), "no such bank");
    EXPECT_EQ(told({{act, 9, 0}, {act, 5, 1}}), "2"); // tRRD too
    EXPECT_EQ(violations(p, {{act, 9, 0}, {act, 5, 1}})[0],
              "channel 1, clock 5, activate: order in time, 4 clocks too early");
}

TEST(dram_checker, a_refresh_can_be_put_off_for_nine_intervals)
{
    const parameters p = slow();
    EXPECT_TRUE(violations(p, {{ref, 9000}, {ref, 18000}}).empty());
    EXPECT_EQ(violations(p, {{ref, 9000}, {ref, 18001}}).size(), 1u);
    EXPECT_EQ(violations(p, {{act, 9001}}).size(), 1u); // none at all
    parameters never = p;
    never.timing.t_refi = 0;
    EXPECT_TRUE(violations(never, {{act, 1000000}}).empty());
}

TEST(dram_checker, channels_do_not_hinder_each_other_and_the_first_ten_are_kept)
{
    command_checker checker(slow());
    checker.issued({0, act, 50, 0, 0, 1});
    checker.issued({1, act, 3, 0, 0, 1});
    checker.issued({0, rd, 60, 0, 0, 1});
    EXPECT_TRUE(checker.clean());
    for (int i = 0; i < 20; ++i)
        checker.issued({1, rd, 100, 3, 0, 1});
    EXPECT_EQ(checker.violations().size(), command_checker::kept_violations);
    EXPECT_EQ(checker.commands(), 23u);
    EXPECT_FALSE(checker.clean());
}
