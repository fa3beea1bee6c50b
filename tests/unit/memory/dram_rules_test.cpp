// What a DRAM channel does beyond open rows and watermarks: shared buses, limited queues, merging, kinds of refresh;
// and the replayer, whose figures follow from the data sheet.
#include "models/memory/dram/command_checker.h"
#include "models/memory/dram/replay.h"

#include "tests/support/random.h"
#include "tests/unit/memory/dram_traffic.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

using namespace loas::dram;
using namespace loas::test;

namespace
{

/// Channels 0 and 1, which share their buses. Commands as kind, channel, bank group, bank and clock: "A0.10@5".
struct pair : command_observer {
    explicit pair(const parameters& p) : checker(p), unit(p, 0) { unit.set_observer(this); }
    ~pair() override { EXPECT_EQ(checker.violations(), std::vector<std::string>()); }

    void issued(const issued_command& what) override
    {
        checker.issued(what);
        log += (log.empty() ? "" : " ") + letter_of(what.what) + std::to_string(what.channel) + ".";
        if (what.what != command::refresh && what.what != command::precharge_all)
            log += std::to_string(what.bank_group) + std::to_string(what.bank);
        log += "@" + std::to_string(what.clock);
    }
    void push(std::uint64_t clock, bool write, location where) { unit.push({next_id++, where, write, clock}); }
    void run()
    {
        for (const completion& c : run_out(unit))
            ends[c.id] = c.end_clock;
    }
    channel_statistics statistics(std::size_t channel = 0) const { return unit.channels()[channel].statistics(); }

    command_checker checker;
    channel_group unit;
    std::uint64_t next_id = 0;
    std::map<std::uint64_t, std::uint64_t> ends;
    std::string log;
};

constexpr bool rd = false, wr = true;

enum class kind { sequential, random };

std::vector<replay_request> trace(kind of, unsigned writes_percent, std::size_t count)
{
    loas::support::random_source random(7);
    std::vector<replay_request> requests(count);
    for (std::size_t i = 0; i < count; ++i)
        requests[i] = {0, of == kind::sequential ? i * 32 : random.below(1 << 25) * 32,
                       random.chance(writes_percent, 100)};
    return requests;
}

replay_result replayed(unsigned channels, const std::vector<replay_request>& requests, unsigned in_flight)
{
    parameters p;
    p.channels = channels;
    command_checker checker(p);
    replay_options options;
    options.in_flight = in_flight;
    options.observer = &checker;
    const replay_result result = replay(p, requests, options);
    EXPECT_EQ(checker.violations(), std::vector<std::string>());
    EXPECT_EQ(result.all.requests, requests.size());
    return result;
}

} // namespace

TEST(dram_rules, an_activate_takes_two_clocks_of_a_bus_that_two_channels_share)
{
    pair p(without_refresh());
    p.push(0, rd, {0, 0, 0, 1, 0});
    p.push(0, rd, {1, 0, 0, 1, 0});
    p.push(0, rd, {1, 1, 0, 1, 0});
    p.run(); // channel 1 alone could begin at 0, and go on at 2
    EXPECT_EQ(p.log, "A0.00@0 A1.00@2 A1.10@4 R0.00@7 R1.00@9 R1.10@11");

    parameters apart = without_refresh();
    apart.channels_per_command_bus = 1;
    channel_group alone(apart, 1);
    std::vector<completion> done;
    alone.push({0, {1, 0, 0, 1, 0}, rd, 0});
    EXPECT_EQ(alone.next_clock(), 0u);
}

TEST(dram_rules, channels_that_share_a_column_bus_take_turns)
{
    pair p(without_refresh());
    p.push(0, rd, {0, 0, 0, 1, 0});
    p.push(0, rd, {1, 0, 0, 1, 0});
    p.run();
    p.log.clear();
    p.push(100, rd, {1, 0, 0, 1, 1}); // the older one first
    p.push(100, rd, {0, 0, 0, 1, 1});
    p.run();
    EXPECT_EQ(p.log, "R1.00@100 R0.00@101");
}

TEST(dram_rules, one_bus_for_all_commands_has_room_for_one_at_a_time)
{
    parameters of = without_refresh();
    of.channels_per_command_bus = 1;
    of.separate_column_bus = false;
    of.column_clocks = 2;
    pair p(of);
    p.push(0, rd, {0, 0, 0, 1, 0});
    p.push(7, rd, {0, 1, 0, 1, 0});
    p.run();
    EXPECT_EQ(p.log, "A0.00@0 R0.00@7 A0.10@9 R0.10@16");
}

