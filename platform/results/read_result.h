// Result files, read again.
#pragma once

#include "platform/results/result.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace loas::results
{

/// Of loas-vp compare --out: which accelerators have a folder beside it.
inline constexpr const char* comparison_file = "comparison.json";

/// The folders of runs that a comparison's list names, of the list or its folder; none: there is no such list. Throws
/// text::user_error.
std::vector<std::filesystem::path> compared_runs(const std::filesystem::path& given);

/// results.json in a folder, or the file itself. Throws text::user_error for a comparison, which has several.
std::filesystem::path result_path(const std::filesystem::path& given);

/// The file's tree, for what shows all of a result, and the same as data.
struct whole_result {
    nlohmann::ordered_json tree;
    run_result run;
};

/// Throws text::user_error that names the file and the key that is missing, damaged, unknown or does not follow from
/// the others.
whole_result read_result(const std::filesystem::path& file);

/// Values with their paths, as "totals.cycles".
using result_leaves = std::vector<std::pair<std::string, nlohmann::ordered_json>>;

/// Every value with its path; a layer goes by its name, so that a further one does not shift the others.
result_leaves leaves_of(const nlohmann::ordered_json& result);

} // namespace loas::results
