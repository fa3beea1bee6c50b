// Which neurons a network silences by its weights alone.
#pragma once

#include "platform/lowering/network.h"

#include <cstddef>

namespace loas::lowering
{

/// What a layer's neurons are, wherever they run: [N], or [pixel before pooling][N].
std::vector<host_neuron> neurons_of(const layer_model& layer);

/// Output channels of a layer whose neurons spike at none of so many timesteps, whatever comes in: a bound, as others
/// may not either. takes_numbers: what comes in are no spikes, of which nothing is known. Of currents: 0.
std::size_t never_spiking(const layer_model& layer, unsigned timesteps, bool takes_numbers);

/// Of the inputs of layers[layer], the share that is silent because those before never spike; 0 of a network's input.
double silent_by_weights(const network_model& network, std::size_t layer, unsigned timesteps);

} // namespace loas::lowering
