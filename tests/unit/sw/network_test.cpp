// Networks on the mock device: results against dense arithmetic, failures, every queue size, both ways of waiting.
#include "tests/unit/sw/mock_device.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "runtime/loas_runtime.h"
#include "tests/unit/sw/dense_layer.h"

namespace
{

using loas_test::dense_layer;
using loas_test::mock_device;

constexpr uint64_t long_ns = 100000000;

// Encoder 8x8x1 -> 4x4x6 (pooled), three convolutions (the second masks, the third resets softly), a classifier.
struct small_network {
    std::mt19937 random{11};
    std::vector<std::vector<int8_t>> weights;
    std::vector<std::vector<int32_t>> biases, thresholds; // encoder first
    std::vector<dense_layer> dense; // encoder first
    loas_encoder encoder = {};
    std::vector<loas_layer> layers;
    std::vector<loas_descriptor> descriptors;
    std::vector<uint8_t> scratch;
    loas_network net = {};

    explicit small_network(unsigned timesteps = 4)
    {
        const auto t = uint8_t(timesteps);
        auto first = loas_layer_config_default(8, 8, 1, 6, t);
        first.kernel_h = first.kernel_w = 3;
        first.pad_h = first.pad_w = 1;
        first.pool = 2;
        first.threshold = 600;
        first.neuron = LOAS_NEURON_THRESHOLDS;
        auto second = loas_layer_config_default(4, 4, 6, 9, t);
        second.kernel_h = second.kernel_w = 3;
        second.pad_h = second.pad_w = 1;
        second.threshold = 30;
        auto third = loas_layer_config_default(4, 4, 9, 70, t);
        third.threshold = 10;
        third.single_spike_mask = true;
        auto fourth = loas_layer_config_default(4, 4, 70, 8, t);
        fourth.kernel_h = fourth.kernel_w = 2;
        fourth.stride_h = fourth.stride_w = 2;
        fourth.neuron = LOAS_NEURON_SOFT_RESET | LOAS_NEURON_THRESHOLDS;
        fourth.threshold = 20;
        auto classifier = loas_layer_config_default(2, 2, 8, 40, t);
        classifier.kernel_h = classifier.kernel_w = 2;
        classifier.neuron = LOAS_NEURON_CURRENTS;

        for (const auto& config : {first, second, third, fourth, classifier}) {
            weights.emplace_back(size_t(config.out_channels) * loas_layer_inputs(&config));
            for (auto& v : weights.back()) {
                v = random() % 2 ? int8_t(0) : int8_t(int(random() % 60) - 25);
            }
            biases.emplace_back(config.out_channels);
            for (auto& v : biases.back()) {
                v = int32_t(random() % 20) - 8;
            }
            dense_layer d;
            d.in_h = config.in_height, d.in_w = config.in_width, d.in_c = config.in_channels;
            d.out_c = config.out_channels, d.kernel_h = config.kernel_h, d.kernel_w = config.kernel_w;
            d.stride_h = config.stride_h, d.stride_w = config.stride_w, d.pad_h = config.pad_h;
            d.pad_w = config.pad_w, d.pool = config.pool, d.timesteps = config.timesteps;
            d.soft_reset = config.neuron & LOAS_NEURON_SOFT_RESET, d.mask_single = config.single_spike_mask;
            d.threshold = config.threshold;
            thresholds.emplace_back(config.neuron & LOAS_NEURON_THRESHOLDS ? config.out_channels : 0);
            for (auto& v : thresholds.back()) {
                v = config.threshold + int32_t(random() % 21) - 10;
            }
            d.thresholds.assign(thresholds.back().begin(), thresholds.back().end());
            d.weights.assign(weights.back().begin(), weights.back().end());
            d.bias.assign(biases.back().begin(), biases.back().end());
            dense.push_back(d);
            loas_layer layer = {};
            layer.config = config;
            layers.push_back(layer);
        }
        layers.erase(layers.begin());
        for (size_t i = 0; i < layers.size(); i++) {
            layers[i].weights = weights[i + 1].data();
            layers[i].bias = biases[i + 1].data();
            layers[i].thresholds = thresholds[i + 1].empty() ? nullptr : thresholds[i + 1].data();
        }
        encoder = {first, weights[0].data(), biases[0].data(), thresholds[0].data()};
        descriptors.resize(layers.size());
        net.encoder = &encoder;
        net.layers = layers.data();
        net.layer_count = uint32_t(layers.size());
        net.descriptors = descriptors.data();
        scratch.resize(loas_network_scratch(&net));
        net.scratch = {scratch.data(), scratch.size()};
    }

