#include "platform/mapping_search/mapping_search.h"

#include "models/cost/area.h"
#include "platform/config/options.h"
#include "platform/config/rules.h"
#include "platform/designs/design.h"
#include "platform/run/energy.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

namespace loas::mapping_search
{
namespace
{

using dataflow::formats;
using dataflow::loop;
using dataflow::loop_order;
using dataflow::mapping;
using dataflow::stored;
using dataflow::unrolling;
using text::user_error;

constexpr std::string_view words[objectives] = {"dram_bytes", "cycles", "energy_pj", "live_sums"};

objective objective_of(const std::string& typed)
{
    if (typed.empty())
        return objective::dram_bytes;
    for (std::size_t i = 0; i < objectives; ++i)
        if (typed == words[i])
            return static_cast<objective>(i);
    throw user_error(fmt::format("--least: '{}' is no figure of the search; allowed are {}{}", text::printable(typed),
                                 text::join({words, words + objectives}, ", "),
                                 text::did_you_mean(text::nearest_word(typed, {words, words + objectives}))));
}

double area_from(const std::string& typed)
{
    if (typed.empty())
        return 0;
    std::size_t end = 0;
    double area = 0;
    try {
        area = std::stod(typed, &end);
    } catch (const std::exception&) {
        end = 0;
    }
    if (end != typed.size() || !(area > 0) || area > 1e6)
        throw user_error(fmt::format("--area: '{}' is no area in mm2", text::printable(typed)));
    return area;
}

/// What each of the coordinates of a point may be.
struct space {
    std::vector<loop_order> orders;
    std::vector<unrolling> unrollings;
    std::vector<formats> stored_as;

    std::uint64_t size() const { return orders.size() * unrollings.size() * stored_as.size(); }
};

space space_of(const explorer::request& asked, const config::scenario& scenario)
{
    space all;
    all.orders = dataflow::parse_orders(asked.orders.empty() ? "all" : asked.orders);
    if (!asked.spatial.empty())
        all.unrollings = {dataflow::parse_unrolling(asked.spatial)};
    else
        for (const loop over : {loop::m, loop::n, loop::k}) {
            for (unsigned word = 1; word < scenario.workload.timesteps; word *= 2)
                all.unrollings.push_back({over, scenario.tppe.count, word});
            all.unrollings.push_back({over, scenario.tppe.count, unrolling::all_timesteps});
        }
    if (!asked.format.empty())
        all.stored_as = {dataflow::parse_formats(asked.format)};
    else {
        for (const stored a : {stored::bitmask, stored::coordinates})
            for (const stored b : {stored::bitmask, stored::coordinates})
                all.stored_as.push_back({a, b});
        all.stored_as.push_back({stored::raw, stored::raw});
    }
    return all;
}

/// With all of t in space its place says nothing: it stands innermost.
bool says_something(const mapping& point)
{
    return point.space.timesteps != unrolling::all_timesteps || point.order.loops[3] == loop::t;
}

/// Which design has the point, or "".
std::string machine_of(const mapping& point, const std::vector<mapping>& machines)
{
    for (const mapping& each : machines)
        if (each.order.loops == point.order.loops && each.space.over == point.space.over &&
            each.space.units == point.space.units && each.space.timesteps == point.space.timesteps &&
            each.format.a == point.format.a && each.format.b == point.format.b)
            return each.machine;
    return {};
}

class searcher
{
public:
    searcher(const config::scenario& scenario, const request& asked)
        : m_scenario(scenario), m_space(space_of(asked.explored, scenario)),
          m_capacities(asked.explored.capacities.empty() ? std::vector<unsigned>{scenario.cache.size_kib}
                                                         : explorer::parse_capacities(asked.explored.capacities)),
          m_exhaustive_work(asked.exhaustive_work)
    {
        m_found.scenario = scenario.name;
        m_found.least = objective_of(asked.least);
        m_found.most_area_mm2 = area_from(asked.most_area_mm2);
        std::sort(m_capacities.begin(), m_capacities.end());
        m_capacities.erase(std::unique(m_capacities.begin(), m_capacities.end()), m_capacities.end());
        for (const unsigned kib : m_capacities)
            m_areas[kib] = area_with(kib);
        for (const mapping& each : explorer::points_of({}, scenario))
            if (!each.machine.empty())
                m_machines.push_back(each);
    }