TEST(dram_rules, on_one_bus_the_older_request_goes_first_and_a_refresh_before_both)
{
    parameters of = without_refresh();
    of.channels = of.channels_per_command_bus = 1;
    of.separate_column_bus = false;
    of.column_clocks = 4;
    {
        pair p(of);
        p.push(0, rd, {0, 0, 0, 1, 0});
        p.push(8, rd, {0, 1, 0, 1, 0}); // has to be opened, when the bus is free of what came at 7 ...
        p.push(8, rd, {0, 0, 0, 1, 1}); // ... and is older than this hit
        p.run();
        EXPECT_EQ(p.log, "A0.00@0 R0.00@7 A0.10@11 R0.00@13 R0.10@18");
    }
    of.refresh = refresh_kind::per_bank;
    of.timing.t_refi = 1000 * of.timing.t_ck; // one of 16 each 62 clocks
    pair p(of);
    for (std::uint32_t i = 0; i < 20; ++i) // hits that take the whole bus
        p.push(0, rd, {0, 1, 0, 1, i});
    p.run();
    const auto refreshed = static_cast<std::size_t>(p.log.find("f0.00@"));
    ASSERT_NE(refreshed, std::string::npos) << p.log;
    // The bus is free at 7, 11, ... 59, 63: the first one that is due at 62.
    EXPECT_EQ(p.log.substr(refreshed, 8), "f0.00@63") << p.log;
}

TEST(dram_rules, a_refresh_waits_for_the_cycle_of_a_row)
{
    parameters of;
    of.channels = of.channels_per_command_bus = 1;
    of.timing.t_rc = 96; // 48 clocks, twice what tRAS and tRP take
    pair p(of);
    p.push(1949, rd, {0, 0, 0, 1, 0}); // opened one clock before the refresh is due
    p.run();
    EXPECT_EQ(p.log.substr(0, 28), "A0.00@1949 Q0.@1966 F0.@1997") << p.log;
}

TEST(dram_rules, places_are_those_of_all_bursts_of_a_line)
{
    parameters of = without_refresh();
    of.read_window = 4;
    pair p(of);
    for (std::uint32_t i = 0; i < 3; ++i)
        p.push(0, rd, {0, 0, 0, i, 0});
    p.unit.next_clock();
    EXPECT_TRUE(p.unit.accepts(0, rd, 1));
    EXPECT_FALSE(p.unit.accepts(0, rd, 2));
    EXPECT_TRUE(p.unit.accepts(0, wr, 2));
    EXPECT_TRUE(p.unit.accepts(1, rd, 9)); // more than there are never fit: they come in one after the other
    p.push(0, rd, {1, 0, 0, 0, 0});
    EXPECT_FALSE(p.unit.accepts(1, rd, 9)); // one that waits alone takes a place too
    EXPECT_TRUE(p.unit.accepts(1, rd, 3));
    p.run();
}

TEST(dram_rules, an_opened_row_is_used_before_the_direction_turns)
{
    parameters of = without_refresh();
    of.write_high = 2;
    of.write_low = 0;
    pair p(of);
    p.push(0, rd, {0, 0, 0, 1, 0});
    p.push(1, wr, {0, 0, 0, 2, 0}); // another row of that bank
    p.push(1, wr, {0, 1, 0, 2, 0});
    p.run();
    EXPECT_EQ(p.log, "A0.00@0 A0.10@2 R0.00@7 W0.10@13 P0.00@17 A0.00@24 W0.00@31");
    EXPECT_EQ(p.statistics().unused_activates, 0u);
}

TEST(dram_rules, a_row_serves_so_many_bursts_in_turn_while_an_older_request_waits)
{
    parameters of = without_refresh();
    for (const unsigned cap : {0U, 2U}) {
        of.row_hit_cap = cap;
        pair p(of);
        p.push(0, rd, {0, 0, 0, 1, 0});
        p.push(0, rd, {0, 0, 0, 2, 0});
        for (std::uint32_t i = 1; i < 4; ++i)
            p.push(0, rd, {0, 0, 0, 1, i});
        p.run();
        EXPECT_EQ(p.log,
                  cap == 0 ? "A0.00@0 R0.00@7 R0.00@11 R0.00@15 R0.00@19 P0.00@23 A0.00@30 R0.00@37"
                           : "A0.00@0 R0.00@7 R0.00@11 P0.00@17 A0.00@24 R0.00@31 P0.00@41 A0.00@48 R0.00@55 R0.00@59");
    }
}

