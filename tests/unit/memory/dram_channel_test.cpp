#include "models/memory/dram/channel_group.h"
#include "models/memory/dram/command_checker.h"
#include "models/memory/dram/mapping.h"

#include "tests/unit/memory/dram_stepped_channel.h"
#include "tests/unit/memory/dram_stepped_group.h"
#include "tests/unit/memory/dram_traffic.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

using namespace loas::dram;
using loas::observe::bucket_of;
using namespace loas::test;

namespace
{

// One channel whose commands are written down and checked.
struct rig : command_observer {
    explicit rig(const parameters& p, std::uint32_t index = 0)
        : checker(p), unit(p, index / channel_group::size_of(p)), number(index)
    {
        unit.set_observer(this);
    }
    ~rig() override { EXPECT_EQ(checker.violations(), std::vector<std::string>()); }

    void issued(const issued_command& what) override
    {
        checker.issued(what);
        if (what.channel != number)
            return;
        log += (log.empty() ? "" : " ") + letter_of(what.what);
        kinds += letter_of(what.what);
        if (what.what != command::refresh && what.what != command::precharge_all)
            log += std::to_string(what.bank_group) + std::to_string(what.bank);
        log += "@" + std::to_string(what.clock);
    }

    void push(std::uint64_t clock, bool write, std::uint32_t group, std::uint32_t bank, std::uint64_t row,
              std::uint32_t column = 0)
    {
        unit.push({next_id++, {number, group, bank, row, column}, write, clock});
    }
    channel_statistics statistics() const { return unit.channels()[number % unit.channels().size()].statistics(); }
    void run()
    {
        for (const completion& c : run_out(unit))
            ends[c.id] = c;
    }
    /// A read alone: clocks from arrival to the end of data.
    std::uint64_t read(std::uint64_t clock, std::uint32_t group, std::uint32_t bank, std::uint64_t row)
    {
        push(clock, false, group, bank, row);
        run();
        return ends[next_id - 1].end_clock - clock;
    }

    command_checker checker;
    channel_group unit;
    std::uint32_t number;
    std::uint64_t next_id = 0;
    std::map<std::uint64_t, completion> ends;
    std::string log, kinds;
};

} // namespace

TEST(dram_channel, a_read_alone_takes_what_the_data_sheet_says)
{
    rig r(without_refresh());
    EXPECT_EQ(r.read(100, 0, 0, 5), 7u + 7 + 2);      // closed
    EXPECT_EQ(r.read(1000, 0, 0, 5), 7u + 2);         // hit
    EXPECT_EQ(r.read(2000, 0, 0, 6), 7u + 7 + 7 + 2); // conflict
    EXPECT_EQ(r.read(3000, 3, 0, 6), 7u + 7 + 2);
    EXPECT_EQ(r.log, "A00@100 R00@107 R00@1000 P00@2000 A00@2007 R00@2014 A30@3000 R30@3007");
    const channel_statistics s = r.statistics();
    EXPECT_EQ(s.row_hits, 1u);
    EXPECT_EQ(s.row_misses, 2u);
    EXPECT_EQ(s.row_conflicts, 1u);
    EXPECT_EQ(s.reads, 4u);
    EXPECT_EQ(s.data_clocks, 8u);
    EXPECT_EQ(s.active_clocks, 16u + 9 + 23 + 16);
    EXPECT_EQ(s.queue_depth[0], 4u);
    EXPECT_EQ(s.read_latency_clocks[4], 1u); // 8..15
    EXPECT_EQ(s.read_latency_clocks[5], 3u); // 16..31
}

// A request that waits alone is served without the lists, as long as it does.
TEST(dram_channel, a_second_request_finds_the_first_one_as_far_as_it_is)
{
    rig r(without_refresh());
    std::vector<completion> done;
    r.push(100, false, 0, 0, 5);
    EXPECT_EQ(r.unit.waiting(), 1u);
    r.unit.advance(100, done);
    r.push(100, false, 1, 0, 5); // in a clock that is over
    r.push(103, false, 0, 0, 6);
    r.run();
    EXPECT_EQ(r.log, "A00@100 A10@102 R00@107 R10@109 P00@117 A00@124 R00@131");
    const channel_statistics s = r.statistics();
    EXPECT_EQ(s.row_misses, 2u);
    EXPECT_EQ(s.row_conflicts, 1u);
    EXPECT_EQ(s.queue_depth[bucket_of(0)] + s.queue_depth[bucket_of(1)] + s.queue_depth[bucket_of(2)], 3u);

    r.log.clear(); // row 5 of the other bank is open
    r.push(1000, false, 1, 0, 5);
    r.unit.advance(1000, done);
    r.push(1000, false, 1, 0, 6);
    r.run();
    EXPECT_EQ(r.log, "R10@1000 P10@1004 A10@1011 R10@1018");
    r.log.clear();
    r.push(2000, false, 0, 0, 6);
    r.unit.advance(2000, done);
    r.push(2000, false, 1, 1, 1);
    r.run();
    EXPECT_EQ(r.log, "R00@2000 A11@2001 R11@2008"); // one decision a clock
}

