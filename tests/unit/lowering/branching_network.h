// NIR graphs with branches: built node by node, each behind those that it takes the sum of; and random ones.
#pragma once

#include "tests/unit/lowering/random_network.h"

#include <random>
#include <string>
#include <vector>

namespace loas::test
{

/// Weights are random, the same for the same seed. A call takes the nodes before it by their names.
class branching_network
{
public:
    using names = std::vector<std::string>;

    explicit branching_network(tensor input, unsigned seed = 1) : m_random(seed), m_input(std::move(input))
    {
        builder.ends("input", "Input", {double(m_input.channels), double(m_input.height), double(m_input.width)});
        m_shapes["input"] = m_input;
    }

    std::string conv(const names& from, std::size_t outputs, std::size_t kernel, std::size_t stride,
                     std::size_t padding)
    {
        const tensor in = m_shapes.at(from[0]);
        const std::string name = next("conv");
        builder.conv(name, {outputs, in.channels, kernel, kernel}, 0, double(padding))
            .array("weight", {outputs, in.channels, kernel, kernel},
                   reals(outputs * in.channels * kernel * kernel, -1, 1))
            .array("bias", {outputs}, reals(outputs, -0.5, 0.5))
            .array("stride", {2}, {double(stride), double(stride)});
        const auto size = [&](std::size_t side) { return (side + 2 * padding - kernel) / stride + 1; };
        return placed(from, name, {outputs, size(in.height), size(in.width), {}});
    }
    std::string lif(const names& from)
    {
        const std::string name = next("lif");
        builder.lif(name, {1}).fill("v_threshold", {1}, real(0.5, 1.5)).fill("r", {1}, real(1, 3));
        return placed(from, name, m_shapes.at(from[0]));
    }
    /// A neuron with synapses that decay.
    std::string cuba(const names& from)
    {
        const std::string name = lif(from);
        builder.at(name).type = "CubaLIF";
        builder.fill("tau_mem", {1}, 2, name).fill("tau_syn", {1}, 4, name).fill("w_in", {1}, real(1, 2), name);
        return name;
    }
    std::string average(const names& from, std::size_t size)
    {
        const tensor in = m_shapes.at(from[0]);
        const std::string name = next("pool");
        builder.pool(name, double(size)).at(name).type = "AvgPool2d";
        return placed(from, name, {in.channels, in.height / size, in.width / size, {}});
    }
    std::string scale(const names& from)
    {
        const std::string name = next("scale");
        builder.node(name, "Scale").fill("scale", {1}, real(0.5, 1.5));
        return placed(from, name, m_shapes.at(from[0]));
    }
    /// With a Flatten before it where what it takes is a map.
    std::string affine(const names& from, std::size_t outputs)
    {
        const tensor in = m_shapes.at(from[0]);
        const std::size_t inputs = in.channels * in.height * in.width;
        names flat = from;
        if (in.height * in.width > 1) {
            const std::string name = next("flat");
            builder.flatten(name, 0);
            flat = {placed(from, name, {inputs, 1, 1, {}})};
        }
        const std::string name = next("fc");
        builder.affine(name, outputs, inputs, 0)
            .array("weight", {outputs, inputs}, reals(outputs * inputs, -1, 1))
            .array("bias", {outputs}, reals(outputs, -0.5, 0.5));
        return placed(flat, name, {outputs, 1, 1, {}});
    }
    void output(const names& from)
    {
        builder.node("output", "Output");
        placed(from, "output", m_shapes.at(from[0]));
    }

    tensor shape(const std::string& name) const { return m_shapes.at(name); }
    std::size_t below(std::size_t end) { return m_random() % end; }
    tensor input()
    {
        tensor x = m_input;
        x.values = reals(x.channels * x.height * x.width, 0, 4);
        return x;
    }

    graph_builder builder;

private:
    double real(double low, double high) { return low + (high - low) * double(m_random()) / 4294967296.0; }
    std::vector<double> reals(std::size_t count, double low, double high)
    {
        std::vector<double> result(count);
        for (double& each : result)
            each = real(low, high);
        return result;
    }
    std::string next(const char* kind) { return kind + std::to_string(builder.graph.nodes.size()); }

    std::string placed(const names& from, const std::string& name, tensor shape)
    {
        builder.graph.edges.pop_back(); // the builder's own, from the node before
        for (const std::string& each : from)
            builder.graph.edges.emplace_back(each, name);
        shape.values.clear();
        m_shapes[name] = std::move(shape);
        return name;
    }

    std::mt19937 m_random;
    tensor m_input;
    std::map<std::string, tensor> m_shapes;
};

/// A few blocks of all kinds between an encoder and a last layer; up to 16 nodes and a few more.
inline branching_network random_branches(unsigned seed)
{
    std::mt19937 random(seed);
    const auto below = [&](std::size_t end) { return std::size_t(random() % end); };
    const std::size_t side = 5 + below(4);
    branching_network net({1 + below(2), side, side, {}}, seed);
    branching_network::names now{net.lif({net.conv({"input"}, 2 + below(2), 3, 1, 1)})};
    for (std::size_t block = 0, blocks = 1 + below(2); block < blocks; ++block) {
        const std::size_t channels = net.shape(now[0]).channels, kind = below(5);
        if (kind == 0) { // identity
            branching_network::names sum = now;
            sum.push_back(net.conv({net.lif({net.conv(now, channels, 3, 1, 1)})}, channels, 3, 1, 1));
            now = {net.lif(sum)};
        } else if (kind == 1) { // projection
            const std::string down = net.lif({net.conv(now, channels + 1, 3, 2, 1)});
            now = {net.lif({net.conv({down}, channels + 1, 3, 1, 1), net.conv(now, channels + 1, 1, 2, 0)})};
        } else if (kind == 2) { // SEW
            now.push_back(net.lif({net.conv(now, channels, 3, 1, 1)}));
        } else if (kind == 3) { // branches of different depth and kernels
            const std::string deep = net.lif({net.conv({net.lif({net.conv(now, 2, 1, 1, 0)})}, 3, 3, 1, 1)});
            now = {net.lif({net.conv({deep}, channels, 3, 1, 1), net.conv(now, channels, 5, 1, 2)})};
        } else { // something shared, linear
            const std::string shared = net.scale(now);
            now = {net.lif({shared}), net.lif({net.conv({shared}, channels, 1, 1, 0)})};
        }
    }
    if (below(2) == 0 && net.shape(now[0]).height >= 2)
        now = {net.average(now, 2)};
    now = {net.affine(now, 3)};
    net.output(below(2) == 0 ? branching_network::names{net.lif(now)} : now);
    return net;
}

} // namespace loas::test
