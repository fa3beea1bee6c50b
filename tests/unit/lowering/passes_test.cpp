// The passes change what stands where, but nothing of what is computed; and the float network computes the same.
#include "platform/folding/passes.h"

#include "platform/float_network/calibrate.h"
#include "platform/float_network/float_network.h"
#include "platform/float_network/layer_trial.h"
#include "platform/lowering/mapper.h"
#include "platform/lowering/mapping_report.h"
#include "platform/lowering/silence.h"
#include "platform/network/read_graph.h"
#include "tests/support/random_layer.h"
#include "tests/unit/lowering/lowered_by_hand.h"
#include "tests/unit/lowering/random_network.h"

#include <cmath>
#include <sstream>

namespace
{

using namespace loas;
using lowering::graph_node;
using lowering::layer_model;
using test::graph_builder;
using test::tensor;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(passes, change_nothing_of_what_random_networks_compute)
{
    unsigned folded = 0;
    for (unsigned seed = 1; seed <= 300; ++seed) {
        const test::random_network random(seed);
        const lowering::lowered_network lowered =
            lowering::lower_network(random.builder.graph, {1, 1.0, lowering::neuron_reset::hard, {}, 5,
                                                           seed % 2 == 0 ? lowering::scale_rule::per_channel
                                                                         : lowering::scale_rule::per_layer});
        ASSERT_TRUE(lowered.model) << seed << ": " << lowered.nodes.findings.front().text;
        const float_network::float_network floats(network::read_graph(random.builder.graph), lowered.speech);
        const float_network::float_activity activity = floats.run(random.input.values, 5);
        test::network_by_hand chain(1);
        test::lowered_by_hand after(lowered.nodes);
        const std::size_t output = floats.nodes().order.back();
        for (std::size_t t = 0; t < 5; ++t) {
            const tensor expected = chain.step(random.builder.graph, random.input);
            const tensor found = after.step(random.input);
            ASSERT_EQ(found.values.size(), expected.values.size()) << seed;
            for (std::size_t i = 0; i < found.values.size(); ++i) {
                const double exact = expected.values[i];
                ASSERT_NEAR(activity.values[output][t * found.values.size() + i], exact, 1e-9) << seed << ", " << t;
                // The currents of a last layer without a neuron are the same, of one with a neuron its spikes.
                ASSERT_NEAR(found.values[i], exact, 1e-9) << seed << ", " << t;
            }
        }
        for (const graph_node& node : lowered.nodes.nodes)
            folded += node.where == lowering::place::folded && node.type != "Flatten";
    }
    EXPECT_GT(folded, 300u) << "a test in which something happens";
}

lowering::lowered_network lower(const graph_builder& builder, lowering::map_options options = {1, 1.0, {}, {}, 1})
{
    return lowering::lower_network(builder.graph, options);
}

const graph_node& named(const lowering::lowered_network& lowered, const std::string& name)
{
    for (const graph_node& node : lowered.nodes.nodes)
        if (node.name == name)
            return node;
    ADD_FAILURE() << "no node " << name;
    return lowered.nodes.nodes.front();
}

graph_builder one_hidden_layer()
{
    graph_builder builder;
    builder.ends("in", "Input", {2}).affine("fc1", 2, 2, 1).lif("lif1", {2}).affine("fc2", 2, 2, 1);
    builder.ends("out", "Output", {2});
    builder.array("weight", {2, 2}, {0.9, -0.01, 0.3, 0.9}, "fc1").array("bias", {2}, {0.4, 0}, "fc1");
    builder.array("weight", {2, 2}, {0.5, -0.5, 0.5, 0.25}, "fc2");
    builder.fill("v_threshold", {2}, 0.4, "lif1");
    return builder;
}

TEST(passes, say_what_they_did)
{
    graph_builder builder = test::small_network();
    builder.at("or1").type = "Scale";
    builder.fill("scale", {1}, 0.5, "or1");
    const lowering::lowered_network lowered = lower(builder);
    ASSERT_TRUE(lowered.model) << lowered.nodes.findings.front().text;
    EXPECT_EQ(named(lowered, "conv1").where, lowering::place::host);
    EXPECT_EQ(named(lowered, "lif1").where, lowering::place::host);
    EXPECT_EQ(named(lowered, "pool1").where, lowering::place::folded);
    EXPECT_EQ(named(lowered, "pool1").into, "node 'conv2' (Conv2d)");
    EXPECT_EQ(named(lowered, "or1").into, "node 'conv2' (Conv2d)");
    EXPECT_EQ(named(lowered, "conv2").where, lowering::place::accelerator);
    EXPECT_EQ(lowered.model->layers.at(0).kernel_h, 6u);
    EXPECT_EQ(lowered.model->layers.at(0).stride_h, 2u);
    EXPECT_EQ(lowered.model->layers.at(0).pad_h, 2u);
}

TEST(passes, open_graphs_within_the_graph)
{
    graph_builder builder = test::small_network();
    formats::nir_node block{"block", "NIRGraph", {}, {}};
    block.nodes.push_back({"in", "Input", {}, {}});
    block.nodes.push_back(builder.at("conv2"));
    block.nodes.push_back(builder.at("lif2"));
    block.nodes.push_back({"out", "Output", {}, {}});
    block.edges = {{"in", "conv2"}, {"conv2", "lif2"}, {"lif2", "out"}};
    auto& nodes = builder.graph.nodes;
    nodes.erase(std::remove_if(nodes.begin(), nodes.end(),
                               [](const auto& node) { return node.name == "conv2" || node.name == "lif2"; }),
                nodes.end());
    nodes.push_back(block);
    builder.graph.edges = {{"input", "conv1"}, {"conv1", "lif1"},    {"lif1", "pool1"}, {"pool1", "or1"},
                           {"or1", "block"},   {"block", "flatten"}, {"flatten", "fc"}, {"fc", "output"}};
    const lowering::lowered_network lowered = lower(builder);
    ASSERT_TRUE(lowered.model) << lowered.nodes.findings.front().text;
    EXPECT_EQ(lowered.model->layers.at(0).name, "block.conv2");
}

TEST(passes, take_a_last_neuron_as_a_layer_or_a_readout)
{
    graph_builder builder;
    builder.ends("in", "Input", {1, 2}).affine("fc1", 2, 2, 1).lif("lif1", {2}).affine("fc2", 3, 2, 1);
    builder.lif("last", {3}).node("out", "Output");
    const lowering::lowered_network spikes = lower(builder);
    ASSERT_TRUE(spikes.model) << spikes.nodes.findings.front().text;
    EXPECT_FALSE(spikes.model->layers.at(0).currents);
    EXPECT_TRUE(spikes.model->scores.response_q16.empty());
    EXPECT_EQ(spikes.model->classes, 3u);
    EXPECT_EQ(spikes.model->image_channels, 2u) << "the leading 1 is the batch";

    builder.at("last").type = "LI"; // tau 2
    const lowering::lowered_network potential = lower(builder, {1, 1.0, {}, lowering::score_kind::maximum, 4});
    ASSERT_TRUE(potential.model) << potential.nodes.findings.front().text;
    EXPECT_TRUE(potential.model->layers.at(0).currents);
    EXPECT_EQ(potential.model->scores.score, lowering::score_kind::maximum);
    EXPECT_THAT(potential.model->scores.response_q16, ElementsAre(65536, 32768, 16384, 8192));

    builder.at("last").type = "CubaLI";
    builder.fill("tau_mem", {1}, 2, "last").fill("tau_syn", {1}, 4, "last").fill("w_in", {1}, 3, "last");
    const lowering::lowered_network filtered = lower(builder, {1, 1.0, {}, {}, 3});
    ASSERT_TRUE(filtered.model) << filtered.nodes.findings.front().text;
    // i = 1/4, 3/16, 9/64; v = 1/4, 5/16, 19/64
    EXPECT_THAT(filtered.model->scores.response_q16, ElementsAre(16384, 20480, 19456));
}

TEST(passes, one_layer_counts_spikes_on_the_accelerator)
{
    graph_builder builder;
    builder.ends("in", "Input", {2}).affine("fc", 2, 2, 1).lif("lif", {2}).ends("out", "Output", {2});
    const lowering::lowered_network lowered = lower(builder);
    ASSERT_TRUE(lowered.model) << lowered.nodes.findings.front().text;
    ASSERT_EQ(lowered.model->layers.size(), 1u);
    EXPECT_TRUE(lowered.model->layers[0].currents);
    EXPECT_THAT(lowered.model->layers[0].weights, ElementsAre(1, 0, 0, 1));
    ASSERT_EQ(lowered.model->warnings.size(), 1u);
    EXPECT_THAT(lowered.model->warnings[0], HasSubstr("only layer takes numbers"));
}

TEST(passes, warn_of_weights_that_round_away)
{
    graph_builder builder = test::small_network();
    builder.at("fc").arrays["weight"].values[7] = 1000; // currents: no threshold says what is large
    const lowering::lowered_network lowered = lower(builder);
    ASSERT_EQ(lowered.model->warnings.size(), 1u);
    EXPECT_THAT(lowered.model->warnings[0],
                HasSubstr("node 'fc' (Affine): 11 of 60 weights that are not 0 become 0 in 8 bits, most of those in 1 "
                          "of 5 output channels, which are others than those that were trained"));
    lowering::map_options one{1, 1.0, {}, {}, 1};
    one.scales = lowering::scale_rule::per_layer;
    EXPECT_THAT(lower(builder, one).model->warnings.at(0),
                HasSubstr("node 'fc' (Affine): 59 of 60 weights that are not 0 become 0 in 8 bits: the largest, 1000"));
}

// 2^-18 of 1e6 is the finest scale: the weights are nothing beside it.
TEST(passes, say_beside_what_weights_round_away)
{
    for (const char* which : {"bias", "v_threshold"}) {
        graph_builder builder = test::small_network();
        for (std::size_t n = 0; n < 3; ++n) // weights of one size would be whole numbers
            builder.at("conv2").arrays["weight"].values[n * builder.at("conv2").arrays["weight"].values.size() / 3] = 0.3;
        if (which == std::string("bias"))
            builder.fill("bias", {3}, 1e6, "conv2");
        else
            builder.fill("v_threshold", {1}, 1e6, "lif2");
        const lowering::lowered_network lowered = lower(builder);
        ASSERT_EQ(lowered.model->warnings.size(), 1u) << which;
        EXPECT_THAT(lowered.model->warnings[0],
                    HasSubstr(std::string("In 3 of them the ") + which + " is so large that weights of at most 0.3 are "
                              "nothing beside it in the hardware's numbers: it alone decides there. Bring " + which));
    }
    graph_builder of_numbers = one_hidden_layer();
    of_numbers.array("weight", {2, 2}, {0.9e-8, -0.01e-8, 0.3e-8, 0.9e-8}, "fc1").fill("bias", {2}, 0, "fc1");
    EXPECT_THAT(lower(of_numbers).model->warnings.at(0), HasSubstr("Inputs that are large numbers are the same to the network when "
                                                                   "divided by one by which these weights are multiplied"));
}

TEST(passes, fold_chains_of_scales_before_and_behind_weights)
{
    graph_builder chain, plain = one_hidden_layer();
    const auto scaled = [&](const std::string& name, std::initializer_list<double> factors) {
        for (const double factor : factors)
            chain.node(name + std::to_string(factor), "Scale").fill("scale", {1}, factor);
    };
    chain.ends("in", "Input", {2}).affine("fc1", 2, 2, 1);
    scaled("behind", {2, 0.5, 4});
    chain.lif("lif1", {2});
    scaled("before", {0.25, 8, 0.5, 2});
    chain.affine("fc2", 2, 2, 1).ends("out", "Output", {2});
    for (const char* same : {"fc1", "lif1", "fc2"})
        chain.at(same) = plain.at(same);
    for (auto& [node, factor] : {std::pair{"fc1", 4.0}, {"fc2", 2.0}})
        for (auto& [name, array] : plain.at(node).arrays)
            for (double& value : array.values)
                value *= name == "bias" && node == std::string("fc2") ? 1 : factor;
    const lowering::lowered_network lowered = lower(chain), expected = lower(plain);
    ASSERT_TRUE(lowered.model) << lowered.nodes.findings.front().text;
    EXPECT_EQ(lowered.model->encoder.bias, expected.model->encoder.bias);
    EXPECT_EQ(lowered.model->encoder.weight_scales, expected.model->encoder.weight_scales);
    EXPECT_EQ(lowered.model->layers.at(0).weight_scales, expected.model->layers.at(0).weight_scales);
    EXPECT_EQ(lowered.model->layers.at(0).weights, expected.model->layers.at(0).weights);
}

TEST(passes, tell_neurons_that_never_spike)
{
    layer_model layer;
    layer.in_channels = 2;
    layer.out_channels = 3;
    layer.weights = {3, -9, 2, 2, 0, -1}; // at most 3, 4, 0 a timestep
    layer.threshold = 6;
    layer.leak_q8 = 256;
    EXPECT_EQ(lowering::never_spiking(layer, 1, false), 3u);
    EXPECT_EQ(lowering::never_spiking(layer, 2, false), 2u); // 8 is above 6, twice 3 is not
    EXPECT_EQ(lowering::never_spiking(layer, 3, false), 1u);
    EXPECT_EQ(lowering::never_spiking(layer, 3, true), 0u) << "numbers may be large";
    layer.starts = {0, 0, 7};
    EXPECT_EQ(lowering::never_spiking(layer, 1, false), 2u);
    layer.starts.clear();
    lowering::network_model network;
    network.encoder.out_channels = 2;
    network.encoder.weights = {0, 0};
    network.encoder.bias = {1, 7};
    network.encoder.threshold = 3;
    network.layers = {layer, layer};
    network.layers[1].in_channels = 3;
    network.layers[1].currents = true;
    EXPECT_EQ(lowering::silent_by_weights(network, 0, 1), 0.5);
    EXPECT_EQ(lowering::silent_by_weights(network, 1, 1), 1);
    network.layers[1].sources = {{0}, {1}};
    EXPECT_EQ(lowering::silent_by_weights(network, 1, 1), 4 / 5.0);
}

TEST(passes, lines_of_a_check_have_at_most_100_columns)
{
    graph_builder builder = test::small_network();
    for (auto& [from, to] : builder.graph.edges)
        for (std::string* end : {&from, &to})
            *end = *end == "fc" ? std::string(90, 'x') : *end;
    builder.at("fc").name = std::string(90, 'x');
    builder.at("conv2").arrays["bias"].values.assign(3, 1e6);
    const lowering::lowered_network lowered = lower(builder);
    for (const std::string& text : {to_text(lowered), to_text(lower(graph_builder()))}) {
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);)
            EXPECT_LE(line.size(), 100u) << line;
    }
}