    found run()
    {
        std::vector<mapping> whole;
        for (const loop_order& order : m_space.orders)
            for (const unrolling& over : m_space.unrollings)
                for (const formats& how : m_space.stored_as)
                    add_point(whole, {order, over, how, {}});
        look_at(m_machines); // whatever was asked for, they can be run
        std::set<std::string> all = m_seen;
        for (const mapping& each : whole)
            all.insert(key_of(each));
        m_found.space = all.size() * m_capacities.size();
        if (whole.size() * m_non_zeros <= m_exhaustive_work)
            look_at(whole);
        else
            walk();
        if (m_found.within.empty())
            throw user_error(fmt::format("--area {}: the smallest of these chips has {:.3g} mm2", m_found.most_area_mm2,
                                         m_areas.begin()->second));
        mark_unbeaten();
        const objective least = m_found.least;
        std::stable_sort(m_found.within.begin(), m_found.within.end(), [least](const candidate& a, const candidate& b) {
            return std::pair(a.of(least), a.area_mm2) < std::pair(b.of(least), b.area_mm2);
        });
        return std::move(m_found);
    }

private:
    double area_with(unsigned kib) const
    {
        config::scenario with = m_scenario;
        with.cache.size_kib = kib;
        return cost::area_of(run::hardware_size_of(with)).total_mm2();
    }

    /// With a cache of that size.
    bool can_be_built(const std::string& machine, unsigned kib) const
    {
        return config::broken_rules(config::overridden(m_scenario, {"accelerator=" + machine, fmt::format("cache.size_kib={}", kib)}))
            .empty();
    }

    bool in_budget(unsigned kib) const { return m_found.most_area_mm2 == 0 || m_areas.at(kib) <= m_found.most_area_mm2; }

    static void add_point(std::vector<mapping>& to, const mapping& point)
    {
        if (says_something(point))
            to.push_back(point);
    }

    static std::string key_of(const mapping& point)
    {
        return fmt::format("{} {} {}{} {}{}", point.order.word(), static_cast<unsigned>(point.space.over), point.space.units,
                           point.space.timesteps, static_cast<unsigned>(point.format.a), static_cast<unsigned>(point.format.b));
    }

    /// Counts points that were not counted before.
    void look_at(const std::vector<mapping>& points)
    {
        std::vector<mapping> fresh;
        for (const mapping& each : points)
            if (m_seen.insert(key_of(each)).second)
                fresh.push_back(each);
        if (fresh.empty())
            return;
        const explorer::exploration explored = explorer::explore(m_scenario, fresh, m_capacities);
        if (m_non_zeros == 0)
            take_bounds(explored);
        for (std::size_t p = 0; p < fresh.size(); ++p)
            for (const unsigned kib : m_capacities) {
                ++m_found.looked_at;
                if (in_budget(kib))
                    m_found.within.push_back(candidate_at(explored, p, kib));
            }
    }

    candidate candidate_at(const explorer::exploration& explored, std::size_t p, unsigned kib) const
    {
        candidate to;
        to.point = explored.points[p];
        to.point.machine = machine_of(to.point, m_machines);
        if (!to.point.machine.empty() && !can_be_built(to.point.machine, kib))
            to.point.machine.clear();
        to.capacity_kib = kib;
        to.area_mm2 = m_areas.at(kib);
        for (std::size_t l = 0; l < explored.layers.size(); ++l) {
            const dataflow::point_counts& counts = explored.layers[l].points[p];
            const explorer::buffered_figures at = explored.figures(l, p, kib);
            const double figures[objectives] = {at.dram_bytes.total(), at.cycles, at.energy.total_pj(),
                                                static_cast<double>(counts.dense.live_sums)};
            for (std::size_t i = 0; i + 1 < objectives; ++i)
                to.figures[i] += figures[i];
            to.figures[objectives - 1] = std::max(to.figures[objectives - 1], figures[objectives - 1]);
            to.spatial = counts.point.spatial_text(explored.layers[l].t);
            to.format = counts.point.format.text(counts.word_timesteps);
        }
        return to;
    }

