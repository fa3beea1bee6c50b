// The fast forms of the join's sums and of its timing against the plain ones, at random and at the extremes.
#include "models/compute/column_timing.h"
#include "models/compute/join_lanes.h"

#include "tests/support/random.h"
#include "tests/support/vector_targets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

using namespace loas;
using compute::column_timing;
namespace join_lanes = compute::join_lanes;

namespace
{

constexpr std::size_t lanes = join_lanes::lanes;

/// A column on inputs with random spikes; some are silent everywhere, some spike always.
struct random_column {
    unsigned timesteps, fours;
    std::vector<std::uint32_t> inputs;
    std::vector<std::int8_t> weights;
    std::vector<std::int16_t> where;

    random_column(support::random_source& random, std::size_t weight_count)
        : timesteps(random.between_unsigned(1, 16)), fours(timesteps <= 4 ? 1 : 4)
    {
        constexpr std::size_t all_inputs = 500;
        const std::size_t vectors = join_lanes::input_misses + 4 * fours;
        const unsigned always = (1U << timesteps) - 1;
        std::vector<std::uint16_t> words(all_inputs * lanes);
        for (std::uint16_t& word : words)
            word = static_cast<std::uint16_t>(random.pick({0U, always, random.between_unsigned(0, always)}));
        where.resize(all_inputs * vectors * lanes);
        join_lanes::spread_inputs(words.data(), all_inputs, timesteps, vectors, where.data());
        const bool extreme = random.chance(1, 3); // sums leave 16 bits if there are many
        for (std::size_t i = 0; i < weight_count; ++i) {
            inputs.push_back(random.between_unsigned(0, all_inputs - 1));
            const int weight = extreme ? -128 : static_cast<int>(random.between_unsigned(0, 255)) - 128;
            weights.push_back(static_cast<std::int8_t>(extreme && i % 1500 >= 1000 ? 127 : weight));
        }
    }
};

struct sums_of_column {
    std::vector<std::int32_t> sums;
    std::vector<std::uint16_t> matches;
    join_lanes::weight_counts counts;

    template <class Form>
    sums_of_column(const random_column& of, Form add)
        : sums((join_lanes::correction_sums + 4 * of.fours) * lanes, 12345), matches(of.weights.size() * lanes, 12345)
    {
        add({of.inputs.data(), of.weights.data(), of.weights.size(), of.where.data(), sums.data(), matches.data()},
            of.fours, counts);
    }
};

/// Random columns of at most 255 weights, whose sums fit 16 bits, and with wide ones also longer ones.
void expect_plain_sums(bool wide)
{
    support::random_source random(11);
    for (int round = 0; round < 100; ++round) {
        const std::size_t count =
            wide ? random.pick({0U, 1U, 255U, 256U, 511U, 5000U}) : random.pick({0U, 1U, 2U, 75U, 254U, 255U});
        const random_column column(random, count);
        const sums_of_column plain(column, join_lanes::add_column_plain);
        SCOPED_TRACE("round " + std::to_string(round) + ", weights " + std::to_string(count));
        support::on_each_vector_unit([&] {
            const sums_of_column fast(
                column, [&](const join_lanes::column_walk& walk, unsigned fours, join_lanes::weight_counts& counts) {
                    join_lanes::add_column(walk, fours, wide, counts);
                    if (!wide)
                        join_lanes::widen(walk.sums, join_lanes::correction_sums + 4 * fours);
                });
            ASSERT_EQ(fast.sums, plain.sums);
            ASSERT_EQ(fast.matches, plain.matches);
            ASSERT_EQ(fast.counts.matches, plain.counts.matches);
            ASSERT_EQ(fast.counts.corrections, plain.counts.corrections);
            ASSERT_EQ(fast.counts.correction_adds, plain.counts.correction_adds);
        });
        if (testing::Test::HasFailure())
            return;
    }
}

/// One accumulator after another, weight by weight.
std::int64_t narrow_sum(const random_column& of, std::size_t lane, std::size_t vector, unsigned bits, bool saturates)
{
    const std::int64_t half = std::int64_t{1} << (bits - 1);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < of.weights.size(); ++i) {
        const std::size_t at = of.inputs[i] * (join_lanes::input_misses + 4 * of.fours) + vector;
        if (of.where[at * lanes + lane] == 0)
            continue;
        sum += of.weights[i];
        if (saturates)
            sum = std::clamp(sum, -half, half - 1);
    }
    return saturates ? sum : ((sum + half) % (2 * half) + 2 * half) % (2 * half) - half;
}

TEST(join_lanes, narrow_accumulators_wrap_or_saturate)
{
    support::random_source random(12);
    for (int round = 0; round < 60; ++round) {
        const random_column column(random, random.pick({0U, 1U, 30U, 255U, 1000U}));
        const join_lanes::accumulators in{random.between_unsigned(2, 18), random.between_unsigned(2, 18)};
        sums_of_column saturating(column, join_lanes::add_column_plain), wrapping = saturating;
        join_lanes::saturate({column.inputs.data(), column.weights.data(), column.weights.size(), column.where.data(),
                              saturating.sums.data(), nullptr},
                             column.fours, in);
        join_lanes::wrap(wrapping.sums.data(), column.timesteps, in);
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const auto expect = [&](std::size_t sum, std::size_t vector, unsigned bits) {
                ASSERT_EQ(saturating.sums[sum * lanes + lane], narrow_sum(column, lane, vector, bits, true)) << round;
                ASSERT_EQ(wrapping.sums[sum * lanes + lane], narrow_sum(column, lane, vector, bits, false)) << round;
            };
            expect(join_lanes::pseudo_sum, join_lanes::input_matches, in.pseudo_bits);
            for (unsigned t = 0; t < column.timesteps; ++t)
                expect(join_lanes::correction_sums + t, join_lanes::input_misses + t, in.correction_bits);
        }
    }
}

