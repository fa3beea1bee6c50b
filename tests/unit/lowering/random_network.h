// Chains of random NIR nodes, and what they compute, worked out from the file's own arrays.
#pragma once

#include "tests/unit/formats/load_support.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace loas::test
{

/// A tensor in the order of NIR: (channel, row, column).
struct tensor {
    std::size_t channels = 1, height = 1, width = 1;
    std::vector<double> values;

    double at(std::size_t c, long row, long column) const
    {
        const bool inside = row >= 0 && column >= 0 && row < long(height) && column < long(width);
        return inside ? values[(c * height + std::size_t(row)) * width + std::size_t(column)] : 0;
    }
};

/// What a network gives at each timestep, whose nodes stand behind those that they take from, as the file has them:
/// hard reset, fires above the threshold. A node takes the sum of its edges.
class network_by_hand
{
public:
    explicit network_by_hand(double time_step) : m_dt(time_step) {}

    tensor step(const formats::nir_graph& graph, const tensor& x)
    {
        m_potentials.resize(graph.nodes.size());
        std::map<std::string, tensor> gives;
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            const std::string& name = graph.nodes[i].name;
            gives[name] = node(graph.nodes[i], m_potentials[i], i == 0 ? x : sum_before(graph, name, gives));
        }
        return gives[graph.nodes.back().name];
    }

private:
    static tensor sum_before(const formats::nir_graph& graph, const std::string& name,
                             const std::map<std::string, tensor>& gives)
    {
        tensor sum;
        for (const auto& [from, to] : graph.edges)
            if (to == name && sum.values.empty())
                sum = gives.at(from);
            else if (to == name)
                for (std::size_t i = 0; i < sum.values.size(); ++i)
                    sum.values[i] += gives.at(from).values.at(i);
        return sum;
    }

    static double number(const formats::nir_node& node, const char* name, std::size_t i, double otherwise = 0)
    {
        const auto found = node.arrays.find(name);
        if (found == node.arrays.end())
            return otherwise;
        const std::vector<double>& values = found->second.values;
        return values.size() == 1 ? values[0] : values.at(i);
    }

    tensor window(const formats::nir_node& node, const tensor& x, bool pool) const
    {
        const formats::nir_array none{{x.channels, 1, 0, 0}, {}};
        const formats::nir_array& w = pool ? none : node.arrays.at("weight");
        const std::size_t kernel[] = {pool ? std::size_t(number(node, "kernel_size", 0)) : w.shape[2],
                                      pool ? std::size_t(number(node, "kernel_size", 1)) : w.shape[3]};
        const auto size = [&](std::size_t in, std::size_t side) {
            const std::size_t reach = (kernel[side] - 1) * std::size_t(number(node, "dilation", side, 1)) + 1;
            return (in + 2 * std::size_t(number(node, "padding", side)) - reach) /
                       std::size_t(number(node, "stride", side)) +
                   1;
        };
        tensor y{w.shape[0], size(x.height, 0), size(x.width, 1), {}};
        const std::size_t groups = std::size_t(number(node, "groups", 0, 1));
        const double factor = node.type == "AvgPool2d" ? 1.0 / double(kernel[0] * kernel[1]) : 1;
        for (std::size_t n = 0; n < y.channels; ++n)
            for (std::size_t row = 0; row < y.height; ++row)
                for (std::size_t column = 0; column < y.width; ++column) {
                    double sum = pool ? 0 : number(node, "bias", n);
                    for (std::size_t c = 0; c < w.shape[1]; ++c)
                        for (std::size_t i = 0; i < kernel[0]; ++i)
                            for (std::size_t j = 0; j < kernel[1]; ++j)
                                sum +=
                                    (pool ? factor : w.values[((n * w.shape[1] + c) * kernel[0] + i) * kernel[1] + j]) *
                                    x.at(pool ? n : n / (y.channels / groups) * w.shape[1] + c,
                                         long(row * std::size_t(number(node, "stride", 0)) +
                                              i * std::size_t(number(node, "dilation", 0, 1))) -
                                             long(number(node, "padding", 0)),
                                         long(column * std::size_t(number(node, "stride", 1)) +
                                              j * std::size_t(number(node, "dilation", 1, 1))) -
                                             long(number(node, "padding", 1)));
                    y.values.push_back(sum);
                }
        return y;
    }

    tensor node(const formats::nir_node& node, std::vector<double>& potentials, tensor x) const
    {
        if (node.type == "Conv2d")
            return window(node, x, false);
        if (node.type == "SumPool2d" || node.type == "AvgPool2d")
            return window(node, x, true);
        if (node.type == "Affine") {
            tensor y{node.arrays.at("weight").shape[0], 1, 1, {}};
            for (std::size_t n = 0; n < y.channels; ++n) {
                y.values.push_back(number(node, "bias", n));
                for (std::size_t k = 0; k < x.values.size(); ++k)
                    y.values[n] += node.arrays.at("weight").values[n * x.values.size() + k] * x.values[k];
            }
            return y;
        }
        if (node.type == "Flatten")
            return {x.values.size(), 1, 1, x.values};
        if (node.type == "Scale")
            for (std::size_t i = 0; i < x.values.size(); ++i)
                x.values[i] *= number(node, "scale", i);
        if (node.type == "Threshold")
            for (std::size_t i = 0; i < x.values.size(); ++i)
                x.values[i] = x.values[i] > number(node, "threshold", i) ? 1 : 0;
        if (node.type == "LIF" || node.type == "IF" || node.type == "CubaLIF" || node.type == "LI") {
            const std::size_t count = x.values.size();
            const char* tau = node.type == "CubaLIF" ? "tau_mem" : "tau";
            potentials.resize(2 * count); // and the currents of synapses
            const std::vector<double> before(potentials.begin() + long(count), potentials.end());
            for (std::size_t i = 0; i < count; ++i) {
                double& current = potentials[count + i];
                current = x.values[i];
                if (node.type == "CubaLIF") {
                    const double share = m_dt / number(node, "tau_syn", i);
                    current = (1 - share) * before[i] + share * number(node, "w_in", i) * x.values[i];
                }
                const double drive = number(node, "r", i) * current;
                potentials[i] += node.type == "IF" ? m_dt * drive
                                                   : m_dt / number(node, tau, i) *
                                                         (number(node, "v_leak", i) - potentials[i] + drive);
                if (node.type == "LI") {
                    x.values[i] = potentials[i];
                    continue;
                }
                x.values[i] = potentials[i] > number(node, "v_threshold", i) ? 1 : 0;
                if (x.values[i] != 0)
                    potentials[i] = number(node, "v_reset", i);
            }
        }
        return x;
    }

    double m_dt;
    std::vector<std::vector<double>> m_potentials; // of the neurons of each node
};

