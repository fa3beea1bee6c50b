// What is kept of a point of a sweep: its line in points.jsonl.
#pragma once

#include "platform/results/result.h"
#include "platform/sweep/point_record.h"
#include "platform/sweep/points.h"

#include <nlohmann/json.hpp>

#include <cstdint>
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

/// What a sweep found, line by line: counts by status, and the points with the fewest cycles.
class sweep_summary
{
public:
    /// Throws results::tree_error for what is no line of a point.
    void add(const std::string& line);

    std::size_t finished() const { return m_finished; }
    std::size_t good() const;
    nlohmann::ordered_json statuses() const;
    /// The points with the fewest cycles, for people; empty without any.
    std::string best() const;
    /// @param points of the whole sweep
    std::string counts(std::size_t points) const;

private:
    std::size_t m_finished = 0;
    std::map<std::string, std::size_t> m_counts;
    std::vector<std::pair<std::uint64_t, point_record>> m_best; ///< by cycles
    std::string m_first_failure;
};

} // namespace loas::sweep
