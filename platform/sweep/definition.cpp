// Reading sweep files. All mistakes are collected first.
#include "platform/sweep/definition.h"

#include "platform/config/convert.h"
#include "platform/config/options.h"
#include "platform/results/kept_scenario.h"
#include "platform/sweep/axis_values.h"
#include "platform/sweep/figures.h"
#include "platform/text/complaints.h"
#include "platform/text/toml_reader.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace loas::sweep
{
namespace
{

namespace fs = std::filesystem;
using config::option;
using config::value;
using text::line_of;
using text::printable;

constexpr std::size_t most_bytes = 16 << 20; // long lists of values; a device or a data file by mistake is larger
constexpr std::int64_t most_seeds = 100'000;

constexpr text::file_kind sweep_kind{most_bytes, "no such sweep file: '{}'",
                                     "a sweep file is needed, but '{}' is a folder", "cannot read sweep file '{}'",
                                     "'{}' is larger than any sweep file"};

class reader
{
public:
    explicit reader(const fs::path& file) : m_options(config::options_of(m_defaults))
    {
        m_sweep.file = file;
        for (const option& o : m_options)
            m_keys.push_back(o.key);
    }
    reader(const reader&) = delete; // the options point into the object
    reader& operator=(const reader&) = delete;

    definition read(const result_names& names, const std::vector<std::string>& more_keys);

private:
    void read_top(const std::string& name, std::size_t line, const toml::node& node);
    void read_base(const toml::node& node);
    void read_workloads(const toml::node& node);
    void read_seeds(const toml::node& node);
    void read_zips(const toml::node& node);
    void read_columns(const toml::table& table, const std::string& prefix, std::vector<column>& columns);
    void settle(const option& o, column& of);
    void check_columns();
    /// A file of the user's, absolute; told and empty if there is none.
    fs::path existing_file(const toml::node& node, const char* key);
    fs::path absolute(const std::string& name) const
    {
        return fs::absolute(m_sweep.file.parent_path() / name).lexically_normal();
    }

    config::scenario m_defaults;
    std::vector<option> m_options;
    std::vector<std::string_view> m_keys;
    definition m_sweep;
    std::vector<dimension> m_workloads, m_axes, m_zips, m_seeds;
    text::file_complaints m_wrong;
};

definition reader::read(const result_names& names, const std::vector<std::string>& more_keys)
{
    const std::string name = m_sweep.file.string();
    const std::string text = text::read_user_text(m_sweep.file, sweep_kind);
    const toml::table root = text::parse_toml(text, m_sweep.file);
    bool has_base = false;
    for (const auto& [key, node] : root) {
        has_base |= key.str() == "base";
        read_top(std::string(key.str()), line_of(key), node);
    }
    if (!has_base)
        m_wrong.add(1, "base is missing: the scenario that is varied, base = \"scenario.toml\"");
    for (std::vector<dimension>* each : {&m_workloads, &m_axes, &m_zips, &m_seeds}) {
        for (dimension& one : *each)
            m_sweep.dimensions.push_back(std::move(one));
    }
    check_columns();
    read_figures(root, names, more_keys, m_sweep, m_wrong);
    m_wrong.raise(name);
    double points = 1;
    for (const dimension& each : m_sweep.dimensions)
        points *= static_cast<double>(each.size());
    if (points > static_cast<double>(most_points))
        throw text::user_error(fmt::format("{}: the axes make a grid of {:.0f} points; at most {} can be swept", name,
                                           points, most_points));
    return std::move(m_sweep);
}

void reader::read_top(const std::string& name, std::size_t line, const toml::node& node)
{
    static const std::vector<std::string_view> known = {"base",        "axes",    "zip",  "workloads", "seeds",
                                                        "constraints", "derived", "keys", "least",     "most"};
    if (name == "base") {
        read_base(node);
    } else if (name == "workloads") {
        read_workloads(node);
    } else if (name == "seeds") {
        read_seeds(node);
    } else if (name == "zip") {
        read_zips(node);
    } else if (name == "axes") {
        std::vector<column> columns;
        if (const auto* table = node.as_table())
            read_columns(*table, "", columns);
        else
            m_wrong.add(line, fmt::format("'axes' is a table, written [axes]; {}", text::found(node)));
        std::stable_sort(columns.begin(), columns.end(),
                         [](const column& a, const column& b) { return a.line < b.line; });
        for (column& each : columns)
            m_axes.push_back({{std::move(each)}, false});
    } else if (name != "resolved" && std::find(known.begin(), known.end(), name) == known.end()) {
        const std::string_view near = text::nearest_word(name, known);
        const bool parameter = std::find(m_keys.begin(), m_keys.end(), name) != m_keys.end();
        m_wrong.add(line, fmt::format("unknown key '{}'{}", printable(name),
                                      parameter ? "; what varies stands under [axes], the rest in the base scenario"
                                      : near.empty() ? "; a sweep file has " + text::join(known, ", ")
                                                     : text::did_you_mean(near)));
    }
}

fs::path reader::existing_file(const toml::node& node, const char* key)
{
    const auto* text = node.as_string();
    if (text == nullptr || text->get().empty() || text->get().find('\0') != std::string::npos) {
        m_wrong.add(line_of(node), fmt::format("{}: expected a file name in quotes, {}", key, text::found(node)));
        return {};
    }
    const fs::path file = results::scenario_path(absolute(text->get()));
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) {
        m_wrong.add(line_of(node), fmt::format("{}: {}: '{}'", key,
                                               fs::exists(file, ignored) ? "not a scenario file, nor a folder of a result"
                                                                         : "no such scenario file",
                                               printable(file.string(), 4096)));
        return {};
    }
    return file;
}

void reader::read_base(const toml::node& node)
{
    m_sweep.base = existing_file(node, "base");
    m_sweep.base_line = line_of(node);
}

void reader::read_workloads(const toml::node& node)
{
    column files;
    files.key = workload_axis;
    files.line = line_of(node);
    files.is_path = true;
    for (const toml::node* each : texts(node, "workloads", m_wrong))
        if (const fs::path file = existing_file(*each, "workloads"); !file.empty())
            files.values.emplace_back(file.string());
    if (!files.values.empty())
        m_workloads.push_back({{std::move(files)}, false});
}

void reader::read_seeds(const toml::node& node)
{
    const auto* count = node.as_integer();
    if (count == nullptr || count->get() < 1 || count->get() > most_seeds)
        return m_wrong.add(line_of(node),
                           fmt::format("seeds: expected a number of seeds, 1..{}, {}", most_seeds, text::found(node)));
    column seeds;
    seeds.key = seed_axis;
    seeds.line = line_of(node);
    for (std::int64_t seed = 1; seed <= count->get(); ++seed)
        seeds.values.emplace_back(seed);
    m_seeds.push_back({{std::move(seeds)}, false});
}

void reader::read_zips(const toml::node& node)
{
    const auto* list = node.as_array();
    if (list == nullptr)
        return m_wrong.add(line_of(node),
                           fmt::format("'zip' is a list of tables, written [[zip]]; {}", text::found(node)));
    for (const toml::node& each : *list) {
        const auto* table = each.as_table();
        dimension zip;
        zip.zipped = true;
        if (table == nullptr) {
            m_wrong.add(line_of(each), fmt::format("zip: expected a table, {}", text::found(each)));
            continue;
        }
        read_columns(*table, "", zip.columns);
        std::stable_sort(zip.columns.begin(), zip.columns.end(),
                         [](const column& a, const column& b) { return a.line < b.line; });
        for (const column& other : zip.columns) {
            if (const column& first = zip.columns.front(); other.values.size() != first.values.size())
                m_wrong.add(other.line, fmt::format("zip: {} has {} values, but {} has {}: they vary together",
                                                    other.key, other.values.size(), first.key, first.values.size()));
        }
        if (!zip.columns.empty())
            m_zips.push_back(std::move(zip));
    }
}

/// Values as they will be in force: what a point says of itself is what it ran with.
void reader::settle(const option& o, column& of)
{
    const value before = o.get();
    for (value& each : of.values) {
        o.set(each);
        if (std::string changed = config::settle(m_defaults); !changed.empty()) {
            each = o.get();
            of.remarks.push_back(std::move(changed));
        }
        o.set(before);
    }
}

/// tppe.count = [...] is a table in a table, "tppe.count" = [...] is not; both mean the same.
void reader::read_columns(const toml::table& table, const std::string& prefix, std::vector<column>& columns)
{
    for (const auto& [key, node] : table) {
        const std::string name = prefix + std::string(key.str());
        const auto found = std::find(m_keys.begin(), m_keys.end(), name);
        const toml::table* below = node.as_table();
        if (found != m_keys.end()) {
            const option& o = m_options[static_cast<std::size_t>(found - m_keys.begin())];
            column made;
            made.key = name;
            made.line = line_of(key);
            made.is_path = o.is_path();
            if (const std::string problem = axis_values(o, node, made.values); !problem.empty()) {
                m_wrong.add(made.line, problem);
                continue;
            }
            for (value& each : made.values)
                if (auto* path = std::get_if<std::string>(&each); made.is_path && !path->empty())
                    *path = absolute(*path).string();
            settle(o, made);
            columns.push_back(std::move(made));
        } else if (below != nullptr && !below->empty() && !below->contains("from")) {
            read_columns(*below, name + '.', columns);
        } else {
            const bool of_top = belongs_above(name);
            const std::string_view near = text::nearest_key(name, m_keys);
            m_wrong.add(line_of(key),
                        fmt::format("unknown key '{}'{}", printable(name),
                                    of_top ? above_the_first_table : text::did_you_mean(near)));
        }
    }
}

/// No key twice, no value twice on an axis of its own: two points would be the same.
void reader::check_columns()
{
    std::set<std::string> keys;
    for (const dimension& each : m_sweep.dimensions) {
        for (const column& one : each.columns)
            if (!keys.insert(one.key).second)
                m_wrong.add(one.line, fmt::format("{} varies twice", one.key));
        const column& only = each.columns.front();
        std::set<value> values;
        for (std::size_t i = 0; !each.zipped && i < only.values.size(); ++i)
            if (!values.insert(only.shown(i)).second)
                m_wrong.add(only.line, fmt::format("{}: {} stands twice{}", only.key, config::to_toml(only.shown(i)),
                                                   only.remarks.empty() ? "" : ": " + only.remarks.back()));
    }
    for (const char* key : {"layer.seed", "workload.seed"})
        if (keys.count(seed_axis) != 0 && keys.count(key) != 0)
            m_wrong.add(m_sweep.dimensions.back().columns.front().line,
                        fmt::format("seeds and {}: only one of them can vary", key));
}

} // namespace

value column::shown(std::size_t i) const
{
    if (const auto* path = std::get_if<std::string>(&values[i]); is_path)
        return fs::path(*path).filename().string();
    return values[i];
}

definition read_definition(const fs::path& file, const std::vector<std::string>& result_keys,
                           const std::vector<std::string>& more_keys)
{
    return reader(file).read(result_names(result_keys), more_keys);
}

} // namespace loas::sweep
