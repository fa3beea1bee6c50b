// The LIF neuron over T timesteps, in integers (loas.md section 1).
#pragma once

#include <cstdint>

namespace loas::functional
{

struct neuron_parameters {
    std::int32_t threshold = 0; ///< v_th, weight units; a spike needs X > v_th
    std::uint32_t leak_q8 = 0;  ///< tau in 1/256, 0..256
    bool soft_reset = false;    ///< on a spike U = leak(X - v_th) instead of 0
};

/// Input currents O[0..timesteps) to spikes, bit t = timestep t. U starts at 0.
std::uint16_t lif(const std::int32_t* currents, unsigned timesteps, const neuron_parameters& neuron);

} // namespace loas::functional
