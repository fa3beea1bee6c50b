// The parts of a sweep file that name figures: constraints, derived figures, and keys that are kept.
#pragma once

#include "platform/sweep/definition.h"
#include "platform/sweep/result_names.h"
#include "platform/text/complaints.h"

#include <toml++/toml.h>

#include <string>
#include <vector>

namespace loas::sweep
{

/// Adds them to a sweep whose dimensions are known.
void read_figures(const toml::table& root, const result_names& names, const std::vector<std::string>& more_keys,
                  definition& sweep, text::complaints& wrong);

/// A single text, or those of a list.
std::vector<const toml::node*> texts(const toml::node& node, const char* key, text::complaints& wrong);

inline std::size_t line_of(const toml::key& key)
{
    return key.source().begin.line;
}

inline std::size_t line_of(const toml::node& node)
{
    return node.source().begin.line;
}

} // namespace loas::sweep