TEST(passes, cut_single_weights_of_many_thresholds)
{
    graph_builder builder = test::small_network();
    builder.fill("weight", {3, 200, 3, 3}, 0.25, "conv2").fill("weight", {200, 1, 3, 3}, 0.5, "conv1");
    builder.fill("bias", {200}, 0, "conv1").fill("threshold", {1}, 0.5, "or1").fill("tau", {1}, 2, "lif1");
    for (const char* each : {"r", "v_leak", "v_threshold", "v_reset"})
        builder.fill(each, {1}, builder.at("lif1").arrays[each].values[0], "lif1");
    builder.at("conv2").arrays["weight"].values[7] = -100;
    const lowering::lowered_network lowered =
        lower(builder, {1, 1.0, {}, {}, 1, lowering::scale_rule::per_layer});
    ASSERT_TRUE(lowered.model) << lowered.nodes.findings.front().text;
    ASSERT_EQ(lowered.model->warnings.size(), 1u);
    EXPECT_THAT(lowered.model->warnings[0], HasSubstr("1 of 5400 weights, up to 100, is cut to 4, 4 thresholds"));
    const layer_model& conv2 = lowered.model->layers.at(0);
    EXPECT_EQ(std::count(conv2.weights.begin(), conv2.weights.end(), -127), 1);
    EXPECT_EQ(std::count(conv2.weights.begin(), conv2.weights.end(), 8), 5399); // 0.25 / (4 / 127)
    EXPECT_EQ(conv2.threshold, 31);
}

