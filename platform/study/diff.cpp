#include "platform/study/diff.h"

#include "platform/results/read_result.h"
#include "platform/results/result.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace loas::study
{
namespace
{

using json = nlohmann::ordered_json;

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
            if (off_percent(a, b) > tolerance_percent)
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

std::string shortened(const std::string& text, std::size_t most)
{
    return text.size() <= most ? text : text.substr(0, most - 2) + "..";
}

} // namespace

result_diff diff(const std::filesystem::path& before, const std::filesystem::path& after, double tolerance_percent)
{
    json left = results::read_result(results::result_path(before)).tree,
         right = results::read_result(results::result_path(after)).tree;
    result_diff difference;
    std::size_t parameters = 0;
    compare(left["configuration"], right["configuration"], 0, difference.configuration, parameters);
    left.erase("configuration");
    right.erase("configuration");
    compare(left, right, tolerance_percent, difference.figures, difference.compared);
    return difference;
}

std::string to_text(const result_diff& difference)
{
    static constexpr std::size_t most_rows = 40;
    std::string text;
    const auto table = [&text](const char* title, const std::vector<changed_value>& changed, bool figures) {
        if (changed.empty())
            return;
        std::vector<std::vector<std::string>> rows(1, {title, "before", "after", figures ? "%" : ""});
        for (std::size_t i = 0; i < std::min(changed.size(), most_rows); ++i) {
            const changed_value& each = changed[i];
            rows.push_back({shortened(each.key, 46), shortened(each.before, 20), shortened(each.after, 20),
                            each.percent != 0 ? fmt::format("{:+.2f}", each.percent) : ""});
        }
        text += results::align(rows);
        if (changed.size() > most_rows)
            text += fmt::format("... and {} more; --json has them all\n", changed.size() - most_rows);
        text += '\n';
    };
    table("parameter", difference.configuration, false);
    table("figure", difference.figures, true);
    text += fmt::format("{} of {} figures differ, and {} parameters.\n", difference.figures.size(), difference.compared,
                        difference.configuration.size());
    return text;
}

std::string to_json(const result_diff& difference)
{
    const auto list = [](const std::vector<changed_value>& changed) {
        json all = json::array();
        for (const changed_value& each : changed)
            all.push_back(
                {{"key", each.key}, {"before", each.before}, {"after", each.after}, {"percent", each.percent}});
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