    std::vector<int32_t> image()
    {
        std::vector<int32_t> result(64);
        for (auto& v : result) {
            v = int32_t(random() % 256);
        }
        return result;
    }
    std::vector<uint16_t> encoded(const std::vector<int32_t>& image) const
    {
        return dense[0].spikes(
            dense[0].currents([&](int y, int x, int, int) { return int64_t{image[size_t(y * 8 + x)]}; }));
    }
    std::vector<int64_t> scores(std::vector<uint16_t> words) const
    {
        for (size_t i = 1; i + 1 < dense.size(); i++) {
            words = dense[i].spikes(dense[i].currents_of_words(words));
        }
        const auto currents = dense.back().currents_of_words(words);
        std::vector<int64_t> result(size_t(dense.back().out_c));
        for (size_t i = 0; i < currents.size(); i++) {
            result[i / size_t(dense.back().timesteps)] += currents[i];
        }
        return result;
    }
};

class network : public ::testing::Test
{
protected:
    mock_device mock;
    loas_device dev = {};
    small_network small;
    loas_network& net = small.net;

    void open(uint32_t entries = 8)
    {
        ASSERT_EQ(loas_device_probe(&dev, mock.hal(), mock_device::register_base), LOAS_OK);
        ASSERT_EQ(loas_queue_open(&dev, entries), LOAS_OK);
    }
    std::vector<int64_t> fetch()
    {
        std::vector<int64_t> scores(40, -1);
        EXPECT_EQ(loas_network_fetch(&dev, &net, scores.data()), LOAS_OK);
        return scores;
    }
    void TearDown() override
    {
        EXPECT_EQ(loas_queue_close(&dev), LOAS_OK);
        loas_network_unload(&dev, &net);
        EXPECT_EQ(mock.live_allocations(), 0u);
        for (const auto& line : mock.logs) {
            EXPECT_EQ(line.find("BUG"), std::string::npos) << line;
        }
    }
};

TEST_F(network, runs_images_with_any_queue_and_both_waits)
{
    for (loas_wait_mode mode : {LOAS_WAIT_POLL, LOAS_WAIT_INTERRUPT}) {
        for (uint32_t entries : {2u, 4u, 8u, 64u}) {
            open(entries);
            ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
            const int calls_before = mock.calls;
            mock.interrupts_raised = 0;
            int calls_of_first = 0;
            for (int i = 0; i < 10; i++) {
                const auto image = small.image();
                ASSERT_EQ(loas_network_run(&dev, &net, image.data(), mode, long_ns), LOAS_OK);
                const auto expected = small.scores(small.encoded(image));
                EXPECT_EQ(fetch(), expected);
                EXPECT_NE(expected, std::vector<int64_t>(40)) << "a test in which something happens";
                EXPECT_EQ(net.failed_layer, LOAS_NO_LAYER);
                EXPECT_EQ(net.completion.cookie, 3u);
                calls_of_first = i == 0 ? mock.calls - calls_before : calls_of_first;
            }
            if (entries > 4 && mode == LOAS_WAIT_INTERRUPT) {
                EXPECT_EQ(mock.interrupts_raised, 10) << "of the last layer only";
                EXPECT_LE(calls_of_first, 40) << "little to do for an image";
            }
            ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
            loas_network_unload(&dev, &net);
            EXPECT_EQ(mock.live_allocations(), 0u);
        }
    }
}

TEST_F(network, computes_the_same_in_all_formats)
{
    for (uint32_t spikes = 0; spikes < LOAS_SPIKES_COUNT; spikes++) {
        for (uint32_t weights = 0; weights < LOAS_WEIGHTS_COUNT; weights++) {
            mock.formats = spikes | weights << LOAS_FORMATS_WEIGHTS_SHIFT | LOAS_FORMATS_WORK_AREA;
            open();
            ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
            const auto image = small.image();
            ASSERT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_POLL, long_ns), LOAS_OK);
            EXPECT_EQ(fetch(), small.scores(small.encoded(image))) << spikes << " " << weights;
            ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
            loas_network_unload(&dev, &net);
        }
    }
}

