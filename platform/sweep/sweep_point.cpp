#include "platform/sweep/sweep_point.h"

#include "platform/results/read_result.h"
#include "platform/sweep/point_record.h"

#include <fmt/format.h>

#include <cmath>
#include <map>

namespace loas::sweep
{
namespace
{

using json = nlohmann::ordered_json;

point_record record_of(const points& points, std::size_t index, const std::string& status, const std::string& reason)
{
    point_record point;
    point.index = index;
    const json axes = points.axes(index);
    for (const auto& [key, value] : axes.items())
        point.axes.emplace_back(key, value);
    point.status = status;
    point.reason = reason;
    return point;
}

bool is_layer_cycles(const std::string& key)
{
    constexpr std::string_view front = "layers.", end = ".cycles";
    return key.size() > front.size() + end.size() && key.compare(0, front.size(), front) == 0 &&
           key.compare(key.size() - end.size(), end.size(), end) == 0;
}

} // namespace

std::vector<std::string> result_keys()
{
    results::run_result example;
    example.layers.resize(1);
    example.layers.front().name = "*";
    example.layers.front().published.inputs.item_bits = 1; // most designs have an accounting
    example.configuration = config::effective_values(config::scenario());
    std::vector<std::string> keys;
    for (const auto& [key, value] : results::leaves_of(results::to_json_tree(example)))
        if (!value.is_string() && !value.is_boolean())
            keys.push_back(key);
    return keys;
}

std::string point_line(const points& points, std::size_t index, const results::run_result& result)
{
    const results::result_leaves leaves = results::leaves_of(results::to_json_tree(result));
    std::map<std::string, const json*> found;
    for (const auto& [key, value] : leaves)
        found.emplace(key, &value);
    const std::vector<std::string>& why =
        result.golden_differences.empty() ? result.golden_unchecked : result.golden_differences;
    point_record point =
        record_of(points, index, result.golden_failed() ? result.golden() : "ok", why.empty() ? "" : why.front());
    const auto keep = [&](const std::string& key) {
        const auto it = found.find(key);
        point.figures.emplace_back(key, it == found.end() ? json() : *it->second);
    };
    for (const kept_figure& each : kept_figures)
        keep(each.name);
    for (const auto& leaf : leaves)
        if (is_layer_cycles(leaf.first))
            keep(leaf.first);
    for (const std::string& key : points.sweep().keys)
        keep(key);
    for (const derived_figure& each : points.sweep().derived) {
        std::vector<double> numbers;
        for (const std::string& name : each.formula.names()) {
            double number = points.axis_number(index, name);
            if (const auto it = found.find(name); std::isnan(number) && it != found.end() && it->second->is_number())
                number = it->second->get<double>();
            numbers.push_back(number);
        }
        double value = std::nan("");
        try {
            value = each.formula.evaluate(numbers);
        } catch (const text::expression_error& divided) { // a point that moved nothing, say: it has no such figure
            point.reason += fmt::format("{}derived.{}: {}", point.reason.empty() ? "" : "; ", each.name, divided.what());
        }
        point.derived.emplace_back(each.name, std::isfinite(value) ? json(value) : json());
    }
    return point.to_line();
}

std::string failed_line(const points& points, std::size_t index, const std::string& status, const std::string& reason)
{
    return record_of(points, index, status, reason).to_line();
}

} // namespace loas::sweep
