// Synthetic layers: spikes and weights of a given shape with exactly given numbers of non-zeros, from a seed.
#pragma once

#include "models/functional/random_source.h"
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
    std::vector<std::uint16_t> spikes; ///< [height][width][channel], bit t = timestep t; of bytes 0..255
};

/// Makes a layer of bytes of it: an input that spikes gets a value, T is 1. Values are those of ReLU behind numbers that
/// are normally distributed, as the sums of many products are: the magnitude of a normal number whose standard deviation
/// is a quarter of the range, rounded up, and cut at 255, which one of 15,000 reaches.
void make_bytes(synthetic_layer& layer, unsigned shift, functional::random_source& random);

/// Draws a layer with the counts of config::counts_of(). Placement is uniform: every set of non-silent inputs is as
/// likely as every other; each of these spikes once at a random timestep, and the remaining spikes fall anywhere among
/// their free bits; every set of non-zero weights is equally likely, their values those of draw_weight_value(). The
/// same parameters give the same layer everywhere; spikes do not change with the parameters of the weights, nor weights
/// with those of the spikes.
/// bytes: make_bytes() of a layer of one timestep.
/// @pre the parameters break no rule of config::broken_layer_rules()
synthetic_layer make_synthetic_layer(const config::layer_params& params, unsigned timesteps, bool bytes = false);

/// What a layer has, drawn or not: the numbers by which make_synthetic_layer() draws one.
config::layer_counts counts_of(const synthetic_layer& layer);

} // namespace loas::draw
