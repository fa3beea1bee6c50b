#include "platform/findings/sweep_table.h"

#include "platform/findings/markdown.h"
#include "platform/sweep/point_record.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace loas::findings
{

std::string points_table(const sweep::point_lines& sorted)
{
    std::vector<std::vector<std::string>> rows(1);
    std::size_t axes = 0;
    for (std::size_t place = 0; place < sorted.size(); ++place) {
        const sweep::point_record point = sweep::read_point(sorted.line(place));
        std::vector<std::string> row;
        const auto add = [&](const std::string& name, const std::string& shown) {
            if (rows.front().size() == row.size())
                rows.front().push_back(name);
            row.push_back(shown);
        };
        for (const auto& [key, value] : point.axes)
            add(key, axis_text(value));
        axes = row.size();
        add("cycles", point.ok() ? axis_text(point.figure("totals.cycles")) : point.status);
        if (point.ok())
            for (const auto& [key, value] : point.derived)
                add(key, value.is_number() ? four_digits(value.get<double>()) : "");
        rows.push_back(std::move(row));
    }
    if (sorted.size() == 0)
        return "";

    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < rows.front().size(); ++c) {
        bool varies = c >= axes;
        for (auto& row : rows) {
            row.resize(rows.front().size()); // a point that is not ok has no figures
            varies |= &row != &rows.front() && row[c] != rows[1][c];
        }
        if (varies)
            columns.push_back(c);
    }
    std::vector<std::vector<std::string>> varying;
    for (const auto& row : rows) {
        varying.emplace_back();
        for (const std::size_t c : columns)
            varying.back().push_back(row[c]);
    }
    return markdown(varying);
}

} // namespace loas::findings
