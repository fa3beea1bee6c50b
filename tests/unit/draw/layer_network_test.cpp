// Lists of layers: what is read, and what the user is told about mistakes in them.
#include "platform/draw/layer_network.h"
#include "tests/unit/formats/load_support.h"

#include <cmath>

using namespace loas;
using draw::layer_statistics;
using draw::with_timesteps;
using draw::with_weight_sparsity;
using testing::HasSubstr;

namespace
{

const char* const shape = "[[layers]]\nname = 'a'\nin_height = 4\nin_width = 4\nin_channels = 8\nout_channels = 8\n"
                          "kernel = 3\nstride = 1\npadding = 1\n";                               // lines 1 to 9
const char* const counts = "timesteps = 4\nspikes = 300\nnon_silent = 120\nnon_silent_ft = 90\n" // lines 10 to 13
                           "non_zero_weights = 50\nsigma_col = 0.5\ngamma_act = -0.1\n";
const std::string good = std::string(shape) + counts;

std::vector<layer_statistics> read(const std::string& text)
{
    const test::scratch_file file("layers.toml");
    file.write(text);
    return draw::load_layer_network(file.path());
}

/// What is said about a file, without its name.
std::string mistake(const std::string& text)
{
    const test::scratch_file file("layers.toml");
    std::string all = test::user_error_of([&] { read(text); });
    for (std::size_t at = all.find(file.path()); at != std::string::npos; at = all.find(file.path()))
        all.erase(at, file.path().size());
    return all;
}

/// Whether a key of the file is told to be out of its range, whatever else is wrong.
bool out_of_range(const std::string& text, const std::string& key)
{
    try {
        read(text);
    } catch (const text::user_error& wrong) {
        const std::string all = wrong.what();
        return all.find(": " + key + " = ") != std::string::npos && all.find("is out of range") != std::string::npos;
    }
    return false;
}

std::string replaced(const std::string& from, const std::string& to)
{
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
}

} // namespace

TEST(layer_network, a_list_is_read)
{
    const std::vector<layer_statistics> layers =
        read(good + "[[layers]]\nname = 'b'\npublished_name = 'Layer_2'\n" + good.substr(good.find("in_height")) +
             "smoothness = 1\ndead_channels = 0.25\nchannel_spread = 2\npixel_spread = 0\n");
    ASSERT_EQ(layers.size(), 2u);
    EXPECT_EQ(layers[0].name, "a");
    EXPECT_EQ(layers[0].spikes, 300);
    EXPECT_EQ(layers[0].single_spikes(), 30u);
    EXPECT_EQ(layers[0].gamma_act, -0.1);
    EXPECT_EQ(layers[0].rows(), 16u);
    EXPECT_EQ(layers[0].inputs(), 72u);
    EXPECT_EQ(layers[0].smoothness, layer_statistics().smoothness);
    EXPECT_EQ(layers[1].published_name, "Layer_2");
    EXPECT_EQ(layers[1].dead_channels, 0.25);
    // 4 x 4 pixels are read by 10 x 10 windows along the axes.
    EXPECT_DOUBLE_EQ(layers[0].output_silent_ratio, 1 - 120.0 / 800);
}

TEST(layer_network, spikes_of_pixels_are_a_list)
{
    const auto with = [](const std::string& list) { return good + "pixel_spikes = " + list + "\n"; }; // line 17
    const std::vector<layer_statistics> layers = read(with("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0]"));
    EXPECT_EQ(layers[0].pixel_spikes[14], 15u);
    EXPECT_TRUE(read(good)[0].pixel_spikes.empty());
    EXPECT_EQ(mistake(with("[1, 2]")), ":17: pixel_spikes has 2 counts, the input 16 pixels");
    EXPECT_EQ(mistake(with("[]")), ":17: pixel_spikes has 0 counts, the input 16 pixels");
    EXPECT_EQ(mistake(with("3")), ":17: pixel_spikes: expected a list of counts, found the integer 3");
    EXPECT_EQ(mistake(with("[1, -2]")), ":17: pixel_spikes: expected counts, found the integer -2");
    EXPECT_EQ(mistake(good + "pixel_spiks = []\n"), ":17: unknown key 'pixel_spiks'; did you mean 'pixel_spikes'?");
}

