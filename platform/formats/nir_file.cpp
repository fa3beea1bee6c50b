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

nir_node read_node(hdf5_file& file, const std::string& path, const std::string& name)
{
    if (file.kind(path) != hdf5_kind::group)
        file.fail(path, "is not a group; every node is one");
    if (!file.has(path, "type"))
        file.fail(path, "has no dataset 'type'");
    nir_node node;
    node.name = name;
    node.type = file.read_string(path + "/type");
    if (node.type == "NIRGraph")
        return node;
    for (const std::string& member : file.children(path)) {
        const std::string member_path = child_path(path, member);
        // Groups are metadata, for people and other tools.
        if (member == "type" || member == "metadata" || file.kind(member_path) != hdf5_kind::dataset)
            continue;
        if (file.is_string(member_path))
            node.strings[member] = file.read_string(member_path);
        else
            node.arrays[member] = file.read_numbers(member_path);
    }
    return node;
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
        file.fail("/node", "has no dataset 'type'");
    const std::string type = file.read_string("/node/type");
    if (type != "NIRGraph")
        file.fail("/node/type", "expected NIRGraph, found '" + type + "'");
    for (const char* member : {"nodes", "edges"})
        if (!file.has("/node", member))
            file.fail(std::string("/node/") + member, "is missing");

    for (const std::string& name : file.children("/node/nodes"))
        graph.nodes.push_back(read_node(file, child_path("/node/nodes", name), name));
    const std::vector<std::string> ends = file.read_strings("/node/edges", 2);
    for (std::size_t i = 0; i + 1 < ends.size(); i += 2)
        graph.edges.emplace_back(ends[i], ends[i + 1]);
}

} // namespace loas::formats
