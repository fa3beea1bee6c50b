#include "platform/findings/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace loas::findings
{

std::string axis_text(const nlohmann::ordered_json& value)
{
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string four_digits(double number)
{
    return std::fabs(number) >= 1000 ? fmt::format("{:.0f}", number) : fmt::format("{:.4g}", number);
}

std::string markdown(const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::size_t> widths(rows.front().size());
    for (const auto& row : rows)
        for (std::size_t c = 0; c < widths.size(); ++c)
            widths[c] = std::max(widths[c], row[c].size());
    std::string text;
    for (const auto& row : rows) {
        text += '|';
        for (std::size_t c = 0; c < widths.size(); ++c)
            text += fmt::format(" {:>{}} |", row[c], widths[c]);
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