TEST(layer_network, windows_of_each_pixel)
{
    layer_statistics l;
    l.in_height = 5;
    l.in_width = 4;
    l.kernel = 3;
    l.stride = 2;
    l.padding = 1;
    // Rows: windows at -1..1, 1..3, 3..5. Columns: at -1..1, 1..3.
    const std::vector<std::uint32_t> down = {1, 2, 1, 2, 1}, across = {1, 2, 1, 1};
    const std::vector<std::uint32_t> found = draw::window_counts(l);
    for (std::size_t y = 0; y < 5; ++y)
        for (std::size_t x = 0; x < 4; ++x)
            EXPECT_EQ(found[y * 4 + x], down[y] * across[x]) << y << " " << x;
    l.kernel = 1;
    l.padding = 0;
    EXPECT_EQ(draw::window_counts(l)[1], 0u);
}

TEST(layer_network, keys_are_checked)
{
    EXPECT_EQ(mistake(replaced("spikes = 300", "spiks = 300")),
              ":1: spikes is missing\n:11: unknown key 'spiks'; did you mean 'spikes'?");
    EXPECT_EQ(mistake(replaced("kernel = 3", "kernel = 0")), ":7: kernel = 0 is out of range; allowed: 1..255");
    EXPECT_EQ(mistake(replaced("kernel = 3", "kernel = 'x'")), ":7: kernel: expected an integer, found the text \"x\"");
    EXPECT_EQ(mistake(replaced("timesteps = 4", "timesteps = 17")),
              ":10: timesteps = 17 is out of range; allowed: 1..16");
    EXPECT_EQ(mistake("layer = 1\n" + good), ":1: unknown key 'layer'; did you mean 'layers'?");
    EXPECT_EQ(mistake("layers = 3"), ":1: 'layers' is a list of tables, each written [[layers]]; found the integer 3");
    EXPECT_EQ(mistake(""), ":1: no [[layers]] in it");
    EXPECT_EQ(mistake(good + good), ":17: a second layer 'a'");
    EXPECT_THAT(mistake("[[layers"), HasSubstr(":1:"));
    EXPECT_EQ(mistake("[[layers]]").substr(0, 44), ":1: name is missing\n:1: in_height is missing");
    EXPECT_THAT(mistake("[[layers]]"), HasSubstr("\n... and 5 more"));
}

// The ends of each range are taken, and what lies beyond is not.
TEST(layer_network, ranges_are_as_told)
{
    const struct {
        const char* key;
        double least, most;
    } numbers[] = {{"sigma_col", 0, 10},     {"gamma_act", -10, 10},   {"kappa", -10, 10},
                   {"dead_channels", 0, 1},  {"channel_spread", 0, 5}, {"singles_apart", -5, 5},
                   {"pixel_spread", 0, 5},   {"smoothness", 0, 1}};
    for (const auto& each : numbers) {
        std::string text = good;
        const std::size_t there = text.find(each.key);
        if (there != std::string::npos)
            text.erase(there, text.find('\n', there) + 1 - there);
        const auto refused = [&](double value) {
            return out_of_range(text + std::string(each.key) + " = " + std::to_string(value) + "\n", each.key);
        };
        EXPECT_FALSE(refused(each.least)) << each.key;
        EXPECT_FALSE(refused(each.most)) << each.key;
        EXPECT_TRUE(refused(each.least - 0.001)) << each.key;
        EXPECT_TRUE(refused(each.most + 0.001)) << each.key;
    }
    const struct {
        const char* key;
        int now, least, most;
    } sizes[] = {{"in_height", 4, 1, 65535}, {"in_width", 4, 1, 65535},   {"in_channels", 8, 1, 65535},
                 {"out_channels", 8, 1, 65535}, {"kernel", 3, 1, 255},    {"stride", 1, 1, 255},
                 {"padding", 1, 0, 255},     {"timesteps", 4, 1, 16}};
    for (const auto& each : sizes) {
        const auto refused = [&](int value) {
            const std::string key = each.key + std::string(" = ");
            return out_of_range(replaced(key + std::to_string(each.now), key + std::to_string(value)), each.key);
        };
        for (const int beyond : {each.least - 1, each.most + 1})
            EXPECT_TRUE(refused(beyond)) << each.key << " = " << beyond;
        for (const int within : {each.least, each.most})
            EXPECT_FALSE(refused(within)) << each.key << " = " << within;
    }
}

TEST(layer_network, files_are_checked)
{
    EXPECT_THAT(test::user_error_of([] { draw::load_layer_network("none.toml"); }),
                HasSubstr("none.toml: no such file"));
    EXPECT_THAT(test::user_error_of([] { draw::load_layer_network(testing::TempDir()); }), HasSubstr("folder"));
    EXPECT_THAT(mistake(std::string(2 << 20, '\n')), HasSubstr("larger than any list"));
}

