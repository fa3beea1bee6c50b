// What the passes leave of a network, computed node by node.
#pragma once

#include "platform/network/graph.h"
#include "tests/unit/lowering/random_network.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace loas::test
{

using network::graph_node;
using network::linear_op;
using network::map_shape;
using network::neuron_op;

/// What is left behind the passes, a timestep at a time: sums, neurons that reset to 0, ORs.
class lowered_by_hand
{
public:
    explicit lowered_by_hand(const network::graph& network)
        : m_network(network), m_potentials(network.nodes.size()), m_currents(network.nodes.size())
    {
    }

    tensor step(const tensor& x)
    {
        std::vector<tensor> gives(m_network.nodes.size());
        for (const std::size_t at : m_network.order) {
            const graph_node& node = m_network.nodes[at];
            if (node.gone())
                continue;
            gives[at] = node.from.empty() ? x : input_of(node, gives);
            if (const linear_op* op = node.as<linear_op>())
                gives[at] = sum(*op, std::move(gives[at]), *node.in);
            if (node.numbers != SIZE_MAX)
                for (std::size_t i = 0; i < gives[at].values.size(); ++i)
                    gives[at].values[i] += gives[node.numbers].values.at(i);
            if (const neuron_op* neuron = node.as<neuron_op>())
                gives[at] = fire(*neuron, std::move(gives[at]), m_potentials[at], m_currents[at]);
        }
        return gives[m_network.order.back()];
    }

private:
    static tensor input_of(const graph_node& node, const std::vector<tensor>& gives)
    {
        if (node.parts.empty()) {
            EXPECT_EQ(node.from.size(), 1u) << node.name;
            return gives[node.from[0]];
        }
        tensor all{node.in->channels, node.in->height, node.in->width, {}};
        for (std::size_t i = 0; i < node.parts.size(); ++i) {
            const tensor& from = gives[node.from[i]];
            for (std::size_t c = 0; c < from.channels; ++c)
                for (std::size_t row = 0; row < all.height; ++row)
                    for (std::size_t column = 0; column < all.width; ++column)
                        all.values.push_back(from.at(c, node.parts[i].first_row + long(row * node.parts[i].step_h),
                                                     node.parts[i].first_column + long(column * node.parts[i].step_w)));
        }
        return all;
    }

    static tensor sum(const linear_op& op, tensor x, const map_shape& in)
    {
        EXPECT_EQ(in.size(), x.values.size());
        x.channels = in.channels, x.height = in.height, x.width = in.width;
        tensor y{op.out_channels, op.out_height(in.height), op.out_width(in.width), {}};
        for (std::size_t n = 0; n < y.channels; ++n)
            for (std::size_t row = 0; row < y.height; ++row)
                for (std::size_t column = 0; column < y.width; ++column) {
                    double sum = op.bias.empty() ? 0 : op.bias[n];
                    for (std::size_t c = 0; c < op.in_channels; ++c)
                        for (std::size_t i = 0; i < op.kernel_h; ++i)
                            for (std::size_t j = 0; j < op.kernel_w; ++j)
                                sum += op.weights[((n * op.in_channels + c) * op.kernel_h + i) * op.kernel_w + j] *
                                       x.at(c, long(row * op.stride_h + i) - long(op.pad_h),
                                            long(column * op.stride_w + j) - long(op.pad_w));
                    y.values.push_back(sum);
                }
        return y;
    }

    static tensor fire(const neuron_op& op, tensor x, std::vector<double>& potentials, std::vector<double>& currents)
    {
        const bool begins = potentials.empty();
        potentials.resize(x.values.size());
        currents.resize(x.values.size());
        const std::size_t pixels = x.values.size() / x.channels;
        for (std::size_t i = 0; i < x.values.size(); ++i) {
            network::host_values host{op.leak, 0, 0, 0, 0}; // in currents
            host.threshold = op.thresholds.empty() ? op.threshold / op.gain : op.thresholds[i / pixels];
            if (!op.host.empty())
                host = op.host.at(op.host.size() == x.channels ? i / pixels : i);
            if (begins)
                potentials[i] = !op.host.empty() ? host.start : op.starts.empty() ? 0 : op.starts[i / pixels];
            currents[i] = host.synapse * currents[i] + x.values[i];
            potentials[i] = host.leak * potentials[i] + currents[i] + host.rest;
            x.values[i] = potentials[i] > host.threshold ? 1 : 0;
            potentials[i] = x.values[i] != 0 ? 0 : potentials[i];
        }
        if (op.pool == 1)
            return x;
        tensor y{x.channels, x.height / op.pool, x.width / op.pool, {}};
        for (std::size_t c = 0; c < y.channels; ++c)
            for (std::size_t row = 0; row < y.height; ++row)
                for (std::size_t column = 0; column < y.width; ++column) {
                    double any = 0;
                    for (std::size_t i = 0; i < op.pool * op.pool; ++i)
                        any = std::max(
                            any, x.at(c, long(row * op.pool + i / op.pool), long(column * op.pool + i % op.pool)));
                    y.values.push_back(any);
                }
        return y;
    }

    const network::graph& m_network;
    std::vector<std::vector<double>> m_potentials, m_currents;
};

} // namespace loas::test
