#include "platform/run/golden_images.h"

#include "platform/config/rules.h"
#include "platform/float_network/beside_float.h"
#include "platform/run/layer_audit.h"

#include <bitset>

namespace loas::run
{

reference::reference_layer shape_of(const lowering::layer_model& from, unsigned timesteps,
                                    const config::scenario& scenario)
{
    reference::reference_layer to;
    to.timesteps = timesteps;
    to.in_height = from.in_height;
    to.in_width = from.in_width;
    to.in_channels = from.in_channels;
    to.out_channels = from.out_channels;
    to.kernel_h = from.kernel_h;
    to.kernel_w = from.kernel_w;
    to.stride_h = from.stride_h;
    to.stride_w = from.stride_w;
    to.pad_h = from.pad_h;
    to.pad_w = from.pad_w;
    to.pool = from.pool;
    to.single_spike_mask = scenario.workload.single_spike_mask && !from.currents;
    to.first_spike = (config::neuron_modes(scenario) & LOAS_NEURON_FIRST_SPIKE) != 0 && !from.currents;
    to.few_spikes = (config::neuron_modes(scenario) & LOAS_NEURON_FEW_SPIKES) != 0;
    if (!to.few_spikes)
        to.reset = static_cast<reference::neuron_reset>(from.reset); // the same words
    to.currents = from.currents;
    to.leak_q8 = from.leak_q8;
    to.threshold = from.threshold;
    to.bytes = from.bytes;
    to.shift = from.shift;
    to.thresholds = from.thresholds;
    to.starts = from.starts;
    for (const lowering::host_neuron& each : from.host)
        to.neurons.push_back({each.threshold, each.rest, each.start, each.leak_q16, each.synapse_q16});
    return to;
}

namespace
{

reference::reference_layer reference_of(const lowering::layer_model& from, const config::scenario& scenario)
{
    reference::reference_layer to = shape_of(from, config::block_timesteps(scenario), scenario);
    to.weights = from.weights;
    to.bias = from.bias;
    for (const lowering::layer_model& each : from.numbers)
        to.numbers.push_back(reference_of(each, scenario));
    to.number_factors_q24 = from.number_factors_q24;
    for (const lowering::layer_source& each : from.sources)
        to.sources.push_back({each.layer, each.step_h, each.step_w, each.first_row, each.first_column});
    return to;
}

reference::reference_readout readout_of(const lowering::readout& from)
{
    reference::reference_readout to;
    to.score = from.score == lowering::score_kind::last      ? reference::reference_score::last
               : from.score == lowering::score_kind::maximum ? reference::reference_score::maximum
                                                             : reference::reference_score::sum;
    to.response_q16 = from.response_q16;
    return to;
}

} // namespace

reference::reference_layer machine_layer(const lowering::layer_model& from, const config::scenario& scenario)
{
    reference::reference_layer to = reference_of(from, scenario);
    to.accumulators = accumulators_of(scenario);
    return to;
}

golden_images::golden_images(const lowering::network_model& network, const config::scenario& scenario,
                             const inputs::input_set& inputs)
    : m_inputs(inputs), m_spikes(inputs.count())
{
    if (!network.takes_spikes)
        m_network.encoder = reference_of(network.encoder, scenario);
    for (const lowering::layer_model& layer : network.layers)
        m_network.layers.push_back(machine_layer(layer, scenario));
    m_network.readout = readout_of(network.scores);
    m_network.timesteps = scenario.workload.timesteps;
}

reference::reference_scores golden_images::run(std::size_t image) const
{
    reference::reference_scores scores = reference::run_reference_network(m_network, m_inputs.numbers(image));
    scores.scores = float_network::channels_first(scores.scores, m_network.layers.back().out_channels);
    m_spikes[image] = 0;
    for (const std::vector<std::uint16_t>& layer : scores.spikes)
        for (const std::uint16_t word : layer)
            m_spikes[image] += std::bitset<16>(word).count();
    return scores;
}

} // namespace loas::run
