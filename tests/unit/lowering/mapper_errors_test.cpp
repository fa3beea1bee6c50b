// What can't be mapped is named: file, node, kind, why.
#include "platform/lowering/mapper.h"

#include <cmath>
#include <functional>
#include <limits>

#include "tests/unit/formats/load_support.h"

namespace
{

using namespace loas;
using test::graph_builder;
using test::small_network;
using testing::HasSubstr;
using testing::StartsWith;

std::string error_of(const graph_builder& builder)
{
    std::string message = test::user_error_of([&] { lowering::map_network(builder.graph, {1, 1.0, {}, {}, 1}); });
    EXPECT_THAT(message, StartsWith("net.nir: "));
    return message;
}

// The message for the small network after a change.
std::string after(const std::function<void(graph_builder&)>& change)
{
    graph_builder builder = small_network();
    change(builder);
    return error_of(builder);
}

constexpr const char* conv1 = "net.nir: node 'conv1' (Conv2d): ";
constexpr const char* conv2 = "net.nir: node 'conv2' (Conv2d): ";
constexpr const char* lif1 = "net.nir: node 'lif1' (LIF): ";
constexpr const char* pool1 = "net.nir: node 'pool1' (SumPool2d): ";
constexpr const char* flatten = "net.nir: node 'flatten' (Flatten): ";
constexpr const char* fc = "net.nir: node 'fc' (Affine): ";

TEST(mapper_errors, graph_is_no_chain)
{
    using edge_list = std::vector<std::pair<std::string, std::string>>;
    const auto edges = [](const std::function<void(edge_list&)>& change) {
        return after([&](graph_builder& b) { change(b.graph.edges); });
    };
    EXPECT_EQ(edges([](edge_list& e) { e.emplace_back("lif1", "conv2"); }),
              "net.nir: node 'conv2' (Conv2d): takes the sum of 'or1' and 'lif1', but one gives (2, 2, 2), the other "
              "(2, 4, 4)");
    EXPECT_THAT(edges([](edge_list& e) { e.push_back(e.front()); }), HasSubstr("edge from 'input' is there twice"));
    EXPECT_EQ(edges([](edge_list& e) { e.emplace_back("fc", "nowhere"); }),
              "net.nir: /node/edges: edge 'fc' -> 'nowhere': there is no node 'nowhere'; the file was exported without it, "
              "or its name is another in the edges: export it again, or name in the edge a node that is there");
    EXPECT_THAT(edges([](edge_list& e) {
                    e.emplace_back("fc", "lif3");
                    e.emplace_back("lif3", "fc");
                }),
                StartsWith("net.nir: /node/edges: 'fc' is on a loop. Recurrence cannot run"))
        << "which no other export mends";
    EXPECT_THAT(edges([](edge_list& e) { e.emplace_back("fc", "lif3"); }), HasSubstr("did you mean 'lif"));
    EXPECT_THAT(edges([](edge_list& e) { e.pop_back(); }), HasSubstr("node 'fc' (Affine): has no outgoing edge"));
    EXPECT_THAT(edges([](edge_list& e) { e.erase(e.begin()); }),
                HasSubstr("node 'input' (Input): has no outgoing edge (and 1 more: loas-vp check)"));
    EXPECT_THAT(edges([](edge_list& e) { e.clear(); }), testing::Not(HasSubstr("Delete it"))) << "which is all of it";
    EXPECT_THAT(edges([](edge_list& e) { e.emplace_back("output", "input"); }), HasSubstr("has an "));
    EXPECT_THAT(after([](graph_builder& b) {
                    b.graph.nodes.push_back({"loop", "LIF", {}, {}});
                    b.graph.edges.emplace_back("loop", "loop");
                }),
                HasSubstr("node 'loop' (LIF): is not on the way from 'input' to 'output'"));
    EXPECT_EQ(after([](graph_builder& b) {
                  b.graph.nodes.push_back({"alone", "LIF", {}, {}});
              }),
              "net.nir: node 'alone' (LIF): has no edges: it takes and gives nothing. Delete it; the network is the same "
              "without it");
    EXPECT_THAT(after([](graph_builder& b) { b.graph.nodes.push_back(b.graph.nodes[3]); }),
                HasSubstr("another node has the same name"));
    EXPECT_THAT(after([](graph_builder& b) { b.at("input").type = "Scale"; }), HasSubstr("there is no Input node"));
    EXPECT_THAT(after([](graph_builder& b) { b.at("lif1").type = "Output"; }),
                HasSubstr("expected one Output node, found 'lif1', 'output'"));
}

TEST(mapper_errors, unsupported_kinds)
{
    for (const char* type : {"Delay", "NIRGraph", "Mystery"})
        for (const char* name : {"conv1", "lif1", "pool1", "flatten"}) {
            const std::string start = std::string("net.nir: node '") + name + "' (" + type + "): ";
            const std::string message = after([&](graph_builder& b) { b.at(name).type = type; });
            EXPECT_THAT(message, StartsWith(start));
            EXPECT_GT(message.size(), start.size() + 10);
        }
    EXPECT_THAT(after([&](graph_builder& b) {
                    b.at("lif1").type = "LI";
                    b.fill("v_leak", {1}, 1, "lif1");
                }),
                HasSubstr("does not spike, and between layers can only be the synapses of the next neurons: its v_leak is not 0"));
    EXPECT_THAT(
        after([&](graph_builder& b) {
            b.at("lif1").type = "CubaLIF";
            b.fill("tau_mem", {1}, 2, "lif1").fill("tau_syn", {1}, 0.5, "lif1");
        }),
        HasSubstr("node 'lif1' (CubaLIF): tau_syn is"));
}

// Each refusal says what would help.
TEST(mapper_errors, name_a_way_out)
{
    EXPECT_THAT(after([](graph_builder& b) { b.at("lif1").type = "Delay"; }), HasSubstr("Trained without the delay, or with one of 0, it would run"));
    EXPECT_THAT(after([](graph_builder& b) { b.at("pool1").type = "MaxPool2d"; }),
                HasSubstr("node 'pool1' (MaxPool2d): the largest of a window cannot run as such. The largest of spikes is what "
                          "a SumPool2d and behind it a Threshold of 0.5 give"));
    EXPECT_THAT(after([](graph_builder& b) { b.graph.edges.push_back(b.graph.edges[1]); }),
                HasSubstr("is there twice, and it is not clear whether it counts twice; with one edge"));
    EXPECT_THAT(after([](graph_builder& b) {
                    b.at("lif1").type = "LI";
                    b.fill("v_leak", {1}, 1, "lif1");
                }),
                HasSubstr("its v_leak is not 0. With 0 it would run"));
    graph_builder two = test::small_network();
    two.ends("out2", "Output", {5});
    EXPECT_THAT(error_of(two), HasSubstr("with one of them, exported without what leads to the others alone"));
    EXPECT_THAT(after([](graph_builder& b) {
                    b.at("lif1").arrays.erase("tau");
                    b.at("lif1").strings["tau"] = formats::unread_value;
                }),
                HasSubstr("/node/nodes/lif1/tau: expected numbers, found neither numbers nor a string"));
}

TEST(mapper_errors, loops)
{
    graph_builder builder = small_network();
    builder.graph.nodes.push_back({"back", "Affine", {}, {}});
    builder.fill("weight", {12, 12}, 1, "back").fill("bias", {12}, 0, "back");
    builder.graph.edges.emplace_back("lif2", "back");
    builder.graph.edges.emplace_back("back", "lif2");
    EXPECT_THAT(error_of(builder), HasSubstr("node 'lif2' (LIF): is on a loop: it takes what 'back' makes of its own "
                                             "spikes. Recurrence cannot run"));
}

TEST(mapper_errors, several_at_once)
{
    graph_builder builder = small_network();
    builder.fill("tau", {1}, 0.5, "lif1").fill("tau", {1}, -1, "lif2").fill("bias", {3}, 1, "fc");
    const lowering::lowered_network lowered = lowering::lower_network(builder.graph, {1, 1.0, {}, {}, 1});
    EXPECT_FALSE(lowered.model);
    ASSERT_EQ(lowered.nodes.findings.size(), 3u);
    EXPECT_THAT(lowered.nodes.findings[0].text, StartsWith(std::string(fc) + "bias has shape (3,)"));
    EXPECT_THAT(lowered.nodes.findings[1].text, StartsWith(std::string(lif1) + "tau is 0.5"));
    EXPECT_THAT(lowered.nodes.findings[2].text, HasSubstr("node 'lif2' (LIF): tau is -1"));
    EXPECT_THAT(error_of(builder), HasSubstr(" (and 2 more: loas-vp check)"));
}

TEST(mapper_errors, names_are_cleaned)
{
    graph_builder builder = small_network();
    builder.at("fc").name = "\x1b[2Jfc";
    builder.graph.edges[builder.graph.edges.size() - 2].second = "\x1b[2Jfc";
    builder.graph.edges.back().first = "\x1b[2Jfc";
    builder.fill("bias", {3}, 1, "\x1b[2Jfc");
    EXPECT_EQ(error_of(builder).find('\x1b'), std::string::npos);
}

TEST(mapper_errors, nodes_in_the_wrong_place)
{
    // conv1 has a bias and conv2 padding, where that bias would be: not one convolution.
    EXPECT_THAT(after([](graph_builder& b) {
                    b.fill("bias", {2}, 1, "conv1");
                    b.graph.nodes.erase(b.graph.nodes.begin() + 2, b.graph.nodes.begin() + 5);
                    b.graph.edges[1].second = "conv2";
                    b.graph.edges.erase(b.graph.edges.begin() + 2, b.graph.edges.begin() + 5);
                    b.fill("weight", {5, 48}, 1, "fc");
                    for (const char* each : {"tau", "r", "v_threshold", "v_leak", "v_reset"})
                        b.fill(each, {1}, 2, "lif2");
                }),
                StartsWith(std::string(conv2) + "there is no neuron between it and node 'conv1' (Conv2d), and the two "
                                                "cannot be one layer: the padding between the two is 0"));
}

TEST(mapper_errors, ends_of_the_chain)
{
    graph_builder builder;
    builder.ends("in", "Input", {2}).ends("out", "Output", {2});
    EXPECT_THAT(error_of(builder), HasSubstr("there is no layer between node 'in' (Input) and this node"));

    builder = {};
    builder.ends("in", "Input", {2}).affine("fc", 2, 2, 1).ends("out", "Output", {2});
    EXPECT_THAT(error_of(builder), StartsWith(std::string(fc) + "no neuron spikes"));

    builder = {};
    builder.ends("in", "Input", {1, 1, 2}).conv("a", {1, 1, 1, 1}, 1, 0).lif("l", {1, 1, 2});
    builder.conv("conv2", {3, 1, 1, 1}, 1, 0).ends("out", "Output", {6});
    EXPECT_EQ(lowering::map_network(builder.graph, {1, 1.0, {}, {}, 1}).classes, 6u) << "a map of scores";

    EXPECT_EQ(after([](graph_builder& b) { b.array("shape", {1}, {6}, "output"); }),
              "net.nir: node 'output' (Output): shape is (6,), but node 'fc' (Affine) gives (5,)");
    EXPECT_THAT(after([](graph_builder& b) {
                    b.array("shape", {2}, {65535, 65535}, "output");
                }),
                HasSubstr("node 'fc' (Affine) gives (5,)"));
    EXPECT_THAT(
        after([](graph_builder& b) {
            b.array("shape", {2}, {4, 4}, "input");
        }),
        StartsWith(std::string(conv1) + "takes (channels, height, width), but node 'input' (Input) gives (4, 4)"));
    EXPECT_THAT(after([](graph_builder& b) {
                    b.array("shape", {5}, {1, 1, 1, 4, 4}, "input");
                }),
                HasSubstr("/node/nodes/input/shape: expected (channels, height, width), (channels, length) or "
                          "(features), found 5 dimensions"));
    EXPECT_THAT(after([](graph_builder& b) {
                    b.array("shape", {3}, {1, 4, 65536}, "input");
                }),
                HasSubstr("element 2 is 65536, expected a whole number from 1 to 65535"));
    EXPECT_THAT(after([](graph_builder& b) { b.erase("shape", "input"); }),
                HasSubstr("/node/nodes/input/shape: is missing; every Input node has it"));
}

TEST(mapper_errors, convolutions)
{
    const auto with = [](const std::string& dataset, const std::vector<double>& values) {
        return after([&](graph_builder& b) { b.array(dataset, {values.size()}, values, "conv1"); });
    };
    EXPECT_EQ(with("groups", {2}), std::string(conv1) + "weight has shape (2, 1, 3, 3), 2 input channels, but node "
                                                        "'input' (Input) gives (1, 4, 4)");
    EXPECT_EQ(with("dilation", {1, 200}),
              std::string(conv1) + "kernel is (3, 3), 401 a side with its dilation, more than the limit of 255");
    EXPECT_EQ(with("input_shape", {4, 5}),
              std::string(conv1) + "input_shape is (4, 5), but node 'input' (Input) gives (1, 4, 4)");
    EXPECT_EQ(with("stride", {1.5}), "net.nir: /node/nodes/conv1/stride: element 0 is 1.5, expected a whole number "
                                     "from 1 to 255");
    EXPECT_THAT(with("stride", {1, 0}), HasSubstr("element 1 is 0"));
    EXPECT_THAT(with("stride", {1, 1, 1}), HasSubstr("conv1/stride: expected one or two numbers, found 3"));
    EXPECT_THAT(with("padding", {256}), HasSubstr("from 0 to 255"));
    EXPECT_THAT(with("groups", {1, 1}), HasSubstr("conv1/groups: expected one number, found 2"));
    EXPECT_THAT(with("bias", {1, 2, 3}),
                StartsWith(std::string(conv1) + "bias has shape (3,), but weight has shape (2, 1, 3, 3)"));
    EXPECT_THAT(after([](graph_builder& b) {
                    b.array("stride", {1, 2}, {1, 1}, "conv1");
                }),
                HasSubstr("conv1/stride: expected a list of numbers, found shape (1, 2)"));

    const auto weight = [](const std::vector<std::size_t>& shape, const char* name = "conv2") {
        return after([&](graph_builder& b) { b.fill("weight", shape, 1, name); });
    };
    EXPECT_EQ(weight({3, 2}), "net.nir: /node/nodes/conv2/weight: expected 4 dimensions, found 2");
    EXPECT_EQ(weight({3, 4, 3, 3}), std::string(conv2) + "weight has shape (3, 4, 3, 3), 4 input channels, but node "
                                                         "'or1' (Threshold) gives (2, 2, 2)");
    EXPECT_THAT(weight({0, 2, 3, 3}), HasSubstr("has no elements"));
    EXPECT_THAT(weight({3, 2, 256, 1}), HasSubstr("kernel is (256, 1), more than the limit of 255"));
    EXPECT_EQ(weight({3, 2, 5, 3}), std::string(conv2) + "kernel (5, 3) is larger than the padded input: node 'or1' "
                                                         "(Threshold) gives (2, 2, 2)");
    EXPECT_THAT(weight({65536, 1, 1, 1}, "conv1"), HasSubstr("more than 65535 outputs"));
    EXPECT_THAT(after([](graph_builder& b) { b.text("weight", "heavy", "conv1"); }),
                HasSubstr("/node/nodes/conv1/weight: expected numbers, found a string"));

    EXPECT_THAT(after([](graph_builder& b) { b.text("padding", "full", "conv1"); }),
                HasSubstr("conv1/padding: expected numbers, 'same' or 'valid', found 'full'"));
    EXPECT_THAT(after([](graph_builder& b) { b.text("padding", "same", "conv1").fill("stride", {2}, 2, "conv1"); }),
                StartsWith(std::string(conv1) + "padding 'same' needs stride 1"));
    EXPECT_THAT(after([](graph_builder& b) {
                    b.array("shape", {3}, {1, 65535, 4}, "input").array("padding", {}, {255}, "conv1");
                }),
                HasSubstr("has a side of more than 65535"));
}

TEST(mapper_errors, linear_layers)
{
    EXPECT_EQ(after([](graph_builder& b) {
                  b.fill("weight", {5, 11}, 1, "fc");
              }),
              std::string(fc) + "weight has shape (5, 11), 11 inputs, but node 'flatten' (Flatten) gives 12");
    EXPECT_EQ(after([](graph_builder& b) {
                  b.fill("weight", {5, 12, 1}, 1, "fc");
              }),
              "net.nir: /node/nodes/fc/weight: expected 2 dimensions, found 3");
    EXPECT_THAT(after([](graph_builder& b) { b.erase("bias", "fc"); }),
                HasSubstr("/node/nodes/fc/bias: is missing; every Affine node has it"));
    EXPECT_THAT(after([](graph_builder& b) { b.at("fc").type = "Linear"; }),
                HasSubstr("node 'fc' (Linear): a Linear node has no bias; use Affine"));

    graph_builder builder;
    builder.ends("in", "Input", {2, 1, 2}).affine("fc", 2, 4, 1);
    builder.lif("lif", {2}).affine("fc2", 2, 2, 1).ends("out", "Output", {2});
    EXPECT_EQ(error_of(builder),
              std::string(fc) + "takes a vector, but node 'in' (Input) gives (2, 1, 2); put a Flatten between");
    builder.fill("weight", {2, 2}, 1, "fc");
    EXPECT_THAT(error_of(builder), HasSubstr("its weights are for the last axis alone. Behind a Flatten, with weights for "
                                             "all 4 inputs, 0 where there are none, it would run"));

    builder = {};
    builder.ends("in", "Input", {1, 256, 1}).flatten("f").affine("fc", 2, 256, 1);
    builder.lif("lif", {2}).affine("fc2", 2, 2, 1).ends("out", "Output", {2});
    EXPECT_EQ(error_of(builder), std::string(fc) + "its kernel would cover (256, 1) pixels, more than the limit of 255 "
                                                   "a side");

    builder = {};
    builder.ends("in", "Input", {17, 255, 255}).flatten("f").affine("fc", 1, std::size_t{17} * 255 * 255, 1);
    builder.lif("lif", {1}).affine("fc2", 2, 1, 1).ends("out", "Output", {2});
    EXPECT_EQ(error_of(builder), std::string(fc) + "an output has 1105425 inputs, more than the limit of 1048576");

    builder = {};
    builder.ends("in", "Input", {2}).conv("conv1", {1, 2, 1, 1}, 1, 0).ends("out", "Output", {2});
    EXPECT_EQ(error_of(builder),
              std::string(conv1) + "takes (channels, height, width), but node 'in' (Input) gives (2,)");
}

TEST(mapper_errors, flatten)
{
    const double ways[][2] = {{2, -1}, {1, 2}, {0, 1}, {0, 3}, {-2, -1}, {0, -2}};
    for (const auto& [start, end] : ways)
        EXPECT_THAT(after([&, s = start, e = end](graph_builder& b) {
                        b.array("start_dim", {}, {s}, "flatten").array("end_dim", {}, {e}, "flatten");
                    }),
                    HasSubstr("do not flatten the whole of (3, 2, 2)"))
            << start << ", " << end;
    EXPECT_EQ(after([](graph_builder& b) {
                  b.array("input_type", {3}, {3, 2, 1}, "flatten");
              }),
              std::string(flatten) + "input_type is (3, 2, 1), but node 'lif2' (LIF) gives (3, 2, 2)");
}

TEST(mapper_errors, neurons)
{
    const auto with = [](const std::string& dataset, const std::vector<std::size_t>& shape, double value) {
        return after([&](graph_builder& b) { b.fill(dataset, shape, value, "lif1"); });
    };
    EXPECT_EQ(with("tau", {2, 4, 5}, 2),
              std::string(lif1) + "tau has shape (2, 4, 5), 40 values, but node 'conv1' (Conv2d) gives 32");
    EXPECT_THAT(with("tau", {1}, 0), HasSubstr("tau is 0, expected a positive number"));
    EXPECT_THAT(with("tau", {1}, 0.5), HasSubstr("tau is 0.5, less than the time step of 1"));
    EXPECT_THAT(with("v_threshold", {1}, 1e9),
                StartsWith(std::string(lif1) + "v_threshold is 2.54e+11 in units of the int8 weights, beyond 32 bits"));
    EXPECT_THAT(after([](graph_builder& b) { b.erase("tau", "lif1"); }),
                HasSubstr("/node/nodes/lif1/tau: is missing; every LIF node has it"));
    graph_builder signs = small_network();
    signs.array("v_threshold", {2}, {1, -1}, "lif1");
    lowering::map_options one{1, 1.0, {}, {}, 1};
    EXPECT_NO_THROW(lowering::map_network(signs.graph, one)) << "channels have thresholds";
    one.scales = lowering::scale_rule::per_layer;
    EXPECT_THAT(test::user_error_of([&] { lowering::map_network(signs.graph, one); }),
                HasSubstr("v_threshold is 1 in channel 0 and -1 in channel 1; weights cannot make up"));
    graph_builder builder = small_network();
    builder.erase("v_reset", "lif1");
    EXPECT_NO_THROW(lowering::map_network(builder.graph, {}));
}

TEST(mapper_errors, pooling)
{
    EXPECT_EQ(
        after([](graph_builder& b) { b.array("kernel_size", {}, {5}, "pool1").array("stride", {}, {5}, "pool1"); }),
        std::string(pool1) + "kernel_size is (5, 5), larger than its input: node 'lif1' (LIF) gives (2, 4, 4)");
    EXPECT_THAT(after([](graph_builder& b) {
                    b.fill("threshold", {2, 4, 4}, 0.5, "or1");
                }),
                HasSubstr("32 values, but node 'pool1' (SumPool2d) gives 8"));
    graph_builder builder;
    builder.ends("in", "Input", {2}).affine("a", 2, 2, 1).lif("l", {2}).pool("pool1", 1).ends("out", "Output", {2});
    EXPECT_THAT(error_of(builder), StartsWith(std::string(pool1) + "takes (channels, height, width)"));
}

TEST(mapper_errors, numbers)
{
    const double inf = std::numeric_limits<double>::infinity();
    EXPECT_EQ(after([&](graph_builder& b) { b.at("conv2").arrays["weight"].values[20] = inf; }),
              std::string(conv2) + "weight is inf at [1, 0, 0, 2]; expected a finite number");
    EXPECT_THAT(after([](graph_builder& b) { b.at("lif1").arrays["tau"].values[0] = std::nan(""); }),
                HasSubstr("tau is nan at [0, 0, 0]"));
    EXPECT_THAT(after([](graph_builder& b) { b.at("conv2").arrays["weight"].values.pop_back(); }),
                HasSubstr("/node/nodes/conv2/weight: shape (3, 2, 3, 3) does not have 53 elements"));
    EXPECT_THAT(after([](graph_builder& b) { b.fill("bias", {2}, -1e8, "conv1"); }),
                StartsWith(std::string(conv1) + "bias at [0] is -2.54e+10 in units of the int8 weights"));
    EXPECT_THAT(after([](graph_builder& b) {
                    b.fill("weight", {2, 1, 3, 3}, 5e-324, "conv1");
                }),
                HasSubstr("too small to scale"));
    graph_builder large;
    large.ends("input", "Input", {1, 2, 2}).conv("conv1", {1, 1, 1, 1}, 1e200, 0).node("big", "Scale");
    large.fill("scale", {1}, 1e200).lif("lif1", {1, 2, 2}).flatten("flatten").affine("fc", 2, 4, 1);
    EXPECT_EQ(error_of(large.ends("output", "Output", {2})),
              std::string(conv1) + "weight: with what is folded into it, it is larger than a number can be");
    for (const double bad : {0.0, -1.0, inf, static_cast<double>(NAN)}) {
        EXPECT_THAT(test::user_error_of([&] {
                        lowering::map_network(small_network().graph, {bad, 1.0, {}, {}, 1});
                    }),
                    StartsWith("input_scale is "));
        EXPECT_THAT(test::user_error_of([&] {
                        lowering::map_network(small_network().graph, {1, bad, {}, {}, 1});
                    }),
                    StartsWith("time_step is "));
    }
}

} // namespace
