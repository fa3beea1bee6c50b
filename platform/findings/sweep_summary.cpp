#include "platform/findings/sweep_summary.h"

#include "platform/results/result.h"
#include "platform/text/words.h"

#include <fmt/format.h>

namespace loas::findings
{

using json = nlohmann::ordered_json;

void sweep_summary::add(const std::string& line)
{
    const sweep::point_record point = sweep::read_point(line);
    ++m_finished;
    ++m_counts[point.status];
    if (!point.ok() && m_first_failure.empty())
        m_first_failure = text::wrapped(fmt::format("The first that is not ok is point {}: {}: {}", point.index,
                                                    point.status, text::printable(point.reason, 300)),
                                        100, 0, 2);
    if (!point.ok())
        return;
    if (!point.reason.empty() && m_divided++ == 0)
        m_first_divided = fmt::format("point {}: {}", point.index, point.reason.substr(0, 300));
    m_ranking.add(point);
}

std::size_t sweep_summary::good() const
{
    const auto found = m_counts.find("ok");
    return found == m_counts.end() ? 0 : found->second;
}

json sweep_summary::statuses() const
{
    return m_counts;
}

std::string sweep_summary::counts(std::size_t points) const
{
    std::string statuses;
    for (const auto& [status, count] : m_counts)
        statuses += fmt::format("{}{} {}", statuses.empty() ? "" : ", ", results::grouped(count), status);
    return fmt::format("{} of {} points: {}.\n", results::grouped(m_finished), results::grouped(points),
                       statuses.empty() ? "none" : statuses) +
           m_first_failure +
           m_ranking.outside_in_words();
}

std::vector<std::string> sweep_summary::mistakes() const
{
    std::vector<std::string> all = m_ranking.mistakes();
    if (m_divided > 0)
        all.push_back(fmt::format("{} points have a derived figure that divides by 0; the first is {}",
                                  results::grouped(m_divided), m_first_divided));
    return all;
}

std::string ranges_of(const std::vector<std::size_t>& sorted)
{
    static constexpr unsigned most = 20;
    std::string text;
    unsigned told = 0;
    for (std::size_t i = 0; i < sorted.size();) {
        std::size_t end = i + 1;
        while (end < sorted.size() && sorted[end] == sorted[end - 1] + 1)
            ++end;
        if (++told > most)
            return text + ", ...";
        text += (text.empty() ? "" : ", ") + std::to_string(sorted[i]);
        if (end > i + 1)
            text += '-' + std::to_string(sorted[end - 1]);
        i = end;
    }
    return text;
}

} // namespace loas::findings
