#include "models/memory/dram/mapping.h"

#include <gtest/gtest.h>

#include <vector>

using loas::dram::address_mapping;
using loas::dram::location;
using loas::dram::mistake_in;
using loas::dram::parameters;
using loas::dram::timing_clocks;

TEST(dram_parameters, times_are_rounded_up_to_clocks)
{
    const timing_clocks hbm{parameters()};
    EXPECT_EQ(hbm.burst, 2u);
    EXPECT_EQ(hbm.rcd, 7u); // 14 / 2 exactly
    EXPECT_EQ(hbm.cwl, 4u);
    EXPECT_EQ(hbm.ras, 17u);
    EXPECT_EQ(hbm.rc, 24u);
    EXPECT_EQ(hbm.ccd_s, 2u);
    EXPECT_EQ(hbm.ccd_l, 4u);
    EXPECT_EQ(hbm.rtp, 4u); // 7.5 / 2
    EXPECT_EQ(hbm.refi, 1950u);
    EXPECT_EQ(hbm.rfc, 130u);

    parameters other;
    other.timing.t_ck = 0.7;
    other.timing.t_rp = 14.7; // 21 clocks; the quotient of the doubles is a little more
    other.burst_beats = 8;
    EXPECT_EQ(timing_clocks(other).rp, 21u);
    EXPECT_EQ(timing_clocks(other).rcd, 20u);
    EXPECT_EQ(timing_clocks(other).ccd_s, 6u);
    other.timing.t_ccd_s = 1.0;
    EXPECT_EQ(timing_clocks(other).ccd_s, 4u); // not shorter than the data
    other.burst_beats = 1;
    EXPECT_EQ(timing_clocks(other).burst, 1u);
}

TEST(dram_parameters, mistakes_are_told)
{
    EXPECT_EQ(mistake_in(parameters()).text, "");
    const auto told = [](auto change) {
        parameters wrong;
        change(wrong);
        EXPECT_THROW(address_mapping{wrong}, std::invalid_argument);
        const loas::dram::mistake found = mistake_in(wrong);
        const std::string key(found.keys.at(0));
        EXPECT_EQ(found.text.substr(0, key.size() + 3), key + " = ");
        return key;
    };
    EXPECT_EQ(told([](parameters& p) { p.channels = 3; }), "dram.channels");
    EXPECT_EQ(told([](parameters& p) { p.bank_groups = 0; }), "dram.bank_groups");
    EXPECT_EQ(told([](parameters& p) { p.channel_bits = 4; }), "dram.channel_bits");
    EXPECT_EQ(told([](parameters& p) { p.banks_per_group = 32; }), "dram.banks_per_group");
    EXPECT_EQ(told([](parameters& p) { p.row_bytes = 16; }), "dram.row_bytes");
    EXPECT_EQ(told([](parameters& p) { p.mapping = "row-bank"; }), "dram.mapping");
    EXPECT_EQ(told([](parameters& p) { p.read_window = 0; }), "dram.read_window");
    EXPECT_EQ(told([](parameters& p) { p.timing.t_ck = 0.0; }), "dram.t_ck_ns");
    EXPECT_EQ(told([](parameters& p) { p.timing.t_rp = -1.0; }), "dram.t_rp_ns");
    EXPECT_EQ(told([](parameters& p) { p.timing.t_refi = 300.0; }), "dram.t_refi_ns");
}

TEST(dram_mapping, fields_lie_where_the_word_says)
{
    parameters p; // 4 bits channel, 2 bank group, 5 column, 2 bank
    p.channel_hash = false;
    const std::uint64_t burst = 0x1234567;
    const location a = address_mapping(p).of(burst);
    EXPECT_EQ(a.channel, burst & 15);
    EXPECT_EQ(a.bank_group, burst >> 4 & 3);
    EXPECT_EQ(a.column, burst >> 6 & 31);
    EXPECT_EQ(a.bank, burst >> 11 & 3);
    EXPECT_EQ(a.row, burst >> 13);

    p.mapping = "row-channel-bank-bankgroup-column";
    const location b = address_mapping(p).of(burst);
    EXPECT_EQ(b.column, burst & 31);
    EXPECT_EQ(b.bank_group, burst >> 5 & 3);
    EXPECT_EQ(b.bank, burst >> 7 & 3);
    EXPECT_EQ(b.channel, burst >> 9 & 15);
    EXPECT_EQ(b.row, burst >> 13);

    EXPECT_TRUE(address_mapping::valid("row-column-bank-bankgroup-channel"));
    EXPECT_FALSE(address_mapping::valid("row-column-bank-channel-bankgroup"));
    EXPECT_FALSE(address_mapping::valid(""));
}

TEST(dram_mapping, the_hash_spreads_strides_over_all_channels)
{
    parameters p;
    for (const bool hash : {false, true}) {
        p.channel_hash = hash;
        const address_mapping mapping(p);
        std::vector<unsigned> count(p.channels);
        for (std::uint64_t i = 0; i < 1024; ++i)
            ++count[mapping.of(i * 16).channel];
        for (unsigned channel = 0; channel < p.channels; ++channel)
            EXPECT_EQ(count[channel], hash ? 64u : channel == 0 ? 1024u : 0u);
    }
}

// No two bursts meet, and none is lost: the locations of as many bursts as there are in 8 rows are counted.
TEST(dram_mapping, every_location_is_hit_once)
{
    const unsigned shapes[][5] = {// channels, bank groups, banks, row bytes, burst beats
                                  {16, 4, 4, 1024, 4}, {1, 4, 4, 2048, 8}, {2, 1, 8, 2048, 16}, {8, 1, 1, 32, 4},
                                  {1, 1, 1, 64, 4},    {1, 1, 1, 32, 4},   {128, 2, 1, 64, 2},  {4, 16, 4, 512, 8}};
    for (const auto& shape : shapes)
        for (const std::string_view word : address_mapping::words)
            for (const bool hash : {false, true}) {
                parameters p;
                p.channels = shape[0];
                p.bank_groups = shape[1];
                p.banks_per_group = shape[2];
                p.row_bytes = shape[3];
                p.burst_beats = shape[4];
                p.mapping = word;
                p.channel_hash = hash;
                const address_mapping mapping(p);
                const std::uint64_t columns = p.row_bytes / p.burst_bytes();
                std::vector<bool> seen(std::uint64_t{p.channels} * p.bank_groups * p.banks_per_group * 8 * columns);
                for (std::uint64_t burst = 0; burst < seen.size(); ++burst) {
                    const location at = mapping.of(burst);
                    ASSERT_LT(at.channel, p.channels);
                    ASSERT_LT(at.bank_group, p.bank_groups);
                    ASSERT_LT(at.bank, p.banks_per_group);
                    ASSERT_LT(at.column, columns);
                    ASSERT_LT(at.row, 8u);
                    std::uint64_t index = at.channel;
                    index = index * p.bank_groups + at.bank_group;
                    index = index * p.banks_per_group + at.bank;
                    index = index * 8 + at.row;
                    index = index * columns + at.column;
                    ASSERT_FALSE(seen[index]) << word << ", burst " << burst;
                    seen[index] = true;
                }
            }
}

TEST(dram_mapping, the_highest_addresses_have_a_place)
{
    parameters p;
    p.channels = 1;
    const location at = address_mapping(p).of(~std::uint64_t{0});
    EXPECT_EQ(at.channel, 0u);
    EXPECT_EQ(at.row, ~std::uint64_t{0} >> 9);
}
