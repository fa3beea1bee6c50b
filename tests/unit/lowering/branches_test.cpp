// Networks with branches: what the passes make of them computes what the file says, and the layers take what they
// should.
#include "platform/float_network/float_network.h"
#include "platform/lowering/mapper.h"
#include "platform/lowering/mapping_report.h"
#include "platform/network/read_graph.h"
#include "tests/unit/lowering/branching_network.h"
#include "tests/unit/lowering/lowered_by_hand.h"

namespace
{

using namespace loas;
using lowering::layer_model;
using test::branching_network;
using test::tensor;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;

const lowering::map_options given{1, 1.0, lowering::neuron_reset::hard, {}, 5};

lowering::lowered_network lower(const branching_network& net)
{
    return lowering::lower_network(net.builder.graph, given);
}

/// The lowered network, if it runs: what it gives at each timestep is what the file's nodes give.
lowering::lowered_network expect_same(branching_network& net)
{
    lowering::lowered_network lowered = lower(net);
    if (!lowered.model) {
        ADD_FAILURE() << lowered.nodes.findings.front().text;
        return lowered;
    }
    const tensor input = net.input();
    const float_network::float_network floats(network::read_graph(net.builder.graph), lowered.speech);
    const float_network::float_activity activity = floats.run(input.values, given.timesteps);
    test::network_by_hand by_hand(1);
    test::lowered_by_hand after(lowered.nodes);
    const std::size_t output = floats.nodes().order.back();
    for (std::size_t t = 0; t < given.timesteps; ++t) {
        const tensor expected = by_hand.step(net.builder.graph, input), found = after.step(input);
        EXPECT_EQ(found.values.size(), expected.values.size());
        for (std::size_t i = 0; i < found.values.size(); ++i) {
            EXPECT_NEAR(found.values[i], expected.values[i], 1e-9) << "timestep " << t << ", output " << i;
            EXPECT_NEAR(activity.values[output][t * found.values.size() + i], expected.values[i], 1e-9);
        }
    }
    return lowered;
}

/// "0 2/1+0": of each source its layer, its step where that is not 1, and its first pixel where that is not 0.
std::string sources_of(const layer_model& layer)
{
    std::string text;
    for (const lowering::layer_source& each : layer.sources) {
        text += (text.empty() ? "" : " ") + std::to_string(each.layer);
        if (each.step_h != 1 || each.step_w != 1)
            text += "/" + std::to_string(each.step_h);
        if (each.first_row != 0 || each.first_column != 0)
            text += "+" + std::to_string(each.first_row) + "," + std::to_string(each.first_column);
    }
    return text;
}

TEST(branches, of_random_networks_compute_what_the_file_says)
{
    std::size_t joined = 0, strided = 0, spiking = 0;
    for (unsigned seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        branching_network net = test::random_branches(seed);
        const lowering::lowered_network lowered = expect_same(net);
        ASSERT_TRUE(lowered.model);
        for (const layer_model& layer : lowered.model->layers) {
            joined += layer.sources.size() > 1;
            strided += sources_of(layer).find('/') != std::string::npos;
        }
        spiking += !lowered.model->layers.back().currents;
    }
    EXPECT_GT(joined, 40u);
    EXPECT_GT(strided, 5u);
    EXPECT_GT(spiking, 10u);
}

TEST(branches, residual_block_with_identity)
{
    branching_network net({1, 6, 6, {}});
    const std::string start = net.lif({net.conv({"input"}, 2, 3, 1, 1)});
    const std::string middle = net.lif({net.conv({start}, 3, 3, 1, 1)});
    net.output({net.affine({net.lif({net.conv({middle}, 2, 3, 1, 1), start})}, 4)});
    const lowering::lowered_network lowered = expect_same(net);
    ASSERT_EQ(lowered.model->layers.size(), 3u);
    EXPECT_EQ(sources_of(lowered.model->layers[0]), "") << "what the layer before gives";
    const layer_model& sum = lowered.model->layers[1];
    EXPECT_EQ(sources_of(sum), "1 0");
    EXPECT_EQ(sum.in_channels, 5u);
    EXPECT_EQ(sum.kernel_h, 3u);
    EXPECT_EQ(sum.in_height, 6u);
    // Weights of 1 in the middle of the kernel, exactly; all others of those channels are 0.
    for (std::size_t n = 0; n < 2; ++n) {
        const double one = 1 / sum.weight_scales.at(n % sum.weight_scales.size());
        EXPECT_NEAR(one, std::round(one), 1e-9);
        EXPECT_GE(one, 100) << "a small part of the range is lost for it";
        for (std::size_t tap = 0; tap < 9; ++tap)
            for (std::size_t c = 3; c < 5; ++c)
                EXPECT_EQ(sum.weights[(n * 9 + tap) * 5 + c], tap == 4 && c - 3 == n ? std::lround(one) : 0);
    }
}

TEST(branches, projection_takes_every_other_pixel)
{
    for (const std::size_t side : {6u, 7u}) {
        branching_network net({1, side, side, {}});
        const std::string start = net.lif({net.conv({"input"}, 2, 3, 1, 1)});
        const std::string down = net.lif({net.conv({start}, 3, 3, 2, 1)});
        net.output({net.affine({net.lif({net.conv({down}, 4, 3, 1, 1), net.conv({start}, 4, 1, 2, 0)})}, 4)});
        const lowering::lowered_network lowered = expect_same(net);
        EXPECT_EQ(sources_of(lowered.model->layers.at(1)), "1 0/2");
        EXPECT_EQ(lowered.model->layers[1].in_channels, 5u);
        EXPECT_EQ(lowered.model->layers[1].stride_h, 1u);
    }
    // Of both branches from one map it is a tap of the larger kernel.
    branching_network net({1, 6, 6, {}});
    const std::string start = net.lif({net.conv({"input"}, 2, 3, 1, 1)});
    net.output({net.affine({net.lif({net.conv({start}, 4, 3, 2, 1), net.conv({start}, 4, 1, 2, 0)})}, 4)});
    const lowering::lowered_network lowered = expect_same(net);
    EXPECT_EQ(sources_of(lowered.model->layers.at(0)), "");
    EXPECT_EQ(lowered.model->layers[0].in_channels, 2u);
}

TEST(branches, of_a_single_window_have_no_strides)
{
    branching_network net({1, 4, 4, {}});
    const std::string start = net.lif({net.conv({"input"}, 2, 4, 1, 0)}); // one pixel
    net.output({net.lif({net.conv({start}, 2, 3, 2, 1), start})});
    const lowering::lowered_network lowered = expect_same(net);
    EXPECT_EQ(sources_of(lowered.model->layers.at(0)), "");
}

TEST(branches, larger_kernel_of_larger_stride_takes_all_pixels_in_parts)
{
    branching_network net({1, 8, 8, {}});
    const std::string start = net.lif({net.conv({"input"}, 2, 3, 1, 1)});
    const std::string down = net.lif({net.average({start}, 2)});
    net.output({net.affine({net.lif({net.conv({down}, 3, 3, 1, 1), net.conv({start}, 3, 3, 2, 1)})}, 4)});
    const lowering::lowered_network lowered = expect_same(net);
    EXPECT_EQ(sources_of(lowered.model->layers.at(1)), "1 0/2+1,1 0/2+1,0 0/2+0,1 0/2");
    EXPECT_EQ(lowered.model->layers[1].in_channels, 10u);
}

TEST(branches, chain_of_sew_blocks)
{
    branching_network net({1, 8, 8, {}});
    branching_network::names sum{net.lif({net.conv({"input"}, 2, 3, 1, 1)})};
    for (int block = 0; block < 2; ++block)
        sum.push_back(net.lif({net.conv({net.lif({net.conv(sum, 3, 3, 1, 1)})}, 2, 3, 1, 1)}));
    net.output({net.affine({net.average(sum, 2)}, 4)});
    const lowering::lowered_network lowered = expect_same(net);
    ASSERT_EQ(lowered.model->layers.size(), 5u);
    EXPECT_EQ(sources_of(lowered.model->layers[2]), "0 2");
    EXPECT_EQ(sources_of(lowered.model->layers[4]), "0 2 4") << "spikes add up along the chain";
    EXPECT_EQ(lowered.model->layers[4].kernel_h, 8u);
    const std::string text = to_text(lowered);
    EXPECT_THAT(text, HasSubstr("takes a sum of 3 branches, and stands once for each of them"));
    EXPECT_THAT(text, HasSubstr("side by side"));
    EXPECT_THAT(text, HasSubstr("the host puts them together in device memory for each input: 384 spike words"));
    EXPECT_THAT(text, HasSubstr("net.nir: 15 nodes"));
}

TEST(branches, sums_before_neuron_and_output)
{
    branching_network net({2, 4, 4, {}});
    const std::string start = net.lif({net.conv({"input"}, 3, 3, 1, 1)});
    const std::string other = net.lif({net.conv({start}, 3, 3, 1, 1)});
    const std::string sum = net.lif({start, other}); // spikes themselves
    net.output({net.affine({sum}, 5), net.affine({start}, 5)});
    const lowering::lowered_network lowered = expect_same(net);
    ASSERT_EQ(lowered.model->layers.size(), 3u);
    EXPECT_EQ(sources_of(lowered.model->layers[1]), "0 1");
    EXPECT_EQ(lowered.model->layers[1].weights[0], 127);
    EXPECT_EQ(sources_of(lowered.model->layers[2]), "2 0");
    EXPECT_TRUE(lowered.model->layers[2].currents);

    branching_network spikes({4, 1, 1, {}});
    const std::string first = spikes.lif({spikes.affine({"input"}, 3)});
    spikes.output({first, spikes.lif({spikes.affine({first}, 3)})});
    const lowering::lowered_network counted = expect_same(spikes);
    ASSERT_EQ(counted.model->layers.size(), 2u);
    EXPECT_TRUE(counted.model->layers[1].currents);
    EXPECT_EQ(sources_of(counted.model->layers[1]), "0 1");
    EXPECT_THAT(counted.model->layers[1].weights,
                ElementsAre(127, 0, 0, 127, 0, 0, 0, 127, 0, 0, 127, 0, 0, 0, 127, 0, 0, 127));
}

TEST(branches, of_the_input_are_one_encoder_and_layers_may_share_a_giver)
{
    branching_network net({1, 6, 6, {}});
    const std::string start = net.lif({net.conv({"input"}, 2, 3, 1, 1), net.conv({"input"}, 2, 5, 1, 2)});
    const std::string shared = net.average({start}, 2);
    const std::string a = net.lif({net.conv({shared}, 3, 3, 1, 1)}), b = net.lif({net.conv({shared}, 3, 1, 1, 0)});
    net.output({net.affine({a, b}, 4)});
    const lowering::lowered_network lowered = expect_same(net);
    EXPECT_EQ(lowered.model->encoder.kernel_h, 5u);
    ASSERT_EQ(lowered.model->layers.size(), 3u);
    EXPECT_EQ(sources_of(lowered.model->layers[0]), "");
    EXPECT_EQ(sources_of(lowered.model->layers[1]), "0") << "the encoder's spikes as they are";
    EXPECT_THAT(sources_of(lowered.model->layers[2]), AnyOf("1 2", "2 1"));

    branching_network twice({4, 1, 1, {}});
    const std::string first = twice.lif({twice.affine({"input"}, 3)});
    const std::string common = twice.affine({first}, 2);
    twice.output({twice.affine({twice.lif({common}), twice.lif({common})}, 2)});
    const lowering::lowered_network copied = expect_same(twice);
    EXPECT_EQ(copied.model->layers.at(0).name, common);
    EXPECT_EQ(copied.model->layers.at(1).name, common + "'") << "names tell layers apart";
}

TEST(branches, sums_behind_sums_may_be_shared)
{
    branching_network net({1, 6, 6, {}});
    const std::string shared = net.scale({net.average({net.lif({net.conv({"input"}, 2, 3, 1, 1)})}, 2)});
    net.output({net.affine({net.lif({net.conv({shared}, 2, 3, 1, 1)}), net.lif({shared})}, 4)});
    EXPECT_EQ(expect_same(net).model->layers.size(), 3u);
}

TEST(branches, weights_of_1_that_are_rounded_are_told)
{
    branching_network net({1, 4, 4, {}});
    const std::string start = net.lif({net.conv({"input"}, 2, 1, 1, 0)});
    const std::string large = net.conv({start}, 2, 1, 1, 0);
    const std::string middle = net.lif({large});
    const std::string last = net.conv({middle}, 2, 1, 1, 0);
    net.builder.array("weight", {2, 2, 1, 1}, {40, -40, 40, 20}, last);
    const std::string sum = net.lif({last, start});
    net.builder.fill("v_threshold", {1}, 100, sum);
    net.output({net.affine({sum}, 2)});
    // 1 is 3.2 of 40 / 127, and 4 times coarser would cost the others too much.
    const lowering::lowered_network lowered = lower(net);
    ASSERT_TRUE(lowered.model);
    EXPECT_DOUBLE_EQ(lowered.model->layers.at(1).weight_scales.at(0), 40.0 / 127);
    EXPECT_THAT(to_text(lowered), HasSubstr("rounded: '" + start + "' of 1 to 0.94488189"));
}

TEST(host_neurons, are_those_whose_synapses_decay)
{
    branching_network net({1, 4, 4, {}});
    const std::string first = net.cuba({net.conv({"input"}, 2, 3, 1, 1)});
    const std::string second = net.cuba({net.conv({first}, 3, 3, 1, 1)});
    net.output({net.affine({net.lif({net.conv({second}, 2, 3, 1, 1), first})}, 3)});
    const lowering::lowered_network lowered = lower(net);
    ASSERT_TRUE(lowered.model) << lowered.nodes.findings.front().text;
    EXPECT_EQ(lowered.model->encoder.host.at(0).synapse_q16, 49152u); // 1 - 1 / 4
    EXPECT_EQ(lowered.model->layers.at(0).host.at(0).synapse_q16, 49152u);
    EXPECT_THAT(lowered.model->layers.at(1).host, testing::IsEmpty());
    EXPECT_EQ(sources_of(lowered.model->layers.at(1)), "1 0");
    EXPECT_THAT(to_text(lowered), HasSubstr("it reads 960 bytes of currents and writes 48 spike words"));

    const tensor input = net.input();
    const float_network::float_network floats(network::read_graph(net.builder.graph), lowered.speech);
    const std::vector<double> expected = floats.run(input.values, given.timesteps).values[floats.nodes().order.back()];
    test::lowered_by_hand after(lowered.nodes);
    double any = 0;
    for (std::size_t t = 0; t < given.timesteps; ++t) {
        const tensor found = after.step(input);
        for (std::size_t i = 0; i < 3; ++i)
            EXPECT_NEAR(found.values[i], expected[t * 3 + i], 1e-9);
        any += std::abs(found.values[0] - expected[0]);
    }
    EXPECT_GT(any, 0) << "a test in which something happens";
}

TEST(branches, of_the_input_and_of_spikes_are_two_sums)
{
    branching_network net({2, 6, 6, {}});
    const std::string stem = net.conv({"input"}, 3, 3, 1, 1); // its sum goes on, as in membrane shortcuts
    const std::string first = net.lif({stem}), second = net.lif({net.conv({first}, 3, 3, 1, 1), stem});
    const std::string third = net.lif({net.conv({second}, 3, 3, 1, 1), stem, first});
    net.output({net.affine({third}, 4)});
    const lowering::lowered_network lowered = expect_same(net);
    for (std::size_t i : {0u, 1u}) {
        const lowering::layer_model& layer = lowered.model->layers.at(i);
        ASSERT_EQ(layer.numbers.size(), 1u);
        EXPECT_EQ(layer.numbers[0].in_channels, 2u);
        EXPECT_EQ(layer.number_factors_q24.size(), 3u);
        EXPECT_NEAR(layer.number_factors_q24[0] / 16777216.0,
                    layer.numbers[0].weight_scales.at(0) / layer.weight_scales.at(0), 1e-6);
        EXPECT_THAT(layer.host_because, HasSubstr("takes numbers of the network's input, too"));
    }
    // Of inputs that are spikes it is one of the branches.
    lowering::map_options spikes = given;
    spikes.takes_spikes = true;
    const lowering::network_model model = lowering::map_network(net.builder.graph, spikes);
    EXPECT_EQ(sources_of(model.layers.at(1)), "1 0");
    EXPECT_THAT(model.layers.at(1).numbers, testing::IsEmpty());
}

TEST(branches, that_cannot_run_are_refused)
{
    const auto error_of = [](branching_network& net) {
        return test::user_error_of([&] { lowering::map_network(net.builder.graph, given); });
    };
    branching_network numbers({2, 4, 4, {}});
    const std::string first = numbers.lif({numbers.conv({"input"}, 2, 3, 1, 1)});
    numbers.output({numbers.conv({first}, 2, 3, 1, 1), "input"});
    EXPECT_THAT(error_of(numbers), HasSubstr("takes the sum of the network's input and of spikes, of '" + first +
                                             "'; with a neuron before it, it would run"));

    branching_network two({2, 4, 4, {}});
    const std::string one = two.lif({two.conv({"input"}, 2, 3, 1, 1)});
    const std::string second = two.conv({"input"}, 2, 1, 1, 0);
    two.output({two.affine({one, two.lif({second})}, 2)});
    EXPECT_THAT(error_of(two), HasSubstr("(Conv2d): takes the network's input, as node 'conv"));

    branching_network readouts({2, 1, 1, {}});
    const std::string spikes = readouts.lif({readouts.affine({"input"}, 2)});
    const std::string a = readouts.lif({readouts.affine({spikes}, 2)}),
                      b = readouts.lif({readouts.affine({spikes}, 2)});
    readouts.output({a, b});
    readouts.builder.at(a).type = readouts.builder.at(b).type = "LI";
    EXPECT_THAT(error_of(readouts), HasSubstr("potentials can be added up only of neurons that do not spike"));
    readouts.builder.fill("r", {1}, 2, a).fill("r", {1}, 2, b);
    const lowering::network_model model = lowering::map_network(readouts.builder.graph, given);
    ASSERT_EQ(model.layers.size(), 1u);
    EXPECT_EQ(model.scores.response_q16.size(), 2u * 5) << "classes have scales of their own";

    branching_network potentials({2, 1, 1, {}});
    const std::string fired = potentials.lif({potentials.affine({"input"}, 2)});
    const std::string held = potentials.lif({potentials.affine({fired}, 2)});
    potentials.output({potentials.affine({potentials.lif({held, fired})}, 2)});
    potentials.builder.at(held).type = "LI";
    EXPECT_THAT(error_of(potentials), HasSubstr("node '" + held + "' (LI): does not spike"));
}

} // namespace
