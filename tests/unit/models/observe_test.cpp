#include "models/observe/counters.h"
#include "models/observe/memory_statistics.h"
#include "models/observe/utilisation.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

using namespace loas::observe;

TEST(counters, each_has_a_name_of_its_own_a_unit_and_a_definition)
{
    std::set<std::string> seen;
    for (std::size_t i = 0; i < counter_count; ++i) {
        const counter_info& info = info_of(static_cast<counter>(i));
        EXPECT_TRUE(seen.insert(std::string(info.group) + "." + std::string(info.name)).second) << info.name;
        EXPECT_FALSE(info.name.empty()) << i;
        EXPECT_FALSE(info.unit.empty()) << info.name;
        EXPECT_GT(info.definition.size(), 10u) << info.name;
    }
    // The table is in the order of the enumeration: spot checks at both ends of the groups.
    EXPECT_EQ(info_of(counter::cycles).name, "cycles");
    EXPECT_EQ(info_of(counter::stall_empty_join).name, "empty_join");
    EXPECT_EQ(info_of(counter::stall_idle).name, "idle");
    EXPECT_EQ(info_of(counter::sram_write_c).name, "c");
    EXPECT_EQ(info_of(counter::dram_read).group, "dram_read_bytes");
    EXPECT_EQ(info_of(of(counter::dram_read, operand::bias)).name, "bias");
    EXPECT_EQ(info_of(of(counter::cache_misses, operand::currents)).name, "currents");
    EXPECT_EQ(info_of(of(counter::dram_write, operand::currents)).name, "currents");
}

TEST(counters, merge_adds_sums_and_keeps_maxima)
{
    counter_set a, b;
    a[counter::cycles] = 5;
    b[counter::cycles] = 7;
    a[counter::max_abs_pseudo] = 9;
    b[counter::max_abs_pseudo] = 4;
    a.merge_with(b);
    EXPECT_EQ(a[counter::cycles], 12u);
    EXPECT_EQ(a[counter::max_abs_pseudo], 9u);
    a[of(counter::dram_read, operand::bias)] = 3;
    a[of(counter::dram_read, operand::a_mask)] = 4;
    a[of(counter::dram_write, operand::currents)] = 100;
    EXPECT_EQ(a.group_total("dram_read_bytes"), 7u);
}

TEST(counters, subtract_leaves_what_came_since)
{
    counter_set later, earlier;
    later[counter::cycles] = 9;
    earlier[counter::cycles] = 4;
    later.subtract(earlier);
    EXPECT_EQ(later[counter::cycles], 5u);
}

TEST(memory_statistics, differences_and_sums)
{
    memory_statistics earlier, later;
    earlier.channels.resize(2);
    earlier.channels[1].reads = 3;
    earlier.access_latency_cycles[bucket_of(5)] = 1;
    later = earlier;
    later.channels[1].reads = 10;
    later.channels[0].queue_depth[bucket_of(0)] = 2;
    later.access_latency_cycles[bucket_of(4)] += 6;
    later.subtract(earlier);
    EXPECT_EQ(later.channels[1].reads, 7u);
    EXPECT_EQ(later.access_latency_cycles[3], 6u); // 4 and 5 have three binary digits
    memory_statistics sum;
    sum.add(later);
    sum.add(later);
    EXPECT_EQ(sum.all_channels().reads, 14u);
    EXPECT_EQ(sum.all_channels().queue_depth[0], 4u);
    EXPECT_EQ(sum.access_latency_cycles[3], 12u);
    sum.subtract(later);
    EXPECT_EQ(sum.access_latency_cycles[3], 6u);
    EXPECT_EQ(sum.channels.size(), 2u);
    EXPECT_EQ(bucket_of(~std::uint64_t{0}), histogram_buckets - 1);
}