/// Spike words of each lane, of which some are silent, some spike always, and what is to be of them.
void expect_spread_inputs()
{
    support::random_source random(13);
    for (const unsigned timesteps : {1U, 3U, 4U, 5U, 16U}) {
        constexpr std::size_t all_inputs = 40;
        const std::size_t vectors = join_lanes::input_misses + (timesteps <= 4 ? 4 : 16);
        const unsigned always = (1U << timesteps) - 1;
        std::vector<std::uint16_t> words(all_inputs * lanes);
        for (std::uint16_t& word : words)
            word = static_cast<std::uint16_t>(random.pick({0U, always, random.between_unsigned(0, always)}));
        std::vector<std::int16_t> where(all_inputs * vectors * lanes, 123), expected(where.size());
        for (std::size_t i = 0; i < all_inputs; ++i) {
            std::int16_t* of_input = &expected[i * vectors * lanes];
            std::uint64_t counts = 0; // matches, words that miss a spike << 20, missing spikes << 40
            for (std::size_t lane = 0; lane < lanes; ++lane) {
                const unsigned word = words[i * lanes + lane];
                if (word == 0)
                    continue;
                of_input[join_lanes::input_matches * lanes + lane] = -1;
                counts += 1 | std::uint64_t{word != always} << 20;
                for (unsigned t = 0; t < timesteps; ++t)
                    if ((word >> t & 1) == 0) {
                        of_input[(join_lanes::input_misses + t) * lanes + lane] = -1;
                        counts += std::uint64_t{1} << 40;
                    }
            }
            std::memcpy(of_input + join_lanes::input_counts * lanes, &counts, sizeof counts);
        }
        join_lanes::spread_inputs(words.data(), all_inputs, timesteps, vectors, where.data());
        for (std::size_t i = 0; i < all_inputs; ++i) { // of the counts' vector only the first 64 bits are
            std::int16_t* counts = &where[(i * vectors + join_lanes::input_counts) * lanes];
            std::fill(counts + 4, counts + lanes, std::int16_t{0});
        }
        ASSERT_EQ(where, expected) << timesteps << " timesteps";
        ASSERT_EQ(words, std::vector<std::uint16_t>(words.size())) << "words are left";
    }
}

void expect_chunk_counts()
{
    support::random_source random(14);
    constexpr std::size_t columns = 3, chunks = 5, column_step = 7 * lanes;
    std::vector<std::uint16_t> matches(columns * column_step);
    for (std::uint16_t& each : matches)
        each = static_cast<std::uint16_t>(random.pick({0U, 1U, 0xFFFFU, random.between_unsigned(0, 128)}));
    std::uint32_t all[lanes], with_matches[lanes];
    join_lanes::count_chunks(matches.data(), columns, column_step, chunks, all, with_matches);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        std::uint32_t sum = 0, any = 0;
        for (std::size_t column = 0; column < columns; ++column)
            for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
                const std::uint16_t here = matches[column * column_step + chunk * lanes + lane];
                sum += here;
                any += here != 0;
            }
        ASSERT_EQ(all[lane], sum);
        ASSERT_EQ(with_matches[lane], any);
    }
}

void expect_plain_timing()
{
    support::random_source random(12);
    for (int round = 0; round < 300; ++round) {
        compute::join_parameters parameters;
        parameters.fast_latency = random.between_unsigned(1, 4);
        parameters.laggy_latency = parameters.laggy_interval = random.between_unsigned(1, 32);
        parameters.fifo_depth = random.between_unsigned(2, parameters.laggy_interval + 1);
        parameters.empty_join_cycles = random.between_unsigned(0, 3);
        constexpr unsigned chunk_bits = 128;
        parameters.weight_buffer_bytes = chunk_bits;
        ASSERT_TRUE(column_timing::applies_to(parameters, chunk_bits));
        const std::size_t chunks = random.pick({0U, 1U, 2U, 36U, 90U, 200U}); // 200: too long for lanes of 16 bits
        std::vector<std::uint16_t> matches(chunks * lanes);
        for (std::uint16_t& each : matches)
            each = static_cast<std::uint16_t>(random.pick({0U, 1U, chunk_bits, random.between_unsigned(0, 20)}));
        column_timing::result fast, plain;
        const column_timing timing(parameters);
        timing.join(matches.data(), chunks, chunk_bits, fast);
        timing.join_plain(matches.data(), chunks, plain);
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            ASSERT_EQ(fast.cycles[lane], plain.cycles[lane]) << "round " << round << ", unit " << lane;
            ASSERT_EQ(fast.fifo_full[lane], plain.fifo_full[lane]) << "round " << round << ", unit " << lane;
        }
    }
}

} // namespace

TEST(join_lanes, sums_of_16_bits_equal_the_plain_ones)
{
    expect_plain_sums(false);
}

TEST(join_lanes, sums_of_32_bits_equal_the_plain_ones)
{
    expect_plain_sums(true);
}

TEST(join_lanes, inputs_are_spread_as_word_by_word)
{
    support::on_each_vector_unit(expect_spread_inputs);
}

TEST(join_lanes, chunks_are_counted_as_lane_by_lane)
{
    support::on_each_vector_unit(expect_chunk_counts);
}

TEST(column_timing, of_all_units_equals_the_plain_one)
{
    support::on_each_vector_unit(expect_plain_timing);
}
