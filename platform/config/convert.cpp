#include "platform/config/convert.h"

#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace loas::config
{
namespace
{

/// An integer as TOML writes it, so that --set takes what a file takes: 16, 1_000, 0x10, 0o20, 0b1_0000. What does not fit
/// is the nearest that does: the range check refuses it with the right words.
std::optional<std::int64_t> integer_of(std::string_view text)
{
    const bool sign = !text.empty() && (text[0] == '-' || text[0] == '+');
    const bool negative = sign && text[0] == '-';
    std::string_view digits = text.substr(sign ? 1 : 0);
    int base = 10;
    for (const auto& [prefix, of_it] : {std::pair<std::string_view, int>{"0x", 16}, {"0o", 8}, {"0b", 2}})
        if (!sign && digits.substr(0, 2) == prefix)
            base = of_it;
    digits.remove_prefix(base == 10 ? 0 : 2);
    std::string plain(negative ? "-" : "");
    for (std::size_t i = 0; i < digits.size(); ++i) { // '_' stands between digits
        const bool between = i > 0 && i + 1 < digits.size() && digits[i - 1] != '_';
        if (digits[i] == '_' ? !between : std::isxdigit(static_cast<unsigned char>(digits[i])) == 0)
            return {};
        plain += digits[i] == '_' ? "" : std::string(1, digits[i]);
    }
    std::int64_t whole = 0;
    const auto [stop, error] = std::from_chars(plain.data(), plain.data() + plain.size(), whole, base);
    if (digits.empty() || stop != plain.data() + plain.size() || error == std::errc::invalid_argument)
        return {};
    if (error == std::errc::result_out_of_range)
        whole = negative ? INT64_MIN : INT64_MAX;
    return whole;
}

} // namespace

std::string expected(const option& o)
{
    if (o.is_flag())
        return "expected true or false";
    if (o.is_integer())
        return "expected an integer";
    return o.is_number() ? "expected a number" : "expected a text in quotes";
}

std::optional<value> convert(const option& o, const toml::node& node)
{
    if (o.is_flag())
        return node.is_boolean() ? std::optional<value>(node.as_boolean()->get()) : std::nullopt;
    if (o.is_integer())
        return node.is_integer() ? std::optional<value>(node.as_integer()->get()) : std::nullopt;
    if (o.is_number()) {
        if (node.is_integer())
            return static_cast<double>(node.as_integer()->get());
        return node.is_floating_point() ? std::optional<value>(node.as_floating_point()->get()) : std::nullopt;
    }
    return node.is_string() ? std::optional<value>(node.as_string()->get()) : std::nullopt;
}

std::optional<value> convert(const option& o, std::string_view text)
{
    const char* end = text.data() + text.size();
    if (o.is_flag()) {
        if (text == "true" || text == "false")
            return text == "true";
        return std::nullopt;
    }
    if (o.is_integer()) {
        const std::optional<std::int64_t> whole = integer_of(text);
        return whole ? std::optional<value>(*whole) : std::nullopt;
    }
    if (o.is_number()) {
        double amount = 0;
        const auto [stop, error] = std::from_chars(text.data(), end, amount);
        return stop == end && error == std::errc() ? std::optional<value>(amount) : std::nullopt;
    }
    return std::string(text);
}

// No key begins with "--", and no value has a line end, so nobody's --set is taken for one of these.
std::string override_by(const std::string& as_typed, const std::string& setting)
{
    return text::printable(as_typed, 200) + '\n' + setting;
}

std::string setting_of(const std::string& override)
{
    const std::size_t end = override.rfind("--", 0) == 0 ? override.find('\n') : std::string::npos;
    return end == std::string::npos ? override : override.substr(end + 1);
}

std::string how_given(const scenario& s, std::string_view key)
{
    const auto last = std::find_if(s.given.rbegin(), s.given.rend(), [&](const auto& each) { return each.key == key; });
    if (last == s.given.rend())
        return std::string(key);
    return last->override ? last->place : fmt::format("{}: {}", last->place, key);
}

scenario overridden(const scenario& s, const std::vector<std::string>& overrides)
{
    scenario changed = s;
    const std::vector<option> options = options_of(changed);
    for (const std::string& text : overrides) {
        const std::size_t equals = text.find('=');
        const auto found = std::find_if(options.begin(), options.end(),
                                        [&](const option& o) { return o.key == text.substr(0, equals); });
        if (equals == std::string::npos || found == options.end())
            throw std::logic_error("no such parameter: " + text);
        const std::optional<value> v = convert(*found, std::string_view(text).substr(equals + 1));
        if (!v || !found->problem(*v).empty())
            throw std::logic_error("not a value: " + text);
        found->set(*v);
    }
    settle(changed);
    return changed;
}

} // namespace loas::config
