// Small helpers of the tests of platform/formats, lowering and draw.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "platform/formats/nir.h"
#include "platform/text/user_error.h"

namespace loas::test
{

/// A path for a file of this test, that no other process uses.
inline std::string scratch_path(const std::string& name)
{
    return testing::TempDir() + "loas_load_" + std::to_string(getpid()) + "_" + name;
}

/// A file that is removed at the end of the test.
class scratch_file
{
public:
    explicit scratch_file(const std::string& name) : m_path(scratch_path(name)) {}
    ~scratch_file()
    {
        std::error_code ignored;
        std::filesystem::remove(m_path, ignored);
    }
    scratch_file(const scratch_file&) = delete;
    scratch_file& operator=(const scratch_file&) = delete;

    const std::string& path() const { return m_path; }

    void write(const std::string& bytes) const
    {
        std::ofstream(m_path, std::ios::binary | std::ios::trunc).write(bytes.data(), std::streamsize(bytes.size()));
    }
    std::string read() const
    {
        std::ifstream file(m_path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }

private:
    std::string m_path;
};

/// The message of the user_error that `action` throws; a test failure when it doesn't throw one.
template <class Action> std::string user_error_of(Action action)
{
    try {
        action();
    } catch (const text::user_error& error) {
        return error.what();
    }
    ADD_FAILURE() << "no user_error";
    return "";
}

/// A file of an .npy array: `descr` and `shape` as in Python, data as raw bytes.
inline std::string npy_bytes(const std::string& descr, const std::string& shape, const std::string& data,
                             bool fortran_order = false, unsigned major = 1)
{
    std::string header = "{'descr': '" + descr + "', 'fortran_order': " + (fortran_order ? "True" : "False") +
                         ", 'shape': " + shape + ", }";
    const std::size_t prefix = major == 1 ? 10 : 12;
    header.append(64 - (prefix + header.size() + 1) % 64, ' ');
    header += '\n';
    std::string file = "\x93NUMPY";
    file += static_cast<char>(major);
    file += '\0';
    for (std::size_t i = 0; i < prefix - 8; ++i)
        file += static_cast<char>(header.size() >> 8 * i & 0xFF);
    return file + header + data;
}

/// A path in the project's own tree.
inline std::string project_path(const std::string& relative)
{
    return (std::filesystem::path(LOAS_SOURCE_DIR) / relative).string();
}

/// Builder of graphs in memory, chained in the order of the calls.
class graph_builder
{
public:
    graph_builder() { graph.source = "net.nir"; }

    /// Adds a node after the last one.
    graph_builder& node(const std::string& name, const std::string& type)
    {
        if (!graph.nodes.empty())
            graph.edges.emplace_back(graph.nodes.back().name, name);
        graph.nodes.push_back({name, type, {}, {}});
        return *this;
    }
    /// Adds or replaces a dataset of the last node, or of `name` when given.
    graph_builder& array(const std::string& dataset, const std::vector<std::size_t>& shape,
                         const std::vector<double>& values, const std::string& name = "")
    {
        at(name).arrays[dataset] = {shape, values};
        return *this;
    }
    graph_builder& fill(const std::string& dataset, const std::vector<std::size_t>& shape, double value,
                        const std::string& name = "")
    {
        std::size_t count = 1;
        for (const std::size_t dimension : shape)
            count *= dimension;
        return array(dataset, shape, std::vector<double>(count, value), name);
    }
    graph_builder& text(const std::string& dataset, const std::string& value, const std::string& name = "")
    {
        at(name).arrays.erase(dataset);
        at(name).strings[dataset] = value;
        return *this;
    }
    graph_builder& erase(const std::string& dataset, const std::string& name)
    {
        at(name).arrays.erase(dataset);
        return *this;
    }
    formats::nir_node& at(const std::string& name)
    {
        for (formats::nir_node& node : graph.nodes)
            if (node.name == name)
                return node;
        return graph.nodes.back();
    }

    graph_builder& ends(const std::string& name, const std::string& type, const std::vector<double>& shape)
    {
        return node(name, type).array("shape", {shape.size()}, shape);
    }
    graph_builder& conv(const std::string& name, const std::vector<std::size_t>& weight_shape, double weight,
                        double padding)
    {
        return node(name, "Conv2d")
            .fill("weight", weight_shape, weight)
            .fill("bias", {weight_shape[0]}, 0)
            .array("stride", {2}, {1, 1})
            .array("padding", {2}, {padding, padding})
            .array("dilation", {2}, {1, 1})
            .array("groups", {}, {1});
    }
    graph_builder& lif(const std::string& name, const std::vector<std::size_t>& shape)
    {
        return node(name, "LIF")
            .fill("tau", shape, 2)
            .fill("r", shape, 2)
            .fill("v_leak", shape, 0)
            .fill("v_threshold", shape, 1)
            .fill("v_reset", shape, 0);
    }
    graph_builder& pool(const std::string& name, double size)
    {
        return node(name, "SumPool2d")
            .array("kernel_size", {2}, {size, size})
            .array("stride", {2}, {size, size})
            .array("padding", {2}, {0, 0});
    }
    graph_builder& flatten(const std::string& name, double start = 1)
    {
        return node(name, "Flatten").array("start_dim", {}, {start}).array("end_dim", {}, {-1});
    }
    graph_builder& affine(const std::string& name, std::size_t outputs, std::size_t inputs, double weight)
    {
        return node(name, "Affine").fill("weight", {outputs, inputs}, weight).fill("bias", {outputs}, 0);
    }

    formats::nir_graph graph;
};

/// input (1,4,4), conv1 1->2 3x3, lif1, pool1 2x2, or1, conv2 2->3 3x3, lif2, flatten, fc 12->5, output.
inline graph_builder small_network()
{
    graph_builder builder;
    builder.ends("input", "Input", {1, 4, 4})
        .conv("conv1", {2, 1, 3, 3}, 0.5, 1)
        .lif("lif1", {2, 4, 4})
        .pool("pool1", 2)
        .node("or1", "Threshold")
        .fill("threshold", {2, 2, 2}, 0.5)
        .conv("conv2", {3, 2, 3, 3}, 0.25, 1)
        .lif("lif2", {3, 2, 2})
        .flatten("flatten")
        .affine("fc", 5, 12, 1)
        .ends("output", "Output", {5});
    return builder;
}

} // namespace loas::test
