// The exploration as tables, and as JSON.
#include "platform/explorer/explore.h"
#include "platform/explorer/reasons.h"
#include "platform/explorer/shown.h"
#include "platform/results/result.h"
#include "platform/text/words.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace loas::explorer
{
namespace
{

using json = nlohmann::ordered_json;
using table = std::vector<std::vector<std::string>>;

constexpr std::size_t shown_capacities = 3;
constexpr std::size_t most_columns = 100;

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

/// Sizes of the buffer that have a column: the first ones, and the last, of which cycles and energy are.
std::vector<unsigned> capacities_shown(const exploration& explored)
{
    std::vector<unsigned> shown = explored.capacities_kib;
    if (shown.size() > shown_capacities)
        shown.erase(shown.begin() + shown_capacities - 1, shown.end() - 1);
    return shown;
}

table heading(const exploration& explored, const char* first, const char* second)
{
    table rows = {{first, second, "space"}};
    for (const unsigned each : capacities_shown(explored))
        rows[0].push_back(fmt::format("DRAM@{}", each));
    rows[0].insert(rows[0].end(), {"buffer", "sums", "cycles", "bound", "uJ"});
    return rows;
}

void add_row(table& rows, const exploration& explored, std::size_t layer, std::size_t point)
{
    const explored_layer& of = explored.layers[layer];
    const point_counts& counts = of.points[point];
    const std::string& machine = counts.point.machine;
    const std::string order = counts.point.order.word();
    std::vector<std::string> row = {machine.empty() ? order : machine, machine.empty() ? short_name(class_of(counts.point.order)) : order,
                                    counts.point.spatial_text(of.t)};
    for (const unsigned each : capacities_shown(explored))
        row.push_back(kib(explored.figures(layer, point, each).dram_bytes.total()));
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
    return out;
}

/// Lines: inner products that differ in which of m and n is outside alone, and have the same figures.
std::string machines_alike(const exploration& explored, std::size_t layer)
{
    const std::vector<point_counts>& points = explored.layers[layer].points;
    const auto alike = [&](std::size_t i, std::size_t j) {
        const mapping &a = points[i].point, &b = points[j].point;
        const auto inner = [](const mapping& of) { return !of.machine.empty() && class_of(of.order) == order_class::inner_product; };
        return inner(a) && inner(b) && a.space == b.space && a.order.word() != b.order.word() &&
               points[i].work.latency_cycles == points[j].work.latency_cycles &&
               std::all_of(explored.capacities_kib.begin(), explored.capacities_kib.end(), [&](unsigned kib) {
                   return explored.figures(layer, i, kib).dram_bytes.total() == explored.figures(layer, j, kib).dram_bytes.total();
               });
    };
    std::string out;
    for (std::size_t i = 0; i < points.size(); ++i)
        for (std::size_t j = i + 1; j < points.size(); ++j)
            if (alike(i, j))
                out += text::wrapped(fmt::format("{} counts as {} here: with the same loop over the units their steps have the same joins in "
                                                 "either order, and as much comes again from DRAM.",
                                                 points[j].point.machine, points[i].point.machine),
                                     most_columns, 0, 0);
    return out;
}

/// Takes columns of buffers, which stand behind three others, out of both tables until their lines are no longer than
/// most_columns; the last one stays. Returns how many do.
std::size_t narrowed(table& first, table& second, std::size_t buffers)
{
    const auto is_wide = [](const table& rows) { return results::align(rows).find('\n') > most_columns; };
    for (; buffers > 1 && (is_wide(first) || is_wide(second)); --buffers)
        for (table* rows : {&first, &second})
            for (std::vector<std::string>& row : *rows)
                row.erase(row.begin() + 1 + static_cast<std::ptrdiff_t>(buffers));
    return buffers;
}

/// What is split of this layer; empty: no tiles were asked for.
std::string tiles_in_words(const exploration& explored, const explored_layer& of)
{
    const dataflow::tiling& asked = explored.points.front().tiles;
    dataflow::tiling split;
    for (const dataflow::tiling::tile& each : asked.tiles) {
        const std::uint64_t sizes[] = {of.m, of.n, of.k, of.t}; // as in the enumeration
        if (each.size < sizes[static_cast<std::size_t>(each.of)])
            split.tiles.push_back(each);
    }
    if (asked.empty())
        return {};
    if (split.empty())
        return fmt::format("No loop is split here: tiles of {} are not smaller than the layer.\n\n", asked.text());
    return fmt::format("In tiles: {}; the loops over tiles stand outside all others, the first one outermost.\n\n", split.text());
}

/// Words whose timesteps are not a divisor of T; empty: there are none.
std::string words_in_words(const explored_layer& of)
{
    const auto found = std::find_if(of.points.begin(), of.points.end(), [&](const point_counts& each) {
        return each.point.machine.empty() && each.sizes.t * each.word_timesteps > of.t && of.t > each.word_timesteps;
    });
    if (found == of.points.end())
        return {};
    return fmt::format("T {} in words of {}: {} words, of which the last has {}, in as many bits as the others.\n\n", of.t,
                       found->word_timesteps, found->sizes.t, of.t % found->word_timesteps);
}

/// What the columns mean, and what is not in them.
std::string legend(const exploration& explored, std::size_t shown)
{
    std::string words = fmt::format(
        "DRAM@C: KiB over the edge of an LRU buffer of C KiB; buffer: KiB between it and the units; sums: partial sums that wait at a "
        "time; cycles, bound and uJ with {} KiB; k, M: thousands, millions. Outputs leave as a bit for each neuron and timestep, however a design packs "
        "them. The machines are points of the space: what else holds them up, and what they keep that a point does not, is left out, "
        "so a run can reorder them (loas-vp compare simulates them).",
        explored.capacities_kib.back());
    if (explored.capacities_kib.size() > shown)
        words += fmt::format(" Of {} sizes of the buffer {} have a column in each table, the largest among them; --csv, --json and --page have all.",
                             explored.capacities_kib.size(), shown);
    std::string out = '\n' + text::wrapped(words, most_columns, 0, 0);
    if (std::any_of(explored.layers.begin(), explored.layers.end(), [](const explored_layer& each) { return each.runs > 1; }))
        out += text::wrapped("DRAM traffic is a sum over all inputs, one after another: weights stay in the buffer where its part for "
                             "them has room, spikes of each layer come anew.", most_columns, 0, 0);
    return out;
}

/// Sentences, each with a dash.
std::string listed(const std::vector<std::string>& sentences)
{
    std::string out;
    for (const std::string& each : sentences)
        out += text::wrapped("- " + each, most_columns, 0, 2);
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
    to["machine"] = counts.point.machine.empty() ? json() : json(counts.point.machine); // null: an order that was asked for
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
        const lead at = lead_of(explored, step, rivals::t_in_time, by), in_a_word = lead_of(explored, step, rivals::t_in_a_word, by);
        to[name_of(by)] = {{"ratio", at.ratio}, {"rival", at.rival}};
        to["with_t_in_a_word"][name_of(by)] = {{"ratio", in_a_word.ratio}, {"rival", in_a_word.rival}};
    }
    return to;
}

} // namespace

