// A chunk of a column against a block of rows of bits or bytes, the function only: each weight meets the inputs of all
// rows at once. No SystemC.
#pragma once

#include "models/functional/span.h"

#include <cstddef>
#include <cstdint>

namespace loas::designs
{

/// Rows whose bits are one word.
constexpr std::size_t rows_of_word = 32;

constexpr std::size_t max_words = 16;

/// Makes of the bits of 32 rows, [row][words of inputs], for each input the bits of the rows, [input]. words: at most
/// max_words.
void transpose_blocks(std::uint32_t* bits, std::size_t words);

/// A chunk of a column as it comes.
struct column_chunk {
    functional::span<const std::uint64_t> mask;
    functional::span<const std::int8_t> weights; ///< one for each bit of the mask
};

/// A weight that is not zero, and its input in the chunk.
struct chunk_weight {
    std::uint32_t input;
    std::int32_t weight;
};

/// Adds each weight to the sums of the rows, 32, that spike at its input; spikes: of each input, a bit a row. Returns
/// the matches, and in `matched` the rows that have one.
std::uint64_t join_rows(const chunk_weight* weights, std::size_t count, const std::uint32_t* spikes, std::int32_t* sums,
                        std::uint32_t& matched);
/// The same of rows of bytes: a weight is multiplied by the row's value. values: [input][row], 0 where there is none.
/// Sums wrap in 32 bits.
std::uint64_t join_rows(const chunk_weight* weights, std::size_t count, const std::uint32_t* there,
                        const std::uint8_t* values, std::int32_t* sums, std::uint32_t& matched);

} // namespace loas::designs
