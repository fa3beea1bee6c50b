// A chunk against a block of rows, against the join that takes row after row and bit after bit.
#include "models/designs/sparten/block_join.h"

#include "tests/support/random.h"
#include "tests/support/vector_targets.h"

#include <gtest/gtest.h>

#include <vector>

using namespace loas;
using namespace loas::designs;

TEST(block_join, equals_the_join_bit_by_bit)
{
    support::on_each_vector_unit([] {
        support::random_source random(3);
        for (int round = 0; round < 200; ++round) {
            const std::size_t words = random.between_unsigned(1, max_words), inputs = 32 * words;
            const unsigned percent = random.pick({0U, 5U, 50U, 100U});
            std::vector<std::uint32_t> bits(rows_of_word * words);
            for (std::size_t i = 0; i < rows_of_word * inputs; ++i)
                if (random.chance(percent, 100))
                    bits[i / 32] |= 1U << i % 32;
            std::vector<chunk_weight> weights;
            for (std::uint32_t input = 0; input < inputs; ++input)
                if (random.chance(1, 8))
                    weights.push_back({input, static_cast<std::int32_t>(random.between(-128, 127))});
            std::vector<std::int32_t> sums(rows_of_word), expected_sums(rows_of_word);
            for (std::size_t row = 0; row < rows_of_word; ++row)
                sums[row] = expected_sums[row] = static_cast<std::int32_t>(random.between(-9999, 9999));
            std::uint64_t expected_matches = 0;
            std::uint32_t expected_matched = 0;
            for (std::size_t row = 0; row < rows_of_word; ++row)
                for (const chunk_weight& each : weights)
                    if ((bits[row * words + each.input / 32] >> each.input % 32 & 1) != 0) {
                        expected_sums[row] += each.weight;
                        ++expected_matches;
                        expected_matched |= 1U << row;
                    }

            std::vector<std::uint8_t> values(inputs * rows_of_word);
            std::vector<std::int32_t> products = sums, expected_products = sums;
            for (std::size_t row = 0; row < rows_of_word; ++row)
                for (std::size_t input = 0; input < inputs; ++input)
                    if ((bits[row * words + input / 32] >> input % 32 & 1) != 0)
                        values[input * rows_of_word + row] = static_cast<std::uint8_t>(random.below(256));
            for (std::size_t row = 0; row < rows_of_word; ++row)
                for (const chunk_weight& each : weights)
                    expected_products[row] += each.weight * values[each.input * rows_of_word + row];

            transpose_blocks(bits.data(), words);
            std::uint32_t matched = 0xDEAD;
            EXPECT_EQ(join_rows(weights.data(), weights.size(), bits.data(), values.data(), products.data(), matched),
                      expected_matches);
            EXPECT_EQ(matched, expected_matched);
            EXPECT_EQ(products, expected_products);
            matched = 0xDEAD;
            EXPECT_EQ(join_rows(weights.data(), weights.size(), bits.data(), sums.data(), matched), expected_matches);
            EXPECT_EQ(matched, expected_matched);
            EXPECT_EQ(sums, expected_sums);
        }
    });
}
