#include "platform/dataflow/bits_of.h"

namespace loas::dataflow
{

fiber_bits spike_bits(stored how, unsigned word_timesteps)
{
    const bool words = word_timesteps > 1;
    switch (how) {
    case stored::raw: return {word_timesteps, 0};
    case stored::bitmask: return {1, words ? word_timesteps : 0U};
    case stored::coordinates: return {0, coordinate_bits + (words ? word_timesteps : 0U)};
    }
    return {};
}

fiber_bits weight_bits_of(stored how)
{
    switch (how) {
    case stored::raw: return {weight_bits, 0};
    case stored::bitmask: return {1, weight_bits};
    case stored::coordinates: return {0, coordinate_bits + weight_bits};
    }
    return {};
}

} // namespace loas::dataflow
