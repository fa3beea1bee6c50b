#include "cost/compression.h"

#include <gtest/gtest.h>

using namespace loas;

// Two fibers of 100 inputs, 10 of them with 15 spikes together.
TEST(compression, by_hand)
{
    const cost::spike_storage s = cost::stored_spikes({2, 100, 4, 10, 15});
    EXPECT_EQ(s.information_bits, 40u);
    EXPECT_EQ(s.packed_bits(), 200u + 2 * 32 + 40);
    EXPECT_EQ(s.csr_bits(), 15u * 7 + 2 * 4 * 32);
    EXPECT_EQ(s.timestep_bitmask_bits, 800u);
    EXPECT_DOUBLE_EQ(s.packed_efficiency(), 40.0 / 304);
    EXPECT_DOUBLE_EQ(s.csr_efficiency(), 40.0 / 361);
    EXPECT_DOUBLE_EQ(s.timestep_bitmask_efficiency(), 0.05);
}

TEST(compression, without_pointers)
{
    const cost::spike_storage s = cost::stored_spikes({2, 100, 4, 10, 15}, 0);
    EXPECT_EQ(s.packed_bits(), 240u);
    EXPECT_EQ(s.csr_bits(), 105u);
}

TEST(compression, coordinates_are_as_wide_as_needed)
{
    EXPECT_EQ(cost::stored_spikes({1, 1, 1, 1, 1}).csr_coordinate_bits, 0u); // there is only one place
    EXPECT_EQ(cost::stored_spikes({1, 2, 1, 1, 1}).csr_coordinate_bits, 1u);
    EXPECT_EQ(cost::stored_spikes({1, 128, 1, 1, 1}).csr_coordinate_bits, 7u);
    EXPECT_EQ(cost::stored_spikes({1, 129, 1, 1, 1}).csr_coordinate_bits, 8u);
}

TEST(compression, of_silence)
{
    EXPECT_EQ(cost::stored_spikes({3, 64, 4, 0, 0}).packed_efficiency(), 0);
    EXPECT_EQ(cost::stored_spikes({0, 0, 4, 0, 0}).packed_efficiency(), 0);
    EXPECT_EQ(cost::stored_spikes({0, 0, 4, 0, 0}).csr_efficiency(), 0);
}

// The same two fibers in the formats of the designs.
TEST(compression, formats_of_the_designs)
{
    const cost::spike_statistics spikes{2, 100, 4, 10, 15};
    EXPECT_EQ(cost::stored_spike_bits(cost::masked_tiles, spikes), 200u + 40);      // LoAS
    EXPECT_EQ(cost::stored_spike_bits(cost::raw_tiles, spikes), 800u);              // SparTen
    EXPECT_EQ(cost::stored_spike_bits(cost::coordinate_tiles(8), spikes), 15u * 9); // GoSPA
    EXPECT_EQ(cost::stored_spike_bits(cost::coordinate_tiles(6), spikes), 15u * 7); // Gamma
    EXPECT_EQ(cost::stored_spike_bits(cost::coordinate_tiles(6), {2, 100, 4, 0, 0}), 0u);
}
