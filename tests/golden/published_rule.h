// The cycle accounting of the publication's own evaluation, counted pair by pair.
#pragma once

#include "platform/reference/reference.h"

#include <cstddef>
#include <cstdint>

namespace loas::golden
{

struct published_tile {
    std::size_t rows = 16;
    std::size_t k = 128;
    std::size_t columns = 32;
};

/// A tile costs the largest number of (non-silent input, non-zero weight) pairs among its rows; the sum over all
/// tiles of the unfolded product, whose inputs run (channel, kernel row, kernel column) with the channel slowest.
std::uint64_t published_cycles(const reference::reference_layer& layer, published_tile tile = {});

/// All (non-silent input, non-zero weight) pairs of the layer.
std::uint64_t published_matches(const reference::reference_layer& layer);

} // namespace loas::golden