    /// Bounds for every point: a byte for each non-zero weight and the outputs, once (what is least of the input depends
    /// on how rows share it, so nothing is said of that); each match of all timesteps together in a cycle of a unit. Of
    /// energy none.
    void take_bounds(const explorer::exploration& explored)
    {
        for (const explorer::explored_layer& layer : explored.layers) {
            const double runs = static_cast<double>(layer.runs);
            const double weights = static_cast<double>(layer.weights);
            m_found.bound[0] += runs * (weights + static_cast<double>(layer.m * layer.n * layer.t) / 8);
            std::uint64_t packed = 0;
            for (const dataflow::point_counts& counts : layer.points)
                if (counts.word_timesteps == layer.t)
                    packed = counts.work.matches;
            unsigned units = explored.machine.units;
            for (const unrolling& over : m_space.unrollings)
                units = std::max(units, over.units);
            for (const mapping& each : m_machines)
                units = std::max(units, each.space.units);
            m_found.bound[1] += static_cast<double>(packed) / units;
            m_non_zeros += layer.runs * (layer.m * layer.k - layer.silent / std::max<std::uint64_t>(layer.runs, 1)) + layer.weights;
        }
        m_found.bound[3] = 1;
    }

    const candidate& best() const
    {
        const objective least = m_found.least;
        return *std::min_element(m_found.within.begin(), m_found.within.end(), [least](const candidate& a, const candidate& b) {
            return std::pair(a.of(least), a.area_mm2) < std::pair(b.of(least), b.area_mm2);
        });
    }

    /// From the points that are usual, one coordinate of the best one at a time, in turn, until none gives a better one.
    void walk()
    {
        std::vector<mapping> usual;
        for (const loop_order& order : m_space.orders)
            for (const unrolling& over : {m_space.unrollings.front(), m_space.unrollings.back()})
                add_point(usual, {order, over, m_space.stored_as.front(), {}});
        look_at(usual);
        for (std::string before; !m_found.within.empty();) {
            const mapping from = best().point;
            if (key_of(from) == before)
                return;
            before = key_of(from);
            std::vector<mapping> neighbours;
            for (const unrolling& over : m_space.unrollings)
                add_point(neighbours, {from.order, over, from.format, {}});
            for (const formats& how : m_space.stored_as)
                add_point(neighbours, {from.order, from.space, how, {}});
            for (const loop_order& order : m_space.orders)
                add_point(neighbours, {order, from.space, from.format, {}});
            look_at(neighbours);
        }
    }

    void mark_unbeaten()
    {
        for (candidate& each : m_found.within)
            each.unbeaten = std::none_of(m_found.within.begin(), m_found.within.end(), [&](const candidate& other) {
                bool better = false;
                for (std::size_t i = 0; i < objectives; ++i) {
                    if (other.figures[i] > each.figures[i])
                        return false;
                    better = better || other.figures[i] < each.figures[i];
                }
                return better;
            });
    }

    const config::scenario& m_scenario;
    space m_space;
    std::vector<unsigned> m_capacities;
    std::uint64_t m_exhaustive_work;
    std::map<unsigned, double> m_areas;
    std::vector<mapping> m_machines;
    std::set<std::string> m_seen;
    std::uint64_t m_non_zeros = 0;
    found m_found;
};

} // namespace

std::string_view word_of(objective which)
{
    return words[static_cast<std::size_t>(which)];
}

const candidate* found::runnable() const
{
    const auto one = std::find_if(within.begin(), within.end(), [](const candidate& each) { return !each.point.machine.empty(); });
    return one == within.end() ? nullptr : &*one;
}

found search(const config::scenario& scenario, const request& asked)
{
    return searcher(scenario, asked).run();
}

std::string scenario_of(const config::scenario& base, const candidate& chosen)
{
    const config::scenario machine = config::overridden(
        base, {"accelerator=" + chosen.point.machine, fmt::format("cache.size_kib={}", chosen.capacity_kib)});
    return fmt::format("# The best order that a simulated design runs, by loas-vp dataflow --search: {} {} ({}), {}.\n",
                       chosen.point.order.word(), chosen.spatial, chosen.format, chosen.point.machine) +
           config::dump(machine);
}

} // namespace loas::mapping_search
