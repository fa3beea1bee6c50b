#include "functional/neuron.h"

namespace loas::functional
{

std::uint16_t lif(const std::int32_t* currents, unsigned timesteps, const neuron_parameters& neuron)
{
    // 64 bits: X may leave 32 bits by the carried potential, and leak multiplies by up to 256. The shift of a negative
    // number rounds down on every compiler that this project supports, which is the floor that the hardware takes.
    std::int64_t potential = 0;
    std::uint16_t spikes = 0;
    for (unsigned t = 0; t < timesteps; ++t) {
        std::int64_t x = currents[t] + potential;
        if (x > neuron.threshold) {
            spikes = static_cast<std::uint16_t>(spikes | 1U << t);
            x = neuron.soft_reset ? x - neuron.threshold : 0;
        }
        potential = (x * neuron.leak_q8) >> 8;
    }
    return spikes;
}

} // namespace loas::functional
