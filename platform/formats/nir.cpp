#include "platform/formats/nir.h"

#include <filesystem>

#include "platform/formats/hdf5_file.h"
#include "platform/formats/isolated_reader.h"

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

std::size_t count_elements(const std::vector<std::size_t>& shape, std::size_t limit)
{
    std::size_t count = 1;
    for (const std::size_t dimension : shape)
        if (dimension == 0)
            return 0;
    for (const std::size_t dimension : shape) {
        if (dimension > limit / count)
            return limit + 1;
        count *= dimension;
    }
    return count;
}

nir_graph read_nir_unprotected(const std::string& path)
{
    hdf5_file file(path);
    nir_graph graph;
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
    return graph;
}

nir_graph read_nir(const std::string& path)
{
    std::error_code error;
    const std::uintmax_t bytes = std::filesystem::file_size(path, error);
    return read_isolated(path, read_nir_unprotected, limits_for(error ? 0 : bytes));
}

} // namespace loas::formats
