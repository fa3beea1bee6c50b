// Vectors: sums of four timesteps in one of four 32-bit lanes, which every compiler that builds this project knows.
#pragma once

#include <cstdint>
#include <cstring>

/// Compiles a function once for each kind of vector unit, of which the program takes the best that its machine has. Not
/// under a sanitizer: what chooses runs before that is ready.
#if defined(__x86_64__) && defined(__OPTIMIZE__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define LOAS_FOR_ALL_VECTOR_UNITS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LOAS_FOR_ALL_VECTOR_UNITS
#endif

namespace loas::functional
{

using four_lanes = std::int32_t __attribute__((vector_size(16)));

/// All ones in the lanes whose bits are set in the low four bits: a weight, masked by it, counts where a word spikes.
inline four_lanes lanes_of(unsigned bits)
{
    alignas(16) static constexpr std::int32_t table[16][4] = {
        {0, 0, 0, 0},   {-1, 0, 0, 0},   {0, -1, 0, 0},   {-1, -1, 0, 0},  {0, 0, -1, 0},  {-1, 0, -1, 0},
        {0, -1, -1, 0}, {-1, -1, -1, 0}, {0, 0, 0, -1},   {-1, 0, 0, -1},  {0, -1, 0, -1}, {-1, -1, 0, -1},
        {0, 0, -1, -1}, {-1, 0, -1, -1}, {0, -1, -1, -1}, {-1, -1, -1, -1}};
    four_lanes lanes;
    std::memcpy(&lanes, table[bits & 15], sizeof lanes);
    return lanes;
}

} // namespace loas::functional
