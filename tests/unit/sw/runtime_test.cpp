// Tensors and layers in device memory, and the example program.
#include "tests/unit/sw/mock_device.h"

#include <gtest/gtest.h>

#include <random>

#include "runtime/loas_runtime.h"
#include "tests/unit/sw/dense_layer.h"
#include "tests/unit/sw/exact_scratch.h"

extern "C" int example_program(const loas_hal* hal, uint16_t words_out[6]);

namespace
{

using loas_test::dense_layer;
using loas_test::mock_device;
using loas_test::scratch_memory;

class runtime : public ::testing::Test
{
protected:
    mock_device mock;
    loas_device dev = {};
    std::mt19937 random{7};

    void open(uint32_t entries = 8)
    {
        ASSERT_EQ(loas_device_probe(&dev, mock.hal(), mock_device::register_base), LOAS_OK);
        ASSERT_EQ(loas_queue_open(&dev, entries), LOAS_OK);
    }
    std::vector<uint16_t> words(size_t count, unsigned timesteps, double silent = 0.6)
    {
        std::vector<uint16_t> result(count);
        for (auto& word : result) {
            const bool is_silent = std::uniform_real_distribution<>()(random) < silent;
            word = uint16_t(is_silent ? 0 : random() % (1u << timesteps));
        }
        return result;
    }
    std::vector<int8_t> weights(size_t count)
    {
        std::vector<int8_t> result(count);
        for (auto& weight : result) {
            weight = random() % 3 ? int8_t(0) : int8_t(int(random() % 256) - 128);
        }
        return result;
    }
    void TearDown() override
    {
        EXPECT_EQ(loas_queue_close(&dev), LOAS_OK);
        EXPECT_EQ(mock.live_allocations(), 0u);
        for (const auto& line : mock.logs) {
            EXPECT_EQ(line.find("BUG"), std::string::npos) << line;
        }
    }
};

// ---------------------------------------------------------------- tensors

TEST_F(runtime, spike_tensor_in_memory_is_the_example_of_the_contract)
{
    open();
    loas_spike_tensor tensor;
    ASSERT_EQ(loas_spike_tensor_create(&dev, &tensor, 2, 1, 4, 3), LOAS_OK);
    EXPECT_EQ(tensor.bytes, 80u);
    EXPECT_EQ(tensor.address % LOAS_TENSOR_ALIGN, 0u);
    const std::vector<uint16_t> in = {1, 0, 7, 2, 0, 4, 0, 0};
    scratch_memory scratch(loas_spike_tensor_scratch_best(&tensor));
    ASSERT_EQ(loas_spike_tensor_write(&dev, &tensor, in.data(), scratch.get()), LOAS_OK);
    auto bytes = mock.device_bytes(tensor.address, 80);
    EXPECT_EQ(std::vector<uint8_t>(bytes.begin(), bytes.begin() + 24),
              (std::vector<uint8_t>{0x0D, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0}));
    EXPECT_EQ(std::vector<uint8_t>(bytes.begin() + 64, bytes.begin() + 67), (std::vector<uint8_t>{0xB9, 0, 0x04}));
    loas_spike_tensor_destroy(&dev, &tensor);
    EXPECT_EQ(tensor.address, 0u);
    loas_spike_tensor_destroy(&dev, &tensor); // twice does no harm
}

TEST_F(runtime, spike_tensors_come_back_with_any_scratch)
{
    open();
    for (unsigned timesteps : {1u, 3u, 4u, 7u, 8u, 9u, 15u, 16u}) {
        for (unsigned channels : {1u, 8u, 63u, 64u, 65u, 130u}) {
            loas_spike_tensor tensor;
            ASSERT_EQ(loas_spike_tensor_create(&dev, &tensor, 3, 3, channels, timesteps), LOAS_OK);
            const uint64_t least = loas_spike_tensor_scratch_least(&tensor);
            const uint64_t best = loas_spike_tensor_scratch_best(&tensor);
            for (double silent : {0.0, 0.7, 1.0}) {
                const auto in = words(9 * channels, timesteps, silent);
                for (uint64_t size : {least, (2 * least + best) / 3, best - 1, best, best + 1000}) {
                    scratch_memory scratch(size);
                    std::vector<uint16_t> out(in.size(), 0xDEAD);
                    ASSERT_EQ(loas_spike_tensor_write(&dev, &tensor, in.data(), scratch.get()), LOAS_OK);
                    ASSERT_EQ(loas_spike_tensor_read(&dev, &tensor, out.data(), scratch.get()), LOAS_OK);
                    ASSERT_EQ(in, out) << timesteps << " " << channels << " " << size;
                }
            }
            scratch_memory small(least - 1);
            std::vector<uint16_t> out(9 * channels);
            EXPECT_EQ(loas_spike_tensor_write(&dev, &tensor, out.data(), small.get()), LOAS_E_MEMORY);
            EXPECT_EQ(loas_spike_tensor_read(&dev, &tensor, out.data(), small.get()), LOAS_E_MEMORY);
            EXPECT_EQ(loas_spike_tensor_read(&dev, &tensor, out.data(), {nullptr, 1 << 20}), LOAS_E_MEMORY);
            loas_spike_tensor_destroy(&dev, &tensor);
        }
    }
}

TEST_F(runtime, words_with_bits_past_t_are_refused)
{
    open();
    loas_spike_tensor tensor;
    ASSERT_EQ(loas_spike_tensor_create(&dev, &tensor, 1, 1, 2, 4), LOAS_OK);
    scratch_memory scratch(loas_spike_tensor_scratch_best(&tensor));
    const uint16_t bad[] = {1, 0x10};
    EXPECT_EQ(loas_spike_tensor_write(&dev, &tensor, bad, scratch.get()), LOAS_E_ARGUMENT);
    EXPECT_EQ(loas_spike_tensor_write(&dev, &tensor, nullptr, scratch.get()), LOAS_E_ARGUMENT);
    loas_spike_tensor_destroy(&dev, &tensor);
    EXPECT_EQ(loas_spike_tensor_write(&dev, &tensor, bad, scratch.get()), LOAS_E_ARGUMENT);
}

TEST_F(runtime, shapes_above_the_limits)
{
    open();
    loas_spike_tensor tensor;
    const uint32_t shapes[][4] = {{0, 1, 1, 4},        {1, 0, 1, 4},     {1, 1, 0, 4},
                                  {1, 1, 1, 0},        {1, 1, 1, 17},    {65536, 1, 1, 4},
                                  {1, 65536, 1, 4},    {1, 1, 65536, 4}, {65535, 65535, 65535, 16},
                                  {65535, 65535, 1, 1}};
    for (const auto& s : shapes) {
        EXPECT_EQ(loas_spike_tensor_create(&dev, &tensor, s[0], s[1], s[2], s[3]), LOAS_E_ARGUMENT);
        EXPECT_EQ(tensor.address, 0u);
    }
    EXPECT_EQ(loas_spike_tensor_create(&dev, &tensor, 1000, 1000, 64, 16), LOAS_E_MEMORY) << "allowed, but no room";
    loas_weight_tensor weight;
    const int8_t one = 1;
    scratch_memory scratch(4096);
    for (const auto& s :
         {std::pair<uint32_t, uint32_t>{0, 1}, {1, 0}, {65536, 1}, {1, LOAS_MAX_K + 1}, {65535, LOAS_MAX_K}}) {
        EXPECT_EQ(loas_weight_tensor_create(&dev, &weight, &one, s.first, s.second, scratch.get()), LOAS_E_ARGUMENT);
        EXPECT_EQ(loas_weight_tensor_scratch_least(s.first, s.second), 0u);
    }
    EXPECT_EQ(loas_weight_tensor_create(&dev, &weight, nullptr, 1, 1, scratch.get()), LOAS_E_ARGUMENT);
}

TEST_F(runtime, corrupt_tensors_are_errors)
{
    open();
    loas_spike_tensor tensor;
    ASSERT_EQ(loas_spike_tensor_create(&dev, &tensor, 4, 1, 100, 5), LOAS_OK);
    const auto layout = loas_spike_layout(LOAS_SPIKES_PACKED, 4, 100, 5);
    const uint64_t values = layout.total_bytes - layout.values_offset;
    scratch_memory scratch(loas_spike_tensor_scratch_best(&tensor));
    std::vector<uint16_t> in(400, 1), out(400);
    const uint64_t fiber = (100 * 5 + 7) / 8;
    for (uint64_t pointer : {values - fiber + 1, values, uint64_t{0xFFFFFFFF}, uint64_t{0x80000000}}) {
        ASSERT_EQ(loas_spike_tensor_write(&dev, &tensor, in.data(), scratch.get()), LOAS_OK);
        std::vector<uint8_t> bytes;
        for (int i = 0; i < 4; i++) {
            bytes.push_back(uint8_t(pointer >> 8 * i));
        }
        mock.poke(tensor.address + layout.pointer_offset + 8, bytes);
        EXPECT_EQ(loas_spike_tensor_read(&dev, &tensor, out.data(), scratch.get()), LOAS_E_ARGUMENT) << pointer;
    }
    // the last place where the fiber still fits, and mask bits past its length
    const uint64_t last = values - fiber;
    mock.poke(tensor.address + layout.pointer_offset + 8, {uint8_t(last), uint8_t(last >> 8), 0, 0});
    mock.poke(tensor.address + 12, {0xFF, 0xFF, 0xFF, 0xFF});
    EXPECT_EQ(loas_spike_tensor_read(&dev, &tensor, out.data(), scratch.get()), LOAS_OK);
    for (int round = 0; round < 500; round++) {
        std::vector<uint8_t> noise(tensor.bytes);
        for (auto& byte : noise) {
            byte = uint8_t(random());
        }
        mock.poke(tensor.address, noise);
        const int result = loas_spike_tensor_read(&dev, &tensor, out.data(), scratch.get());
        EXPECT_TRUE(result == LOAS_OK || result == LOAS_E_ARGUMENT);
    }
    loas_spike_tensor_destroy(&dev, &tensor);
}

TEST_F(runtime, weight_tensor_in_memory)
{
    open();
    const std::vector<int8_t> in = {0, -1, 0, 127, -128, 0, 0, 0, 0, 0, 0, 0, 5, 6, 7};
    for (uint64_t size : {loas_weight_tensor_scratch_least(3, 5), loas_weight_tensor_scratch_best(3, 5)}) {
        loas_weight_tensor tensor;
        scratch_memory scratch(size);
        ASSERT_EQ(loas_weight_tensor_create(&dev, &tensor, in.data(), 3, 5, scratch.get()), LOAS_OK);
        EXPECT_EQ(tensor.non_zero, 6u);
        const auto bytes = mock.device_bytes(tensor.address, tensor.bytes);
        EXPECT_EQ(bytes[0], 0x1A);
        EXPECT_EQ(bytes[8], 0x00);
        EXPECT_EQ(bytes[16], 0x1C);
        EXPECT_EQ(bytes[24], 0);
        EXPECT_EQ(bytes[32], 3);
        EXPECT_EQ(std::vector<uint8_t>(bytes.begin() + 64, bytes.begin() + 70),
                  (std::vector<uint8_t>{0xFF, 127, 128, 5, 6, 7}));
        loas_weight_tensor_destroy(&dev, &tensor);
    }
}

// ---------------------------------------------------------------- layers

TEST_F(runtime, layer_rules)
{
    const auto good = loas_layer_config_default(8, 6, 3, 5, 4);
    EXPECT_EQ(loas_layer_config_check(&good), LOAS_OK);
    const auto refused = [&](auto change) {
        auto config = good;
        change(config);
        return loas_layer_config_check(&config) == LOAS_E_ARGUMENT;
    };
    EXPECT_EQ(loas_layer_config_check(nullptr), LOAS_E_ARGUMENT);
    EXPECT_TRUE(refused([](auto& c) { c.in_height = 0; }));
    EXPECT_TRUE(refused([](auto& c) { c.in_width = 0; }));
    EXPECT_TRUE(refused([](auto& c) { c.in_channels = 0; }));
    EXPECT_TRUE(refused([](auto& c) { c.out_channels = 0; }));
    EXPECT_TRUE(refused([](auto& c) { c.kernel_h = 0; }));
    EXPECT_TRUE(refused([](auto& c) { c.kernel_h = 9; }));
    EXPECT_TRUE(refused([](auto& c) { c.kernel_w = 7; }));
    EXPECT_FALSE(refused([](auto& c) { c.kernel_w = 8, c.pad_w = 1; }));
    EXPECT_TRUE(refused([](auto& c) { c.stride_h = 0; }));
    EXPECT_TRUE(refused([](auto& c) { c.stride_w = 0; }));
    EXPECT_TRUE(refused([](auto& c) { c.timesteps = 0; }));
    EXPECT_TRUE(refused([](auto& c) { c.timesteps = 17; }));
    EXPECT_TRUE(refused([](auto& c) { c.leak_q8 = 257; }));
    EXPECT_TRUE(refused([](auto& c) { c.neuron = LOAS_NEURON_FEW_SPIKES | LOAS_NEURON_SOFT_RESET; }));
    EXPECT_TRUE(refused([](auto& c) { c.neuron = LOAS_NEURON_FEW_SPIKES | LOAS_NEURON_FIRST_SPIKE; }));
    EXPECT_TRUE(refused([](auto& c) { c.neuron = LOAS_NEURON_FEW_SPIKES | LOAS_NEURON_CARRY; }));
    EXPECT_TRUE(refused([](auto& c) { c.neuron = LOAS_NEURON_FEW_SPIKES, c.host_neurons = LOAS_HOST_NEURONS; }));
    EXPECT_FALSE(refused([](auto& c) { c.neuron = LOAS_NEURON_FEW_SPIKES | LOAS_NEURON_CURRENTS; }));
    EXPECT_TRUE(refused([](auto& c) { c.neuron = LOAS_NEURON_CARRY | LOAS_NEURON_CURRENTS; }));
    EXPECT_TRUE(refused([](auto& c) { c.neuron = LOAS_NEURON_THRESHOLDS | LOAS_NEURON_CURRENTS; }));
    EXPECT_TRUE(refused([](auto& c) { c.neuron = LOAS_NEURON_SOFT_RESET | LOAS_NEURON_DELAYED_RESET; }));
    EXPECT_TRUE(refused([](auto& c) { c.neuron = LOAS_NEURON_FIRST_SPIKE | LOAS_NEURON_CARRY; }));
    EXPECT_TRUE(refused([](auto& c) { c.neuron = LOAS_NEURON_FIRST_SPIKE | LOAS_NEURON_CURRENTS; }));
    EXPECT_TRUE(refused([](auto& c) { c.pool = 0; }));
    EXPECT_TRUE(refused([](auto& c) { c.pool = 7; }));
    EXPECT_FALSE(refused([](auto& c) { c.pool = 6; }));
    EXPECT_TRUE(refused([](auto& c) { c.neuron = LOAS_NEURON_CURRENTS, c.pool = 2; }));
    EXPECT_TRUE(refused([](auto& c) { c.neuron = LOAS_NEURON_CURRENTS, c.single_spike_mask = true; }));
    EXPECT_TRUE(refused([](auto& c) { c.in_channels = 65535, c.kernel_h = 8, c.kernel_w = 6; })) << "K too large";
    EXPECT_TRUE(refused([](auto& c) { c.in_height = 65535, c.in_width = 65535; }));
    EXPECT_TRUE(refused([](auto& c) { c.neuron = LOAS_NEURON_CURRENTS, c.in_height = 65535, c.out_channels = 65535; }));

    auto conv = good;
    conv.kernel_h = 3, conv.kernel_w = 5, conv.stride_h = 2, conv.pad_h = 1, conv.pool = 2;
    EXPECT_EQ(loas_layer_inputs(&conv), 45u);
    EXPECT_EQ(loas_layer_out_height(&conv), 4u);
    EXPECT_EQ(loas_layer_out_width(&conv), 2u);
    EXPECT_EQ(loas_layer_pooled_height(&conv), 2u);
    EXPECT_EQ(loas_layer_pooled_width(&conv), 1u);
}

TEST_F(runtime, layers_beyond_the_design)
{
    mock.features = 0;
    mock.max_timesteps = 4;
    open();
    const std::vector<int8_t> zeros(1000);
    const int32_t thresholds[3] = {};
    scratch_memory scratch(4096);
    const auto load = [&](auto change) {
        loas_layer layer = {};
        layer.config = loas_layer_config_default(4, 4, 2, 3, 4);
        layer.weights = zeros.data();
        change(layer.config);
        layer.thresholds = layer.config.neuron & LOAS_NEURON_THRESHOLDS ? thresholds : nullptr;
        const int result = loas_layer_load(&dev, &layer, scratch.get());
        loas_layer_unload(&dev, &layer);
        return result;
    };
    EXPECT_EQ(load([](auto&) {}), LOAS_OK);
    EXPECT_EQ(load([](auto& c) { c.timesteps = 5; }), LOAS_E_ARGUMENT);
    EXPECT_EQ(load([](auto& c) { c.kernel_h = 3; }), LOAS_E_ARGUMENT);
    EXPECT_EQ(load([](auto& c) { c.pool = 2; }), LOAS_E_ARGUMENT);
    EXPECT_EQ(load([](auto& c) { c.neuron = LOAS_NEURON_SOFT_RESET; }), LOAS_E_ARGUMENT);
    EXPECT_EQ(load([](auto& c) { c.neuron = LOAS_NEURON_DELAYED_RESET; }), LOAS_E_ARGUMENT);
    EXPECT_EQ(load([](auto& c) { c.neuron = LOAS_NEURON_CARRY; }), LOAS_E_ARGUMENT);
    EXPECT_EQ(load([](auto& c) { c.neuron = LOAS_NEURON_THRESHOLDS; }), LOAS_E_ARGUMENT);
    EXPECT_EQ(load([](auto& c) { c.neuron = LOAS_NEURON_CURRENTS; }), LOAS_E_ARGUMENT);
    EXPECT_EQ(load([](auto& c) { c.neuron = LOAS_NEURON_FIRST_SPIKE; }), LOAS_E_ARGUMENT);
    EXPECT_EQ(load([](auto& c) { c.neuron = LOAS_NEURON_FEW_SPIKES; }), LOAS_E_ARGUMENT);
    EXPECT_EQ(load([](auto& c) { c.single_spike_mask = true; }), LOAS_E_ARGUMENT);
}

TEST_F(runtime, carried_potentials_lie_behind_the_bias_and_begin_with_0_or_starts)
{
    mock.features |= LOAS_FEATURE_CARRY;
    open();
    loas_layer layer = {};
    layer.config = loas_layer_config_default(9, 9, 3, 5, 6); // 405 potentials: more than are cleared at once
    layer.config.neuron = LOAS_NEURON_CARRY;
    const auto w = weights(5 * 3);
    const int32_t given[5] = {1, -2, 3, -4, 5}, none[5] = {};
    layer.weights = w.data();
    scratch_memory scratch(loas_layer_scratch_least(&layer.config));
    for (const int32_t* bias : {given, none}) {
        layer.bias = bias == none ? nullptr : bias;
        ASSERT_EQ(loas_layer_load(&dev, &layer, scratch.get()), LOAS_OK);
        loas_descriptor d;
        loas_layer_descriptor(&layer, 0x180000040, 42, &d);
        ASSERT_NE(d.bias_address, 0u);
        EXPECT_EQ(d.neuron, LOAS_NEURON_CARRY);
        const auto read = [&](uint64_t address, size_t count) {
            std::vector<int32_t> numbers(count, 99);
            EXPECT_EQ(dev.hal->dma_read(dev.hal->context, numbers.data(), address, 4 * count), LOAS_OK);
            return numbers;
        };
        const uint64_t potentials = loas_potentials_address(d.neuron, d.bias_address, 5);
        EXPECT_EQ(potentials, d.bias_address + 64);
        EXPECT_EQ(read(d.bias_address, 5), std::vector<int32_t>(bias, bias + 5));
        EXPECT_EQ(read(potentials, 405), std::vector<int32_t>(405));
        const std::vector<int32_t> used(405, 7);
        ASSERT_EQ(dev.hal->dma_write(dev.hal->context, potentials, used.data(), 4 * used.size()), LOAS_OK);
        EXPECT_EQ(loas_layer_start_potentials(&dev, &layer), LOAS_OK);
        EXPECT_EQ(read(potentials, 405), std::vector<int32_t>(405));
        EXPECT_EQ(read(d.bias_address, 5), std::vector<int32_t>(bias, bias + 5));
        layer.starts = given;
        EXPECT_EQ(loas_layer_start_potentials(&dev, &layer), LOAS_OK);
        const std::vector<int32_t> started = read(potentials, 405);
        for (size_t i = 0; i < started.size(); i++) {
            EXPECT_EQ(started[i], given[i % 5]);
        }
        EXPECT_EQ(read(d.bias_address, 5), std::vector<int32_t>(bias, bias + 5));
        layer.starts = nullptr;
        loas_layer_unload(&dev, &layer);
    }
}

// 9 columns: bias and thresholds have 72 bytes, so potentials lie behind 128.
TEST_F(runtime, thresholds_lie_behind_the_bias)
{
    mock.features |= LOAS_FEATURE_CARRY;
    open();
    const auto w = weights(9 * 3);
    const int32_t given[9] = {1, -2, 3, -4, 5, -6, 7, -8, 9}, thresholds[9] = {-1, 2, -3, 4, -5, 6, -7, 8, INT32_MIN};
    loas_layer layer = {};
    layer.config = loas_layer_config_default(2, 1, 3, 9, 6);
    layer.weights = w.data();
    scratch_memory scratch(loas_layer_scratch_least(&layer.config));
    layer.thresholds = thresholds;
    EXPECT_EQ(loas_layer_load(&dev, &layer, scratch.get()), LOAS_E_ARGUMENT) << "of which the config does not know";
    for (const unsigned neuron : {LOAS_NEURON_THRESHOLDS, LOAS_NEURON_THRESHOLDS | LOAS_NEURON_CARRY}) {
        layer.config.neuron = uint8_t(neuron);
        for (const bool biased : {false, true}) {
            layer.bias = biased ? given : nullptr;
            ASSERT_EQ(loas_layer_load(&dev, &layer, scratch.get()), LOAS_OK);
            const bool carries = neuron & LOAS_NEURON_CARRY;
            std::vector<int32_t> expected(carries ? 32 + 18 : 18), found(expected.size());
            std::copy_n(given, biased ? 9 : 0, expected.begin());
            std::copy_n(thresholds, 9, expected.begin() + 9);
            ASSERT_EQ(dev.hal->dma_read(dev.hal->context, found.data(), layer.bias_address, 4 * found.size()), LOAS_OK);
            std::fill(found.begin() + 18, found.begin() + (carries ? 32 : 18), 0); // between them and the potentials
            EXPECT_EQ(found, expected);
            loas_layer_unload(&dev, &layer);
        }
    }
    layer.thresholds = nullptr;
    EXPECT_EQ(loas_layer_load(&dev, &layer, scratch.get()), LOAS_E_ARGUMENT);
    EXPECT_EQ(layer.bias_address, 0u);
}

TEST_F(runtime, descriptor_says_what_the_config_says)
{
    open();
    loas_layer layer = {};
    layer.config = loas_layer_config_default(8, 7, 3, 5, 6);
    auto& c = layer.config;
    c.kernel_h = 3, c.kernel_w = 2, c.stride_h = 2, c.stride_w = 1, c.pad_h = 1, c.pad_w = 4, c.pool = 2;
    c.neuron = LOAS_NEURON_SOFT_RESET, c.single_spike_mask = true, c.leak_q8 = 99, c.threshold = -77;
    const auto w = weights(5 * 18);
    const int32_t bias[5] = {1, -2, 3, -4, 5};
    layer.weights = w.data();
    layer.bias = bias;
    scratch_memory scratch(loas_layer_scratch_least(&c));
    ASSERT_EQ(loas_layer_load(&dev, &layer, scratch.get()), LOAS_OK);
    loas_descriptor d;
    loas_layer_descriptor(&layer, 0x180000040, 42, &d);
    EXPECT_EQ(d.opcode, LOAS_OP_RUN_LAYER);
    EXPECT_EQ(d.flags, LOAS_FLAG_SINGLE_SPIKE_MASK);
    EXPECT_EQ(d.timesteps, 6);
    EXPECT_EQ(d.neuron, LOAS_NEURON_SOFT_RESET);
    EXPECT_EQ(d.in_height, 8);
    EXPECT_EQ(d.in_width, 7);
    EXPECT_EQ(d.in_channels, 3);
    EXPECT_EQ(d.out_channels, 5);
    EXPECT_EQ(d.kernel_h, 3);
    EXPECT_EQ(d.kernel_w, 2);
    EXPECT_EQ(d.stride_h, 2);
    EXPECT_EQ(d.stride_w, 1);
    EXPECT_EQ(d.pad_h, 1);
    EXPECT_EQ(d.pad_w, 4);
    EXPECT_EQ(d.pool, 2);
    EXPECT_EQ(d.leak_q8, 99);
    EXPECT_EQ(d.threshold, -77);
    EXPECT_EQ(d.cookie, 42u);
    EXPECT_EQ(d.input_address, 0x180000040u);
    EXPECT_EQ(d.weight_address, layer.weight_tensor.address);
    EXPECT_EQ(d.bias_address, layer.bias_address);
    EXPECT_EQ(d.output_address, layer.output.address);
    EXPECT_EQ(d.formats | d.reserved1, 0);
    EXPECT_EQ(mock.device_bytes(layer.bias_address + 4, 4), (std::vector<uint8_t>{0xFE, 0xFF, 0xFF, 0xFF}));
    int32_t none;
    EXPECT_EQ(loas_layer_read_currents(&dev, &layer, &none), LOAS_E_ARGUMENT) << "it writes spikes";
    loas_layer_unload(&dev, &layer);
    loas_layer_unload(&dev, &layer); // twice does no harm
}

TEST_F(runtime, example_of_the_readme)
{
    uint16_t out[6] = {};
    ASSERT_EQ(example_program(mock.hal(), out), LOAS_OK);
    dense_layer layer;
    layer.in_h = 2, layer.in_c = 4, layer.out_c = 3, layer.threshold = 4;
    layer.weights = {5, 0, 0, -2, 0, 7, 0, 0, 3, 0, 4, 0};
    const auto expected = layer.spikes(layer.currents_of_words({0xF, 0x0, 0x5, 0x1, 0x0, 0x3, 0x0, 0x8}));
    EXPECT_EQ(std::vector<uint16_t>(out, out + 6), expected);
    EXPECT_NE(expected, std::vector<uint16_t>(6)) << "an example in which something happens";
    EXPECT_EQ(mock.enabled_inputs, std::uint64_t{1} << LOAS_BOARD_ACCELERATOR_INTERRUPT);
    mock.fail_call = mock.calls;
    EXPECT_EQ(example_program(mock.hal(), out), LOAS_E_BUS);
}

} // namespace
