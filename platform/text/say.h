// What loas-vp says beside its results.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace loas::text
{

/// "loas-vp: " and the lines of the text, each within 100 columns unless a word of it, as a path, is longer.
std::string said(std::string_view text);

/// Says it on standard error.
void say(std::string_view text);

/// What several simulations say, of which most is the same: each message once.
class said_once
{
public:
    /// The messages among these lines of said() that are new. `of`, whose they are, stands behind those that the first call
    /// had not.
    std::string fresh(const std::string& lines, const std::string& of);

private:
    std::set<std::string> m_known;
    bool m_first = true;
};

} // namespace loas::text
