// Networks whose layers take several earlier ones, on the mock device.
#include "tests/unit/sw/small_network.h"

namespace
{

using loas_test::dense_layer;
using loas_test::long_ns;
using loas_test::small_network;

class network_branches : public loas_test::network_fixture
{
};

// The input of a layer as its sources say, pixel by pixel.
std::vector<uint16_t> gathered(const loas_layer& layer, const std::vector<std::vector<uint16_t>>& given,
                               const std::vector<dense_layer>& dense)
{
    std::vector<uint16_t> words;
    for (size_t y = 0; y < layer.config.in_height; y++) {
        for (size_t x = 0; x < layer.config.in_width; x++) {
            for (uint32_t i = 0; i < layer.source_count; i++) {
                const loas_layer_source& source = layer.sources[i];
                const dense_layer& from = dense[source.layer];
                const size_t row = size_t(source.first_row) + y * source.step_h;
                const size_t column = size_t(source.first_column) + x * source.step_w;
                const size_t height = size_t(from.out_h() / from.pool), width = size_t(from.out_w() / from.pool);
                for (size_t c = 0; c < size_t(from.out_c); c++) {
                    words.push_back(row < height && column < width
                                        ? given[source.layer][(row * width + column) * size_t(from.out_c) + c]
                                        : uint16_t(0));
                }
            }
        }
    }
    return words;
}

// The second layer takes the network's input, the fourth that, every other pixel, and the third's at an offset; the
// third takes what the first wrote as it is.
struct branching_small_network : small_network {
    const loas_layer_source second[1] = {{0, 1, 1, 0, 0}};
    const loas_layer_source third[1] = {{1, 1, 1, 0, 0}};
    const loas_layer_source fourth[4] = {{0, 2, 2, 0, 0}, {0, 2, 2, 1, 1}, {3, 1, 1, 2, 3}, {2, 1, 1, 0, 0}};

    branching_small_network()
    {
        reshape(1, 4, 6, 9);
        reshape(2, 4, 9, 8);
        reshape(3, 2, 6 + 6 + 8 + 9, 40);
        layers[1].sources = second;
        layers[2].sources = third;
        layers[3].sources = fourth;
        layers[1].source_count = layers[2].source_count = 1;
        layers[3].source_count = 4;
        scratch.resize(loas_network_scratch(&net)); // exactly
        scratch.shrink_to_fit();
        net.scratch = {scratch.data(), scratch.size()};
    }

    void reshape(size_t i, int side, int channels, int outputs)
    {
        loas_layer_config& config = layers[i].config;
        dense_layer& d = dense[i + 1];
        config.in_height = config.in_width = uint16_t(d.in_h = d.in_w = side);
        config.in_channels = uint16_t(d.in_c = channels);
        config.out_channels = uint16_t(d.out_c = outputs);
        const int kernel = i == 3 ? 2 : 1;
        config.kernel_h = config.kernel_w = uint8_t(d.kernel_h = d.kernel_w = kernel);
        config.stride_h = config.stride_w = uint8_t(d.stride_h = d.stride_w = 1);
        config.pad_h = config.pad_w = uint8_t(d.pad_h = d.pad_w = 0);
        weights[i + 1].resize(size_t(outputs) * loas_layer_inputs(&config));
        for (auto& v : weights[i + 1]) {
            v = random() % 2 ? int8_t(0) : int8_t(int(random() % 60) - 25);
        }
        biases[i + 1].resize(size_t(outputs));
        d.weights.assign(weights[i + 1].begin(), weights[i + 1].end());
        d.bias.assign(biases[i + 1].begin(), biases[i + 1].end());
        layers[i].weights = weights[i + 1].data();
        layers[i].bias = biases[i + 1].data();
    }

