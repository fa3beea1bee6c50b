#include "platform/mapping_search/mapping_search.h"

#include "models/cost/area.h"
#include "platform/config/options.h"
#include "platform/config/rules.h"
#include "platform/energy_account/energy.h"
#include "platform/mapping_search/bounds.h"
#include "platform/mapping_search/machines.h"
#include "platform/mapping_search/search_space.h"
#include "platform/process/progress.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

namespace loas::mapping_search
{
namespace
{

using dataflow::formats;
using dataflow::loop_order;
using dataflow::mapping;
using dataflow::tiling;
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
        if (!asked.explored.tile.empty())
            m_space.tiles = {dataflow::parse_tiling(asked.explored.tile)};
        for (const loop_order& order : m_space.orders) // a mistake in --tile is told
            for (const unrolling& over : m_space.unrollings)
                if (!asked.explored.tile.empty() && !asked.explored.spatial.empty())
                    dataflow::require_whole_steps({order, over, {}, "", m_space.tiles.front()});
        m_machines = machines_of(scenario);
    }

    found run()
    {
        look_at_machines(); // whatever was asked for, they can be run
        if (m_space.tiles.empty())
            m_space.tiles = tilings_of(m_largest, m_scenario.tppe.count);
        std::vector<mapping> whole;
        for (const tiling& tiles : m_space.tiles)
            for (const loop_order& order : m_space.orders)
                for (const unrolling& over : m_space.unrollings)
                    for (const formats& how : m_space.stored_as)
                        add_point(whole, {order, over, how, "", tiles});
        std::set<std::string> all = m_seen;
        for (const mapping& each : whole)
            all.insert(key_of(each, m_scenario.tppe.chunk_bits));
        m_found.space = all.size() * m_capacities.size();
        if (whole.size() * m_non_zeros <= m_exhaustive_work)
            look_at(whole);
        else
            walk();
        if (m_found.within.empty())
            throw user_error(fmt::format("--area {}: the smallest of these chips has {:.3g} mm2", m_found.most_area_mm2, m_least_area_mm2));
        m_found.not_built = not_built();
        bound_cycles();
        mark_unbeaten();
        const objective least = m_found.least;
        std::stable_sort(m_found.within.begin(), m_found.within.end(), [least](const candidate& a, const candidate& b) {
            return std::tuple(a.of(least), a.of(objective::cycles), a.area_mm2) < std::tuple(b.of(least), b.of(objective::cycles), b.area_mm2);
        });
        return std::move(m_found);
    }

private:
    static config::scenario with_cache(config::scenario scenario, unsigned kib)
    {
        scenario.cache.size_kib = kib;
        return scenario;
    }
    static double area_of(const config::scenario& scenario) { return cost::area_of(energy_account::hardware_size_of(scenario)).total_mm2(); }

    /// Of the scenario's own design with as many units; orders that no design has are looked at on it.
    double area_with(unsigned kib, unsigned units)
    {
        double& area = m_areas[{kib, units}];
        if (area == 0) {
            config::scenario scenario = with_cache(m_scenario, kib);
            scenario.tppe.count = units;
            area = area_of(scenario);
        }
        return area;
    }
    bool in_budget(double area_mm2) const { return m_found.most_area_mm2 == 0 || area_mm2 <= m_found.most_area_mm2; }

    static void add_point(std::vector<mapping>& to, const mapping& point)
    {
        if (says_something(point) && dataflow::whole_steps(point))
            to.push_back(point);
    }

    /// Counts points that were not counted before.
    void look_at(const std::vector<mapping>& points)
    {
        std::vector<mapping> fresh;
        for (const mapping& each : points)
            if (m_seen.insert(key_of(each, m_scenario.tppe.chunk_bits)).second)
                fresh.push_back(each);
        count(m_scenario, fresh, {});
    }

    void look_at_machines()
    {
        std::map<unsigned, std::vector<const machine*>> by_chunk;
        for (const machine& each : m_machines)
            if (m_seen.insert(key_of(each.point, each.chunk_bits)).second)
                by_chunk[each.chunk_bits].push_back(&each);
        for (const auto& [chunk_bits, machines] : by_chunk) {
            config::scenario scenario = m_scenario;
            scenario.tppe.chunk_bits = chunk_bits;
            std::vector<mapping> points;
            for (const machine* each : machines)
                points.push_back(each->point);
            count(scenario, points, machines);
        }
    }

    /// built: of each point, or none.
    void count(const config::scenario& scenario, const std::vector<mapping>& fresh, const std::vector<const machine*>& built)
    {
        if (fresh.empty())
            return;
        process::progress shown(fmt::format("search, round {}, {} points:", ++m_round, fresh.size()), m_layers, true);
        std::size_t layers = 0;
        const explorer::exploration explored = explorer::explore(scenario, fresh, m_capacities, false, [&] {
            if (++layers <= m_layers) // how many there are shows in the first round
                shown.update(layers);
        });
        m_layers = layers;
        if (m_found.looked_at == 0)
            measure(explored);
        for (std::size_t p = 0; p < fresh.size(); ++p)
            for (const unsigned kib : m_capacities) {
                ++m_found.looked_at;
                candidate each = candidate_at(explored, p, kib, built.empty() ? nullptr : built[p]);
                m_least_area_mm2 = std::min(m_least_area_mm2, each.area_mm2);
                if (in_budget(each.area_mm2))
                    m_found.within.push_back(std::move(each));
            }
    }

