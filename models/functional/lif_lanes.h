// The LIF neuron of lanes_together rows at once.
#pragma once

#include "models/functional/lanes.h"
#include "models/functional/neuron.h"

#include <cstddef>

namespace loas::functional
{

/// lif() of neuron.h for each lane: currents [t][lane], `step` numbers from one t to the next; the word of a lane lies
/// `word_step` words after that of the lane before.
void lif(const std::int32_t* currents, std::size_t step, unsigned timesteps, const neuron_parameters& neuron,
         std::uint16_t* words, std::size_t word_step);

} // namespace loas::functional
