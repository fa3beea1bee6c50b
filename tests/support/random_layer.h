// Layers for randomised tests: always valid, small enough to run by the thousand, rich in corner cases.
#pragma once

#include "platform/reference/reference.h"

#include <cstdint>

namespace loas::support
{

/// Plain matrices and convolutions with M <= 70, K <= 700, N <= 150, T <= 16. The same seed gives the same layer
/// everywhere. Every current and every membrane potential that arises fits int32.
reference::reference_layer random_layer(std::uint64_t seed);

} // namespace loas::support
