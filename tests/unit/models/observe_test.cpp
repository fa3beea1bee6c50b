#include "observe/counters.h"
#include "observe/memory_statistics.h"

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
    EXPECT_EQ(bucket_of(~std::uint64_t{0}), histogram_buckets - 1);
}
