// The generator of random layers: the same everywhere, always within its limits, and rich enough to be worth running.
#include "tests/support/random.h"
#include "tests/support/random_layer.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace loas::support
{

TEST(random_source, splitmix64_gives_its_published_sequence)
{
    std::uint64_t state = 1234567;
    EXPECT_EQ(random_source::splitmix64(state), 6457827717110365317u);
    EXPECT_EQ(random_source::splitmix64(state), 3203168211198807973u);
}

TEST(random_source, ranges_include_their_ends)
{
    random_source random(1);
    bool low = false, high = false;
    for (unsigned i = 0; i < 1000; ++i) {
        const std::int64_t value = random.between(-2, 2);
        ASSERT_GE(value, -2);
        ASSERT_LE(value, 2);
        low = low || value == -2;
        high = high || value == 2;
        ASSERT_FALSE(random.chance(0, 100));
        ASSERT_TRUE(random.chance(100, 100));
    }
    EXPECT_TRUE(low && high);
}

TEST(random_layer, is_a_function_of_its_seed)
{
    const reference::reference_layer first = random_layer(7), again = random_layer(7), other = random_layer(8);
    EXPECT_EQ(first.spikes, again.spikes);
    EXPECT_EQ(first.weights, again.weights);
    EXPECT_EQ(first.bias, again.bias);
    EXPECT_NE(first.weights, other.weights);
}

TEST(random_layer, stays_within_its_limits_and_reaches_the_corners)
{
    bool convolution = false, plain = false, no_spikes = false, all_spikes = false, no_weights = false;
    bool all_weights = false, lowest_weight = false, highest_weight = false, soft = false, delayed = false,
         currents = false;
    bool masked = false, pooled = false, biased = false, negative_threshold = false, zero_threshold = false;
    bool no_leak = false, full_leak = false;
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        SCOPED_TRACE(seed);
        const reference::reference_layer layer = random_layer(seed);
        ASSERT_GE(layer.in_height + 2 * layer.pad_h, layer.kernel_h);
        ASSERT_GE(layer.in_width + 2 * layer.pad_w, layer.kernel_w);
        const unsigned height = (layer.in_height + 2 * layer.pad_h - layer.kernel_h) / layer.stride_h + 1;
        const unsigned width = (layer.in_width + 2 * layer.pad_w - layer.kernel_w) / layer.stride_w + 1;
        const unsigned inputs = layer.kernel_h * layer.kernel_w * layer.in_channels;
        ASSERT_LE(height * width, 70u);
        ASSERT_LE(inputs, 700u);
        ASSERT_LE(layer.out_channels, 150u);
        ASSERT_GE(layer.out_channels, 1u);
        ASSERT_TRUE(layer.timesteps >= 1 && layer.timesteps <= 16);
        ASSERT_TRUE(layer.pool >= 1 && layer.pool <= std::min({3u, height, width}));
        ASSERT_TRUE(layer.pad_h <= 2 && layer.pad_w <= 2);
        ASSERT_LE(layer.leak_q8, 256u);
        ASSERT_TRUE(!layer.currents || (layer.pool == 1 && !layer.single_spike_mask));
        ASSERT_EQ(layer.spikes.size(), std::size_t{layer.in_height} * layer.in_width * layer.in_channels);
        ASSERT_EQ(layer.weights.size(), std::size_t{inputs} * layer.out_channels);
        ASSERT_TRUE(layer.bias.empty() || layer.bias.size() == layer.out_channels);

        const auto full_word = static_cast<std::uint16_t>((1u << layer.timesteps) - 1u);
        const auto spikes_are = [&](std::uint16_t word) {
            return std::all_of(layer.spikes.begin(), layer.spikes.end(), [&](std::uint16_t s) { return s == word; });
        };
        const auto zeros = std::count(layer.weights.begin(), layer.weights.end(), 0);
        const auto has_weight = [&](int value) {
            return std::find(layer.weights.begin(), layer.weights.end(), value) != layer.weights.end();
        };
        convolution = convolution || layer.kernel_h * layer.kernel_w > 1;
        plain = plain || (layer.in_width == 1 && layer.kernel_h == 1 && layer.kernel_w == 1);
        no_spikes = no_spikes || spikes_are(0);
        all_spikes = all_spikes || spikes_are(full_word);
        no_weights = no_weights || zeros == static_cast<std::ptrdiff_t>(layer.weights.size());
        all_weights = all_weights || zeros == 0;
        lowest_weight = lowest_weight || has_weight(-128);
        highest_weight = highest_weight || has_weight(127);
        soft = soft || layer.reset == reference::neuron_reset::soft;
        delayed = delayed || layer.reset == reference::neuron_reset::delayed;
        currents = currents || layer.currents;
        masked = masked || layer.single_spike_mask;
        pooled = pooled || layer.pool == 3;
        biased = biased || !layer.bias.empty();
        negative_threshold = negative_threshold || layer.threshold < 0;
        zero_threshold = zero_threshold || layer.threshold == 0;
        no_leak = no_leak || layer.leak_q8 == 256;
        full_leak = full_leak || layer.leak_q8 == 0;
    }
    EXPECT_TRUE(convolution && plain);
    EXPECT_TRUE(no_spikes && all_spikes);
    EXPECT_TRUE(no_weights && all_weights && lowest_weight && highest_weight);
    EXPECT_TRUE(soft && delayed && currents && masked && pooled && biased);
    EXPECT_TRUE(negative_threshold && zero_threshold && no_leak && full_leak);
}

} // namespace loas::support