/// Input, a few layers with everything between them that can be folded, Output. Up to 16 nodes.
class random_network
{
public:
    explicit random_network(unsigned seed) : m_random(seed)
    {
        m_shape = {below(3) + 1, below(6) + 6, below(6) + 6, {}};
        builder.ends("input", "Input", {double(m_shape.channels), double(m_shape.height), double(m_shape.width)});
        input = m_shape;
        for (std::size_t i = 0; i < m_shape.channels * m_shape.height * m_shape.width; ++i)
            input.values.push_back(double(below(17)));
        for (std::size_t layer = 0, layers = 1 + below(2); layer < layers; ++layer) {
            if (below(3) == 0)
                scale();
            if (layer > 0 && below(2) == 0 && !pool(0, true)) // an average of what spikes
                scale();
            convolution();
            if (below(3) == 0)
                scale();
            if (below(3) == 0)
                pool(0);
            neuron();
            if (below(3) == 0 && pool(1))
                builder.node(name(), "Threshold").fill("threshold", {1}, 0.5);
        }
        if (m_shape.height * m_shape.width > 1)
            builder.flatten(name(), 0);
        affine(below(4) + 1, m_shape.channels * m_shape.height * m_shape.width);
        if (below(3) == 0) // two sums are one
            affine(below(4) + 1, m_shape.channels);
        if (below(2) == 0)
            neuron();
        builder.ends("output", "Output", {double(m_shape.channels)});
    }

    graph_builder builder;
    tensor input;

private:
    std::size_t below(std::size_t end) { return m_random() % end; }
    double real(double low, double high) { return low + (high - low) * double(m_random()) / 4294967296.0; }
    std::vector<double> reals(std::size_t count, double low, double high)
    {
        std::vector<double> result(count);
        for (double& each : result)
            each = real(low, high);
        return result;
    }
    std::string name() { return "n" + std::to_string(builder.graph.nodes.size()); }

    void scale()
    {
        builder.node(name(), "Scale").array("scale", {m_shape.channels, m_shape.height, m_shape.width}, spread());
    }
    // One value a channel, written for each element.
    std::vector<double> spread(double low = 0.5, double high = 1.5)
    {
        std::vector<double> result;
        if (m_pixels_differ)
            return reals(m_shape.channels * m_shape.height * m_shape.width, low, high);
        for (std::size_t c = 0; c < m_shape.channels; ++c)
            result.insert(result.end(), m_shape.height * m_shape.width, real(low, high));
        return result;
    }

