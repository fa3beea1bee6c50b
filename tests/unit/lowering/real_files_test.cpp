// Files that frameworks' exporters wrote. They stay outside the project: LOAS_NETWORKS, or ../shared/nir, holds them.
#include "platform/lowering/mapper.h"
#include "tests/unit/formats/load_support.h"

#include <cstdlib>
#include <map>

namespace
{

using namespace loas;
using testing::HasSubstr;

std::string networks()
{
    const char* folder = std::getenv("LOAS_NETWORKS");
    return folder != nullptr ? folder : test::project_path("../shared/nir");
}

/// What the message says of those that cannot run; the others run.
const std::map<std::string, std::string> refused = {
    {"exported/rockpool_expsyn.nir", "stopped halfway"},
    {"real/braille_subgraph.nir", "Recurrence cannot run"},
    {"real/halfwritten_norse_scnn.nir", "stopped halfway"},
    {"real/snntorch_braille_rsynaptic_zero.nir", "Recurrence cannot run"},
};

TEST(real_files, run_or_are_refused_for_what_they_are)
{
    if (!std::filesystem::exists(networks()))
        GTEST_SKIP() << "no " << networks();
    std::size_t files = 0, run = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(networks())) {
        if (entry.path().extension() != ".nir")
            continue;
        ++files;
        const std::string name = std::filesystem::relative(entry.path(), networks()).string();
        const auto expected = refused.find(name);
        try {
            const lowering::network_model model = lowering::map_network(formats::read_nir(entry.path().string()), {});
            ++run;
            EXPECT_EQ(expected, refused.end()) << name << " runs now";
            EXPECT_FALSE(model.layers.empty()) << name;
        } catch (const text::user_error& error) {
            ASSERT_NE(expected, refused.end()) << error.what();
            EXPECT_THAT(error.what(), HasSubstr(expected->second)) << name;
        }
    }
    std::printf("%zu of %zu files run\n", run, files);
}

} // namespace
