#include "platform/findings/ranking.h"

#include "platform/findings/shown_points.h"
#include "platform/results/result.h"
#include "platform/sweep/definition.h"
#include "platform/sweep/store.h"
#include "platform/text/toml_reader.h"
#include "platform/text/user_error.h"

#include <boost/math/distributions/students_t.hpp>
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace loas::findings
{
namespace
{

using json = nlohmann::ordered_json;

constexpr std::size_t best_kept = 10;
constexpr double outside_95_percent = 0.05;

/// Shown of the best beside the objective: name, heading, what a unit of the heading is, digits.
struct shown_figure {
    const char *name, *heading;
    double unit;
    int digits;
};
constexpr shown_figure shown[] = {{"totals.cycles", "cycles", 1, 0},
                                  {"totals.energy_pj.total", "energy uJ", 1e6, 3},
                                  {"totals.dram_bytes", "DRAM KiB", 1024, 1},
                                  {"area_mm2.total", "mm2", 1, 2}};

double number_of(const json& value)
{
    if (value.is_boolean())
        return value.get<bool>() ? 1 : 0;
    return value.is_number() ? value.get<double>() : std::nan("");
}

double number_of(const sweep::point_record& point, const std::string& name)
{
    for (const sweep::point_record::named_values* values : {&point.axes, &point.derived, &point.figures})
        for (const auto& [key, value] : *values)
            if (key == name)
                return number_of(value);
    return std::nan("");
}

bool is_cycles(const text::expression& objective)
{
    return objective.text() == "totals.cycles";
}

} // namespace

ranking read_ranking(const std::filesystem::path& folder)
{
    const std::filesystem::path file = folder / sweep::sweep_file;
    ranking wanted;
    try {
        const toml::table root = text::parse_toml(sweep::read_identity(folder).toml, file);
        if (const toml::array* list = root["constraints"].as_array(); list != nullptr)
            for (const toml::node& each : *list) {
                // The text of an identity lacks the first line of its file, a comment.
                const std::string place = fmt::format("{}:{}: constraints", file.string(), text::line_of(each) + 1);
                wanted.add({text::expression(each.value_or(std::string()), text::expression::kind::comparison), place});
            }
        for (const char* key : {"least", "most"})
            if (const auto text = root[key].value<std::string>()) {
                wanted.objective = text::expression(*text, text::expression::kind::figure);
                wanted.most = key == std::string_view("most");
                wanted.objective_place = fmt::format("{}:{}: {}", file.string(), text::line_of(*root.get(key)) + 1, key);
            }
    } catch (const text::expression_error& damaged) {
        throw text::user_error(fmt::format("{}: {}", file.string(), damaged.what()));
    }
    return wanted;
}

bool names_seed(const text::expression& of)
{
    return std::find(of.names().begin(), of.names().end(), sweep::seed_axis) != of.names().end();
}

void ranking::add(budget wanted)
{
    (names_seed(wanted.rule) ? of_seeds : budgets).push_back(std::move(wanted));
}

std::string ranking::title() const
{
    if (is_cycles(objective))
        return most ? "most cycles" : "fewest cycles";
    return (most ? "most " : "least ") + objective.text();
}

void seed_statistics::add(double value)
{
    // Welford: a difference of large sums would leave nothing of a small spread.
    ++m_count;
    const double before = value - m_mean;
    m_mean += before / static_cast<double>(m_count);
    m_squares += before * (value - m_mean);
}

double seed_statistics::deviation() const
{
    return m_count < 2 ? 0 : std::sqrt(m_squares / static_cast<double>(m_count - 1));
}

double seed_statistics::half_interval() const
{
    if (m_count < 2)
        return std::numeric_limits<double>::infinity();
    const boost::math::students_t_distribution<double> student(static_cast<double>(m_count - 1));
    return quantile(complement(student, outside_95_percent / 2)) * deviation() / std::sqrt(static_cast<double>(m_count));
}

double point_group::mean(const std::string& name) const
{
    const auto found = figures.find(name);
    return found == figures.end() ? std::nan("") : found->second.mean();
}

point_ranking::point_ranking(ranking wanted) : m_wanted(std::move(wanted)), m_broken(m_wanted.budgets.size())
{
    for (const shown_figure& each : shown)
        m_names.emplace_back(each.name);
    for (const budget& each : m_wanted.budgets)
        m_names.insert(m_names.end(), each.rule.names().begin(), each.rule.names().end());
    const std::vector<std::string>& of_objective = m_wanted.objective.names();
    m_names.insert(m_names.end(), of_objective.begin(), of_objective.end());
    std::sort(m_names.begin(), m_names.end());
    m_names.erase(std::unique(m_names.begin(), m_names.end()), m_names.end());
}

void point_ranking::note(const std::string& place, const std::string& what, bool null, const sweep::point_record& of)
{
    const auto same = std::find_if(m_troubles.begin(), m_troubles.end(), [&](const trouble& each) {
        return each.place == place && each.what == what;
    });
    if (same != m_troubles.end())
        ++same->count;
    else
        m_troubles.push_back({place, what, fmt::format("point {} ({})", of.index, of.axes_text()), null, 1});
}

/// Of an expression that has no number: a figure is not there, or the result is larger than any number.
void point_ranking::note_null(const std::string& place, const text::expression& of, const point_group& group)
{
    for (const std::string& name : of.names())
        if (std::isnan(group.mean(name)))
            return note(place, fmt::format("{} is null, so \"{}\" is nothing", name, of.text()), true, group.first);
    note(place, fmt::format("\"{}\" is too large for a number", of.text()), true, group.first);
}

std::vector<std::string> point_ranking::troubles(bool mistakes) const
{
    std::vector<std::string> all;
    for (const trouble& each : m_troubles)
        if (mistakes == (!each.null || each.count == m_groups))
            all.push_back(fmt::format("{}{}{}{}: {}", each.place, each.place.empty() ? "" : ": ", each.point,
                                      each.count == 1 ? "" : fmt::format(" and {} more", each.count - 1), each.what));
    return all;
}

/// Before seeds are taken together.
bool point_ranking::is_of_seeds(const sweep::point_record& point)
{
    return std::all_of(m_wanted.of_seeds.begin(), m_wanted.of_seeds.end(), [&](const budget& each) {
        std::vector<double> numbers;
        for (const std::string& name : each.rule.names())
            numbers.push_back(number_of(point, name));
        try {
            return each.rule.evaluate(numbers) != 0;
        } catch (const text::expression_error& divided) {
            note(each.place, divided.what(), false, point);
            return false;
        }
    });
}

void point_ranking::add(const sweep::point_record& point)
{
    if (!is_of_seeds(point)) {
        ++m_other_seeds;
        return;
    }
    sweep::point_record of = point;
    of.axes.erase(std::remove_if(of.axes.begin(), of.axes.end(), [](const auto& axis) { return axis.first == sweep::seed_axis; }),
                  of.axes.end());
    if (m_is_open && of.axes != m_open.first.axes)
        close_group();
    if (!m_is_open) {
        m_open = {of, {}, {}};
        m_divided = false;
    }
    m_is_open = true;
    std::vector<double> numbers;
    for (const std::string& name : m_wanted.objective.names())
        numbers.push_back(number_of(point, name));
    double objective = std::nan("");
    try {
        objective = m_wanted.objective.evaluate(numbers);
    } catch (const text::expression_error& divided) {
        m_divided = true;
        note(m_wanted.objective_place, divided.what(), false, point);
    }
    m_open.objective.add(objective);
    for (const std::string& name : m_names)
        m_open.figures[name].add(number_of(point, name));
}

bool point_ranking::keeps_budgets(const point_group& group)
{
    bool keeps_all = true;
    for (std::size_t i = 0; i < m_wanted.budgets.size(); ++i) {
        const auto& [each, place] = m_wanted.budgets[i];
        std::vector<double> numbers;
        for (const std::string& name : each.names())
            numbers.push_back(group.mean(name));
        const bool known = std::none_of(numbers.begin(), numbers.end(), [](double n) { return std::isnan(n); });
        bool keeps = false;
        try { // a figure that is not there keeps no budget
            keeps = known && each.evaluate(numbers) != 0;
        } catch (const text::expression_error& divided) {
            note(place, divided.what(), false, group.first);
        }
        if (!known)
            note_null(place, each, group);
        m_broken[i] += keeps ? 0 : 1;
        keeps_all &= keeps;
    }
    return keeps_all;
}

std::string point_ranking::outside_in_words() const
{
    std::string others;
    if (m_other_seeds > 0) {
        others = fmt::format("{} points are left out, of seeds that are not wanted:", results::grouped(m_other_seeds));
        for (const budget& each : m_wanted.of_seeds)
            others += fmt::format("{}{}", &each == m_wanted.of_seeds.data() ? " " : ", ", each.rule.text());
        others += '\n';
    }
    if (m_outside == 0)
        return others;
    std::string broken;
    for (std::size_t i = 0; i < m_broken.size(); ++i)
        if (m_broken[i] != 0)
            broken += fmt::format("{}{} {}", broken.empty() ? "" : ", ", results::grouped(m_broken[i]),
                                  m_wanted.budgets[i].rule.text());
    return others + fmt::format("{} of {} break the constraints on results: {}\n", results::grouped(m_outside),
                                results::grouped(m_groups), broken);
}

void point_ranking::close_group()
{
    m_is_open = false;
    ++m_groups;
    if (!keeps_budgets(m_open)) {
        ++m_outside;
        return;
    }
    if (!std::isfinite(m_open.objective.mean())) {
        if (!m_divided)
            note_null(m_wanted.objective_place, m_wanted.objective, m_open);
        return;
    }
    const auto better = [&](const point_group& a, const point_group& b) {
        const double left = a.objective.mean(), right = b.objective.mean();
        return m_wanted.most ? left > right : left < right;
    };
    m_best.insert(std::upper_bound(m_best.begin(), m_best.end(), m_open, better), m_open);
    if (m_best.size() > best_kept)
        m_best.pop_back();
}

void point_ranking::finish()
{
    if (m_is_open)
        close_group();
}

std::string point_ranking::table() const
{
    const bool seeds = std::any_of(m_best.begin(), m_best.end(), [](const point_group& each) { return each.size() > 1; });
    std::vector<std::string> heading = {m_wanted.title(), "point"};
    const bool own_column = !is_cycles(m_wanted.objective);
    if (seeds)
        heading.insert(heading.end(), {"seeds", "mean", "deviation", "+- (95 %)"});
    else if (own_column)
        heading.emplace_back("value");
    for (const shown_figure& each : shown)
        if (!seeds || own_column || &each != shown)
            heading.emplace_back(each.heading);
    std::vector<std::vector<std::string>> rows = {heading};
    std::vector<const sweep::point_record*> points;
    for (const point_group& group : m_best) {
        const seed_statistics& of = group.objective;
        std::vector<std::string> row = {"", std::to_string(group.first.index)};
        points.push_back(&group.first);
        if (seeds && of.count() > 1)
            row.insert(row.end(), {std::to_string(of.count()), results::readable(of.mean()), results::readable(of.deviation()),
                                   results::readable(of.half_interval())});
        else if (seeds)
            row.insert(row.end(), {"1", results::readable(of.mean()), "-", "-"});
        else if (own_column)
            row.push_back(results::readable(of.mean()));
        for (const shown_figure& each : shown)
            if (!seeds || own_column || &each != shown)
                row.push_back(each.digits == 0
                                  ? results::grouped(static_cast<std::uint64_t>(std::llround(group.mean(each.name))))
                                  : fmt::format("{:.{}f}", group.mean(each.name) / each.unit, each.digits));
        rows.push_back(std::move(row));
    }
    return table_of_points(points, std::move(rows));
}

json point_ranking::to_json() const
{
    json list = json::array();
    for (const point_group& group : m_best) {
        const seed_statistics& of = group.objective;
        json each = {{"point", group.first.index}, {"axes", json::object()}, {"points", of.count()}, {"mean", of.mean()}};
        for (const auto& [key, value] : group.first.axes)
            each["axes"][key] = value;
        if (of.count() > 1) {
            each["deviation"] = of.deviation();
            each["interval_95"] = {of.mean() - of.half_interval(), of.mean() + of.half_interval()};
        }
        for (const shown_figure& figure : shown)
            each["figures"][figure.name] = group.mean(figure.name);
        list.push_back(std::move(each));
    }
    return list;
}

} // namespace loas::findings
