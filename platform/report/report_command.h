// loas-vp report: finished runs or a sweep as one HTML page.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace loas::report
{

/// The page. given: results of loas-vp run or compare, files or folders, or one sweep, its folder or points.jsonl. In
/// the page lies what it shows, as JSON:
///   names               names_json()
///   runs[]              label; peak: adders_of_tile, memory_bytes_per_ns (null: without limit); and result: a
///                       results.json without accuracy.predictions; absent for a sweep
///   sweep               name; points: of the whole sweep, null if not known; statuses: points by status; not_ok[]:
///                       index, axes, status, reason of the first ones; index[] and columns[] of the points that are
///                       ok: key, role (axis, figure, derived) and values
/// Throws text::user_error.
std::string make_report(const std::vector<std::filesystem::path>& given);

/// Whether a file is one of those results, or what one of them is read from.
bool is_of(const std::vector<std::filesystem::path>& results, const std::filesystem::path& file);

} // namespace loas::report
