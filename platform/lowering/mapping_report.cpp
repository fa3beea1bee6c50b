#include "platform/lowering/mapping_report.h"

#include "platform/lowering/silence.h"
#include "platform/text/words.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace loas::lowering
{

namespace
{

using json = nlohmann::ordered_json;

constexpr std::size_t columns = 100;

/// A pass's copy of a node, which went into something else.
bool is_aside(const graph_node& node)
{
    return node.copy && node.where != place::accelerator && node.where != place::host;
}

std::string where_words(const graph_node& node)
{
    return node.where == place::folded ? "folded into " + node.into : place_word(node.where);
}

std::string node_table(const graph& network)
{
    // Nodes of a graph that could not be put in order are all told, too.
    std::vector<std::size_t> order = network.order;
    if (order.empty())
        for (std::size_t i = 0; i < network.nodes.size(); ++i)
            order.push_back(i);
    order.erase(std::remove_if(order.begin(), order.end(), [&](std::size_t at) { return is_aside(network.nodes[at]); }),
                order.end());
    std::vector<std::vector<std::string>> rows{{"node", "type", "gives", "where"}};
    for (const std::size_t at : order) {
        const graph_node& node = network.nodes[at];
        rows.push_back({text::printable(node.name, 40), text::printable(node.type, 16),
                        node.out ? node.out->text() : "?", where_words(node)});
    }
    std::size_t widths[] = {0, 0, 0};
    for (const std::vector<std::string>& row : rows)
        for (std::size_t column = 0; column < 3; ++column)
            widths[column] = std::max(widths[column], row[column].size());
    std::string text;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const std::string start = fmt::format("{:{}}  {:{}}  {:{}}", rows[row][0], widths[0], rows[row][1], widths[1],
                                              rows[row][2], widths[2]);
        const std::string& where = rows[row][3];
        text += start.size() + 2 + where.size() <= columns ? start + "  " + where + '\n'
                                                           : start + '\n' + text::wrapped(where, columns, 4, 6);
        if (row > 0)
            for (const std::string& note : network.nodes[order[row - 1]].notes)
                text += text::wrapped(note, columns, 4, 6);
    }
    return text;
}

double zeros_of(const layer_model& layer)
{
    const auto zeros = std::count(layer.weights.begin(), layer.weights.end(), 0);
    return 100 * static_cast<double>(zeros) / static_cast<double>(layer.weights.size());
}

const char* reset_word(const layer_model& layer)
{
    return layer.currents                         ? "-"
           : layer.reset == neuron_reset::soft    ? "soft"
           : layer.reset == neuron_reset::delayed ? "delayed"
                                                  : "hard";
}

std::vector<const layer_model*> layers_of(const network_model& model)
{
    std::vector<const layer_model*> layers;
    if (!model.takes_spikes)
        layers.push_back(&model.encoder);
    for (const layer_model& each : model.layers)
        layers.push_back(&each);
    return layers;
}

/// Of all its neurons.
template <class number> std::vector<number> each_of(const layer_model& layer, number host_neuron::* member)
{
    std::vector<number> values;
    for (const host_neuron& each : neurons_of(layer))
        values.push_back(each.*member);
    return values;
}

std::vector<std::int32_t> thresholds_of(const layer_model& layer)
{
    if (!layer.host.empty())
        return each_of(layer, &host_neuron::threshold);
    return layer.thresholds.empty() ? std::vector<std::int32_t>{layer.threshold} : layer.thresholds;
}

/// "2", or "2 to 5" where channels have their own.
template <class number> std::string range_text(const std::vector<number>& values)
{
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    const auto text = [](number value) { return fmt::format("{:.4g}", static_cast<double>(value)); };
    const std::string first = text(*least), last = text(*most);
    return first == last ? first : first + " to " + last;
}

/// Columns as wide as they need; the first is of words, the others of numbers.
std::string aligned(const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::size_t> widths(rows[0].size());
    for (const std::vector<std::string>& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    std::string text;
    for (const std::vector<std::string>& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            text += i == 0 ? fmt::format("{:<{}}", row[i], widths[i]) : fmt::format("  {:>{}}", row[i], widths[i]);
        text += '\n';
    }
    return text;
}

std::string percent(double share)
{
    return fmt::format("{:.1f}", 100 * share);
}

/// Shares of what a layer takes without a spike, as the table has them.
std::pair<std::string, std::string> silence_words(const network_model& model, std::size_t layer, const expected_run& run)
{
    if (!run.activities.empty())
        return {percent(run.activities[layer].spike_sparsity), percent(run.activities[layer].silent_ratio)};
    const double silent = silent_by_weights(model, layer, run.timesteps);
    const std::string least = silent > 0 && run.timesteps > 0 ? ">=" + percent(silent) : "-";
    return {least, least};
}

std::string layer_tables(const network_model& model, const expected_run& run)
{
    std::vector<std::vector<std::string>> shapes{
        {"layer", "M", "K", "N", "T", "spikes 0 %", "silent %", "weights 0 %", "never spike"}};
    std::vector<std::vector<std::string>> numbers{
        {"layer, in integers", "weight 1 is", "threshold", "leak/256", "synapse/65536", "reset"}};
    const std::vector<const layer_model*> layers = layers_of(model);
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const layer_model& layer = *layers[i];
        const std::string name = text::printable(layer.name, 16);
        const bool encodes = !model.takes_spikes && i == 0;
        std::pair<std::string, std::string> silence{"-", "-"};
        if (!encodes)
            silence = silence_words(model, i - (model.takes_spikes ? 0 : 1), run);
        shapes.push_back({name, std::to_string(layer.out_height() * layer.out_width()),
                          std::to_string(layer.weights.size() / layer.out_channels), std::to_string(layer.out_channels),
                          run.timesteps == 0 ? "-" : std::to_string(run.timesteps), silence.first, silence.second,
                          fmt::format("{:.1f}", zeros_of(layer)),
                          layer.currents || run.timesteps == 0
                              ? "-"
                              : std::to_string(never_spiking(layer, run.timesteps, encodes))});
        std::vector<double> leaks; // in 256ths
        for (const unsigned each : each_of(layer, &host_neuron::leak_q16))
            leaks.push_back(each / 256.0);
        const std::vector<unsigned> synapses = each_of(layer, &host_neuron::synapse_q16);
        const bool decays = *std::max_element(synapses.begin(), synapses.end()) > 0;
        numbers.push_back({name, range_text(layer.weight_scales),
                           layer.currents ? "-" : range_text(thresholds_of(layer)),
                           layer.currents ? "-" : range_text(leaks), decays ? range_text(synapses) : "-",
                           reset_word(layer)});
    }
    const std::string words =
        run.activities.empty()
            ? "spikes 0 %, silent %: of what a layer takes, known of weights alone; --inputs FILE estimates it."
            : fmt::format("spikes 0 %, silent %: of what a layer takes, in floating point on the first {} inputs.",
                          run.inputs);
    return aligned(shapes) + '\n' + aligned(numbers) + '\n' + words +
           "\nnever spike: output channels, whatever comes in.\n";
}

/// Names of the layers whose spikes it takes, side by side; none: those of the layer before.
std::vector<std::string> takes_of(const network_model& model, const layer_model& layer)
{
    std::vector<std::string> names;
    for (const layer_source& each : layer.sources)
        names.push_back(text::printable(layers_of(model)[each.layer]->name));
    return names;
}

json tree_of(const lowered_network& lowered, const expected_run& run)
{
    const graph& network = lowered.nodes;
    json to{{"file", std::filesystem::path(network.source).filename().string()},
            {"runs", lowered.model.has_value()},
            {"exporter", lowered.speech.exporter},
            {"time_step", lowered.speech.time_step},
            {"assumed", network.assumed},
            {"warnings", json::array()},
            {"findings", json::array()},
            {"nodes", json::array()}};
    for (const auto& [key, list] : {std::pair{"warnings", &network.warnings}, std::pair{"findings", &network.findings}})
        for (const finding& each : *list)
            to[key].push_back(
                {{"node", each.node == SIZE_MAX ? json(nullptr) : json(text::printable(network.nodes[each.node].name))},
                 {"text", each.text}});
    for (const graph_node& node : network.nodes) {
        if (is_aside(node))
            continue;
        json entry{{"name", text::printable(node.name)},
                   {"type", text::printable(node.type)},
                   {"where", place_word(node.where)}};
        if (!node.into.empty())
            entry["into"] = node.into;
        if (node.out)
            entry["gives"] = node.out->rank == 1   ? json{node.out->size()}
                             : node.out->rank == 2 ? json{node.out->channels, node.out->width}
                                                   : json{node.out->channels, node.out->height, node.out->width};
        entry["notes"] = node.notes;
        to["nodes"].push_back(entry);
    }
    if (!lowered.model)
        return to;
    to["timesteps"] = run.timesteps == 0 ? json(nullptr) : json(run.timesteps);
    to["estimated_on_inputs"] = run.inputs;
    to["layers"] = json::array();
    const std::vector<const layer_model*> layers = layers_of(*lowered.model);
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const layer_model& layer = *layers[i];
        const bool encodes = !lowered.model->takes_spikes && i == 0;
        const std::size_t number = i - (lowered.model->takes_spikes ? 0 : 1);
        const bool known = !encodes && !run.activities.empty();
        to["layers"].push_back(
            {{"name", text::printable(layer.name)},
             {"m", layer.out_height() * layer.out_width()},
             {"k", layer.weights.size() / layer.out_channels},
             {"n", layer.out_channels},
             {"weight_sparsity", zeros_of(layer) / 100},
             {"spike_sparsity", known ? json(run.activities[number].spike_sparsity) : json(nullptr)},
             {"silent_ratio", known ? json(run.activities[number].silent_ratio) : json(nullptr)},
             {"silent_ratio_by_weights",
              encodes ? 0 : silent_by_weights(*lowered.model, number, run.timesteps)},
             {"never_spiking", never_spiking(layer, run.timesteps, encodes)},
             {"weight_scales", layer.weight_scales},
             {"thresholds", thresholds_of(layer)},
             {"starts", layer.host.empty() ? layer.starts : each_of(layer, &host_neuron::start)},
             {"leak_q8", layer.host.empty() ? json(layer.leak_q8) : json(nullptr)},
             {"host_neurons", layer.host.empty() ? json(nullptr)
                                                 : json{{"because", layer.host_because},
                                                        {"leak_q16", each_of(layer, &host_neuron::leak_q16)},
                                                        {"synapse_q16", each_of(layer, &host_neuron::synapse_q16)},
                                                        {"rest", each_of(layer, &host_neuron::rest)}}},
             {"reset", reset_word(layer)},
             {"currents", layer.currents},
             {"takes", takes_of(*lowered.model, layer)}});
    }
    return to;
}

