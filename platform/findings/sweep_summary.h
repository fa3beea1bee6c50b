// What a sweep found, in few words.
#pragma once

#include "platform/findings/ranking.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace loas::findings
{

/// What a sweep found, line by line: counts by status, and the best of the points that are ok.
class sweep_summary
{
public:
    explicit sweep_summary(ranking wanted) : m_ranking(std::move(wanted)) {}

    /// In the order of the points. Throws results::tree_error for what is no line of a point.
    void add(const std::string& line);
    /// After the last line.
    void finish() { m_ranking.finish(); }

    std::size_t finished() const { return m_finished; }
    std::size_t good() const;
    nlohmann::ordered_json statuses() const;
    const point_ranking& best() const { return m_ranking; }
    /// @param points of the whole sweep
    std::string counts(std::size_t points) const;
    /// Expressions that divide by 0, in words.
    std::vector<std::string> mistakes() const;

private:
    std::size_t m_finished = 0, m_divided = 0;
    std::map<std::string, std::size_t> m_counts;
    point_ranking m_ranking;
    std::string m_first_failure, m_first_divided;
};

/// "3-7, 12": the first few runs of sorted numbers.
std::string ranges_of(const std::vector<std::size_t>& sorted);

} // namespace loas::findings
