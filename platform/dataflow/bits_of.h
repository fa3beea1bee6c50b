// Bits of what an operand has, by how it lies in memory.
#pragma once

#include "platform/mapping/mapping.h"

#include <cstdint>

namespace loas::dataflow
{

/// Of a fiber: for each of its elements, and for each of its non-zeros.
struct fiber_bits {
    std::uint64_t element = 0, non_zero = 0;
};

inline constexpr unsigned coordinate_bits = 16;    ///< as in the contract's formats (sw/abi)
inline constexpr unsigned weight_bits = 8;
inline constexpr unsigned sum_bits = 32;           ///< partial sums and potentials, as the machines move them

fiber_bits spike_bits(stored how, unsigned word_timesteps);
fiber_bits weight_bits_of(stored how);

} // namespace loas::dataflow