// v begins at 0, and u = v - v_reset at -v_reset; scales and thresholds are of each channel, or of the layer.
TEST(passes, potentials_begin_at_0_and_not_at_v_reset)
{
    graph_builder builder = one_hidden_layer();
    builder.array("v_reset", {2}, {-0.5, 0.1}, "lif1").fill("tau", {2}, 2, "lif1");
    const auto starts = [&](const lowering::map_options& options) {
        const lowering::lowered_network lowered = lower(builder, options);
        EXPECT_TRUE(lowered.model) << lowered.nodes.findings.front().text;
        const layer_model& layer = lowered.model->encoder;
        std::vector<double> found; // as v, decayed by a half
        for (std::size_t n = 0; n < layer.starts.size(); ++n)
            found.push_back(layer.starts[n] * layer.weight_scales[layer.weight_scales.size() == 1 ? 0 : n]);
        return found;
    };
    // The gain is dt r / tau; a current of 1 counts r / tau.
    const double gain = builder.at("lif1").arrays["r"].values[0] / 2;
    lowering::map_options options{1, 1.0, lowering::neuron_reset::hard, {}, 1};
    EXPECT_THAT(starts(options), ElementsAre(testing::DoubleNear(0.5 / 2 / gain, 0.005), testing::DoubleNear(-0.1 / 2 / gain, 0.005)));
    options.scales = lowering::scale_rule::per_layer; // the weights of channel 1 are 0.9 / 0.3 times as large
    EXPECT_THAT(starts(options), ElementsAre(testing::DoubleNear(0.5 / 2 / gain, 0.02), testing::DoubleNear(-0.1 * 3 / 2 / gain, 0.02)));
    EXPECT_THAT(to_text(lower(builder)), HasSubstr("its potential begins at 0 and not at v_reset"));

    for (auto& [from, to] : builder.graph.edges)
        for (std::string* end : {&from, &to})
            *end = *end == "lif1" ? "_1" : *end;
    builder.at("lif1").name = "_1"; // as SpikingJelly's, whose neurons begin at v_reset
    builder.fill("r", {2}, 1, "_1");
    options.scales = lowering::scale_rule::per_channel;
    EXPECT_THAT(starts(options), testing::IsEmpty());
    options.reset = lowering::neuron_reset::soft;
    EXPECT_EQ(starts(options).size(), 2u);
}

