// The function of a layer against numbers worked out by hand; the arithmetic stands beside each case.
#include "platform/reference/reference.h"
#include "tests/golden/published_rule.h"
#include "tests/golden/plain_matrix.h"
#include "tests/support/random_layer.h"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <utility>

namespace loas::golden
{

namespace
{

using words = std::vector<std::uint16_t>;
using numbers = std::vector<std::int32_t>;

/// One neuron with one input.
reference::reference_layer one_neuron(unsigned timesteps, std::uint16_t spikes, std::int8_t weight,
                                      std::int32_t threshold, unsigned leak_q8)
{
    reference::reference_layer layer;
    layer.timesteps = timesteps;
    layer.spikes = {spikes};
    layer.weights = {weight};
    layer.threshold = threshold;
    layer.leak_q8 = leak_q8;
    return layer;
}

/// An image of one channel whose output words are its input words, before pooling and masking.
reference::reference_layer pass_through(unsigned height, unsigned width, words spikes)
{
    reference::reference_layer layer = one_neuron(2, 0, 1, 0, 0);
    layer.in_height = height;
    layer.in_width = width;
    layer.spikes = std::move(spikes);
    return layer;
}

} // namespace

TEST(reference, currents_are_bias_plus_product)
{
    reference::reference_layer layer = plain_matrix(2, 3, 2);
    layer.timesteps = 2;
    layer.currents = true;
    layer.spikes = {0b01, 0b11, 0b00, 0b10, 0b00, 0b11};
    layer.weights = {1, -2, 3, -128, 127, 0};
    layer.bias = {10, -1};
    // m=0: n=0: t=0: 10+1-2 = 9, t=1: 10-2 = 8;   n=1: t=0: -1-128+127 = -2, t=1: -1+127 = 126
    // m=1: n=0: t=0: 10+3 = 13,  t=1: 10+1+3 = 14; n=1: t=0: -1,             t=1: -1-128 = -129
    const reference::reference_output output = reference::run_reference(layer);
    EXPECT_EQ(output.currents, (numbers{9, 8, -2, 126, 13, 14, -1, -129}));
    EXPECT_TRUE(output.spikes.empty());
}

TEST(reference, threshold_is_strict_and_hard_reset_clears)
{
    // X = 5 (not above 5), U = 2; X = 7, spike, U = 0; X = 5, U = 2; X = 7, spike.
    EXPECT_EQ(reference::run_reference(one_neuron(4, 0b1111, 5, 5, 128)).spikes, words{0b1010});
}

TEST(reference, leak_rounds_toward_minus_infinity)
{
    // X = -3 (not above -2), U = floor(-1.5) = -2; X = -2, no spike, U = -1; X = -1, spike.
    // Rounding toward zero would give U = -1 first, and a spike at t = 1.
    EXPECT_EQ(reference::run_reference(one_neuron(3, 0b001, -3, -2, 128)).spikes, words{0b100});
}

TEST(reference, leak_at_its_ends)
{
    // leak 256 keeps all: X = 3; 6, spike, U = 0; 3; 6, spike. leak 0 forgets all: X = 3 at every timestep.
    EXPECT_EQ(reference::run_reference(one_neuron(4, 0b1111, 3, 5, 256)).spikes, words{0b1010});
    EXPECT_EQ(reference::run_reference(one_neuron(4, 0b1111, 3, 5, 0)).spikes, words{0});
}

TEST(reference, soft_reset_keeps_what_exceeds_the_threshold)
{
    reference::reference_layer layer = one_neuron(4, 0b0001, 10, 3, 256);
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0b0001});
    // X = 10, spike, U = 7; X = 7, spike, U = 4; X = 4, spike, U = 1; X = 1.
    layer.reset = reference::neuron_reset::soft;
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0b0111});
    // With half of it leaked: X = 10, spike, U = floor(7 / 2) = 3; X = 3 is not above 3.
    layer.leak_q8 = 128;
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0b0001});
}

