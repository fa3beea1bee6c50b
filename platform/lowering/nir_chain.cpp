#include "platform/lowering/nir_chain.h"

#include <cmath>
#include <cstdio>
#include <map>
#include <utility>

#include "platform/formats/npy.h"
#include "platform/text/user_error.h"

namespace loas::lowering
{

namespace
{

using text::user_error;

// The edges at one node: the other ends.
struct neighbours {
    const formats::nir_node* node = nullptr;
    std::vector<std::string> from, to;
};

std::string quoted_list(const std::vector<std::string>& names)
{
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "'" : ", '") + name + "'";
    return text;
}

[[noreturn]] void fail_at_edge(const formats::nir_graph& graph, const std::string& from, const std::string& to,
                               const std::string& missing)
{
    throw user_error(graph.source + ": /node/edges: edge '" + from + "' -> '" + to + "': there is no node '" + missing +
                     "'");
}

std::map<std::string, neighbours> neighbours_of(const formats::nir_graph& graph)
{
    std::map<std::string, neighbours> result;
    for (const formats::nir_node& node : graph.nodes)
        if (std::exchange(result[node.name].node, &node) != nullptr)
            node_view(graph, node).fail("another node has the same name");
    for (const auto& [from, to] : graph.edges) {
        for (const std::string& end : {from, to})
            if (result.find(end) == result.end())
                fail_at_edge(graph, from, to, end);
        result[from].to.push_back(to);
        result[to].from.push_back(from);
    }
    return result;
}

const formats::nir_node& only_node_of_type(const formats::nir_graph& graph, const std::string& type)
{
    std::vector<std::string> names;
    const formats::nir_node* found = nullptr;
    for (const formats::nir_node& node : graph.nodes) {
        if (node.type != type)
            continue;
        names.push_back(node.name);
        found = &node;
    }
    if (found == nullptr)
        throw user_error(graph.source + ": /node/nodes: there is no " + type + " node");
    if (names.size() > 1)
        throw user_error(graph.source + ": /node/nodes: expected one " + type + " node, found " + quoted_list(names) +
                         "; branches are not supported yet");
    return *found;
}

// One edge in, one out; none into Input, none out of Output.
void require_chain_link(const formats::nir_graph& graph, const neighbours& at)
{
    const node_view view(graph, *at.node);
    const auto check = [&](const std::vector<std::string>& ends, const std::string& direction, const char* end_type) {
        if (at.node->type == end_type) {
            if (!ends.empty())
                view.fail("has an " + direction + " edge, with " + quoted_list(ends));
        } else if (ends.size() > 1) {
            view.fail("has " + std::to_string(ends.size()) + " " + direction + " edges, with " + quoted_list(ends) +
                      "; branches are not supported yet");
        } else if (ends.empty()) {
            view.fail("has no " + direction + " edge");
        }
    };
    check(at.from, "incoming", "Input");
    check(at.to, "outgoing", "Output");
}

bool whole_in(double value, long low, long high)
{
    return value >= static_cast<double>(low) && value <= static_cast<double>(high) && value == std::floor(value);
}

} // namespace

std::string number_text(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.9g", value);
    return text;
}

std::string node_view::title() const
{
    return "node '" + name() + "' (" + type() + ")";
}

void node_view::fail(const std::string& reason) const
{
    throw user_error(m_graph->source + ": " + title() + ": " + reason);
}

void node_view::fail_at(const std::string& dataset, const std::string& reason) const
{
    throw user_error(m_graph->source + ": /node/nodes/" + name() + "/" + dataset + ": " + reason);
}

bool node_view::has(const std::string& dataset) const
{
    return m_node->arrays.count(dataset) > 0 || m_node->strings.count(dataset) > 0;
}

const formats::nir_array& node_view::array(const std::string& dataset) const
{
    const auto found = m_node->arrays.find(dataset);
    if (found == m_node->arrays.end())
        fail_at(dataset, m_node->strings.count(dataset) > 0 ? "expected numbers, found a string"
                                                            : "is missing; every " + type() + " node has it");
    return found->second;
}