TEST(passes, prune_the_smallest_weights_of_each_layer)
{
    lowering::map_options options{1, 1.0, {}, {}, 1};
    options.prune = 0.5;
    options.keep_as_read = true;
    const lowering::lowered_network lowered = lower(one_hidden_layer(), options);
    const auto& pruned = named(lowered, "fc1").as<network::linear_op>()->weights;
    EXPECT_THAT(pruned, ElementsAre(0.9, 0, 0, 0.9));
    const auto& equal = named(lowered, "fc2").as<network::linear_op>()->weights;
    EXPECT_THAT(equal, ElementsAre(0, -0.5, 0.5, 0)) << "of equal weights the first go";
    EXPECT_THAT(to_text(lowered), HasSubstr("pruned: its 2 smallest of 4 weights are 0, those up to 0.3"));
    const std::size_t fc1 = static_cast<std::size_t>(&named(lowered, "fc1") - lowered.nodes.nodes.data());
    EXPECT_EQ(lowered.unpruned->nodes[fc1].as<network::linear_op>()->weights[1], -0.01);
    EXPECT_EQ(lowered.as_read->nodes[fc1].as<network::linear_op>()->weights[1], 0);
    options.prune = 1;
    EXPECT_THAT(lower(one_hidden_layer(), options).model->layers.at(0).weights, testing::Each(0));
}

