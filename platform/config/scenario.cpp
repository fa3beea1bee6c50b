// Loading: files and overrides become a list of settings, each with the place where it stands; then defaults, preset
// and settings are applied in that order, and the rules between parameters are checked. All mistakes are collected
// first.
#include "platform/config/convert.h"
#include "platform/config/layer_shapes.h"
#include "platform/config/options.h"
#include "platform/config/rules.h"
#include "platform/text/complaints.h"
#include "platform/text/read_text.h"
#include "platform/text/toml_reader.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <system_error>

namespace loas::config
{

namespace
{

namespace fs = std::filesystem;

constexpr std::size_t most_bytes = 1 << 20; // no scenario is larger; a device or a data file given by mistake is
constexpr std::size_t most_files = 100;     // includes of includes can double at each level

constexpr text::file_kind scenario_kind{most_bytes, "no such scenario file: '{}'",
                                        "a scenario file is needed, but '{}' is a folder",
                                        "cannot read scenario file '{}'", "'{}' is larger than any scenario"};

/// One value that the user gave.
struct setting {
    const option* target;
    value given;
    std::string place; ///< "file:line" or "--set key=value"
    bool override = false;
};

std::string_view trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Names of files whole, so that editors can jump to "file:line".
std::string file_text(const fs::path& file)
{
    return text::printable(file.string(), std::string::npos);
}

class loader
{
public:
    loader() : m_options(options_of(m_result))
    {
        for (const option& o : m_options) {
            m_keys.push_back(o.key);
            if (!o.table_name().empty() && (m_tables.empty() || m_tables.back() != o.table_name()))
                m_tables.push_back(o.table_name());
        }
    }
    loader(const loader&) = delete; // the options point into the object
    loader& operator=(const loader&) = delete;

    void read_file(const fs::path& file, const std::string& included_at);
    void read_override(const std::string& override);
    scenario finish(const std::string& default_name, const std::string& default_place, bool with_rules = true);

private:
    const option* find(std::string_view key) const
    {
        const auto it = std::find(m_keys.begin(), m_keys.end(), key);
        return it == m_keys.end() ? nullptr : &m_options[static_cast<std::size_t>(it - m_keys.begin())];
    }
    std::string unknown_key(std::string_view key) const
    {
        std::vector<std::string_view> candidates = m_keys;
        candidates.push_back("include");
        return fmt::format("unknown key '{}'{}", key, text::did_you_mean(text::nearest_key(key, candidates)));
    }
    std::string chain() const;
    void read_includes(const toml::node& node, const fs::path& file, const std::string& place);
    void read_table(const toml::table& root, const fs::path& file);
    void read_entry(const option& o, const toml::node& node, std::size_t line, const fs::path& file,
                    text::file_complaints& wrong);
    std::string take(const option& o, value v, const fs::path& base, const std::string& place, bool override = false);
    void check_rules(const std::string& default_place);

