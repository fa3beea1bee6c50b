// Packed spike words: T bits each, low bits first, without gaps; sw/abi has the layout in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace loas::functional
{

constexpr std::size_t packed_bytes(std::size_t words, unsigned timesteps)
{
    return (words * timesteps + 7) / 8;
}

/// Reads `count` words of T = timesteps (1..16) bits from `packed`, packed_bytes(count, T) bytes long.
inline void unpack_words(const std::uint8_t* packed, std::size_t count, unsigned timesteps, std::uint16_t* words)
{
    const std::uint32_t mask = (1U << timesteps) - 1;
    std::uint32_t window = 0;
    unsigned held = 0; // bits in the window
    for (std::size_t i = 0; i < count; ++i) {
        for (; held < timesteps; held += 8)
            window |= static_cast<std::uint32_t>(*packed++) << held;
        words[i] = static_cast<std::uint16_t>(window & mask);
        window >>= timesteps;
        held -= timesteps;
    }
}

/// Writes `count` words of T bits to `packed`, packed_bytes(count, T) bytes, the last one filled up with zero bits.
inline void pack_words(const std::uint16_t* words, std::size_t count, unsigned timesteps, std::uint8_t* packed)
{
    std::uint32_t window = 0;
    unsigned held = 0;
    for (std::size_t i = 0; i < count; ++i) {
        window |= static_cast<std::uint32_t>(words[i]) << held;
        for (held += timesteps; held >= 8; held -= 8, window >>= 8)
            *packed++ = static_cast<std::uint8_t>(window);
    }
    if (held > 0)
        *packed = static_cast<std::uint8_t>(window);
}

/// The preprocessing of the publication ("FT"): words with exactly one spike become silent. Returns how many did.
inline std::uint64_t silence_single_spikes(std::vector<std::uint16_t>& words)
{
    std::uint64_t silenced = 0;
    for (std::uint16_t& word : words)
        if (word != 0 && (word & (word - 1)) == 0) {
            word = 0;
            ++silenced;
        }
    return silenced;
}

} // namespace loas::functional
