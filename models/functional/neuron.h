// The LIF neuron over T timesteps, in integers: X[t] = O[t] + U[t-1], a spike where X[t] > v_th, and U[t] = tau * X[t],
// or tau times what the reset leaves of it after a spike.
#pragma once

#include "abi/loas_abi.h"

#include <cstdint>

namespace loas::functional
{

struct neuron_parameters {
    std::int32_t threshold = 0; ///< v_th, weight units; a spike needs X > v_th
    std::uint32_t leak_q8 = 0;  ///< tau in 1/256, 0..256
    bool soft_reset = false;    ///< on a spike U = leak(X - v_th) instead of 0
};

/// Of a descriptor.
inline neuron_parameters neuron_of(const loas_descriptor& descriptor)
{
    return {descriptor.threshold, descriptor.leak_q8, (descriptor.neuron & LOAS_NEURON_SOFT_RESET) != 0};
}

/// One timestep: adds the input current O to the potential U, and leaves the next one's U. True: a spike.
inline bool lif_step(std::int32_t current, std::int64_t& potential, const neuron_parameters& neuron)
{
    // 64 bits: X may leave 32 bits by the carried potential, and leak multiplies by up to 256. The shift of a negative
    // number rounds down on every compiler that this project supports, which is the floor that the hardware takes.
    std::int64_t x = current + potential;
    const bool spike = x > neuron.threshold;
    if (spike)
        x = neuron.soft_reset ? x - neuron.threshold : 0;
    potential = (x * neuron.leak_q8) >> 8;
    return spike;
}

/// Input currents O[0..timesteps) to spikes, bit t = timestep t. U starts at 0.
std::uint16_t lif(const std::int32_t* currents, unsigned timesteps, const neuron_parameters& neuron);

} // namespace loas::functional
