// What goes out: the dump, the list of options, the values for the result file.
#include "platform/config/layer_rules.h"
#include "platform/config/options.h"
#include "platform/text/words.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace loas::config
{

namespace
{

using json = nlohmann::ordered_json;

constexpr std::size_t columns = 100;
constexpr std::size_t key_column = 31; // the longest key and a space

json to_json(const value& v)
{
    return std::visit([](const auto& x) { return json(x); }, v);
}

/// Words of a text, broken into lines that begin with an indentation.
std::string wrapped(std::string_view text, std::size_t indent)
{
    std::string out, line(indent, ' ');
    while (!text.empty()) {
        const std::size_t length = std::min(text.find(' '), text.size());
        if (line.size() + length + 1 > columns) {
            out += line + "\n";
            line.assign(indent, ' ');
        }
        line += line.size() == indent ? "" : " ";
        line += text.substr(0, length);
        text.remove_prefix(std::min(length + 1, text.size()));
    }
    return out + line + "\n";
}

std::string default_text(const option& o)
{
    const value v = o.get();
    if (const auto* chars = std::get_if<std::string>(&v))
        return chars->empty() ? "-" : *chars;
    return to_toml(v);
}

std::string preset_text(const option& o)
{
    return o.published ? fmt::format(" Preset {}: {}.", parameter::word_of(fidelity::published), to_toml(*o.published))
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
        entry["presets"][std::string(parameter::word_of(fidelity::published))] = to_json(*o.published);
    return entry;
}

} // namespace

std::string dump(const scenario& s)
{
    scenario copy = s;
    std::string out =
        "# Effective scenario of loas-vp: every parameter with the value in force, after defaults, preset,\n"
        "# includes, the file and --set. As a scenario file it gives the same run.\n";
    std::string_view table;
    for (const option& o : options_of(copy)) {
        if (o.table_name() != table) {
            table = o.table_name();
            out += fmt::format("\n[{}]\n", table);
        }
        const std::string_view tensor = tensor_from_file(s, o.key);
        const std::string remark = tensor.empty() ? "" : fmt::format(" # not in force: the {0} are {0}_file's", tensor);
        out += fmt::format("{} = {}{}\n", o.leaf_name(), to_toml(o.get()), remark);
    }
    return out;
}

std::string dump_given(const scenario& s)
{
    scenario copy = s;
    std::string out = "# What a scenario file of a sweep and the files that it includes say, in one.\n";
    for (const option& o : options_of(copy))
        if (std::any_of(s.given.begin(), s.given.end(), [&](const given_parameter& each) { return each.key == o.key; }))
            out += fmt::format("{} = {}\n", o.key, to_toml(o.get()));
    return out;
}

std::string options_table(bool as_json)
{
    scenario defaults;
    const std::vector<option> options = options_of(defaults);
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

std::vector<std::pair<std::string, value>> effective_values(const scenario& s)
{
    scenario copy = s;
    std::vector<std::pair<std::string, value>> out;
    for (const option& o : options_of(copy)) {
        value v = o.get();
        if (o.is_path())
            v = std::filesystem::path(std::get<std::string>(v)).filename().string();
        out.emplace_back(o.key, std::move(v));
    }
    return out;
}

} // namespace loas::config
