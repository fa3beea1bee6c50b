// The function of a network against numbers worked out by hand.
#include "platform/reference/reference.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace loas::golden
{

namespace
{

using words = std::vector<std::uint16_t>;
using numbers = std::vector<std::int32_t>;

} // namespace

TEST(reference, encoder_sees_the_image_at_every_timestep)
{
    reference::reference_layer layer;
    layer.timesteps = 4;
    layer.in_width = 2;
    layer.kernel_w = 2;
    layer.weights = {2, 5};
    layer.bias = {1};
    layer.threshold = 3;
    layer.leak_q8 = 256;
    // O = 1 + 2*3 - 5*1 = 2: X = 2; 4, spike, U = 0; 2; 4, spike.
    EXPECT_EQ(reference::run_reference_encoder(layer, {3, -1}).spikes, words{0b1010});
}

TEST(reference, network_adds_the_currents_of_all_timesteps)
{
    reference::reference_layer encoder;
    encoder.timesteps = 4;
    encoder.in_width = 2;
    encoder.weights = {1};
    encoder.threshold = 1;
    encoder.leak_q8 = 256;
    reference::reference_layer classifier;
    classifier.timesteps = 4;
    classifier.in_width = 2;
    classifier.kernel_w = 2;
    classifier.out_channels = 2;
    classifier.currents = true;
    classifier.weights = {3, -1, 10, 1};
    classifier.bias = {0, 5};
    // Pixel 1: X = 1; 2, spike; 1; 2, spike: two spikes. Pixel 3: four spikes.
    // Class 0: 2*3 - 4*1 = 2. Class 1: 2*10 + 4*1 + 4*5 = 44.
    const reference::reference_scores sums = reference::run_reference_network({encoder, {classifier}, {}, 0}, {1, 3});
    EXPECT_EQ(sums.scores, (std::vector<std::int64_t>{2, 44}));
    // Each class with a response of its own; of class 1 only what came three timesteps before, 2 * (1 + 5).
    reference::reference_readout own;
    own.response_q16 = {1, 0, 0, 0, 0, 0, 0, 2};
    EXPECT_EQ(reference::run_reference_network({encoder, {classifier}, own, 0}, {1, 3}).scores,
              (std::vector<std::int64_t>{2, 12}));
    ASSERT_EQ(sums.spikes.size(), 1u);
    EXPECT_EQ(sums.spikes[0], (std::vector<std::uint16_t>{0b1010, 0b1111}));

    // Class 0 has currents -1, 2, -1, 2, class 1 6, 16, 6, 16. A neuron that keeps half of its potential: -1, 1.5,
    // -0.25, 1.875 and 6, 19, 15.5, 23.75.
    using reference::reference_score;
    const auto scores = [&](reference_score score, std::vector<std::int32_t> response) {
        return reference::run_reference_network({encoder, {classifier}, {score, std::move(response)}, 0}, {1, 3}).scores;
    };
    EXPECT_EQ(scores(reference_score::last, {}), (std::vector<std::int64_t>{2, 16}));
    EXPECT_EQ(scores(reference_score::maximum, {}), (std::vector<std::int64_t>{2, 16}));
    const std::vector<std::int32_t> half{65536, 32768, 16384, 8192};
    EXPECT_EQ(scores(reference_score::last, half), (std::vector<std::int64_t>{122880, 1556480}));
    EXPECT_EQ(scores(reference_score::sum, half), (std::vector<std::int64_t>{139264, 4210688}));
    classifier.weights = {-3, 1, -10, -1}; // class 0: 1, -2, 1, -2; with the neuron 1, -1.5, 0.25, -1.875
    EXPECT_EQ(scores(reference_score::maximum, half)[0], 65536);
    EXPECT_THROW(scores(reference_score::sum, {1}), std::invalid_argument);

    classifier.currents = false; // class 0 spikes where its current is positive, potential from 0
    classifier.leak_q8 = 0;
    EXPECT_EQ(scores(reference_score::sum, {})[0], 2);
    EXPECT_EQ(scores(reference_score::last, {})[0], 0);
    EXPECT_THROW(reference::run_reference_network({encoder, {}, {}, 0}, {1, 3}), std::invalid_argument);
}

// What blocks of any length make of an input is what one of all its timesteps makes of it.
TEST(reference, network_in_blocks)
{
    for (const reference::neuron_reset reset :
         {reference::neuron_reset::hard, reference::neuron_reset::soft, reference::neuron_reset::delayed}) {
        reference::reference_layer first;
        first.timesteps = 12;
        first.in_width = 2;
        first.weights = {3};
        first.bias = {1};
        first.threshold = 9;
        first.leak_q8 = 200;
        first.reset = reset;
        reference::reference_layer last = first;
        last.kernel_w = 2;
        last.weights = {5, -2};
        last.threshold = 2;
        numbers frames;
        for (int t = 0; t < 12; ++t) {
            frames.push_back(t % 5);
            frames.push_back(4 - t % 3);
        }
        for (const bool spikes : {false, true}) {
            reference::reference_network network;
            if (!spikes)
                network.encoder = first;
            network.layers = {last};
            if (spikes)
                for (std::int32_t& each : frames)
                    each = each > 1;
            const reference::reference_scores whole = reference::run_reference_network(network, frames);
            EXPECT_GT(whole.scores[0], 0);
            network.timesteps = 12;
            for (const unsigned block : {1u, 4u, 5u, 12u}) { // 5: the last one is shorter
                for (reference::reference_layer& each : network.layers)
                    each.timesteps = block;
                if (network.encoder)
                    network.encoder->timesteps = block;
                const reference::reference_scores parts = reference::run_reference_network(network, frames);
                EXPECT_EQ(parts.scores, whole.scores);
                EXPECT_EQ(parts.spikes[0].size(), (12 + block - 1) / block * whole.spikes[0].size());
            }
        }
        EXPECT_THROW(reference::run_reference_network({{}, {last}, {}, 0}, {2, 0}), std::invalid_argument);
    }
}

// 0, 2, 4: above 3 at the third timestep. From 3 on: above at the first, reset, then 2, 4.
TEST(reference, network_begins_with_starts)
{
    reference::reference_layer layer;
    layer.timesteps = 4;
    layer.weights = {2};
    layer.threshold = 3;
    layer.leak_q8 = 256;
    reference::reference_network network;
    network.layers = {layer};
    const numbers ones = {1, 1, 1, 1};
    EXPECT_EQ(reference::run_reference_network(network, ones).spikes[0][0], 0b1010);
    network.layers[0].starts = {2};
    EXPECT_EQ(reference::run_reference_network(network, ones).spikes[0][0], 0b0101);
    network.layers[0].starts = {-4};
    EXPECT_EQ(reference::run_reference_network(network, ones).spikes[0][0], 0b1000);
    network.layers[0].starts = {2};
    network.layers[0].timesteps = 2;
    network.timesteps = 4;
    EXPECT_EQ(reference::run_reference_network(network, ones).spikes[0], (std::vector<std::uint16_t>{0b01, 0b01}));
}

} // namespace loas::golden