// Both neurons fire in floating point; the integer network's only with the scale of half the largest weight, and of all.
TEST(calibrate, chooses_for_each_channel_what_differs_least)
{
    const graph_builder builder = one_hidden_layer();
    const double whole = 0.9 / 127;
    const float_network::layer_of machine = [&](const layer_model& model) {
        reference::reference_layer of;
        of.in_channels = of.out_channels = 2;
        of.weights.assign(4, 0);
        for (const double scale : {model.weight_scales.front() / 0.5, model.weight_scales.back()})
            of.bias.push_back(std::fabs(scale - whole) < 1e-9); // a spike
        return of;
    };
    const float_network::lowering_of load = [&](const lowering::map_options& options) { return lower(builder, options); };
    lowering::map_options options{1, 1.0, {}, {}, 1};
    options.keep_as_read = true;
    std::vector<std::size_t> tried;
    float_network::calibration chosen = float_network::calibrate(load, options, 1, {{1, 1}}, {{1, 1}}, 0, 0, machine,
                                                                 [&](std::size_t done) { tried.push_back(done); });
    EXPECT_THAT(chosen.network.model->encoder.weight_scales, ElementsAre(0.5 * whole, whole));
    ASSERT_EQ(chosen.told.size(), 3u);
    EXPECT_EQ(tried, (std::vector<std::size_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})) << "the input, then the tries";
    EXPECT_THAT(chosen.told[1], HasSubstr("layer fc2: gives currents, and no spikes that could differ: all channels keep"));
    EXPECT_THAT(chosen.told[0], HasSubstr("1 of 2 channels keep less than their largest weight, 0.5 of it at least; "
                                          "0.00 % of its spikes differ instead of 50.00 %"));
    EXPECT_EQ(chosen.told[2], "on 1 input by which it was chosen, as there are no others, 0.00 % of all spikes differ with it, 50.00 % without");
    EXPECT_THAT(chosen.network.model->encoder.weights, ElementsAre(127, -3, 42, 127)) << "what is larger is cut";

    options.scales = lowering::scale_rule::per_layer; // one of the two is as good as the other: all is kept
    chosen = float_network::calibrate(load, options, 1, {{1, 1}}, {{1, 1}}, 0, 0, machine);
    EXPECT_THAT(chosen.network.model->encoder.weight_scales, ElementsAre(whole));
    EXPECT_THAT(chosen.told.at(0), HasSubstr("all channels keep their largest weight, 50.00 % of its spikes differ"));
}

