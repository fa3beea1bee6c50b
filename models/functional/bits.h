// Bit masks in 64-bit words, low bit first.
#pragma once

#include <cstddef>
#include <cstdint>

namespace loas::functional
{

constexpr std::size_t words_of(std::size_t bits)
{
    return (bits + 63) / 64;
}

/// Chunks of chunk_bits that hold `bits` bits.
constexpr std::size_t chunks_of(std::size_t bits, std::size_t chunk_bits)
{
    return (bits + chunk_bits - 1) / chunk_bits;
}

inline unsigned popcount(std::uint64_t word)
{
    return static_cast<unsigned>(__builtin_popcountll(word));
}

/// Position of the lowest set bit; the word must not be 0.
inline unsigned lowest_bit(std::uint64_t word)
{
    return static_cast<unsigned>(__builtin_ctzll(word));
}

/// The `count` lowest bits set, count 0..64.
constexpr std::uint64_t low_bits(unsigned count)
{
    return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

/// Number of set bits in words[0..count).
inline std::size_t popcount(const std::uint64_t* words, std::size_t count)
{
    std::size_t total = 0;
    for (std::size_t i = 0; i < count; ++i)
        total += popcount(words[i]);
    return total;
}

/// Writes the low `bits` bits of `source` at bit `position` of `destination`, whose bits from there on are still 0.
inline void append_bits(std::uint64_t* destination, std::size_t position, const std::uint64_t* source, std::size_t bits)
{
    const unsigned shift = position % 64;
    std::uint64_t* out = destination + position / 64;
    for (; bits > 0; ++out, ++source) {
        const unsigned taken = bits < 64 ? static_cast<unsigned>(bits) : 64U;
        const std::uint64_t word = *source & low_bits(taken);
        *out |= word << shift;
        if (shift + taken > 64)
            out[1] |= word >> (64 - shift);
        bits -= taken;
    }
}

} // namespace loas::functional
