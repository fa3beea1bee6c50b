// A network of five layers with its dense counterpart, and the mock device that it runs on.
#pragma once

#include "tests/unit/sw/mock_device.h"

#include <gtest/gtest.h>

#include <random>

#include "runtime/loas_runtime.h"
#include "tests/unit/sw/dense_layer.h"

namespace loas_test
{

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
        encoder = {first, weights[0].data(), biases[0].data(), thresholds[0].data(), nullptr, nullptr};
        descriptors.resize(layers.size());
        net.encoder = &encoder;
        net.layers = layers.data();
        net.layer_count = uint32_t(layers.size());
        net.descriptors = descriptors.data();
        scratch.resize(loas_network_scratch(&net));
        net.scratch = {scratch.data(), scratch.size()};
    }

    // Gives the neurons of a layer, 0: of the encoder, to the host, around the thresholds that they had; alike: those of a
    // channel are the same. After its shape is set; the answer must live on.
    std::vector<loas_neuron_values> on_host(size_t at, uint32_t synapse_q16, bool alike)
    {
        loas_layer_config& config = at == 0 ? encoder.config : layers[at - 1].config;
        config.host_neurons = alike ? LOAS_HOST_CHANNELS : LOAS_HOST_NEURONS;
        config.neuron &= uint8_t(~LOAS_NEURON_THRESHOLDS);
        (at == 0 ? encoder.thresholds : layers[at - 1].thresholds) = nullptr;
        dense_layer& to = dense[at];
        const size_t channels = size_t(to.out_c), count = size_t(to.out_h() * to.out_w()) * channels;
        std::vector<loas_neuron_values> values;
        to.neurons.clear();
        for (size_t i = 0; i < count; i++) {
            if (i < channels || !alike) {
                const int64_t limit = to.thresholds.empty() ? to.threshold : to.thresholds[i % channels];
                values.push_back({int32_t(limit), int32_t(random() % 9) - 3, int32_t(random() % 40) - 20,
                                  uint32_t(random() % 65537), synapse_q16});
            }
            const loas_neuron_values& own = values[alike ? i % channels : i];
            to.neurons.push_back({own.threshold, own.rest, own.start, own.leak_q16, own.synapse_q16});
        }
        (at == 0 ? encoder.values : layers[at - 1].values) = values.data();
        return values;
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

class network_fixture : public ::testing::Test
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

} // namespace loas_test
