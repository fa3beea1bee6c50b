#include "models/functional/bits.h"
#include "models/functional/layer_shape.h"
#include "models/functional/lif_lanes.h"
#include "models/functional/neuron.h"
#include "models/functional/random_source.h"
#include "models/functional/spike_words.h"

#include "platform/reference/reference.h"
#include "tests/support/random.h"
#include "tests/support/random_layer.h"
#include "tests/support/vector_targets.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

using namespace loas;
using loas::support::random_source;

TEST(bits, append_at_any_position)
{
    random_source random(1);
    for (int round = 0; round < 200; ++round) {
        const std::size_t bits = random.below(300);
        const std::size_t position = random.below(200);
        std::vector<std::uint64_t> source(functional::words_of(bits) + 1);
        for (auto& word : source)
            word = random.next(); // bits past the length must not leak
        std::vector<std::uint64_t> destination(functional::words_of(position + bits) + 1);
        functional::append_bits(destination.data(), position, source.data(), bits);
        for (std::size_t i = 0; i < destination.size() * 64; ++i) {
            const bool inside = i >= position && i < position + bits;
            const bool expected = inside && (source[(i - position) / 64] >> (i - position) % 64 & 1) != 0;
            ASSERT_EQ((destination[i / 64] >> i % 64 & 1) != 0, expected) << "bit " << i;
        }
    }
}

TEST(bits, low_bits_ends)
{
    EXPECT_EQ(functional::low_bits(0), 0u);
    EXPECT_EQ(functional::low_bits(1), 1u);
    EXPECT_EQ(functional::low_bits(64), ~std::uint64_t{0});
}

TEST(spike_words, layout_by_hand)
{
    // T = 3, words 5, 2, 7: 101, 010, 111 low bits first give bits 101 010 111 -> byte 0 = 0b11010101, byte 1 = 1.
    const std::uint16_t words[] = {5, 2, 7};
    std::uint8_t packed[2] = {0xFF, 0xFF};
    functional::pack_words(words, 3, 3, packed);
    EXPECT_EQ(packed[0], 0xD5);
    EXPECT_EQ(packed[1], 0x01);
    EXPECT_EQ(functional::packed_bytes(3, 3), 2u);
    EXPECT_EQ(functional::packed_bytes(0, 16), 0u);
}

TEST(spike_words, round_trip_for_every_width)
{
    random_source random(2);
    for (unsigned timesteps = 1; timesteps <= 16; ++timesteps)
        for (std::size_t count = 0; count < 40; ++count) {
            std::vector<std::uint16_t> words(count), back(count);
            for (auto& word : words)
                word = static_cast<std::uint16_t>(random.below(std::uint64_t{1} << timesteps));
            std::vector<std::uint8_t> packed(functional::packed_bytes(count, timesteps));
            functional::pack_words(words.data(), count, timesteps, packed.data());
            functional::unpack_words(packed.data(), count, timesteps, back.data());
            ASSERT_EQ(words, back) << "T = " << timesteps;
        }
}

TEST(neuron, by_hand)
{
    // threshold 10, leak 1/2. X: 8, 4+7=11 -> spike, 0+(-5)=-5, floor(-2.5)=-3 + 14 = 11 -> spike
    const std::int32_t currents[] = {8, 7, -5, 14};
    EXPECT_EQ(functional::lif(currents, 4, {10, 128}), 0b1010);
    // Soft reset keeps (11 - 10) / 2 -> 0 after the first spike: the same here; with threshold 3 it differs:
    // X: 8 spike, U = floor(5 / 2) = 2; 9 spike, U = 3; -2, U = -1; 13 spike
    EXPECT_EQ(functional::lif(currents, 4, {3, 128, functional::neuron_reset::soft}), 0b1011);
    // Exactly the threshold is no spike.
    const std::int32_t equal[] = {10};
    EXPECT_EQ(functional::lif(equal, 1, {10, 256}), 0);
}

// Halves go up, also below 0; the ends of int32 do not wrap.
TEST(neuron, relu_by_hand)
{
    using functional::relu;
    EXPECT_EQ(relu(-1, 0), 0);
    EXPECT_EQ(relu(255, 0), 255);
    EXPECT_EQ(relu(256, 0), 255);
    EXPECT_EQ(relu(7, 4), 0);
    EXPECT_EQ(relu(8, 4), 1);
    EXPECT_EQ(relu(-8, 4), 0);
    EXPECT_EQ(relu(23, 4), 1);
    EXPECT_EQ(relu(24, 4), 2);
    EXPECT_EQ(relu(255 * 16 + 7, 4), 255);
    EXPECT_EQ(relu(INT32_MAX, 31), 1);
    EXPECT_EQ(relu(INT32_MAX, 24), 128);
    EXPECT_EQ(relu(INT32_MIN, 31), 0);
}

