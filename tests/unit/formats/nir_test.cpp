// Reads NIR files written by nir_writer, good and bad.
#include "platform/formats/nir.h"

#include "tests/unit/formats/load_support.h"
#include "tests/unit/formats/nir_writer.h"

namespace
{

using namespace loas;
using formats::nir_graph;
using formats::nir_node;
using test::nir_writer;
using test::scratch_file;
using test::string_kind;
using test::user_error_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

// Every test runs with both readers: in a process of its own, and in this one.
class nir : public testing::TestWithParam<nir_graph (*)(const std::string&)>
{
protected:
    nir_graph read() const { return GetParam()(m_file.path()); }
    std::string error() const
    {
        std::string message = user_error_of([&] { read(); });
        EXPECT_THAT(message, testing::StartsWith(m_file.path() + ": "));
        return message;
    }

    scratch_file m_file{"net.nir"};
};

void write_small(nir_writer& writer)
{
    writer.node("b", "Conv2d");
    writer.floats("/node/nodes/b/weight", {1, 2, 1, 2}, {1, 2, 3, 4.5});
    writer.integers("/node/nodes/b/groups", {}, {1});
    writer.string("/node/nodes/b/padding", "same");
    writer.group("/node/nodes/b/metadata");
    writer.string("/node/nodes/b/metadata/author", "me");
    writer.node("a", "Input");
    writer.integers("/node/nodes/a/shape", {3}, {2, 1, 2});
    writer.chain({"a", "b", "c"});
}

// What is neither numbers nor one string is refused by whoever needs it, and by nobody else.
TEST_P(nir, leaves_datasets_that_it_cannot_read)
{
    {
        nir_writer w(m_file.path());
        w.node("a", "x");
        w.strings("/node/nodes/a/s", {2}, {"p", "q"});
        const hid_t type = H5Tcreate(H5T_COMPOUND, 8);
        const hid_t space = H5Screate(H5S_SCALAR);
        H5Tinsert(type, "m", 0, H5T_STD_I64LE);
        H5Dclose(H5Dcreate2(w.file(), "/node/nodes/a/c", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        H5Sclose(space);
        H5Tclose(type);
        const hid_t null = H5Screate(H5S_NULL);
        H5Dclose(H5Dcreate2(w.file(), "/node/nodes/a/n", H5T_STD_I8LE, null, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        H5Sclose(null);
        w.edges({});
    }
    const nir_graph graph = read();
    EXPECT_THAT(graph.nodes.at(0).strings, ElementsAre(Pair("c", formats::unread_value), Pair("n", formats::no_value),
                                                       Pair("s", formats::unread_value)));
}

TEST_P(nir, reads_nodes_edges_and_version)
{
    for (const string_kind kind : {string_kind::variable_utf8, string_kind::variable_ascii,
                                   string_kind::fixed_null_padded, string_kind::fixed_space_padded}) {
        {
            nir_writer writer(m_file.path(), kind);
            write_small(writer);
        }
        const nir_graph graph = read();
        EXPECT_EQ(graph.source, m_file.path());
        EXPECT_EQ(graph.version, "1.0.7");
        EXPECT_THAT(graph.edges, ElementsAre(Pair("a", "b"), Pair("b", "c")));
        ASSERT_EQ(graph.nodes.size(), 2u);
        EXPECT_EQ(graph.nodes[0].name, "a");
        EXPECT_EQ(graph.nodes[0].type, "Input");
        EXPECT_THAT(graph.nodes[0].arrays.at("shape").values, ElementsAre(2, 1, 2));
        const nir_node& b = graph.nodes[1];
        EXPECT_EQ(b.type, "Conv2d");
        EXPECT_EQ(b.arrays.size(), 2u);
        EXPECT_THAT(b.arrays.at("weight").shape, ElementsAre(1, 2, 1, 2));
        EXPECT_THAT(b.arrays.at("weight").values, ElementsAre(1, 2, 3, 4.5));
        EXPECT_TRUE(b.arrays.at("groups").shape.empty());
        EXPECT_THAT(b.arrays.at("groups").values, ElementsAre(1));
        EXPECT_THAT(b.strings, ElementsAre(Pair("padding", "same")));
    }
}

TEST_P(nir, converts_numbers_of_every_width)
{
    {
        nir_writer writer(m_file.path());
        writer.node("a", "x");
        writer.numbers("/node/nodes/a/u1", {2}, {0, 255}, H5T_STD_U8LE);
        writer.numbers("/node/nodes/a/i2be", {1}, {-300}, H5T_STD_I16BE);
        writer.numbers("/node/nodes/a/i4", {1}, {-70000}, H5T_STD_I32LE);
        writer.numbers("/node/nodes/a/f4be", {1}, {0.25}, H5T_IEEE_F32BE);
        writer.numbers("/node/nodes/a/f8", {2, 1}, {0.1, -1e200}, H5T_IEEE_F64LE, true);
        writer.numbers("/node/nodes/a/none", {0}, {}, H5T_IEEE_F64LE);
        writer.edges({});
    }
    const nir_graph graph = read();
    const auto& arrays = graph.nodes.at(0).arrays;
    EXPECT_THAT(arrays.at("u1").values, ElementsAre(0, 255));
    EXPECT_THAT(arrays.at("i2be").values, ElementsAre(-300));
    EXPECT_THAT(arrays.at("i4").values, ElementsAre(-70000));
    EXPECT_THAT(arrays.at("f4be").values, ElementsAre(0.25));
    EXPECT_THAT(arrays.at("f8").values, ElementsAre(0.1, -1e200));
    EXPECT_TRUE(arrays.at("none").values.empty());
    EXPECT_TRUE(graph.edges.empty());
}

TEST_P(nir, takes_any_node_name_and_a_file_without_version)
{
    {
        nir_writer writer(m_file.path(), string_kind::variable_utf8, true);
        writer.group("/node");
        writer.string("/node/type", "NIRGraph");
        writer.group("/node/nodes");
        writer.node("schicht größe.0", "NIRGraph");
        writer.group("/node/nodes/schicht größe.0/nodes");
        writer.node("schicht größe.0/nodes/inner", "LIF");
        writer.floats("/node/nodes/schicht größe.0/nodes/inner/tau", {1}, {3});
        writer.strings("/node/nodes/schicht größe.0/edges", {1, 2}, {"x", "y"});
        writer.edges({{"schicht größe.0", ""}});
    }
    const nir_graph graph = read();
    EXPECT_EQ(graph.version, "");
    EXPECT_EQ(graph.nodes.at(0).name, "schicht größe.0");
    EXPECT_TRUE(graph.nodes.at(0).strings.empty());
    ASSERT_EQ(graph.nodes.at(0).nodes.size(), 1u);
    EXPECT_EQ(graph.nodes[0].nodes[0].name, "inner");
    EXPECT_EQ(graph.nodes[0].nodes[0].type, "LIF");
    EXPECT_THAT(graph.nodes[0].nodes[0].arrays.at("tau").values, ElementsAre(3));
    EXPECT_THAT(graph.nodes[0].edges, ElementsAre(Pair("x", "y")));
    EXPECT_THAT(graph.edges, ElementsAre(Pair("schicht größe.0", "")));
}

TEST_P(nir, names_files_that_are_no_nir)
{
    EXPECT_EQ(error(), m_file.path() + ": no such file");
    EXPECT_THAT(user_error_of([] { GetParam()(testing::TempDir()); }), HasSubstr("not a regular file"));
    m_file.write("no HDF5 here");
    EXPECT_THAT(error(), HasSubstr("not a readable HDF5 file (file signature not found)"));
    m_file.write("");
    EXPECT_THAT(error(), HasSubstr("not a readable HDF5 file"));
    {
        const nir_writer empty(m_file.path(), string_kind::variable_utf8, true);
    }
    EXPECT_EQ(error(), m_file.path() + ": /node: is missing; a NIR file has its graph there");
}

TEST_P(nir, names_missing_and_misplaced_objects)
{
    const auto with = [&](auto write, bool bare = false) {
        {
            nir_writer writer(m_file.path(), string_kind::variable_utf8, bare);
            write(writer);
        }
        return error();
    };
    EXPECT_THAT(with([](nir_writer& w) { w.string("/node", "x"); }, true), HasSubstr(": /node: is not a group"));
    EXPECT_THAT(with([](nir_writer& w) { w.group("/node"); }, true), HasSubstr(": /node: has no dataset 'type'"));
    EXPECT_THAT(with([](nir_writer& w) { w.group("/node"), w.group("/node/type"); }, true),
                HasSubstr(": /node/type: is not a dataset"));
    EXPECT_THAT(with([](nir_writer& w) { w.group("/node"), w.string("/node/type", "LIF"); }, true),
                HasSubstr(": /node/type: expected NIRGraph, found 'LIF'"));
    EXPECT_THAT(with([](nir_writer& w) { w.group("/node"), w.string("/node/type", "NIRGraph"); }, true),
                HasSubstr(": /node/nodes: is missing"));
    EXPECT_THAT(with([](nir_writer&) {}),
                HasSubstr(": /node/edges: is missing, as when the program that exported the network stopped halfway"));
    EXPECT_THAT(with([](nir_writer& w) { w.node("a", "NIRGraph"), w.group("/node/nodes/a/nodes"), w.edges({}); }),
                HasSubstr(": /node/nodes/a/edges: is missing"));
    EXPECT_THAT(with([](nir_writer& w) { w.string("/node/nodes/\x1b]0;x\x07", "x"), w.edges({}); }),
                AllOf(HasSubstr("is not a group"), Not(HasSubstr("\x1b"))));
    EXPECT_THAT(with([](nir_writer& w) {
                    std::string at = "a";
                    for (int depth = 0; depth < 18; ++depth, at += "/nodes/a") {
                        w.node(at, "NIRGraph");
                        w.group("/node/nodes/" + at + "/nodes");
                        w.strings("/node/nodes/" + at + "/edges", {0, 2}, {});
                    }
                    w.edges({});
                }),
                HasSubstr("more than 16 graphs within one another"));
    EXPECT_THAT(with([](nir_writer& w) {
                    w.strings("/node/edges", {3}, {"a", "b", "c"});
                }),
                HasSubstr(": /node/edges: expected shape (E, 2), found (3,)"));
    EXPECT_THAT(with([](nir_writer& w) {
                    w.integers("/node/edges", {1, 2}, {0, 1});
                }),
                HasSubstr(": /node/edges: expected a string, found another type"));
    EXPECT_THAT(with([](nir_writer& w) { w.string("/node/nodes/a", "x"), w.edges({}); }),
                HasSubstr(": /node/nodes/a: is not a group"));
    EXPECT_THAT(with([](nir_writer& w) { w.group("/node/nodes/a"), w.edges({}); }),
                HasSubstr(": /node/nodes/a: has no dataset 'type'"));
}

TEST_P(nir, refuses_links_and_data_in_other_files)
{
    {
        nir_writer writer(m_file.path());
        H5Lcreate_soft("/node", writer.file(), "/node/nodes/loop", H5P_DEFAULT, H5P_DEFAULT);
        writer.edges({});
    }
    EXPECT_THAT(error(), HasSubstr(": /node/nodes/loop: is a soft or external link"));
    {
        nir_writer writer(m_file.path());
        H5Lcreate_external("other.h5", "/", writer.file(), "/node/nodes/out", H5P_DEFAULT, H5P_DEFAULT);
        writer.edges({});
    }
    EXPECT_THAT(error(), HasSubstr(": /node/nodes/out: is a soft or external link"));
    {
        nir_writer writer(m_file.path());
        writer.node("a", "x");
        const hsize_t extent = 4;
        const hid_t space = H5Screate_simple(1, &extent, nullptr);
        const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_external(creation, "other.raw", 0, 4);
        H5Dclose(H5Dcreate2(writer.file(), "/node/nodes/a/e", H5T_STD_I8LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
        H5Pclose(creation);
        H5Sclose(space);
        writer.edges({});
    }
    EXPECT_THAT(error(), HasSubstr(": /node/nodes/a/e: keeps its values in another file"));
}

// A chunked dataset without chunks costs nothing in the file, whatever its shape.
void write_empty_dataset(const std::string& path, const std::vector<hsize_t>& shape, const std::vector<hsize_t>& chunk)
{
    nir_writer writer(path);
    writer.node("a", "x");
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
    const hid_t dataset =
        H5Dcreate2(writer.file(), "/node/nodes/a/huge", H5T_IEEE_F32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    ASSERT_GE(dataset, 0);
    H5Dclose(dataset);
    H5Pclose(creation);
    H5Sclose(space);
    writer.edges({});
}

TEST_P(nir, refuses_sizes_beyond_the_file)
{
    write_empty_dataset(m_file.path(), {1u << 27}, {1});
    EXPECT_THAT(error(), HasSubstr(": /node/nodes/a/huge: claims 134217728 elements of 4 bytes, more than a file of"));
    write_empty_dataset(m_file.path(), {1ull << 40, 1ull << 20}, {1, 1});
    EXPECT_THAT(error(), HasSubstr(": /node/nodes/a/huge: has more than 268435456 elements"));
}

INSTANTIATE_TEST_SUITE_P(isolated, nir, testing::Values(formats::read_nir));
INSTANTIATE_TEST_SUITE_P(unprotected, nir, testing::Values(formats::read_nir_unprotected));

} // namespace
