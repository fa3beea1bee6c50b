#include "models/cost/compression.h"

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

namespace
{

/// 1 x 2 pixels of 70 channels, 300 columns, kernel 1 x 2: K = 140; T = 3.
functional::layer_shape small_shape(loas_spike_format spikes, loas_weight_format weights, unsigned channels = 70,
                                    unsigned columns = 300)
{
    loas_descriptor d{};
    d.timesteps = 3;
    d.in_height = 1;
    d.in_width = 2;
    d.in_channels = static_cast<std::uint16_t>(channels);
    d.out_channels = static_cast<std::uint16_t>(columns);
    d.kernel_h = 1;
    d.kernel_w = 2;
    d.stride_h = d.stride_w = d.pool = 1;
    d.formats = static_cast<std::uint8_t>(spikes | weights << 4);
    return functional::layer_shape(d);
}

} // namespace

// Pixel 0 has three channels that are not silent, with 6 spikes, pixel 1 one with 1.
TEST(compression, spikes_in_memory)
{
    std::vector<std::uint16_t> words(140);
    words[0] = 0b111;
    words[5] = 0b010;
    words[69] = 0b011;
    words[70] = 0b001;
    const auto size = [&](loas_spike_format format) {
        return cost::spikes_in_memory(small_shape(format, LOAS_WEIGHTS_COLUMNS), words);
    };
    EXPECT_EQ(size(LOAS_SPIKES_PACKED).bytes, 2u * 16 + 2 * 4 + 2 + 1); // masks of 128 bits; 9 bits, and 3
    EXPECT_EQ(size(LOAS_SPIKES_BITMAP).bytes, 3u * 2 * 16);
    EXPECT_EQ(size(LOAS_SPIKES_COORDINATES).bytes, 3u * 2 * 8 + 7);
    for (const loas_spike_format format : {LOAS_SPIKES_PACKED, LOAS_SPIKES_BITMAP, LOAS_SPIKES_COORDINATES}) {
        EXPECT_EQ(size(format).dense_bits, 420u);
        EXPECT_EQ(size(format).information_bits, 4u * 3);
    }
    EXPECT_DOUBLE_EQ(size(LOAS_SPIKES_BITMAP).efficiency(), 12.0 / (96 * 8));
    EXPECT_EQ(cost::tensor_size{}.efficiency(), 0);
}

TEST(compression, weights_in_memory)
{
    const auto size = [](loas_weight_format format) {
        return cost::weights_in_memory(small_shape(LOAS_SPIKES_PACKED, format), 1000);
    };
    EXPECT_EQ(size(LOAS_WEIGHTS_COLUMNS).bytes, 300u * (24 + 4) + 1000); // masks of 192 bits
    EXPECT_EQ(size(LOAS_WEIGHTS_ROWS).bytes, 140u * 8 + 1000 * 3);       // columns need two bytes
    EXPECT_EQ(size(LOAS_WEIGHTS_DENSE).bytes, 140u * 300);
    EXPECT_EQ(size(LOAS_WEIGHTS_ROWS).dense_bits, 140u * 300 * 8);
    EXPECT_EQ(size(LOAS_WEIGHTS_ROWS).information_bits, 8000u);
}

// Of up to 256 things a coordinate takes one byte, of more two.
TEST(compression, coordinates_in_memory_are_one_byte_or_two)
{
    for (const unsigned count : {256u, 257u}) {
        const unsigned bytes = count == 256 ? 1 : 2;
        const auto shape = small_shape(LOAS_SPIKES_COORDINATES, LOAS_WEIGHTS_ROWS, count, count);
        std::vector<std::uint16_t> words(2 * count);
        words[7] = 0b101;
        words[2 * count - 1] = 0b010;
        EXPECT_EQ(cost::spikes_in_memory(shape, words).bytes, 3u * 2 * 8 + 3 * bytes);
        EXPECT_EQ(cost::weights_in_memory(shape, 1000).bytes, 2u * count * 8 + 1000 * (bytes + 1));
    }
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