/// The end of a path too long for a line.
std::string short_path(const std::string& path)
{
    constexpr std::size_t most = 60;
    const std::string name = text::printable(path, 4096);
    return name.size() <= most ? name : "..." + name.substr(name.size() - most);
}

} // namespace

std::string to_text(const lowered_network& lowered, const expected_run& run)
{
    const graph& network = lowered.nodes;
    const auto aside = std::count_if(network.nodes.begin(), network.nodes.end(), is_aside);
    std::string text =
        fmt::format("{}: {} nodes{}\n", short_path(network.source),
                    network.nodes.size() - static_cast<std::size_t>(aside),
                    lowered.speech.exporter.empty() ? "" : ", looks like " + lowered.speech.exporter + "'s");
    for (const finding& each : network.warnings)
        text += text::wrapped("Warning: " + each.text, columns, 0, 2);
    for (const std::string& each : network.assumed)
        text += text::wrapped("Assumed: " + each, columns, 0, 2);
    if (!network.nodes.empty())
        text += '\n' + node_table(network);
    if (lowered.model)
        return text + '\n' + layer_tables(*lowered.model, run) + "\nIt can run.\n";
    text += fmt::format("\nIt cannot run: {} finding{}\n", network.findings.size(),
                        network.findings.size() == 1 ? "" : "s");
    for (const finding& each : network.findings)
        text += text::wrapped(each.text.substr(std::min(each.text.size(), network.source.size() + 2)), columns, 2, 4);
    return text;
}

std::string to_json(const lowered_network& lowered, const expected_run& run)
{
    return tree_of(lowered, run).dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

} // namespace loas::lowering