TEST(dram_channel, activates_keep_their_distance)
{
    parameters p = without_refresh();
    p.timing.t_faw = 30;
    rig r(p);
    for (std::uint32_t i = 0; i < 6; ++i)
        r.push(0, false, i % 4, i / 4, 1);
    r.run(); // tRRD four times, then tFAW after the first and after the second
    EXPECT_EQ(r.log, "A00@0 A10@2 A20@4 A30@6 R00@7 R10@9 R20@11 R30@13 A01@15 A11@17 R01@22 R11@24");
}

TEST(dram_channel, column_commands_keep_their_distance)
{
    rig r(without_refresh());
    r.push(0, false, 0, 0, 1, 0);
    r.push(0, false, 0, 0, 1, 1);
    r.push(0, false, 0, 0, 1, 2);
    r.push(0, false, 1, 0, 1, 0);
    r.run(); // the fourth fits between, for its bank group is another
    EXPECT_EQ(r.log, "A00@0 A10@2 R00@7 R10@9 R00@11 R00@15");
    EXPECT_EQ(r.ends[2].end_clock, 15u + 9);
    EXPECT_EQ(r.ends[3].end_clock, 9u + 9);
}

TEST(dram_channel, the_data_bus_turns_round)
{
    rig to_read(without_refresh());
    to_read.push(0, true, 0, 0, 1, 0);
    to_read.push(8, false, 0, 0, 1, 1);
    to_read.run(); // written data end at 7 + 4 + 2, tWTR 4
    EXPECT_EQ(to_read.log, "A00@0 W00@7 R00@17");
    EXPECT_EQ(to_read.ends[0].end_clock, 13u);

    rig to_write(without_refresh());
    to_write.push(0, true, 1, 0, 1, 0);
    to_write.push(0, false, 0, 0, 1, 1);
    to_write
        .run(); // read data end at 7 + 7 + 2; written data begin a clock later. The other bank is prepared meanwhile
    EXPECT_EQ(to_write.log, "A00@0 A10@2 R00@7 W10@13");

    rig hit(without_refresh());
    hit.push(0, true, 0, 0, 1, 0);
    hit.push(0, false, 0, 0, 1, 1);
    hit.run();
    EXPECT_EQ(hit.log, "A00@0 R00@7 W00@13");
    EXPECT_EQ(hit.read(100, 0, 0, 2), 7u + 7 + 7 + 2);

    rig write_recovery(without_refresh());
    write_recovery.push(0, true, 0, 0, 1);
    write_recovery.push(1, true, 0, 0, 2);
    write_recovery.run(); // tWR 8 after the last data at 13
    EXPECT_EQ(write_recovery.log, "A00@0 W00@7 P00@21 A00@28 W00@35");
}

TEST(dram_channel, writes_wait_for_the_watermark)
{
    parameters p = without_refresh();
    p.write_high = 4;
    p.write_low = 2;
    for (const unsigned writes : {3U, 4U}) {
        rig r(p);
        for (std::uint32_t i = 0; i < 6; ++i)
            r.push(0, false, 0, 0, 1, i);
        for (std::uint32_t i = 0; i < writes; ++i)
            r.push(0, true, 0, 0, 1, 16 + i);
        r.run();
        EXPECT_EQ(r.kinds, writes == 4 ? "AWWRRRRRRWW" : "ARRRRRRWWW");
    }
}

TEST(dram_channel, a_read_ends_a_drain_that_only_fills_a_gap)
{
    rig r(without_refresh());
    for (std::uint32_t i = 0; i < 3; ++i)
        r.push(0, true, 0, 0, 1, i);
    r.push(8, false, 0, 0, 1, 9);
    r.run();
    EXPECT_EQ(r.log, "A00@0 W00@7 R00@17 W00@23 W00@27");
}

