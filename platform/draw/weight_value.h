// The value of a weight that is not zero.
#pragma once

#include "models/functional/random_source.h"

#include <algorithm>
#include <cstdint>

namespace loas::draw
{

/// The magnitude is triangular over 1..127 (small ones are common, as in trained layers), the sign a coin.
inline std::int8_t draw_weight_value(functional::random_source& random)
{
    const std::uint64_t one = random.below(127), other = random.below(127); // the smaller of two is triangular
    const auto magnitude = static_cast<int>(std::min(one, other)) + 1;
    return static_cast<std::int8_t>(random.chance(1, 2) ? magnitude : -magnitude);
}

} // namespace loas::draw
