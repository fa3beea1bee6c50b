#include "platform/neurobench/neurobench.h"

#include <algorithm>

namespace loas::neurobench
{
namespace
{

using observe::counter;

/// A neuron's output over the timesteps and inputs, of those that come out of the layer.
std::uint64_t outputs_of(const lowering::layer_model& layer, std::uint64_t steps)
{
    return std::uint64_t{layer.out_height() / layer.pool} * (layer.out_width() / layer.pool) * layer.out_channels * steps;
}

std::uint64_t neurons_of(const lowering::layer_model& layer)
{
    return layer.currents ? 0 : std::uint64_t{layer.out_height()} * layer.out_width() * layer.out_channels;
}

/// Weights, and those that are 0.
struct connections {
    std::uint64_t all = 0, zero = 0;
};

void add_parameters(results::neurobench_result& to, connections& weights, const lowering::layer_model& layer)
{
    const std::uint64_t words = layer.bias.size() + layer.thresholds.size();
    to.parameters += layer.weights.size() + words;
    to.footprint_bytes += layer.weights.size() + words * sizeof(std::int32_t);
    weights.all += layer.weights.size();
    weights.zero += static_cast<std::uint64_t>(std::count(layer.weights.begin(), layer.weights.end(), 0));
}

double share(double part, std::uint64_t whole)
{
    return whole == 0 ? 0 : part / static_cast<double>(whole);
}

} // namespace

host_multiplications::host_multiplications(const lowering::layer_model& encoder, unsigned timesteps)
    : m_encoder(encoder), m_timesteps(timesteps),
      m_weights(std::size_t{encoder.kernel_h} * encoder.kernel_w * encoder.in_channels)
{
    for (std::size_t i = 0; i < encoder.weights.size(); ++i)
        m_weights[i % m_weights.size()] += encoder.weights[i] != 0;
}

void host_multiplications::add(const std::vector<std::int32_t>& numbers)
{
    const lowering::layer_model& of = m_encoder;
    const std::size_t frame = std::size_t{of.in_height} * of.in_width * of.in_channels;
    const std::uint64_t times = numbers.size() == frame ? m_timesteps : 1;
    for (std::size_t first = 0; first < numbers.size(); first += frame)
        for (unsigned row = 0; row < of.out_height(); ++row)
            for (unsigned column = 0; column < of.out_width(); ++column)
                for (unsigned i = 0; i < of.kernel_h; ++i)
                    for (unsigned j = 0; j < of.kernel_w; ++j) {
                        const std::size_t y = std::size_t{row} * of.stride_h + i, x = std::size_t{column} * of.stride_w + j;
                        m_dense += times * of.in_channels * of.out_channels;
                        if (y < of.pad_h || y - of.pad_h >= of.in_height || x < of.pad_w || x - of.pad_w >= of.in_width)
                            continue;
                        const std::int32_t* at =
                            &numbers[first + ((y - of.pad_h) * of.in_width + x - of.pad_w) * of.in_channels];
                        const std::uint64_t* weights = &m_weights[(std::size_t{i} * of.kernel_w + j) * of.in_channels];
                        for (unsigned c = 0; c < of.in_channels; ++c)
                            m_effective += at[c] != 0 ? times * weights[c] : 0;
                    }
}

results::neurobench_result figures_of(const lowering::network_model& network, const results::run_result& result,
                                      const host_multiplications& host, std::uint64_t spikes, bool potentials)
{
    results::neurobench_result to;
    const std::uint64_t inputs = result.accuracy.images;
    // Of blocks the last computes beyond T, as the counters have it.
    const std::uint64_t steps = result.layers.empty() ? 0 : result.layers[0].timesteps * result.layers[0].runs;
    connections weights;
    std::uint64_t outputs = 0, acs = 0, dense = host.dense(), updates = 0;
    if (!network.takes_spikes) {
        add_parameters(to, weights, network.encoder);
        outputs += outputs_of(network.encoder, steps);
        updates += neurons_of(network.encoder) * steps;
    }
    for (const lowering::layer_model& layer : network.layers) {
        add_parameters(to, weights, layer);
        for (const lowering::layer_model& numbers : layer.numbers)
            add_parameters(to, weights, numbers);
        updates += neurons_of(layer) * steps;
        if (!layer.currents)
            outputs += outputs_of(layer, steps);
    }
    if (potentials)
        updates += network.classes * steps; // on the host
    for (const results::layer_result& layer : result.layers) {
        acs += results::synaptic_operations(layer);
        dense += layer.m * layer.k * layer.n * layer.timesteps * layer.runs;
    }
    to.connection_sparsity = share(static_cast<double>(weights.zero), weights.all);
    to.activation_sparsity = outputs == 0 ? 0 : 1 - share(static_cast<double>(spikes), outputs);
    to.effective_macs = share(static_cast<double>(host.effective()), inputs);
    to.effective_acs = share(static_cast<double>(acs), inputs);
    to.dense = share(static_cast<double>(dense), inputs);
    to.membrane_updates = share(static_cast<double>(updates), inputs);
    return to;
}

} // namespace loas::neurobench