TEST(reference, delayed_reset_subtracts_an_undecayed_threshold)
{
    // X = 10, spike, U = 10 / 2 - 3 = 2; X = 2, U = 1; X = 1, U = 0; X = 0. The soft reset leaves (10 - 3) / 2 = 3.
    reference::reference_layer layer = one_neuron(4, 0b0001, 10, 1, 128);
    layer.reset = reference::neuron_reset::delayed;
    layer.threshold = 3;
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0b0001});
    // U = 10 - 3 = 7; spike, U = 4; spike, U = 1; X = 1.
    layer.leak_q8 = 256;
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0b0111});
    // U = 10 * 3 / 4 - 3 = 4; X = 4, spike, U = 0. The soft reset would leave floor(7 * 3 / 4) = 5 and floor(1.5) = 1.
    layer.leak_q8 = 192;
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0b0011});
    // A leak of 0 leaves only what is subtracted: X = 10, U = -3; X = 7 by a second input spike, U = -3.
    layer = one_neuron(4, 0b1111, 10, 8, 0);
    layer.reset = reference::neuron_reset::delayed;
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0b0101}); // U = -8: X = 2, U = 0
}

TEST(reference, a_neuron_that_spikes_once_is_silent_behind_it)
{
    // Soft reset, no leak: X = 10, 7, 4 fire, and 1 does not.
    reference::reference_layer layer = one_neuron(4, 0b0001, 10, 3, 256);
    layer.reset = reference::neuron_reset::soft;
    layer.first_spike = true;
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0b0001});
    // 6, 9 fires; and again. With the threshold never reached it stays silent.
    layer = one_neuron(4, 0b1111, 6, 8, 128);
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0b1010});
    layer.first_spike = true;
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0b0010});
    layer.threshold = 12;
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0});
    layer.potentials = {0};
    EXPECT_THROW(reference::run_reference(layer), std::invalid_argument);
    layer.potentials.clear();
    layer.currents = true;
    EXPECT_THROW(reference::run_reference(layer), std::invalid_argument);
}

// Spikes are the bits of a number, the first the largest: a quantiser. Input 0b0101 counts 8 + 2.
TEST(reference, few_spikes_are_the_bits_of_what_all_timesteps_add_up_to)
{
    reference::reference_layer layer = one_neuron(4, 0b0101, 3, 4, 128); // v = 24 + 6, no more than 8 x 4
    layer.few_spikes = true;
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0b1110}); // 4 + 2 + 1, t = 1, 2, 3
    layer.threshold = 30;
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0}) << "more than the threshold is needed";
    layer.threshold = 29;
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0b1000});
    layer.threshold = 1;
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0b1111}) << "no more than 15";
    layer.threshold = 0;
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0b1111});
    layer.weights = {-3};
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0});
    layer.threshold = -3; // v = -30: -30 <= -24, -12, -6 and -3
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0});
    layer.bias = {5}; // in all timesteps: 5 x 15
    layer.threshold = 11;
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0b0010}); // v = 45: 44, and 1 is left
    layer.currents = true;
    EXPECT_EQ(reference::run_reference(layer).currents, (numbers{8 * 2, 4 * 5, 2 * 2, 5}));
    layer.reset = reference::neuron_reset::soft;
    EXPECT_THROW(reference::run_reference(layer), std::invalid_argument);
    layer.reset = reference::neuron_reset::hard;
    layer.potentials = {0};
    EXPECT_THROW(reference::run_reference(layer), std::invalid_argument);
}

