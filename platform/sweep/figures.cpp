#include "platform/sweep/figures.h"

#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace loas::sweep
{
namespace
{

using text::line_of;
using text::printable;

class figure_reader
{
public:
    figure_reader(const result_names& names, definition& sweep, text::file_complaints& wrong)
        : m_names(names), m_sweep(sweep), m_wrong(wrong)
    {
        for (const dimension& each : sweep.dimensions)
            for (const column& one : each.columns) {
                m_axes.push_back(one.key);
                m_is_text.push_back(std::holds_alternative<std::string>(one.values.front()));
            }
    }

    void read_constraints(const toml::node& node);
    void read_derived(const toml::node& node);
    void read_keys(const toml::node& node);
    void add_key(const std::string& key);

private:
    void check_names(const text::expression& used, std::size_t line, bool results_too);

    const result_names& m_names;
    definition& m_sweep;
    text::file_complaints& m_wrong;
    std::vector<std::string_view> m_axes;
    std::vector<bool> m_is_text;
};

void figure_reader::check_names(const text::expression& used, std::size_t line, bool results_too)
{
    const std::string text = printable(used.text(), 200);
    for (const std::string& name : used.names()) {
        const auto found = std::find(m_axes.begin(), m_axes.end(), name);
        if (found != m_axes.end()) {
            if (m_is_text[static_cast<std::size_t>(found - m_axes.begin())])
                m_wrong.add(line, fmt::format("\"{}\": the values of {} are no numbers", text, name));
            continue;
        }
        if (results_too && m_names.knows(name))
            continue;
        std::string near(text::nearest_key(name, m_axes));
        if (near.empty() && results_too)
            near = m_names.nearest(name);
        m_wrong.add(line,
                    fmt::format("\"{}\": '{}' is {}{}", text, printable(name),
                                results_too ? "neither an axis nor a figure of a result" : "no axis of this sweep",
                                text::did_you_mean(near)));
    }
}

void figure_reader::read_constraints(const toml::node& node)
{
    for (const toml::node* each : texts(node, "constraints", m_wrong)) {
        try {
            text::expression rule(each->as_string()->get(), text::expression::kind::comparison);
            check_names(rule, line_of(*each), false);
            m_sweep.constraints.push_back({std::move(rule), line_of(*each)});
        } catch (const text::expression_error& e) {
            m_wrong.add(line_of(*each), fmt::format("constraints: {}", e.what()));
        }
    }
}

void figure_reader::read_derived(const toml::node& node)
{
    const auto* table = node.as_table();
    if (table == nullptr)
        return m_wrong.add(line_of(node), "'derived' is a table, written [derived]; " + text::found(node));
    for (const auto& [key, each] : *table) {
        const std::string name = printable(key.str());
        const auto* text = each.as_string();
        if (text == nullptr) {
            m_wrong.add(line_of(key),
                        fmt::format("derived.{}: expected a text in quotes, {}", name, text::found(each)));
            continue;
        }
        try {
            text::expression formula(text->get(), text::expression::kind::figure);
            check_names(formula, line_of(key), true);
            m_sweep.derived.push_back({name, std::move(formula), line_of(key)});
        } catch (const text::expression_error& e) {
            m_wrong.add(line_of(key), fmt::format("derived.{}: {}", name, e.what()));
        }
    }
    // The parser hands out keys in the order of the alphabet.
    std::stable_sort(m_sweep.derived.begin(), m_sweep.derived.end(),
                     [](const derived_figure& a, const derived_figure& b) { return a.line < b.line; });
}

void figure_reader::add_key(const std::string& key)
{
    if (!m_names.knows(key))
        throw text::user_error(
            fmt::format("'{}' is no figure of a result{}", printable(key), text::did_you_mean(m_names.nearest(key))));
    if (std::find(m_sweep.keys.begin(), m_sweep.keys.end(), key) == m_sweep.keys.end())
        m_sweep.keys.push_back(key);
}

void figure_reader::read_keys(const toml::node& node)
{
    for (const toml::node* each : texts(node, "keys", m_wrong)) {
        try {
            add_key(each->as_string()->get());
        } catch (const text::user_error& e) {
            m_wrong.add(line_of(*each), fmt::format("keys: {}", e.what()));
        }
    }
}

} // namespace

std::vector<const toml::node*> texts(const toml::node& node, const char* key, text::file_complaints& wrong)
{
    std::vector<const toml::node*> all;
    const auto add = [&](const toml::node& each) {
        if (each.is_string())
            all.push_back(&each);
        else
            wrong.add(line_of(each), fmt::format("{}: expected a text in quotes, {}", key, text::found(each)));
    };
    if (const auto* list = node.as_array()) {
        for (const toml::node& each : *list)
            add(each);
    } else {
        add(node);
    }
    return all;
}

void read_figures(const toml::table& root, const result_names& names, const std::vector<std::string>& more_keys,
                  definition& sweep, text::file_complaints& wrong)
{
    figure_reader reader(names, sweep, wrong);
    for (const auto& [key, node] : root) {
        if (key.str() == "constraints")
            reader.read_constraints(node);
        else if (key.str() == "derived")
            reader.read_derived(node);
        else if (key.str() == "keys")
            reader.read_keys(node);
    }
    for (const std::string& key : more_keys) {
        try {
            reader.add_key(key);
        } catch (const text::user_error& e) {
            throw text::user_error(fmt::format("--json-keys: {}", e.what()));
        }
    }
}

} // namespace loas::sweep
