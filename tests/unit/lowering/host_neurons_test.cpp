// What the accelerator has not got and still runs: neurons on the host, leaks between layers, pools before padding.
#include "platform/lowering/mapper.h"
#include "platform/lowering/mapping_report.h"
#include "platform/network/read_graph.h"
#include "tests/unit/formats/load_support.h"

#include <gmock/gmock.h>

#include <cmath>

namespace
{

using namespace loas;
using lowering::host_neuron;
using lowering::layer_model;
using test::graph_builder;
using testing::ElementsAre;
using testing::HasSubstr;

lowering::lowered_network lower(const graph_builder& builder)
{
    return lowering::lower_network(builder.graph, {1, 1.0, lowering::neuron_reset::hard, {}, 4});
}

/// conv2 with lif2, 3 channels of 2 x 2 pixels: the first layer on the accelerator.
layer_model first_layer(const graph_builder& builder)
{
    const lowering::lowered_network lowered = lower(builder);
    EXPECT_TRUE(lowered.model) << lowered.nodes.findings.front().text;
    return lowered.model ? lowered.model->layers.at(0) : layer_model();
}

template <typename number> std::vector<number> each(const layer_model& layer, number host_neuron::*member)
{
    std::vector<number> values;
    for (const host_neuron& neuron : layer.host)
        values.push_back(neuron.*member);
    return values;
}

TEST(host_neurons, have_a_leak_for_each_channel)
{
    graph_builder builder = test::small_network();
    builder.array("tau", {3}, {2, 3, 4}, "lif2");
    const layer_model layer = first_layer(builder);
    EXPECT_THAT(each(layer, &host_neuron::leak_q16), ElementsAre(32768, 43691, 49152));
    EXPECT_THAT(each(layer, &host_neuron::synapse_q16), ElementsAre(0, 0, 0));
    EXPECT_EQ(layer.host_because, "its tau goes from 2 to 4, and the accelerator has one leak for a layer");
    // The threshold is 1, the gain r / tau = 2 / tau: 1, 1.5 and 2 in the currents.
    for (std::size_t n = 0; n < 3; ++n)
        EXPECT_EQ(layer.host.at(n).threshold,
                  std::floor((1 + 0.5 * double(n)) / layer.weight_scales.at(layer.weight_scales.size() == 1 ? 0 : n)));
    EXPECT_THAT(to_text(lower(builder)),
                HasSubstr("for each input it reads 192 bytes of currents and writes 12 spike"));
    // What is the same in the accelerator's 256ths is the accelerator's.
    builder.array("tau", {3}, {2, 2.0001, 2}, "lif2");
    EXPECT_THAT(first_layer(builder).host, testing::IsEmpty());
}

TEST(host_neurons, have_values_for_each_pixel)
{
    for (const char* dataset : {"tau", "r", "v_threshold", "v_leak", "v_reset"}) {
        graph_builder builder = test::small_network();
        builder.fill(dataset, {3, 2, 2}, 1.5, "lif2").at("lif2").arrays[dataset].values[6] = 1.25; // channel 1, row 1
        if (std::string(dataset) == "v_reset")
            builder.fill("v_threshold", {3, 2, 2}, 4, "lif2");
        const layer_model layer = first_layer(builder);
        ASSERT_EQ(layer.host.size(), 12u) << dataset;
        const auto like = [&](std::size_t a, std::size_t b) {
            const host_neuron &x = layer.host[a], &y = layer.host[b];
            return x.threshold == y.threshold && x.leak_q16 == y.leak_q16 && x.rest == y.rest && x.start == y.start;
        };
        EXPECT_TRUE(like(0, 3)) << dataset << ": pixel after pixel, channels of each";
        EXPECT_FALSE(like(1, 7)) << dataset;
        EXPECT_TRUE(like(1, 10)) << dataset;
        EXPECT_THAT(layer.host_because, HasSubstr("differs between the pixels of a channel")) << dataset;
    }
}

TEST(host_neurons, with_synapses_rest_where_v_leak_says)
{
    graph_builder builder = test::small_network();
    builder.at("lif2").type = "CubaLIF";
    builder.fill("tau_mem", {1}, 2, "lif2").fill("tau_syn", {1}, 4, "lif2").fill("w_in", {1}, 1, "lif2");
    builder.fill("v_leak", {1}, 0.5, "lif2").fill("v_reset", {1}, -0.25, "lif2");
    const layer_model layer = first_layer(builder);
    const double scale = layer.weight_scales.at(0),
                 gain = 2.0 / 2 / 4; // r dt / tau_mem, of the current w_in dt / tau_syn
    const host_neuron& neuron = layer.host.at(0);
    EXPECT_EQ(neuron.synapse_q16, 49152u);
    EXPECT_EQ(neuron.threshold, std::floor(1.25 / gain / scale));
    EXPECT_EQ(neuron.rest, std::round(0.75 / 2 / gain / scale));
    EXPECT_EQ(neuron.start, std::round(0.25 / 2 / gain / scale)) << "as it has decayed once";
    EXPECT_THAT(layer.starts, testing::IsEmpty());
}

// v += r dt / tau_mem * w_in x, once: a synapse that lasts a time step filters nothing.
TEST(host_neurons, with_a_synapse_of_a_time_step_have_w_in_once)
{
    graph_builder builder = test::small_network();
    builder.at("lif2").type = "CubaLIF";
    builder.array("tau_mem", {3}, {2, 4, 8}, "lif2").fill("tau_syn", {1}, 1, "lif2");
    builder.array("w_in", {3}, {0.5, 2, 3}, "lif2").fill("r", {1}, 2, "lif2").fill("v_threshold", {1}, 3, "lif2");
    const layer_model layer = first_layer(builder);
    EXPECT_THAT(layer.host_because, HasSubstr("tau goes from 2 to 8"));
    EXPECT_THAT(each(layer, &host_neuron::synapse_q16), ElementsAre(0, 0, 0));
    const double in_currents[] = {6, 3, 4}; // v_threshold / (w_in r dt / tau_mem): 3 / 0.5, 3 / 1, 3 / 0.75
    for (std::size_t n = 0; n < 3; ++n)
        EXPECT_EQ(layer.host.at(n).threshold,
                  std::floor(in_currents[n] / layer.weight_scales.at(layer.weight_scales.size() == 1 ? 0 : n)));

    builder.fill("tau_mem", {1}, 2, "lif2").fill("w_in", {3, 2, 2}, 0.5, "lif2");
    builder.at("lif2").arrays["w_in"].values[6] = 4; // channel 1, row 1
    const layer_model pixels = first_layer(builder);
    ASSERT_EQ(pixels.host.size(), 12u);
    const double scale = pixels.weight_scales.at(pixels.weight_scales.size() == 1 ? 0 : 1);
    EXPECT_EQ(pixels.host[1].threshold, std::floor(6 / scale));    // 3 / (0.5 * 2 / 2)
    EXPECT_EQ(pixels.host[7].threshold, std::floor(0.75 / scale)); // 3 / (4 * 2 / 2)

    builder.at("lif2").arrays["w_in"].values[6] = -4;
    const lowering::lowered_network refused = lower(builder);
    ASSERT_FALSE(refused.model);
    EXPECT_THAT(refused.nodes.findings.front().text,
                HasSubstr("w_in is -4 at a pixel of channel 1, and has another sign at the first: weights cannot make up for "
                          "that. With one sign in each channel it would run"));
}

TEST(neurons, have_the_sign_of_r_in_their_weights)
{
    graph_builder builder = test::small_network();
    builder.array("bias", {3}, {1, 1, 1}, "conv2").array("r", {3}, {2, -2, 0}, "lif2");
    const layer_model layer = first_layer(builder);
    for (std::size_t n = 0; n < 3; ++n) {
        const int sign = n == 0 ? 1 : n == 1 ? -1 : 0;
        EXPECT_EQ(layer.weights.at(n * layer.weights.size() / 3), sign * layer.weights.at(0)) << n;
        EXPECT_EQ(layer.bias.at(n), sign * layer.bias.at(0)) << n;
    }
    EXPECT_GT(layer.weights[0], 0);
    EXPECT_TRUE(layer.thresholds.empty() || layer.thresholds[1] == layer.thresholds[0]);
    EXPECT_EQ(layer.current_scales.at(1), -layer.current_scales.at(0)) << "what is saved has the network's sign";
    for (const double scale : layer.current_scales)
        EXPECT_TRUE(std::isfinite(scale));
}

TEST(host_neurons, of_the_first_layer_have_a_leak_of_16_bits_where_8_are_too_few)
{
    graph_builder builder = test::small_network();
    builder.fill("tau", {1}, 500, "lif1").fill("r", {1}, 500, "lif1");
    const lowering::map_options options{1, 1.0, lowering::neuron_reset::hard, {}, 256};
    const lowering::network_model model = lowering::map_network(builder.graph, options);
    ASSERT_FALSE(model.encoder.host.empty());
    EXPECT_EQ(model.encoder.host[0].leak_q16, 65405u); // 65536 * 499 / 500
    EXPECT_THAT(model.warnings, testing::IsEmpty());
    builder.fill("tau", {1}, 20, "lif1").fill("r", {1}, 20, "lif1");
    EXPECT_THAT(lowering::map_network(builder.graph, options).encoder.host, testing::IsEmpty()) << "1.5 % of tau";
}

TEST(leaks, rounded_by_much_are_told)
{
    const auto warnings = [](double tau, unsigned timesteps) {
        graph_builder builder = test::small_network();
        builder.fill("tau", {1}, tau, "lif2").fill("r", {1}, tau, "lif2").fill("v_threshold", {1}, 0.5, "lif2");
        std::string all;
        for (const std::string& each : lowering::map_network(builder.graph, {1, 1.0, lowering::neuron_reset::hard, {}, timesteps}).warnings)
            all += each;
        return all;
    };
    EXPECT_THAT(warnings(500, 256), HasSubstr("node 'lif2' (LIF): its tau of 500 timesteps becomes 256 in the leak's steps of "
                                              "1 / 256, the accelerator's"));
    EXPECT_THAT(warnings(2000, 256), HasSubstr("its tau of 2000 timesteps becomes none, without a leak, in the leak's"));
    EXPECT_EQ(warnings(500, 4), "") << "0.3 % of the potential";
    EXPECT_EQ(warnings(256, 256), "");
    EXPECT_EQ(warnings(20, 256), "");
}

// v += dt r x between layers, and a current that nothing is taken from in its place.
TEST(host_neurons, take_an_integrator_between_layers_as_their_synapses)
{
    graph_builder builder;
    builder.ends("in", "Input", {2}).affine("fc1", 2, 2, 1).lif("lif1", {2}).affine("fc2", 3, 2, 1).node("i", "I");
    builder.fill("r", {3}, 3).affine("fc3", 2, 3, 0.5).lif("lif2", {2}).affine("fc4", 2, 2, 1).ends("out", "Output", {2});
    builder.fill("weight", {3, 2}, 0.1, "fc2").array("bias", {2}, {0.5, 0}, "fc3");
    const lowering::lowered_network lowered = lower(builder);
    ASSERT_TRUE(lowered.model) << lowered.nodes.findings.front().text;
    const layer_model& layer = lowered.model->layers.at(0);
    const double scale = layer.weight_scales.at(0);
    EXPECT_NEAR(layer.weights.at(0) * scale, 0.1 * 0.5 * 3 * 3, 0.01);
    EXPECT_EQ(layer.host.at(0).synapse_q16, 65536u);
    EXPECT_EQ(layer.host[0].rest, std::round(0.5 / scale));
    EXPECT_EQ(layer.host[1].rest, 0);
    EXPECT_EQ(layer.host[0].threshold, std::floor(1 / scale)) << "a gain of 1";
}

// v_mem = filter of r w_in x: its synapse lasts a timestep.
TEST(host_neurons, take_two_states_of_which_one_lasts_a_timestep)
{
    graph_builder builder;
    builder.ends("in", "Input", {2}).affine("fc1", 2, 2, 1).lif("lif1", {2}).affine("fc2", 2, 2, 1).lif("li", {2});
    builder.lif("lif2", {2}).affine("fc4", 2, 2, 1).ends("out", "Output", {2}).at("li").type = "CubaLI";
    builder.fill("tau_mem", {1}, 4, "li").fill("tau_syn", {1}, 1, "li").array("w_in", {2}, {2, -3}, "li");
    const lowering::lowered_network lowered = lower(builder);
    ASSERT_TRUE(lowered.model) << lowered.nodes.findings.front().text;
    const layer_model& layer = lowered.model->layers.at(0);
    EXPECT_EQ(layer.host.at(0).synapse_q16, 49152u);
    EXPECT_LT(layer.weights.at(2) * layer.weights.at(0), 0);
    EXPECT_EQ(layer.host[0].threshold, std::floor(1 / (2 * 2 / 4.0 * layer.weight_scales.at(0)))) << "r w_in dt / tau";
}

TEST(host_neurons, have_a_bias_that_a_padded_pool_does_not_see_in_its_padding)
{
    graph_builder builder;
    builder.ends("in", "Input", {2, 4, 4}).conv("conv1", {2, 2, 1, 1}, 1, 0).lif("lif1", {2, 4, 4});
    builder.conv("conv2", {3, 2, 1, 1}, 0.5, 0).array("bias", {3}, {1, 0, -0.5}).pool("pool", 2).lif("lif2", {3, 3, 3});
    builder.array("padding", {2}, {1, 1}, "pool").flatten("flat", 0).affine("fc", 2, 27, 1).ends("out", "Output", {2});
    const layer_model layer = first_layer(builder);
    EXPECT_THAT(layer.bias, testing::Each(0));
    ASSERT_EQ(layer.host.size(), 27u); // [pixel][channel]
    EXPECT_EQ(layer.host_because, "its bias differs between pixels, and the accelerator has one for each channel");
    for (std::size_t pixel = 0; pixel < 9; ++pixel) {
        const int seen = (pixel % 3 == 1 ? 2 : 1) * (pixel / 3 == 1 ? 2 : 1); // of 4 places of the window
        for (std::size_t n = 0; n < 3; ++n)
            EXPECT_NEAR(layer.host[pixel * 3 + n].rest * layer.weight_scales.at(layer.weight_scales.size() == 1 ? 0 : n),
                        (n == 0 ? 1 : n == 1 ? 0 : -0.5) * seen, 0.01)
                << pixel << ", " << n;
    }
    builder.at("lif2").type = "CubaLIF";
    builder.fill("tau_mem", {1}, 2, "lif2").fill("tau_syn", {1}, 3, "lif2");
    EXPECT_THAT(lower(builder).nodes.findings.at(0).text, HasSubstr("where the bias would be")) << "it would be filtered";
}

TEST(host_neurons, take_a_leak_between_layers_as_their_synapses)
{
    graph_builder builder;
    builder.ends("in", "Input", {2}).affine("fc1", 2, 2, 1).lif("lif1", {2}).affine("fc2", 3, 2, 1);
    builder.lif("li", {3}).affine("fc3", 2, 3, 0.5).lif("lif2", {2}).affine("fc4", 2, 2, 1).ends("out", "Output", {2});
    builder.at("li").type = "LI";
    builder.fill("tau", {3}, 4, "li").array("r", {3}, {1, 2, 3}, "li").array("bias", {2}, {0.5, 0}, "fc3");
    builder.fill("weight", {3, 2}, 0.1, "fc2");
    const lowering::lowered_network lowered = lower(builder);
    ASSERT_TRUE(lowered.model) << lowered.nodes.findings.front().text;
    const layer_model& layer = lowered.model->layers.at(0);
    EXPECT_EQ(layer.name, "fc2");
    EXPECT_NEAR(layer.weights.at(0) * layer.weight_scales.at(0), 0.1 * 0.5 * (1 + 2 + 3), 0.01);
    EXPECT_THAT(layer.bias, testing::Each(0)) << "it would decay";
    EXPECT_EQ(layer.host.at(0).synapse_q16, 49152u);
    EXPECT_NEAR(layer.host[0].rest * layer.weight_scales.at(0), 0.5 * 4, 0.01) << "against a share of 1 / 4";
    EXPECT_EQ(layer.host[1].rest, 0);
    const auto refusal = [&](const std::string& part) {
        const lowering::lowered_network refused = lower(builder);
        ASSERT_FALSE(refused.model);
        EXPECT_THAT(refused.nodes.findings.front().text, HasSubstr(part));
    };
    builder.array("tau", {3}, {4, 4, 5}, "li");
    refusal("its tau differs between neurons, which what lies behind it adds up. With one tau it would run");
    builder.fill("tau", {1}, 4, "li").at("lif2").type = "CubaLIF";
    builder.fill("tau_mem", {1}, 2, "lif2").fill("tau_syn", {1}, 2, "lif2");
    refusal("has synapses of its own. With LIF in its place it would run");
    builder.at("lif2").type = "LIF";
    builder.at("li").type = "CubaLI";
    builder.fill("tau_mem", {1}, 2, "li").fill("tau_syn", {1}, 2, "li");
    refusal("it decays in two states. With an LI in its place, or a tau_syn of one timestep, it would run");
}

TEST(pools, before_padding_become_channels)
{
    graph_builder builder;
    builder.ends("in", "Input", {1, 7, 7}).conv("conv1", {2, 1, 3, 3}, 1, 1).lif("lif1", {2, 7, 7});
    builder.pool("pool", 2).conv("conv2", {3, 2, 3, 3}, 1, 1).lif("lif2", {3, 3, 3}).flatten("flat", 0);
    builder.affine("fc", 2, 27, 1).ends("out", "Output", {2});
    const lowering::lowered_network lowered = lower(builder);
    ASSERT_TRUE(lowered.model) << lowered.nodes.findings.front().text;
    const layer_model& layer = lowered.model->layers.at(0);
    EXPECT_EQ(layer.in_channels, 8u);
    EXPECT_EQ(layer.in_height, 3u) << "the last row and column are in no window";
    EXPECT_EQ(layer.kernel_h, 3u);
    EXPECT_EQ(layer.pad_h, 1u);
    ASSERT_EQ(layer.sources.size(), 4u);
    EXPECT_EQ(layer.sources[2].layer, 0u) << "the encoder's spikes";
    EXPECT_EQ(layer.sources[2].step_h, 2u);
    EXPECT_EQ(layer.sources[2].first_row, 1);
    EXPECT_EQ(layer.sources[2].first_column, 0);
    EXPECT_THAT(to_text(lowered), HasSubstr("takes every pixel of the windows of node 'pool'"));
    // Of the input nobody has parts.
    builder = {};
    builder.ends("in", "Input", {1, 7, 7}).pool("pool", 2).conv("conv", {3, 1, 3, 3}, 1, 1).lif("lif", {3, 3, 3});
    builder.flatten("flat", 0).affine("fc", 2, 27, 1).ends("out", "Output", {2});
    EXPECT_THAT(lower(builder).nodes.findings.front().text, HasSubstr("the padding between the two is 0"));
}

TEST(delays, of_0_change_nothing)
{
    graph_builder builder = test::small_network();
    const layer_model before = first_layer(builder);
    builder.graph.edges.erase(builder.graph.edges.begin() + 2);
    builder.node("delay", "Delay").fill("delay", {1}, 0);
    builder.graph.edges.pop_back();
    builder.graph.edges.emplace_back("lif1", "delay");
    builder.graph.edges.emplace_back("delay", "pool1");
    EXPECT_EQ(first_layer(builder).weights, before.weights);
    builder.fill("delay", {1}, 1);
    EXPECT_THAT(lower(builder).nodes.findings.front().text, HasSubstr("delays cannot run"));
}

} // namespace
