// The order of a NIR graph's nodes, and access to their datasets with messages that name node and dataset.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "platform/formats/nir.h"

namespace loas::lowering
{

/// A node of a graph, read with checks. All functions throw text::user_error.
class node_view
{
public:
    node_view(const formats::nir_graph& graph, const formats::nir_node& node) : m_graph(&graph), m_node(&node) {}

    const std::string& name() const { return m_node->name; }
    const std::string& type() const { return m_node->type; }

    /// "node 'conv1' (Conv2d)"
    std::string title() const;

    /// "<file>: node 'conv1' (Conv2d): <reason>"
    [[noreturn]] void fail(const std::string& reason) const;

    /// "<file>: /node/nodes/conv1/weight: <reason>"
    [[noreturn]] void fail_at(const std::string& dataset, const std::string& reason) const;

    bool has(const std::string& dataset) const;

    /// A numeric dataset.
    const formats::nir_array& array(const std::string& dataset) const;

    /// The string, or null when the dataset is missing or numeric.
    const std::string* string(const std::string& dataset) const;

    /// One whole number in low..high; an array must have one element.
    long integer(const std::string& dataset, long low, long high) const;

    /// Whole numbers in low..high for (row, column); one number counts for both.
    std::array<unsigned, 2> pair(const std::string& dataset, long low, long high) const;

    /// A one-dimensional list of whole numbers in low..high (a scalar is a list of one).
    std::vector<long> integers(const std::string& dataset, long low, long high) const;

    /// The value of all elements; fails naming the first that differs. Their number must be 1 or `size`, which is that
    /// of the output of `source` ("node 'conv1' (Conv2d)").
    double uniform(const std::string& dataset, std::size_t size, const std::string& source) const;

private:
    const formats::nir_graph* m_graph;
    const formats::nir_node* m_node;
};

/// All nodes of the graph, from Input to Output. Fails, naming the node, unless the graph is a chain: one Input, one
/// Output, one edge into and one out of every node between them, no node aside.
std::vector<node_view> chain_of(const formats::nir_graph& graph);

/// Fails, naming node, dataset and index, when a value is not finite.
void require_finite(const formats::nir_graph& graph);

/// A number as short as possible: "2", "0.5", "1e-09".
std::string number_text(double value);

} // namespace loas::lowering