    std::vector<int64_t> expected(const std::vector<int32_t>& image) const
    {
        std::vector<std::vector<uint16_t>> given{encoded(image)};
        given.push_back(dense[1].spikes(dense[1].currents_of_words(given[0])));
        for (size_t i = 1; i < 3; i++) {
            given.push_back(dense[i + 1].spikes(dense[i + 1].currents_of_words(gathered(layers[i], given, dense))));
        }
        const auto currents = dense[4].currents_of_words(gathered(layers[3], given, dense));
        std::vector<int64_t> result(40);
        for (size_t i = 0; i < currents.size(); i++) {
            result[i / 4] += currents[i];
        }
        return result;
    }
};

TEST_F(network_branches, layers_take_several_earlier_ones_side_by_side)
{
    branching_small_network branches;
    for (uint32_t format = 0; format < LOAS_SPIKES_BYTES; format++) {
        for (uint32_t entries : {2u, 8u}) {
            mock.formats = format;
            open(entries);
            ASSERT_EQ(loas_network_load(&dev, &branches.net), LOAS_OK);
            for (int i = 0; i < 3; i++) {
                const auto image = branches.image();
                const auto mode = i == 0 ? LOAS_WAIT_POLL : LOAS_WAIT_INTERRUPT;
                ASSERT_EQ(loas_network_run(&dev, &branches.net, image.data(), mode, long_ns), LOAS_OK);
                std::vector<int64_t> scores(40);
                ASSERT_EQ(loas_network_fetch(&dev, &branches.net, scores.data()), LOAS_OK);
                EXPECT_EQ(scores, branches.expected(image)) << format;
                EXPECT_NE(scores, std::vector<int64_t>(40));
            }
            for (size_t i = 0; i < 4; i++) {
                const loas_host_work& joining = branches.layers[i].joining;
                EXPECT_EQ(branches.layers[i].joined.address != 0, i == 3);
                EXPECT_EQ(joining.written_bytes > 0, i == 3);
                EXPECT_EQ(joining.read_bytes > 0, i == 3);
                EXPECT_EQ(joining.ns > 0, i == 3);
            }
            if (format == LOAS_SPIKES_BITMAP) { // a mask of 8 bytes a pixel and timestep, 3 runs
                EXPECT_EQ(branches.layers[3].joining.written_bytes, 3u * 4 * 4 * 8);
                EXPECT_EQ(branches.layers[3].joining.read_bytes, 3u * 3 * 16 * 4 * 8)
                    << "the input once for both parts";
            }
            ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
            loas_network_unload(&dev, &branches.net);
            EXPECT_EQ(mock.live_allocations(), 0u);
        }
    }
    open();
    branches.scratch.pop_back();
    branches.net.scratch.bytes--;
    EXPECT_EQ(loas_network_load(&dev, &branches.net), LOAS_E_MEMORY);
}

TEST_F(network_branches, sources_must_be_earlier_ones_of_the_layers_shape)
{
    branching_small_network branches;
    const loas_layer_source whole[] = {{0, 1, 1, 0, 0}};
    const auto refused = [&](size_t layer, loas_layer_source source) {
        branching_small_network changed;
        changed.layers[layer].sources = &source;
        changed.layers[layer].source_count = 1;
        return loas_network_scratch(&changed.net) == 0;
    };
    EXPECT_FALSE(refused(1, whole[0]));
    EXPECT_FALSE(refused(0, whole[0]));
    branches.layers[0].sources = whole;
    branches.layers[0].source_count = 1;
    branches.net.encoder = nullptr;
    EXPECT_EQ(loas_network_scratch(&branches.net), 0u) << "its shape is that of the network's input";
    branches.layers[0].source_count = 0;
    branches.net.encoder = &branches.encoder;
    EXPECT_TRUE(refused(1, {2, 1, 1, 0, 0})) << "its own";
    EXPECT_TRUE(refused(1, {1, 1, 1, 0, 0})) << "9 channels";
    EXPECT_TRUE(refused(1, {0, 0, 1, 0, 0}));
    EXPECT_TRUE(refused(1, {0, 1, 0, 0, 0}));
    branches.layers[0].config.timesteps = 5;
    branches.encoder.config.timesteps = 5;
    EXPECT_EQ(loas_network_scratch(&branches.net), 0u);
    small.layers[1].config.neuron = LOAS_NEURON_CURRENTS; // and the layer behind takes none of them
    small.layers[2].sources = whole;
    small.layers[2].source_count = 1;
    small.layers[2].config.in_channels = 6;
    EXPECT_EQ(loas_network_scratch(&net), 0u);
    open();
}

TEST_F(network_branches, every_failure_of_a_network_of_branches_is_told)
{
    branching_small_network branches;
    const auto image = branches.image();
    mock.fail_call = -1;
    open();
    ASSERT_EQ(loas_network_load(&dev, &branches.net), LOAS_OK);
    const int before = mock.calls;
    ASSERT_EQ(loas_network_run(&dev, &branches.net, image.data(), LOAS_WAIT_POLL, long_ns), LOAS_OK);
    const int calls = mock.calls - before;
    for (int i = 0; i < calls; i++) {
        mock.fail_call = mock.calls + i;
        EXPECT_EQ(loas_network_run(&dev, &branches.net, image.data(), LOAS_WAIT_POLL, long_ns), LOAS_E_BUS) << i;
        mock.fail_call = -1;
        ASSERT_EQ(loas_reset(&dev), LOAS_OK);
    }
    mock.fail_with[2] = LOAS_STATUS_BUS_ERROR;
    EXPECT_EQ(loas_network_run(&dev, &branches.net, image.data(), LOAS_WAIT_POLL, long_ns), LOAS_E_DEVICE);
    EXPECT_EQ(branches.net.failed_layer, 2u) << "found before the layer that takes from it";
    ASSERT_EQ(loas_reset(&dev), LOAS_OK);
    mock.fail_with.clear();
    loas_network_unload(&dev, &branches.net);
    for (size_t free = 1;; free++) { // memory for fewer and fewer
        mock.fail_call = mock.calls + int(free) - 1;
        const int result = loas_network_load(&dev, &branches.net);
        mock.fail_call = -1;
        if (result == LOAS_OK) {
            break;
        }
        EXPECT_EQ(mock.live_allocations(), 2u) << "the rings";
    }
    loas_network_unload(&dev, &branches.net);
}

} // namespace