TEST(dram_rules, without_a_place_in_the_queue_a_request_waits_outside)
{
    parameters of = without_refresh();
    of.read_window = 1;
    pair p(of);
    EXPECT_TRUE(p.unit.accepts(0, rd));
    p.push(0, rd, {0, 0, 0, 1, 0});
    EXPECT_FALSE(p.unit.accepts(0, rd));
    EXPECT_TRUE(p.unit.accepts(0, wr));
    EXPECT_TRUE(p.unit.accepts(1, rd));
    p.push(0, rd, {0, 1, 0, 1, 0});
    EXPECT_FALSE(p.unit.accepts(0, wr)); // in order
    p.run();
    EXPECT_EQ(p.log, "A0.00@0 R0.00@7 A0.10@8 R0.10@15");
    EXPECT_EQ(p.statistics().queue_full_clocks, 8u);
    EXPECT_EQ(p.ends[1], 15u + 9);
    EXPECT_TRUE(p.unit.accepts(0, rd));
}

TEST(dram_rules, a_write_becomes_one_with_a_waiting_write_to_its_burst)
{
    parameters of = without_refresh();
    for (const bool merge : {true, false}) {
        of.merge_writes = merge;
        pair p(of);
        p.push(0, wr, {0, 0, 0, 1, 3});
        p.push(2, wr, {0, 0, 0, 1, 3});
        p.run();
        EXPECT_EQ(p.log, merge ? "A0.00@0 W0.00@7" : "A0.00@0 W0.00@7 W0.00@11");
        EXPECT_EQ(p.statistics().merged_writes, merge ? 1u : 0u);
        EXPECT_EQ(p.statistics().writes, 2u);
        EXPECT_EQ(p.ends[1], merge ? 3u : 17u);
    }
}

TEST(dram_rules, a_posted_write_is_answered_at_once_and_written_later)
{
    parameters of = without_refresh();
    of.posted_writes = true;
    pair p(of);
    p.push(5, wr, {0, 0, 0, 1, 3});
    p.run();
    EXPECT_EQ(p.ends[0], 6u);
    EXPECT_EQ(p.log, "A0.00@5 W0.00@12");
    EXPECT_EQ(p.unit.waiting(), 0u);
}

TEST(dram_rules, one_bank_is_refreshed_while_the_others_work)
{
    parameters of;
    of.refresh = refresh_kind::per_bank; // one of 16 each 1950 / 16 = 121 clocks
    of.timing.t_rfc_bank = 100;          // 50 clocks
    of.timing.t_rrefd = 8;               // 4
    of.channels = 1;
    pair p(of);
    p.push(110, rd, {0, 0, 0, 1, 0});
    p.push(122, rd, {0, 0, 0, 1, 1}); // bank 0 closes for its refresh
    p.push(122, rd, {0, 1, 0, 1, 0});
    p.run();
    EXPECT_EQ(p.log, "A0.00@110 R0.00@117 A0.10@122 P0.00@127 R0.10@129 f0.00@134 A0.00@184 R0.00@191");
    EXPECT_EQ(p.statistics().bank_refreshes, 1u);
    EXPECT_EQ(p.statistics().refreshes, 0u);
}

TEST(dram_rules, waiting_requests_put_a_refresh_off)
{
    parameters of;
    of.channels = 1;
    for (const unsigned postponed : {0U, 1U}) {
        of.refresh_postponed = postponed;
        pair p(of);
        p.push(1948, rd, {0, 0, 0, 1, 0});
        p.run();
        // Refreshed before it, or after it as soon as nothing waits.
        EXPECT_EQ(p.ends[0], postponed == 0 ? 1948u + 17 + 7 + 130 + 16 : 1948u + 16);
        p.unit.idle_until(2500);
        EXPECT_EQ(p.statistics().refreshes, 1u);
        EXPECT_EQ(p.log.find("F0.@"), postponed == 0 ? p.log.find("F0.@1972") : p.log.find("F0.@1972"));
    }
}

TEST(dram_rules, clocks_with_an_open_row_are_counted)
{
    parameters of = without_refresh();
    of.page = page_policy::closed;
    pair p(of);
    p.push(100, rd, {0, 0, 0, 1, 0}); // closes itself at 117
    p.run();
    p.unit.idle_until(1000);
    EXPECT_EQ(p.statistics().open_clocks, 17u);
    EXPECT_EQ(p.statistics().banks[0].activates, 1u);
    EXPECT_EQ(p.statistics().banks[0].reads, 1u);
    EXPECT_EQ(p.statistics().banks[1].reads, 0u);
}

