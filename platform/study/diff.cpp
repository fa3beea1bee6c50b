#include "platform/study/diff.h"

#include "platform/config/options.h"
#include "platform/results/kept_scenario.h"
#include "platform/results/read_result.h"
#include "platform/results/result.h"
#include "platform/text/read_text.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace loas::study
{
namespace
{

using json = nlohmann::ordered_json;

constexpr unsigned rest_rank = 6; ///< of figures that are shown on request

/// Floating figures that are closer are the same, worked out in another order or by another compiler: a sum of many has
/// some of the last of its 16 digits wrong.
constexpr double rounding_percent = 1e-10;

std::string shown(const json& value)
{
    return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Of the larger of the two; 0 when both are 0.
double off_percent(double before, double after)
{
    const double larger = std::max(std::fabs(before), std::fabs(after));
    return larger == 0 ? 0.0 : 100 * std::fabs(after - before) / larger;
}

void compare(const json& before, const json& after, double tolerance_percent, std::vector<changed_value>& changed,
             std::size_t& compared)
{
    const results::result_leaves left = results::leaves_of(before), right = results::leaves_of(after);
    std::map<std::string, const json*> there;
    for (const auto& [key, value] : right)
        there[key] = &value;
    for (const auto& [key, value] : left) {
        ++compared;
        const auto found = there.find(key);
        if (found == there.end()) {
            changed.push_back({key, shown(value), "-", 0});
            continue;
        }
        const json& now = *found->second;
        there.erase(found);
        if (value.is_number() && now.is_number()) {
            const double a = value.get<double>(), b = now.get<double>();
            const bool counts = value.is_number_integer() && now.is_number_integer();
            if (off_percent(a, b) > (counts ? tolerance_percent : std::max(tolerance_percent, rounding_percent)))
                changed.push_back({key, shown(value), shown(now), a == 0 ? 0.0 : 100 * (b - a) / std::fabs(a)});
        } else if (value != now) {
            changed.push_back({key, shown(value), shown(now), 0});
        }
    }
    for (const auto& [key, value] : right)
        if (there.count(key) != 0) {
            ++compared;
            changed.push_back({key, "-", shown(value), 0});
        }
}

/// A configuration has names only: inputs that are called alike, of which other bytes lie beside the two results.
void compare_inputs(const std::filesystem::path& before, const std::filesystem::path& after, const json& configuration,
                    std::vector<changed_value>& changed)
{
    config::scenario any;
    for (const config::option& each : config::options_of(any)) {
        const auto named = each.read_by ? configuration.find(std::string(each.key)) : configuration.end();
        if (named == configuration.end() || !named->is_string() ||
            std::any_of(changed.begin(), changed.end(), [&](const changed_value& other) { return other.key == each.key; }))
            continue;
        const auto bytes_beside = [&](const std::filesystem::path& result) {
            const std::filesystem::path folder = result.parent_path() / results::inputs_folder / std::string(each.key);
            const std::filesystem::path file = folder / text::split_entry(named->get<std::string>()).file;
            return text::read_text(file, results::most_kept_bytes);
        };
        const auto left = bytes_beside(before), right = bytes_beside(after);
        if (left && right && *left != *right)
            changed.push_back({std::string(each.key), fmt::format("{} bytes", left->size()),
                               fmt::format("{} other bytes", right->size()), 0});
    }
}

/// Where people look first: 0 to 5; 6: the rest.
unsigned rank_of(const std::string& key)
{
    const auto begins = [&](std::string_view with) { return key.compare(0, with.size(), with) == 0; };
    const auto ends = [&](std::string_view with) {
        return key.size() >= with.size() && key.compare(key.size() - with.size(), with.size(), with) == 0;
    };
    if (key == "totals.cycles" || key == "totals.published_cycles")
        return 0;
    if (key == "totals.energy_pj.total" || key == "totals.published_energy.total")
        return 1;
    if (begins("power_mw."))
        return 2;
    if (begins("area_mm2.") && !begins("area_mm2.one_tile."))
        return 3;
    if (begins("accuracy.") || begins("golden"))
        return 4;
    return begins("layers.") && ends(".cycles") && !ends("utilisation.cycles") ? 5 : rest_rank;
}

/// A figure in groups of three digits, or with four digits; what is none, as it is.
std::string rounded(const std::string& figure)
{
    const json value = json::parse(figure, nullptr, false);
    return value.is_number() ? results::readable(value.get<double>()) : figure;
}

std::string shortened(const std::string& text, std::size_t most)
{
    return text.size() <= most ? text : text.substr(0, most - 2) + "..";
}

} // namespace

result_diff diff(const std::filesystem::path& before, const std::filesystem::path& after, double tolerance_percent)
{
    const std::filesystem::path left_file = results::result_path(before), right_file = results::result_path(after);
    json left = results::read_result(left_file).tree, right = results::read_result(right_file).tree;
    result_diff difference;
    std::size_t parameters = 0;
    compare(left["configuration"], right["configuration"], 0, difference.configuration, parameters);
    compare_inputs(left_file, right_file, left["configuration"], difference.configuration);
    left.erase("configuration");
    right.erase("configuration");
    compare(left, right, tolerance_percent, difference.figures, difference.compared);
    std::stable_sort(
        difference.figures.begin(), difference.figures.end(),
        [](const changed_value& a, const changed_value& b) { return rank_of(a.key) < rank_of(b.key); });
    return difference;
}

std::string to_text(const result_diff& difference, bool all)
{
    std::string text;
    const auto table = [&text, all](const char* title, const std::vector<changed_value>& changed, bool figures) {
        if (changed.empty())
            return;
        std::vector<std::vector<std::string>> rows(1, {title, "before", "after", figures ? "%" : ""});
        std::size_t others = 0;
        for (const changed_value& each : changed) {
            if (figures && !all && rank_of(each.key) == rest_rank) {
                ++others;
                continue;
            }
            const bool alike = !figures || rounded(each.before) == rounded(each.after); // then all digits are needed
            const auto value = [&](const std::string& of) {
                return shortened(loas::text::printable(alike ? of : rounded(of)), 20);
            };
            // Names of layers and files come from others.
            rows.push_back({shortened(loas::text::printable(each.key), 46), value(each.before), value(each.after),
                            each.percent != 0 ? fmt::format("{:+.2f}", each.percent) : ""});
        }
        if (rows.size() > 1)
            text += results::align(rows);
        if (others > 0)
            text += fmt::format("{}{} more figures; --all shows them\n", rows.size() > 1 ? "... and " : "", others);
        text += '\n';
    };
    table("parameter", difference.configuration, false);
    table("figure", difference.figures, true);
    const std::size_t parameters = difference.configuration.size();
    text += fmt::format("{} of {} figures differ, and {} parameter{}.\n", difference.figures.size(), difference.compared, parameters,
                        parameters == 1 ? "" : "s");
    return text;
}

std::string to_json(const result_diff& difference)
{
    const auto list = [](const std::vector<changed_value>& changed) {
        json all = json::array();
        for (const changed_value& each : changed)
            all.push_back({{"key", each.key},
                           {"before", each.before},
                           {"after", each.after},
                           {"percent", each.percent != 0 ? json(each.percent) : json(nullptr)}});
        return all;
    };
    json out;
    out["schema"] = "loas-vp.diff/1";
    out["compared"] = difference.compared;
    out["configuration"] = list(difference.configuration);
    out["figures"] = list(difference.figures);
    return out.dump(2) + "\n";
}

} // namespace loas::study
