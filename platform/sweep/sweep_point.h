// What is kept of a point of a sweep: its line in points.jsonl.
#pragma once

#include "platform/results/result.h"
#include "platform/sweep/points.h"

#include <string>
#include <vector>

namespace loas::sweep
{

/// Names of the numbers in any result, for result_names.
std::vector<std::string> result_keys();

/// A point whose simulation ended: status "ok", "different" or "incomplete", figures and derived figures.
std::string point_line(const points& points, std::size_t index, const results::run_result& result);

/// A point without a result. @param status "refused", "user mistake", "guest failed", "stuck", "crashed" or "timed out"
std::string failed_line(const points& points, std::size_t index, const std::string& status, const std::string& reason);

} // namespace loas::sweep
