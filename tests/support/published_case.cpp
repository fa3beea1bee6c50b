#include "tests/support/published_case.h"

#include "tests/support/random.h"

namespace loas::support
{

published_case random_published_case(unsigned seed)
{
    random_source random(seed);
    published_case made;
    reference::reference_layer& layer = made.layer;
    layer.in_height = random.between_unsigned(1, 70);
    layer.in_channels = random.between_unsigned(1, 700);
    layer.out_channels = random.between_unsigned(1, 150);
    layer.timesteps = random.between_unsigned(1, 16);
    for (unsigned i = 0; i < layer.in_height * layer.in_channels; ++i)
        layer.spikes.push_back(
            static_cast<std::uint16_t>(random.chance(1, 3) ? random.below(1U << layer.timesteps) : 0));
    for (unsigned i = 0; i < layer.out_channels * layer.in_channels; ++i)
        layer.weights.push_back(static_cast<std::int8_t>(random.chance(1, 10) ? random.between(-128, 127) : 0));
    made.unfolded = {layer.in_height, layer.in_channels, layer.out_channels,
                     layer.timesteps, layer.spikes,      layer.weights};
    return made;
}

} // namespace loas::support
