// From what the user wrote, in a file or after --set, to a value of the type of an option.
#pragma once

#include "platform/config/options.h"

#include <toml++/toml.h>

#include <optional>
#include <string>
#include <string_view>

namespace loas::config
{

/// "expected an integer" and the like.
std::string expected(const option& o);

/// The node as a value of the option's type, or nothing if the types do not agree. An integer is also a number.
std::optional<value> convert(const option& o, const toml::node& node);

/// The text of an override as a value of the option's type, or nothing. Texts need no quotes.
std::optional<value> convert(const option& o, std::string_view text);

} // namespace loas::config