TEST_F(network, runs_on_given_spikes)
{
    open();
    ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
    std::vector<uint16_t> words(4 * 4 * 6);
    for (auto& word : words) {
        word = uint16_t(small.random() % 16);
    }
    ASSERT_EQ(loas_network_run_spikes(&dev, &net, words.data(), LOAS_WAIT_INTERRUPT, long_ns), LOAS_OK);
    EXPECT_EQ(fetch(), small.scores(words));
    loas_network_unload(&dev, &net);

    net.encoder = nullptr;
    std::vector<uint8_t> exact(loas_network_scratch(&net));
    net.scratch = {exact.data(), exact.size()};
    ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
    ASSERT_EQ(loas_network_run_spikes(&dev, &net, words.data(), LOAS_WAIT_POLL, long_ns), LOAS_OK);
    EXPECT_EQ(fetch(), small.scores(words));
    const auto image = small.image();
    EXPECT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_POLL, long_ns), LOAS_E_ARGUMENT) << "no encoder";
}

TEST_F(network, spiking_last_layer_is_read_as_a_tensor)
{
    open();
    net.layer_count = 3;
    ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
    const auto image = small.image();
    ASSERT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_POLL, long_ns), LOAS_OK);
    auto expected = small.encoded(image);
    for (size_t i = 1; i <= 3; i++) {
        expected = small.dense[i].spikes(small.dense[i].currents_of_words(expected));
    }
    std::vector<uint16_t> out(expected.size());
    ASSERT_EQ(loas_spike_tensor_read(&dev, &small.layers[2].output, out.data(), net.scratch), LOAS_OK);
    EXPECT_EQ(out, expected);
    EXPECT_NE(out, std::vector<uint16_t>(out.size()));
    int64_t scores[40];
    EXPECT_EQ(loas_network_fetch(&dev, &net, scores), LOAS_E_ARGUMENT);
}

// What the definition of the readout says, in another order: each value adds to the potentials behind it.
int64_t score_of(const loas_readout& readout, size_t n, const std::vector<int64_t>& values)
{
    const int32_t* response = readout.response_q16 + (readout.response_per_class ? n * values.size() : 0);
    std::vector<int64_t> potentials(values.size());
    for (size_t u = 0; u < values.size(); u++) {
        for (size_t t = u; t < values.size(); t++) {
            potentials[t] += readout.response_q16 ? values[u] * response[t - u] : t == u ? values[u] : 0;
        }
    }
    int64_t sum = 0, most = potentials[0];
    for (int64_t each : potentials) {
        sum += each;
        most = std::max(most, each);
    }
    return readout.score == LOAS_SCORE_SUM ? sum : readout.score == LOAS_SCORE_LAST ? potentials.back() : most;
}

TEST_F(network, scores_of_currents_and_of_spikes)
{
    const int32_t response[] = {65536, 49152, 36864, 27648};
    std::vector<int32_t> responses; // of each class
    for (int n = 0; n < 40; n++) {
        for (int32_t left : response) {
            responses.push_back(left - 500 * n);
        }
    }
    for (bool currents : {true, false}) {
        net.layers[3].config.neuron = currents ? LOAS_NEURON_CURRENTS : 0;
        net.layers[3].config.threshold = 40;
        dense_layer& last = small.dense.back();
        last.threshold = 40;
        for (uint32_t format = 0; format < LOAS_SPIKES_COUNT; format++) {
            mock.formats = format;
            std::vector<uint8_t> exact(loas_network_scratch(&net));
            net.scratch = {exact.data(), exact.size()};
            open();
            ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
            const auto image = small.image();
            ASSERT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_POLL, long_ns), LOAS_OK);
            auto words = small.encoded(image);
            for (size_t i = 1; i + 1 < small.dense.size(); i++) {
                words = small.dense[i].spikes(small.dense[i].currents_of_words(words));
            }
            const auto sums = last.currents_of_words(words);
            const auto spikes = last.spikes(sums);
            for (loas_score score : {LOAS_SCORE_SUM, LOAS_SCORE_LAST, LOAS_SCORE_MAXIMUM}) {
                for (const int32_t* each : std::vector<const int32_t*>{nullptr, response, responses.data()}) {
                    net.readout = {score, each, each == responses.data()};
                    const auto scores = fetch();
                    for (size_t n = 0; n < scores.size(); n++) {
                        std::vector<int64_t> values(4);
                        for (size_t t = 0; t < 4; t++) {
                            values[t] = currents ? sums[n * 4 + t] : spikes[n] >> t & 1;
                        }
                        EXPECT_EQ(scores[n], score_of(net.readout, n, values)) << currents << format << score << n;
                    }
                }
            }
            EXPECT_NE(spikes, std::vector<uint16_t>(40));
            ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
            loas_network_unload(&dev, &net);
        }
    }
}

