#include "platform/explorer/gustavson.h"

#include "platform/explorer/shown.h"
#include "platform/results/result.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace loas::explorer
{
namespace
{

/// What decides which of two points takes fewer cycles, by the largest factor between the two in its favour.
enum class decider { dram, joins, merging, matches, units, waits, shares, stream };

/// Of one loop over units, that many indices have one in each step, on average; steps end where a tile does. Units that
/// do not meet have no steps: each has something as long as there are as many.
double indices_at_a_time(const point_counts& of, loop over)
{
    const std::uint64_t units = of.point.space.units_of(over), size = of.sizes.of(over), tile = of.point.tiles.size_of(over, size);
    if (of.point.space.meet.nowhere)
        return static_cast<double>(std::min(units, tile));
    const auto steps = [&](std::uint64_t extent) { return (extent + units - 1) / units; };
    return static_cast<double>(size) / static_cast<double>(size / tile * steps(tile) + steps(size % tile));
}

/// What takes cycles: where units along k add in step, neither joins nor merging do.
double empty_join_cycles(const point_counts& of, const work_rules& rules)
{
    return units_in_step(of) ? 0 : static_cast<double>(of.work.empty_joins) * rules.empty_join_cycles;
}

double merge_cycles(const point_counts& of)
{
    return units_in_step(of) ? 0 : static_cast<double>(of.work.merged_elements);
}

/// One of the two that are compared.
struct side {
    std::size_t point = 0;
    buffered_figures at{};
    const point_counts* counts = nullptr;
    unit_time time{};
};

std::optional<side> best_of(const exploration& explored, std::size_t layer, bool inner)
{
    std::optional<side> best;
    for (std::size_t i = 0; i < explored.points.size(); ++i) {
        const order_class which = class_of(explored.points[i].order);
        if (!explored.points[i].machine.empty() || which == order_class::outer_product || inner != (which == order_class::inner_product))
            continue;
        if (const buffered_figures& at = explored.figures(layer, i, explored.capacities_kib.back()); !best || at.cycles < best->at.cycles)
            best = side{i, at, &explored.layers[layer].points[i]};
    }
    if (best)
        best->time = unit_time_of(*best->counts, explored.machine.rules);
    return best;
}

decider decider_of(const side& better, const side& worse, const work_rules& rules)
{
    if (worse.at.bound == limit::dram)
        return decider::dram;
    const double work = worse.time.work_cycles / better.time.work_cycles, units = better.time.at_work / worse.time.at_work;
    const auto of_those_at_work = [](const side& of) { return of.time.busy * of.counts->point.space.all_units() / of.time.at_work; };
    const double waits = of_those_at_work(better) / of_those_at_work(worse);
    if (units >= work && units >= waits)
        return decider::units;
    if (waits > work)
        return worse.counts->point.space.meet.stream > 0 ? decider::stream
               : worse.counts->point.space.meet.nowhere  ? decider::shares
                                                         : decider::waits;
    const double joins = empty_join_cycles(*worse.counts, rules) - empty_join_cycles(*better.counts, rules);
    const double merged = merge_cycles(*worse.counts) - merge_cycles(*better.counts);
    const double matches = static_cast<double>(worse.counts->work.matches) - static_cast<double>(better.counts->work.matches);
    return joins >= merged && joins >= matches ? decider::joins : merged >= matches ? decider::merging : decider::matches;
}

std::string words_of(decider which, const work_rules& rules)
{
    switch (which) {
    case decider::dram: return "what it moves to and from DRAM";
    case decider::joins: return "joins that match nothing";
    case decider::merging: return fmt::format("merging, which takes further passes where more than {} lists meet", rules.merge_ways);
    case decider::matches: return "the number of matches, with other timesteps in a word";
    case decider::units: return "how many units have a row or column at all";
    case decider::waits: return "waiting, as units meet and the slowest holds up the others";
    case decider::shares: return "how evenly rows or columns are shared out among units, none of which waits for another";
    case decider::stream: return "waiting for the spikes that stream past the units";
    }
    return {};
}

std::string time_in_words(const side& of, const work_rules& rules)
{
    const work_counts& work = of.counts->work;
    std::string parts = results::grouped(work.matches) + " matches";
    if (of.counts->point.format.dense())
        parts = "each element, zeros too";
    else if (const double merged = merge_cycles(*of.counts); merged > 0)
        parts += fmt::format(", {} elements merged again", results::grouped(work.merged_elements));
    else if (const double empty = empty_join_cycles(*of.counts, rules); empty > 0)
        parts += fmt::format(", {} in joins without one", results::grouped(static_cast<std::uint64_t>(empty)));
    const unsigned units = of.counts->point.space.all_units();
    return fmt::format("{} cycles of work ({}) on {} of {} units, busy {:.0f} % of the time",
                       results::grouped(static_cast<std::uint64_t>(of.time.work_cycles)), parts,
                       of.time.at_work < 100 ? fmt::format("{:.3g}", of.time.at_work) : number(of.time.at_work), results::grouped(units),
                       100 * of.time.busy * units / of.time.at_work);
}

} // namespace

unit_time unit_time_of(const point_counts& counts, const work_rules& rules)
{
    unit_time of;
    const work_counts& work = counts.work;
    const dataflow::layer_sizes& sizes = counts.sizes;
    of.work_cycles = counts.point.format.dense()
                         ? static_cast<double>(sizes.m * sizes.n * sizes.k * sizes.t * counts.runs)
                         : static_cast<double>(work.matches) + merge_cycles(counts) + empty_join_cycles(counts, rules);
    const unrolling& space = counts.point.space;
    of.at_work = indices_at_a_time(counts, space.over) * (space.columns > 1 ? indices_at_a_time(counts, loop::n) : 1);
    if (work.latency_cycles > 0) {
        const double at_once = of.work_cycles / static_cast<double>(work.latency_cycles); // units that work, on average
        of.busy = at_once / space.all_units();
        of.at_work = std::max(of.at_work, at_once); // steps with more units can be the longer ones
    }
    return of;
}

std::string gustavson_in_words(const exploration& explored, std::size_t layer)
{
    const std::optional<side> inner = best_of(explored, layer, true), gustavson = best_of(explored, layer, false);
    if (!inner || !gustavson || inner->counts->work.matches == 0)
        return {};
    const unsigned timesteps = explored.layers[layer].t;
    const work_rules& rules = explored.machine.rules;
    const bool better = gustavson->at.cycles < inner->at.cycles, equal = gustavson->at.cycles == inner->at.cycles;
    std::string text = fmt::format("Gustavson is {} here: {} takes {} cycles, the best inner product {} {}.",
                                   better ? "better" : equal ? "as good" : "no better", name_of(explored.points[gustavson->point], timesteps),
                                   rounded(gustavson->at.cycles),
                                   name_of(explored.points[inner->point], timesteps),
                                   rounded(inner->at.cycles));
    if (!equal) {
        const decider by = better ? decider_of(*gustavson, *inner, rules) : decider_of(*inner, *gustavson, rules);
        text += fmt::format(" What decides is {}. ", words_of(by, rules));
    } else
        text += ' ';
    text += fmt::format("Gustavson has {}; the inner product {}.", time_in_words(*gustavson, rules), time_in_words(*inner, rules));
    for (const auto& [name, of] : {std::pair("Gustavson", &*gustavson), std::pair("the inner product", &*inner)})
        if (of->at.bound == limit::dram)
            text += fmt::format(" DRAM bounds {}: {} KiB at {:.3g} bytes a cycle, while its units take {} cycles.", name,
                                number(of->at.dram_bytes.total() / 1024), explored.machine.dram_bytes_per_cycle,
                                results::grouped(of->counts->work.latency_cycles));
    return text + fmt::format(" Gustavson holds {} sums, the inner product {}.", results::grouped(gustavson->counts->dense.live_sums),
                              results::grouped(inner->counts->dense.live_sums));
}

} // namespace loas::explorer