std::string to_text(const exploration& explored)
{
    std::string out;
    std::size_t shown = explored.capacities_kib.size(); // of a layer, at least
    for (std::size_t layer = 0; layer < explored.layers.size(); ++layer) {
        const explored_layer& of = explored.layers[layer];
        out += layer == 0 ? "" : "\n";
        out += text::wrapped(fmt::format("{}: M {}, N {}, K {}, T {}{}; {} spikes, {:.1f} % of inputs silent, {:.1f} % of weights 0",
                                         text::printable(of.name), of.m, of.n, of.k, of.t,
                                         of.runs > 1 ? fmt::format(", {} runs", results::grouped(of.runs)) : "", results::grouped(of.spikes),
                                         100.0 * static_cast<double>(of.silent) / static_cast<double>(of.m * of.k * of.runs),
                                         100.0 - 100.0 * static_cast<double>(of.weights) / static_cast<double>(of.n * of.k)),
                             most_columns, 0, 0) +
               '\n' + tiles_in_words(explored, of) + words_in_words(of);
        table orders = heading(explored, "order", "class"), machines = heading(explored, "machine", "order");
        for (std::size_t point = 0; point < of.points.size(); ++point)
            add_row(of.points[point].point.machine.empty() ? orders : machines, explored, layer, point);
        shown = std::min(shown, narrowed(orders, machines, std::min(explored.capacities_kib.size(), shown_capacities)));
        const std::string machine_notes = tiles_of_machines(explored) + machines_alike(explored, layer);
        out += results::align(orders) + '\n' + results::align(machines) + (machine_notes.empty() ? "" : '\n' + machine_notes) + '\n' +
               listed(reasons_of(explored, layer));
    }
    if (const std::vector<std::string> together = reasons_of_network(explored); !together.empty())
        out += "\nAll layers\n\n" + listed(together);
    return out + legend(explored, shown);
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
