// Result files, read again.
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>

namespace loas::app
{

/// results.json in a folder, or the file itself.
std::filesystem::path result_path(const std::filesystem::path& given);

/// Throws config::user_error for what is not a whole result of this version.
nlohmann::ordered_json read_result(const std::filesystem::path& file);

} // namespace loas::app
