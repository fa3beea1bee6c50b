#include "models/functional/lif_lanes.h"

#include <cstring>

namespace loas::functional
{
namespace
{

using half_lanes = std::int32_t __attribute__((vector_size(32)));
using half_words = std::uint16_t __attribute__((vector_size(16)));
constexpr std::size_t half = lanes_together / 2;

/// In 32 bits. False, without a result, if a current is so large that potentials might not fit.
LOAS_FOR_ALL_VECTOR_UNITS bool lif_small(const std::int32_t* currents, std::size_t step, unsigned timesteps,
                                         const neuron_parameters& neuron, std::uint16_t* words)
{
    // X changes by no more than a current and, with the soft reset, a threshold in a timestep; times the leak, 2^8, it
    // must stay below 2^31.
    constexpr std::int32_t limit = 1 << 18; // 16 timesteps of two of them: 2^23
    if (neuron.threshold < -limit || neuron.threshold > limit)
        return false;
    const auto leak = static_cast<std::int32_t>(neuron.leak_q8);
    for (std::size_t first = 0; first < lanes_together; first += half) {
        half_lanes potential{}, spikes{}, beyond{}, current;
        for (unsigned t = 0; t < timesteps; ++t) {
            std::memcpy(&current, currents + t * step + first, sizeof current);
            beyond |= (current > limit) | (current < -limit);
        }
        std::int32_t any = 0;
        for (std::size_t lane = 0; lane < half; ++lane)
            any |= beyond[lane];
        if (any != 0)
            return false;
        for (unsigned t = 0; t < timesteps; ++t) {
            std::memcpy(&current, currents + t * step + first, sizeof current);
            half_lanes x = current + potential;
            const half_lanes spiking = x > neuron.threshold;
            spikes |= spiking & static_cast<std::int32_t>(1U << t);
            x = spiking ? (neuron.soft_reset ? x - neuron.threshold : half_lanes{}) : x;
            potential = x * leak >> 8;
        }
        const half_words narrow = __builtin_convertvector(spikes, half_words);
        std::memcpy(words + first, &narrow, sizeof narrow);
    }
    return true;
}

} // namespace

void lif(const std::int32_t* currents, std::size_t step, unsigned timesteps, const neuron_parameters& neuron,
         std::uint16_t* words, std::size_t word_step)
{
    std::uint16_t found[lanes_together];
    const bool small = lif_small(currents, step, timesteps, neuron, found);
    for (std::size_t lane = 0; lane < lanes_together; ++lane) {
        if (!small) {
            std::int32_t own[16];
            for (unsigned t = 0; t < timesteps; ++t)
                own[t] = currents[t * step + lane];
            found[lane] = lif(own, timesteps, neuron);
        }
        words[lane * word_step] = found[lane];
    }
}

} // namespace loas::functional
