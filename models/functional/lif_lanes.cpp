#include "models/functional/lif_lanes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/functional/lif_lanes.cpp"
#include <hwy/foreach_target.h> // reads this file once for each kind of vector unit

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace loas::functional::HWY_NAMESPACE
{

namespace hn = hwy::HWY_NAMESPACE;

/// In 32 bits. False, without a result, if a current is so large that potentials might not fit.
bool lif_small(const std::int32_t* currents, std::size_t step, unsigned timesteps, const neuron_parameters& neuron,
               std::uint16_t* words)
{
    // X changes by no more than a current and, with resets that subtract, a threshold in a timestep; times the leak,
    // 2^8, it must stay below 2^31.
    constexpr std::int32_t limit = 1 << 18; // 16 timesteps of two of them: 2^23
    if (neuron.threshold < -limit || neuron.threshold > limit)
        return false;
    const hn::CappedTag<std::int32_t, lanes_together> tag;
    const hn::Rebind<std::uint16_t, decltype(tag)> word_tag;
    const auto zero = hn::Zero(tag), threshold = hn::Set(tag, neuron.threshold),
               leak = hn::Set(tag, static_cast<std::int32_t>(neuron.leak_q8)),
               subtracted_later = neuron.reset == neuron_reset::delayed ? threshold : zero;
    const bool hard = neuron.reset == neuron_reset::hard;
    for (std::size_t first = 0; first < lanes_together; first += MaxLanes(tag)) {
        auto lowest = zero, highest = zero;
        for (unsigned t = 0; t < timesteps; ++t) {
            const auto current = hn::LoadU(tag, currents + t * step + first);
            lowest = hn::Min(lowest, current);
            highest = hn::Max(highest, current);
        }
        if (!hn::AllFalse(tag, hn::Or(lowest<hn::Set(tag, -limit), highest> hn::Set(tag, limit))))
            return false;
        auto potential = zero, spikes = zero;
        for (unsigned t = 0; t < timesteps; ++t) {
            const auto x = hn::LoadU(tag, currents + t * step + first) + potential;
            const auto spiking = x > threshold;
            spikes = hn::Or(spikes, hn::IfThenElseZero(spiking, hn::Set(tag, static_cast<std::int32_t>(1U << t))));
            const auto after_spike = neuron.reset == neuron_reset::soft ? x - threshold : hard ? zero : x;
            potential = hn::ShiftRight<8>(hn::Mul(hn::IfThenElse(spiking, after_spike, x), leak)) -
                        hn::IfThenElseZero(spiking, subtracted_later);
        }
        hn::StoreU(hn::DemoteTo(word_tag, spikes), word_tag, words + first);
    }
    return true;
}

} // namespace loas::functional::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace loas::functional
{

HWY_EXPORT(lif_small);

void lif(const std::int32_t* currents, std::size_t step, unsigned timesteps, const neuron_parameters& neuron,
         std::uint16_t* words, std::size_t word_step)
{
    std::uint16_t found[lanes_together];
    const bool small = HWY_DYNAMIC_DISPATCH(lif_small)(currents, step, timesteps, neuron, found);
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
#endif
