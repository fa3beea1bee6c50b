#include "models/functional/neuron.h"

namespace loas::functional
{

std::uint16_t lif(const std::int32_t* currents, unsigned timesteps, const neuron_parameters& neuron)
{
    std::int64_t potential = 0;
    return lif(currents, 1, timesteps, neuron, potential);
}

std::uint16_t lif(const std::int32_t* currents, std::size_t step, unsigned timesteps, const neuron_parameters& neuron,
                  std::int64_t& potential)
{
    std::uint16_t spikes = 0;
    for (unsigned t = 0; t < timesteps; ++t)
        if (lif_step(currents[t * step], potential, neuron))
            spikes = static_cast<std::uint16_t>(spikes | 1U << t);
    return spikes;
}

} // namespace loas::functional
