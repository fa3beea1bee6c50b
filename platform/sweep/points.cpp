#include "platform/sweep/points.h"

#include "models/cost/area.h"
#include "platform/config/layer_shapes.h"
#include "platform/config/rules.h"
#include "platform/energy_account/energy.h"
#include "platform/idle/without_effect.h"
#include "platform/sweep/digest.h"
#include "platform/text/complaints.h"
#include "platform/text/read_text.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace loas::sweep
{
namespace
{

using config::option;
using config::value;
using json = nlohmann::ordered_json;

double number_of(const value& v)
{
    if (const auto* flag = std::get_if<bool>(&v))
        return *flag ? 1 : 0;
    if (const auto* whole = std::get_if<std::int64_t>(&v))
        return static_cast<double>(*whole);
    const auto* real = std::get_if<double>(&v);
    return real != nullptr ? *real : std::numeric_limits<double>::quiet_NaN();
}

bool names_area(const constraint& each)
{
    const std::vector<std::string>& names = each.rule.names();
    return std::find(names.begin(), names.end(), area_figure) != names.end();
}

} // namespace

points::points(definition sweep) : m_sweep(std::move(sweep)), m_options(config::options_of(m_scratch))
{
    std::size_t stride = 1;
    m_strides.resize(m_sweep.dimensions.size());
    for (std::size_t d = m_strides.size(); d-- > 0;) {
        m_strides[d] = stride;
        stride *= m_sweep.dimensions[d].size();
    }
    const auto need_points = [&] {
        if (m_grid.empty())
            throw text::user_error(fmt::format("{}:{}: the constraints leave no point of {}", m_sweep.file.string(),
                                               m_sweep.constraints.front().line, stride));
    };
    for (std::uint32_t i = 0; i < stride; ++i)
        if (allowed(i, nullptr))
            m_grid.push_back(i);
    need_points();
    for (const dimension& each : m_sweep.dimensions)
        for (const column& one : each.columns) {
            const auto found =
                std::find_if(m_options.begin(), m_options.end(), [&](const option& o) { return o.key == one.key; });
            m_targets.emplace_back(&one, found == m_options.end() ? nullptr : &*found);
        }
    check_all();
    keep_small();
    need_points();
}

/// An area is that of a machine that can be built, so it is asked for last.
void points::keep_small()
{
    if (std::none_of(m_sweep.constraints.begin(), m_sweep.constraints.end(), names_area))
        return;
    std::vector<std::uint32_t> kept;
    for (std::size_t i = 0; i < size(); ++i) {
        const bool built = refusal(i).empty(); // makes the point
        const double area_mm2 = built ? cost::area_of(energy_account::hardware_size_of(m_scratch)).total_mm2() : 0;
        if (!built || allowed(m_grid[i], &area_mm2))
            kept.push_back(m_grid[i]);
    }
    m_grid = std::move(kept);
}

std::size_t points::value_index(std::uint32_t grid_index, std::size_t dimension) const
{
    return grid_index / m_strides[dimension] % m_sweep.dimensions[dimension].size();
}

/// area_mm2: nullptr: not known yet.
bool points::allowed(std::uint32_t grid_index, const double* area_mm2) const
{
    std::vector<double> numbers;
    for (const constraint& each : m_sweep.constraints) {
        if (names_area(each) && area_mm2 == nullptr)
            continue;
        numbers.clear();
        for (const std::string& name : each.rule.names()) {
            if (name == area_figure)
                numbers.push_back(*area_mm2);
            for (std::size_t d = 0; d < m_sweep.dimensions.size(); ++d)
                for (const column& one : m_sweep.dimensions[d].columns)
                    if (one.key == name)
                        numbers.push_back(number_of(one.values[value_index(grid_index, d)]));
        }
        try {
            if (each.rule.evaluate(numbers) == 0)
                return false;
        } catch (const text::expression_error& divided) { // neither in nor out
            throw text::user_error(
                fmt::format("{}:{}: constraints: {}", m_sweep.file.string(), each.line, divided.what()));
        }
    }
    return true;
}

const config::scenario& points::load(const group& which)
{
    if (const auto found = m_loaded.find(which); found != m_loaded.end())
        return found->second;
    std::vector<std::filesystem::path> files = {m_sweep.base};
    if (!which.first.empty())
        files.emplace_back(which.first);
    std::vector<std::string> overrides;
    if (!which.second.empty())
        overrides.push_back("fidelity=" + which.second);
    return m_loaded.emplace(which, config::load_unchecked(files, overrides)).first->second;
}

void points::make(std::size_t index)
{
    const std::uint32_t grid_index = m_grid[index];
    const auto chosen = [&](std::size_t d, const column& c) -> const value& {
        return c.values[value_index(grid_index, d)];
    };
    group which;
    for (std::size_t d = 0; d < m_sweep.dimensions.size(); ++d)
        for (const column& one : m_sweep.dimensions[d].columns) {
            if (one.key == workload_axis)
                which.first = std::get<std::string>(chosen(d, one));
            else if (one.key == "fidelity")
                which.second = std::get<std::string>(chosen(d, one));
        }
    m_scratch = load(which);
    std::int64_t seed = 0;
    std::size_t target = 0;
    for (std::size_t d = 0; d < m_sweep.dimensions.size(); ++d)
        for (const column& one : m_sweep.dimensions[d].columns) {
            const option* o = m_targets[target++].second;
            if (o != nullptr)
                o->set(chosen(d, one));
            else if (one.key == seed_axis)
                seed = std::get<std::int64_t>(chosen(d, one));
        }
    config::settle(m_scratch);
    config::take_shapes(m_scratch, axis_keys());
    if (seed != 0)
        (m_scratch.workload.kind == config::workload_kind::layers ? m_scratch.workload.seed : m_scratch.layer.seed) =
            seed;
}

std::vector<std::string_view> points::axis_keys() const
{
    std::vector<std::string_view> keys;
    for (const auto& target : m_targets)
        keys.push_back(target.first->key);
    return keys;
}

std::string points::described(std::size_t index) const
{
    const json values = axes(index);
    std::string text;
    for (const auto& [key, v] : values.items())
        text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", key, v.dump());
    return text::printable(text, 200);
}

std::size_t points::line_of(const std::vector<std::string_view>& keys) const
{
    for (const std::string_view key : keys)
        for (const auto& target : m_targets)
            if (target.first->key == key)
                return target.first->line;
    return m_sweep.base_line;
}

/// The same words for many points are told once.
void points::check_all()
{
    struct mistake {
        std::size_t line, first, count;
    };
    std::vector<std::pair<std::string, mistake>> found;
    const auto note = [&](std::size_t index, std::size_t line, const std::string& text) {
        const auto same =
            std::find_if(found.begin(), found.end(), [&](const auto& each) { return each.first == text; });
        if (same != found.end())
            ++same->second.count;
        else if (found.size() < 100) // more are not told anyway
            found.push_back({text, {line, index, 1}});
    };
    std::size_t refused = 0;
    while (refused < size() && !refusal(refused).empty())
        ++refused;
    const bool none_left = refused == size();
    for (std::size_t i = 0; i < size(); ++i) {
        make(i);
        for (const config::broken_rule& rule : config::broken_rules(m_scratch))
            if (none_left || !rule.of_design)
                note(i, line_of(rule.keys), rule.text);
        try {
            config::require_workload(m_scratch);
        } catch (const text::user_error& missing) {
            note(i, m_sweep.base_line, missing.what());
        }
        for (const derived_figure& each : m_sweep.derived)
            if (const std::string divided = division_by_0(each, i); !divided.empty())
                note(i, each.line, fmt::format("derived.{}: {}", each.name, divided));
        if (m_scratch.workload.kind == config::workload_kind::network)
            for (const auto& target : m_targets)
                if (target.first->key == seed_axis)
                    note(i, target.first->line, "seeds: in workload.kind = \"network\" nothing is drawn");
    }
    text::file_complaints wrong;
    for (const auto& [text, which] : found)
        wrong.add(which.line, fmt::format("point {} ({}){}: {}", which.first, described(which.first),
                                          which.count == 1 ? "" : fmt::format(" and {} more", which.count - 1), text));
    wrong.raise(m_sweep.file.string());
}

/// What is known before the point runs: of axes alone.
std::string points::division_by_0(const derived_figure& of, std::size_t index) const
{
    std::vector<double> numbers;
    for (const std::string& name : of.formula.names())
        numbers.push_back(axis_number(index, name));
    try {
        of.formula.evaluate(numbers);
    } catch (const text::expression_error& divided) {
        return divided.what();
    }
    return {};
}

std::string points::refusal(std::size_t index)
{
    make(index);
    for (config::broken_rule& rule : config::broken_rules(m_scratch))
        if (rule.of_design)
            return std::move(rule.text);
    return {};
}

config::scenario points::scenario(std::size_t index)
{
    make(index);
    return m_scratch;
}

std::vector<std::string> points::without_effect()
{
    make(0);
    idle::idle_parameters unused(m_scratch);
    for (const auto& [axis, target] : m_targets)
        if (target != nullptr || axis->key == seed_axis)
            unused.add(target != nullptr ? target->key : idle::seeds_of_sweep,
                     fmt::format("{}:{}", m_sweep.file.string(), axis->line));
    for (std::size_t i = 0; i < size(); ++i) {
        make(i);
        unused.look_at(m_scratch);
    }
    std::vector<std::string> lines = unused.lines();
    for (const auto& [axis, target] : m_targets)
        for (const std::string& each : axis->remarks)
            lines.push_back(fmt::format("{}:{}: {}", m_sweep.file.string(), axis->line, each));
    return lines;
}

json points::axes(std::size_t index) const
{
    json out = json::object();
    for (std::size_t d = 0; d < m_sweep.dimensions.size(); ++d)
        for (const column& one : m_sweep.dimensions[d].columns)
            std::visit([&](const auto& v) { out[one.key] = v; }, one.shown(value_index(m_grid[index], d)));
    return out;
}

double points::axis_number(std::size_t index, const std::string& key) const
{
    for (std::size_t d = 0; d < m_sweep.dimensions.size(); ++d)
        for (const column& one : m_sweep.dimensions[d].columns)
            if (one.key == key)
                return number_of(one.values[value_index(m_grid[index], d)]);
    return std::numeric_limits<double>::quiet_NaN();
}

std::string points::fingerprint(std::string_view program)
{
    digest all;
    all.add(program);
    for (const dimension& each : m_sweep.dimensions) {
        for (const column& one : each.columns) {
            all.add(one.key);
            for (std::size_t i = 0; i < one.values.size(); ++i) {
                all.add(config::to_toml(one.shown(i)));
                if (one.is_path && one.key != workload_axis)
                    all.add_file(text::split_entry(std::get<std::string>(one.values[i])).file);
            }
        }
        all.add("");
    }
    for (const constraint& each : m_sweep.constraints)
        all.add(each.rule.text());
    for (const derived_figure& each : m_sweep.derived)
        all.add(each.name + " = " + each.formula.text());
    for (const std::string& each : m_sweep.keys)
        all.add(each);
    // In an order that does not depend on where the files of the workloads are.
    std::map<group, const config::scenario*> by_name;
    for (const auto& [which, loaded] : m_loaded)
        by_name.emplace(group(std::filesystem::path(which.first).filename().string(), which.second), &loaded);
    for (const auto& each : by_name) {
        m_scratch = *each.second;
        for (const auto& [key, v] : config::effective_values(m_scratch))
            all.add(std::string(key) + " = " + config::to_toml(v));
        for (const option& o : m_options)
            if (o.is_path())
                all.add_file(text::split_entry(std::get<std::string>(o.get())).file);
    }
    return all.text();
}

} // namespace loas::sweep
