#include "platform/sweep/point_record.h"

#include "platform/results/tree.h"

#include <fmt/format.h>

#include <algorithm>

namespace loas::sweep
{

using json = nlohmann::ordered_json;

namespace
{

template <class Tree> void describe(Tree& tree, point_record& point)
{
    tree.value("index", point.index);
    tree.named("axes", point.axes);
    tree.value("status", point.status);
    tree.value("reason", point.reason);
    if (!tree.has("figures", point.ended()) && !point.ok())
        return;
    tree.named("figures", point.figures);
    tree.named("derived", point.derived);
}

/// A wrong figure is worse than none: 0 cycles would be the best of all.
void check_figures(const point_record& point)
{
    for (const kept_figure& kept : kept_figures) {
        const json value = point.figure(kept.name);
        const bool right = kept.count ? value.is_number_unsigned() : value.is_number() && value.get<double>() >= 0;
        if (!right && !(kept.optional && value.is_null()))
            throw results::tree_error(fmt::format("figures.{} is {}, a {} is needed", kept.name, value.dump(),
                                                  kept.count ? "count" : "number"));
    }
}

} // namespace

json point_record::figure(const std::string& name) const
{
    const auto found =
        std::find_if(figures.begin(), figures.end(), [&](const auto& each) { return each.first == name; });
    return found == figures.end() ? json() : found->second;
}

double point_record::number(const std::string& name) const
{
    const json value = figure(name);
    return value.is_number() ? value.get<double>() : 0.0;
}

std::string point_record::axes_text() const
{
    std::string text;
    for (const auto& [key, value] : axes)
        if (!value.is_structured())
            text +=
                (text.empty() ? "" : " ") + key + '=' + (value.is_string() ? value.get<std::string>() : value.dump());
    return text;
}

std::string point_record::to_line() const
{
    json line = json::object();
    results::tree_writer tree(line);
    point_record described = *this; // a description takes members that can be read, too
    describe(tree, described);
    return line.dump(-1, ' ', false, json::error_handler_t::replace); // reasons may quote anything
}

point_record read_point(const std::string& line)
{
    const json parsed = json::parse(line, nullptr, false);
    const results::tree_reader tree(parsed);
    point_record point;
    describe(tree, point);
    if (point.ended())
        check_figures(point);
    return point;
}

} // namespace loas::sweep