// Layer by layer it must be what the golden network has, in blocks of timesteps, too.
TEST(calibrate, tries_layers_as_the_golden_network_runs_them)
{
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        reference::reference_network network;
        reference::reference_layer& layer = network.layers.emplace_back(support::random_layer(seed));
        if (layer.currents)
            continue;
        support::draw_thresholds(seed, layer);
        if (seed % 3 == 0)
            layer.starts.assign(layer.out_channels, 7 - static_cast<std::int32_t>(seed % 15));
        if (seed % 4 == 0)
            layer.neurons.assign(layer.out_channels, {layer.threshold, 3, 7 - static_cast<std::int32_t>(seed % 15), 30000, 40000});
        if (seed % 5 == 0)
            layer.accumulators = {reference::reference_accumulators::overflow::wrap, 9, 8};
        network.timesteps = seed % 2 == 0 ? layer.timesteps : 2 * layer.timesteps + 1;
        const std::size_t size = layer.spikes.size();
        std::vector<std::int32_t> numbers(size * network.timesteps);
        for (std::size_t i = 0; i < numbers.size(); ++i)
            numbers[i] = layer.spikes[i % size] >> (i / size % layer.timesteps) & 1;
        const reference::reference_scores golden = run_reference_network(network, numbers);
        const std::size_t neurons = std::size_t{(layer.in_height + 2 * layer.pad_h - layer.kernel_h) / layer.stride_h + 1} *
                                    ((layer.in_width + 2 * layer.pad_w - layer.kernel_w) / layer.stride_w + 1) *
                                    layer.out_channels;
        EXPECT_EQ(float_network::spikes_of(layer, neurons, {golden.inputs, {}}, network.timesteps), golden.spikes.at(0)) << seed;
    }
}

} // namespace
