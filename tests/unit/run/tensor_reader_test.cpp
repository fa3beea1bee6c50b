// What the runtime packs and what the audit reads, two pieces of code that share nothing but the contract, agree.
#include "platform/run/tensor_reader.h"

#include "runtime/loas_runtime.h"
#include "tests/support/random.h"
#include "tests/unit/sw/mock_device.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace loas;
using loas_test::mock_device;

namespace
{

/// A device of any formats whose memory the audit may read.
struct device {
    mock_device mock;
    loas_device driver{};

    device(unsigned spike_format, unsigned weight_format)
    {
        mock.formats = spike_format | weight_format << LOAS_FORMATS_WEIGHTS_SHIFT;
        EXPECT_EQ(loas_device_probe(&driver, mock.hal(), mock_device::register_base), LOAS_OK);
    }

    run::memory_reader reader()
    {
        return [this](std::uint64_t address, void* data, std::size_t count) {
            if (address < mock_device::memory_base ||
                address - mock_device::memory_base > mock_device::memory_bytes - count)
                return false;
            const std::vector<std::uint8_t> bytes = mock.device_bytes(address, count);
            std::copy(bytes.begin(), bytes.end(), static_cast<std::uint8_t*>(data));
            return true;
        };
    }
};

/// Pixel 0 is silent, pixel 1 spikes everywhere, the others at random.
std::vector<std::uint16_t> words_of(support::random_source& random, unsigned pixels, unsigned channels,
                                    unsigned timesteps)
{
    const unsigned all = (1U << timesteps) - 1;
    std::vector<std::uint16_t> words(std::size_t{pixels} * channels);
    for (std::size_t i = channels; i < words.size(); ++i)
        words[i] = static_cast<std::uint16_t>(i < 2 * channels ? all : random.next() & random.next() & all);
    return words;
}

} // namespace

TEST(tensor_reader, reads_the_spikes_that_the_runtime_packs)
{
    support::random_source random(3);
    std::vector<std::uint8_t> memory(1 << 20);
    for (unsigned format = 0; format < LOAS_SPIKES_COUNT; ++format) {
        device device(format, LOAS_WEIGHTS_COLUMNS);
        const unsigned most = loas_format_is_bytes(format) != 0 ? 1 : LOAS_MAX_TIMESTEPS;
        for (unsigned timesteps = 1; timesteps <= most; ++timesteps) {
            for (const unsigned channels : {1U, 255U, 256U, 257U, 300U}) {
                loas_spike_tensor tensor;
                ASSERT_EQ(loas_spike_tensor_create(&device.driver, &tensor, 2, 2, channels, timesteps), LOAS_OK);
                const std::vector<std::uint16_t> words = words_of(
                    random, 4, channels, static_cast<unsigned>(loas_word_bits(format, timesteps)));
                ASSERT_EQ(
                    loas_spike_tensor_write(&device.driver, &tensor, words.data(), {memory.data(), memory.size()}),
                    LOAS_OK);
                EXPECT_EQ(run::read_spike_tensor(device.reader(), format, tensor.address, 4, channels, timesteps),
                          words)
                    << format << ", T = " << timesteps << ", " << channels << " channels";
                loas_spike_tensor_destroy(&device.driver, &tensor);
            }
        }
    }
}

TEST(tensor_reader, reads_the_weights_that_the_runtime_packs)
{
    support::random_source random(4);
    std::vector<std::uint8_t> memory(1 << 20);
    for (unsigned format = 0; format < LOAS_WEIGHTS_COUNT; ++format) {
        device device(LOAS_SPIKES_PACKED, format);
        for (const unsigned columns : {1U, 2U, 255U, 256U, 257U, 300U}) {
            for (const unsigned inputs : {1U, 3U, 65U}) {
                std::vector<std::int8_t> weights(std::size_t{columns} * inputs);
                for (std::size_t i = 0; i < weights.size(); ++i) {
                    const std::size_t k = i % inputs; // row 0 is full, row 1 and column 0 are empty but for that
                    const bool present = k == 0 || (k > 1 && i >= inputs && random.below(3) == 0);
                    weights[i] = static_cast<std::int8_t>(present ? random.between(1, 127) * (i % 2 == 0 ? 1 : -1) : 0);
                }
                loas_weight_tensor tensor;
                ASSERT_EQ(loas_weight_tensor_create(&device.driver, &tensor, weights.data(), columns, inputs,
                                                    {memory.data(), memory.size()}),
                          LOAS_OK);
                EXPECT_EQ(run::read_weight_tensor(device.reader(), format, tensor.address, columns, inputs), weights)
                    << format << ", " << columns << " columns, K = " << inputs;
                const functional::bit_matrix found =
                    run::read_non_zero_weights(device.reader(), format, tensor.address, columns, inputs);
                const functional::bit_matrix expected = functional::non_zeros_of(weights, columns, inputs);
                for (std::size_t n = 0; n < columns; ++n)
                    EXPECT_TRUE(
                        std::equal(expected.row(n), expected.row(n) + functional::words_of(inputs), found.row(n)));
                const auto zeros = std::count(weights.begin(), weights.end(), std::int8_t{0});
                EXPECT_EQ(tensor.non_zero, weights.size() - static_cast<std::size_t>(zeros));
                loas_weight_tensor_destroy(&device.driver, &tensor);
            }
        }
    }
}

