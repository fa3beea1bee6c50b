// What the parameters of a synthetic layer amount to: exact counts, and the rules between them.
#pragma once

#include "platform/config/rules.h"

#include <cstdint>
#include <vector>

namespace loas::config
{

/// What the shares of a layer are in numbers, rounded to whole elements.
struct layer_counts {
    std::uint64_t inputs = 0;           ///< elements of the input tensor
    std::uint64_t non_silent = 0;       ///< of them, those that spike
    std::uint64_t spikes = 0;           ///< over all T
    std::uint64_t weights = 0;          ///< zero or not
    std::uint64_t non_zero_weights = 0; ///< of them
};

layer_counts counts_of(const layer_params& layer, unsigned timesteps);

/// What the parameter, a share of a layer's tensor, would be drawn by, but comes from a file: "spikes" or "weights"; ""
/// of any other key, and where it is drawn.
std::string_view tensor_from_file(const scenario& s, std::string_view key);

/// Rules between parameters, each of which is in its range. No tensor of a layer that breaks none of them is beyond
/// what a descriptor can say.
std::vector<broken_rule> broken_layer_rules(const layer_params& layer, unsigned timesteps, bool bytes = false);

} // namespace loas::config
