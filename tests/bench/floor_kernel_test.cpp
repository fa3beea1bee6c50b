// The floor computes what the layers are defined to compute, or it would be no floor.
#include "tests/bench/floor_kernel.h"

#include "tests/support/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

using namespace loas;

namespace
{

/// Puts what comes tile by tile together: [pixel][column][chunk].
struct collected_matches : bench::floor_kernel::match_reader {
    std::size_t columns = 0;
    std::vector<unsigned> matches;

    void counted(const bench::floor_kernel& of, std::size_t first_position, const std::uint8_t* counts) override
    {
        for (std::size_t i = 0; i < of.tile_pixels(); ++i) {
            const std::size_t pixel = of.pixel_of(first_position + i);
            for (std::size_t n = 0; n < columns && pixel != of.none; ++n)
                for (std::size_t chunk = 0; chunk < of.chunks(); ++chunk)
                    matches.at((pixel * columns + n) * of.chunks() + chunk) +=
                        counts[(chunk * columns + n) * of.tile_pixels() + i];
        }
    }
};

/// The same, input by input.
std::vector<unsigned> plain_matches(const reference::reference_layer& layer)
{
    const std::size_t inputs = std::size_t{layer.kernel_h} * layer.kernel_w * layer.in_channels;
    const std::size_t chunks = (inputs + 127) / 128;
    std::vector<unsigned> matches;
    for (std::size_t y = 0; y + layer.kernel_h <= layer.in_height + 2U * layer.pad_h; y += layer.stride_h)
        for (std::size_t x = 0; x + layer.kernel_w <= layer.in_width + 2U * layer.pad_w; x += layer.stride_w)
            for (std::size_t n = 0; n < layer.out_channels; ++n) {
                const std::size_t first = matches.size();
                matches.resize(first + chunks);
                for (std::size_t k = 0; k < inputs; ++k) {
                    const std::size_t row = y + k / layer.in_channels / layer.kernel_w - layer.pad_h;
                    const std::size_t column = x + k / layer.in_channels % layer.kernel_w - layer.pad_w;
                    if (row < layer.in_height && column < layer.in_width && layer.weights[n * inputs + k] != 0 &&
                        layer.spikes[(row * layer.in_width + column) * layer.in_channels + k % layer.in_channels] != 0)
                        ++matches[first + k / 128];
                }
            }
    return matches;
}

} // namespace

TEST(floor_kernel, equals_the_reference)
{
    support::random_source random(9);
    for (int round = 0; round < 60; ++round) {
        reference::reference_layer layer;
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
        const std::vector<unsigned> matches = plain_matches(layer);
        for (int run = 0; run < 3; ++run) { // nothing may be left of the run before
            collected_matches collected;
            collected.columns = layer.out_channels;
            collected.matches.resize(matches.size());
            ASSERT_EQ(bench::unpack(kernel.run(layer.spikes, run > 0 ? &collected : nullptr), layer.out_channels),
                      reference::run_reference(layer).spikes)
                << "round " << round;
            if (run > 0) {
                ASSERT_EQ(collected.matches, matches) << "round " << round;
            }
        }
    }
}

TEST(floor_kernel, refuses_what_it_is_not_made_for)
{
    reference::reference_layer layer;
    layer.weights = {1};
    EXPECT_THROW(bench::floor_kernel{layer}, std::invalid_argument); // one timestep
    layer.timesteps = 4;
    EXPECT_NO_THROW(bench::floor_kernel{layer});
    layer.pool = 2;
    EXPECT_THROW(bench::floor_kernel{layer}, std::invalid_argument);
}
