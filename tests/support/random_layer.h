// Layers for randomised tests: always valid, small enough to run by the thousand, rich in corner cases.
#pragma once

#include "platform/reference/reference.h"

#include <cstdint>

namespace loas::support
{

/// Plain matrices and convolutions with M <= 70, K <= 700, N <= 150, T <= 16. The same seed gives the same layer
/// everywhere. Every current and every membrane potential that arises fits int32.
reference::reference_layer random_layer(std::uint64_t seed);

/// Potentials to begin with, extreme ones too; none for a layer of currents.
void draw_potentials(std::uint64_t seed, reference::reference_layer& layer);

/// A threshold for each column, extreme ones too; none for a layer of currents.
void draw_thresholds(std::uint64_t seed, reference::reference_layer& layer);

/// Makes a layer of bytes of it, for ReLU: where it has a spike there is a byte, all values alike, T is 1; currents stay
/// currents. Sums still fit int32; shifts are such that outputs are often neither 0 nor 255, and sometimes any.
void make_bytes(std::uint64_t seed, reference::reference_layer& layer);

} // namespace loas::support