// Masks of 3 channels and of 65 inputs end within a byte; the bits that fill it up are nobody's, as for the hardware. Read
// as they stand they would be the first channel of the next pixel, the first input of the next column.
TEST(tensor_reader, bits_past_the_end_of_a_mask_are_not_read)
{
    device device(LOAS_SPIKES_PACKED, LOAS_WEIGHTS_COLUMNS);
    std::vector<std::uint8_t> memory(1 << 16);
    loas_spike_tensor spikes;
    ASSERT_EQ(loas_spike_tensor_create(&device.driver, &spikes, 2, 1, 3, 2), LOAS_OK);
    const std::vector<std::uint16_t> words = {1, 0, 2, 0, 0, 0};
    ASSERT_EQ(loas_spike_tensor_write(&device.driver, &spikes, words.data(), {memory.data(), memory.size()}), LOAS_OK);
    device.mock.poke(spikes.address, {0x05 | 0x08}); // channels 0 and 2
    EXPECT_EQ(run::read_spike_tensor(device.reader(), LOAS_SPIKES_PACKED, spikes.address, 2, 3, 2), words);
    loas_spike_tensor_destroy(&device.driver, &spikes);
    std::vector<std::int8_t> weights(2 * 65, 0);
    weights[2] = 5;
    weights[64] = -7;
    loas_weight_tensor tensor;
    ASSERT_EQ(loas_weight_tensor_create(&device.driver, &tensor, weights.data(), 2, 65, {memory.data(), memory.size()}),
              LOAS_OK);
    device.mock.poke(tensor.address + 8, {0x01 | 0x02}); // input 64
    EXPECT_EQ(run::read_weight_tensor(device.reader(), LOAS_WEIGHTS_COLUMNS, tensor.address, 2, 65), weights);
    loas_weight_tensor_destroy(&device.driver, &tensor);
}

// A corrupt fiber belongs to a pixel that no row uses, or the layer failed: it is empty, and the others are read.
TEST(tensor_reader, a_corrupt_fiber_is_empty)
{
    device device(LOAS_SPIKES_COORDINATES, LOAS_WEIGHTS_COLUMNS);
    std::vector<std::uint8_t> memory(1 << 16);
    loas_spike_tensor tensor;
    ASSERT_EQ(loas_spike_tensor_create(&device.driver, &tensor, 2, 1, 10, 1), LOAS_OK);
    const std::vector<std::uint16_t> words(20, 1);
    std::vector<std::uint16_t> second_only = words;
    std::fill(second_only.begin(), second_only.begin() + 10, std::uint16_t{0});
    const std::uint64_t values = loas_spike_layout(LOAS_SPIKES_COORDINATES, 2, 10, 1).values_offset;
    const std::pair<std::uint64_t, std::vector<std::uint8_t>> spoilt[] = {
        {0, {0xFF, 0xFF, 0xFF, 0xFF}}, // offset
        {4, {11, 0, 0, 0}},            // number
        {4, {0xFF, 0xFF, 0xFF, 0xFF}},
        {values + 9, {10}}, // channel
    };
    for (const auto& [at, bytes] : spoilt) {
        ASSERT_EQ(loas_spike_tensor_write(&device.driver, &tensor, words.data(), {memory.data(), memory.size()}),
                  LOAS_OK);
        EXPECT_EQ(run::read_spike_tensor(device.reader(), tensor.format, tensor.address, 2, 10, 1), words);
        device.mock.poke(tensor.address + at, bytes);
        EXPECT_EQ(run::read_spike_tensor(device.reader(), tensor.format, tensor.address, 2, 10, 1), second_only) << at;
    }
    EXPECT_THROW(run::read_spike_tensor(device.reader(), tensor.format, 0x1000, 2, 10, 1), std::runtime_error);
    loas_spike_tensor_destroy(&device.driver, &tensor);
}