// Currents [..][t] behind synapses of which so much is left a timestep later.
std::vector<int64_t> decayed(std::vector<int64_t> currents, int64_t synapse_q16, size_t timesteps)
{
    for (size_t i = 0; i < currents.size(); i++) {
        if (i % timesteps != 0) {
            currents[i] += int64_t(std::floor(double(currents[i - 1]) * double(synapse_q16) / 65536));
        }
    }
    return currents;
}

TEST_F(network, neurons_with_synapses_are_the_hosts)
{
    small.encoder.config.synapse_q16 = 20000;
    small.layers[0].config.synapse_q16 = 50000;
    small.layers[1].config.synapse_q16 = 40000; // masks
    small.layers[2].config.synapse_q16 = 65535; // resets softly
    small.layers[0].config.pool = 2;            // and the layers behind it follow
    small.layers[0].config.kernel_h = small.layers[0].config.kernel_w = 3;
    small.layers[0].config.in_height = small.layers[0].config.in_width = 4;
    small.layers[0].config.pad_h = small.layers[0].config.pad_w = 3;
    small.dense[1].pad_h = small.dense[1].pad_w = 3;
    small.dense[1].pool = 2;
    for (uint32_t format = 0; format < LOAS_SPIKES_COUNT; format++) {
        mock.formats = format | LOAS_FORMATS_WORK_AREA;
        std::vector<uint8_t> exact(loas_network_scratch(&net));
        net.scratch = {exact.data(), exact.size()};
        open();
        ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
        const auto image = small.image();
        ASSERT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_INTERRUPT, long_ns), LOAS_OK);
        const int64_t synapses[] = {20000, 50000, 40000, 65535};
        std::vector<uint16_t> words;
        int changed = 0;
        for (size_t i = 0; i < 4; i++) {
            const auto currents =
                i == 0
                    ? small.dense[0].currents([&](int y, int x, int, int) { return int64_t{image[size_t(y * 8 + x)]}; })
                    : small.dense[i].currents_of_words(words);
            words = small.dense[i].spikes(decayed(currents, synapses[i], 4));
            EXPECT_NE(words, std::vector<uint16_t>(words.size())) << i;
            changed += words != small.dense[i].spikes(currents);
        }
        const auto currents = small.dense[4].currents_of_words(words);
        std::vector<int64_t> expected(40);
        for (size_t i = 0; i < currents.size(); i++) {
            expected[i / 4] += currents[i];
        }
        EXPECT_EQ(fetch(), expected) << format;
        EXPECT_GE(changed, 3) << "synapses make a difference";
        EXPECT_EQ(small.layers[0].firing.read_bytes, 4u * 4 * 9 * 64) << "8 x 8 pixels, 9 columns, 4 timesteps";
        EXPECT_GT(small.layers[0].firing.written_bytes, 0u);
        EXPECT_EQ(small.layers[3].firing.read_bytes, 0u);
        ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
        loas_network_unload(&dev, &net);
        EXPECT_EQ(mock.live_allocations(), 0u);
    }
    open();
    small.layers[0].config.synapse_q16 = 65536;
    EXPECT_EQ(loas_layer_config_check(&small.layers[0].config), LOAS_E_ARGUMENT);
    small.layers[0].config.synapse_q16 = 1;
    small.layers[0].config.neuron = LOAS_NEURON_CURRENTS;
    small.layers[0].config.pool = 1;
    EXPECT_EQ(loas_layer_config_check(&small.layers[0].config), LOAS_E_ARGUMENT);
}

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
                const size_t row = source.first_row + y * source.step_h;
                const size_t column = source.first_column + x * source.step_w;
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

