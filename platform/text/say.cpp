#include "platform/text/say.h"

#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace loas::text
{
namespace
{

constexpr std::size_t columns = 100;

std::size_t longest_word(std::string_view line)
{
    std::size_t longest = 0;
    for (std::size_t from = 0; from < line.size();) {
        const std::size_t end = std::min(line.find(' ', from), line.size());
        longest = std::max(longest, end - from);
        from = end + 1;
    }
    return longest;
}

std::string line_of(const std::string& line)
{
    if (line.size() <= columns)
        return line + '\n';
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    return wrapped(line.substr(indent), std::max(columns, longest_word(line) + indent + 2), indent, indent + 2);
}

} // namespace

std::string said(std::string_view text)
{
    std::string left = fmt::format("loas-vp: {}", text), lines;
    for (std::size_t end = 0; (end = left.find('\n')) != std::string::npos; left.erase(0, end + 1))
        lines += line_of(left.substr(0, end));
    return lines + line_of(left);
}

void say(std::string_view text)
{
    fmt::print(stderr, "{}", said(text));
}

std::string said_once::fresh(const std::string& lines, const std::string& of)
{
    std::string told;
    for (std::size_t from = 0, end = 0; from < lines.size(); from = end) {
        do // a message goes on in lines that are indented
            end = std::min(lines.find('\n', end), lines.size() - 1) + 1;
        while (end < lines.size() && lines[end] == ' ');
        const std::string message = lines.substr(from, end - from);
        if (!m_known.insert(message).second)
            continue;
        const bool ends = message.back() == '\n';
        told += m_first || !ends ? message : message.substr(0, message.size() - 1) + of + '\n';
    }
    m_first = false;
    return told;
}

} // namespace loas::text
