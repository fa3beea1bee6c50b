// Complexity of a network, by numbers worked out by hand.
#include "platform/neurobench/neurobench.h"

#include <gtest/gtest.h>

namespace
{

using namespace loas;
using observe::counter;

/// 2 channels of 2 x 2 pixels, a kernel of 2 x 2 with padding 1: 3 x 3 outputs of 2 channels. Weights that are not 0: of
/// output 0 all eight, of output 1 only the first.
lowering::layer_model encoder()
{
    lowering::layer_model layer;
    layer.in_height = layer.in_width = layer.in_channels = layer.out_channels = 2;
    layer.kernel_h = layer.kernel_w = 2;
    layer.pad_h = layer.pad_w = 1;
    layer.weights = {1, 1, 1, 1, 1, 1, 1, 1, -3, 0, 0, 0, 0, 0, 0, 0};
    layer.bias = {1, 2};
    return layer;
}

TEST(neurobench, counts_multiplications_of_what_is_not_zero)
{
    const lowering::layer_model layer = encoder();
    neurobench::host_multiplications of(layer, 3);
    // Pixel (0, 0) has 5 in channel 0: four windows see it, by each tap once; tap (0, 0) has two weights for channel 0.
    of.add({5, 0, 0, 0, 0, 0, 0, 0});
    EXPECT_EQ(of.effective(), 3 * (4 + 1)); // at each of three timesteps
    EXPECT_EQ(of.dense(), 3 * 9 * 8 * 2);
    // Two frames of their own: all pixels in channel 1, which no weight of output 1 takes; then none.
    neurobench::host_multiplications frames(layer, 2);
    frames.add({0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0});
    EXPECT_EQ(frames.effective(), 4 * 4);
    EXPECT_EQ(frames.dense(), 2 * 9 * 8 * 2);
}

TEST(neurobench, adds_up_the_hosts_layer_and_the_accelerators)
{
    lowering::network_model network;
    network.encoder = encoder(); // 18 neurons
    lowering::layer_model& layer = network.layers.emplace_back(); // 18 inputs, 4 currents
    layer.in_height = layer.in_width = layer.kernel_h = layer.kernel_w = 3;
    layer.in_channels = 2;
    layer.out_channels = network.classes = 4;
    layer.currents = true;
    layer.weights.assign(4 * 18, 0);
    layer.weights[0] = layer.weights[20] = 1;
    layer.thresholds = {1, 2, 3, 4};
    network.scores.response_q16 = {65536, 0, 0};

    results::run_result result;
    result.accuracy.images = 2;
    results::layer_result& ran = result.layers.emplace_back();
    ran.m = 1, ran.k = 18, ran.n = 4, ran.timesteps = 3, ran.runs = 2;
    ran.spike_format = 1; // a match is a spike at a weight
    ran.counters[counter::matches] = 7;

    neurobench::host_multiplications host(network.encoder, 3);
    host.add({5, 0, 0, 0, 0, 0, 0, 0});
    host.add({0, 0, 0, 0, 0, 0, 0, 0});
    const results::neurobench_result of = neurobench::figures_of(network, result, host, 27, true);
    EXPECT_EQ(of.parameters, 16u + 2 + 72 + 4);
    EXPECT_EQ(of.footprint_bytes, 16u + 8 + 72 + 16);
    EXPECT_DOUBLE_EQ(of.connection_sparsity, (7.0 + 70) / (16 + 72));
    EXPECT_DOUBLE_EQ(of.activation_sparsity, 1 - 27.0 / (18 * 3 * 2)); // currents are no spikes
    EXPECT_DOUBLE_EQ(of.effective_macs, 15 / 2.0);
    EXPECT_DOUBLE_EQ(of.effective_acs, 7 / 2.0);
    EXPECT_DOUBLE_EQ(of.dense, 3 * 9 * 8 * 2 + 3 * 18 * 4);
    EXPECT_DOUBLE_EQ(of.membrane_updates, 3 * 18 + 3 * 4); // and of the read-out

    network.takes_spikes = true;
    const neurobench::host_multiplications none(network.encoder, 3);
    const results::neurobench_result alone = neurobench::figures_of(network, result, none, 0, false);
    EXPECT_EQ(alone.parameters, 72u + 4);
    EXPECT_EQ(alone.membrane_updates, 0) << "currents alone, whatever scales their classes have";
    EXPECT_EQ(alone.effective_macs, 0);
    EXPECT_EQ(alone.activation_sparsity, 0); // no neuron spikes
}

} // namespace
