#include "platform/listing/options_table.h"

#include "platform/config/options.h"
#include "platform/text/words.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace loas::listing
{

namespace
{

using config::option;
using json = nlohmann::ordered_json;

constexpr std::size_t columns = 100;
constexpr std::size_t key_column = 31; // the longest key and a space

json to_json(const config::value& v)
{
    return std::visit([](const auto& x) { return json(x); }, v);
}

/// Words of a text, broken into lines that begin with an indentation.
std::string wrapped(std::string_view text, std::size_t indent)
{
    return text::wrapped(text, columns, indent, indent);
}

std::string default_text(const option& o)
{
    const config::value v = o.get();
    if (const auto* chars = std::get_if<std::string>(&v))
        return chars->empty() ? "-" : *chars;
    return config::to_toml(v);
}

std::string preset_text(const option& o)
{
    return o.published ? fmt::format(" Preset {}: {}.", parameter::word_of(config::fidelity::published), config::to_toml(*o.published))
                       : std::string();
}

json option_json(const option& o)
{
    json entry = {{"key", o.key},       {"type", o.type_name()}, {"unit", o.unit}, {"default", to_json(o.get())},
                  {"source", o.source}, {"help", o.help}};
    if (o.is_integer()) {
        entry["minimum"] = static_cast<std::int64_t>(o.minimum);
        entry["maximum"] = static_cast<std::int64_t>(o.maximum);
        entry["power_of_two"] = o.power_of_two;
    } else if (o.is_number()) {
        entry["minimum"] = o.minimum;
        entry["maximum"] = o.maximum;
    }
    if (!o.words.empty())
        entry["allowed"] = o.words;
    if (o.published)
        entry["presets"][std::string(parameter::word_of(config::fidelity::published))] = to_json(*o.published);
    return entry;
}

} // namespace

std::string options_table(bool as_json)
{
    config::scenario defaults;
    const std::vector<option> options = config::options_of(defaults);
    if (as_json) {
        json list = json::array();
        for (const option& o : options)
            list.push_back(option_json(o));
        return json{{"options", list}}.dump(2) + "\n";
    }
    std::string out =
        wrapped("Parameters of a scenario file. On the command line: --set key=value. Later wins: defaults, "
                "preset of the fidelity, included files (include = \"other.toml\"), the file, --set.",
                0);
    out += fmt::format("\n{:<{}}{:<9}{:<11}{:<26}{}\n", "key", key_column, "type", "default", "allowed", "unit");
    std::string_view table = "?";
    for (const option& o : options) {
        if (o.table_name() != table) {
            table = o.table_name();
            out += table.empty() ? "\n" : fmt::format("\n[{}]\n", table);
        }
        constexpr std::size_t widest_range = 26;
        const std::string range = o.range();
        const bool fits = range.size() <= widest_range && default_text(o).size() < 11;
        std::string row = fmt::format("{:<{}}{:<9}{:<11}{:<26}{}", o.key, key_column, o.type_name(),
                                      fits ? default_text(o) : "", fits ? range : "", o.unit);
        row.erase(row.find_last_not_of(' ') + 1);
        out += row + "\n" + wrapped(fmt::format("{}{} ({})", o.help, preset_text(o), o.source), 4);
        if (!fits)
            out += wrapped(fmt::format("Default {}. Allowed: {}", default_text(o), range), 4);
    }
    return out;
}

} // namespace loas::listing
