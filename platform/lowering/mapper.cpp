#include "platform/lowering/mapper.h"

#include "platform/lowering/linear_maths.h"
#include "platform/lowering/passes.h"
#include "platform/lowering/quantise.h"
#include "platform/network/node_view.h"
#include "platform/network/read_graph.h"
#include "platform/text/user_error.h"

#include <cmath>
#include <filesystem>
#include <utility>
#include <vector>

namespace loas::lowering
{

namespace
{

/// Where each of the remaining nodes runs, and the layers that they are.
class placer
{
public:
    placer(graph& nodes, const dialect& speech, const map_options& options)
        : m_graph(nodes), m_speech(speech), m_options(options)
    {
        m_network.name = std::filesystem::path(nodes.source).stem().string();
    }

    const std::vector<std::size_t>& spike_nodes() const { return m_spike_nodes; }

    /// What it finds is in the graph's findings.
    network_model place()
    {
        m_graph.each([this](std::size_t node) { place_node(node); });
        if (m_graph.findings.empty())
            finish();
        m_network.scores.score = m_options.score;
        for (const finding& each : m_graph.warnings)
            m_network.warnings.push_back(each.text);
        return std::move(m_network);
    }

private:
    void place_node(std::size_t at)
    {
        graph_node& node = m_graph.nodes[at];
        if (node.as<linear_op>() != nullptr && m_weights != SIZE_MAX)
            m_first = false; // its neuron is refused
        const bool follows = node.from.size() == 1 && !m_graph.nodes[node.from[0]].gone();
        node.where = m_first ? place::host : place::accelerator;
        if (node.as<input_op>() != nullptr) {
            node.where = place::host;
            if (node.out) {
                m_network.image_channels = node.out->channels;
                m_network.image_height = node.out->height;
                m_network.image_width = node.out->width;
            }
        } else if (node.as<output_op>() != nullptr) {
            node.where = place::host;
            m_output = at;
        } else if (node.as<linear_op>() != nullptr && node.in) {
            m_weights = at;
            m_layer = quantise_weights(m_graph, at, m_first ? m_options.input_scale : 1, !m_first);
        } else if (node.as<neuron_op>() != nullptr && node.in && follows && node.from[0] == m_weights) {
            place_neuron(at);
        }
    }

    void place_neuron(std::size_t at)
    {
        graph_node& node = m_graph.nodes[at];
        const neuron_op& neuron = *node.as<neuron_op>();
        if (!neuron.spikes) {
            const std::optional<std::size_t> user = m_graph.user_of(at);
            if (!user || m_graph.nodes[*user].as<output_op>() == nullptr)
                m_graph.fail(at, "does not spike, so it can only stand before Output, where the host computes it; "
                                 "between layers the accelerator takes spikes only");
            m_network.scores = quantise_readout(neuron, m_speech, m_options.timesteps);
            node.where = place::host;
            node.notes.push_back("the host computes it from the currents of the layer before");
            return;
        }
        quantise_neuron(m_layer, m_graph, at, m_first ? m_options.input_scale : 1, m_speech);
        add_layer();
        m_spike_nodes.push_back(neuron.pool > 1 ? neuron.pooled_at : at);
        m_network.classes = m_graph.nodes[at].out->channels;
        m_spikes = at;
    }

    void add_layer()
    {
        (m_first ? m_network.encoder : m_network.layers.emplace_back()) = std::move(m_layer);
        m_first = false;
        m_weights = SIZE_MAX;
    }

    /// The last layer: one without a neuron is not placed yet.
    void finish()
    {
        const std::size_t before = m_graph.nodes[m_output].from[0];
        try {
            const map_shape& out = *m_graph.nodes[before].out;
            if (m_first && m_weights == SIZE_MAX)
                m_graph.fail(m_output, "there is no layer between " + m_graph.nodes[before].title() + " and this node");
            if (m_weights != SIZE_MAX && m_first)
                m_graph.fail(m_weights, "no neuron spikes: the only layer takes numbers, which is the host's part, and "
                                        "the accelerator has nothing to do");
            if (out.height != 1 || out.width != 1)
                m_graph.fail(before,
                             "the last layer must give one current or neuron per class, but it gives " + out.text());
            if (m_weights != SIZE_MAX) {
                m_layer.currents = true;
                m_network.classes = m_layer.out_channels;
                add_layer();
            } else {
                m_graph.nodes[m_output].notes.push_back("a class's score is its number of spikes");
            }
            if (m_network.layers.empty())
                count_spikes(out);
        } catch (const text::user_error& error) {
            m_graph.refuse(before, error.what());
        }
    }

    /// The only layer takes numbers and is the host's: the accelerator adds up its spikes.
    void count_spikes(const map_shape& out)
    {
        layer_model ones;
        ones.name = "spikes of " + m_graph.nodes[m_spikes].name;
        ones.in_channels = ones.out_channels = out.channels;
        ones.currents = true;
        ones.weights.resize(std::size_t{out.channels} * out.channels);
        for (std::size_t n = 0; n < out.channels; ++n)
            ones.weights[n * out.channels + n] = 1;
        m_network.layers.push_back(std::move(ones));
        m_graph.warn(m_spikes, "the network's only layer takes numbers, so it runs on the host; the accelerator only "
                               "counts its spikes, by a layer of ones");
    }

    graph& m_graph;
    const dialect& m_speech;
    const map_options& m_options;
    network_model m_network;
    std::vector<std::size_t> m_spike_nodes;
    layer_model m_layer;              // of the weights in m_weights
    std::size_t m_weights = SIZE_MAX; // SIZE_MAX: the last layer is complete
    std::size_t m_output = SIZE_MAX, m_spikes = SIZE_MAX;
    bool m_first = true; // the next layer is the encoder
};

void require_positive(const char* name, double value)
{
    if (!(value > 0) || !std::isfinite(value))
        throw text::user_error(std::string(name) + " is " + number_text(value) + ", expected a positive number");
}

} // namespace

lowered_network lower_network(formats::nir_graph file, const map_options& options)
{
    require_positive("input_scale", options.input_scale);
    if (options.time_step)
        require_positive("time_step", *options.time_step);
    lowered_network result{read_graph(std::move(file)), {}, {}, {}};
    graph& nodes = result.nodes;
    if (options.keep_as_read && nodes.findings.empty())
        result.as_read = nodes;
    result.speech = recognise_dialect(nodes, {options.time_step, options.reset});
    drop_flattens(nodes);
    fold_or_pools(nodes);
    fold_linear(nodes);
    complete_layers(nodes);
    settle_neurons(nodes, result.speech);
    placer places(nodes, result.speech, options);
    network_model model = places.place();
    result.spike_nodes = places.spike_nodes();
    if (nodes.findings.empty())
        result.model = std::move(model);
    return result;
}

network_model map_network(formats::nir_graph file, const map_options& options)
{
    lowered_network lowered = lower_network(std::move(file), options);
    require_model(lowered);
    return std::move(*lowered.model);
}

void require_model(const lowered_network& lowered)
{
    if (lowered.model)
        return;
    const std::vector<finding>& findings = lowered.nodes.findings;
    std::string text = findings.front().text;
    if (findings.size() > 1)
        text += " (and " + std::to_string(findings.size() - 1) + " more: loas-vp check)";
    throw text::user_error(text);
}

} // namespace loas::lowering
