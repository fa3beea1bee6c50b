// Synthetic layers: spikes and weights of a given shape with exactly given numbers of non-zeros, from a seed.
#pragma once

#include "platform/config/layer_rules.h"
#include "platform/config/scenario.h"
#include "platform/lowering/network.h"

#include <cstdint>
#include <vector>

namespace loas::draw
{

struct synthetic_layer {
    lowering::layer_model layer;
    unsigned timesteps = 1;
    std::vector<std::uint16_t> spikes; ///< [height][width][channel], bit t = timestep t
};

/// Draws a layer with the counts of config::counts_of(). Placement is uniform: every set of non-silent inputs is as
/// likely as every other; each of these spikes once at a random timestep, and the remaining spikes fall anywhere among
/// their free bits; every set of non-zero weights is equally likely, their values those of draw_weight_value(). The
/// same parameters give the same layer everywhere; spikes do not change with the parameters of the weights, nor weights
/// with those of the spikes.
/// @pre the parameters break no rule of config::broken_layer_rules()
synthetic_layer make_synthetic_layer(const config::layer_params& params, unsigned timesteps);

/// What a layer has, drawn or not: the numbers by which make_synthetic_layer() draws one.
config::layer_counts counts_of(const synthetic_layer& layer);

} // namespace loas::draw