TEST(dram_channel, hits_go_first_unless_the_order_is_strict)
{
    parameters p = without_refresh();
    for (const scheduling scheduler : {scheduling::fr_fcfs, scheduling::fcfs}) {
        p.scheduler = scheduler;
        rig r(p);
        r.push(0, false, 0, 0, 1, 0);
        r.push(0, false, 0, 0, 2, 0);
        r.push(0, false, 1, 0, 3, 0);
        r.push(0, false, 0, 0, 1, 1);
        r.run();
        EXPECT_EQ(r.log, scheduler == scheduling::fr_fcfs
                             ? "A00@0 A10@2 R00@7 R10@9 R00@11 P00@17 A00@24 R00@31"
                             : "A00@0 R00@7 P00@17 A00@24 R00@31 A10@32 R10@39 P00@41 A00@48 R00@55");
    }
}

TEST(dram_channel, only_the_window_is_seen)
{
    parameters p = without_refresh();
    p.read_window = 2;
    rig r(p);
    r.push(0, false, 0, 0, 1, 0);
    r.push(0, false, 0, 0, 2, 0);
    r.push(0, false, 0, 0, 1, 1); // enters when the first has gone
    r.push(0, false, 1, 0, 3, 0); // enters after that one
    EXPECT_EQ(r.unit.waiting(), 4u);
    r.run();
    EXPECT_EQ(r.log, "A00@0 R00@7 R00@11 A10@12 P00@17 R10@19 A00@24 R00@31");
    EXPECT_EQ(r.unit.waiting(), 0u);
}

TEST(dram_channel, a_read_is_answered_from_a_waiting_write)
{
    rig r(without_refresh());
    r.push(0, true, 0, 0, 1, 4);
    r.push(3, false, 0, 0, 1, 4);
    r.push(3, false, 0, 0, 1, 5);  // another burst
    r.push(40, false, 0, 0, 1, 4); // the write has gone
    r.run();
    EXPECT_EQ(r.ends[1].end_clock, 4u);
    EXPECT_EQ(r.log, "A00@0 W00@7 R00@17 R00@40");
    EXPECT_EQ(r.statistics().forwarded_reads, 1u);
    EXPECT_EQ(r.statistics().reads, 3u);
    EXPECT_EQ(r.statistics().read_latency_clocks[1], 1u);
}

TEST(dram_channel, closed_pages_are_closed_after_the_last_hit)
{
    parameters p = without_refresh();
    p.page = page_policy::closed;
    rig r(p);
    r.push(0, false, 0, 0, 1, 0);
    r.push(0, false, 0, 0, 1, 1);
    r.run();
    EXPECT_EQ(r.read(15, 0, 0, 1), 9u + 7 + 7 + 2);
    EXPECT_EQ(r.read(100, 0, 0, 2), 7u + 7 + 2);
    EXPECT_EQ(r.log, "A00@0 R00@7 R00@11 p00@17 A00@24 R00@31 p00@41 A00@100 R00@107");
    EXPECT_EQ(r.statistics().row_misses, 3u);
    EXPECT_EQ(r.statistics().row_hits, 1u);
    EXPECT_EQ(r.statistics().precharges, 3u);
}

TEST(dram_channel, requests_wait_for_a_refresh_and_know_how_long)
{
    parameters p;
    p.refresh_staggered = true; // channel 0 of 16: the first refresh is due at 1950 / 16 = 121
    rig idle(p);
    EXPECT_EQ(idle.read(130, 0, 0, 1), 251u + 16 - 130);
    EXPECT_EQ(idle.log, "F@121 A00@251 R00@258");
    EXPECT_EQ(idle.ends[0].refresh_clocks, 251u - 130);

    rig busy(p);
    busy.push(100, false, 0, 0, 1);
    busy.push(100, false, 1, 0, 1);
    busy.push(118, false, 0, 0, 2); // PRECHARGE at 118, then the refresh comes between
    busy.push(120, false, 2, 0, 1);
    busy.run();
    EXPECT_EQ(busy.log, "A00@100 A10@102 R00@107 R10@109 P00@118 A20@120 Q@137 F@144 A00@274 A20@276 R00@281 "
                        "R20@283");
    EXPECT_EQ(busy.ends[1].refresh_clocks, 0u);
    EXPECT_EQ(busy.ends[2].refresh_clocks, 274u - 121);
    EXPECT_EQ(busy.statistics().refreshes, 1u);

    rig last(p, 15); // due a clock after the ACTIVATE: tRAS, tRP, tRFC, and then from the beginning
    EXPECT_EQ(last.read(1949, 0, 0, 1), 17u + 7 + 130 + 16);
    EXPECT_EQ(last.statistics().row_misses, 1u);
}

