#include "models/cost/published_rule.h"

#include <algorithm>

namespace loas::cost
{

// The matches of a row with all columns of a tile are, summed over its inputs, the columns that have a weight there.
// These numbers are kept in binary, digit by digit: a word for each digit of 64 inputs, of which a row takes its own.
tile_joins join_tiles(const functional::bit_matrix& rows, const functional::bit_matrix& columns,
                      const published_tile& tile)
{
    const std::size_t words = functional::words_of(rows.bits()), chunk_words = tile.inputs / 64;
    unsigned digits = 1;
    while (tile.columns >> digits != 0)
        ++digits;
    std::vector<std::uint64_t> counts(tiles_of(columns.rows(), tile.columns) * words * digits);
    for (std::size_t n = 0; n < columns.rows(); ++n)
        for (std::size_t i = 0; i < words; ++i) {
            std::uint64_t* digit = &counts[(n / tile.columns * words + i) * digits];
            for (std::uint64_t carry = columns.row(n)[i]; carry != 0; ++digit) {
                const std::uint64_t sum = *digit ^ carry;
                carry &= *digit;
                *digit = sum;
            }
        }
    tile_joins all;
    for (std::size_t m0 = 0; m0 < rows.rows(); m0 += tile.rows)
        for (std::size_t column_tile = 0; column_tile < counts.size(); column_tile += words * digits)
            for (std::size_t first = 0; first < words; first += chunk_words) {
                std::uint64_t slowest = 0;
                for (std::size_t m = m0; m < std::min(m0 + tile.rows, rows.rows()); ++m) {
                    std::uint64_t of_row = 0;
                    const std::uint64_t* digit = &counts[column_tile + first * digits];
                    for (std::size_t i = first; i < std::min(first + chunk_words, words); ++i)
                        for (unsigned d = 0; d < digits; ++d)
                            of_row += std::uint64_t{functional::popcount(rows.row(m)[i] & *digit++)} << d;
                    all.matches += of_row;
                    slowest = std::max(slowest, of_row);
                }
                all.cycles += slowest;
            }
    return all;
}

} // namespace loas::cost
