#include "platform/cli/map_command.h"

#include "platform/config/scenario.h"
#include "platform/machine/board_text.h"
#include "platform/machine/device_tree.h"
#include "platform/machine/register_views.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <string_view>

namespace loas::cli
{

using text::user_error;

namespace
{

/// A form of the board's description, by its word.
struct map_form {
    const char* word;
    std::string (*text)(const machine::board_sizes& sizes);
};

const map_form map_forms[] = {
    {"table", [](const machine::board_sizes&) { return machine::board_page(); }},
    {"header", [](const machine::board_sizes&) { return machine::board_defines(); }},
    {"regions", [](const machine::board_sizes& sizes) { return machine::board_regions(sizes.ram_bytes); }},
    {"dts", [](const machine::board_sizes& sizes) { return machine::device_tree_source(sizes); }},
    {"dtb",
     [](const machine::board_sizes& sizes) {
         const std::vector<std::uint8_t> blob = machine::device_tree_blob(sizes);
         return std::string(blob.begin(), blob.end());
     }},
    {"svd", [](const machine::board_sizes& sizes) { return machine::register_views(sizes.rings); }},
};

/// Of the machine of a scenario, or of the default one.
process::exit_code board_map(const po::variables_map& given)
{
    std::vector<std::string> files, overrides;
    if (given.count("set") != 0)
        overrides = given["set"].as<std::vector<std::string>>();
    if (given.count("scenarios") != 0)
        files = given["scenarios"].as<std::vector<std::string>>();
    if (files.size() > 1)
        throw user_error("map: one scenario, please");
    const config::scenario scenario = files.empty() ? config::scenario() : config::load_scenario(files[0], overrides);
    const std::string word = given["as"].as<std::string>();
    std::vector<std::string_view> words;
    for (const map_form& each : map_forms) {
        if (word == each.word) {
            print(each.text({static_cast<std::uint64_t>(scenario.memory.ram_mib) << 20,
                             static_cast<unsigned>(scenario.queue.rings)}));
            return process::exit_code::good;
        }
        words.emplace_back(each.word);
    }
    throw user_error(fmt::format("map --as {}: there are {}", text::printable(word), text::join(words, ", ")));
}

} // namespace

command map_row()
{
    return {"map",
            "[FILE]",
            "show the board: as a table, C header, link-script regions, device tree or register views",
            "scenarios",
            board_map,
            {with_default<std::string>("as", "table|header|regions|dts|dtb|svd", "table",
                                       "in which form; svd is CMSIS-SVD, for debuggers"),
             set_row()},
            {"map", "map scenarios/quickstart/digits.toml --as dts", "map --as svd > board.svd"}};
}

} // namespace loas::cli
