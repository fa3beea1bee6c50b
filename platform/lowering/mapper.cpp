#include "platform/lowering/mapper.h"

#include "platform/folding/passes.h"
#include "platform/lowering/leak_rounding.h"
#include "platform/lowering/quantise.h"
#include "platform/lowering/settle_neurons.h"
#include "platform/network/node_view.h"
#include "platform/network/read_graph.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
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
        m_network.takes_spikes = options.takes_spikes;
        for (const graph_node& node : nodes.nodes)
            if (node.numbers != SIZE_MAX)
                m_beside.insert(node.numbers);
    }

    const std::vector<std::size_t>& spike_nodes() const { return m_spike_nodes; }
    const std::vector<std::size_t>& weight_nodes() const { return m_weight_nodes; }

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
        if (node.as<input_op>() != nullptr) {
            node.where = place::host;
            if (node.out) {
                m_network.image_channels = node.out->channels;
                m_network.image_height = node.out->height;
                m_network.image_width = node.out->width;
            }
            if (m_options.takes_spikes)
                m_layer_of[at] = 0;
            node.notes.push_back(m_options.takes_spikes
                                     ? "gives spikes: the first layer is the accelerator's, too"
                                     : "gives numbers: the first layer is the host's; of inputs of 0 and 1 over time it "
                                       "is the accelerator's (workload.first_layer)");
        } else if (node.as<output_op>() != nullptr) {
            node.where = place::host;
            m_output = at;
        } else if (m_beside.count(at) > 0) {
            node.where = place::host;
        } else if (node.as<linear_op>() != nullptr) {
            node.where = takes_numbers(at) ? place::host : place::accelerator;
            if (node.in)
                m_pending.emplace(at, quantise_weights(m_graph, at, wishes(at), !takes_numbers(at)));
            if (node.in && node.numbers != SIZE_MAX)
                take_numbers(m_pending.at(at), at, node.numbers);
        } else if (node.as<neuron_op>() != nullptr) {
            const bool follows = node.from.size() == 1 && m_pending.count(node.from[0]) > 0;
            node.where = node.from.size() == 1 && takes_numbers(node.from[0]) ? place::host : place::accelerator;
            if (node.in && follows)
                place_neuron(at, node.from[0]);
        }
    }

    /// Their weights have scales of their own, and their sums come in units of the layer's.
    void take_numbers(layer_model& layer, std::size_t at, std::size_t numbers)
    {
        layer_model& of = layer.numbers.emplace_back(quantise_weights(m_graph, numbers, wishes(numbers), false));
        of.currents = true;
        for (std::size_t n = 0; n < layer.out_channels; ++n) {
            const auto scale = [n](const layer_model& each) {
                return each.weight_scales[each.weight_scales.size() == 1 ? 0 : n];
            };
            const double factor = scale(of) * m_options.input_scale / scale(layer) * (1 << 24);
            if (!(factor < 2147483647))
                m_graph.fail(at, "its weights of spikes are too small beside those of the numbers that " +
                                     m_graph.nodes[numbers].title() + " takes");
            layer.number_factors_q24.push_back(static_cast<std::int32_t>(std::lround(factor)));
        }
    }

    /// Of the host, unless the network's inputs are spikes.
    bool takes_numbers(std::size_t weights) const { return !m_options.takes_spikes && takes_input(weights); }
    bool takes_input(std::size_t weights) const
    {
        const std::vector<std::size_t>& from = m_graph.nodes[weights].from;
        return std::any_of(from.begin(), from.end(),
                           [this](std::size_t each) { return m_graph.nodes[each].as<input_op>() != nullptr; });
    }
    scale_wishes wishes(std::size_t weights) const
    {
        const bool subtracts = m_speech.reset != neuron_reset::hard;
        const auto kept = m_options.kept.find(weights);
        return {m_options.scales, subtracts, takes_input(weights) ? m_options.input_scale : 1,
                kept == m_options.kept.end() ? std::vector<double>{1} : kept->second};
    }

    void place_neuron(std::size_t at, std::size_t weights)
    {
        graph_node& node = m_graph.nodes[at];
        const neuron_op& neuron = *node.as<neuron_op>();
        if (!neuron.spikes) {
            const std::optional<std::size_t> user = m_graph.user_of(at);
            if (!user || m_graph.nodes[*user].as<output_op>() == nullptr)
                m_graph.fail(at, "does not spike, so it can only stand before Output, where the host computes it; "
                                 "between layers the accelerator takes spikes only. Before one neuron alone, without "
                                 "branches, it would run as that one's synapses");
            m_network.scores = quantise_readout(&neuron, m_pending.at(weights).weight_scales,
                                                wishes(weights).input_scale, m_options.timesteps);
            node.where = place::host;
            node.notes.push_back("the host computes it from the currents of the layer before");
            return;
        }
        quantise_neuron(m_pending.at(weights), m_graph, at, wishes(weights), m_speech);
        tell_leak(at);
        if (!m_pending.at(weights).starts.empty() && !takes_numbers(weights))
            node.notes.push_back("the host writes the " + std::to_string(4 * node.in->size()) +
                                 " bytes of its potentials before each input");
        if (!neuron.host.empty() && !takes_numbers(weights)) {
            node.where = place::host;
            const std::size_t currents = node.in->size() * m_options.timesteps;
            node.notes.push_back("the host computes it, as " + neuron.host_because + ": for each input it reads " +
                                 std::to_string(4 * currents) + " bytes of currents and writes " +
                                 std::to_string(node.out->size()) + " spike words");
        }
        add_layer(weights);
        m_layer_of[at] = m_network.layers.size();
        m_spike_nodes.push_back(neuron.pool > 1 ? neuron.pooled_at : at);
        m_weight_nodes.push_back(weights);
        m_spikes = at;
    }

    void tell_leak(std::size_t at)
    {
        const neuron_op& neuron = *m_graph.nodes[at].as<neuron_op>();
        std::vector<double> tau = neuron.tau;
        for (double& each : tau)
            each /= m_speech.time_step;
        const bool of_host = !neuron.host.empty();
        const std::string text = coarse_leak_text(tau, of_host ? 65536 : 256, m_options.timesteps);
        if (!text.empty())
            m_graph.warn(at, text + (of_host ? ". Of an IF, or of fewer and longer timesteps, there would be less to round"
                                             : ", the accelerator's. A tau of 256 / n timesteps is exact, an IF has none, and "
                                               "with a channel of another tau the neurons are the host's, in 16 bits"));
    }

    /// Behind the others: nodes come behind all that they take from.
    void add_layer(std::size_t weights)
    {
        if (takes_numbers(weights) && m_encoded != SIZE_MAX)
            m_graph.fail(weights, "takes the network's input, as " + m_graph.nodes[m_encoded].title() +
                                      " does; the host encodes it by one layer of weights and neurons. One layer with "
                                      "the channels of both would run");
        layer_model layer = std::move(m_pending.at(weights));
        m_pending.erase(weights);
        make_unique(layer.name);
        if (takes_numbers(weights)) {
            m_encoded = weights;
            m_network.encoder = std::move(layer);
        } else {
            if (takes_input(weights) && m_graph.nodes[weights].from.size() > 1 && m_options.input_scale != 1)
                m_graph.fail(weights, "takes the network's input and spikes of layers: one count of an input must stand "
                                      "for 1 (workload.input_scale)");
            layer.sources = sources_of(weights);
            m_network.layers.push_back(std::move(layer));
        }
    }

    /// A node may be two layers, each with a branch of its own.
    void make_unique(std::string& name) const
    {
        const auto is_taken = [&](const layer_model& each) { return each.name == name; };
        while (is_taken(m_network.encoder) ||
               std::any_of(m_network.layers.begin(), m_network.layers.end(), is_taken))
            name += '\'';
    }

    /// Nothing for what the layer before gives.
    std::vector<layer_source> sources_of(std::size_t weights)
    {
        const graph_node& node = m_graph.nodes[weights];
        std::vector<layer_source> sources;
        for (std::size_t i = 0; i < node.from.size(); ++i) {
            const auto found = m_layer_of.find(node.from[i]);
            if (found == m_layer_of.end())
                return {}; // it is refused
            const map_part part = node.parts.empty() ? map_part{} : node.parts[i];
            sources.push_back({found->second, part.step_h, part.step_w, part.first_row, part.first_column});
        }
        if (node.parts.empty() && sources.size() == 1 && sources[0].layer == m_network.layers.size())
            return {};
        if (m_network.layers.empty() && m_options.takes_spikes)
            m_graph.fail(weights,
                         "is the first layer on the accelerator, and takes parts of one map side by side; with "
                         "the same stride on all its branches it would run");
        if (!node.parts.empty())
            m_graph.nodes[weights].notes.push_back("the host puts them together in device memory for each input: " +
                                                   std::to_string(node.in->size()) + " spike words");
        return sources;
    }

    /// The last layer: one without a neuron is not placed yet.
    void finish()
    {
        const std::size_t before = m_graph.nodes[m_output].from[0];
        const bool currents = m_pending.count(weights_of_last()) > 0;
        try {
            const map_shape& out = *m_graph.nodes[before].out;
            if (m_encoded == SIZE_MAX && m_pending.empty() && m_network.layers.empty())
                m_graph.fail(m_output, "there is no layer between " + m_graph.nodes[before].title() + " and this node");
            if (currents && takes_numbers(weights_of_last()))
                m_graph.fail(weights_of_last(), "no neuron spikes: the only layer takes numbers, which is the host's "
                                                "part, and the accelerator has nothing to do; of inputs of 0 and 1 "
                                                "over time it is the accelerator's (workload.first_layer), and it would "
                                                "run");
            m_network.classes = static_cast<unsigned>(out.size());
            if (currents) {
                layer_model& layer = m_pending.at(weights_of_last());
                layer.currents = true;
                if (m_network.scores.response_q16.empty())
                    m_network.scores = quantise_readout(nullptr, layer.weight_scales,
                                                        wishes(weights_of_last()).input_scale, m_options.timesteps);
                add_layer(weights_of_last());
            } else {
                m_graph.nodes[m_output].notes.push_back("a class's score is its number of spikes");
            }
            if (m_network.layers.empty())
                count_spikes(out);
        } catch (const text::user_error& error) {
            m_graph.refuse(before, error.what());
        }
    }

    /// The last node before Output that is no neuron of the host.
    std::size_t weights_of_last() const
    {
        const std::size_t before = m_graph.nodes[m_output].from[0];
        const neuron_op* neuron = m_graph.nodes[before].as<neuron_op>();
        return neuron != nullptr && !neuron->spikes ? m_graph.nodes[before].from[0] : before;
    }

    /// The only layer takes numbers and is the host's: the accelerator adds up its spikes.
    void count_spikes(const map_shape& out)
    {
        layer_model ones;
        ones.name = "spikes of " + layer_name(m_graph.nodes[m_spikes].name);
        make_unique(ones.name);
        ones.in_channels = ones.out_channels = out.channels;
        ones.in_height = out.height;
        ones.in_width = out.width;
        ones.currents = true;
        ones.current_scales.assign(out.channels, 1);
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
    std::vector<std::size_t> m_spike_nodes, m_weight_nodes;
    std::map<std::size_t, layer_model> m_pending;  // by their weights, those whose neuron is not placed yet
    std::map<std::size_t, std::size_t> m_layer_of; // number of a neuron's layer; 0: the encoder's, or Input
    std::set<std::size_t> m_beside;                // weights of numbers that are added to those of spikes
    std::size_t m_encoded = SIZE_MAX;              // weights of the encoder
    std::size_t m_output = SIZE_MAX, m_spikes = SIZE_MAX;
};

