#include "platform/config/options.h"

#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace loas::config
{

std::vector<option> options_of(scenario& s)
{
    option_table table;
    s.describe(table);
    return table.take();
}

design_parameters default_design_parameters()
{
    design_parameters all;
    for (const design* each : designs())
        if (each->add_parameters != nullptr)
            each->add_parameters(all);
    return all;
}

bool takes_bytes(const scenario& s)
{
    return std::any_of(designs().begin(), designs().end(),
                       [&](const design* each) { return each->word == s.accelerator && each->bytes; });
}

std::vector<std::string_view> design_words()
{
    std::vector<std::string_view> words;
    for (const design* each : designs())
        words.push_back(each->word);
    return words;
}

void apply_preset(std::string_view fidelity, const std::vector<option>& rows)
{
    if (fidelity != parameter::word_of(config::fidelity::published))
        return;
    for (const option& each : rows)
        if (each.published)
            each.set(*each.published);
}

bool option::is_integer() const
{
    return std::holds_alternative<unsigned*>(member) || std::holds_alternative<std::int64_t*>(member);
}

std::string_view option::type_name() const
{
    if (is_flag())
        return "boolean";
    if (is_integer())
        return "integer";
    if (is_number())
        return "number";
    if (is_path())
        return "path";
    return words.empty() ? "text" : "word";
}

std::string_view option::table_name() const
{
    const std::size_t dot = key.find('.');
    return dot == std::string_view::npos ? std::string_view{} : key.substr(0, dot);
}

std::string_view option::leaf_name() const
{
    return key.substr(key.find('.') + 1);
}

std::string option::range() const
{
    if (is_integer() || is_number())
        return fmt::format("{}{}..{}", power_of_two ? "power of two in " : "", minimum, maximum);
    return text::join(words, " | ");
}

value option::get() const
{
    struct visitor {
        const option& of;
        value operator()(const enum_member& p) const { return std::string(of.words[p.get(p.at)]); }
        value operator()(const bool* p) const { return *p; }
        value operator()(const unsigned* p) const { return static_cast<std::int64_t>(*p); }
        value operator()(const std::int64_t* p) const { return *p; }
        value operator()(const double* p) const { return *p; }
        value operator()(const std::string* p) const { return *p; }
        value operator()(const std::filesystem::path* p) const { return p->string(); }
    };
    return std::visit(visitor{*this}, member);
}

std::string option::problem(const value& v) const
{
    if (is_integer() || is_number()) {
        const auto* whole = std::get_if<std::int64_t>(&v);
        const double amount = whole != nullptr ? static_cast<double>(*whole) : std::get<double>(v);
        const bool inside = amount >= minimum && amount <= maximum; // false for nan
        if (inside && !(power_of_two && (*whole & (*whole - 1)) != 0))
            return {};
        return fmt::format("{} = {} is out of range; allowed: {}{}{}", key, to_toml(v), range(),
                           unit.empty() ? "" : " ", unit);
    }
    const auto* chars = std::get_if<std::string>(&v);
    if (chars == nullptr)
        return {};
    if (!words.empty()) {
        for (const std::string_view allowed : words) {
            if (*chars == allowed)
                return {};
        }
        const std::string_view near = text::nearest_word(*chars, words);
        return fmt::format("{} = \"{}\" is not known; allowed: {}{}", key, text::printable(*chars),
                           text::join(words, ", "), near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near));
    }
    if (!text::is_utf8(*chars))
        return fmt::format("{} is not valid UTF-8, so it could not be written down again", key);
    for (const char c : *chars) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return fmt::format("{} = \"{}\" has a control character in it", key, text::printable(*chars));
    }
    return {};
}

std::vector<value> option::other_values() const
{
    std::vector<value> others;
    const value now = get();
    if (const auto* flag = std::get_if<bool>(&now))
        others.emplace_back(!*flag);
    for (const std::string_view word : words)
        others.emplace_back(std::string(word));
    if (is_integer() || is_number()) {
        const double at = is_integer() ? static_cast<double>(std::get<std::int64_t>(now)) : std::get<double>(now);
        for (const double to : {at / 2, at * 2, std::max(minimum, 1.0)}) {
            const double inside = std::clamp(to, minimum, maximum);
            others.push_back(is_integer() ? value(static_cast<std::int64_t>(inside)) : value(inside));
        }
    }
    others.erase(std::remove_if(others.begin(), others.end(),
                                [&](const value& v) { return v == now || !problem(v).empty(); }),
                 others.end());
    return others;
}

void option::set(const value& v) const
{
    struct visitor {
        const option& of;
        const value& v;
        void operator()(const enum_member& p) const
        {
            const auto word = std::find(of.words.begin(), of.words.end(), std::get<std::string>(v));
            p.set(p.at, static_cast<std::size_t>(word - of.words.begin()));
        }
        void operator()(bool* p) const { *p = std::get<bool>(v); }
        void operator()(unsigned* p) const { *p = static_cast<unsigned>(std::get<std::int64_t>(v)); }
        void operator()(std::int64_t* p) const { *p = std::get<std::int64_t>(v); }
        void operator()(double* p) const { *p = std::get<double>(v); }
        void operator()(std::string* p) const { *p = std::get<std::string>(v); }
        void operator()(std::filesystem::path* p) const { *p = std::get<std::string>(v); }
    };
    std::visit(visitor{*this, v}, member);
}

std::string to_toml(const value& v)
{
    struct visitor {
        std::string operator()(bool x) const { return x ? "true" : "false"; }
        std::string operator()(std::int64_t x) const { return fmt::format("{}", x); }
        std::string operator()(double x) const { return text::toml_number(x); }
        std::string operator()(const std::string& x) const { return text::toml_quoted(x); }
    };
    return std::visit(visitor{}, v);
}

bool operator==(const scenario& a, const scenario& b)
{
    scenario left = a, right = b; // the rows want something they could write to
    const std::vector<option> x = options_of(left), y = options_of(right);
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (x[i].get() != y[i].get())
            return false;
    }
    return true;
}

bool operator!=(const scenario& a, const scenario& b)
{
    return !(a == b);
}

} // namespace loas::config
