// Direct encoding on the host against dense arithmetic and by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "runtime/loas_runtime.h"
#include "tests/unit/sw/dense_layer.h"
#include "tests/unit/sw/exact_scratch.h"

namespace
{

using loas_test::dense_layer;
using loas_test::scratch_memory;

dense_layer dense_of(const loas_layer_config& config, const std::vector<int8_t>& weights,
                     const std::vector<int32_t>& bias)
{
    dense_layer layer;
    layer.in_h = config.in_height;
    layer.in_w = config.in_width;
    layer.in_c = config.in_channels;
    layer.out_c = config.out_channels;
    layer.kernel_h = config.kernel_h;
    layer.kernel_w = config.kernel_w;
    layer.stride_h = config.stride_h;
    layer.stride_w = config.stride_w;
    layer.pad_h = config.pad_h;
    layer.pad_w = config.pad_w;
    layer.pool = config.pool;
    layer.timesteps = config.timesteps;
    layer.soft_reset = config.neuron & LOAS_NEURON_SOFT_RESET;
    layer.delayed_reset = config.neuron & LOAS_NEURON_DELAYED_RESET;
    layer.mask_single = config.single_spike_mask;
    layer.leak_q8 = config.leak_q8;
    layer.threshold = config.threshold;
    layer.weights.assign(weights.begin(), weights.end());
    layer.bias.assign(bias.begin(), bias.end());
    return layer;
}

TEST(encode, neuron_by_hand)
{
    // one input, weight 1: the image value is the current
    const auto encode = [](int32_t current, int32_t threshold, uint16_t leak, uint8_t neuron, uint8_t timesteps) {
        auto config = loas_layer_config_default(1, 1, 1, 1, timesteps);
        config.threshold = threshold;
        config.leak_q8 = leak;
        config.neuron = neuron;
        const int8_t weight = 1;
        uint16_t word = 0xDEAD;
        scratch_memory scratch(loas_encode_scratch(&config));
        EXPECT_EQ(loas_encode_direct(&config, &weight, nullptr, nullptr, &current, &word, scratch.get()), LOAS_OK);
        return int(word);
    };
    EXPECT_EQ(encode(10, 9, 128, 0, 4), 0xF);
    EXPECT_EQ(encode(10, 10, 128, 0, 4), 0xA) << "10, 15: spike; 10, 15: spike";
    EXPECT_EQ(encode(10, 19, 128, 0, 8), 0x00) << "10 15 17 18 19 19 19: never above";
    EXPECT_EQ(encode(10, 18, 128, 0, 8), 0x10) << "10 15 17 18 19 spike, 10 15 17";
    EXPECT_EQ(encode(10, 25, 256, 0, 8), 0x24) << "no leak: 10 20 30 spike, 10 20 30 spike";
    EXPECT_EQ(encode(10, 25, 256, LOAS_NEURON_SOFT_RESET, 8), 0xA4) << "30-25=5: 15 25 35-25=10: 20 30-25=5";
    EXPECT_EQ(encode(10, 19, 128, LOAS_NEURON_DELAYED_RESET, 8), 0x0) << "as without a spike";
    EXPECT_EQ(encode(10, 18, 128, LOAS_NEURON_DELAYED_RESET, 8), 0x10) << "19, spike, 9-18=-9: 1 10 15";
    EXPECT_EQ(encode(10, 25, 256, LOAS_NEURON_DELAYED_RESET, 8), 0xA4) << "no leak: as the soft reset";
    EXPECT_EQ(encode(10, 4, 0, LOAS_NEURON_DELAYED_RESET, 3), 0x7) << "10; U = -4: 6; 6";
    EXPECT_EQ(encode(10, 15, 0, 0, 4), 0x0) << "no memory";
    EXPECT_EQ(encode(10, 18, 128, LOAS_NEURON_FIRST_SPIKE, 16), 0x10) << "19 once, and never again";
    EXPECT_EQ(encode(10, 9, 128, LOAS_NEURON_FIRST_SPIKE | LOAS_NEURON_SOFT_RESET, 4), 0x1);
    EXPECT_EQ(encode(10, 19, 128, LOAS_NEURON_FEW_SPIKES, 4), 0xE) << "150 = (4 + 2 + 1) x 19 + 17";
    EXPECT_EQ(encode(10, 10, 0, LOAS_NEURON_FEW_SPIKES, 4), 0x7) << "150 = (8 + 4 + 2) x 10 + 10, not above 10";
    EXPECT_EQ(encode(-3, 1, 256, LOAS_NEURON_FEW_SPIKES, 16), 0x0);
    // a constant negative current: above a lower threshold at once, or never (each potential is below the one before)
    EXPECT_EQ(encode(-3, -6, 128, 0, 4), 0xF);
    EXPECT_EQ(encode(-6, -6, 128, 0, 4), 0x0);
}

TEST(encode, sums_beyond_32_bits)
{
    auto config = loas_layer_config_default(1, 1, 512, 2, 16);
    config.threshold = INT32_MAX;
    config.leak_q8 = 256;
    config.neuron = LOAS_NEURON_SOFT_RESET;
    std::vector<int32_t> image(512, INT32_MIN);
    std::vector<int8_t> w(1024, -128);
    std::fill(w.begin() + 512, w.end(), int8_t(127));
    std::vector<uint16_t> out(2);
    scratch_memory scratch(loas_encode_scratch(&config));
    ASSERT_EQ(loas_encode_direct(&config, w.data(), nullptr, nullptr, image.data(), out.data(), scratch.get()), LOAS_OK);
    EXPECT_EQ(out, (std::vector<uint16_t>{0xFFFF, 0}));
}

TEST(encode, equals_dense_arithmetic)
{
    std::mt19937 random{3};
    for (int round = 0; round < 300; round++) {
        loas_layer_config config = loas_layer_config_default(uint16_t(3 + random() % 6), uint16_t(3 + random() % 6),
                                                             uint16_t(1 + random() % 4), uint16_t(1 + random() % 5),
                                                             uint8_t(1 + random() % 16));
        config.kernel_h = uint8_t(1 + random() % 3);
        config.kernel_w = uint8_t(1 + random() % 3);
        config.stride_h = uint8_t(1 + random() % 2);
        config.stride_w = uint8_t(1 + random() % 3);
        config.pad_h = uint8_t(random() % 3);
        config.pad_w = uint8_t(random() % 3);
        config.pool = uint8_t(1 + random() % 2);
        const uint8_t resets[] = {0, LOAS_NEURON_SOFT_RESET, LOAS_NEURON_DELAYED_RESET};
        config.neuron = resets[random() % 3];
        config.single_spike_mask = random() % 2;
        config.leak_q8 = uint16_t(random() % 257);
        config.threshold = int32_t(random() % 4000) - 1000;
        if (loas_layer_config_check(&config) != LOAS_OK) {
            continue;
        }
        std::vector<int32_t> image(size_t(config.in_height) * config.in_width * config.in_channels);
        std::vector<int8_t> w(size_t(config.out_channels) * loas_layer_inputs(&config));
        std::vector<int32_t> bias(round % 3 ? config.out_channels : 0);
        std::vector<int32_t> thresholds(round % 2 ? config.out_channels : 0);
        config.neuron |= thresholds.empty() ? uint8_t{0} : uint8_t{LOAS_NEURON_THRESHOLDS};
        for (auto& v : thresholds) {
            v = int32_t(random() % 4000) - 1000;
        }
        for (auto& v : image) {
            v = int32_t(random() % 256) - 60;
        }
        for (auto& v : w) {
            v = int8_t(random() % 40 - 20);
        }
        for (auto& v : bias) {
            v = int32_t(random() % 2000) - 1000;
        }
        auto dense = dense_of(config, w, bias);
        dense.thresholds.assign(thresholds.begin(), thresholds.end());
        const auto expected = dense.spikes(dense.currents(
            [&](int y, int x, int c, int) { return int64_t{image[size_t((y * dense.in_w + x) * dense.in_c + c)]}; }));
        std::vector<uint16_t> out(expected.size(), 0xDEAD);
        scratch_memory scratch(loas_encode_scratch(&config));
        const int32_t* limits = thresholds.empty() ? nullptr : thresholds.data();
        ASSERT_EQ(loas_encode_direct(&config, w.data(), bias.empty() ? nullptr : bias.data(), limits, image.data(),
                                     out.data(), scratch.get()),
                  LOAS_OK);
        ASSERT_EQ(out, expected) << "round " << round;
        scratch_memory small(loas_encode_scratch(&config) - 1);
        const auto refused = [&](const int32_t* of, scratch_memory& in) {
            return loas_encode_direct(&config, w.data(), nullptr, of, image.data(), out.data(), in.get());
        };
        EXPECT_EQ(refused(limits, small), LOAS_E_MEMORY);
        EXPECT_EQ(refused(limits ? nullptr : bias.data(), scratch), bias.empty() && !limits ? LOAS_OK : LOAS_E_ARGUMENT)
            << "thresholds that the config does not speak of, or the other way round";
        config.neuron |= LOAS_NEURON_CURRENTS;
        EXPECT_EQ(refused(limits, scratch), LOAS_E_ARGUMENT);
    }
}

// A frame for each timestep, at once and in two blocks whose potentials are carried.
TEST(encode, frames_over_time)
{
    std::mt19937 random(5);
    for (int round = 0; round < 40; round++) {
        auto config = loas_layer_config_default(4, 5, 2, 6, 8);
        config.kernel_h = config.kernel_w = 2;
        config.pool = uint8_t(1 + round % 2);
        const uint8_t resets[] = {0, LOAS_NEURON_SOFT_RESET, LOAS_NEURON_DELAYED_RESET};
        config.neuron = resets[round % 3];
        config.leak_q8 = uint16_t(random() % 257);
        config.threshold = int32_t(random() % 400);
        loas_neuron_values value = {config.threshold, int32_t(random() % 20) - 10, 0, uint32_t(random() % 65537),
                                    uint32_t(random() % 65537)};
        std::vector<loas_neuron_values> values(6, value);
        config.host_neurons = round % 4 == 3 ? LOAS_HOST_CHANNELS : LOAS_HOST_NONE;
        std::vector<int32_t> frames(8 * 4 * 5 * 2);
        for (auto& v : frames) {
            v = int32_t(random() % 30) - 5;
        }
        std::vector<int8_t> w(6 * loas_layer_inputs(&config));
        for (auto& v : w) {
            v = int8_t(random() % 40 - 15);
        }
        auto dense = dense_of(config, w, {});
        if (config.host_neurons != LOAS_HOST_NONE) {
            dense.neurons.assign(size_t(dense.out_h() * dense.out_w() * 6),
                                 {value.threshold, value.rest, value.start, value.leak_q16, value.synapse_q16});
        }
        const auto currents = dense.currents([&](int y, int x, int c, int t) {
            return int64_t{frames[size_t(((t * dense.in_h + y) * dense.in_w + x) * dense.in_c + c)]};
        });
        const auto expected = dense.spikes(currents);
        scratch_memory scratch(loas_encode_scratch(&config));
        std::vector<uint16_t> whole(expected.size()), parts[2] = {whole, whole};
        loas_encoder encoder = {config, w.data(), nullptr, nullptr, nullptr, values.data()};
        loas_frames given = {frames.data(), true, nullptr};
        ASSERT_EQ(loas_encode_frames(&encoder, &given, whole.data(), scratch.get()), LOAS_OK);
        EXPECT_EQ(whole, expected) << "round " << round;
        std::vector<loas_host_neuron> neurons(3 * 4 * 6);
        encoder.config.timesteps = 4;
        for (size_t block = 0; block < 2; block++) {
            given = {frames.data() + block * 4 * 4 * 5 * 2, true, neurons.data()};
            ASSERT_EQ(loas_encode_frames(&encoder, &given, parts[block].data(), scratch.get()), LOAS_OK);
        }
        for (size_t i = 0; i < whole.size(); i++) {
            EXPECT_EQ(parts[0][i] | parts[1][i] << 4, whole[i]);
        }
        const std::vector<int32_t> starts = {-300, -1, 0, 1, 100, 2000};
        encoder.starts = starts.data();
        for (size_t n = 0; n < 6; n++) {
            values[n].start = starts[n];
        }
        given = {frames.data(), true, nullptr};
        ASSERT_EQ(loas_encode_frames(&encoder, &given, parts[0].data(), scratch.get()), LOAS_OK);
        for (size_t i = 0; i < neurons.size(); i++) {
            neurons[i] = {0, starts[i % 6]};
        }
        given.neurons = neurons.data();
        ASSERT_EQ(loas_encode_frames(&encoder, &given, parts[1].data(), scratch.get()), LOAS_OK);
        EXPECT_EQ(parts[0], parts[1]) << "an input begins with the starts";
        EXPECT_EQ(loas_encode_frames(&encoder, nullptr, whole.data(), scratch.get()), LOAS_E_ARGUMENT);
    }
}

} // namespace
