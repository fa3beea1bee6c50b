#include "platform/config/convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace loas::config
{

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
        std::int64_t whole = 0;
        const auto [stop, error] = std::from_chars(text.data(), end, whole);
        if (stop != end || error == std::errc::invalid_argument)
            return std::nullopt;
        if (error == std::errc::result_out_of_range) // the range check rejects it with the right words
            whole = text.front() == '-' ? INT64_MIN : INT64_MAX;
        return whole;
    }
    if (o.is_number()) {
        double amount = 0;
        const auto [stop, error] = std::from_chars(text.data(), end, amount);
        return stop == end && error == std::errc() ? std::optional<value>(amount) : std::nullopt;
    }
    return std::string(text);
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
