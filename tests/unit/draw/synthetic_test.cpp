// Synthetic layers: counts that are exact, tensors that are a function of their seed alone, placement without a bias.
#include "models/functional/random_source.h"
#include "platform/config/layer_rules.h"
#include "platform/draw/synthetic.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace loas;
using functional::random_source;

namespace
{

config::layer_params params_of(unsigned height, unsigned width, unsigned channels, unsigned kernel,
                               unsigned out_channels)
{
    config::layer_params params;
    params.height = height;
    params.width = width;
    params.channels = channels;
    params.kernel = kernel;
    params.padding = kernel / 2;
    params.out_channels = out_channels;
    return params;
}

double zero_share(std::uint64_t non_zeros, std::uint64_t whole)
{
    return 1.0 - static_cast<double>(non_zeros) / static_cast<double>(whole);
}

struct found_counts {
    std::uint64_t non_silent = 0, spikes = 0, weights = 0;
};

found_counts count(const draw::synthetic_layer& made)
{
    found_counts found;
    for (const std::uint16_t word : made.spikes) {
        found.non_silent += word != 0;
        found.spikes += static_cast<unsigned>(__builtin_popcount(word));
    }
    for (const std::int8_t weight : made.layer.weights)
        found.weights += weight != 0;
    return found;
}

/// FNV-1a over the values, each as 16 bits: the same on every machine, whatever its byte order.
template <class T> std::uint64_t checksum(const std::vector<T>& values)
{
    std::uint64_t hash = 0xCBF29CE484222325u;
    for (const T value : values) {
        const auto bits = static_cast<std::uint16_t>(value);
        hash = (hash ^ (bits & 0xFFu)) * 0x100000001B3u;
        hash = (hash ^ static_cast<unsigned>(bits >> 8)) * 0x100000001B3u;
    }
    return hash;
}

} // namespace

TEST(synthetic, counts_are_exact_for_any_shape)
{
    random_source random(11);
    for (unsigned i = 0; i < 500; ++i) {
        SCOPED_TRACE(i);
        const unsigned timesteps = random.between_unsigned(1, 16);
        config::layer_params params =
            params_of(random.between_unsigned(1, 9), random.between_unsigned(1, 9), random.between_unsigned(1, 100),
                      random.between_unsigned(1, 3), random.between_unsigned(1, 20));
        params.seed = static_cast<std::int64_t>(random.below(1u << 31));
        const std::uint64_t inputs = std::uint64_t{params.height} * params.width * params.channels;
        const std::uint64_t weights =
            std::uint64_t{params.kernel} * params.kernel * params.channels * params.out_channels;
        const std::uint64_t non_silent = random.below(inputs + 1);
        const std::uint64_t spikes = non_silent + random.below(non_silent * (timesteps - 1) + 1);
        const std::uint64_t non_zero = random.below(weights + 1);
        params.silent_ratio = zero_share(non_silent, inputs);
        params.spike_sparsity = zero_share(spikes, inputs * timesteps);
        params.weight_sparsity = zero_share(non_zero, weights);

        const draw::synthetic_layer made = draw::make_synthetic_layer(params, timesteps);
        ASSERT_EQ(made.spikes.size(), inputs);
        ASSERT_EQ(made.layer.weights.size(), weights);
        const found_counts found = count(made);
        EXPECT_EQ(found.non_silent, non_silent);
        EXPECT_EQ(found.spikes, spikes);
        EXPECT_EQ(found.weights, non_zero);
        EXPECT_TRUE(std::all_of(made.spikes.begin(), made.spikes.end(),
                                [&](std::uint16_t word) { return word >> timesteps == 0; }));
        EXPECT_EQ(std::count(made.layer.weights.begin(), made.layer.weights.end(), -128), 0);
    }
}

TEST(synthetic, the_default_is_the_published_layer)
{
    const config::layer_params params;
    const draw::synthetic_layer made = draw::make_synthetic_layer(params, 4);
    EXPECT_EQ(made.spikes.size(), 4096u);
    EXPECT_EQ(made.layer.weights.size(), 2304u * 512u);
    const found_counts found = count(made);
    EXPECT_EQ(found.non_silent, 962u);
    EXPECT_EQ(found.spikes, 1955u);
    EXPECT_EQ(found.weights, 38291u);
    EXPECT_EQ(made.layer.in_height, 4u);
    EXPECT_EQ(made.layer.out_width(), 4u);
    EXPECT_EQ(made.layer.kernel_w, 3u);
    EXPECT_EQ(made.layer.threshold, 128);
    EXPECT_TRUE(made.layer.bias.empty());
}

