// The chain, the numbers and the shapes of mapped networks, by hand.
#include "platform/lowering/mapper.h"

#include <algorithm>

#include "tests/unit/formats/load_support.h"

namespace
{

using namespace loas;
using lowering::layer_model;
using lowering::map_network;
using lowering::network_model;
using test::graph_builder;
using test::small_network;
using testing::Each;
using testing::DoubleEq;
using testing::ElementsAre;

const lowering::map_options given{1, 1.0, {}, {}, 1};

lowering::map_options with_one_scale(lowering::map_options options)
{
    options.scales = lowering::scale_rule::per_layer;
    return options;
}

TEST(mapper, names_that_no_screen_shows_stay_apart)
{
    test::graph_builder builder = small_network();
    const auto rename = [&](const std::string& before, const std::string& now) {
        builder.at(before).name = now;
        for (auto& [from, to] : builder.graph.edges) {
            from = from == before ? now : from;
            to = to == before ? now : to;
        }
    };
    rename("conv1", "a\x01");
    rename("conv2", "a\x02");
    rename("fc", "a%01");
    const network_model network = map_network(builder.graph, given);
    EXPECT_EQ(network.encoder.name, "a%01");
    EXPECT_EQ(network.layers.at(0).name, "a%02");
    EXPECT_EQ(network.layers.at(1).name, "a%01'");
}

TEST(mapper, maps_a_chain)
{
    const network_model network = map_network(small_network().graph, given);
    EXPECT_EQ(network.name, "net");
    EXPECT_EQ(network.image_channels, 1u);
    EXPECT_EQ(network.image_height, 4u);
    EXPECT_EQ(network.image_width, 4u);
    EXPECT_EQ(network.classes, 5u);

    const layer_model& encoder = network.encoder;
    EXPECT_EQ(encoder.name, "conv1");
    EXPECT_EQ(encoder.in_height, 4u);
    EXPECT_EQ(encoder.in_channels, 1u);
    EXPECT_EQ(encoder.out_channels, 2u);
    EXPECT_EQ(encoder.kernel_h, 3u);
    EXPECT_EQ(encoder.pad_w, 1u);
    EXPECT_EQ(encoder.pool, 2u);
    EXPECT_FALSE(encoder.currents);
    EXPECT_EQ(encoder.weights.size(), 18u);
    EXPECT_THAT(encoder.weights, Each(127));

    ASSERT_EQ(network.layers.size(), 2u);
    const layer_model& conv2 = network.layers[0];
    EXPECT_EQ(conv2.name, "conv2");
    EXPECT_EQ(conv2.in_height, 2u);
    EXPECT_EQ(conv2.in_width, 2u);
    EXPECT_EQ(conv2.in_channels, 2u);
    EXPECT_EQ(conv2.pool, 1u);
    EXPECT_EQ(conv2.out_height(), 2u);

    const layer_model& fc = network.layers[1];
    EXPECT_EQ(fc.name, "fc");
    EXPECT_TRUE(fc.currents);
    EXPECT_EQ(fc.in_height, 2u);
    EXPECT_EQ(fc.in_channels, 3u);
    EXPECT_EQ(fc.kernel_h, 2u);
    EXPECT_EQ(fc.kernel_w, 2u);
    EXPECT_EQ(fc.pad_h, 0u);
    EXPECT_EQ(fc.out_height(), 1u);
    EXPECT_EQ(fc.out_channels, 5u);
}

TEST(mapper, does_not_depend_on_the_order_of_nodes)
{
    graph_builder builder = small_network();
    std::reverse(builder.graph.nodes.begin(), builder.graph.nodes.end());
    std::reverse(builder.graph.edges.begin(), builder.graph.edges.end());
    EXPECT_EQ(map_network(builder.graph, given).layers.at(0).name, "conv2");
}

// in 2, fc1 2->2, lif1, fc2 2->1, out 1
graph_builder two_affine_layers()
{
    graph_builder builder;
    builder.ends("in", "Input", {2})
        .affine("fc1", 2, 2, 1)
        .lif("lif1", {2})
        .affine("fc2", 1, 2, 1)
        .ends("out", "Output", {1});
    return builder;
}

TEST(mapper, quantises)
{
    graph_builder builder = two_affine_layers();
    // s = 2.54 / 127 = 0.02. The halves are made of exact binary numbers below, in rounds_halves_away_from_zero.
    builder.array("weight", {2, 2}, {2.54, -2.54, 0.029, -0.031}, "fc1").array("bias", {2}, {0.1, -0.004}, "fc1");
    builder.fill("tau", {2}, 4, "lif1").fill("r", {1}, 3, "lif1").fill("v_threshold", {2}, 0.7, "lif1");
    builder.array("weight", {1, 2}, {-1.27, 0.5}, "fc2").array("bias", {1}, {2.0}, "fc2");
    const network_model network = map_network(builder.graph, with_one_scale({1.0 / 16, 1.0, {}, {}, 1}));

    const layer_model& encoder = network.encoder;
    EXPECT_THAT(encoder.weight_scales, ElementsAre(DoubleEq(0.02)));
    EXPECT_TRUE(encoder.thresholds.empty());
    EXPECT_THAT(encoder.weights, ElementsAre(127, -127, 1, -2));
    // 0.1 / (0.02 / 16) = 80; -0.004 / 0.00125 = -3.2
    EXPECT_THAT(encoder.bias, ElementsAre(80, -3));
    // g = 3 / 4; 0.7 / (0.00125 * 0.75) = 746.67
    EXPECT_EQ(encoder.threshold, 746);
    EXPECT_EQ(encoder.leak_q8, 192u); // 256 * (1 - 1 / 4)

    const layer_model& fc2 = network.layers.at(0);
    EXPECT_THAT(fc2.weight_scales, ElementsAre(DoubleEq(0.01)));
    EXPECT_THAT(fc2.weights, ElementsAre(-127, 50));
    EXPECT_THAT(fc2.bias, ElementsAre(200)); // without the input's scale
    EXPECT_TRUE(fc2.currents);
}

TEST(mapper, rounds_halves_away_from_zero_and_thresholds_down)
{
    graph_builder builder = two_affine_layers();
    // s = 0.5 exactly; g = 1 with tau = r = 2
    builder.array("weight", {2, 2}, {63.5, 0.25, -0.25, 0.75}, "fc1").array("bias", {2}, {1.25, -1.25}, "fc1");
    builder.fill("v_threshold", {2}, -0.75, "lif1").fill("tau", {2}, 2, "lif1").fill("r", {2}, 2, "lif1");
    const layer_model encoder = map_network(builder.graph, with_one_scale(given)).encoder;
    EXPECT_THAT(encoder.weight_scales, ElementsAre(0.5));
    EXPECT_THAT(encoder.weights, ElementsAre(127, 1, -1, 2));
    EXPECT_THAT(encoder.bias, ElementsAre(3, -3));
    EXPECT_EQ(encoder.threshold, -2); // floor(-1.5)
    EXPECT_EQ(encoder.leak_q8, 128u);
}

TEST(mapper, gives_output_channels_scales_and_thresholds_of_their_own)
{
    graph_builder builder = two_affine_layers();
    builder.array("weight", {2, 2}, {2.54, -2.54, 0.254, 0.1}, "fc1").array("bias", {2}, {0.1, -0.004}, "fc1");
    builder.fill("tau", {2}, 4, "lif1").fill("r", {1}, 3, "lif1").fill("v_threshold", {2}, 0.7, "lif1");
    builder.array("weight", {2, 2}, {1.27, 0.5, -0.127, 0.05}, "fc2").array("bias", {2}, {2.0, 0.3}, "fc2");
    builder.array("shape", {1}, {2}, "out");
    const network_model network = map_network(builder.graph, {1.0 / 16, 1.0, {}, {}, 3});
    const layer_model& encoder = network.encoder;
    EXPECT_THAT(encoder.weight_scales, ElementsAre(DoubleEq(0.02), DoubleEq(0.002)));
    EXPECT_THAT(encoder.weights, ElementsAre(127, -127, 127, 50));
    EXPECT_THAT(encoder.bias, ElementsAre(80, -32)); // 0.1 / (0.02 / 16), -0.004 / (0.002 / 16)
    EXPECT_THAT(encoder.thresholds, ElementsAre(746, 7466));
    const layer_model& fc2 = network.layers.at(0);
    EXPECT_THAT(fc2.weights, ElementsAre(127, 50, -127, 50));
    EXPECT_THAT(fc2.bias, ElementsAre(200, 300));
    EXPECT_TRUE(fc2.currents && fc2.thresholds.empty());
    // A current of the second class counts a tenth of one of the first.
    EXPECT_TRUE(network.scores.response_per_class);
    EXPECT_THAT(network.scores.response_q16, ElementsAre(65536, 0, 0, 6554, 0, 0));
}

TEST(mapper, keeps_thresholds_and_gains_of_channels_exactly)
{
    graph_builder builder = two_affine_layers();
    // Whole numbers with the layer's scale of 1, so channels have no scales of their own; gains 1 and 2.
    builder.array("weight", {2, 2}, {127, 1, 3, -2}, "fc1").fill("tau", {2}, 2, "lif1");
    builder.array("r", {2}, {2, 4}, "lif1").array("v_threshold", {2}, {20.5, -7}, "lif1");
    const layer_model encoder = map_network(builder.graph, given).encoder;
    EXPECT_THAT(encoder.weights, ElementsAre(127, 1, 3, -2));
    EXPECT_THAT(encoder.weight_scales, ElementsAre(1, 1));
    EXPECT_THAT(encoder.thresholds, ElementsAre(20, -4)); // floor(-3.5)
}

TEST(mapper, makes_a_threshold_that_is_subtracted_a_whole_number)
{
    graph_builder builder = two_affine_layers();
    builder.array("weight", {2, 2}, {2.54, 0.02, 0.254, 2.54}, "fc1").fill("v_threshold", {2}, 0.71, "lif1");
    builder.fill("tau", {2}, 2, "lif1").fill("r", {2}, 2, "lif1").array("bias", {2}, {0, 0}, "fc1");
    lowering::map_options options = given;
    EXPECT_THAT(map_network(builder.graph, options).encoder.weights, ElementsAre(127, 1, 13, 127));
    options.reset = lowering::neuron_reset::soft;
    builder.array("weight", {2, 2}, {2.54, 0.021, 0.254, 2.54}, "fc1"); // no whole number of 0.02
    const layer_model encoder = map_network(builder.graph, options).encoder;
    // 35.5 steps of 0.02: 35 of 0.02029, of which 2.54 is 125.2.
    EXPECT_THAT(encoder.weight_scales, ElementsAre(DoubleEq(0.71 / 35))) << "the same for both channels";
    EXPECT_EQ(encoder.threshold, 35);
    EXPECT_THAT(encoder.weights, ElementsAre(125, 1, 13, 125));
}

// Weights of 1e-9 of a threshold in 127 steps would make it 127e9.
TEST(mapper, scales_no_finer_than_threshold_and_bias_ask_for)
{
    graph_builder builder = two_affine_layers();
    builder.array("weight", {2, 2}, {1, 0.3, 1e-9, 2e-9}, "fc1").fill("v_threshold", {2}, 1, "lif1");
    builder.fill("tau", {2}, 2, "lif1").fill("r", {2}, 2, "lif1").array("bias", {2}, {0, 4}, "fc1");
    const layer_model encoder = map_network(builder.graph, given).encoder;
    EXPECT_THAT(encoder.weights, ElementsAre(127, 38, 0, 0));
    EXPECT_THAT(encoder.bias, ElementsAre(0, 1 << 18));
    EXPECT_THAT(encoder.thresholds, ElementsAre(127, 1 << 16));
}

TEST(mapper, leak_reaches_both_ends)
{
    graph_builder builder = two_affine_layers();
    builder.fill("tau", {2}, 0.5, "lif1");
    EXPECT_EQ(map_network(builder.graph, {1, 0.5, {}, {}, 1}).encoder.leak_q8, 0u);
    EXPECT_EQ(map_network(builder.graph, {1, 0.0005, {}, {}, 1}).encoder.host.at(0).leak_q16, 65470u); // 16 bits, as 255.74 / 256
}

TEST(mapper, scales_all_zero_weights_by_one)
{
    graph_builder builder = two_affine_layers();
    builder.fill("weight", {2, 2}, 0, "fc1").array("bias", {2}, {3, -4.4}, "fc1");
    const layer_model encoder = map_network(builder.graph, given).encoder;
    EXPECT_THAT(encoder.weight_scales, ElementsAre(1));
    EXPECT_THAT(encoder.weights, Each(0));
    EXPECT_THAT(encoder.bias, ElementsAre(3, -4));
    EXPECT_EQ(encoder.threshold, 1);
}

TEST(mapper, permutes_convolution_weights_to_channel_fastest)
{
    graph_builder builder;
    builder.ends("in", "Input", {2, 2, 3})
        .conv("conv", {1, 2, 1, 2}, 0, 0)
        // (output, channel, row, column): channel 0 has 1, 2; channel 1 has 3, 127
        .array("weight", {1, 2, 1, 2}, {1, 2, 3, 127})
        .array("stride", {2}, {2, 1})
        .array("padding", {}, {1})
        .lif("lif", {1, 2, 4})
        .flatten("flat", 0)
        .affine("fc", 2, 8, 1)
        .ends("out", "Output", {2});
    const network_model network = map_network(builder.graph, given);
    EXPECT_THAT(network.encoder.weights, ElementsAre(1, 3, 2, 127));
    EXPECT_EQ(network.encoder.stride_h, 2u);
    EXPECT_EQ(network.encoder.stride_w, 1u);
    EXPECT_EQ(network.encoder.pad_h, 1u);
    EXPECT_EQ(network.encoder.pad_w, 1u);
    EXPECT_EQ(network.layers.at(0).in_height, 2u); // (2 + 2 - 1) / 2 + 1
    EXPECT_EQ(network.layers.at(0).in_width, 4u);  // (3 + 2 - 2) / 1 + 1
}

TEST(mapper, permutes_the_columns_after_a_flatten)
{
    graph_builder builder;
    // Column (channel, row, column) = c * 4 + h * 2 + w has weight of that number, and 127 to fix the scale at 1.
    builder.ends("in", "Input", {2, 2, 2})
        .flatten("flat")
        .node("fc1", "Linear")
        .array("weight", {2, 8}, {0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 127})
        .lif("lif", {2})
        .affine("fc2", 1, 2, 1)
        .ends("out", "Output", {1, 1, 1});
    const network_model network = map_network(builder.graph, given);
    const layer_model& fc1 = network.encoder;
    EXPECT_EQ(fc1.kernel_h, 2u);
    EXPECT_EQ(fc1.kernel_w, 2u);
    EXPECT_EQ(fc1.in_channels, 2u);
    EXPECT_THAT(fc1.weights, ElementsAre(0, 4, 1, 5, 2, 6, 3, 7, 10, 14, 11, 15, 12, 16, 13, 127));
    EXPECT_TRUE(fc1.bias.empty());
    EXPECT_EQ(network.layers.at(0).kernel_h, 1u);
    EXPECT_EQ(network.layers.at(0).in_channels, 2u);
}

TEST(mapper, accepts_every_way_to_flatten_all)
{
    const double ways[][2] = {{0, -1}, {0, 2}, {1, -1}, {1, 3}, {-3, -1}, {-3, 2}, {-3, 3}};
    for (const auto& [start, end] : ways) {
        graph_builder builder = small_network();
        builder.array("start_dim", {}, {start}, "flatten").array("end_dim", {1}, {end}, "flatten");
        builder.array("input_type", {3}, {3, 2, 2}, "flatten");
        EXPECT_EQ(map_network(builder.graph, given).layers.at(1).kernel_h, 2u) << start << ", " << end;
    }
    graph_builder builder = small_network();
    builder.erase("start_dim", "flatten").erase("end_dim", "flatten");
    EXPECT_EQ(map_network(builder.graph, given).layers.at(1).kernel_h, 2u);
}

TEST(mapper, accepts_padding_in_words)
{
    graph_builder builder = small_network();
    builder.text("padding", "same", "conv1").text("padding", "same", "conv2");
    EXPECT_EQ(map_network(builder.graph, given).encoder.pad_h, 1u);
    // An even side is padded one more at its end: the same as a tap of 0 at its start, padded alike.
    builder.text("padding", "same", "conv1").fill("weight", {2, 1, 2, 3}, 1, "conv1");
    const network_model even = map_network(builder.graph, given);
    EXPECT_EQ(even.encoder.kernel_h, 3u);
    EXPECT_EQ(even.encoder.pad_h, 1u);
    EXPECT_EQ(even.encoder.out_height(), 4u);
    EXPECT_EQ(std::vector<std::int8_t>(even.encoder.weights.begin(), even.encoder.weights.begin() + 9),
              (std::vector<std::int8_t>{0, 0, 0, 127, 127, 127, 127, 127, 127}));
    // 4 - 3 + 1 = 2 pixels a side, pooled to 1; the classifier then sees 1 x 1.
    graph_builder valid;
    valid.ends("input", "Input", {1, 4, 4})
        .conv("conv1", {2, 1, 3, 3}, 0.5, 1)
        .text("padding", "valid")
        .lif("lif1", {1})
        .pool("pool1", 2)
        .node("or1", "Threshold")
        .fill("threshold", {1}, 0)
        .affine("fc", 5, 2, 1)
        .ends("output", "Output", {5});
    const network_model network = map_network(valid.graph, given);
    EXPECT_EQ(network.encoder.pad_h, 0u);
    EXPECT_EQ(network.encoder.out_height(), 2u);
    EXPECT_EQ(network.layers.at(0).in_height, 1u);
    EXPECT_EQ(network.layers.at(0).kernel_h, 1u);
}

TEST(mapper, drops_what_does_not_fill_a_pooling_window)
{
    graph_builder builder;
    builder.ends("in", "Input", {1, 5, 7})
        .conv("conv", {1, 1, 1, 1}, 1, 0)
        .lif("lif", {1, 5, 7})
        .pool("pool", 2)
        .node("or", "Threshold")
        .fill("threshold", {1, 2, 3}, 0.99)
        .flatten("flat")
        .affine("fc", 2, 6, 1)
        .ends("out", "Output", {2});
    const network_model network = map_network(builder.graph, given);
    EXPECT_EQ(network.layers.at(0).in_height, 2u);
    EXPECT_EQ(network.layers.at(0).in_width, 3u);
}

TEST(mapper, takes_a_convolution_as_the_last_layer)
{
    graph_builder builder;
    builder.ends("in", "Input", {1, 2, 2})
        .conv("conv1", {3, 1, 1, 1}, 1, 0)
        .array("input_shape", {2}, {2, 2})
        .lif("lif", {3, 2, 2})
        .conv("conv2", {4, 3, 2, 2}, 1, 0)
        .ends("out", "Output", {4, 1, 1});
    const network_model network = map_network(builder.graph, given);
    EXPECT_EQ(network.classes, 4u);
    EXPECT_TRUE(network.layers.at(0).currents);
    EXPECT_THAT(network.layers.at(0).bias, ElementsAre(0, 0, 0, 0));
}

TEST(mapper, maps_the_committed_network)
{
    const std::string path = test::project_path("scenarios/quickstart/digits.nir");
    if (!std::filesystem::exists(path))
        GTEST_SKIP() << "no scenarios/quickstart/digits.nir";
    const network_model network = map_network(formats::read_nir(path), {1.0 / 16, 1.0, {}, {}, 1});
    EXPECT_EQ(network.name, "digits");
    EXPECT_EQ(network.classes, 10u);
    EXPECT_EQ(network.encoder.name, "conv1");
    EXPECT_EQ(network.encoder.leak_q8, 128u);
    ASSERT_EQ(network.layers.size(), 3u);
    EXPECT_EQ(network.layers[0].pool, 2u);
    EXPECT_EQ(network.layers[2].kernel_h, 4u);
    for (const layer_model& layer : network.layers) {
        const auto zeros = std::count(layer.weights.begin(), layer.weights.end(), 0);
        EXPECT_GE(static_cast<double>(zeros), 0.9 * static_cast<double>(layer.weights.size())) << layer.name;
    }
}

} // namespace