TEST(reference, each_column_compares_with_and_subtracts_its_own_threshold)
{
    reference::reference_layer layer = one_neuron(4, 0b0001, 10, 1000, 256);
    layer.out_channels = 3;
    layer.weights = {10, 10, 10};
    layer.thresholds = {3, 9, 10};
    layer.potentials = {0, 0, 0};
    layer.reset = reference::neuron_reset::soft;
    // 10, 7, 4, then 1; 10, then 1; 10 is not above 10.
    EXPECT_EQ(reference::run_reference(layer).spikes, (words{0b0111, 0b0001, 0}));
    EXPECT_EQ(reference::run_reference(layer).potentials, (numbers{1, 1, 10}));
    // With half of it leaked: 10 / 2 - 3 = 2, 1, 0, 0; 10 / 2 - 9 = -4, -2, -1, -1; 5, 2, 1, 0.
    layer.reset = reference::neuron_reset::delayed;
    layer.leak_q8 = 128;
    EXPECT_EQ(reference::run_reference(layer).spikes, (words{0b0001, 0b0001, 0}));
    EXPECT_EQ(reference::run_reference(layer).potentials, (numbers{0, -1, 0}));
    layer.reset = reference::neuron_reset::hard;
    EXPECT_EQ(reference::run_reference(layer).potentials, (numbers{0, 0, 0}));
    layer.thresholds.pop_back();
    EXPECT_THROW(reference::run_reference(layer), std::invalid_argument);
}

TEST(reference, accumulators_that_are_too_narrow)
{
    using overflow = reference::reference_accumulators::overflow;
    reference::reference_layer layer = plain_matrix(1, 3, 1);
    layer.timesteps = 2;
    layer.currents = true;
    layer.spikes = {0b01, 0b11, 0b01};
    layer.weights = {6, 5, -4};
    EXPECT_EQ(reference::run_reference(layer).currents, (numbers{7, 5}));
    // 4 bits: -8 .. 7. pseudo 6, 11 -> -5, -9 -> 7; what has not spiked at t = 1: 6, then 6 - 4 = 2.
    layer.accumulators = {overflow::wrap, 4, 32};
    EXPECT_EQ(reference::run_reference(layer).currents, (numbers{7, 5}));
    // pseudo 6, 7, 3.
    layer.accumulators.when_full = overflow::saturate;
    EXPECT_EQ(reference::run_reference(layer).currents, (numbers{3, 1}));
    // 3 bits, -4 .. 3: corrections 6 -> -2, -6 -> 2 wrap; 3, -1 saturate.
    layer.accumulators = {overflow::wrap, 32, 3};
    EXPECT_EQ(reference::run_reference(layer).currents, (numbers{7, 5}));
    layer.accumulators.when_full = overflow::saturate;
    EXPECT_EQ(reference::run_reference(layer).currents, (numbers{7, 8}));
    // A silent input is not added, though its corrections would take it back.
    layer.spikes = {0b00, 0b11, 0b01};
    layer.accumulators = {overflow::saturate, 4, 4};
    EXPECT_EQ(reference::run_reference(layer).currents, (numbers{1, 5}));
    layer.weights[1] = 100;
    EXPECT_EQ(reference::run_reference(layer).currents, (numbers{3, 7})); // 7 - 4; -(-4) = 4 taken back: 3 - -4
    layer.accumulators.when_full = overflow::wrap;
    EXPECT_EQ(reference::run_reference(layer).currents, (numbers{0, 4})); // 100 is 4 modulo 16
}

TEST(reference, potentials_go_on)
{
    // U = 2: X = 4, U = 4; X = 6, spike, U = 0; X = 2; with a leak of 1/2: X = 4, U = 2; X = 4, U = 2; X = 4, U = 2.
    reference::reference_layer layer = one_neuron(3, 0b111, 2, 5, 256);
    layer.potentials = {2};
    reference::reference_output output = reference::run_reference(layer);
    EXPECT_EQ(output.spikes, words{0b010});
    EXPECT_EQ(output.potentials, numbers{2});
    layer.leak_q8 = 128;
    output = reference::run_reference(layer);
    EXPECT_EQ(output.spikes, words{0});
    EXPECT_EQ(output.potentials, numbers{2});
    // Saturated where it is kept.
    layer = one_neuron(1, 1, 100, std::numeric_limits<std::int32_t>::max(), 256);
    layer.potentials = {-2147483600};
    layer.weights = {-100};
    EXPECT_EQ(reference::run_reference(layer).potentials, numbers{std::numeric_limits<std::int32_t>::min()});
    EXPECT_TRUE(reference::run_reference(one_neuron(1, 1, 1, 1, 256)).potentials.empty());
}

