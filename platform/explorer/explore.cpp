#include "platform/explorer/explore.h"

#include "models/functional/bits.h"
#include "platform/layer_counts/kept_weights.h"
#include "platform/network_file/network_scenario.h"
#include "platform/results/kept_scenario.h"
#include "platform/run/workload.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace loas::explorer
{
namespace
{

using text::user_error;

constexpr unsigned largest_capacity_kib = 1U << 20; // 1 GiB
constexpr std::size_t most_capacities = 16;

/// Adds a run of a layer; runs of the same name are one layer.
class collector
{
public:
    collector(exploration& to) : m_to(to) {}

    /// Of runs that follow each other on one machine, later ones find weights in the buffer.
    void keep_weights() { m_kept = std::vector<dataflow::kept_weights>(m_to.points.size(), dataflow::kept_weights(m_to.capacities_bits)); }

    void add(const lowering::layer_model& layer, unsigned timesteps, const std::vector<std::uint16_t>& spikes)
    {
        const dataflow::sparse_layer operands = dataflow::unfold(layer, timesteps, spikes);
        std::vector<dataflow::touched_fibers> weights;
        std::vector<point_counts> points = dataflow::analyse(operands, m_to.points, m_to.capacities_bits, m_to.machine.rules,
                                                             m_kept.empty() ? nullptr : &weights);
        own_weights& own = m_weights.try_emplace(layer.name, own_weights{m_weights.size(), {}}).first->second;
        for (std::size_t i = 0; i < m_kept.size(); ++i)
            points[i].b_kept_bits = m_kept[i].run(own.number, weights[i]);
        std::vector<border_step> border;
        if (!m_to.border_points.empty())
            border = border_steps(layer, timesteps, spikes, m_to.border_points, m_to.capacities_bits, m_to.machine.rules);
        auto found = std::find_if(m_to.layers.begin(), m_to.layers.end(), [&](const explored_layer& each) {
            return each.name == layer.name && each.t == timesteps;
        });
        if (found == m_to.layers.end()) {
            explored_layer first;
            first.name = layer.name;
            first.m = operands.m;
            first.n = operands.n;
            first.k = operands.k;
            first.t = timesteps;
            first.weights = operands.weights.places.size();
            first.points = std::move(points);
            first.border = std::move(border);
            found = m_to.layers.insert(m_to.layers.end(), std::move(first));
        } else {
            for (std::size_t i = 0; i < points.size(); ++i)
                found->points[i].add(points[i]);
            add_steps(found->border, border);
        }
        ++found->runs;
        found->used_weights += newly_used(operands, own);
        for (const std::uint16_t word : operands.spikes.words)
            found->spikes += functional::popcount(word);
        found->silent += operands.m * operands.k - operands.spikes.words.size();
    }

private:
    /// Of a layer's name: blocks of timesteps have the same.
    struct own_weights {
        std::size_t number;
        std::vector<bool> used; ///< of each input: it has spiked
    };
    /// Weights that are not zero, of inputs with their first spike.
    static std::uint64_t newly_used(const dataflow::sparse_layer& layer, own_weights& own)
    {
        own.used.resize(layer.k);
        std::uint64_t weights = 0;
        for (const std::uint32_t input : layer.spikes.places)
            if (!own.used[input]) {
                own.used[input] = true;
                weights += layer.weights.length(input);
            }
        return weights;
    }

    exploration& m_to;
    std::map<std::string, own_weights> m_weights;
    std::vector<dataflow::kept_weights> m_kept; ///< of each point; none: each run begins with an empty buffer
};

} // namespace

mapping machine_point(const designs::design& design, const config::scenario& scenario)
{
    const designs::dataflow_point at = design.dataflow(scenario);
    return {dataflow::parse_orders(at.order).front(), dataflow::parse_unrolling(at.spatial), dataflow::parse_formats(at.format), std::string(design.word),
            at.tiles.empty() ? dataflow::tiling{} : dataflow::parse_tiling(at.tiles)};
}

unsigned timesteps_of(const config::scenario& scenario)
{
    if (scenario.workload.kind != config::workload_kind::layers)
        return scenario.workload.timesteps;
    unsigned most = 1;
    for (const draw::layer_statistics& each : run::listed_layers(scenario))
        most = std::max(most, each.timesteps);
    return most;
}

unrolling asked_unrolling(const std::string& typed, const config::scenario& scenario)
{
    const unrolling space = dataflow::parse_unrolling(typed);
    if (const unsigned most = timesteps_of(scenario); space.timesteps > most)
        throw user_error(fmt::format("--spatial {}: there are {} timesteps; t alone is all of them", text::printable(typed), most));
    return space;
}

std::vector<unsigned> parse_capacities(const std::string& list)
{
    std::vector<unsigned> capacities;
    for (const std::string& word : text::words_of_list(list)) {
        const bool number = !word.empty() && word.size() <= 7 && word.find_first_not_of("0123456789") == std::string::npos;
        if (!number || std::stoul(word) == 0 || std::stoul(word) > largest_capacity_kib)
            throw user_error(fmt::format("--capacity: '{}' is no size in KiB, 1 to {}", text::printable(word), largest_capacity_kib));
        capacities.push_back(static_cast<unsigned>(std::stoul(word)));
    }
    if (capacities.size() > most_capacities)
        throw user_error(fmt::format("--capacity: at most {} sizes", most_capacities));
    std::sort(capacities.begin(), capacities.end());
    capacities.erase(std::unique(capacities.begin(), capacities.end()), capacities.end());
    return capacities;
}

std::vector<mapping> points_of(const request& asked, const config::scenario& scenario)
{
    std::vector<mapping> points;
    const std::string orders = asked.orders.empty() ? "all" : asked.orders;
    const dataflow::tiling tiles = asked.tile.empty() ? dataflow::tiling{} : dataflow::parse_tiling(asked.tile);
    const auto add = [&](const dataflow::loop_order& order, const unrolling& space) {
        points.push_back({order, space, asked.format.empty() ? dataflow::usual_formats(order) : dataflow::parse_formats(asked.format), "", tiles});
        dataflow::require_whole_steps(points.back());
    };
    const std::vector<dataflow::loop_order> listed = dataflow::parse_orders(orders);
    if (asked.spatial.empty()) {
        for (const dataflow::loop_order& order : listed)
            add(order, dataflow::usual_unrolling(order, scenario.tppe.count, 1));
        for (const dataflow::loop_order& order : listed)
            if (order.loops[3] == loop::t)
                add(order, dataflow::usual_unrolling(order, scenario.tppe.count, unrolling::all_timesteps));
    } else {
        const unrolling space = asked_unrolling(asked.spatial, scenario); // which may read the list of layers
        for (const dataflow::loop_order& order : listed) // with all of t in space its place says nothing
            if (orders != "all" || space.timesteps != unrolling::all_timesteps || order.loops[3] == loop::t)
                add(order, space);
    }
    for (const designs::design* each : designs::all())
        if (each->dataflow != nullptr)
            points.push_back(machine_point(*each, scenario));
    return points;
}

exploration explore(const config::scenario& scenario, const request& asked)
{
    return explore(scenario, points_of(asked, scenario),
                   asked.capacities.empty() ? std::vector<unsigned>{scenario.cache.size_kib}
                                            : parse_capacities(asked.capacities),
                   asked.border);
}

exploration explore(const config::scenario& scenario, std::vector<mapping> points, std::vector<unsigned> capacities_kib, bool border,
                    const std::function<void()>& counted)
{
    if (scenario.workload.kind == config::workload_kind::program)
        throw user_error("dataflow: a program for the host CPU has no layers of its own; name a scenario with layers or a network");
    if (config::takes_bytes(scenario))
        throw user_error(fmt::format("dataflow: accelerator = {} takes bytes, of which t is no loop; the orders are those of spikes",
                                     scenario.accelerator));
    exploration to;
    to.scenario = scenario.name;
    to.machine = hardware_of(scenario);
    to.capacities_kib = std::move(capacities_kib);
    to.capacities_bits = curve_capacities_bits(to.capacities_kib);
    to.points = std::move(points);
    if (border)
        to.border_points = border_points(to.machine.units);
    collector layers(to);
    const run::layer_visitor visit = [&](const lowering::layer_model& layer, unsigned timesteps,
                                         const std::vector<std::uint16_t>& spikes) {
        layers.add(layer, timesteps, spikes);
        if (counted)
            counted();
    };
    run::host_times ignored;
    const auto look_at = [&](const run::part& part) {
        const auto workload = run::make_workload(scenario, part, ignored, stdout, true);
        if (scenario.workload.kind != config::workload_kind::layers && workload->runs() > 1)
            layers.keep_weights();
        workload->visit_layers(visit);
    };
    if (scenario.workload.kind == config::workload_kind::layers)
        for (const draw::layer_statistics& each : run::listed_layers(scenario))
            look_at({&each, nullptr, nullptr});
    else
        look_at({});
    return to;
}

config::scenario scenario_of(const std::string& file, const std::string& inputs,
                             const std::vector<std::string>& overrides)
{
    const bool network = network_file::is_network(file);
    if (!network && !inputs.empty())
        throw user_error("--inputs: of a .nir file; a scenario names its own");
    config::scenario scenario = network ? network_file::scenario_of(file, inputs, "", overrides).scenario
                                        : config::load_scenario(results::scenario_path(file), overrides);
    config::require_workload(scenario);
    config::require_inputs(scenario);
    return scenario;
}

} // namespace loas::explorer
