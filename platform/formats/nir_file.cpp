// What knows HDF5: with hdf5_file.cpp a library of its own, which is loaded when a file is to be read.
#include "platform/formats/nir_file.h"

#include "platform/formats/hdf5_file.h"

namespace loas::formats
{
namespace
{

std::string child_path(const std::string& path, const std::string& child)
{
    return path + "/" + child;
}

/// Writers go through a graph's nodes, then write its edges: one that stops on the way leaves a file without them.
constexpr const char* halfway =
    ", as when the program that exported the network stopped halfway; export it again, and look at what it says";

/// "; its nodes are 'a', 'b' (begun only)", of a graph that is not complete.
std::string nodes_in(hdf5_file& file, const std::string& path)
{
    std::string text;
    for (const std::string& name : file.has(path, "nodes") ? file.children(path + "/nodes") : std::vector<std::string>())
        text += (text.empty() ? "; its nodes are '" : ", '") + name +
                (file.has(child_path(path, "nodes/" + name), "type") ? "'" : "' (begun only)");
    return text;
}

constexpr unsigned max_depth = 16; // of graphs in graphs; people nest two or three

void read_members(hdf5_file& file, const std::string& path, std::vector<nir_node>& nodes, nir_edges& edges,
                  unsigned depth);

nir_node read_node(hdf5_file& file, const std::string& path, const std::string& name, unsigned depth)
{
    if (file.kind(path) != hdf5_kind::group)
        file.fail(path, "is not a group; every node is one");
    if (!file.has(path, "type"))
        file.fail(path, std::string("has no dataset 'type'") + halfway);
    nir_node node;
    node.name = name;
    node.type = file.read_string(path + "/type");
    if (node.type == "NIRGraph") {
        if (depth == max_depth)
            file.fail(path, "more than " + std::to_string(max_depth) + " graphs within one another");
        read_members(file, path, node.nodes, node.edges, depth + 1);
        return node;
    }
    for (const std::string& member : file.children(path)) {
        const std::string member_path = child_path(path, member);
        // Groups are metadata, for people and other tools.
        if (member == "type" || member == "metadata" || file.kind(member_path) != hdf5_kind::dataset)
            continue;
        if (const hdf5_value value = file.value_of(member_path); value == hdf5_value::numbers)
            node.arrays[member] = file.read_numbers(member_path);
        else
            node.strings[member] = value == hdf5_value::string ? file.read_string(member_path)
                                   : value == hdf5_value::none ? no_value : unread_value;
    }
    return node;
}

/// Nodes and edges of the graph at `path`. That the graph is not complete is the first thing to say of it: its last
/// node is not, either.
void read_members(hdf5_file& file, const std::string& path, std::vector<nir_node>& nodes, nir_edges& edges,
                  unsigned depth)
{
    for (const char* member : {"nodes", "edges"})
        if (!file.has(path, member))
            file.fail(child_path(path, member), std::string("is missing") + halfway + nodes_in(file, path));
    for (const std::string& name : file.children(child_path(path, "nodes")))
        nodes.push_back(read_node(file, child_path(path, "nodes/" + name), name, depth));
    const std::vector<std::string> ends = file.read_strings(child_path(path, "edges"), 2);
    for (std::size_t i = 0; i + 1 < ends.size(); i += 2)
        edges.emplace_back(ends[i], ends[i + 1]);
}

} // namespace

void loas_read_nir_file(const std::string& path, nir_graph& graph)
{
    hdf5_file file(path);
    graph.source = path;
    if (!file.has("/", "node"))
        file.fail("/node", "is missing; a NIR file has its graph there");
    if (file.has("/", "version"))
        graph.version = file.read_string("/version");
    if (!file.has("/node", "type"))
        file.fail("/node", std::string("has no dataset 'type'") + halfway + nodes_in(file, "/node"));
    if (const std::string type = file.read_string("/node/type"); type != "NIRGraph")
        file.fail("/node/type", "expected NIRGraph, found '" + type + "'");
    read_members(file, "/node", graph.nodes, graph.edges, 0);
}

} // namespace loas::formats