TEST_F(network, layers_take_several_earlier_ones_side_by_side)
{
    branching_small_network branches;
    for (uint32_t format = 0; format < LOAS_SPIKES_COUNT; format++) {
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

TEST_F(network, sources_must_be_earlier_ones_of_the_layers_shape)
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
    EXPECT_TRUE(refused(0, whole[0])) << "the first takes the network's input";
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

TEST_F(network, every_failure_of_a_network_of_branches_is_told)
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

TEST_F(network, shapes_must_follow)
{
    open();
    const auto refused = [&](auto change) {
        small_network changed;
        change(changed);
        const int result = loas_network_load(&dev, &changed.net);
        return result == LOAS_E_ARGUMENT && mock.live_allocations() == 2 && loas_network_scratch(&changed.net) == 0;
    };
    EXPECT_TRUE(refused([](auto& n) { n.layers[0].config.in_channels = 5; }));
    EXPECT_TRUE(refused([](auto& n) { n.layers[1].config.in_height = 3; }));
    EXPECT_TRUE(refused([](auto& n) { n.layers[1].config.in_width = 3; }));
    EXPECT_TRUE(refused([](auto& n) { n.layers[1].config.timesteps = 5; }));
    EXPECT_TRUE(refused([](auto& n) { n.layers[1].config.neuron = LOAS_NEURON_CURRENTS; }));
    EXPECT_TRUE(refused([](auto& n) { n.layers[2].config.pool = 0; }));
    EXPECT_TRUE(refused([](auto& n) { n.encoder.config.out_channels = 7; }));
    EXPECT_TRUE(refused([](auto& n) { n.encoder.config.neuron = LOAS_NEURON_CURRENTS; }));
    EXPECT_TRUE(refused([](auto& n) { n.net.layer_count = 0; }));
    EXPECT_TRUE(refused([](auto& n) { n.net.layers = nullptr; }));
    small_network without;
    without.encoder.thresholds = nullptr;
    EXPECT_EQ(loas_network_load(&dev, &without.net), LOAS_E_ARGUMENT);
    net.scratch.bytes--;
    EXPECT_EQ(loas_network_load(&dev, &net), LOAS_E_MEMORY);
    net.scratch.bytes++;
    net.descriptors = nullptr;
    EXPECT_EQ(loas_network_load(&dev, &net), LOAS_E_ARGUMENT);
    const auto image = small.image();
    EXPECT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_POLL, 0), LOAS_E_ARGUMENT) << "not loaded";
    int64_t scores[40];
    EXPECT_EQ(loas_network_fetch(&dev, &net, scores), LOAS_E_ARGUMENT) << "not loaded";
}

TEST_F(network, failing_layer_is_named)
{
    for (uint32_t entries : {2u, 4u, 8u}) {
        for (loas_wait_mode mode : {LOAS_WAIT_POLL, LOAS_WAIT_INTERRUPT}) {
            open(entries);
            ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
            const auto image = small.image();
            for (uint32_t bad = 0; bad < 4; bad++) {
                ASSERT_EQ(loas_network_run(&dev, &net, image.data(), mode, long_ns), LOAS_OK);
                mock.fail_with[bad] = LOAS_STATUS_BAD_TENSOR;
                EXPECT_EQ(loas_network_run(&dev, &net, image.data(), mode, long_ns), LOAS_E_DEVICE);
                EXPECT_EQ(net.failed_layer, bad);
                EXPECT_EQ(net.completion.status, LOAS_STATUS_BAD_TENSOR);
                mock.fail_with.clear();
                ASSERT_EQ(bad % 2 ? loas_reset(&dev) : loas_recover(&dev), LOAS_OK);
                ASSERT_EQ(loas_reset(&dev), LOAS_OK);
            }
            ASSERT_EQ(loas_network_run(&dev, &net, image.data(), mode, long_ns), LOAS_OK);
            EXPECT_EQ(fetch(), small.scores(small.encoded(image)));
            ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
            loas_network_unload(&dev, &net);
        }
    }
}

TEST_F(network, time_runs_out)
{
    open();
    ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
    const auto image = small.image();
    mock.stuck = true;
    const uint64_t before = mock.now_ns();
    EXPECT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_INTERRUPT, 100000), LOAS_E_TIMEOUT);
    EXPECT_LT(mock.now_ns() - before, 120000u);
    EXPECT_EQ(net.failed_layer, LOAS_NO_LAYER);
    mock.stuck = false;
    ASSERT_EQ(loas_reset(&dev), LOAS_OK);
    ASSERT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_INTERRUPT, long_ns), LOAS_OK);
    EXPECT_EQ(fetch(), small.scores(small.encoded(image)));
}

