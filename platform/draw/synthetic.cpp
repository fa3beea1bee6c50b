#include "platform/draw/synthetic.h"

#include "models/functional/random_source.h"
#include "platform/draw/exact_math.h"
#include "platform/draw/weight_value.h"

#include <algorithm>
#include <cmath>

namespace loas::draw
{
namespace
{

using functional::random_source;

/// Selection sampling: walks over `population` elements and says of each whether it is among the `wanted` that are
/// drawn without replacement. Needs no memory, and comes out at exactly `wanted`.
class selection
{
public:
    selection(std::uint64_t wanted, std::uint64_t population) : m_wanted(wanted), m_left(population) {}

    bool takes_next(random_source& random)
    {
        const bool taken = m_wanted > 0 && random.below(m_left) < m_wanted;
        m_wanted -= taken;
        --m_left;
        return taken;
    }

private:
    std::uint64_t m_wanted; ///< still to be drawn
    std::uint64_t m_left;   ///< elements not seen yet
};

std::vector<std::uint16_t> draw_spikes(const config::layer_counts& counts, unsigned timesteps, random_source& random)
{
    std::vector<std::uint16_t> words(counts.inputs);
    selection non_silent(counts.non_silent, counts.inputs);
    selection further(counts.spikes - counts.non_silent, counts.non_silent * (timesteps - 1));
    for (std::uint16_t& word : words) {
        if (!non_silent.takes_next(random))
            continue;
        const std::uint64_t first = random.below(timesteps);
        unsigned spikes = 1U << first;
        for (unsigned t = 0; t < timesteps; ++t)
            if (t != first && further.takes_next(random))
                spikes |= 1U << t;
        word = static_cast<std::uint16_t>(spikes);
    }
    return words;
}

std::vector<std::int8_t> draw_weights(const config::layer_counts& counts, random_source& random)
{
    std::vector<std::int8_t> weights(counts.weights);
    selection non_zero(counts.non_zero_weights, counts.weights);
    for (std::int8_t& weight : weights) {
        if (non_zero.takes_next(random))
            weight = draw_weight_value(random);
    }
    return weights;
}

} // namespace

void make_bytes(synthetic_layer& layer, unsigned shift, functional::random_source& random)
{
    constexpr double deviation = 255.0 / 4;
    layer.timesteps = 1;
    layer.layer.bytes = true;
    layer.layer.shift = shift;
    layer.layer.threshold = 0;
    const auto count =
        static_cast<std::size_t>(std::count_if(layer.spikes.begin(), layer.spikes.end(), [](auto each) { return each != 0; }));
    std::vector<double> values(count);
    draw_normals(random, values.data(), count);
    auto value = values.begin();
    for (std::uint16_t& word : layer.spikes)
        if (word != 0)
            word = static_cast<std::uint16_t>(std::clamp(std::ceil(std::abs(*value++) * deviation), 1.0, 255.0));
}

synthetic_layer make_synthetic_layer(const config::layer_params& params, unsigned timesteps, bool bytes)
{
    config::layer_counts counts = config::counts_of(params, timesteps);
    if (bytes) {
        timesteps = 1;
        counts.spikes = counts.non_silent;
    }
    auto seed = static_cast<std::uint64_t>(params.seed);
    random_source for_spikes(random_source::splitmix64(seed));
    random_source for_weights(random_source::splitmix64(seed));

    synthetic_layer made;
    made.timesteps = timesteps;
    lowering::layer_model& layer = made.layer;
    layer.in_height = params.height;
    layer.in_width = params.width;
    layer.in_channels = params.channels;
    layer.out_channels = params.out_channels;
    layer.kernel_h = params.kernel;
    layer.kernel_w = params.width_of_kernel();
    layer.stride_h = params.stride;
    layer.stride_w = params.stride_across();
    layer.pad_h = params.padding;
    layer.pad_w = params.padding_across();
    layer.pool = params.pool;
    layer.leak_q8 = params.leak_q8;
    layer.threshold = static_cast<std::int32_t>(params.threshold);
    if (!bytes) // ReLU has no reset
        layer.reset = static_cast<lowering::neuron_reset>(params.reset); // the same words
    layer.weights = draw_weights(counts, for_weights);
    made.spikes = draw_spikes(counts, timesteps, for_spikes);
    if (bytes)
        make_bytes(made, params.shift, for_spikes);
    return made;
}

config::layer_counts counts_of(const synthetic_layer& layer)
{
    config::layer_counts counts;
    counts.inputs = layer.spikes.size();
    for (const std::uint16_t word : layer.spikes) {
        counts.non_silent += word != 0;
        counts.spikes += layer.layer.bytes ? word != 0 : static_cast<unsigned>(__builtin_popcount(word));
    }
    counts.weights = layer.layer.weights.size();
    for (const std::int8_t weight : layer.layer.weights)
        counts.non_zero_weights += weight != 0;
    return counts;
}

} // namespace loas::draw
