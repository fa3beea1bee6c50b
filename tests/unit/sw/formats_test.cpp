// Tensors in every format of the contract: written and read back, as the page of the contract shows them, corrupt, and
// computed with by the mock device.
#include "tests/unit/sw/mock_device.h"

#include <gtest/gtest.h>

#include <random>

#include "runtime/loas_runtime.h"
#include "tests/unit/sw/dense_layer.h"
#include "tests/unit/sw/exact_scratch.h"

namespace
{

using loas_test::dense_layer;
using loas_test::mock_device;
using loas_test::scratch_memory;

constexpr uint64_t long_ns = 100000000;

class formats : public ::testing::Test
{
protected:
    mock_device mock;
    loas_device dev = {};
    std::mt19937 random{7};

    void open(unsigned spike_format, unsigned weight_format, bool work_area = false)
    {
        mock.formats =
            spike_format | weight_format << LOAS_FORMATS_WEIGHTS_SHIFT | (work_area ? LOAS_FORMATS_WORK_AREA : 0u);
        ASSERT_EQ(loas_device_probe(&dev, mock.hal(), mock_device::register_base), LOAS_OK);
        ASSERT_EQ(loas_queue_open(&dev, 8), LOAS_OK);
    }
    void close()
    {
        EXPECT_EQ(loas_queue_close(&dev), LOAS_OK);
        EXPECT_EQ(mock.live_allocations(), 0u);
        for (const auto& line : mock.logs) {
            EXPECT_EQ(line.find("BUG"), std::string::npos) << line;
        }
    }
    std::vector<uint16_t> words(size_t count, unsigned timesteps, double silent)
    {
        std::vector<uint16_t> result(count);
        for (auto& word : result) {
            const bool is_silent = std::uniform_real_distribution<>()(random) < silent;
            word = uint16_t(is_silent ? 0 : random() % (1u << timesteps));
        }
        return result;
    }
    std::vector<uint8_t> bytes_of(const loas_spike_tensor& tensor, uint64_t offset, size_t count) const
    {
        return mock.device_bytes(tensor.address + offset, count);
    }
};

using bytes = std::vector<uint8_t>;

TEST_F(formats, spikes_come_back_with_any_scratch)
{
    for (unsigned format = 0; format < LOAS_SPIKES_COUNT; format++) {
        open(format, LOAS_WEIGHTS_COLUMNS);
        for (unsigned timesteps : {1u, 4u, 7u, 16u}) {
            if (loas_format_is_bytes(format) && timesteps > 1) {
                loas_spike_tensor tensor;
                EXPECT_EQ(loas_spike_tensor_create(&dev, &tensor, 3, 2, 9, timesteps), LOAS_E_ARGUMENT);
                continue;
            }
            const unsigned bits = unsigned(loas_word_bits(format, timesteps));
            for (unsigned channels : {1u, 64u, 65u, 255u, 256u, 257u, 300u}) {
                loas_spike_tensor tensor;
                ASSERT_EQ(loas_spike_tensor_create(&dev, &tensor, 3, 2, channels, timesteps), LOAS_OK);
                EXPECT_EQ(tensor.format, format);
                const uint64_t least = loas_spike_tensor_scratch_least(&tensor);
                const uint64_t best = loas_spike_tensor_scratch_best(&tensor);
                EXPECT_EQ(best, tensor.bytes);
                for (double silent : {0.0, 0.7, 1.0}) {
                    auto in = words(6 * channels, bits, silent);
                    if (silent == 0.0) {
                        std::fill(in.begin(), in.end(), uint16_t((1u << bits) - 1u)); // full fibers
                    }
                    for (uint64_t size : {least, (2 * least + best) / 3, best - 1, best, best + 1000}) {
                        scratch_memory scratch(std::max(size, least));
                        std::vector<uint16_t> out(in.size(), 0xDEAD);
                        ASSERT_EQ(loas_spike_tensor_write(&dev, &tensor, in.data(), scratch.get()), LOAS_OK);
                        ASSERT_EQ(loas_spike_tensor_read(&dev, &tensor, out.data(), scratch.get()), LOAS_OK);
                        ASSERT_EQ(in, out) << format << " " << timesteps << " " << channels << " " << size;
                    }
                }
                scratch_memory small(least - 1);
                std::vector<uint16_t> out(6 * channels);
                EXPECT_EQ(loas_spike_tensor_write(&dev, &tensor, out.data(), small.get()), LOAS_E_MEMORY);
                EXPECT_EQ(loas_spike_tensor_read(&dev, &tensor, out.data(), small.get()), LOAS_E_MEMORY);
                if (bits < 16) {
                    out.back() = uint16_t(1u << bits);
                    scratch_memory enough(least);
                    EXPECT_EQ(loas_spike_tensor_write(&dev, &tensor, out.data(), enough.get()), LOAS_E_ARGUMENT);
                }
                loas_spike_tensor_destroy(&dev, &tensor);
            }
        }
        close();
    }
}

// The example of sw/abi/README.md: 2 pixels, 4 channels, T = 3.
const std::vector<uint16_t> example = {1, 0, 7, 2, 0, 4, 0, 0};

TEST_F(formats, bitmap_in_memory_is_the_example_of_the_contract)
{
    open(LOAS_SPIKES_BITMAP, LOAS_WEIGHTS_COLUMNS);
    loas_spike_tensor tensor;
    ASSERT_EQ(loas_spike_tensor_create(&dev, &tensor, 2, 1, 4, 3), LOAS_OK);
    EXPECT_EQ(tensor.bytes, 48u);
    scratch_memory scratch(tensor.bytes);
    ASSERT_EQ(loas_spike_tensor_write(&dev, &tensor, example.data(), scratch.get()), LOAS_OK);
    bytes expected(48);
    expected[0] = 0x05, expected[16] = 0x0C, expected[32] = 0x04, expected[40] = 0x02;
    EXPECT_EQ(bytes_of(tensor, 0, 48), expected);
    loas_spike_tensor_destroy(&dev, &tensor);
    close();
}

TEST_F(formats, coordinates_in_memory_are_the_example_of_the_contract)
{
    open(LOAS_SPIKES_COORDINATES, LOAS_WEIGHTS_COLUMNS);
    loas_spike_tensor tensor;
    ASSERT_EQ(loas_spike_tensor_create(&dev, &tensor, 2, 1, 4, 3), LOAS_OK);
    EXPECT_EQ(tensor.bytes, 64u + 6 * 8);
    scratch_memory scratch(tensor.bytes);
    ASSERT_EQ(loas_spike_tensor_write(&dev, &tensor, example.data(), scratch.get()), LOAS_OK);
    EXPECT_EQ(bytes_of(tensor, 0, 48), (bytes{0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0,
                                              4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0}));
    EXPECT_EQ(bytes_of(tensor, 64, 6), (bytes{0, 2, 2, 3, 2, 1}));
    loas_spike_tensor_destroy(&dev, &tensor);
    close();
}

// Of the same page: 2 pixels, 4 channels, bytes.
TEST_F(formats, bytes_in_memory_are_the_examples_of_the_contract)
{
    const std::vector<uint16_t> example_bytes = {1, 0, 255, 2, 0, 64, 0, 0};
    for (const unsigned format : {LOAS_SPIKES_BYTES, LOAS_SPIKES_BYTE_PAIRS}) {
        open(format, LOAS_WEIGHTS_COLUMNS);
        loas_spike_tensor tensor;
        ASSERT_EQ(loas_spike_tensor_create(&dev, &tensor, 2, 1, 4, 1), LOAS_OK);
        scratch_memory scratch(tensor.bytes);
        ASSERT_EQ(loas_spike_tensor_write(&dev, &tensor, example_bytes.data(), scratch.get()), LOAS_OK);
        if (format == LOAS_SPIKES_BYTES) {
            EXPECT_EQ(tensor.bytes, 64u + 2 * 8);
            EXPECT_EQ(bytes_of(tensor, 0, 24), (bytes{0x0D, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0,
                                                      0, 0, 0, 0, 3, 0, 0, 0}));
            EXPECT_EQ(bytes_of(tensor, 64, 4), (bytes{1, 255, 2, 64}));
        } else {
            EXPECT_EQ(tensor.bytes, 64u + 2 * 8);
            EXPECT_EQ(bytes_of(tensor, 0, 16), (bytes{0, 0, 0, 0, 3, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0}));
            EXPECT_EQ(bytes_of(tensor, 64, 8), (bytes{0, 1, 2, 255, 3, 2, 1, 64}));
        }
        loas_spike_tensor_destroy(&dev, &tensor);
        close();
    }
}

TEST_F(formats, weights_in_memory)
{
    const std::vector<int8_t> in = {0, -1, 0, 127, -128, 5}; // 3 columns, K = 2
    for (uint64_t size : {loas_weight_tensor_scratch_least(3, 2), loas_weight_tensor_scratch_best(3, 2)}) {
        loas_weight_tensor tensor;
        scratch_memory scratch(size);
        open(LOAS_SPIKES_PACKED, LOAS_WEIGHTS_ROWS);
        ASSERT_EQ(loas_weight_tensor_create(&dev, &tensor, in.data(), 3, 2, scratch.get()), LOAS_OK);
        EXPECT_EQ(tensor.non_zero, 4u);
        EXPECT_EQ(tensor.format, uint32_t{LOAS_WEIGHTS_ROWS});
        EXPECT_EQ(mock.device_bytes(tensor.address, 16), (bytes{0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0}));
        EXPECT_EQ(mock.device_bytes(tensor.address + 64, 8), (bytes{2, 0x80, 0, 0xFF, 1, 127, 2, 5}));
        loas_weight_tensor_destroy(&dev, &tensor);
        close();
        open(LOAS_SPIKES_PACKED, LOAS_WEIGHTS_DENSE);
        ASSERT_EQ(loas_weight_tensor_create(&dev, &tensor, in.data(), 3, 2, scratch.get()), LOAS_OK);
        EXPECT_EQ(tensor.non_zero, 4u);
        EXPECT_EQ(tensor.bytes, 6u);
        EXPECT_EQ(mock.device_bytes(tensor.address, 6), (bytes{0, 0xFF, 0, 127, 0x80, 5}));
        loas_weight_tensor_destroy(&dev, &tensor);
        close();
    }
}

TEST_F(formats, corrupt_heads_are_errors)
{
    open(LOAS_SPIKES_COORDINATES, LOAS_WEIGHTS_COLUMNS);
    loas_spike_tensor tensor;
    ASSERT_EQ(loas_spike_tensor_create(&dev, &tensor, 2, 1, 300, 2), LOAS_OK);
    const auto layout = loas_spike_layout(LOAS_SPIKES_COORDINATES, 2, 300, 2);
    const uint64_t values = layout.total_bytes - layout.values_offset;
    scratch_memory scratch(loas_spike_tensor_scratch_least(&tensor));
    std::vector<uint16_t> in(600), out(600);
    in[0] = in[7] = in[299] = 1; // three spikes in fiber 0
    const auto read_with = [&](uint64_t at, const bytes& wrong) {
        EXPECT_EQ(loas_spike_tensor_write(&dev, &tensor, in.data(), scratch.get()), LOAS_OK);
        mock.poke(tensor.address + at, wrong);
        return loas_spike_tensor_read(&dev, &tensor, out.data(), scratch.get());
    };
    const auto number = [](uint64_t value) {
        return bytes{uint8_t(value), uint8_t(value >> 8), uint8_t(value >> 16), uint8_t(value >> 24)};
    };
    // offset: the last place where three channels fit holds anything, the next is outside
    for (uint64_t offset : {values - 5, values, uint64_t{0x80000000}, uint64_t{0xFFFFFFFF}}) {
        EXPECT_EQ(read_with(0, number(offset)), LOAS_E_ARGUMENT) << offset;
    }
    // number: more than there are channels
    for (uint64_t wrong : {uint64_t{301}, uint64_t{0x80000000}, uint64_t{0xFFFFFFFF}}) {
        EXPECT_EQ(read_with(4, number(wrong)), LOAS_E_ARGUMENT) << wrong;
    }
    // positions: 0, 7, 299
    const uint64_t first = layout.values_offset;
    EXPECT_EQ(read_with(first + 4, {0x2C, 0x01}), LOAS_E_ARGUMENT) << "channel 300";
    EXPECT_EQ(read_with(first + 4, {7, 0}), LOAS_E_ARGUMENT) << "channel 7 twice";
    EXPECT_EQ(read_with(first + 2, {0, 0}), LOAS_E_ARGUMENT) << "channel 0 twice";
    EXPECT_EQ(read_with(first + 4, {6, 0}), LOAS_E_ARGUMENT) << "descending";
    EXPECT_EQ(read_with(first + 4, {8, 0}), LOAS_OK);
    EXPECT_EQ(out[8], 1u);
    EXPECT_EQ(out[299], 0u);
    int good = 0;
    for (int round = 0; round < 500; round++) {
        const uint64_t at = random() % 2 ? random() % 32 : first + random() % 6; // a head or a channel
        const int result = read_with(at, {uint8_t(random() % 4)});
        EXPECT_TRUE(result == LOAS_OK || result == LOAS_E_ARGUMENT);
        good += result == LOAS_OK;
    }
    EXPECT_GT(good, 0);
    EXPECT_LT(good, 500);
    loas_spike_tensor_destroy(&dev, &tensor);
    close();
}

TEST_F(formats, bits_past_the_channels_are_ignored)
{
    open(LOAS_SPIKES_BITMAP, LOAS_WEIGHTS_COLUMNS);
    loas_spike_tensor tensor;
    ASSERT_EQ(loas_spike_tensor_create(&dev, &tensor, 1, 1, 12, 2), LOAS_OK);
    scratch_memory scratch(tensor.bytes);
    mock.poke(tensor.address, bytes(tensor.bytes, 0xFF));
    std::vector<uint16_t> out(12);
    ASSERT_EQ(loas_spike_tensor_read(&dev, &tensor, out.data(), scratch.get()), LOAS_OK);
    EXPECT_EQ(out, std::vector<uint16_t>(12, 3));
    loas_spike_tensor_destroy(&dev, &tensor);
    close();
}

// ---------------------------------------------------------------- layers

loas_layer_config small_convolution(uint16_t channels, uint16_t columns)
{
    auto config = loas_layer_config_default(4, 3, channels, columns, 5);
    config.kernel_h = config.kernel_w = 2;
    config.pad_w = 1;
    config.pool = 2;
    config.threshold = 20;
    return config;
}

TEST_F(formats, layers_compute_the_same_in_all_of_them)
{
    for (const auto& [channels, columns] : {std::pair<uint16_t, uint16_t>{5, 9}, {70, 3}, {3, 257}, {260, 2}}) {
        dense_layer dense;
        dense.in_h = 4, dense.in_w = 3, dense.in_c = channels, dense.out_c = columns;
        dense.kernel_h = dense.kernel_w = 2, dense.pad_w = 1, dense.pool = 2, dense.timesteps = 5;
        dense.threshold = 20;
        std::vector<int8_t> weights(size_t(columns) * 4 * channels);
        for (auto& weight : weights) {
            weight = random() % 3 ? int8_t(0) : int8_t(int(random() % 60) - 25);
        }
        dense.weights.assign(weights.begin(), weights.end());
        const auto in = words(size_t(12) * channels, 5, 0.6);
        const auto expected = dense.spikes(dense.currents_of_words(in));
        EXPECT_NE(expected, std::vector<uint16_t>(expected.size()));
        for (unsigned formats = 0; formats < 18; formats++) {
            const unsigned spike_format = formats % 3, weight_format = formats / 3 % 3;
            open(spike_format, weight_format, formats >= 9);
            loas_layer layer = {};
            layer.config = small_convolution(channels, columns);
            layer.weights = weights.data();
            scratch_memory least(loas_layer_scratch_least(&layer.config));
            ASSERT_EQ(loas_layer_load(&dev, &layer, least.get()), LOAS_OK) << formats;
            loas_spike_tensor input;
            ASSERT_EQ(loas_spike_tensor_create(&dev, &input, 4, 3, channels, 5), LOAS_OK);
            scratch_memory scratch(
                std::max(loas_spike_tensor_scratch_least(&input), loas_spike_tensor_scratch_least(&layer.output)));
            ASSERT_EQ(loas_spike_tensor_write(&dev, &input, in.data(), scratch.get()), LOAS_OK);
            loas_descriptor descriptor;
            loas_layer_descriptor(&layer, input.address, 0, &descriptor);
            EXPECT_EQ(descriptor.formats, spike_format | weight_format << 4);
            uint32_t ticket = 0;
            loas_completion record = {};
            ASSERT_EQ(loas_submit(&dev, &descriptor, &ticket), LOAS_OK);
            // without the work area in the output's block the mock answers UNMAPPED
            ASSERT_EQ(loas_wait(&dev, ticket, LOAS_WAIT_POLL, long_ns, &record), LOAS_OK)
                << formats << ": " << loas_status_text(record.status);
            std::vector<uint16_t> out(expected.size());
            ASSERT_EQ(loas_spike_tensor_read(&dev, &layer.output, out.data(), scratch.get()), LOAS_OK);
            EXPECT_EQ(out, expected) << formats;
            loas_layer_unload(&dev, &layer);
            loas_spike_tensor_destroy(&dev, &input);
            close();
        }
    }
}

TEST_F(formats, what_is_too_large_in_the_devices_formats_is_refused)
{
    // a pixel takes 132 bytes packed, 64 as a bitmap, 1032 as coordinates; the limit is 2,147,483,648 bytes
    auto config = loas_layer_config_default(65535, 240, 512, 1, 1);
    config.pool = 200; // a small output
    const std::vector<int8_t> weights(512, 1);
    const auto load = [&](unsigned spike_format, unsigned weight_format, const loas_layer_config& tried) {
        open(spike_format, weight_format);
        loas_layer layer = {};
        layer.config = tried;
        layer.weights = weights.data();
        scratch_memory scratch(loas_layer_scratch_least(&tried));
        const int result = loas_layer_load(&dev, &layer, scratch.get());
        loas_layer_unload(&dev, &layer);
        close();
        return result;
    };
    EXPECT_EQ(loas_layer_config_check(&config), LOAS_OK);
    EXPECT_EQ(load(LOAS_SPIKES_PACKED, LOAS_WEIGHTS_COLUMNS, config), LOAS_OK);
    EXPECT_EQ(load(LOAS_SPIKES_COORDINATES, LOAS_WEIGHTS_COLUMNS, config), LOAS_E_ARGUMENT);
    config.in_width = 250; // 2,162,655,000 bytes packed, 1,048,560,000 as a bitmap
    EXPECT_EQ(loas_layer_config_check(&config), LOAS_OK) << "allowed in another format";
    EXPECT_EQ(load(LOAS_SPIKES_PACKED, LOAS_WEIGHTS_COLUMNS, config), LOAS_E_ARGUMENT);
    EXPECT_EQ(load(LOAS_SPIKES_BITMAP, LOAS_WEIGHTS_COLUMNS, config), LOAS_OK);
    config.in_width = 600;
    EXPECT_EQ(loas_layer_config_check(&config), LOAS_E_ARGUMENT) << "too large in all formats";
}

} // namespace
