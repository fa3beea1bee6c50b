// A layer's own tensors with more or fewer spikes, weights and timesteps: the same of the same.
#pragma once

#include "platform/lowering/network.h"

#include <cstdint>
#include <vector>

namespace loas::explorer
{

/// factor: of how many there are, each on its own: below 1 each stays with this probability, above 1 zeros become more
/// of them. What a factor leaves a smaller one leaves, too, or takes. Nothing if there were more than places for them.
/// spikes: [pixel][channel], bit t = timestep t.
bool rescale_spikes(std::vector<std::uint16_t>& spikes, unsigned timesteps, double factor);
bool rescale_weights(lowering::layer_model& layer, double factor);

/// The first ones, or all of them again and again.
void other_timesteps(std::vector<std::uint16_t>& spikes, unsigned timesteps, unsigned wanted);

} // namespace loas::explorer
