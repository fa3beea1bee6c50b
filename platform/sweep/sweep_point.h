// What is kept of a point of a sweep: its line in points.jsonl.
#pragma once

#include "platform/results/result.h"
#include "platform/sweep/point_record.h"
#include "platform/sweep/points.h"
#include "platform/sweep/ranking.h"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace loas::sweep
{

/// Names of the numbers in any result, for result_names.
std::vector<std::string> result_keys();

/// A point whose simulation ended: status "ok" or "different", figures and derived figures.
std::string point_line(const points& points, std::size_t index, const results::run_result& result);

/// A point without a result. @param status "refused", "user mistake", "guest failed", "stuck", "crashed" or "timed out"
std::string failed_line(const points& points, std::size_t index, const std::string& status, const std::string& reason);

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

} // namespace loas::sweep