// Each figure of a channel for itself: 1, 2, 3 ... added to and taken from one of twice as much.
TEST(memory_statistics, combine_every_figure_of_a_channel)
{
    std::uint64_t channel_statistics::*const figures[] = {
        &channel_statistics::reads, &channel_statistics::writes, &channel_statistics::row_hits,
        &channel_statistics::row_misses, &channel_statistics::row_conflicts, &channel_statistics::activates,
        &channel_statistics::precharges, &channel_statistics::refreshes, &channel_statistics::bank_refreshes,
        &channel_statistics::unused_activates, &channel_statistics::forwarded_reads,
        &channel_statistics::merged_writes, &channel_statistics::queue_full_clocks, &channel_statistics::open_clocks,
        &channel_statistics::active_clocks, &channel_statistics::data_clocks};
    std::uint64_t bank_statistics::*const of_bank[] = {&bank_statistics::reads, &bank_statistics::writes,
                                                       &bank_statistics::activates, &bank_statistics::row_conflicts};
    const auto filled = [&](std::uint64_t factor) {
        channel_statistics of;
        std::uint64_t value = 0;
        for (const auto each : figures)
            of.*each = factor * ++value;
        of.banks.resize(2);
        for (const auto each : of_bank)
            of.banks[1].*each = factor * ++value;
        of.read_latency_clocks[5] = factor * ++value;
        of.queue_depth[6] = factor * ++value;
        for (std::uint64_t i = 0; i < factor; ++i) {
            of.read_latency.count(7);
            of.write_latency.count(9);
            of.write_latency.count(1000);
        }
        return of;
    };
    const auto expect = [&](const channel_statistics& of, std::uint64_t factor) {
        const channel_statistics should = filled(factor);
        for (std::size_t i = 0; i < std::size(figures); ++i)
            EXPECT_EQ(of.*figures[i], should.*figures[i]) << i;
        for (const auto each : of_bank)
            EXPECT_EQ(of.banks.at(1).*each, should.banks[1].*each);
        EXPECT_EQ(of.banks.size(), 2u);
        EXPECT_EQ(of.read_latency_clocks, should.read_latency_clocks);
        EXPECT_EQ(of.queue_depth, should.queue_depth);
        EXPECT_EQ(of.read_latency.used_steps(), should.read_latency.used_steps());
        EXPECT_EQ(of.write_latency.used_steps(), should.write_latency.used_steps());
        EXPECT_EQ(of.write_latency.sum(), should.write_latency.sum());
        EXPECT_EQ(of.write_latency.sum(), factor * 1009);
    };
    channel_statistics sum;
    sum.add(filled(2));
    expect(sum, 2);
    sum.add(filled(3));
    expect(sum, 5);
    sum.subtract(filled(1));
    expect(sum, 4);
}

TEST(utilisation_timeline, keeps_all_that_is_recorded_in_few_slices)
{
    utilisation_timeline timeline;
    EXPECT_EQ(timeline.slices(), 0u);
    std::uint64_t recorded = 0, cycle = 0, width = 1;
    for (std::uint64_t step = 0; step < 5000; ++step) {
        const std::uint64_t length = 1 + step * 37 % 211, busy = step * 7919 % (16 * length + 1);
        timeline.record(cycle, cycle + length, busy);
        cycle += length;
        recorded += busy;
        EXPECT_GE(timeline.slice_cycles(), width);
        width = timeline.slice_cycles();
        ASSERT_LE(timeline.slices(), utilisation_timeline::most_slices);
    }
    EXPECT_EQ(timeline.cycles(), cycle);
    EXPECT_GT(timeline.slices(), utilisation_timeline::most_slices / 2);
    std::uint64_t kept = 0;
    for (std::size_t i = 0; i < timeline.slices(); ++i)
        kept += timeline.busy_tile_cycles(i);
    EXPECT_EQ(kept, recorded);
}

TEST(utilisation_timeline, spreads_an_interval_evenly_over_its_slices)
{
    utilisation_timeline timeline;
    timeline.record(0, 1024, 0); // slices of 8 cycles
    ASSERT_EQ(timeline.slice_cycles(), 8u);
    timeline.record(4, 20, 32); // two a cycle: over three slices
    EXPECT_EQ(timeline.busy_tile_cycles(0), 8u);
    EXPECT_EQ(timeline.busy_tile_cycles(1), 16u);
    EXPECT_EQ(timeline.busy_tile_cycles(2), 8u);
    timeline.record(24, 32, 32); // one slice
    EXPECT_DOUBLE_EQ(timeline.busy_share(3, 4), 1.0);
    timeline.record(1020, 1021, 3); // slices become wider at the end only
    EXPECT_EQ(timeline.slice_cycles(), 8u);
    timeline.record(1024, 1030, 6);
    EXPECT_EQ(timeline.slice_cycles(), 16u);
    EXPECT_EQ(timeline.busy_tile_cycles(0), 24u);
    EXPECT_EQ(timeline.busy_tile_cycles(1), 8u + 32u);
    EXPECT_DOUBLE_EQ(timeline.busy_share(64, 1), 1.0); // of the six cycles that are there
}

TEST(utilisation_timeline, takes_what_does_not_divide_and_what_is_long)
{
    utilisation_timeline timeline;
    timeline.record(3, 3, 0);
    EXPECT_EQ(timeline.cycles(), 3u);
    const std::uint64_t length = 3'000'000'019, busy = 1024 * length - 1;
    timeline.record(7, 7 + length, busy);
    std::uint64_t kept = 0;
    for (std::size_t i = 0; i < timeline.slices(); ++i) {
        kept += timeline.busy_tile_cycles(i);
        EXPECT_LE(timeline.busy_share(i, 1024), 1.0);
    }
    EXPECT_EQ(kept, busy);
    timeline.record(~std::uint64_t{0} - 1, ~std::uint64_t{0}, 5); // the end of time
    EXPECT_LE(timeline.slices(), utilisation_timeline::most_slices);
}