void require_positive(const char* name, double value)
{
    if (!(value > 0) || !std::isfinite(value))
        throw text::user_error(std::string(name) + " is " + number_text(value) + ", expected a positive number");
}

} // namespace

lowered_network lower_network(formats::nir_graph file, const map_options& options)
{
    return lower_graph(read_graph(std::move(file)), options);
}

lowered_network lower_graph(graph read, const map_options& options)
{
    require_positive("input_scale", options.input_scale);
    if (options.time_step)
        require_positive("time_step", *options.time_step);
    lowered_network result{std::move(read), {}, {}, {}};
    graph& nodes = result.nodes;
    const bool keep = options.keep_as_read && nodes.findings.empty();
    if (options.prune > 0) {
        if (keep)
            result.unpruned = nodes;
        prune_weights(nodes, options.prune);
    }
    if (keep)
        result.as_read = nodes;
    result.speech = recognise_dialect(nodes, {options.time_step, options.reset});
    absorb_filters(nodes, result.speech.time_step);
    split_branches(nodes);
    drop_flattens(nodes);
    fold_or_pools(nodes);
    fold_linear(nodes);
    pool_by_parts(nodes);
    refuse_unfolded(nodes);
    join_branches(nodes, options.takes_spikes);
    complete_layers(nodes);
    settle_neurons(nodes, result.speech, options.scales == scale_rule::per_channel, options.takes_spikes);
    placer places(nodes, result.speech, options);
    network_model model = places.place();
    result.spike_nodes = places.spike_nodes();
    result.weight_nodes = places.weight_nodes();
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
