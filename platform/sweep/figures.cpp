#include "platform/sweep/figures.h"

#include "platform/sweep/point_record.h"
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
    void read_objective(const std::string& key, const toml::node& node);
    void read_derived(const toml::node& node);
    void read_keys(const toml::node& node);
    void add_key(const std::string& key);

private:
    void check_names(const text::expression& used, std::size_t line, bool derived_too);
    void keep_names(const text::expression& used);

    bool is_axis(const std::string& name) const { return std::find(m_axes.begin(), m_axes.end(), name) != m_axes.end(); }
    bool is_derived(const std::string& name) const
    {
        return std::any_of(m_sweep.derived.begin(), m_sweep.derived.end(),
                           [&](const derived_figure& each) { return each.name == name; });
    }

    const result_names& m_names;
    definition& m_sweep;
    text::file_complaints& m_wrong;
    std::vector<std::string_view> m_axes;
    std::vector<bool> m_is_text;
};

void figure_reader::check_names(const text::expression& used, std::size_t line, bool derived_too)
{
    const std::string text = printable(used.text(), 200);
    for (const std::string& name : used.names()) {
        const auto found = std::find(m_axes.begin(), m_axes.end(), name);
        if (found != m_axes.end()) {
            if (m_is_text[static_cast<std::size_t>(found - m_axes.begin())])
                m_wrong.add(line, fmt::format("\"{}\": the values of {} are no numbers", text, name));
            continue;
        }
        if (m_names.knows(name) || (derived_too && is_derived(name)))
            continue;
        std::string near(text::nearest_key(name, m_axes));
        if (near.empty())
            near = m_names.nearest(name);
        m_wrong.add(line,
                    fmt::format("\"{}\": '{}' is neither an axis nor a figure of a result{}", text, printable(name),
                                text::did_you_mean(near)));
    }
}

void figure_reader::read_constraints(const toml::node& node)
{
    for (const toml::node* each : texts(node, "constraints", m_wrong)) {
        try {
            text::expression rule(each->as_string()->get(), text::expression::kind::comparison);
            check_names(rule, line_of(*each), true);
            const bool before = std::all_of(rule.names().begin(), rule.names().end(), [&](const std::string& name) {
                return name == area_figure || is_axis(name);
            });
            if (!before)
                keep_names(rule);
            (before ? m_sweep.constraints : m_sweep.budgets).push_back({std::move(rule), line_of(*each)});
        } catch (const text::expression_error& e) {
            m_wrong.add(line_of(*each), fmt::format("constraints: {}", e.what()));
        }
    }
}

/// What is asked of a finished point stands in its line.
void figure_reader::keep_names(const text::expression& used)
{
    for (const std::string& name : used.names()) {
        const bool kept = std::any_of(std::begin(kept_figures), std::end(kept_figures),
                                      [&](const kept_figure& each) { return each.name == name; });
        if (!kept && !is_axis(name) && !is_derived(name) && m_names.knows(name))
            add_key(name);
    }
}

void figure_reader::read_objective(const std::string& key, const toml::node& node)
{
    const auto* text = node.as_string();
    if (text == nullptr)
        return m_wrong.add(line_of(node), fmt::format("{}: expected a text in quotes, {}", key, text::found(node)));
    if (m_sweep.objective)
        return m_wrong.add(line_of(node), "least and most: only one of them can be");
    try {
        text::expression wanted(text->get(), text::expression::kind::figure);
        check_names(wanted, line_of(node), true);
        keep_names(wanted);
        m_sweep.objective = std::move(wanted);
        m_sweep.most = key == "most";
    } catch (const text::expression_error& e) {
        m_wrong.add(line_of(node), fmt::format("{}: {}", key, e.what()));
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
        if (belongs_above(key.str()) || text == nullptr) {
            m_wrong.add(line_of(key), belongs_above(key.str())
                                          ? fmt::format("derived.{}: no name for a figure{}", name, above_the_first_table)
                                          : fmt::format("derived.{}: expected a text in quotes, {}", name,
                                                        text::found(each)));
            continue;
        }
        try {
            text::expression formula(text->get(), text::expression::kind::figure);
            check_names(formula, line_of(key), false);
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

bool belongs_above(std::string_view key)
{
    static constexpr std::string_view keys[] = {"constraints", "derived", "keys", "least",
                                                "most",        "seeds",   "base", "workloads"};
    return std::find(std::begin(keys), std::end(keys), key) != std::end(keys);
}

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
    if (const toml::node* derived = root.get("derived"); derived != nullptr) // the others may name what it defines
        reader.read_derived(*derived);
    for (const auto& [key, node] : root) {
        if (key.str() == "constraints")
            reader.read_constraints(node);
        else if (key.str() == "least" || key.str() == "most")
            reader.read_objective(std::string(key.str()), node);
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