    scenario m_result;
    std::vector<option> m_options;
    std::vector<std::string_view> m_keys, m_tables;
    std::vector<setting> m_settings;
    std::map<std::string_view, std::string> m_places; ///< of the setting in force
    std::vector<fs::path> m_open, m_open_names;       ///< files being read, outermost first
    std::size_t m_files = 0;
    text::complaints m_wrong;
};

std::string loader::chain() const
{
    std::string out;
    for (const fs::path& name : m_open_names)
        out += file_text(name) + " -> ";
    return out;
}

/// Reads a file after the files that it includes. @param included_at "file:line: " of the include, or ""
void loader::read_file(const fs::path& file, const std::string& included_at)
{
    const std::string name = file_text(file);
    const std::string from = m_open_names.empty() ? "" : fmt::format(" (included by {}{})", chain(), name);
    std::error_code error;
    const fs::path real = fs::weakly_canonical(file, error);
    if (std::find(m_open.begin(), m_open.end(), real) != m_open.end())
        return m_wrong.add(fmt::format("{}the files include each other: {}{}", included_at, chain(), name));
    if (++m_files > most_files)
        return m_files == most_files + 1 ? m_wrong.add(included_at + "too many included files") : void();
    toml::table root;
    std::string text;
    try {
        text = text::read_user_text(file, scenario_kind);
    } catch (const text::user_error& none) {
        return m_wrong.add(included_at + none.what() + from);
    }
    try {
        root = text::parse_toml(text, file);
    } catch (const text::user_error& damaged) {
        return m_wrong.add(damaged.what() + from);
    }
    m_open.push_back(real);
    m_open_names.push_back(file);
    for (const auto& [key, node] : root) {
        if (key.str() == "include")
            read_includes(node, file, fmt::format("{}:{}: ", name, text::line_of(key)));
    }
    m_open.pop_back();
    m_open_names.pop_back();
    read_table(root, file);
}

void loader::read_includes(const toml::node& node, const fs::path& file, const std::string& place)
{
    std::vector<std::string> files;
    const auto add = [&](const toml::node& entry) {
        const auto* text = entry.as_string();
        if (text == nullptr || text->get().empty() || text->get().find('\0') != std::string::npos)
            m_wrong.add(fmt::format("{}include: expected a file name in quotes, or an array of them, {}", place,
                                    text::found(entry)));
        else
            files.push_back(text->get());
    };
    if (const auto* list = node.as_array()) {
        for (const toml::node& entry : *list)
            add(entry);
    } else {
        add(node);
    }
    for (const std::string& other : files)
        read_file((file.parent_path() / other).lexically_normal(), place);
}

void loader::read_table(const toml::table& root, const fs::path& file)
{
    text::file_complaints wrong;
    for (const auto& [key, node] : root) {
        const std::size_t line = text::line_of(key);
        const std::string name = text::shown_key(key.str());
        if (key.str() == "include")
            continue;
        if (const option* o = find(name); o != nullptr) {
            read_entry(*o, node, line, file, wrong);
        } else if (std::find(m_tables.begin(), m_tables.end(), name) != m_tables.end()) {
            const toml::table* inner = node.as_table();
            if (inner == nullptr) {
                wrong.add(line, fmt::format("'{0}' is a table, written [{0}]; {1}", name, text::found(node)));
                continue;
            }
            for (const auto& [leaf, leaf_node] : *inner) {
                const std::string full = fmt::format("{}.{}", name, text::shown_key(leaf.str()));
                const std::size_t leaf_line = text::line_of(leaf);
                if (const option* o = find(full); o != nullptr)
                    read_entry(*o, leaf_node, leaf_line, file, wrong);
                else
                    wrong.add(leaf_line, unknown_key(full));
            }
        } else if (node.is_table()) {
            const std::string_view near = text::nearest_word(name, m_tables);
            wrong.add(line, fmt::format("unknown table '{}'{}", name,
                                        near.empty() ? "; the tables are " + text::join(m_tables, ", ")
                                                     : text::did_you_mean(near)));
        } else {
            wrong.add(line, unknown_key(name));
        }
    }
    m_wrong.add(file_text(file), wrong);
}

void loader::read_entry(const option& o, const toml::node& node, std::size_t line, const fs::path& file,
                        text::file_complaints& wrong)
{
    std::optional<value> v = convert(o, node);
    const std::string problem =
        v ? take(o, std::move(*v), file.parent_path(), fmt::format("{}:{}", file_text(file), line))
          : fmt::format("{}: {}, {}", o.key, expected(o), text::found(node));
    if (!problem.empty())
        wrong.add(line, problem);
}

void loader::read_override(const std::string& override)
{
    const std::string text = setting_of(override);
    const bool by_option = text.size() < override.size();
    const std::string place = by_option ? override.substr(0, override.size() - text.size() - 1)
                                        : "--set " + text::printable(text);
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos)
        return m_wrong.add(place + ": expected key=value");
    const std::string_view key = trimmed(std::string_view(text).substr(0, equals));
    const std::string_view given = trimmed(std::string_view(text).substr(equals + 1));
    if (key == "include")
        return m_wrong.add(place + ": include can stand only in a file");
    const option* o = find(key);
    if (o == nullptr)
        return m_wrong.add(fmt::format("{}: {}", place, unknown_key(text::printable(key))));
    std::optional<value> v = convert(*o, given);
    const std::string taken = v ? to_toml(*v) : "";
    std::string problem =
        v ? take(*o, std::move(*v), {}, place, true) : fmt::format("{}, found '{}'", expected(*o), text::printable(given));
    // Of a number what was typed: 0x1ff, and not what it was cut to when it does not fit into 64 bits.
    const bool number = o->is_integer() || o->is_number();
    if (const std::size_t at = problem.find(taken); number && !taken.empty() && at != std::string::npos)
        problem.replace(at, taken.size(), text::printable(given));
    if (const std::string begin = fmt::format("{} = ", o->key); by_option && problem.rfind(begin, 0) == 0)
        problem.erase(0, begin.size()); // who typed the option need not know the key
    if (!problem.empty())
        m_wrong.add(fmt::format("{}: {}", place, problem));
}

/// Remembers a setting of the right type. @param base folder of its relative paths. @returns what is wrong, or ""
std::string loader::take(const option& o, value v, const fs::path& base, const std::string& place, bool override)
{
    std::string problem = o.problem(v);
    if (!problem.empty())
        return problem;
    if (auto* chars = std::get_if<std::string>(&v); o.is_path() && !chars->empty()) {
        std::error_code error;
        const fs::path whole = fs::absolute(base / *chars, error);
        if (error)
            return fmt::format("{}: the current directory is not accessible", o.key);
        *chars = whole.lexically_normal().string();
        problem = o.problem(v); // the folder may have a name that cannot be written down
    }
    m_settings.push_back({&o, std::move(v), place, override});
    return problem;
}

scenario loader::finish(const std::string& default_name, const std::string& default_place, bool with_rules)
{
    m_wrong.raise();
    std::string fidelity(parameter::word_of(m_result.fidelity));
    for (const setting& each : m_settings) {
        if (each.target->key == "fidelity")
            fidelity = std::get<std::string>(each.given);
    }
    apply_preset(fidelity, m_options);
    m_result.name = default_name;
    for (const setting& each : m_settings) {
        each.target->set(each.given);
        m_places[each.target->key] = each.place;
        m_result.given.push_back({each.target->key, each.place, each.override});
    }
    if (m_result.workload.kind == workload_kind::layers && m_places.find("workload.timesteps") == m_places.end())
        m_result.workload.timesteps = 0; // each layer's own
    take_shapes(m_result);
    if (const std::string changed = settle(m_result); !changed.empty())
        m_result.remarks.push_back(fmt::format("{}: {}", m_places["clock_mhz"], changed));
    if (with_rules)
        check_rules(default_place);
    m_wrong.raise();
    return m_result;
}

/// Rules between parameters: told where the first of the keys to blame was set.
void loader::check_rules(const std::string& default_place)
{
    for (const broken_rule& rule : broken_rules(m_result)) {
        std::string place = default_place;
        for (const std::string_view key : rule.keys) {
            if (const auto it = m_places.find(key); it != m_places.end()) {
                place = it->second;
                break;
            }
        }
        m_wrong.add(fmt::format("{}: {}", place, rule.text));
    }
}

std::string name_of(const fs::path& file)
{
    const std::string stem = file.stem().string();
    return text::is_utf8(stem) && text::printable(stem) == stem ? stem : "scenario";
}

} // namespace