TEST(synthetic, a_seed_gives_the_same_bytes_everywhere)
{
    config::layer_params params;
    const draw::synthetic_layer first = draw::make_synthetic_layer(params, 4);
    EXPECT_EQ(checksum(first.spikes), 0x67E1C49652E33B5Eu);
    EXPECT_EQ(checksum(first.layer.weights), 0x6CEE435B1EA7A6DFu);
    const draw::synthetic_layer again = draw::make_synthetic_layer(params, 4);
    EXPECT_EQ(again.spikes, first.spikes);
    EXPECT_EQ(again.layer.weights, first.layer.weights);
    params.seed = 2;
    const draw::synthetic_layer other = draw::make_synthetic_layer(params, 4);
    EXPECT_NE(other.spikes, first.spikes);
    EXPECT_NE(other.layer.weights, first.layer.weights);
}

// What-ifs about the one tensor should not change the other.
TEST(synthetic, spikes_and_weights_are_drawn_apart)
{
    config::layer_params params;
    const draw::synthetic_layer first = draw::make_synthetic_layer(params, 4);
    params.weight_sparsity = 0.5;
    params.threshold = 1;
    EXPECT_EQ(draw::make_synthetic_layer(params, 4).spikes, first.spikes);
    params = {};
    params.silent_ratio = params.spike_sparsity = 0.5;
    EXPECT_EQ(draw::make_synthetic_layer(params, 4).layer.weights, first.layer.weights);
}

TEST(synthetic, extremes)
{
    for (const unsigned timesteps : {1u, 4u, 16u}) {
        SCOPED_TRACE(timesteps);
        config::layer_params params = params_of(3, 5, 7, 1, 4);
        params.silent_ratio = params.spike_sparsity = params.weight_sparsity = 1; // nothing at all
        found_counts found = count(draw::make_synthetic_layer(params, timesteps));
        EXPECT_EQ(found.non_silent, 0u);
        EXPECT_EQ(found.spikes, 0u);
        EXPECT_EQ(found.weights, 0u);

        params.silent_ratio = params.spike_sparsity = params.weight_sparsity = 0; // everything
        found = count(draw::make_synthetic_layer(params, timesteps));
        EXPECT_EQ(found.non_silent, 105u);
        EXPECT_EQ(found.spikes, 105u * timesteps);
        EXPECT_EQ(found.weights, 28u);

        params.spike_sparsity = zero_share(105, 105 * timesteps); // none silent, each spikes once
        found = count(draw::make_synthetic_layer(params, timesteps));
        EXPECT_EQ(found.non_silent, 105u);
        EXPECT_EQ(found.spikes, 105u);

        params = params_of(1, 1, 1, 1, 1); // one neuron
        params.silent_ratio = params.spike_sparsity = params.weight_sparsity = 0;
        found = count(draw::make_synthetic_layer(params, timesteps));
        EXPECT_EQ(found.spikes, timesteps);
        EXPECT_EQ(found.weights, 1u);
    }
}

// Bounds are about five standard deviations; the seed is fixed, so this holds always or never.
TEST(synthetic, placement_and_values_are_balanced)
{
    const draw::synthetic_layer made = draw::make_synthetic_layer(params_of(16, 16, 64, 3, 64), 4);
    const std::vector<std::int8_t>& weights = made.layer.weights; // 1197 of 36864
    const auto quarter = static_cast<std::ptrdiff_t>(weights.size() / 4);
    for (std::ptrdiff_t i = 0; i < 4; ++i)
        EXPECT_NEAR(static_cast<double>(
                        quarter - std::count(weights.begin() + i * quarter, weights.begin() + (i + 1) * quarter, 0)),
                    1197 / 4.0, 75);
    EXPECT_NEAR(static_cast<double>(std::count_if(weights.begin(), weights.end(), [](int w) { return w < 0; })),
                1197 / 2.0, 87);
    double sum = 0;
    for (const std::int8_t weight : weights)
        sum += std::abs(weight);
    EXPECT_NEAR(sum / 1197, 128 / 3.0, 4.5); // triangular, falling
    EXPECT_GT(*std::max_element(weights.begin(), weights.end()), 100);
    EXPECT_LT(*std::min_element(weights.begin(), weights.end()), -100);

    const std::vector<std::uint16_t>& spikes = made.spikes; // 3847 words of 16384 with 7818 spikes
    const auto half = static_cast<std::ptrdiff_t>(spikes.size() / 2);
    EXPECT_NEAR(static_cast<double>(half - std::count(spikes.begin(), spikes.begin() + half, 0)), 3847 / 2.0, 136);
    for (unsigned t = 0; t < 4; ++t) {
        std::uint64_t at = 0;
        for (const std::uint16_t word : spikes)
            at += (word >> t) & 1u;
        EXPECT_NEAR(static_cast<double>(at), 7818 / 4.0, 150) << t;
    }
}