TEST(layer_network, counts_must_be_possible)
{
    EXPECT_EQ(mistake(replaced("spikes = 300", "spikes = 119")), ":11: spikes = 119 is less than non_silent = 120");
    EXPECT_EQ(mistake(replaced("spikes = 300", "spikes = 391")),
              ":11: spikes = 391 cannot be: 30 inputs that spike once and 90 that spike 2 to 4 times make 210 to 390 "
              "spikes");
    EXPECT_THAT(mistake(replaced("spikes = 300", "spikes = 209")), HasSubstr("make 210 to 390 spikes"));
    EXPECT_EQ(read(replaced("spikes = 300", "spikes = 390")).size(), 1u);
    EXPECT_EQ(mistake(replaced("non_silent_ft = 90", "non_silent_ft = 121")),
              ":13: non_silent_ft = 121 is more than non_silent = 120");
    EXPECT_EQ(mistake(replaced("non_silent = 120", "non_silent = 801")),
              ":12: non_silent = 801 is more than the 800 inputs of the unfolded matrix that are not padding");
    EXPECT_EQ(mistake(replaced("non_zero_weights = 50", "non_zero_weights = 577")),
              ":14: non_zero_weights = 577 is more than the 576 weights");
    EXPECT_EQ(mistake(replaced("timesteps = 4", "timesteps = 1")),
              ":13: non_silent_ft = 90, but in one timestep nothing spikes twice");
}

TEST(layer_network, shapes_must_be_possible)
{
    EXPECT_EQ(mistake(replaced("kernel = 3", "kernel = 7")),
              ":1: kernel = 7 is more than the input with its padding, 6 x 6 pixels");
    EXPECT_EQ(read(replaced("kernel = 3", "kernel = 6")).size(), 1u); // all of it
    EXPECT_EQ(mistake(replaced("in_height = 4\nin_width = 4", "in_height = 65535\nin_width = 600")),
              ":1: a tensor of 314568000 elements is more than the 268435456 that can be drawn");
    EXPECT_EQ(mistake(replaced("in_height = 4\nin_width = 4", "in_height = 65535\nin_width = 5")
                          .replace(good.find("padding = 1") + 4, 11, "padding = 9")),
              ":1: the output has 65551 x 21 pixels, a side of which is more than 65535");
    EXPECT_EQ(mistake(replaced("in_channels = 8\nout_channels = 8\nkernel = 3",
                               "in_channels = 65535\nout_channels = 8\nkernel = 5")),
              ":1: kernel x kernel x in_channels = 1638375 is more than the 1048576 inputs that a neuron can have");
}

TEST(layer_network, layers_are_selected_by_name)
{
    const std::vector<layer_statistics> all =
        draw::load_layer_network(test::project_path("scenarios/networks/alexnet.toml"));
    ASSERT_EQ(all.size(), 4u);
    EXPECT_EQ(draw::select_layers(all, "", "here").size(), 4u);
    const std::vector<layer_statistics> two = draw::select_layers(all, "Layer_4, A-L3", "here");
    ASSERT_EQ(two.size(), 2u);
    EXPECT_EQ(two[0].name, "A-L3");
    EXPECT_EQ(two[1].name, "A-L5");
    EXPECT_EQ(test::user_error_of([&] { draw::select_layers(all, "Layer4", "here"); }),
              "here: no layer 'Layer4'; did you mean 'Layer_4'?");
    EXPECT_THAT(test::user_error_of([&] { draw::select_layers(all, "A-L3,,A-L4", "here"); }), HasSubstr("no layer ''"));
}

// The lists hold what facts of the publication they claim: sums of the counters.
TEST(layer_network, lists_of_the_project_add_up)
{
    const struct {
        const char* file;
        std::size_t layers;
        std::int64_t spikes, non_silent, non_silent_ft, weights;
    } rows[] = {{"alexnet", 4, 388208, 148347, 120336, 39048},
                {"vgg16", 12, 1159799, 425044, 334963, 260648},
                {"resnet19", 19, 3408739, 1098953, 922507, 385271}};
    for (const auto& row : rows) {
        SCOPED_TRACE(row.file);
        layer_statistics sum;
        const std::vector<layer_statistics> layers =
            draw::load_layer_network(test::project_path(std::string("scenarios/networks/") + row.file + ".toml"));
        EXPECT_EQ(layers.size(), row.layers);
        for (const layer_statistics& l : layers) {
            sum.spikes += l.spikes;
            sum.non_silent += l.non_silent;
            sum.non_silent_ft += l.non_silent_ft;
            sum.non_zero_weights += l.non_zero_weights;
            EXPECT_TRUE(l.output_silent_ratio > 0 && l.output_silent_ratio < 1) << l.name;
        }
        EXPECT_EQ(sum.spikes, row.spikes);
        EXPECT_EQ(sum.non_silent, row.non_silent);
        EXPECT_EQ(sum.non_silent_ft, row.non_silent_ft);
        EXPECT_EQ(sum.non_zero_weights, row.weights);
    }
}

