// What lies beside a result: which inputs are copied, and which stay where they are.
#include "platform/results/kept_scenario.h"

#include "platform/config/options.h"
#include "platform/results/result.h"
#include "platform/text/read_text.h"
#include "platform/text/user_error.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace loas::results
{
namespace
{

namespace fs = std::filesystem;

class kept : public testing::Test
{
public:
    kept()
    {
        std::string name = (fs::temp_directory_path() / "kept.XXXXXX").string();
        folder = ::mkdtemp(name.data());
    }
    ~kept() override { fs::remove_all(folder); }
    kept(const kept&) = delete;
    kept& operator=(const kept&) = delete;

    fs::path file(const char* name, const char* text)
    {
        std::ofstream(folder / name) << text;
        return folder / name;
    }
    config::scenario of_program(const std::string& program)
    {
        return config::default_scenario({"workload.kind=program", "workload.program=" + program,
                                         "workload.network=" + file("network.nir", "not read").string()});
    }
    static config::scenario of_list(const fs::path& list)
    {
        return config::default_scenario({"workload.kind=layers", "workload.layers=" + list.string()});
    }
    /// Loads what was kept.
    config::scenario written(const kept_scenario& of)
    {
        std::vector<fs::path> files;
        of.write(folder / "out", files);
        return config::load_scenario(scenario_path(folder / "out"));
    }

    fs::path folder;
};

TEST_F(kept, what_is_read_is_copied_and_what_is_not_stays)
{
    config::scenario given = of_program(file("program.elf", "bytes"));
    given.uart.output = file("heard.txt", "an output is no input");
    given.workload.files = folder; // a folder is none to copy
    const config::scenario copy = written(kept_scenario(given));
    EXPECT_EQ(copy.workload.program, folder / "out/inputs/workload.program/program.elf");
    EXPECT_EQ(text::read_text(copy.workload.program, 100), "bytes");
    EXPECT_EQ(copy.uart.output, given.uart.output);
    EXPECT_EQ(copy.workload.files, given.workload.files);
    EXPECT_EQ(copy.workload.network, given.workload.network);
}

TEST_F(kept, a_large_input_stays_and_is_missed_by_name)
{
    const fs::path large = file("program.elf", "");
    fs::resize_file(large, most_kept_bytes + 1);
    const config::scenario copy = written(kept_scenario(of_program(large.string())));
    EXPECT_EQ(copy.workload.program, large);
    fs::remove(large);
    try {
        config::require_inputs(copy);
        FAIL() << "it is missing";
    } catch (const text::user_error& missing) {
        EXPECT_NE(std::string(missing.what()).find("scenario.toml:"), std::string::npos) << missing.what();
        EXPECT_NE(std::string(missing.what()).find("workload.program: no such file: '" + large.string() + "'"),
                  std::string::npos)
            << missing.what();
    }
}

TEST_F(kept, other_bytes_are_other_inputs_and_older_ones_go)
{
    const kept_scenario one(of_list(file("one.toml", "1")));
    written(one);
    EXPECT_TRUE(one.is_in(folder / "out"));
    const kept_scenario changed(of_list(file("one.toml", "2")));
    EXPECT_FALSE(changed.is_in(folder / "out"));
    written(kept_scenario(of_list(file("two.toml", "1"))));
    EXPECT_FALSE(fs::exists(folder / "out/inputs/workload.layers/one.toml"));
    EXPECT_FALSE(one.is_in(folder / "out"));
}

TEST_F(kept, a_program_that_was_built_again_is_the_same_run)
{
    written(kept_scenario(of_program(file("one.elf", "1"))));
    const kept_scenario again(of_program(file("one.elf", "2")));
    EXPECT_TRUE(again.is_in(folder / "out"));
    EXPECT_EQ(text::read_text(written(again).workload.program, 100), "2");
    EXPECT_FALSE(kept_scenario(of_program(file("two.elf", "2"))).is_in(folder / "out"));
}

TEST_F(kept, only_what_is_new_is_told_as_written)
{
    const kept_scenario again(of_program(file("one.elf", "1")));
    std::vector<fs::path> files;
    again.write(folder / "out", files);
    EXPECT_EQ(files.size(), 2U);
    files.clear();
    again.write(folder / "out", files);
    EXPECT_TRUE(files.empty());
}

/// A path that nobody has told apart would never be copied.
TEST(kept_paths, each_is_an_input_or_known_as_none)
{
    config::scenario defaults;
    for (const config::option& o : config::options_of(defaults))
        EXPECT_EQ(o.is_path() && o.key != "uart.output", o.read_by.has_value()) << o.key;
}

} // namespace
} // namespace loas::results