    // Of spikes as they are: in windows that may overlap, too.
    bool pool(int kind, bool of_neurons = false)
    {
        const std::size_t k = 2;
        of_neurons = of_neurons && builder.graph.nodes.back().type != "Scale";
        if (m_shape.height < 2 * k || m_shape.width < 2 * k)
            return false;
        const tensor before = m_shape;
        builder.pool(name(), double(k));
        if (kind == 0 && below(2) == 0)
            builder.graph.nodes.back().type = "AvgPool2d";
        m_shape.height /= k, m_shape.width /= k;
        m_pool_of_neurons = of_neurons;
        if (of_neurons && below(2) == 0) {
            builder.array("kernel_size", {2}, {3, 3}).array("padding", {2}, {1, 1});
            m_shape = {m_shape.channels, (before.height - 1) / 2 + 1, (before.width - 1) / 2 + 1, {}};
        }
        return true;
    }

    void convolution()
    {
        const std::size_t groups = m_shape.channels % 2 == 0 && below(2) == 0 ? 2 : 1,
                          outputs = groups * (1 + below(3));
        const std::size_t least = std::min(m_shape.height, m_shape.width);
        const std::size_t kernel = std::min(1 + below(3), least);
        const std::size_t dilation = 1 + (kernel == 2 && least > 2 ? below(2) : 0);
        const std::size_t reach = (kernel - 1) * dilation + 1, stride = 1 + below(2);
        // Behind a pool whose windows leave a rest, padding does not fold; what spikes can be taken in parts.
        const bool of_sums = builder.graph.nodes.back().type.find("Pool") != std::string::npos && !m_pool_of_neurons;
        const std::size_t padding = of_sums ? 0 : below(2);
        builder.conv(name(), {outputs, m_shape.channels / groups, kernel, kernel}, 0, double(padding))
            .array("weight", {outputs, m_shape.channels / groups, kernel, kernel},
                   reals(outputs * m_shape.channels / groups * kernel * kernel, -1, 1))
            .array("bias", {outputs}, reals(outputs, -1, 1))
            .array("stride", {2}, {double(stride), double(stride)})
            .array("dilation", {2}, {double(dilation), double(dilation)})
            .array("groups", {}, {double(groups)});
        const auto size = [&](std::size_t in) { return (in + 2 * padding - reach) / stride + 1; };
        m_shape = {outputs, size(m_shape.height), size(m_shape.width), {}};
    }

    void affine(std::size_t outputs, std::size_t inputs)
    {
        builder.affine(name(), outputs, inputs, 0)
            .array("weight", {outputs, inputs}, reals(outputs * inputs, -1, 1))
            .array("bias", {outputs}, reals(outputs, -1, 1));
        m_shape = {outputs, 1, 1, {}};
    }

    void neuron()
    {
        const std::vector<std::size_t> shape{m_shape.channels, m_shape.height, m_shape.width};
        if (below(4) == 0) // the synapses of what comes
            builder.node(name(), "LI").array("tau", shape, spread(1, 4)).array("r", shape, spread(1, 2)).fill("v_leak", {1}, 0);
        const bool filtered = builder.graph.nodes.back().type == "LI";
        m_pixels_differ = below(4) == 0;
        builder.lif(name(), shape).array("v_threshold", shape, spread(0.5, 2)).array("r", shape, spread(1, 3));
        if (below(3) == 0)
            builder.array("v_leak", shape, spread(-0.5, 0.5));
        if (below(3) == 0)
            builder.array("v_reset", shape, spread(-0.5, 0.3));
        if (below(3) == 0)
            builder.array("tau", shape, spread(1, 4));
        if (below(3) == 0) {
            builder.graph.nodes.back().type = "IF";
            builder.graph.nodes.back().arrays.erase("tau");
        } else if (!filtered && below(3) == 0) {
            formats::nir_node& last = builder.graph.nodes.back();
            last.type = "CubaLIF";
            last.arrays["tau_mem"] = last.arrays.at("tau");
            last.arrays.erase("tau");
            builder.array("tau_syn", shape, spread(1, 3)).array("w_in", shape, spread(0.5, 2));
        }
        m_pixels_differ = false;
    }

    std::mt19937 m_random;
    tensor m_shape;                                            // of what comes next, without values
    bool m_pool_of_neurons = false, m_pixels_differ = false; // of the last pool; of what spread() draws
};

} // namespace loas::test