// 8 rows of 4 inputs, of which 24 spike twice each at T = 4: a quarter is silent.
TEST(layer_scaling, keeps_the_spikes_of_a_timestep)
{
    layer_statistics layer;
    layer.in_height = 8;
    layer.in_width = 1;
    layer.in_channels = 4;
    layer.out_channels = 2;
    layer.kernel = layer.stride = 1;
    layer.timesteps = 4;
    layer.spikes = 48;
    layer.non_silent = layer.non_silent_ft = 24;
    layer.non_zero_weights = 6;
    layer.output_silent_ratio = 0.25;
    const auto counts = [](const layer_statistics& of) {
        return std::vector<std::int64_t>{of.timesteps, of.spikes, of.non_silent, of.non_silent_ft};
    };
    using list = std::vector<std::int64_t>;
    EXPECT_EQ(counts(with_timesteps(layer, 4)), (list{4, 48, 24, 24}));
    // The square root of a quarter is silent; of 16 inputs, 24 spikes let only 8 spike twice.
    EXPECT_EQ(counts(with_timesteps(layer, 2)), (list{2, 24, 16, 8}));
    EXPECT_DOUBLE_EQ(with_timesteps(layer, 2).output_silent_ratio, 0.5);
    EXPECT_EQ(counts(with_timesteps(layer, 8)), (list{8, 96, 30, 30}));
    EXPECT_EQ(counts(with_timesteps(layer, 1)), (list{1, 12, 12, 0})); // 9.4 of 32, but each spike needs an input
    layer.spikes = 96; // all of those that spike always do: nothing of that goes when all are silent less often
    EXPECT_EQ(counts(with_timesteps(layer, 1)), (list{1, 24, 24, 0}));
    EXPECT_EQ(counts(with_timesteps(layer, 2)), (list{2, 48, 24, 24})); // 16 could not hold them
    layer.spikes = layer.non_silent = layer.non_silent_ft = 0;
    EXPECT_EQ(counts(with_timesteps(layer, 16)), (list{16, 0, 0, 0}));

    EXPECT_EQ(with_weight_sparsity(layer, 1).non_zero_weights, 6);
    EXPECT_EQ(with_weight_sparsity(layer, 0.5).non_zero_weights, 7); // one zero of two
    EXPECT_EQ(with_weight_sparsity(layer, 0).non_zero_weights, 8);
    EXPECT_EQ(with_weight_sparsity(layer, 3).non_zero_weights, 2);
    EXPECT_EQ(with_weight_sparsity(layer, 100).non_zero_weights, 0);
}

// Whatever the list says, the scaled layer is one that can be drawn: what is read from files obeys the same rules.
TEST(layer_scaling, gives_layers_that_can_be)
{
    for (const std::int64_t spikes : {0, 1, 7, 31, 40, 63, 64})
        for (const std::int64_t non_silent : {0, 1, 7, 20, 31, 32})
            for (const std::int64_t twice : {0, 1, 5, 20, 32}) {
                layer_statistics layer;
                layer.in_height = 8;
                layer.in_width = 1;
                layer.in_channels = 4;
                layer.out_channels = 1;
                layer.kernel = layer.stride = 1;
                layer.timesteps = 2;
                layer.spikes = spikes;
                layer.non_silent = non_silent;
                layer.non_silent_ft = twice;
                if (twice > non_silent || spikes != non_silent + twice)
                    continue;
                for (unsigned timesteps = 1; timesteps <= 16; ++timesteps) {
                    const layer_statistics to = with_timesteps(layer, timesteps);
                    const std::int64_t once = to.non_silent - to.non_silent_ft;
                    EXPECT_GE(once, 0);
                    EXPECT_LE(to.non_silent, 32);
                    EXPECT_GE(to.spikes, once + 2 * to.non_silent_ft);
                    EXPECT_LE(to.spikes, once + static_cast<std::int64_t>(timesteps) * to.non_silent_ft);
                }
            }
}
