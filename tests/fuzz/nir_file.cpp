// .nir files as bytes: HDF5's library may crash on them, in its process; here it is an error message at worst.
#include "platform/formats/nir.h"
#include "platform/lowering/mapper.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/formats/load_support.h"
#include "tests/unit/formats/nir_writer.h"

namespace loas::fuzz
{

namespace
{

void write(const formats::nir_graph& graph, const std::string& path, test::string_kind kind)
{
    test::nir_writer writer(path, kind);
    for (const formats::nir_node& node : graph.nodes) {
        writer.node(node.name, node.type);
        for (const auto& [name, array] : node.arrays)
            writer.floats("/node/nodes/" + node.name + "/" + name, {array.shape.begin(), array.shape.end()},
                          array.values);
        for (const auto& [name, text] : node.strings)
            writer.string("/node/nodes/" + node.name + "/" + name, text);
    }
    writer.edges(graph.edges);
}

} // namespace

std::vector<std::string> seeds()
{
    std::vector<std::string> files;
    for (const test::string_kind kind : {test::string_kind::variable_utf8, test::string_kind::fixed_null_padded}) {
        const test::scratch_file file("seed.nir");
        write(test::small_network().graph, file.path(), kind);
        files.push_back(file.read());
    }
    return files;
}

} // namespace loas::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace loas;
    const fuzz::memory_file file(data, size);
    fuzz::expect_answer([&] { lowering::lower_network(formats::read_nir(file.path()), {}); });
    return 0;
}
