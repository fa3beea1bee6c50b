// The exploration as tables, and as JSON.
#include "platform/explorer/explore.h"
#include "platform/explorer/reasons.h"
#include "platform/results/result.h"
#include "platform/text/words.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

namespace loas::explorer
{
namespace
{

using json = nlohmann::ordered_json;
using table = std::vector<std::vector<std::string>>;

constexpr std::size_t shown_capacities = 3;

/// From a million on in thousands.
std::string whole(double value)
{
    return value < 999'999.5 ? results::grouped(static_cast<std::uint64_t>(value + 0.5))
                             : results::grouped(static_cast<std::uint64_t>(value / 1000 + 0.5)) + 'k';
}

/// Three digits or whole ones.
std::string kib(double bytes)
{
    const double shown = bytes / 1024;
    return shown < 100 ? fmt::format("{:.1f}", shown) : whole(shown);
}

std::string micro(double pico)
{
    return pico < 1e8 ? fmt::format("{:.2f}", pico / 1e6) : fmt::format("{:.0f}", pico / 1e6);
}

const char* short_name(order_class which)
{
    switch (which) {
    case order_class::inner_product: return "inner";
    case order_class::gustavson_row: return "row";
    case order_class::gustavson_column: return "col";
    case order_class::outer_product: return "outer";
    }
    return "";
}

table heading(const exploration& explored, const char* first)
{
    table rows = {{first, "class", "space"}};
    for (std::size_t i = 0; i < std::min(explored.capacities_kib.size(), shown_capacities); ++i)
        rows[0].push_back(fmt::format("DRAM@{}", explored.capacities_kib[i]));
    rows[0].insert(rows[0].end(), {"buffer", "sums", "cycles", "bound", "uJ"});
    return rows;
}

void add_row(table& rows, const exploration& explored, std::size_t layer, std::size_t point, const std::string& first)
{
    const explored_layer& of = explored.layers[layer];
    const point_counts& counts = of.points[point];
    std::vector<std::string> row = {first, short_name(class_of(counts.point.order)), counts.point.spatial_text(of.t)};
    for (std::size_t i = 0; i < std::min(explored.capacities_kib.size(), shown_capacities); ++i)
        row.push_back(kib(explored.figures(layer, point, explored.capacities_kib[i]).dram_bytes.total()));
    const buffered_figures last = explored.figures(layer, point, explored.capacities_kib.back());
    row.push_back(kib(buffer_traffic_of(counts, explored.machine.rules.chunk_bits).total()));
    row.push_back(whole(static_cast<double>(counts.dense.live_sums)));
    row.push_back(whole(last.cycles));
    row.push_back(name_of(last.bound));
    row.push_back(micro(last.energy.total_pj()));
    rows.push_back(std::move(row));
}

/// Lines; empty: no machine has any.
std::string tiles_of_machines(const exploration& explored)
{
    std::string out;
    for (const mapping& each : explored.points)
        if (!each.machine.empty() && !each.tiles.empty())
            out += fmt::format("{} stands in tiles {}.\n", each.machine, each.tiles.text());
    return out.empty() ? out : '\n' + out;
}

/// Sentences in lines of at most 100 columns, each with a dash.
std::string listed(const std::vector<std::string>& sentences)
{
    std::string out;
    for (const std::string& each : sentences) {
        std::string line = "-";
        std::istringstream words(each);
        for (std::string word; words >> word;) {
            if (line.size() + 1 + word.size() > 100) {
                out += line + '\n';
                line = " ";
            }
            line += ' ' + word;
        }
        out += line + '\n';
    }
    return out;
}

json operands(const operand_counts& counts)
{
    return {{"a", counts.a}, {"b", counts.b}, {"o", counts.o}};
}

json bytes_of(const operand_bytes& bytes)
{
    return {{"a", bytes.a}, {"b", bytes.b}, {"o", bytes.o}, {"u", bytes.u}};
}

json json_of(const buffered_figures& at)
{
    const auto part_kib = [&](std::size_t i) { return at.capacity_kib * static_cast<double>(at.parts[i]) / buffer_parts; };
    json to = {{"capacity_kib", at.capacity_kib}};
    to["divided_kib"] = {{"a", part_kib(0)}, {"b", part_kib(1)}, {"o", part_kib(2)}, {"u", part_kib(3)}};
    to["dram_bytes"] = bytes_of(at.dram_bytes);
    to["dram_bytes"]["total"] = at.dram_bytes.total();
    to["least_dram_bytes"] = at.least_dram_bytes;
    to["dram_cycles"] = at.dram_cycles;
    to["cycles"] = at.cycles;
    to["bound"] = name_of(at.bound);
    to["energy_pj"] = {{"dram", at.energy.dram_pj},
                       {"buffer", at.energy.buffer_pj},
                       {"compute", at.energy.compute_pj},
                       {"leakage", at.energy.leakage_pj},
                       {"total", at.energy.total_pj()}};
    return to;
}

json json_of(const exploration& explored, std::size_t layer, std::size_t point)
{
    const explored_layer& of = explored.layers[layer];
    const point_counts& counts = of.points[point];
    const work_counts& work = counts.work;
    json to = {{"order", counts.point.order.word()}, {"class", dataflow::name_of(class_of(counts.point.order))}};
    to["spatial"] = counts.point.spatial_text(of.t);
    if (!counts.point.tiles.empty())
        to["tiles"] = counts.point.tiles.text();
    to["format"] = counts.point.format.text(counts.word_timesteps);
    if (!counts.point.machine.empty())
        to["machine"] = counts.point.machine;
    to["matches"] = work.matches;
    to["joins"] = work.joins;
    to["empty_joins"] = work.empty_joins;
    to["merge_passes"] = work.merge_passes;
    to["merged_elements"] = work.merged_elements;
    to["outputs_with_matches"] = work.outputs;
    to["live_sums"] = counts.dense.live_sums;
    to["live_potentials"] = counts.dense.live_potentials;
    to["latency_cycles"] = work.latency_cycles;
    to["dense_latency_cycles"] = counts.dense_latency_cycles;
    const std::uint64_t updates = counts.sizes.m * counts.sizes.n * counts.sizes.t * counts.runs;
    const std::uint64_t visits = counts.point.format.dense() ? updates * counts.sizes.k : work.matches;
    to["register_accesses"] = {{"a", visits}, {"b", visits}, {"o", visits}, {"u", updates}};
    to["fetched_items"] = operands(counts.fetches);
    to["dense_fetched_items"] = operands(counts.dense.fetches);
    to["dense_once_if_items"] = operands(counts.dense.once_if_items);
    const buffer_traffic buffer = buffer_traffic_of(counts, explored.machine.rules.chunk_bits);
    to["buffer_bytes"] = bytes_of(buffer.items);
    to["buffer_bytes"]["masks"] = buffer.masks;
    to["buffer_bytes"]["total"] = buffer.total();
    to["buffers"] = json::array();
    for (const unsigned capacity : explored.capacities_kib)
        to["buffers"].push_back(json_of(explored.figures(layer, point, capacity)));
    return to;
}

json json_of(const exploration& explored, const border_step& step)
{
    json to = {{"axis", name_of(step.axis)}, {"factor", step.factor}, {"value", step.value()}};
    for (const measure by : all_measures) {
        const lead at = lead_of(explored, step, by);
        to[name_of(by)] = {{"ratio", at.ratio}, {"rival", at.rival}};
    }
    return to;
}

} // namespace

std::string to_text(const exploration& explored)
{
    std::string out;
    for (std::size_t layer = 0; layer < explored.layers.size(); ++layer) {
        const explored_layer& of = explored.layers[layer];
        out += fmt::format("{}{}: M {}, N {}, K {}, T {}{}; {} spikes, {:.1f} % of inputs silent, {:.1f} % of weights 0\n\n",
                           layer == 0 ? "" : "\n", text::printable(of.name), of.m, of.n, of.k, of.t,
                           of.runs > 1 ? fmt::format(", {} runs", results::grouped(of.runs)) : "", results::grouped(of.spikes),
                           100.0 * static_cast<double>(of.silent) / static_cast<double>(of.m * of.k * of.runs),
                           100.0 - 100.0 * static_cast<double>(of.weights) / static_cast<double>(of.n * of.k));
        if (!explored.points.front().tiles.empty())
            out += fmt::format("In tiles: {}; the loops over tiles stand outside all others, the first one outermost.\n\n",
                               explored.points.front().tiles.text());
        table orders = heading(explored, "order"), machines = heading(explored, "machine");
        for (std::size_t point = 0; point < of.points.size(); ++point)
            if (const mapping& at = of.points[point].point; at.machine.empty())
                add_row(orders, explored, layer, point, at.order.word());
            else
                add_row(machines, explored, layer, point, at.machine);
        out += results::align(orders) + '\n' + results::align(machines) + tiles_of_machines(explored) + '\n' + listed(reasons_of(explored, layer));
    }
    if (const std::vector<std::string> together = reasons_of_network(explored); !together.empty())
        out += "\nAll layers\n\n" + listed(together);
    out += fmt::format("\nDRAM@C: KiB over the edge of an LRU buffer of C KiB; buffer: KiB between it and the units; sums:\n"
                       "partial sums that wait at a time; cycles and uJ with {} KiB; k: thousands. The machines are points\n"
                       "of the space: what else holds them up, and what they keep that a point does not, is left out, so a\n"
                       "run can reorder them (loas-vp compare simulates them).\n",
                       explored.capacities_kib.back());
    if (std::any_of(explored.layers.begin(), explored.layers.end(), [](const explored_layer& each) { return each.runs > 1; }))
        out += "DRAM traffic is a sum over all inputs, one after another: weights stay in the buffer where its part for\n"
               "them has room, spikes of each layer come anew.\n";
    return out;
}

std::string to_json(const exploration& explored)
{
    json out = {{"schema", "loas-vp.dataflow/1"}, {"scenario", explored.scenario}};
    out["capacities_kib"] = explored.capacities_kib;
    out["clock_mhz"] = explored.machine.clock_mhz;
    out["dram_bytes_per_cycle"] = explored.machine.dram_bytes_per_cycle;
    out["layers"] = json::array();
    for (std::size_t layer = 0; layer < explored.layers.size(); ++layer) {
        const explored_layer& of = explored.layers[layer];
        json to = {{"name", of.name}, {"runs", of.runs}, {"m", of.m}, {"n", of.n}, {"k", of.k}, {"t", of.t}};
        to["spikes"] = of.spikes;
        to["silent_inputs"] = of.silent;
        to["non_zero_weights"] = of.weights;
        to["orders"] = json::array();
        for (std::size_t point = 0; point < of.points.size(); ++point)
            to["orders"].push_back(json_of(explored, layer, point));
        for (const unsigned capacity : explored.capacities_kib) {
            json best = {{"capacity_kib", capacity}};
            for (const measure by : all_measures) {
                const choice each = best_of_layer(explored, layer, capacity, by);
                best[name_of(by)] = {{"order", explored.points[each.point].order.word()},
                                     {"spatial", explored.points[each.point].spatial_text(of.t)},
                                     {"value", each.value}};
            }
            to["best"].push_back(std::move(best));
        }
        to["why"] = reasons_of(explored, layer);
        for (const border_step& each : of.border)
            to["border"].push_back(json_of(explored, each));
        out["layers"].push_back(std::move(to));
    }
    out["why"] = reasons_of_network(explored);
    return out.dump(2) + '\n';
}

} // namespace loas::explorer