TEST(neuron, relu_equals_golden)
{
    support::random_source random(8);
    reference::reference_layer layer;
    layer.bytes = true;
    layer.spikes = {0};
    layer.weights = {0};
    for (int i = 0; i < 2000; ++i) {
        layer.shift = random.between_unsigned(0, 31);
        layer.bias = {static_cast<std::int32_t>(random.between(INT32_MIN, INT32_MAX) >> random.below(31))};
        EXPECT_EQ(functional::relu(layer.bias[0], layer.shift), reference::run_reference(layer).spikes[0])
            << layer.bias[0] << " >> " << layer.shift;
    }
}

TEST(neuron, equals_golden)
{
    random_source random(3);
    for (int round = 0; round < 2000; ++round) {
        reference::reference_layer layer;
        layer.timesteps = random.between_unsigned(1, 16);
        layer.in_channels = 16;
        layer.leak_q8 = random.between_unsigned(0, 256);
        layer.threshold = static_cast<std::int32_t>(random.between(-300, 300));
        const unsigned reset = random.between_unsigned(0, 2);
        layer.reset = static_cast<reference::neuron_reset>(reset);
        for (unsigned i = 0; i < layer.in_channels; ++i) {
            layer.spikes.push_back(static_cast<std::uint16_t>(random.below(std::uint64_t{1} << layer.timesteps)));
            layer.weights.push_back(static_cast<std::int8_t>(random.between(-128, 127)));
        }
        std::vector<std::int32_t> currents(layer.timesteps);
        for (unsigned t = 0; t < layer.timesteps; ++t)
            for (unsigned i = 0; i < layer.in_channels; ++i)
                currents[t] += (layer.spikes[i] >> t & 1) * layer.weights[i];
        ASSERT_EQ(functional::lif(currents.data(), layer.timesteps,
                                  {layer.threshold, layer.leak_q8, static_cast<functional::neuron_reset>(reset)}),
                  reference::run_reference(layer).spikes[0]);
    }
}

TEST(layer_shape, convolution_with_pooling)
{
    loas_descriptor d{};
    d.timesteps = 4;
    d.in_height = 7;
    d.in_width = 9;
    d.in_channels = 5;
    d.out_channels = 3;
    d.kernel_h = 3;
    d.kernel_w = 2;
    d.stride_h = 2;
    d.stride_w = 1;
    d.pad_h = 1;
    d.pad_w = 0;
    d.pool = 3;
    const functional::layer_shape shape(d);
    EXPECT_EQ(shape.out_height, 4u); // (7 + 2 - 3) / 2 + 1
    EXPECT_EQ(shape.out_width, 8u);  // (9 - 2) / 1 + 1
    EXPECT_EQ(shape.k, 30u);
    EXPECT_EQ(shape.pooled_height, 1u);
    EXPECT_EQ(shape.pooled_width, 2u);
    // Window after window; the fourth row of pixels and columns 6, 7 belong to none.
    const std::vector<std::uint32_t> order = functional::row_order(shape);
    const std::vector<std::uint32_t> expected = {0, 1, 2, 8, 9, 10, 16, 17, 18, 3, 4, 5, 11, 12, 13, 19, 20, 21};
    EXPECT_EQ(order, expected);
    for (std::size_t i = 0; i < order.size(); ++i)
        EXPECT_EQ(functional::window_of(shape, order[i]), i / 9);
}

namespace
{

functional::layer_shape convolution(unsigned height, unsigned width, unsigned channels, unsigned kernel,
                                    unsigned stride, unsigned pad)
{
    loas_descriptor d{};
    d.in_height = static_cast<std::uint16_t>(height);
    d.in_width = static_cast<std::uint16_t>(width);
    d.in_channels = static_cast<std::uint16_t>(channels);
    d.kernel_h = d.kernel_w = static_cast<std::uint8_t>(kernel);
    d.stride_h = d.stride_w = static_cast<std::uint8_t>(stride);
    d.pad_h = d.pad_w = static_cast<std::uint8_t>(pad);
    d.pool = 1;
    return functional::layer_shape(d);
}

using run = std::array<std::uint64_t, 3>; // first pixel, count, position

std::vector<run> runs_of(const functional::layer_shape& shape, std::uint64_t row)
{
    std::vector<functional::pixel_run> runs = {{99, 99, 99}}; // what was there before is gone
    functional::gather_runs(shape, row, runs);
    std::vector<run> all;
    for (const functional::pixel_run& each : runs)
        all.push_back({each.first_pixel, each.count, each.position});
    return all;
}

} // namespace

