#include "platform/float_network/layer_trial.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace loas::float_network
{
namespace
{

using reference::reference_layer;
using numbers = std::vector<std::uint32_t>; // in two's complement, which wraps

/// An input that spikes, of one output pixel.
struct active_input {
    std::size_t k;
    unsigned word;
};

void find_active(const reference_layer& layer, std::size_t m, std::vector<active_input>& active)
{
    active.clear();
    const std::size_t width = (layer.in_width + 2 * layer.pad_w - layer.kernel_w) / layer.stride_w + 1;
    for (std::size_t down = 0; down < layer.kernel_h; ++down)
        for (std::size_t right = 0; right < layer.kernel_w; ++right) {
            const std::size_t row = m / width * layer.stride_h + down - layer.pad_h, // wraps where it lies in the padding
                column = m % width * layer.stride_w + right - layer.pad_w;
            if (row >= layer.in_height || column >= layer.in_width)
                continue;
            const std::uint16_t* words = &layer.spikes[(row * layer.in_width + column) * layer.in_channels];
            for (std::size_t c = 0; c < layer.in_channels; ++c)
                if (words[c] != 0)
                    active.push_back({(down * layer.kernel_w + right) * layer.in_channels + c, words[c]});
        }
}

/// [k][n], so that all columns of an input lie together.
numbers transposed_weights(const reference_layer& layer)
{
    const std::size_t columns = layer.out_channels, inputs = layer.weights.size() / columns;
    numbers weights(layer.weights.size());
    for (std::size_t n = 0; n < columns; ++n)
        for (std::size_t k = 0; k < inputs; ++k)
            weights[k * columns + n] = static_cast<std::uint32_t>(layer.weights[n * inputs + k]);
    return weights;
}

/// O[m][n][t].
std::vector<std::int64_t> sums_of(const reference_layer& layer, std::size_t pixels, const numbers& weights)
{
    const std::size_t columns = layer.out_channels;
    std::vector<std::int64_t> sums(pixels * columns * layer.timesteps);
    std::vector<active_input> active;
    numbers row(columns);
    for (std::size_t m = 0; m < pixels; ++m) {
        find_active(layer, m, active);
        for (std::size_t t = 0; t < layer.timesteps; ++t) {
            for (std::size_t n = 0; n < columns; ++n)
                row[n] = layer.bias.empty() ? 0 : static_cast<std::uint32_t>(layer.bias[n]);
            for (const active_input& each : active)
                if ((each.word >> t & 1) != 0)
                    std::transform(row.begin(), row.end(), &weights[each.k * columns], row.begin(), std::plus<>());
            for (std::size_t n = 0; n < columns; ++n)
                sums[(m * columns + n) * layer.timesteps + t] = static_cast<std::int32_t>(row[n]);
        }
    }
    return sums;
}

} // namespace

std::vector<std::uint16_t> spikes_of(reference_layer of, std::size_t neurons, const layer_input& input, unsigned timesteps)
{
    const unsigned block = of.timesteps;
    const bool encodes = !input.numbers.empty(),
               exact = of.accumulators.when_full == reference::reference_accumulators::overflow::none;
    const std::size_t size = std::size_t{of.in_height} * of.in_width * of.in_channels;
    const numbers weights = encodes ? numbers() : transposed_weights(of);
    begin_reference_input(of, timesteps > block);
    std::vector<std::uint16_t> spikes;
    for (unsigned first = 0; first < timesteps; first += block) {
        of.timesteps = std::min(block, timesteps - first);
        reference::reference_output output;
        if (encodes) {
            const bool image = input.numbers.size() == size;
            const auto begin = input.numbers.begin() + static_cast<std::ptrdiff_t>(image ? 0 : first * size);
            output = run_reference_encoder(of, {begin, begin + static_cast<std::ptrdiff_t>(image ? size : of.timesteps * size)});
        } else {
            of.spikes = input.blocks[first / block].spikes;
            output = exact ? run_reference_neurons(of, sums_of(of, neurons / of.out_channels, weights)) : run_reference(of);
        }
        of.potentials = std::move(output.potentials);
        of.synapse_currents = std::move(output.synapse_currents);
        spikes.insert(spikes.end(), output.spikes.begin(), output.spikes.end());
    }
    return spikes;
}

} // namespace loas::float_network
