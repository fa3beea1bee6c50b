#include "platform/network/inline_subgraphs.h"

#include "platform/text/words.h"

#include <algorithm>
#include <utility>

namespace loas::network
{

namespace
{

const formats::nir_node* only_of_type(const formats::nir_node& outer, const std::string& type)
{
    const auto is_type = [&](const formats::nir_node& node) { return node.type == type; };
    const auto found = std::find_if(outer.nodes.begin(), outer.nodes.end(), is_type);
    return std::count_if(outer.nodes.begin(), outer.nodes.end(), is_type) == 1 ? &*found : nullptr;
}

/// Opens the graph in `outer` into nodes and edges, whose edges with `outer` go through.
void open(formats::nir_node outer, const std::string& input, const std::string& output,
          std::vector<formats::nir_node>& nodes, formats::nir_edges& edges)
{
    std::vector<std::string> first, last; // after its Input, before its Output
    for (const auto& [from, to] : outer.edges) {
        if (from == input)
            first.push_back(outer.name + '.' + to);
        if (to == output)
            last.push_back(outer.name + '.' + from);
    }
    formats::nir_edges through;
    for (const auto& [from, to] : edges) {
        const std::vector<std::string> starts = from == outer.name ? last : std::vector<std::string>{from};
        const std::vector<std::string> ends = to == outer.name ? first : std::vector<std::string>{to};
        for (const std::string& start : starts)
            for (const std::string& end : ends)
                through.emplace_back(start, end);
    }
    for (const auto& [from, to] : outer.edges)
        if (from != input && to != output)
            through.emplace_back(outer.name + '.' + from, outer.name + '.' + to);
    edges = std::move(through);
    for (formats::nir_node& inner : outer.nodes)
        if (inner.name != input && inner.name != output) {
            inner.name = outer.name + '.' + inner.name;
            nodes.push_back(std::move(inner));
        }
}

} // namespace

std::vector<std::string> inline_subgraphs(formats::nir_graph& graph)
{
    std::vector<std::string> done;
    for (std::size_t i = 0; i < graph.nodes.size();) {
        const formats::nir_node& node = graph.nodes[i];
        const formats::nir_node* input = node.type == "NIRGraph" ? only_of_type(node, "Input") : nullptr;
        const formats::nir_node* output = node.type == "NIRGraph" ? only_of_type(node, "Output") : nullptr;
        if (input == nullptr || output == nullptr) {
            ++i;
            continue;
        }
        done.push_back("the graph '" + text::printable(node.name) + "' within the graph is opened into it");
        const std::string input_name = input->name, output_name = output->name;
        formats::nir_node outer = std::move(graph.nodes[i]);
        graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i));
        open(std::move(outer), input_name, output_name, graph.nodes, graph.edges);
    }
    return done;
}

} // namespace loas::network
