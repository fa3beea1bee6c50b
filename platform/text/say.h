// What loas-vp says beside its results.
#pragma once

#include <string>
#include <string_view>

namespace loas::text
{

/// "loas-vp: " and the lines of the text, each within 100 columns unless a word of it, as a path, is longer.
std::string said(std::string_view text);

/// Says it on standard error.
void say(std::string_view text);

} // namespace loas::text
