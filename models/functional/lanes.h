// Sums of four timesteps in one vector of four 32-bit lanes, which every compiler that builds this project knows.
#pragma once

#include <cstdint>
#include <cstring>

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
