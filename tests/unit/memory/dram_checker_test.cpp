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
    expect_rule("tRP", {{act, 0}, {pre, 45}, {ref, 56}});
    expect_rule("tRC", {{act, 0}, {pre, 30}, {ref, 50}});
}

TEST(dram_checker, short_and_long_distances_and_those_of_writes)
{
    parameters p = slow();
    p.timing.t_rrd_l = 6;
    p.timing.t_wtr_l = 12;
    p.timing.t_rcd_write = 7;
    expect_rule("tRRD", {{act, 5, 0}, {act, 9, 1}}, p);
    expect_rule("tRRD_L", {{act, 5, 0}, {act, 11, 0, 1}}, p);
    expect_rule("tWTR", {{act, 0, 0}, {act, 4, 1}, {wr, 20, 0}, {rd, 20 + 6 + 1 + 7, 1}}, p);
    expect_rule("tWTR_L", {{act, 0, 0}, {act, 6, 0, 1}, {wr, 20, 0}, {rd, 20 + 6 + 1 + 12, 0, 1}}, p);
    expect_rule("tRCD", {{act, 5}, {wr, 12}}, p);
    expect_rule("tRCD", {{act, 5}, {rd, 15}}, p);
}

TEST(dram_checker, channels_share_their_buses)
{
    using namespace loas::dram;
    struct of_channel {
        std::uint32_t channel;
        step what;
    };
    // The steps are legal; with the last one a clock earlier they break the rule, unless the channels have buses of
    // their own.
    const auto expect_shared = [](const std::string& rule, std::vector<of_channel> steps, parameters p) {
        const auto told = [&](bool early) {
            command_checker checker(p);
            for (const of_channel& s : steps)
                checker.issued({s.channel, s.what.what, s.what.clock - (early && &s == &steps.back() ? 1 : 0),
                                s.what.bank_group, s.what.bank, s.what.row});
            return checker.violations();
        };
        EXPECT_EQ(told(false), std::vector<std::string>()) << rule;
        ASSERT_EQ(told(true).size(), 1u) << rule;
        EXPECT_NE(told(true)[0].find(": " + rule + ", 1 clocks"), std::string::npos) << told(true)[0];
        if (steps.size() % 2 == 0) { // each channel has as many steps: with buses of their own they do not meet
            p.channels_per_command_bus = 1;
            EXPECT_EQ(told(true), std::vector<std::string>()) << rule;
        }
    };
    parameters p = slow();
    expect_shared("row bus", {{0, {act, 5}}, {1, {act, 7}}}, p); // an ACTIVATE takes two clocks
    expect_shared("row bus", {{0, {act, 5}}, {1, {act, 9}}, {0, {pre, 50}}, {1, {pre, 51}}}, p); // a PRECHARGE one
    expect_shared("column bus", {{0, {act, 5}}, {1, {act, 9}}, {0, {rd, 30}}, {1, {rd, 31}}}, p);
    expect_shared("row bus", {{0, {ref, 5}}, {1, {act, 6}}}, p);
    p.separate_column_bus = false;
    p.column_clocks = 3;
    expect_shared("command bus", {{0, {act, 5}}, {0, {rd, 30}}, {1, {act, 33}}}, p);
    // What a column command brings with it takes no place.
    EXPECT_TRUE(violations(slow(), {{act, 5}, {command::auto_precharge, 35, 0}, {act, 60, 1}}).empty());
}

TEST(dram_checker, refreshes_of_one_bank_and_of_all)
{
    parameters p = slow();
    p.timing.t_rfc_bank = 60;
    p.timing.t_rrefd = 8;
    constexpr command one = command::refresh_bank, all = command::precharge_all;
    expect_rule("tRP", {{act, 0}, {all, 45}, {ref, 56}}, p);
    expect_rule("tRAS", {{act, 0}, {all, 30}}, p);
    p.refresh = loas::dram::refresh_kind::per_bank;
    expect_rule("tRFC of the bank", {{one, 5}, {act, 65}}, p);
    expect_rule("tRFC of the bank", {{one, 5}, {ref, 65}}, p); // of all banks, when one is not done
    expect_rule("tRREFD", {{one, 5, 0}, {act, 13, 1}}, p);
    expect_rule("tRREFD", {{one, 5, 0}, {one, 13, 1}}, p);
    expect_rule("tRRD", {{act, 5, 0}, {one, 9, 1}}, p);
    expect_rule("tFAW", {{act, 5, 0}, {act, 9, 1}, {act, 13, 2}, {act, 17, 3}, {one, 45, 0, 1}}, p);
    expect_rule("tRP", {{act, 0}, {pre, 45}, {one, 56}}, p);
    expect_rule("tRC", {{act, 0}, {pre, 30}, {one, 50}}, p);
    EXPECT_EQ(violations(p, {{act, 0}, {one, 100}}).size(), 1u); // open
    // Each bank has its own interval; an ACTIVATE may hold up the command by tFAW.
    EXPECT_TRUE(violations(p, {{one, 1000 + 60 + 40}}).empty());
    EXPECT_EQ(violations(p, {{act, 1000 + 60 + 41}}).size(), 1u);
    p.timing.t_rrd_l = 6;
    expect_rule("tRRD_L", {{act, 5, 0}, {one, 11, 0, 1}}, p);
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
    command_checker two_channels(p);
    two_channels.issued({2, act, 5, 0, 0, 0});
    ASSERT_EQ(two_channels.violations().size(), 1u);
    EXPECT_EQ(two_channels.violations()[0], "channel 2, clock 5, activate: no such channel");
    EXPECT_EQ(told({{act, 9, 0}, {act, 5, 1}}), "3"); // tRRD and the bus too
    EXPECT_EQ(violations(p, {{act, 9, 0}, {act, 5, 1}})[0],
              "channel 1, clock 5, activate: order in time, 4 clocks too early");
}

TEST(dram_checker, a_refresh_can_be_put_off_as_often_as_the_option_says)
{
    parameters p = slow();
    p.refresh_postponed = 8;
    EXPECT_TRUE(violations(p, {{ref, 9000}, {ref, 18000}}).empty());
    EXPECT_EQ(violations(p, {{ref, 9000}, {ref, 18001}}).size(), 1u);
    EXPECT_EQ(violations(p, {{act, 9001}}).size(), 1u); // none at all
    p.refresh_postponed = 2;
    EXPECT_TRUE(violations(p, {{ref, 3000}}).empty());
    EXPECT_EQ(violations(p, {{ref, 3001}}).size(), 1u);
    // Else it begins when it is due: a bank was just opened (tRC, more than tRAS and tRP), each of two channels may have
    // its three commands and a REFRESH, 5 clocks, on the buses before.
    p.refresh_postponed = 0;
    EXPECT_TRUE(violations(p, {{ref, 1000 + 50 + 10}}).empty());
    EXPECT_EQ(violations(p, {{ref, 1000 + 50 + 11}}).size(), 1u);
    parameters never = p;
    never.timing.t_refi = 0;
    EXPECT_TRUE(violations(never, {{act, 1000000}}).empty());
}

TEST(dram_checker, channels_do_not_hinder_each_other_and_the_first_ten_are_kept)
{
    parameters p = slow();
    p.channels_per_command_bus = 1;
    command_checker checker(p);
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