TEST(dram_channel, refresh_together_unless_staggered)
{
    for (const unsigned index : {0u, 7u, 15u}) {
        rig together(parameters{}, index);
        together.read(1951, 0, 0, 1); // due at 1950 on every channel
        // The second channel on a bus refreshes a clock later.
        EXPECT_EQ(together.ends[0].refresh_clocks, index % 2 == 0 ? 129u : 130u) << index;
    }
}

TEST(dram_channel, an_idle_channel_catches_up)
{
    parameters p;
    p.refresh_staggered = true;
    rig watched(p);
    watched.read(100, 0, 0, 1);
    watched.read(121 + 1950 * 3 + 50, 0, 0, 1);
    EXPECT_EQ(watched.log, "A00@100 R00@107 Q@121 F@128 F@2071 F@4021 F@5971 A00@6101 R00@6108");
    EXPECT_EQ(watched.ends[1].refresh_clocks, 80u);

    channel_group alone(p, 0); // in no time, for nobody watches
    alone.push({0, {0, 0, 0, 1, 0}, false, 100});
    run_out(alone);
    const std::uint64_t far = 121 + 1950 * (std::uint64_t{1} << 50);
    alone.push({1, {0, 0, 0, 1, 0}, false, far});
    EXPECT_EQ(run_out(alone).back().end_clock, far + 130 + 16);
    EXPECT_EQ(alone.channels()[0].statistics().refreshes, (std::uint64_t{1} << 50) + 1);
}

TEST(dram_channel, random_traffic_breaks_no_rule_and_loses_nothing)
{
    std::uint64_t seed = 1;
    for (const parameters& kind : all_kinds())
        for (unsigned number = 0; number < 4; ++number) {
            const parameters p = variant(kind, number);
            SCOPED_TRACE(seed);
            const std::vector<request> requests = traffic(p, 40000, seed++);
            command_checker checker(p);
            channel_group watched = last_group(p), alone = last_group(p), ahead = last_group(p), late = last_group(p);
            watched.set_observer(&checker);
            const std::vector<completion> done = complete(watched, requests, false);
            EXPECT_EQ(checker.violations(), std::vector<std::string>());
            expect_equal(complete(alone, requests, false), done);
            expect_equal(complete(ahead, requests, true), done);
            expect_equal(complete_late(late, requests, seed), done);
            EXPECT_EQ(figures(late), figures(watched));
            EXPECT_EQ(figures(alone), figures(watched));
            EXPECT_EQ(figures(ahead), figures(watched));
            channel_statistics s;
            for (const channel& each : watched.channels()) {
                s.add(each.statistics());
                EXPECT_LE(each.statistics().data_clocks, each.statistics().active_clocks);
            }
            EXPECT_EQ(s.reads + s.writes, requests.size());
            EXPECT_EQ(s.row_hits + s.row_misses + s.row_conflicts + s.forwarded_reads + s.merged_writes,
                      requests.size());
        }
}

// Also when it is idle: the stepped channel refreshes when it is time.
TEST(dram_channel, equals_one_that_is_stepped)
{
    std::uint64_t seed = 100;
    for (const parameters& kind : all_kinds())
        for (unsigned number = 0; number < 4; ++number) {
            const parameters p = variant(kind, number);
            SCOPED_TRACE(seed);
            const std::vector<request> requests = traffic(p, 2000, seed++);
            channel_group jumping = last_group(p);
            const std::vector<completion> done = complete(jumping, requests, false);

            stepped_group stepped(p, p.channels / channel_group::size_of(p) - 1);
            std::vector<request> arriving;
            for (std::size_t next = 0; next < requests.size() || !stepped.idle();) {
                arriving.clear();
                for (; next < requests.size() && requests[next].clock == stepped.clock(); ++next)
                    arriving.push_back(requests[next]);
                stepped.step(arriving);
            }
            for (std::uint64_t rest = 0; rest < 1000; ++rest) // data still on their way, refreshes put off
                stepped.step({});
            jumping.idle_until(stepped.clock());
            std::vector<completion> by_id(requests.size());
            for (std::size_t i = 0; i < stepped.channels.size(); ++i) {
                for (const completion& c : stepped.channels[i].done)
                    by_id[c.id] = c;
                EXPECT_EQ(figures(jumping.channels()[i].statistics()), figures(stepped.channels[i].statistics));
            }
            expect_equal(done, by_id);
        }
}