TEST(reference, currents_of_synapses_go_on)
{
    // I = 2, 1 + 2, 1 + 2: the input 2 each time, of what was before a half; the neuron only adds up.
    reference::reference_layer layer = one_neuron(3, 0b111, 2, 1000, 256);
    layer.neurons = {{1000, 0, 0, 65536, 32768}};
    layer.potentials = {0};
    layer.synapse_currents = {1};
    reference::reference_output output = reference::run_reference(layer);
    EXPECT_EQ(output.potentials, numbers{2 + 3 + 3});
    EXPECT_EQ(output.synapse_currents, numbers{3});
    layer.synapse_currents = {-3}; // floor(-3 / 2) + 2 = 0, then 2, 3
    EXPECT_EQ(reference::run_reference(layer).potentials, numbers{5});
    // In blocks what one block is: 1 + 2 timesteps.
    reference::reference_network network;
    layer.potentials = layer.synapse_currents = {};
    layer.neurons[0].threshold = 4;
    layer.timesteps = 3;
    network.layers = {layer};
    const reference::reference_scores whole = reference::run_reference_network(network, {1, 1, 1});
    network.layers[0].timesteps = 2;
    network.timesteps = 3;
    EXPECT_EQ(whole.spikes[0], words{0b010}); // 2, 2 + 3, then 3
    EXPECT_EQ(reference::run_reference_network(network, {1, 1, 1}).spikes[0], (words{0b10, 0}));
}

TEST(reference, extreme_thresholds)
{
    const std::int32_t lowest = std::numeric_limits<std::int32_t>::min();
    const std::int32_t highest = std::numeric_limits<std::int32_t>::max();
    EXPECT_EQ(reference::run_reference(one_neuron(16, 0xFFFF, -128, lowest, 256)).spikes, words{0xFFFF});
    EXPECT_EQ(reference::run_reference(one_neuron(16, 0xFFFF, 127, highest, 256)).spikes, words{0});
}

TEST(reference, convolution_with_padding_and_uneven_stride)
{
    reference::reference_layer layer;
    layer.in_height = 2;
    layer.in_width = 3;
    layer.kernel_h = 2;
    layer.kernel_w = 3;
    layer.stride_w = 2;
    layer.pad_h = 1;
    layer.pad_w = 1;
    layer.currents = true;
    layer.spikes = {1, 1, 0, //
                    0, 1, 1};
    layer.weights = {1, 2,  4, //
                     8, 16, 32};
    // 3 x 2 outputs: (2+2-2)/1+1 and (3+2-3)/2+1. Output (y, x) sees rows y-1, y and columns 2x-1 .. 2x+1:
    // (0,0): row 0 = .11 under 8 16 32: 48      (0,1): row 0 = 10. : 8
    // (1,0): row 0 = .11: 2+4, row 1 = .01: 32  (1,1): row 0 = 10. : 1, row 1 = 11. : 8+16
    // (2,0): row 1 = .01 under 1 2 4: 4         (2,1): row 1 = 11. : 1+2
    EXPECT_EQ(reference::run_reference(layer).currents, (numbers{48, 8, 38, 25, 4, 3}));
}

TEST(reference, weights_run_channel_fastest)
{
    reference::reference_layer layer;
    layer.in_width = 2;
    layer.in_channels = 2;
    layer.kernel_w = 2;
    layer.currents = true;
    layer.spikes = {1, 0, 0, 1}; // channel 0 of the left pixel, channel 1 of the right one
    layer.weights = {1, 2, 4, 8};
    EXPECT_EQ(reference::run_reference(layer).currents, numbers{1 + 8});
}

TEST(reference, pooling_drops_what_fills_no_window)
{
    reference::reference_layer layer = pass_through(3, 5,
                                                    {1, 0, 0, 2, 3, //
                                                     0, 0, 1, 0, 3, //
                                                     3, 3, 3, 3, 3});
    EXPECT_EQ(reference::run_reference(layer).spikes, layer.spikes);
    layer.pool = 2; // windows 1|0|0|0 and 0|2|1|0; the last row and the last column belong to none
    EXPECT_EQ(reference::run_reference(layer).spikes, (words{1, 3}));
}

