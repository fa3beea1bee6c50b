// Damaged NIR files, and readers that misbehave: an error message at worst.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>
#include <stdexcept>

#include "platform/formats/isolated_reader.h"
#include "platform/lowering/mapper.h"
#include "tests/unit/formats/load_support.h"
#include "tests/unit/formats/nir_writer.h"

namespace
{

using namespace loas;
using formats::nir_graph;
using formats::read_isolated;
using formats::reader_limits;
using test::scratch_file;
using test::user_error_of;
using testing::HasSubstr;

std::string error_of(nir_graph (*reader)(const std::string&), const reader_limits& limits = {})
{
    return user_error_of([&] { read_isolated("a.nir", reader, limits); });
}

TEST(isolated_reader, hands_over_the_whole_graph)
{
    const auto reader = [](const std::string& path) {
        nir_graph graph = test::small_network().graph;
        graph.source = path;
        graph.version = "1";
        // Larger than a pipe and than the steps in which it is read.
        graph.nodes[0].arrays["big"] = {{100000, 2}, std::vector<double>(200000, 1.5)};
        graph.nodes[1].strings["empty"] = "";
        return graph;
    };
    const nir_graph direct = reader("a.nir");
    const nir_graph graph = read_isolated("a.nir", reader, {});
    EXPECT_EQ(graph.source, direct.source);
    EXPECT_EQ(graph.version, direct.version);
    EXPECT_EQ(graph.edges, direct.edges);
    ASSERT_EQ(graph.nodes.size(), direct.nodes.size());
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        EXPECT_EQ(graph.nodes[i].name, direct.nodes[i].name);
        EXPECT_EQ(graph.nodes[i].type, direct.nodes[i].type);
        EXPECT_EQ(graph.nodes[i].strings, direct.nodes[i].strings);
        ASSERT_EQ(graph.nodes[i].arrays.size(), direct.nodes[i].arrays.size());
        for (const auto& [name, array] : direct.nodes[i].arrays) {
            EXPECT_EQ(graph.nodes[i].arrays.at(name).shape, array.shape);
            EXPECT_EQ(graph.nodes[i].arrays.at(name).values, array.values);
        }
    }
}

TEST(isolated_reader, turns_every_end_into_words)
{
    EXPECT_EQ(error_of([](const std::string& path) -> nir_graph { throw text::user_error(path + ": bad"); }),
              "a.nir: bad");
    EXPECT_EQ(error_of([](const std::string&) -> nir_graph { throw std::logic_error("oops"); }),
              "a.nir: cannot be read: oops");
    EXPECT_THAT(error_of([](const std::string&) -> nir_graph { throw std::bad_alloc(); }),
                HasSubstr("takes more than 512 MiB of memory"));
    EXPECT_THAT(error_of([](const std::string&) -> nir_graph { std::abort(); }),
                HasSubstr("a.nir: the file is damaged: reading it crashes the HDF5 library (Aborted)"));
    EXPECT_THAT(error_of([](const std::string&) -> nir_graph {
                    std::raise(SIGSEGV);
                    return {};
                }),
                HasSubstr("(Segmentation fault)"));
    EXPECT_THAT(error_of([](const std::string&) -> nir_graph { _exit(0); }), HasSubstr("the file is damaged"));
    reader_limits short_time;
    short_time.processor_seconds = 1;
    EXPECT_THAT(error_of(
                    [](const std::string&) -> nir_graph {
                        for (volatile unsigned i = 0;; i = i + 1) {
                        }
                    },
                    short_time),
                HasSubstr("did not end within 1 s of processor time"));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(isolated_reader, limits_memory)
{
    EXPECT_THAT(error_of([](const std::string&) -> nir_graph {
                    nir_graph graph;
                    graph.version.assign(std::size_t{1} << 30, 'x');
                    return graph;
                }),
                HasSubstr("takes more than 512 MiB of memory"));
}
#endif

TEST(isolated_reader, leaves_room_for_large_files)
{
    EXPECT_EQ(formats::limits_for(0).memory_bytes, std::uint64_t{512} << 20);
    EXPECT_EQ(formats::limits_for(100 << 20).memory_bytes, std::uint64_t{512 + 6400} << 20);
    EXPECT_EQ(formats::limits_for(100 << 20).processor_seconds, 105u);
}

class damage : public testing::Test
{
protected:
    damage()
    {
        test::nir_writer writer(m_file.path());
        const nir_graph graph = test::small_network().graph;
        for (const formats::nir_node& node : graph.nodes) {
            writer.node(node.name, node.type);
            for (const auto& [name, array] : node.arrays)
                writer.floats("/node/nodes/" + node.name + "/" + name, {array.shape.begin(), array.shape.end()},
                              array.values);
        }
        writer.edges(graph.edges);
    }

    // True when the file maps, false when it is refused as it should be; anything else fails the test.
    bool maps() const
    {
        reader_limits limits;
        limits.processor_seconds = 1; // a few of these files hang HDF5
        try {
            lowering::map_network(read_isolated(m_file.path(), formats::read_nir_unprotected, limits),
                                  {1, 1.0, {}, {}, 1});
            return true;
        } catch (const text::user_error& error) {
            EXPECT_THAT(error.what(), testing::StartsWith(m_file.path() + ": "));
            return false;
        }
    }

    scratch_file m_file{"damaged.nir"};
};

TEST_F(damage, truncated_files_are_refused)
{
    ASSERT_TRUE(maps());
    const std::string good = m_file.read();
    for (std::size_t length = 0; length < good.size(); length += 101) {
        m_file.write(good.substr(0, length));
        EXPECT_FALSE(maps()) << length;
    }
}

TEST_F(damage, changed_bytes_do_no_harm)
{
    const std::string good = m_file.read();
    std::mt19937 random(2024);
    int refused = 0;
    for (int round = 0; round < 300; ++round) {
        std::string bad = good;
        for (auto changes = 1 + random() % 8; changes > 0; --changes) {
            char& byte = bad[random() % bad.size()];
            const char choices[] = {static_cast<char>(random()), '\xff', '\0',
                                    static_cast<char>(byte ^ (1 << random() % 8))};
            byte = choices[random() % 4];
        }
        m_file.write(bad);
        refused += maps() ? 0 : 1;
    }
    EXPECT_GT(refused, 30); // so many changes did hit something
}

} // namespace