// Four layers of 40 us through a queue that holds one: it is waited for each, with what is left of one time-out.
TEST_F(network, all_waits_share_one_time_out)
{
    for (loas_wait_mode mode : {LOAS_WAIT_POLL, LOAS_WAIT_INTERRUPT}) {
        open(2);
        ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
        mock.descriptor_ns = 40000;
        const auto image = small.image();
        uint64_t before = mock.now_ns();
        EXPECT_EQ(loas_network_run(&dev, &net, image.data(), mode, 100000), LOAS_E_TIMEOUT);
        EXPECT_GE(mock.now_ns() - before, 100000u);
        EXPECT_LT(mock.now_ns() - before, 110000u);
        ASSERT_EQ(loas_reset(&dev), LOAS_OK);
        before = mock.now_ns();
        EXPECT_EQ(loas_network_run(&dev, &net, image.data(), mode, 200000), LOAS_OK);
        EXPECT_GE(mock.now_ns() - before, 160000u);
        ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
        loas_network_unload(&dev, &net);
    }
}

TEST_F(network, queue_full_of_others)
{
    open(2);
    ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
    mock.stuck = true;
    const loas_descriptor other = {};
    ASSERT_EQ(loas_submit(&dev, &other, nullptr), LOAS_OK);
    const auto image = small.image();
    EXPECT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_POLL, long_ns), LOAS_E_QUEUE_FULL);
}

TEST_F(network, failure_of_somebody_else_is_not_blamed_on_a_layer)
{
    open();
    ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
    loas_descriptor other = {};
    other.cookie = 77;
    mock.fail_with[77] = LOAS_STATUS_BAD_FLAGS;
    ASSERT_EQ(loas_submit(&dev, &other, nullptr), LOAS_OK);
    const auto image = small.image();
    EXPECT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_POLL, long_ns), LOAS_E_DEVICE);
    EXPECT_EQ(net.failed_layer, LOAS_NO_LAYER);
    EXPECT_EQ(net.completion.cookie, 77u);
    EXPECT_EQ(loas_reset(&dev), LOAS_OK);
}

// ---------------------------------------------------------------- a bus error at every call

int session(mock_device& mock, loas_device& dev, small_network& small, std::vector<int64_t>& scores)
{
    const auto image = std::vector<int32_t>(64, 100);
    int result = loas_device_probe(&dev, mock.hal(), mock_device::register_base);
    result = result ? result : loas_queue_open(&dev, 4);
    result = result ? result : loas_network_load(&dev, &small.net);
    for (loas_wait_mode mode : {LOAS_WAIT_POLL, LOAS_WAIT_INTERRUPT}) {
        result = result ? result : loas_network_run(&dev, &small.net, image.data(), mode, long_ns);
        result = result ? result : loas_network_fetch(&dev, &small.net, scores.data());
    }
    std::vector<uint16_t> words(4 * 4 * 9);
    if (!result) {
        result = loas_spike_tensor_read(&dev, &small.layers[0].output, words.data(), small.net.scratch);
    }
    return result;
}

TEST(network_faults, one_failing_call_is_an_error_and_leaves_nothing_behind)
{
    mock_device clean;
    loas_device dev = {};
    small_network small;
    std::vector<int64_t> expected(40), scores(40);
    ASSERT_EQ(session(clean, dev, small, expected), LOAS_OK);
    const int calls = clean.calls;
    ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
    loas_network_unload(&dev, &small.net);
    EXPECT_EQ(clean.live_allocations(), 0u);
    for (int call = 0; call < calls; call++) {
        mock_device mock;
        mock.fail_call = call;
        mock.fail_takes_effect = call % 2;
        small.net.input.address = 0; // as before the first load
        const int result = session(mock, dev, small, scores);
        EXPECT_TRUE(result == LOAS_E_BUS || result == LOAS_E_MEMORY) << "call " << call << ": " << result;
        mock.fail_call = -1;
        if (dev.queue.open && small.net.input.address != 0) {
            const std::vector<int32_t> image(64, 100);
            EXPECT_EQ(loas_reset(&dev), LOAS_OK);
            EXPECT_EQ(loas_network_run(&dev, &small.net, image.data(), LOAS_WAIT_POLL, long_ns), LOAS_OK);
            EXPECT_EQ(loas_network_fetch(&dev, &small.net, scores.data()), LOAS_OK);
            EXPECT_EQ(scores, expected) << "call " << call;
        }
        EXPECT_EQ(loas_queue_close(&dev), LOAS_OK);
        loas_network_unload(&dev, &small.net);
        EXPECT_EQ(mock.live_allocations(), 0u) << "call " << call;
        for (const auto& line : mock.logs) {
            EXPECT_EQ(line.find("BUG"), std::string::npos) << line << ", call " << call;
        }
    }
}

} // namespace
