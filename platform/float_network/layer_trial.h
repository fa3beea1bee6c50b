// One layer of a network by itself, many times with other weights: what the golden model gives, but with its sums taken
// over what spikes only.
#pragma once

#include "platform/reference/reference.h"

#include <cstdint>
#include <vector>

namespace loas::float_network
{

/// What a layer takes of one input: spikes in blocks of timesteps, or of the encoder numbers.
struct layer_input {
    std::vector<reference::reference_input> blocks;
    std::vector<std::int32_t> numbers; ///< as of the encoder; empty: spikes
};

/// Spikes of a layer over so many timesteps, [block][pooled pixel][N]. of: its timesteps are those of a block; neurons: in
/// front of its pool. The same as in run_reference_network().
std::vector<std::uint16_t> spikes_of(reference::reference_layer of, std::size_t neurons, const layer_input& input,
                                     unsigned timesteps);

} // namespace loas::float_network
