#include "platform/findings/shown_points.h"

#include "platform/results/result.h"
#include "platform/text/words.h"

#include <algorithm>
#include <utility>

namespace loas::findings
{
namespace
{

using sweep::point_record;

constexpr std::size_t columns = 100;

/// The axes whose values the points share, or the others.
std::string axes_text(const std::vector<const point_record*>& points, const point_record& point, bool shared)
{
    point_record kept;
    for (const auto& axis : point.axes) {
        const bool same = std::all_of(points.begin(), points.end(), [&](const point_record* other) {
            return std::find(other->axes.begin(), other->axes.end(), axis) != other->axes.end();
        });
        if ((same && points.size() > 1) == shared)
            kept.axes.push_back(axis);
    }
    return kept.axes_text();
}

} // namespace

std::string table_of_points(const std::vector<const point_record*>& points, std::vector<std::vector<std::string>> rows)
{
    if (points.empty())
        return "";
    for (std::size_t i = 0; i < points.size(); ++i)
        rows[i + 1].front() = axes_text(points, *points[i], false);
    std::string text = results::align(rows);
    if (text.find('\n') > columns) {
        std::vector<std::string> axes = {""};
        for (std::size_t i = 1; i < rows.size(); ++i)
            axes.push_back(std::exchange(rows[i].front(), ""));
        const std::string narrow = results::align(rows);
        text.clear();
        std::size_t at = 0;
        for (const std::string& each : axes) {
            const std::size_t end = narrow.find('\n', at) + 1;
            text += narrow.substr(at, end - at);
            at = end;
            if (!each.empty())
                text += text::wrapped(each, columns, 2, 2);
        }
    }
    const std::string shared = axes_text(points, *points.front(), true);
    return text + (shared.empty() ? "" : text::wrapped("In all of these " + shared + ".", columns, 0, 2)) + '\n';
}

} // namespace loas::findings
