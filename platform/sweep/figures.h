// The parts of a sweep file that name figures: constraints, derived figures, and keys that are kept.
#pragma once

#include "platform/sweep/definition.h"
#include "platform/sweep/result_names.h"
#include "platform/text/complaints.h"
#include "platform/text/toml_reader.h"

#include <string>
#include <vector>

namespace loas::sweep
{

/// Adds them to a sweep whose dimensions are known.
void read_figures(const toml::table& root, const result_names& names, const std::vector<std::string>& more_keys,
                  definition& sweep, text::file_complaints& wrong);

/// For keys of the top that stand in a table, because they follow it.
bool belongs_above(std::string_view key);
inline constexpr const char* above_the_first_table =
    "; it belongs to no table: it stands above the first one, as [axes]";

/// A single text, or those of a list.
std::vector<const toml::node*> texts(const toml::node& node, const char* key, text::file_complaints& wrong);

} // namespace loas::sweep
