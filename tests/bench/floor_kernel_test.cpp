// The floor computes what the layers are defined to compute, or it would be no floor.
#include "floor_kernel.h"

#include "support/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

using namespace loas;

TEST(floor_kernel, equals_the_reference)
{
    support::random_source random(9);
    for (int round = 0; round < 60; ++round) {
        app::reference_layer layer;
        layer.timesteps = bench::floor_kernel::timesteps;
        layer.in_height = random.between_unsigned(1, 12);
        layer.in_width = random.between_unsigned(1, 12);
        layer.in_channels = random.between_unsigned(1, 80);
        layer.out_channels = random.between_unsigned(1, 140);
        const bool matrix = random.chance(1, 4);
        layer.kernel_h = layer.kernel_w =
            matrix ? 1 : random.between_unsigned(1, std::min({layer.in_height, layer.in_width, 4U}));
        layer.stride_h = layer.stride_w = matrix ? 1 : random.between_unsigned(1, 3);
        layer.pad_h = layer.pad_w = matrix ? 0 : random.between_unsigned(0, layer.kernel_h - 1);
        layer.single_spike_mask = random.chance(1, 2);
        layer.leak_q8 = random.pick({0U, 128U, 200U, 256U});
        layer.threshold = random.pick({0, 60, 400});
        const std::uint64_t weights_percent = random.pick({2U, 20U, 100U}); // 100: more than fit in 16 bits
        layer.weights.resize(std::size_t{layer.out_channels} * layer.kernel_h * layer.kernel_w * layer.in_channels);
        for (std::int8_t& weight : layer.weights)
            if (random.chance(weights_percent, 100))
                weight = static_cast<std::int8_t>(random.chance(1, 8) ? -128 : random.between(-100, 127));
        layer.spikes.resize(std::size_t{layer.in_height} * layer.in_width * layer.in_channels);
        for (std::uint16_t& word : layer.spikes)
            if (random.chance(weights_percent == 100 ? 90 : 20, 100))
                word = static_cast<std::uint16_t>(random.between_unsigned(1, 15));
        bench::floor_kernel kernel(layer);
        for (int run = 0; run < 2; ++run) // nothing may be left of the run before
            ASSERT_EQ(bench::unpack(kernel.run(layer.spikes), layer.out_channels), app::run_reference(layer).spikes)
                << "round " << round;
    }
}

TEST(floor_kernel, refuses_what_it_is_not_made_for)
{
    app::reference_layer layer;
    layer.weights = {1};
    EXPECT_THROW(bench::floor_kernel{layer}, std::invalid_argument); // one timestep
    layer.timesteps = 4;
    EXPECT_NO_THROW(bench::floor_kernel{layer});
    layer.pool = 2;
    EXPECT_THROW(bench::floor_kernel{layer}, std::invalid_argument);
}
