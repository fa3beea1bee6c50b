#include "platform/lowering/mapping_report.h"

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
    std::size_t widths[] = {4, 4, 5};
    std::vector<std::vector<std::string>> rows{{"node", "type", "gives", "where"}};
    order.erase(std::remove_if(order.begin(), order.end(), [&](std::size_t at) { return is_aside(network.nodes[at]); }),
                order.end());
    for (const std::size_t at : order) {
        const graph_node& node = network.nodes[at];
        rows.push_back({text::printable(node.name), text::printable(node.type), node.out ? node.out->text() : "?",
                        where_words(node)});
        for (std::size_t column = 0; column < 3; ++column)
            widths[column] = std::max(widths[column], rows.back()[column].size());
    }
    std::string text;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        text += fmt::format("{:{}}  {:{}}  {:{}}  {}\n", rows[row][0], widths[0], rows[row][1], widths[1], rows[row][2],
                            widths[2], rows[row][3]);
        if (row > 0)
            for (const std::string& note : network.nodes[order[row - 1]].notes)
                text += fmt::format("    {}\n", note);
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

std::vector<std::int32_t> thresholds_of(const layer_model& layer)
{
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

std::string layer_table(const network_model& model)
{
    std::string text =
        "layer, in integers        M        K      N  weights 0 %         weight 1 is         threshold  leak/256    reset\n";
    for (const layer_model* layer : layers_of(model))
        text += fmt::format("{:20}  {:>7}  {:>7}  {:>5}  {:>11.1f}  {:>18}  {:>16}  {:>8}  {:>7}\n",
                            text::printable(layer->name, 20), layer->out_height() * layer->out_width(),
                            layer->weights.size() / layer->out_channels, layer->out_channels, zeros_of(*layer),
                            range_text(layer->weight_scales), layer->currents ? "-" : range_text(thresholds_of(*layer)),
                            layer->currents ? "-" : std::to_string(layer->leak_q8), reset_word(*layer));
    return text;
}

/// Names of the layers whose spikes it takes, side by side; none: those of the layer before.
std::vector<std::string> takes_of(const network_model& model, const layer_model& layer)
{
    std::vector<std::string> names;
    for (const layer_source& each : layer.sources)
        names.push_back(text::printable(layers_of(model)[each.layer]->name));
    return names;
}

json tree_of(const lowered_network& lowered)
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
    to["layers"] = json::array();
    for (const layer_model* layer : layers_of(*lowered.model))
        to["layers"].push_back({{"name", text::printable(layer->name)},
                                {"m", layer->out_height() * layer->out_width()},
                                {"k", layer->weights.size() / layer->out_channels},
                                {"n", layer->out_channels},
                                {"weight_sparsity", zeros_of(*layer) / 100},
                                {"weight_scales", layer->weight_scales},
                                {"thresholds", thresholds_of(*layer)},
                                {"leak_q8", layer->leak_q8},
                                {"reset", reset_word(*layer)},
                                {"currents", layer->currents},
                                {"takes", takes_of(*lowered.model, *layer)}});
    return to;
}

} // namespace

std::string to_text(const lowered_network& lowered)
{
    const graph& network = lowered.nodes;
    const auto aside = std::count_if(network.nodes.begin(), network.nodes.end(), is_aside);
    std::string text =
        fmt::format("{}: {} nodes{}\n", text::printable(network.source, 200),
                    network.nodes.size() - static_cast<std::size_t>(aside),
                    lowered.speech.exporter.empty() ? "" : ", looks like " + lowered.speech.exporter + "'s");
    for (const finding& each : network.warnings)
        text += "Warning: " + each.text + '\n';
    for (const std::string& each : network.assumed)
        text += "Assumed: " + each + '\n';
    if (!network.nodes.empty())
        text += '\n' + node_table(network);
    if (lowered.model)
        return text + '\n' + layer_table(*lowered.model) + "\nIt can run.\n";
    text += fmt::format("\nIt cannot run: {} finding{}\n", network.findings.size(),
                        network.findings.size() == 1 ? "" : "s");
    for (const finding& each : network.findings)
        text += "  " + each.text.substr(std::min(each.text.size(), network.source.size() + 2)) + '\n';
    return text;
}

std::string to_json(const lowered_network& lowered)
{
    return tree_of(lowered).dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

} // namespace loas::lowering
