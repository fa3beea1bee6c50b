#include "platform/results/result.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace loas::results
{

std::string grouped(std::uint64_t value)
{
    std::string digits = std::to_string(value);
    for (std::size_t at = digits.size(); at > 3; at -= 3)
        digits.insert(at - 3, ",");
    return digits;
}

std::string readable(double value)
{
    constexpr double most = 1e18; // of what fits into 64 bits
    const double size = std::fabs(value);
    if (size < 1000 || !(size < most))
        return fmt::format("{:.4g}", value);
    return (value < 0 ? "-" : "") + grouped(static_cast<std::uint64_t>(std::llround(size)));
}

std::string align(const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::size_t> widths;
    for (const std::vector<std::string>& cells : rows) {
        widths.resize(std::max(widths.size(), cells.size()));
        for (std::size_t i = 0; i < cells.size(); ++i)
            widths[i] = std::max(widths[i], cells[i].size());
    }
    std::string text;
    for (const std::vector<std::string>& cells : rows) {
        for (std::size_t i = 0; i < cells.size(); ++i)
            text += i == 0 ? fmt::format("{:<{}}", cells[i], widths[i]) : fmt::format("  {:>{}}", cells[i], widths[i]);
        text += '\n';
    }
    return text;
}

} // namespace loas::results