TEST(latency_distribution, percentiles_are_at_most_a_sixteenth_too_high)
{
    loas::observe::latency_distribution of;
    EXPECT_EQ(of.percentile(0.5), 0u);
    for (std::uint64_t value = 1; value <= 1000; ++value)
        of.count(value);
    EXPECT_EQ(of.count(), 1000u);
    EXPECT_EQ(of.sum(), 500500u);
    EXPECT_EQ(of.percentile(0.01), 10u);
    EXPECT_EQ(of.percentile(0.031), 31u);
    for (const double share : {0.1, 0.5, 0.99, 1.0}) {
        EXPECT_GE(static_cast<double>(of.percentile(share)), share * 1000);
        EXPECT_LE(static_cast<double>(of.percentile(share)), share * 1000 * 17 / 16);
    }
    loas::observe::latency_distribution earlier = of;
    of.count(5);
    of.combine(earlier, ~std::uint64_t{0});
    EXPECT_EQ(of.count(), 1u);
    EXPECT_EQ(of.percentile(1), 5u);
}

TEST(dram_replay, single_requests_take_what_the_data_sheet_says)
{
    parameters p;
    p.timing.t_refi = 0;
    replay_options options;
    options.keep_times = true;
    const replay_result result = replay(p, {{1000000, 0, false}, {2000000, 0, false}, {3000000, 0, true}}, options);
    EXPECT_DOUBLE_EQ(result.reads.worst, 14 + 14 + 4);
    EXPECT_DOUBLE_EQ(result.reads.median, 14 + 4);
    EXPECT_DOUBLE_EQ(result.reads.mean, 25);
    EXPECT_DOUBLE_EQ(result.writes.mean, 8 + 4);
    EXPECT_DOUBLE_EQ(result.begin_ns, 1000);
    EXPECT_DOUBLE_EQ(result.time_ns, 2012);
    EXPECT_EQ(result.channels.size(), 16u);
    // Refreshes before the first request are not counted; those between requests are.
    parameters refreshed;
    const auto late_ps = static_cast<std::uint64_t>(100e3 * refreshed.timing.t_refi), gap_ps = late_ps / 10;
    const replay_result late = replay(refreshed, {{late_ps, 0, false}, {late_ps + gap_ps, 0, false}}, options);
    EXPECT_NEAR(static_cast<double>(late.channels[0].refreshes), 10, 1);
    EXPECT_DOUBLE_EQ(replay(p, {}).gb_per_s, 0);
}

TEST(dram_replay, sequential_reads_reach_nine_tenths_of_the_peak)
{
    EXPECT_GE(replayed(16, trace(kind::sequential, 0, 200000), 32).gb_per_s, 0.9 * 128);
    EXPECT_GE(replayed(1, trace(kind::sequential, 0, 50000), 32).gb_per_s, 0.9 * 8);
    EXPECT_GE(replayed(1, trace(kind::sequential, 0, 50000), 32).row_hit_share, 0.95);
}

// A random burst needs a PRECHARGE and an ACTIVATE, three clocks of the row bus, and refreshes take 130 of 1950 clocks:
// two thirds of a channel's peak are left of which a fifteenth is lost, and half of that when two channels share the
// bus.
TEST(dram_replay, random_requests_are_bound_by_the_row_bus)
{
    const double most = 2.0 / 3 * (1 - 130.0 / 1950);
    for (const unsigned writes : {0U, 100U}) {
        const replay_result one = replayed(1, trace(kind::random, writes, 50000), 32);
        EXPECT_LE(one.share_of_peak, most * 1.01);
        EXPECT_GE(one.share_of_peak, most * 0.97);
        const replay_result all = replayed(16, trace(kind::random, writes, 100000), 32);
        EXPECT_LE(all.share_of_peak, most / 2 * 1.01);
        EXPECT_GE(all.share_of_peak, most / 2 * 0.94);
    }
}

TEST(dram_replay, mixed_requests_do_not_starve_each_other)
{
    const replay_result mixed = replayed(1, trace(kind::random, 30, 50000), 8);
    EXPECT_GE(mixed.share_of_peak, 0.35);
    EXPECT_LE(mixed.writes.mean, 2 * mixed.reads.mean);
    EXPECT_NEAR(mixed.mean_in_flight, 8, 0.1);
    EXPECT_LE(mixed.all.median, mixed.all.percentile_99);
    EXPECT_LE(mixed.all.percentile_99, mixed.all.worst);
}
