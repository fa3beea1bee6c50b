#include "platform/results/read_result.h"

#include "platform/results/tree.h"
#include "platform/text/read_text.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>

namespace loas::results
{

using json = nlohmann::ordered_json;
using text::user_error;

namespace
{

/// Its many slices are one value: what changes them changes other figures too.
bool is_timeline(const std::string& path)
{
    constexpr std::string_view end = ".utilisation.busy_tile_cycles";
    return path.size() > end.size() && path.compare(path.size() - end.size(), end.size(), end) == 0;
}

void collect(const json& node, const std::string& path, result_leaves& into)
{
    const auto below = [&path](const std::string& key) { return path.empty() ? key : path + '.' + key; };
    if (node.is_object()) {
        for (const auto& [key, value] : node.items())
            collect(value, below(key), into);
    } else if (node.is_array() && !is_timeline(path)) {
        for (std::size_t i = 0; i < node.size(); ++i) {
            const bool named = node[i].is_object() && node[i].contains("name") && node[i]["name"].is_string();
            collect(node[i], below(named ? node[i]["name"].get<std::string>() : std::to_string(i)), into);
        }
    } else {
        into.emplace_back(path, node);
    }
}

} // namespace

std::vector<std::filesystem::path> compared_runs(const std::filesystem::path& given)
{
    std::error_code ignored;
    const std::filesystem::path list = given.filename() == comparison_file ? given : given / comparison_file;
    if (!std::filesystem::exists(list, ignored))
        return {};
    std::vector<std::filesystem::path> runs;
    try {
        const json document = json::parse(text::read_text(list, std::string::npos).value_or(""));
        for (const json& each : document.at("accelerators"))
            runs.push_back(list.parent_path() / each.get<std::string>());
    } catch (const json::exception&) {
        throw user_error(fmt::format("{}: not the list of loas-vp compare --out", list.string()));
    }
    return runs;
}

std::filesystem::path result_path(const std::filesystem::path& given)
{
    std::error_code ignored;
    if (!std::filesystem::exists(given / result_file, ignored)) {
        std::string names;
        for (const std::filesystem::path& each : compared_runs(given))
            names += (names.empty() ? "" : ", ") + each.string();
        if (!names.empty())
            throw user_error(fmt::format("{}: a comparison of several runs; name one of them: {}", given.string(), names));
    }
    return std::filesystem::is_directory(given, ignored) ? given / result_file : given;
}

namespace
{

json parse(const std::filesystem::path& file)
{
    // Unlike a stream, it does not wait for a pipe into which nobody writes.
    const std::optional<std::string> text = text::read_text(file, std::string::npos);
    std::error_code ignored;
    if (!text || std::filesystem::is_directory(file, ignored))
        throw user_error(fmt::format("{}: cannot read it; a result of loas-vp run is needed", file.string()));
    json result;
    std::vector<std::set<std::string>> keys; // of the objects that are open
    const auto well_formed = [&](int depth, json::parse_event_t event, const json& at) {
        // What follows goes down it level by level: a file that nests endlessly is none of ours.
        if (depth > 32)
            throw user_error(fmt::format("{}: not a whole result file", file.string()));
        if (event == json::parse_event_t::object_start)
            keys.emplace_back();
        else if (event == json::parse_event_t::object_end)
            keys.pop_back();
        else if (event == json::parse_event_t::key && !keys.back().insert(at.get<std::string>()).second)
            throw user_error(fmt::format("{}: damaged: the key {} is there twice", file.string(), at.dump()));
        return true;
    };
    try {
        result = json::parse(*text, well_formed);
    } catch (const json::exception&) {
        throw user_error(fmt::format("{}: not a whole result file", file.string()));
    }
    if (!result.is_object() || !result.contains("schema") || result["schema"] != result_schema)
        throw user_error(
            fmt::format("{}: not a result of this loas-vp (schema {} is needed)", file.string(), result_schema));
    return result;
}

/// A key of the file that no result has, or whose value does not follow from the others as it should.
void need_same(const json& file, const json& run)
{
    std::map<std::string, json> should;
    for (auto& [key, value] : leaves_of(run))
        should.emplace(key, std::move(value));
    for (const auto& [key, value] : leaves_of(file)) {
        const auto found = should.find(key);
        if (found == should.end())
            throw tree_error(key + " is no key of a result");
        if (found->second != value)
            throw tree_error(fmt::format("{} is {}, but {} follows from the rest", key, value.dump(),
                                         found->second.dump()));
    }
}

} // namespace

whole_result read_result(const std::filesystem::path& file)
{
    whole_result result;
    result.tree = parse(file);
    try {
        result.run = from_json_tree(result.tree);
        need_same(result.tree, to_json_tree(result.run));
    } catch (const tree_error& damaged) {
        throw user_error(fmt::format("{}: damaged: {}", file.string(), damaged.what()));
    }
    return result;
}

result_leaves leaves_of(const json& result)
{
    result_leaves leaves;
    collect(result, "", leaves);
    return leaves;
}

} // namespace loas::results
