#include "platform/lowering/silence.h"

#include <algorithm>
#include <cmath>

namespace loas::lowering
{

std::vector<host_neuron> neurons_of(const layer_model& layer)
{
    if (!layer.host.empty())
        return layer.host;
    std::vector<host_neuron> neurons(layer.out_channels, {layer.threshold, 0, 0, 256 * layer.leak_q8, 0});
    for (std::size_t n = 0; n < neurons.size(); ++n) {
        neurons[n].threshold = layer.thresholds.empty() ? layer.threshold : layer.thresholds[n];
        neurons[n].start = layer.starts.empty() ? 0 : layer.starts[n];
    }
    return neurons;
}

std::size_t never_spiking(const layer_model& layer, unsigned timesteps, bool takes_numbers)
{
    if (layer.currents)
        return 0;
    const std::size_t inputs = layer.weights.size() / layer.out_channels;
    const std::vector<host_neuron> neurons = neurons_of(layer);
    std::size_t silent = 0;
    for (std::size_t n = 0; n < layer.out_channels; ++n) {
        double most = layer.bias.empty() ? 0 : layer.bias[n]; // of the current, all inputs of positive weights spiking
        bool unknown = !layer.numbers.empty(); // they may be anything, too
        for (std::size_t k = 0; k < inputs; ++k) {
            const int weight = layer.weights[n * inputs + k];
            most += std::max(weight, 0);
            unknown = unknown || (takes_numbers && weight != 0);
        }
        bool spikes = unknown;
        for (std::size_t i = n; i < neurons.size() && !spikes; i += layer.out_channels) {
            double current = 0, potential = neurons[i].start;
            for (unsigned t = 0; t < timesteps && !spikes; ++t) {
                current = std::floor(current * neurons[i].synapse_q16 / 65536) + most;
                potential += current + neurons[i].rest;
                spikes = potential > neurons[i].threshold;
                potential = std::floor(potential * neurons[i].leak_q16 / 65536);
            }
        }
        silent += !spikes;
    }
    return silent;
}

double silent_by_weights(const network_model& network, std::size_t layer, unsigned timesteps)
{
    std::vector<std::size_t> sources;
    for (const layer_source& each : network.layers[layer].sources)
        sources.push_back(each.layer);
    if (sources.empty())
        sources.push_back(layer);
    double silent = 0, all = 0;
    for (const std::size_t each : sources) {
        const bool first = each == 0;
        if (first && network.takes_spikes) { // its channels are those of the input
            all += network.image_channels;
            continue;
        }
        const layer_model& from = first ? network.encoder : network.layers[each - 1];
        all += from.out_channels;
        silent += static_cast<double>(never_spiking(from, timesteps, first));
    }
    return silent / all;
}

} // namespace loas::lowering
