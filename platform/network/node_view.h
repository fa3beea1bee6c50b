// Access to the datasets of a NIR node, with messages that name node and dataset.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "platform/formats/nir.h"

namespace loas::network
{

/// A node of a graph, read with checks. All functions throw text::user_error.
class node_view
{
public:
    /// Both must outlive it. source: name of the file.
    node_view(const std::string& source, const formats::nir_node& node) : m_source(&source), m_node(&node) {}

    const std::string& name() const { return m_node->name; }
    const std::string& type() const { return m_node->type; }

    /// "node 'conv1' (Conv2d)"
    std::string title() const;

    /// "<file>: node 'conv1' (Conv2d): <reason>"
    [[noreturn]] void fail(const std::string& reason) const;

    /// "<file>: /node/nodes/conv1/weight: <reason>"
    [[noreturn]] void fail_at(const std::string& dataset, const std::string& reason) const;

    bool has(const std::string& dataset) const;

    /// Fails, naming dataset and index, when a value is not finite or a dataset has not as many as its shape says.
    void require_finite() const;

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

    /// Numbers of a dataset that holds one for all neurons, or one for each channel, or one for each of `size` neurons;
    /// `source` is the title of the node that gives these.
    std::vector<double> each(const std::string& dataset, std::size_t channels, std::size_t size,
                             const std::string& source) const;

private:
    const std::string* m_source;
    const formats::nir_node* m_node;
};

/// A number as short as possible: "2", "0.5", "1e-09".
std::string number_text(double value);

} // namespace loas::network
