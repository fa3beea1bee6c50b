// Synthetic layers: when they are asked for, what their shares are in numbers, and the rules between their parameters.
#include "tests/unit/config/scenario_files.h"

#include "platform/config/layer_rules.h"

#include <cstdint>

namespace
{

using namespace config_test;

const char* const layer_file = "[workload]\nkind = 'layer'\n[layer]\n"; // lines 1 to 3

class layer_rules : public scenario_files
{
protected:
    std::string mistake_in_layer(const std::string& keys, const std::vector<std::string>& overrides = {}) const
    {
        return mistake(layer_file + keys, overrides);
    }
};

TEST_F(layer_rules, a_layer_needs_neither_network_nor_images)
{
    EXPECT_NO_THROW(require_workload(load(layer_file)));
    EXPECT_THROW(require_workload(load("workload.kind = 'network'")), loas::text::user_error);
    EXPECT_EQ(load("").workload.kind, workload_kind::network);
    EXPECT_TRUE(contains(mistake("workload.kind = 'layr'"), "did you mean \"layer\"?"));
}

TEST_F(layer_rules, counts_follow_by_rounding)
{
    const layer_counts counts = counts_of(layer_params{}, 4);
    EXPECT_EQ(counts.inputs, 4096U);
    EXPECT_EQ(counts.non_silent, 962U);         // 961.7
    EXPECT_EQ(counts.spikes, 1955U);            // 1954.6
    EXPECT_EQ(counts.weights, 1179648U);        // 2304 x 512
    EXPECT_EQ(counts.non_zero_weights, 38291U); // 38291.4
    layer_params matrix;                        // the published unfolded input
    matrix.height = 16;
    matrix.width = matrix.kernel = 1;
    matrix.channels = 2304;
    matrix.silent_ratio = 0.765191;
    matrix.spike_sparsity = 0.880731;
    matrix.weight_sparsity = 0.967543;
    EXPECT_EQ(counts_of(matrix, 4).non_silent, 8656U);
    EXPECT_EQ(counts_of(matrix, 4).spikes, 17587U);
    EXPECT_EQ(counts_of(matrix, 4).non_zero_weights, 38288U);
    layer_params largest;
    largest.height = largest.width = largest.channels = 65535;
    largest.spike_sparsity = 0;
    EXPECT_EQ(counts_of(largest, 16).spikes, std::uint64_t{65535} * 65535 * 65535 * 16);
}

TEST_F(layer_rules, rules_hold_for_layers_only)
{
    EXPECT_EQ(mistake("[layer]\nkernel = 9"), "");
    EXPECT_EQ(mistake("workload.timesteps = 1"), "");
    EXPECT_EQ(mistake_in_layer(""), "");
}

TEST_F(layer_rules, layers_need_a_list)
{
    const scenario s = load("[workload]\nkind = 'layers'\nlayers = 'lists/l.toml'\nonly = 'a,b'\nskew = false\n");
    EXPECT_NO_THROW(require_workload(s));
    EXPECT_EQ(s.workload.layers, fs::absolute(m_folder) / "lists/l.toml");
    EXPECT_EQ(s.workload.only, "a,b");
    EXPECT_FALSE(s.workload.skew);
    EXPECT_EQ(s.workload.seed, 1);
    try {
        require_workload(load("workload.kind = 'layers'"));
        FAIL();
    } catch (const loas::text::user_error& e) {
        EXPECT_TRUE(contains(e.what(), "workload.layers is missing: the list of layers (.toml)")) << e.what();
    }
}

TEST_F(layer_rules, shares_mean_nothing_beside_a_file_of_spikes)
{
    EXPECT_EQ(mistake_in_layer("spike_sparsity = 0.7\nspikes_file = 'x.npy'"), "");
    EXPECT_EQ(load("[layer]\nweights_file = 'w.npz:name'").layer.weights_file, fs::absolute(m_folder) / "w.npz:name");
}

TEST_F(layer_rules, the_shape_must_be_possible)
{
    EXPECT_EQ(mistake_in_layer("kernel = 7"),
              "case.toml:4: layer.kernel = 7 is more than the input with its padding, 6 x 6 pixels");
    EXPECT_EQ(mistake_in_layer("kernel = 6"), "");
    EXPECT_EQ(mistake_in_layer("kernel = 6\npadding = 0\nheight = 9\nwidth = 5"),
              "case.toml:4: layer.kernel = 6 is more than the input with its padding, 9 x 5 pixels");
    EXPECT_EQ(mistake_in_layer("pool = 5"), "case.toml:4: layer.pool = 5 is more than the output of 4 x 4 pixels");
    EXPECT_EQ(mistake_in_layer("pool = 4"), "");
    EXPECT_EQ(mistake_in_layer("stride = 255\npool = 2"),
              "case.toml:5: layer.pool = 2 is more than the output of 1 x 1 pixels");
    EXPECT_TRUE(contains(mistake_in_layer("", {"layer.padding=0", "layer.kernel=5"}), "--set layer.kernel=5: "));
}

TEST_F(layer_rules, tensors_must_fit_the_contract)
{
    EXPECT_TRUE(contains(mistake_in_layer("height = 65535\nwidth = 1\nchannels = 1\npadding = 3\nout_channels = 1"),
                         "case.toml:7: the output has 65539 x 5 pixels, a side of which is more than 65535"));
    EXPECT_EQ(
        mistake_in_layer("kernel = 5\nchannels = 65535\nout_channels = 1"),
        "case.toml:5: layer.kernel x layer.kernel x layer.channels = 1638375 is more than the 1048576 inputs that "
        "a neuron can have");
    EXPECT_TRUE(contains(mistake_in_layer("out_channels = 65535\nchannels = 65535\nkernel = 1\nheight = 1\nwidth = 1"),
                         "case.toml:4: the weight tensor takes "));
    EXPECT_TRUE(contains(mistake_in_layer("height = 65535\nwidth = 65535\nstride = 255\npadding = 0"),
                         "case.toml:4: the input tensor takes "));
    EXPECT_TRUE(contains(mistake_in_layer("height = 9000\nwidth = 9000\nchannels = 1\nout_channels = 65535"),
                         "case.toml:7: the output tensor takes "));
    // The largest of everything at once is told, not computed with.
    EXPECT_TRUE(contains(mistake_in_layer("height = 65535\nwidth = 65535\nchannels = 65535\nout_channels = 65535\n"
                                          "kernel = 255\npadding = 255"),
                         "is more than the 2147483648 of the largest tensor"));
}

TEST_F(layer_rules, spikes_lie_between_one_and_T_for_each_non_silent_input)
{
    const std::string few = mistake_in_layer("silent_ratio = 0.5");
    EXPECT_EQ(few, "case.toml:4: layer.silent_ratio = 0.5 leaves 2048 inputs that spike, which is more than the 1955 "
                   "spikes of layer.spike_sparsity = 0.8807; with this silent_ratio and workload.timesteps = 4, "
                   "spike_sparsity can be 0.5 to 0.875");
    EXPECT_EQ(mistake_in_layer("silent_ratio = 0.5\nspike_sparsity = 0.5"), "");
    EXPECT_EQ(mistake_in_layer("silent_ratio = 0.5\nspike_sparsity = 0.875"), "");
    const std::string many = mistake_in_layer("spike_sparsity = 0.7");
    EXPECT_TRUE(contains(many,
                         "layer.spike_sparsity = 0.7 means 4915 spikes, which is more than the 962 inputs left by "
                         "layer.silent_ratio = 0.7652 can fire"))
        << many;
    EXPECT_TRUE(contains(mistake_in_layer("", {"workload.timesteps=1"}), "--set workload.timesteps=1: "));
    EXPECT_EQ(mistake_in_layer("silent_ratio = 0\nspike_sparsity = 0\nweight_sparsity = 0"), "");
    EXPECT_EQ(mistake_in_layer("silent_ratio = 1\nspike_sparsity = 1\nweight_sparsity = 1"), "");
}

// The bounds in the message can be typed in.
TEST_F(layer_rules, the_bounds_that_are_told_are_allowed)
{
    for (const char* ratio : {"0.1", "0.333", "0.7777", "0.99", "1"}) {
        const std::string text =
            mistake_in_layer(std::string("spike_sparsity = 0.05\nheight = 7\nsilent_ratio = ") + ratio);
        const std::size_t at = text.find("can be ");
        ASSERT_NE(at, std::string::npos) << text;
        const std::string bounds = text.substr(at + 7);
        const std::string low = bounds.substr(0, bounds.find(" to ")), high = bounds.substr(bounds.find(" to ") + 4);
        for (const std::string& bound : {low, high})
            EXPECT_EQ(
                mistake_in_layer("height = 7\nsilent_ratio = " + std::string(ratio), {"layer.spike_sparsity=" + bound}),
                "");
    }
}

} // namespace
