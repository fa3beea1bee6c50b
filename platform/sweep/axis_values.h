// The values of one axis: a list, or a range in a table.
#pragma once

#include "platform/config/options.h"

#include <toml++/toml.h>

#include <string>
#include <vector>

namespace loas::sweep
{

/// What is wrong, in words; or "" and the values. Paths are left as they stand.
/// A range is { from, to, step }, { from, to, count } or { from, to, factor }; `to` belongs to it if it is met.
std::string axis_values(const config::option& o, const toml::node& node, std::vector<config::value>& values);

} // namespace loas::sweep