std::string settle(scenario& s)
{
    const double given = s.clock_mhz, cycle_ps = std::floor(1e6 / given + 0.5);
    s.clock_mhz = 1e6 / cycle_ps;
    // The nearest double to a clock of whole ps is that clock.
    return std::fabs(s.clock_mhz - given) <= 1e-12 * given
               ? ""
               : fmt::format("clock_mhz = {} is {}: a cycle is a whole number of ps, here {}", given, s.clock_mhz,
                             cycle_ps);
}

scenario load_scenario(const fs::path& file, const std::vector<std::string>& overrides)
{
    loader load;
    load.read_file(file, "");
    for (const std::string& each : overrides)
        load.read_override(each);
    return load.finish(name_of(file), file_text(file));
}

scenario load_unchecked(const std::vector<fs::path>& files, const std::vector<std::string>& overrides)
{
    loader load;
    for (const fs::path& each : files)
        load.read_file(each, "");
    for (const std::string& each : overrides)
        load.read_override(each);
    if (files.empty())
        return load.finish("default", "defaults", false);
    return load.finish(name_of(files.front()), file_text(files.front()), false);
}

scenario default_scenario(const std::vector<std::string>& overrides)
{
    loader load;
    for (const std::string& each : overrides)
        load.read_override(each);
    return load.finish("default", "defaults");
}

void require_workload(const scenario& s)
{
    if (s.cpu.kind == cpu_kind::rv64 && s.workload.kind != workload_kind::program)
        throw text::user_error(fmt::format("scenario '{}': cpu.kind = \"rv64\" runs a program of yours and no "
                                           "workload.kind = \"{}\": run --program FILE, or the keys that it sets",
                                           text::printable(s.name), parameter::word_of(s.workload.kind)));
    if (s.workload.kind == workload_kind::layer)
        return;
    text::complaints wrong;
    const auto need = [&](const fs::path& path, std::string_view key, std::string_view what) {
        if (path.empty())
            wrong.add(fmt::format("scenario '{0}': {1} is missing: {2}; add it under [workload], or --set {1}=FILE",
                                  text::printable(s.name), key, what));
    };
    if (s.workload.kind == workload_kind::program) {
        need(s.workload.program, "workload.program", "the program for the host CPU");
        return wrong.raise();
    }
    if (s.workload.kind == workload_kind::layers) {
        need(list_of_layers(s), "workload.layers", "the list of layers (.toml)");
        return wrong.raise();
    }
    need(s.workload.network, "workload.network", "the network (.nir)");
    need(s.workload.images, "workload.images", "the input images (.npy)");
    wrong.raise();
}

void require_inputs(const scenario& s)
{
    scenario copy = s;
    text::complaints wrong;
    for (const option& o : options_of(copy)) {
        if (o.read_by != s.workload.kind)
            continue;
        const std::string named = std::get<std::string>(o.get());
        std::error_code ignored;
        if (named.empty() || fs::exists(text::split_entry(named).file, ignored))
            continue;
        const auto last = std::find_if(s.given.rbegin(), s.given.rend(),
                                       [&](const given_parameter& each) { return each.key == o.key; });
        wrong.add(fmt::format("{}{}: no such file: '{}'; --set {}=FILE says where it is now",
                              last == s.given.rend() ? "" : last->place + ": ", o.key,
                              text::printable(named, std::string::npos), o.key));
    }
    wrong.raise();
}

} // namespace loas::config
