#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace loas::text
{

namespace
{

constexpr std::size_t longest_compared = 64; // longer words are no typos of ours, and the distance is quadratic

std::size_t near_enough(std::string_view word)
{
    return std::max<std::size_t>(1, std::min<std::size_t>(4, word.size() / 3));
}

bool is_control(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

/// Bytes of the UTF-8 character that a text begins with; 0: it begins with none.
std::size_t character_bytes(std::string_view text)
{
    for (std::size_t bytes = 1; bytes <= std::min<std::size_t>(4, text.size()); ++bytes)
        if (is_utf8(text.substr(0, bytes)))
            return bytes;
    return 0;
}

/// Does a terminal obey it, or turn the text behind it around? U+0080 to 9F, 202A to 202E, and 2066 to 2069 do, too.
bool is_control(std::string_view character)
{
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(character[at]); };
    if (character.size() == 1)
        return is_control(character[0]);
    if (character.size() == 2)
        return byte(0) == 0xc2 && byte(1) < 0xa0;
    return character.size() == 3 && byte(0) == 0xe2 &&
           ((byte(1) == 0x80 && byte(2) >= 0xaa && byte(2) <= 0xae) || (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9));
}

} // namespace

std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = std::min(now[j], before[j - 2] + 1);
        }
        before.swap(last);
        last.swap(now);
    }
    return last[b.size()];
}

std::string_view nearest_word(std::string_view wrong, const std::vector<std::string_view>& valid)
{
    std::string_view best;
    if (wrong.empty() || wrong.size() > longest_compared)
        return best;
    std::size_t best_distance = longest_compared;
    for (const std::string_view word : valid) {
        const std::size_t distance = edit_distance(wrong, word);
        if (distance <= near_enough(word) && distance < best_distance) {
            best = word;
            best_distance = distance;
        }
    }
    return best;
}

std::string_view nearest_key(std::string_view wrong, const std::vector<std::string_view>& valid)
{
    const std::string_view whole = nearest_word(wrong, valid);
    if (wrong.empty() || wrong.size() > longest_compared)
        return whole;
    const auto leaf = [](std::string_view key) { return key.substr(key.rfind('.') + 1); };
    // A right name in the wrong table (or in none) is a better guess than a similar name anywhere, unless that is one
    // slip away.
    const bool one_slip = !whole.empty() && edit_distance(wrong, whole) <= 1;
    if (!one_slip) {
        for (const std::string_view key : valid) {
            if (leaf(key) == leaf(wrong))
                return key;
        }
    }
    if (!whole.empty())
        return whole;
    std::vector<std::string_view> leaves;
    for (const std::string_view key : valid)
        leaves.push_back(leaf(key));
    const std::string_view near = nearest_word(leaf(wrong), leaves);
    for (const std::string_view key : valid) {
        if (!near.empty() && leaf(key) == near)
            return key;
    }
    // Units are part of names and easily forgotten: clock for clock_mhz.
    for (const std::string_view key : valid) {
        if (leaf(wrong).size() > 2 && leaf(key).substr(0, leaf(wrong).size()) == leaf(wrong))
            return key;
    }
    return {};
}

std::string toml_quoted(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += fmt::format("\\{}", c);
        else if (is_control(c))
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        else
            out += c;
    }
    return out + "\"";
}

std::string printable(std::string_view text, std::size_t longest)
{
    std::size_t end = std::min(longest, text.size());
    while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
        --end; // not within a character
    std::string out;
    for (std::string_view left = text.substr(0, end); !left.empty();) {
        const std::size_t bytes = character_bytes(left);
        const std::string_view character = left.substr(0, std::max<std::size_t>(1, bytes));
        out += bytes == 0 || is_control(character) ? "?" : character;
        left.remove_prefix(character.size());
    }
    return end < text.size() ? out + "..." : out;
}

bool is_utf8(std::string_view text)
{
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80   ? 1
                                   : lead < 0xc2 ? 0
                                   : lead < 0xe0 ? 2
                                   : lead < 0xf0 ? 3
                                   : lead < 0xf5 ? 4
                                                 : 0;
        if (length == 0 || i + length > text.size())
            return false;
        unsigned code = length == 1 ? lead : lead & (0x7fU >> length);
        for (std::size_t k = 1; k < length; ++k) {
            const auto next = static_cast<unsigned char>(text[i + k]);
            if ((next & 0xc0U) != 0x80U)
                return false;
            code = code << 6 | (next & 0x3fU);
        }
        const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
        if (overlong || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
            return false;
        i += length;
    }
    return true;
}

std::string reason_of(int error_number)
{
    std::string reason = std::strerror(error_number);
    if (error_number == EFBIG)
        reason += ": no file of this process may be larger (ulimit -f), or none on this file system";
    if (error_number == EMFILE)
        reason += ": more files at a time than this process may open (ulimit -n)";
    return reason;
}

std::string shell_quoted(std::string_view text)
{
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
    if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos)
        return std::string(text);
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? "'\\''" : std::string(1, c);
    return out + '\'';
}

std::string lower_case(std::string_view text)
{
    std::string lower(text);
    for (char& each : lower)
        if (each >= 'A' && each <= 'Z')
            each = static_cast<char>(each - 'A' + 'a');
    return lower;
}

std::string join(const std::vector<std::string_view>& words, std::string_view separator)
{
    return fmt::format("{}", fmt::join(words, separator));
}

std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent, std::size_t further)
{
    std::string out, line(indent, ' ');
    bool empty = true; // but for its indentation
    const auto next_line = [&] {
        out += line + '\n';
        line.assign(further, ' ');
        empty = true;
    };
    while (!text.empty()) {
        std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (!empty && line.size() + 1 + word.size() > columns)
            next_line();
        line += empty ? "" : " ";
        while (line.size() + word.size() > columns) {
            const std::size_t room = std::max<std::size_t>(columns - std::min(columns, line.size()), 1);
            line += word.substr(0, room);
            word.remove_prefix(room);
            next_line();
        }
        line += word;
        empty = false;
    }
    return out + line + '\n';
}

std::string toml_number(double number)
{
    std::string digits = fmt::format("{}", number); // the shortest that reads back as the same double
    if (digits.find_first_of(".en") == std::string::npos)
        digits += ".0"; // without it, TOML would read an integer
    return digits;
}

std::string did_you_mean(std::string_view near)
{
    return near.empty() ? std::string() : fmt::format("; did you mean '{}'?", near);
}

std::vector<std::string> words_of_list(std::string_view list)
{
    std::vector<std::string> words;
    for (std::size_t from = 0; !list.empty() && from <= list.size();) {
        const std::size_t end = std::min(list.find(',', from), list.size());
        const std::string_view word = list.substr(from, end - from);
        const std::size_t first = word.find_first_not_of(' ');
        words.emplace_back(first == std::string_view::npos ? "" : word.substr(first, word.find_last_not_of(' ') + 1 - first));
        from = end + 1;
    }
    return words;
}

} // namespace loas::text
