#include "platform/sweep/listed_axes.h"

#include "platform/sweep/definition.h"
#include "platform/text/toml_reader.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace loas::sweep
{
namespace
{

using json = nlohmann::ordered_json;

std::vector<json> values_of(const toml::node& node)
{
    std::vector<json> values;
    if (const auto* list = node.as_array(); list != nullptr)
        for (const toml::node& each : *list)
            each.visit([&](const auto& held) {
                if constexpr (toml::is_boolean<decltype(held)> || toml::is_number<decltype(held)> ||
                              toml::is_string<decltype(held)>)
                    values.emplace_back(held.get());
            });
    return values;
}

/// A value as column::shown() and as the file may have it: which texts are paths is not known here.
std::string word_of(const json& value)
{
    return value.is_string() ? '"' + std::filesystem::path(value.get<std::string>()).filename().string() : value.dump();
}

} // namespace

void listed_axes::add(std::vector<std::string> keys, const std::vector<std::vector<json>>& columns)
{
    dimension made{std::move(keys), {}, columns.empty() ? 0 : columns.front().size()};
    for (std::size_t i = 0; i < made.size; ++i) {
        std::string words;
        for (const std::vector<json>& each : columns)
            words += i < each.size() ? word_of(each[i]) + '\n' : "";
        m_tells_apart &= made.places.emplace(std::move(words), i).second;
    }
    m_grid *= made.size;
    m_dimensions.push_back(std::move(made));
}

listed_axes::listed_axes(const std::filesystem::path& file, const std::string& toml, std::size_t points)
    : m_points(points)
{
    const toml::table root = text::parse_toml(toml, file);
    using by_line = std::vector<std::pair<const toml::key*, const toml::node*>>;
    const auto columns_of = [](const toml::table& table) { // the parser hands out keys in the order of the alphabet
        by_line columns;
        for (const auto& [key, node] : table)
            columns.emplace_back(&key, &node);
        std::sort(columns.begin(), columns.end(),
                  [](const auto& a, const auto& b) { return text::line_of(*a.first) < text::line_of(*b.first); });
        return columns;
    };
    const auto add_columns = [this](const by_line& together) {
        std::vector<std::string> keys;
        std::vector<std::vector<json>> columns;
        for (const auto& [key, node] : together) {
            keys.emplace_back(key->str());
            columns.push_back(values_of(*node));
        }
        add(std::move(keys), columns);
    };
    if (const toml::node* files = root.get("workloads"); files != nullptr)
        add({workload_axis}, {values_of(*files)});
    if (const toml::table* axes = root["axes"].as_table(); axes != nullptr)
        for (const auto& each : columns_of(*axes))
            add_columns({each});
    if (const toml::array* zips = root["zip"].as_array(); zips != nullptr)
        for (const toml::node& each : *zips)
            if (const toml::table* table = each.as_table(); table != nullptr)
                add_columns(columns_of(*table));
    if (const auto count = root["seeds"].value<std::int64_t>()) {
        std::vector<json> seeds;
        for (std::int64_t seed = 1; seed <= *count; ++seed)
            seeds.emplace_back(seed);
        add({seed_axis}, {seeds});
    }
    if (m_grid < points)
        throw text::user_error(fmt::format("{}: {} points are more than its axes make", file.string(), points));
}

std::string listed_axes::mistake_in(const point_record& point)
{
    std::size_t place = 0, next = 0;
    for (const dimension& each : m_dimensions) {
        std::string words;
        for (const std::string& key : each.keys) {
            if (next == point.axes.size() || point.axes[next].first != key)
                return fmt::format("axes.{} is not where it must be", key);
            words += word_of(point.axes[next++].second) + '\n';
        }
        const auto found = each.places.find(words);
        if (found == each.places.end())
            return fmt::format("axes.{} = {} is no value of this axis", each.keys.back(),
                               point.axes[next - 1].second.dump());
        place = place * each.size + found->second;
    }
    if (next != point.axes.size())
        return fmt::format("axes.{} is no axis", point.axes[next].first);
    if (!m_tells_apart)
        return {};
    // Constraints leave points out, and never change their order.
    const std::size_t left_out = m_grid - m_points;
    bool right = place >= point.index && place - point.index <= left_out;
    if (right && left_out != 0) {
        const auto after = m_seen.upper_bound(point.index);
        if (after != m_seen.end())
            right = place + (after->first - point.index) <= after->second;
        if (after != m_seen.begin() && std::prev(after)->first != point.index)
            right = right && std::prev(after)->second + (point.index - std::prev(after)->first) <= place;
        m_seen.emplace(point.index, place);
    }
    return right ? "" : fmt::format("index is {}, which is not that of the point with these axes", point.index);
}

} // namespace loas::sweep
