// Sizes of a layer come from the files of its tensors; what the user repeats must agree.
#include "tests/unit/config/scenario_files.h"

#include "platform/config/layer_shapes.h"

#include <cstdint>
#include <sstream>

namespace
{

using namespace config_test;

class layer_shapes : public scenario_files
{
protected:
    /// A file of zeros. type: as in its header; shape: as Python writes it.
    void tensor(const std::string& name, const std::string& type, const std::string& shape) const
    {
        std::size_t bytes = static_cast<std::size_t>(type.back() - '0');
        std::istringstream sizes(shape.substr(1));
        for (std::size_t size = 0; sizes >> size; sizes.ignore(2))
            bytes *= size;
        std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
        header.append(117 - header.size(), ' ');
        write(name, std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + '\n' + std::string(bytes, '\0'));
    }

    /// Keys of [layer] beside the kind of workload.
    static std::string scenario_of(const std::string& keys)
    {
        return "workload.kind = 'layer'\n[layer]\n" + keys;
    }

    layer_params loaded(const std::string& keys, const std::vector<std::string>& overrides = {}) const
    {
        return load(scenario_of(keys), overrides).layer;
    }

    /// height x width x channels, kernel / stride / padding, N
    static std::string sizes(const layer_params& l)
    {
        std::ostringstream text;
        text << l.height << 'x' << l.width << 'x' << l.channels << ' ' << l.kernel << 'x' << l.width_of_kernel() << '/'
             << l.stride << '/' << l.padding << ' ' << l.out_channels;
        return text.str();
    }
};

TEST_F(layer_shapes, are_those_of_the_files)
{
    tensor("tmk.npy", "|b1", "(3, 5, 7)");
    tensor("tchw.npy", "<f4", "(3, 7, 4, 6)");
    tensor("chw.npy", "|u1", "(7, 4, 6)");
    tensor("mk.npy", "<u2", "(5, 7)");
    tensor("nchw.npy", "|i1", "(9, 7, 2, 3)");
    tensor("square.npy", "|i1", "(9, 7, 3, 3)");
    tensor("nk.npy", "|i1", "(9, 7)");
    tensor("kn.npy", "|i1", "(7, 9)");
    tensor("n.npy", "<i4", "(9,)");
    // A product of matrices has neither kernel nor padding.
    EXPECT_EQ(sizes(loaded("spikes_file = 'tmk.npy'\nweights_file = 'kn.npy'")), "5x1x7 1x1/1/0 9");
    EXPECT_EQ(sizes(loaded("spikes_file = 'tmk.npy'\nweights_file = 'nk.npy'")), "5x1x7 1x1/1/0 9");
    EXPECT_EQ(sizes(loaded("spikes_file = 'mk.npy'\nbias_file = 'n.npy'")), "5x1x7 1x1/1/0 9");
    EXPECT_EQ(sizes(loaded("spikes_file = 'tchw.npy'\nweights_file = 'nchw.npy'")), "4x6x7 2x3/1/1 9");
    EXPECT_EQ(sizes(loaded("spikes_file = 'chw.npy'\nweights_file = 'square.npy'\nstride = 2")), "4x6x7 3x3/2/1 9");
    EXPECT_EQ(sizes(loaded("weights_file = 'nchw.npy'")), "4x4x7 2x3/1/1 9");
    EXPECT_EQ(load(scenario_of("spikes_file = 'tchw.npy'")).workload.timesteps, 3U);
    EXPECT_EQ(load(scenario_of("spikes_file = 'chw.npy'\nchannels = 7")).workload.timesteps, 4U); // words do not say
    // Pixels of an image may stand in rows.
    tensor("rows.npy", "|u1", "(24, 7)");
    EXPECT_EQ(sizes(loaded("spikes_file = 'rows.npy'\nheight = 4")), "4x6x7 3x3/1/1 512");
    EXPECT_EQ(sizes(loaded("spikes_file = 'rows.npy'\nwidth = 4\nkernel = 2")), "6x4x7 2x2/1/1 512");
}

TEST_F(layer_shapes, a_dump_has_them_and_loads_again)
{
    tensor("tmk.npy", "|b1", "(3, 5, 7)");
    tensor("kn.npy", "|i1", "(7, 9)");
    const scenario s = load(scenario_of("spikes_file = 'tmk.npy'\nweights_file = 'kn.npy'\nreset = 'soft'"));
    EXPECT_EQ(load(dump(s)), s);
    EXPECT_TRUE(contains(dump(s), "out_channels = 9"));
    EXPECT_EQ(s.layer.reset, neuron_reset::soft);
}

TEST_F(layer_shapes, what_is_repeated_must_agree)
{
    tensor("tmk.npy", "|b1", "(3, 5, 7)");
    tensor("kn.npy", "|i1", "(7, 9)");
    tensor("nchw.npy", "|i1", "(9, 7, 2, 3)");
    tensor("n.npy", "<i4", "(9,)");
    const std::string both = "spikes_file = 'tmk.npy'\nweights_file = 'kn.npy'\n";
    EXPECT_EQ(mistake(scenario_of(both + "channels = 7\nheight = 5\nout_channels = 9\nkernel = 1\npadding = 0"),
                      {"workload.timesteps=3"}),
              "");
    EXPECT_EQ(mistake(scenario_of(both + "channels = 8")),
              "case.toml:5: tmk.npy (layer.spikes_file): shape (3, 5, 7) is (T, M, K): workload.timesteps = 3, "
              "layer.channels = 7, layer.height x layer.width = 5; but in force is layer.channels = 8");
    EXPECT_EQ(mistake(scenario_of(both + "kernel = 2\npadding = 1")),
              "case.toml:5: kn.npy (layer.weights_file): shape (7, 9) is (N, K): layer.out_channels = 7, layer.kernel x "
              "layer.kernel x layer.channels = 9; or (K, N): layer.out_channels = 9, layer.kernel x layer.kernel x "
              "layer.channels = 7; but in force is layer.kernel x layer.kernel x layer.channels = 28; tmk.npy "
              "(layer.spikes_file): shape (3, 5, 7) of bool is (T, M, K)");
    EXPECT_TRUE(contains(mistake(scenario_of(both + "kernel = 2\npadding = 1\nout_channels = 8")),
                         "in force is layer.out_channels = 8, layer.kernel x"));
    // Bytes have no timesteps: what decides is how the spikes' file is read.
    tensor("bytes.npy", "|u1", "(3, 5, 7)");
    EXPECT_TRUE(contains(mistake(scenario_of("spikes_file = 'bytes.npy'\nweights_file = 'kn.npy'"), {"accelerator=sparten-ann"}),
                         "in force is layer.kernel x layer.kernel x layer.channels = 27; bytes.npy (layer.spikes_file): shape "
                         "(3, 5, 7) of uint8 is (C, H, W)"));
    // Why a file cannot be read is told by who reads it, and not hidden by sizes that would follow from it.
    EXPECT_EQ(mistake(scenario_of("spikes_file = 'gone.npy'\nweights_file = 'nchw.npy'")), "");
    EXPECT_TRUE(contains(mistake(scenario_of(both), {"workload.timesteps=4"}), "--set workload.timesteps=4: tmk.npy"));
    EXPECT_TRUE(contains(mistake(scenario_of(both + "height = 2")), "case.toml:5: tmk.npy"));
    EXPECT_TRUE(contains(mistake(scenario_of("weights_file = 'nchw.npy'\nkernel = 3")),
                         "case.toml:4: nchw.npy (layer.weights_file): shape (9, 7, 2, 3) is (N, C, kh, kw): "));
    EXPECT_TRUE(contains(mistake(scenario_of("out_channels = 8\nbias_file = 'n.npy'")),
                         "case.toml:3: n.npy (layer.bias_file): shape (9,) is (N,): layer.out_channels = 9; but in force "
                         "is layer.out_channels = 8"));
}

TEST_F(layer_shapes, what_can_be_read_in_two_ways_is_asked_for)
{
    tensor("either.npy", "|u1", "(4, 2, 3)");
    EXPECT_TRUE(contains(mistake(scenario_of("spikes_file = 'either.npy'")),
                         "shape (4, 2, 3) of uint8 is (C, H, W) of words or (T, M, K) of zeros and ones: layer.channels = 4 "
                         "or 3 says which, or bool for zeros and ones"));
    tensor("usual.npy", "<u2", "(4, 16, 256)"); // K, T and the pixels of the layer that there is without any file
    EXPECT_TRUE(contains(mistake(scenario_of("spikes_file = 'usual.npy'")), "layer.channels = 4 or 256 says which"));
    EXPECT_EQ(sizes(loaded("spikes_file = 'usual.npy'\nchannels = 256")), "16x1x256 1x1/1/0 512");
    EXPECT_EQ(sizes(loaded("spikes_file = 'either.npy'\nchannels = 4")), "2x3x4 3x3/1/1 512");
    EXPECT_EQ(sizes(loaded("spikes_file = 'either.npy'\nchannels = 3")), "2x1x3 1x1/1/0 512");
    tensor("weights.npy", "|i1", "(9, 4, 2, 2)"); // of four channels
    EXPECT_EQ(sizes(loaded("spikes_file = 'either.npy'\nweights_file = 'weights.npy'")), "2x3x4 2x2/1/1 9");
    tensor("spikes.npy", "|b1", "(3, 5, 7)");
    tensor("square.npy", "|i1", "(7, 7)");
    const std::string both = "spikes_file = 'spikes.npy'\nweights_file = 'square.npy'\n";
    EXPECT_EQ(mistake(scenario_of(both)), "case.toml:4: square.npy (layer.weights_file): shape (7, 7) is (N, K) as well "
                                          "as (K, N): layer.weights_axes = \"nk\" or \"kn\" says which");
    EXPECT_EQ(sizes(loaded(both + "weights_axes = 'kn'")), "5x1x7 1x1/1/0 7");
}

TEST_F(layer_shapes, no_layer_has_such_sizes)
{
    tensor("many.npy", "|b1", "(17, 2, 3)");
    tensor("flat.npy", "|u1", "(5,)");
    tensor("floats.npy", "<f4", "(5, 7)");
    for (const char* name : {"many", "flat", "floats"})
        EXPECT_TRUE(contains(mistake(scenario_of(std::string("spikes_file = '") + name + ".npy'")), "spikes are uint8"))
            << name;
    tensor("wide.npy", "|i1", "(1, 1, 1, 256)");
    EXPECT_TRUE(contains(mistake(scenario_of("weights_file = 'wide.npy'")), "weights are (N, C, kh, kw), (N, K) or"));
    tensor("pairs.npy", "<i4", "(2, 2)");
    EXPECT_TRUE(contains(mistake(scenario_of("bias_file = 'pairs.npy'")), "a bias is (N,)"));
    // Other rules are not broken by sizes that are not in force.
    EXPECT_FALSE(contains(mistake(scenario_of("weights_file = 'wide.npy'\nkernel = 9")), "padding"));
}

TEST_F(layer_shapes, files_that_are_not_there_are_left_to_whoever_reads_them)
{
    EXPECT_EQ(sizes(loaded("spikes_file = 'none.npy'")), "4x4x256 3x3/1/1 512");
    tensor("tmk.npy", "|b1", "(3, 5, 7)");
    EXPECT_EQ(load("[layer]\nspikes_file = 'tmk.npy'").layer.channels, 256U) << "no layer of its own runs";
}

TEST_F(layer_shapes, kernels_need_not_be_square)
{
    const layer_params l = loaded("kernel = 2\nkernel_width = 5\nstride = 2\nstride_width = 1\npadding_width = 3");
    EXPECT_EQ(sizes(l), "4x4x256 2x5/2/1 512");
    EXPECT_EQ(l.stride_across(), 1U);
    EXPECT_EQ(l.padding_across(), 3U);
    EXPECT_EQ(l.inputs_of_neuron(), 2U * 5 * 256);
    EXPECT_EQ(mistake(scenario_of("kernel_width = 7")),
              "case.toml:3: layer.kernel_width = 7 is more than the input with its padding, 6 x 6 pixels");
    EXPECT_EQ(mistake(scenario_of("kernel_width = 7\npadding_width = 2")), "");
    EXPECT_TRUE(contains(mistake(scenario_of("pool = 3\nstride = 1\nstride_width = 4")), "the output of 4 x 1 pixels"));
}

} // namespace
