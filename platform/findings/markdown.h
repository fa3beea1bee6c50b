// Tables for pages.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace loas::findings
{

/// Of an axis: a text as it is, else as JSON has it.
std::string axis_text(const nlohmann::ordered_json& value);

/// Below 1000 four digits, above it a whole number.
std::string four_digits(double number);

/// Markdown with an empty line behind it, all columns to the right; the first row is the heading. All rows are as long.
std::string markdown(const std::vector<std::vector<std::string>>& rows);

} // namespace loas::findings
