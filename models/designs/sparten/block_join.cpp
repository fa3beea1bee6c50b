#include "models/designs/sparten/block_join.h"

#include "models/functional/bits.h"
#include "models/functional/lanes.h"

#include <cstring>

namespace loas::designs
{

/// Transposes all 32 x 32 squares of bits that lie side by side, by swapping ever smaller squares across the diagonal;
/// then puts these squares one behind the other.
LOAS_FOR_ALL_VECTOR_UNITS void transpose_blocks(std::uint32_t* bits, std::size_t words)
{
    std::uint32_t mask = 0xFFFF;
    for (std::size_t size = 16; size != 0; size /= 2, mask ^= mask << size)
        for (std::size_t row = 0; row < rows_of_word; row = (row + size + 1) & ~size) {
            std::uint32_t *upper = bits + row * words, *lower = bits + (row + size) * words;
            for (std::size_t word = 0; word < words; ++word) {
                const std::uint32_t swapped = (upper[word] >> size ^ lower[word]) & mask;
                upper[word] ^= swapped << size;
                lower[word] ^= swapped;
            }
        }
    std::uint32_t turned[rows_of_word * max_words];
    for (std::size_t word = 0; word < words; ++word)
        for (std::size_t input = 0; input < rows_of_word; ++input)
            turned[word * rows_of_word + input] = bits[input * words + word];
    std::memcpy(bits, turned, rows_of_word * words * sizeof turned[0]);
}

LOAS_FOR_ALL_VECTOR_UNITS std::uint64_t join_rows(const chunk_weight* weights, std::size_t count,
                                                  const std::uint32_t* spikes, std::int32_t* sums,
                                                  std::uint32_t& matched)
{
    using lanes = std::int32_t __attribute__((vector_size(4 * rows_of_word / 2))); // two: no machine has longer ones
    constexpr lanes low = {1 << 0, 1 << 1, 1 << 2,  1 << 3,  1 << 4,  1 << 5,  1 << 6,  1 << 7,
                           1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15};
    lanes of[2];
    std::memcpy(of, sums, sizeof of);
    matched = 0;
    std::uint64_t matches = 0;
    for (const chunk_weight* each = weights; each != weights + count; ++each) {
        const std::uint32_t spiking = spikes[each->input];
        matches += functional::popcount(spiking);
        matched |= spiking;
        // K x 127 is below 2^31
        of[0] += (((lanes{} + static_cast<std::int32_t>(spiking & 0xFFFF)) & low) != 0) & each->weight;
        of[1] += (((lanes{} + static_cast<std::int32_t>(spiking >> 16)) & low) != 0) & each->weight;
    }
    std::memcpy(sums, of, sizeof of);
    return matches;
}

} // namespace loas::designs
