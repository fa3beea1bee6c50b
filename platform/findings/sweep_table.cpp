#include "platform/findings/sweep_table.h"

#include "platform/sweep/point_record.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace loas::findings
{
namespace
{

using json = nlohmann::ordered_json;

std::string word(const json& value)
{
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string four_digits(const json& value)
{
    if (!value.is_number())
        return "";
    const auto number = value.get<double>();
    return std::fabs(number) >= 1000 ? fmt::format("{:.0f}", number) : fmt::format("{:.4g}", number);
}

} // namespace

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
            add(key, word(value));
        axes = row.size();
        add("cycles", point.ok() ? word(point.figure("totals.cycles")) : point.status);
        if (point.ok())
            for (const auto& [key, value] : point.derived)
                add(key, four_digits(value));
        rows.push_back(std::move(row));
    }
    if (sorted.size() == 0)
        return "";

    std::vector<std::size_t> columns, widths;
    for (std::size_t c = 0; c < rows.front().size(); ++c) {
        std::size_t width = 0;
        bool varies = c >= axes;
        for (auto& row : rows) {
            row.resize(rows.front().size()); // a point that is not ok has no figures
            width = std::max(width, row[c].size());
            varies |= &row != &rows.front() && row[c] != rows[1][c];
        }
        if (varies) {
            columns.push_back(c);
            widths.push_back(width);
        }
    }
    std::string text;
    for (const auto& row : rows) {
        text += '|';
        for (std::size_t i = 0; i < columns.size(); ++i)
            text += fmt::format(" {:>{}} |", row[columns[i]], widths[i]);
        text += '\n';
        if (&row != &rows.front())
            continue;
        text += '|';
        for (const std::size_t width : widths)
            text += std::string(width + 1, '-') + ":|";
        text += '\n';
    }
    return text + '\n';
}

} // namespace loas::findings
