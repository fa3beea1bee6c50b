#include "platform/findings/best_by.h"

#include "platform/findings/markdown.h"
#include "platform/sweep/definition.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace loas::findings
{

using json = nlohmann::ordered_json;

std::vector<std::string> axes_of(const std::string& by, const std::vector<std::string_view>& known)
{
    std::vector<std::string> axes = text::words_of_list(by);
    if (axes.empty() || axes.size() > 2 || (axes.size() == 2 && axes[0] == axes[1]))
        throw text::user_error("--by: one axis is needed, or two with a comma between them");
    for (const std::string& each : axes) {
        if (each == sweep::seed_axis)
            throw text::user_error("--by: points that differ in their seed only are one");
        if (std::find(known.begin(), known.end(), each) == known.end())
            throw text::user_error(fmt::format("--by: '{}' is no axis of these points{}; there are {}", text::printable(each),
                                               text::did_you_mean(text::nearest_key(each, known)),
                                               known.empty() ? "none" : text::join(known, ", ")));
    }
    return axes;
}

best_by::best_by(ranking wanted, std::vector<std::string> axes) : m_wanted(std::move(wanted))
{
    for (std::string& each : axes)
        m_axes.push_back({std::move(each), {}});
}

std::size_t best_by::place(std::size_t axis, const sweep::point_record& point)
{
    auto& [name, of] = m_axes[axis];
    const auto found = std::find_if(point.axes.begin(), point.axes.end(),
                                    [&name = name](const auto& each) { return each.first == name; });
    const auto same = std::find(of.begin(), of.end(), found->second);
    const auto index = static_cast<std::size_t>(same - of.begin());
    if (same == of.end())
        of.push_back(found->second);
    return index;
}

void best_by::add(const sweep::point_record& point)
{
    const std::pair<std::size_t, std::size_t> where = {place(0, point), m_axes.size() > 1 ? place(1, point) : 0};
    m_cells.try_emplace(where, m_wanted).first->second.add(point);
    const auto& first = m_firsts.try_emplace(where, point.axes).first->second;
    for (std::size_t i = 0; i < first.size(); ++i) {
        const std::string& axis = first[i].first;
        if (axis != sweep::seed_axis && point.axes[i].second != first[i].second &&
            std::find(m_varying.begin(), m_varying.end(), axis) == m_varying.end())
            m_varying.push_back(axis);
    }
}

void best_by::finish()
{
    for (auto& each : m_cells)
        each.second.finish();
}

double best_by::lead(const point_ranking& cell) const
{
    if (cell.best().size() < 2)
        return 0;
    double best = cell.best()[0].objective.mean(), next = cell.best()[1].objective.mean();
    if (m_wanted.most)
        std::swap(best, next);
    return best > 0 ? next / best : 0;
}

std::string best_by::cell_text(std::size_t row, std::size_t column) const
{
    const auto found = m_cells.find({row, column});
    if (found == m_cells.end() || found->second.best().empty())
        return "-";
    const auto& best = found->second.best();
    std::string text;
    const auto add = [&](const auto& ranked, const char* between) {
        for (const auto& [axis, value] : ranked.first.axes)
            if (std::find(m_varying.begin(), m_varying.end(), axis) != m_varying.end()) {
                text += (text.empty() ? "" : between) + axis_text(value);
                between = " ";
            }
    };
    add(best.front(), "");
    if (text.empty()) // one point a cell: what it has says more than what it is
        return four_digits(best.front().objective.mean());
    std::size_t tied = 1;
    for (; tied < best.size() && best[tied].objective.mean() == best.front().objective.mean(); ++tied)
        add(best[tied], " = ");
    const double times = tied > 1 ? 0 : lead(found->second);
    if (times == 0)
        return text;
    return text + (times < 1.005 ? " <1.01x" : fmt::format(" {:.2f}x", times)); // "1.00x" would look like a tie
}

std::string best_by::table() const
{
    if (m_cells.empty())
        return "";
    const bool two = m_axes.size() > 1;
    bool ties = false;
    std::vector<std::vector<std::string>> rows = {{m_axes[0].name}};
    if (two)
        for (const json& each : m_axes[1].of)
            rows.front().push_back(axis_text(each));
    else
        rows.front().emplace_back("best");
    for (std::size_t row = 0; row < m_axes[0].of.size(); ++row) {
        rows.push_back({axis_text(m_axes[0].of[row])});
        for (std::size_t column = 0; column + 1 < rows.front().size(); ++column)
            rows.back().push_back(cell_text(row, column));
        ties |= std::any_of(rows.back().begin(), rows.back().end(),
                            [](const std::string& cell) { return cell.find(" = ") != std::string::npos; });
    }
    std::string varying;
    for (const std::string& each : m_varying)
        varying += (varying.empty() ? "" : ", ") + each;
    std::string words = two ? fmt::format("To the right: {}. ", m_axes[1].name) : "";
    if (varying.empty())
        words += fmt::format("Each cell: {}.", m_wanted.title());
    else
        words += fmt::format("Best of {} by {}; x: how many times {} the next has{}.", varying, m_wanted.title(),
                             m_wanted.most ? "less" : "more", ties ? "; =: a tie" : "");
    return markdown(rows) + text::wrapped(words, 100, 0, 0) + '\n';
}

json best_by::to_json() const
{
    json cells = json::array();
    for (const auto& [where, ranked] : m_cells) {
        json each = {{"axes", {{m_axes[0].name, m_axes[0].of[where.first]}}}};
        if (m_axes.size() > 1)
            each["axes"][m_axes[1].name] = m_axes[1].of[where.second];
        const json best = ranked.to_json();
        each["best"] = best.empty() ? json() : best.front();
        const double times = lead(ranked);
        each["lead"] = times == 0 ? json() : json(times);
        cells.push_back(std::move(each));
    }
    return cells;
}

} // namespace loas::findings