const std::string* node_view::string(const std::string& dataset) const
{
    const auto found = m_node->strings.find(dataset);
    return found == m_node->strings.end() ? nullptr : &found->second;
}

std::vector<long> node_view::integers(const std::string& dataset, long low, long high) const
{
    const formats::nir_array& numbers = array(dataset);
    if (numbers.shape.size() > 1)
        fail_at(dataset, "expected a list of numbers, found shape " + formats::shape_text(numbers.shape));
    std::vector<long> result;
    for (std::size_t i = 0; i < numbers.values.size(); ++i) {
        const double value = numbers.values[i];
        if (!whole_in(value, low, high))
            fail_at(dataset, "element " + std::to_string(i) + " is " + number_text(value) +
                                 ", expected a whole number from " + std::to_string(low) + " to " +
                                 std::to_string(high));
        result.push_back(static_cast<long>(value));
    }
    return result;
}

long node_view::integer(const std::string& dataset, long low, long high) const
{
    const std::vector<long> numbers = integers(dataset, low, high);
    if (numbers.size() != 1)
        fail_at(dataset, "expected one number, found " + std::to_string(numbers.size()));
    return numbers.front();
}

std::array<unsigned, 2> node_view::pair(const std::string& dataset, long low, long high) const
{
    const std::vector<long> numbers = integers(dataset, low, high);
    if (numbers.empty() || numbers.size() > 2)
        fail_at(dataset, "expected one or two numbers, found " + std::to_string(numbers.size()));
    return {static_cast<unsigned>(numbers.front()), static_cast<unsigned>(numbers.back())};
}

double node_view::uniform(const std::string& dataset, std::size_t size, const std::string& source) const
{
    const formats::nir_array& numbers = array(dataset);
    if (numbers.values.size() != 1 && numbers.values.size() != size)
        fail(dataset + " has shape " + formats::shape_text(numbers.shape) + ", " +
             std::to_string(numbers.values.size()) + " values, but " + source + " gives " + std::to_string(size));
    for (std::size_t i = 1; i < numbers.values.size(); ++i)
        if (numbers.values[i] != numbers.values[0])
            fail(dataset + " must be the same for all neurons of a layer, but it is " + number_text(numbers.values[0]) +
                 " at " + formats::index_text(numbers.shape, 0) + " and " + number_text(numbers.values[i]) + " at " +
                 formats::index_text(numbers.shape, i));
    return numbers.values.front();
}

std::vector<node_view> chain_of(const formats::nir_graph& graph)
{
    const formats::nir_node& input = only_node_of_type(graph, "Input");
    const formats::nir_node& output = only_node_of_type(graph, "Output");
    const std::map<std::string, neighbours> edges = neighbours_of(graph);
    for (const auto& [name, at] : edges)
        require_chain_link(graph, at);

    // As every node has one way in and one out, the walk can neither branch nor run into itself.
    std::vector<node_view> chain{{graph, input}};
    const neighbours* at = &edges.at(input.name);
    while (at->node != &output) {
        at = &edges.at(at->to.front());
        chain.emplace_back(graph, *at->node);
    }
    if (chain.size() < graph.nodes.size())
        for (const formats::nir_node& node : graph.nodes) {
            bool reached = false;
            for (const node_view& view : chain)
                reached = reached || view.name() == node.name;
            if (!reached)
                node_view(graph, node).fail("is not on the way from '" + input.name + "' to '" + output.name + "'");
        }
    return chain;
}

void require_finite(const formats::nir_graph& graph)
{
    for (const formats::nir_node& node : graph.nodes)
        for (const auto& [dataset, array] : node.arrays) {
            const node_view view(graph, node);
            if (formats::count_elements(array.shape, array.values.size()) != array.values.size())
                view.fail_at(dataset, "shape " + formats::shape_text(array.shape) + " does not have " +
                                          std::to_string(array.values.size()) + " elements");
            for (std::size_t i = 0; i < array.values.size(); ++i)
                if (!std::isfinite(array.values[i]))
                    view.fail(dataset + " is " + number_text(array.values[i]) + " at " +
                              formats::index_text(array.shape, i) + "; expected a finite number");
        }
}

} // namespace loas::lowering
