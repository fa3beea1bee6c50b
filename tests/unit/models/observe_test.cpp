#include "observe/counters.h"

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
    EXPECT_EQ(info_of(counter::dram_read_a_mask).group, "dram_read_bytes");
    EXPECT_EQ(info_of(counter::dram_write_currents).name, "currents");
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
    a[counter::dram_read_bias] = 3;
    a[counter::dram_read_a_mask] = 4;
    a[counter::dram_write_currents] = 100;
    EXPECT_EQ(a.group_total("dram_read_bytes"), 7u);
}