TEST(reference, masking_comes_after_pooling)
{
    reference::reference_layer layer = pass_through(1, 3, {1, 2, 3});
    layer.single_spike_mask = true;
    EXPECT_EQ(reference::run_reference(layer).spikes, (words{0, 0, 3}));

    layer = pass_through(2, 4,
                         {1, 0, 2, 2, //
                          2, 0, 0, 2});
    layer.single_spike_mask = true;
    layer.pool = 2; // 1|2 = 3 has two spikes and stays, although each word had one; 2|2|2 = 2 has one
    EXPECT_EQ(reference::run_reference(layer).spikes, (words{3, 0}));
}

// 200 x 100 - 3 x 128 + 5 = 19621: 76.6 times 2^8, and 1226.3 times 2^4.
TEST(reference, bytes_are_multiplied_requantised_and_cut)
{
    reference::reference_layer layer;
    layer.bytes = true;
    layer.in_channels = 2;
    layer.spikes = {200, 3};
    layer.weights = {100, -128};
    layer.bias = {5};
    layer.shift = 8;
    EXPECT_EQ(reference::run_reference(layer).spikes, words{77});
    layer.shift = 4;
    EXPECT_EQ(reference::run_reference(layer).spikes, words{255});
    layer.weights = {-100, 127};
    EXPECT_EQ(reference::run_reference(layer).spikes, words{0});
    layer.shift = 32;
    EXPECT_THROW(reference::run_reference(layer), std::invalid_argument);
    layer.currents = true; // which are not shifted
    EXPECT_EQ(reference::run_reference(layer).currents, numbers{-20000 + 381 + 5});
    layer.spikes[0] = 256;
    EXPECT_THROW(reference::run_reference(layer), std::invalid_argument);
}

// A 2 x 2 kernel of ones over 3 x 3 pixels, padded by one: sums of what of a window is inside. Pooling takes the largest.
TEST(reference, convolution_of_bytes_with_padding_and_pooling)
{
    reference::reference_layer layer;
    layer.bytes = true;
    layer.in_height = layer.in_width = 3;
    layer.kernel_h = layer.kernel_w = 2;
    layer.pad_h = layer.pad_w = 1;
    layer.spikes = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    layer.weights = {1, 1, 1, 1};
    EXPECT_EQ(reference::run_reference(layer).spikes, (words{1, 3, 5, 3, 5, 12, 16, 9, 11, 24, 28, 15, 7, 15, 17, 9}));
    layer.pool = 2;
    EXPECT_EQ(reference::run_reference(layer).spikes, (words{12, 16, 24, 28}));
}

TEST(reference, refuses_what_the_hardware_refuses)
{
    reference::reference_layer layer = pass_through(2, 2, {1, 1, 1, 1});
    layer.pool = 3;
    EXPECT_THROW(reference::run_reference(layer), std::invalid_argument);
    layer.pool = 2;
    layer.currents = true;
    EXPECT_THROW(reference::run_reference(layer), std::invalid_argument);
    layer = pass_through(2, 2, {1, 1, 1});
    EXPECT_THROW(reference::run_reference(layer), std::invalid_argument);
    layer = pass_through(2, 2, {1, 1, 1, 1});
    layer.kernel_h = 3;
    EXPECT_THROW(reference::run_reference(layer), std::invalid_argument);
}

TEST(reference, answers_every_random_layer)
{
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        const reference::reference_layer layer = support::random_layer(seed);
        const reference::reference_output output = reference::run_reference(layer);
        EXPECT_EQ(output.spikes.empty(), layer.currents) << "seed " << seed;
        EXPECT_EQ(output.currents.empty(), !layer.currents) << "seed " << seed;
        EXPECT_LE(published_cycles(layer), published_matches(layer)) << "seed " << seed;
    }
}

} // namespace loas::golden