    candidate candidate_at(const explorer::exploration& explored, std::size_t p, unsigned kib, const machine* built)
    {
        candidate to;
        to.point = explored.points[p];
        to.capacity_kib = kib;
        to.area_mm2 = area_with(kib, to.point.space.all_units());
        to.point.machine.clear();
        if (built != nullptr) {
            const config::scenario scenario = with_cache(scenario_with(m_scenario, built->point.machine, built->overrides), kib);
            if (config::broken_rules(scenario).empty()) {
                to.point.machine = built->point.machine;
                to.overrides = built->overrides;
                to.area_mm2 = area_of(scenario);
            }
        }
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

    /// The layers.
    void measure(const explorer::exploration& explored)
    {
        m_bounds = bounds(explored);
        m_found.bound[0] = m_bounds.dram_bytes;
        m_found.bound[2] = m_bounds.energy_pj;
        m_found.bound[3] = 1;
        for (const explorer::explored_layer& layer : explored.layers) {
            m_largest = {std::max(m_largest.m, layer.m), std::max(m_largest.n, layer.n), std::max(m_largest.k, layer.k)};
            m_non_zeros += layer.runs * (layer.m * layer.k - layer.silent / std::max<std::uint64_t>(layer.runs, 1)) + layer.weights;
        }
    }

    /// The least of all unrollings that are within the budget, those that a local search left out as well.
    void bound_cycles()
    {
        m_found.bound[1] = std::numeric_limits<double>::infinity();
        const unsigned most = explorer::timesteps_of(m_scenario);
        unsigned words = 0; // of more timesteps are told of, where others are bounded alike
        const auto add = [&](const unrolling& over, bool dense) {
            const double cycles = m_bounds.cycles_with(over, dense);
            if (cycles > m_found.bound[1] || (cycles == m_found.bound[1] && over.word_timesteps(most) <= words))
                return;
            words = over.word_timesteps(most);
            m_found.bound[1] = cycles;
            m_found.bound_spatial = over.text(most);
            m_found.bound_dense = dense;
        };
        for (const unrolling& over : m_space.unrollings)
            if (in_budget(area_with(m_capacities.front(), over.all_units()))) // the least of them
                for (const formats& how : m_space.stored_as)
                    add(over, how.dense());
        for (const candidate& each : m_found.within)
            add(each.point.space, each.point.format.dense());
    }

    /// "with 1 KiB gamma-snn and loas cannot be built: ...", for designs that have no point with a buffer of that size.
    std::vector<std::string> not_built() const
    {
        std::vector<std::string> all;
        for (const unsigned kib : m_capacities) {
            std::map<std::string, std::string> broken; // rule of each design
            for (const machine& each : m_machines) {
                const auto rules = config::broken_rules(with_cache(scenario_with(m_scenario, each.point.machine, each.overrides), kib));
                std::string& rule = broken.emplace(each.point.machine, rules.empty() ? "" : rules.front().text).first->second;
                if (rules.empty())
                    rule.clear();
            }
            std::map<std::string, std::vector<std::string_view>> designs; // by rule
            for (const auto& [design, rule] : broken)
                if (!rule.empty())
                    designs[rule].push_back(design);
            for (const auto& [rule, which] : designs)
                all.push_back(fmt::format("with {} KiB {} cannot be built: {}", kib,
                                          which.size() == broken.size() ? "the designs" : text::join(which, ", "), rule));
        }
        return all;
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
                add_point(usual, {order, over, m_space.stored_as.front(), "", m_space.tiles.front()});
        look_at(usual);
        for (std::string before; !m_found.within.empty();) {
            const mapping from = best().point;
            if (key_of(from, 0) == before)
                return;
            before = key_of(from, 0);
            std::vector<mapping> neighbours;
            for (const unrolling& over : m_space.unrollings)
                add_point(neighbours, {from.order, over, from.format, "", from.tiles});
            for (const formats& how : m_space.stored_as)
                add_point(neighbours, {from.order, from.space, how, "", from.tiles});
            for (const loop_order& order : m_space.orders)
                add_point(neighbours, {order, from.space, from.format, "", from.tiles});
            for (const tiling& tiles : m_space.tiles)
                add_point(neighbours, {from.order, from.space, from.format, "", tiles});
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
    std::map<std::pair<unsigned, unsigned>, double> m_areas; ///< of KiB and units
    double m_least_area_mm2 = std::numeric_limits<double>::infinity();
    bounds m_bounds;
    std::size_t m_round = 0, m_layers = 0; ///< explored so far; that a round visits
    std::vector<machine> m_machines;
    extents m_largest;
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
    config::scenario machine = scenario_with(base, chosen.point.machine, chosen.overrides);
    machine.cache.size_kib = chosen.capacity_kib;
    const std::string tiles = chosen.point.tiles.text();
    return fmt::format("# The best order that a simulated design runs, by loas-vp dataflow --search: {} {} ({}){}, {}.\n",
                       chosen.point.order.word(), chosen.spatial, chosen.format, tiles.empty() ? "" : " in tiles " + tiles,
                       chosen.point.machine) +
           config::dump(machine);
}

} // namespace loas::mapping_search
