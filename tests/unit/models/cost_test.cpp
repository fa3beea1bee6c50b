#include "models/cost/published_rule.h"

#include "tests/golden/published_rule.h"
#include "tests/support/random.h"
#include "tests/support/random_layer.h"

#include <gtest/gtest.h>

using namespace loas;

namespace
{

loas_descriptor descriptor_of(const reference::reference_layer& layer)
{
    loas_descriptor d{};
    d.timesteps = static_cast<std::uint8_t>(layer.timesteps);
    d.in_height = static_cast<std::uint16_t>(layer.in_height);
    d.in_width = static_cast<std::uint16_t>(layer.in_width);
    d.in_channels = static_cast<std::uint16_t>(layer.in_channels);
    d.out_channels = static_cast<std::uint16_t>(layer.out_channels);
    d.kernel_h = static_cast<std::uint8_t>(layer.kernel_h);
    d.kernel_w = static_cast<std::uint8_t>(layer.kernel_w);
    d.stride_h = static_cast<std::uint8_t>(layer.stride_h);
    d.stride_w = static_cast<std::uint8_t>(layer.stride_w);
    d.pad_h = static_cast<std::uint8_t>(layer.pad_h);
    d.pad_w = static_cast<std::uint8_t>(layer.pad_w);
    d.pool = static_cast<std::uint8_t>(layer.pool);
    return d;
}

std::uint64_t cycles(const reference::reference_layer& layer, const cost::published_tile& tile)
{
    const functional::layer_shape shape(descriptor_of(layer));
    return cost::join_tiles(cost::unfold_rows(shape, layer.spikes).masks,
                            cost::unfold_columns(shape, functional::non_zeros_of(layer.weights, shape.n, shape.k)),
                            tile)
        .cycles;
}

} // namespace

// Two rows, K = 130 (two chunks), one column of ones: row 0 has 3 inputs in chunk 0 and 1 in chunk 1, row 1 has 2
// and 2. Same tile of rows: max(3, 2) + max(1, 2) = 5 cycles; with one row a tile 3 + 1 + 2 + 2 = 8.
TEST(published_rule, by_hand)
{
    reference::reference_layer layer;
    layer.timesteps = 4;
    layer.in_height = 2;
    layer.in_channels = 130;
    layer.spikes.assign(260, 0);
    for (const std::size_t k : {0u, 5u, 127u, 128u})
        layer.spikes[k] = 9;
    for (const std::size_t k : {1u, 2u, 128u, 129u})
        layer.spikes[130 + k] = 15;
    layer.weights.assign(130, 1);
    EXPECT_EQ(cycles(layer, {}), 5u);
    EXPECT_EQ(cycles(layer, {1, 128, 32}), 8u);
    // 33 equal columns: a second tile of columns with one column in it.
    layer.out_channels = 33;
    layer.weights.assign(130 * 33, 1);
    EXPECT_EQ(cycles(layer, {}), 32u * 5 + 5);
}

// One channel slowest: a 1 x 2 image with 2 channels and a 1 x 2 kernel has k = (channel, kernel column).
TEST(published_rule, unfolds_with_the_channel_slowest)
{
    loas_descriptor d{};
    d.timesteps = 1;
    d.in_height = 1;
    d.in_width = 2;
    d.in_channels = 2;
    d.out_channels = 1;
    d.kernel_h = 1;
    d.kernel_w = 2;
    d.stride_h = d.stride_w = d.pool = 1;
    const functional::layer_shape shape(d);
    // pixel 0: channel 1 spikes; pixel 1: channel 0 spikes -> k = (c1, x0) = 2 and (c0, x1) = 1
    EXPECT_EQ(cost::unfold_rows(shape, {0, 1, 1, 0}).masks.row(0)[0], 0b0110u);
    // weights in (kernel column, channel) order: (x0, c0), (x0, c1), (x1, c0), (x1, c1)
    EXPECT_EQ(cost::unfold_columns(shape, functional::non_zeros_of<int>({7, 0, 3, 0}, 1, 4)).row(0)[0], 0b0011u);
}

// The values of the unfolded layer lie where its masks have their bits.
TEST(published_rule, values_unfold_like_masks)
{
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const reference::reference_layer layer = support::random_layer(seed);
        const functional::layer_shape shape(descriptor_of(layer));
        const cost::unfolded_layer values = cost::unfold(shape, layer.spikes, layer.weights);
        functional::bit_matrix spikes(shape.m, shape.k), weights(shape.n, shape.k);
        std::uint64_t spike_count = 0;
        for (std::size_t i = 0; i < values.spikes.size(); ++i) {
            spike_count += functional::popcount(values.spikes[i]);
            if (values.spikes[i] != 0)
                spikes.set(i / shape.k, i % shape.k);
        }
        for (std::size_t i = 0; i < values.weights.size(); ++i)
            if (values.weights[i] != 0)
                weights.set(i / shape.k, i % shape.k);
        const cost::unfolded_input rows = cost::unfold_rows(shape, layer.spikes);
        const functional::bit_matrix columns =
            cost::unfold_columns(shape, functional::non_zeros_of(layer.weights, shape.n, shape.k));
        const std::size_t words = functional::words_of(shape.k);
        ASSERT_TRUE(std::equal(spikes.row(0), spikes.row(0) + shape.m * words, rows.masks.row(0))) << "seed " << seed;
        ASSERT_TRUE(std::equal(weights.row(0), weights.row(0) + shape.n * words, columns.row(0))) << "seed " << seed;
        ASSERT_EQ(spike_count, rows.spikes) << "seed " << seed;
        const std::vector<functional::bit_matrix> timesteps = cost::unfold_timesteps(shape, layer.spikes);
        for (std::size_t i = 0; i < values.spikes.size(); ++i) {
            const std::size_t row = i / shape.k, input = i % shape.k;
            ASSERT_EQ(cost::unfolded_word(shape, layer.spikes, row, input), values.spikes[i]) << "seed " << seed;
            for (unsigned t = 0; t < shape.timesteps; ++t)
                ASSERT_EQ(timesteps[t].row(row)[input / 64] >> input % 64 & 1, values.spikes[i] >> t & 1U);
        }
        for (std::size_t i = 0; i < values.weights.size(); ++i)
            ASSERT_EQ(layer.weights[i / shape.k * shape.k + cost::weight_position(shape, i % shape.k)],
                      values.weights[i]);
    }
}

TEST(published_rule, equals_golden_on_random_layers)
{
    support::random_source random(21);
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        reference::reference_layer layer = support::random_layer(seed);
        const unsigned rows = random.pick({1u, 4u, 16u, 64u});
        const unsigned inputs = random.pick({64u, 128u, 256u});
        const unsigned columns = random.pick({1u, 16u, 32u});
        ASSERT_EQ(cycles(layer, {rows, inputs, columns}), golden::published_cycles(layer, {rows, inputs, columns}))
            << "seed " << seed;
    }
}
