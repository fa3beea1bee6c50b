// The neurons, in integers. LIF over T timesteps: X[t] = O[t] + U[t-1], a spike where X[t] > v_th, and U[t] = tau * X[t],
// or what the reset leaves of it after a spike. Few-spikes neurons, whose spikes are the bits of a number. ReLU, in layers
// of bytes.
#pragma once

#include "abi/loas_abi.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace loas::functional
{

/// What a spike leaves.
enum class neuron_reset {
    hard,   ///< U = 0
    soft,   ///< U = leak(X - v_th)
    delayed ///< U = leak(X) - v_th: subtracted one timestep later, undecayed
};

/// A current shifted to the right, halves rounded up, and cut to 0..255. Rounding costs one addition; without it the
/// outputs of a layer would on the whole be half a step too small. shift: 0..31.
inline std::uint8_t relu(std::int32_t current, unsigned shift)
{
    const std::int64_t half = (std::int64_t{1} << shift) / 2; // 33 bits: what is added does not wrap
    return static_cast<std::uint8_t>(std::clamp<std::int64_t>((current + half) >> shift, 0, 255));
}

struct neuron_parameters {
    std::int32_t threshold = 0; ///< v_th, weight units; a spike needs X > v_th. Of a column, where each has its own
    std::uint32_t leak_q8 = 0;  ///< tau in 1/256, 0..256
    neuron_reset reset = neuron_reset::hard;
    bool relu = false; ///< no LIF: relu() with the threshold as its shift
    bool first_spike = false; ///< at most one spike: whoever keeps the words takes the others back (serial_lif)
    bool few_spikes = false;  ///< few_spikes() of the weighted sum of all currents; leak and reset mean nothing (serial_lif)
};

/// Of a descriptor.
inline neuron_parameters neuron_of(const loas_descriptor& descriptor)
{
    return {descriptor.threshold, descriptor.leak_q8,
            (descriptor.neuron & LOAS_NEURON_SOFT_RESET) != 0      ? neuron_reset::soft
            : (descriptor.neuron & LOAS_NEURON_DELAYED_RESET) != 0 ? neuron_reset::delayed
                                                                   : neuron_reset::hard,
            (descriptor.neuron & LOAS_NEURON_RELU) != 0, (descriptor.neuron & LOAS_NEURON_FIRST_SPIKE) != 0,
            (descriptor.neuron & LOAS_NEURON_FEW_SPIKES) != 0};
}

/// What a spike of few-spikes neurons counts: d[t], a power of two, the largest first.
constexpr std::int64_t few_spikes_weight(unsigned timestep, unsigned timesteps)
{
    return std::int64_t{1} << (timesteps - 1 - timestep);
}

/// The spikes of such a neuron: a quantiser of T bits. sum: of its currents times what their timesteps count.
inline std::uint16_t few_spikes(std::int64_t sum, unsigned timesteps, std::int32_t threshold)
{
    unsigned spikes = 0;
    for (unsigned t = 0; t < timesteps; ++t) {
        const std::int64_t step = few_spikes_weight(t, timesteps) * threshold;
        if (sum > step) {
            spikes |= 1U << t;
            sum -= step;
        }
    }
    return static_cast<std::uint16_t>(spikes);
}

/// One timestep: adds the input current O to the potential U, and leaves the next one's U. True: a spike.
inline bool lif_step(std::int32_t current, std::int64_t& potential, const neuron_parameters& neuron)
{
    // 64 bits: X may leave 32 bits by the carried potential, and leak multiplies by up to 256. The shift of a negative
    // number rounds down on every compiler that this project supports, which is the floor that the hardware takes.
    std::int64_t x = current + potential;
    const bool spike = x > neuron.threshold;
    if (spike && neuron.reset != neuron_reset::delayed)
        x = neuron.reset == neuron_reset::soft ? x - neuron.threshold : 0;
    potential = (x * neuron.leak_q8) >> 8;
    if (spike && neuron.reset == neuron_reset::delayed)
        potential -= neuron.threshold;
    return spike;
}

/// A potential as it lies in memory between two blocks of timesteps.
inline std::int32_t carried(std::int64_t potential)
{
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(potential, INT32_MIN, INT32_MAX));
}

/// Input currents O[0..timesteps) to spikes, bit t = timestep t. U starts at 0.
std::uint16_t lif(const std::int32_t* currents, unsigned timesteps, const neuron_parameters& neuron);
/// The same from a potential on, which goes on; `step` numbers from one timestep to the next.
std::uint16_t lif(const std::int32_t* currents, std::size_t step, unsigned timesteps, const neuron_parameters& neuron,
                  std::int64_t& potential);

} // namespace loas::functional