// 4 x 5 pixels of 3 channels, kernel 3 x 3, stride 2, padding 1: 2 x 3 rows of the product.
TEST(gather_runs, by_hand)
{
    const functional::layer_shape shape = convolution(4, 5, 3, 3, 2, 1);
    ASSERT_EQ(shape.m, 6u);
    // Top left: the kernel's first row and column lie in the padding.
    EXPECT_EQ(runs_of(shape, 0), (std::vector<run>{{0, 2, 12}, {5, 2, 21}}));
    EXPECT_EQ(runs_of(shape, 2), (std::vector<run>{{3, 2, 9}, {8, 2, 18}}));
    // In the middle of the second row: whole kernel rows.
    EXPECT_EQ(runs_of(shape, 4), (std::vector<run>{{6, 3, 0}, {11, 3, 9}, {16, 3, 18}}));
    EXPECT_EQ(runs_of(shape, 5), (std::vector<run>{{8, 2, 0}, {13, 2, 9}, {18, 2, 18}}));
}

TEST(gather_runs, of_a_window_in_the_padding_are_none)
{
    const functional::layer_shape shape = convolution(1, 1, 4, 1, 1, 1);
    ASSERT_EQ(shape.m, 9u);
    for (std::uint64_t row = 0; row < 9; ++row)
        EXPECT_EQ(runs_of(shape, row), row == 4 ? (std::vector<run>{{0, 1, 0}}) : std::vector<run>()) << row;
}

TEST(gather_runs, of_a_plain_matrix_are_its_rows)
{
    loas_descriptor d{};
    d.in_height = 7;
    d.in_channels = 100;
    d.in_width = d.kernel_h = d.kernel_w = d.stride_h = d.stride_w = d.pool = 1;
    for (std::uint64_t row = 0; row < 7; ++row)
        EXPECT_EQ(runs_of(functional::layer_shape(d), row), (std::vector<run>{{row, 1, 0}}));
}

// Small currents, which are computed in 32 bits, and large ones, which are not; and those between.
TEST(neuron, sixteen_lanes_equal_one)
{
    support::on_each_vector_unit([] {
        random_source random(7);
        constexpr std::size_t lanes = functional::lanes_together, step = lanes + 3;
        for (int round = 0; round < 2000; ++round) {
            const unsigned timesteps = random.between_unsigned(1, 16), bits = random.between_unsigned(4, 32);
            const auto number = [&] { return static_cast<std::int32_t>(random.next()) >> (32 - bits); };
            functional::neuron_parameters neuron;
            neuron.threshold = random.chance(1, 8) ? number() : number() / 8;
            neuron.leak_q8 = random.between_unsigned(0, 256);
            neuron.reset = static_cast<functional::neuron_reset>(random.between_unsigned(0, 2));
            std::vector<std::int32_t> currents(timesteps * step);
            for (std::int32_t& each : currents)
                each = random.chance(1, 50) ? random.pick({INT32_MIN, INT32_MAX, 1 << 18, -(1 << 18)}) : number();
            std::uint16_t words[2 * lanes] = {};
            functional::lif(currents.data(), step, timesteps, neuron, words, 2);
            for (std::size_t lane = 0; lane < lanes; ++lane) {
                std::vector<std::int32_t> own;
                for (unsigned t = 0; t < timesteps; ++t)
                    own.push_back(currents[t * step + lane]);
                ASSERT_EQ(words[2 * lane], functional::lif(own.data(), timesteps, neuron)) << "round " << round;
            }
        }
    });
}

TEST(random_lanes, are_stretches_of_the_source)
{
    for (const std::uint64_t stretch : {0U, 1U, 2U, 63U, 1000U, 12345U}) {
        functional::random_source source(stretch);
        functional::random_lanes lanes(source, stretch);
        std::vector<std::uint64_t> expected(stretch * functional::random_lanes::count + 50);
        for (std::uint64_t& each : expected)
            each = source.next();
        for (std::uint64_t step = 0; step < 50; ++step) {
            functional::random_lanes::numbers numbers;
            lanes.next(numbers);
            for (unsigned i = 0; i < functional::random_lanes::count; ++i)
                ASSERT_EQ(numbers[i], expected[i * stretch + step]) << "lane " << i << " of " << stretch;
        }
    }
}
