#include "platform/explorer/reasons.h"

#include "platform/results/result.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <limits>
#include <optional>

namespace loas::explorer
{
namespace
{

std::string number(double value)
{
    return value < 100 ? fmt::format("{:.2f}", value) : results::grouped(static_cast<std::uint64_t>(value + 0.5));
}

/// As it is read: KiB, cycles, uJ.
std::string with_unit(double value, measure by)
{
    switch (by) {
    case measure::dram_bytes: return number(value / 1024) + " KiB of DRAM traffic";
    case measure::cycles: return number(value) + " cycles";
    case measure::energy_pj: return number(value / 1e6) + " uJ";
    }
    return {};
}

std::string name_of(const mapping& point, unsigned timesteps)
{
    return fmt::format("{} ({})", point.order.word(), point.spatial_text(timesteps));
}

template <typename predicate> std::optional<std::size_t> find_point(const explored_layer& layer, predicate is)
{
    for (std::size_t i = 0; i < layer.points.size(); ++i)
        if (is(layer.points[i]))
            return i;
    return std::nullopt;
}

/// The same order with t in time, innermost but for k, and with t in space.
struct place_of_t {
    std::size_t in_time, in_space;
};
std::optional<place_of_t> places_of_t(const explored_layer& layer)
{
    const auto is = [](const point_counts& of, const char* order, bool words) {
        return of.point.order.word() == order && (of.word_timesteps > 1) == words && of.point.space.over == loop::m && of.point.space.columns == 1 &&
               !of.point.format.dense();
    };
    const auto time = find_point(layer, [&](const point_counts& of) { return is(of, "mntk", false); });
    const auto space = find_point(layer, [&](const point_counts& of) { return is(of, "mnkt", true); });
    if (!time || !space || layer.points[*time].point.space.units != layer.points[*space].point.space.units)
        return std::nullopt;
    return place_of_t{*time, *space};
}

double ratio(std::uint64_t more, std::uint64_t less)
{
    return less == 0 ? 0 : static_cast<double>(more) / static_cast<double>(less);
}

void tell_place_of_t(const exploration& explored, std::size_t layer, std::vector<std::string>& to)
{
    const explored_layer& of = explored.layers[layer];
    const std::optional<place_of_t> places = places_of_t(of);
    if (!places)
        return;
    const point_counts &time = of.points[places->in_time], &space = of.points[places->in_space];
    to.push_back(fmt::format(
        "Where t belongs: from mntk to mnk with all {} timesteps in a word, fetches of B fall {:.2f} times, from {} to {}: in so many "
        "timesteps an input spikes, in a group of rows that are fetched for together.",
        of.t, ratio(time.fetches.b, space.fetches.b), results::grouped(time.fetches.b), results::grouped(space.fetches.b)));
    // From which buffer on DRAM sees no difference in B.
    const double column_bytes = static_cast<double>(time.b.first_bits) / 8 / static_cast<double>(of.n * of.runs);
    std::string where = "in none of these buffers";
    for (const unsigned kib : explored.capacities_kib) {
        const double in_time = explored.figures(layer, places->in_time, kib).dram_bytes.b,
                     in_space = explored.figures(layer, places->in_space, kib).dram_bytes.b;
        if (in_time <= 1.01 * in_space) {
            where = fmt::format("from {} KiB on", kib);
            break;
        }
    }
    to.push_back(fmt::format("How much buffer buys it back: a column of weights is {} bytes on average, and a buffer that holds "
                             "one until the next timestep removes that factor from the DRAM traffic of mntk: of these buffers, DRAM "
                             "sees no difference in B {}.",
                             number(column_bytes), where));
    to.push_back(fmt::format("What remains of t in space then: {} instead of {} cycles ({:.2f} times), {} instead of {} joins, and {} "
                             "instead of {} KiB between buffer and units.",
                             results::grouped(space.work.latency_cycles), results::grouped(time.work.latency_cycles),
                             ratio(time.work.latency_cycles, space.work.latency_cycles), results::grouped(space.work.joins),
                             results::grouped(time.work.joins),
                             number(buffer_traffic_of(space, explored.machine.rules.chunk_bits).total() / 1024),
                             number(buffer_traffic_of(time, explored.machine.rules.chunk_bits).total() / 1024)));
}

void tell_gustavson(const exploration& explored, std::size_t layer, std::vector<std::string>& to)
{
    const unsigned capacity = explored.capacities_kib.back();
    std::optional<choice> inner, gustavson;
    const explored_layer& of = explored.layers[layer];
    for (std::size_t i = 0; i < of.points.size(); ++i) {
        if (!of.points[i].point.machine.empty())
            continue;
        const double cycles = explored.figures(layer, i, capacity).cycles;
        const order_class which = class_of(of.points[i].point.order);
        std::optional<choice>& best = which == order_class::inner_product ? inner : gustavson;
        if (which != order_class::outer_product && (!best || cycles < best->value))
            best = choice{i, cycles};
    }
    if (!inner || !gustavson)
        return;
    const work_counts& joins = of.points[inner->point].work;
    const bool better = gustavson->value < inner->value;
    to.push_back(fmt::format(
        "Gustavson is {} here: {} in {} cycles, the best inner product {} in {}; of whose {} joins {:.1f} % match nothing, while "
        "Gustavson holds {} sums instead of {} and merges {} elements once more.",
        better ? "better" : "no better", name_of(of.points[gustavson->point].point, of.t), number(gustavson->value),
        name_of(of.points[inner->point].point, of.t), number(inner->value), results::grouped(joins.joins),
        100 * ratio(joins.empty_joins, joins.joins), results::grouped(of.points[gustavson->point].dense.live_sums),
        results::grouped(of.points[inner->point].dense.live_sums),
        results::grouped(of.points[gustavson->point].work.merged_elements)));
}

} // namespace

const char* name_of(measure by)
{
    switch (by) {
    case measure::dram_bytes: return "dram_bytes";
    case measure::cycles: return "cycles";
    case measure::energy_pj: return "energy_pj";
    }
    return "";
}

double value_of(const buffered_figures& figures, measure by)
{
    switch (by) {
    case measure::dram_bytes: return figures.dram_bytes.total();
    case measure::cycles: return figures.cycles;
    case measure::energy_pj: return figures.energy.total_pj();
    }
    return 0;
}

choice best_of_layer(const exploration& explored, std::size_t layer, unsigned capacity_kib, measure by)
{
    choice best{0, std::numeric_limits<double>::infinity()};
    for (std::size_t i = 0; i < explored.points.size(); ++i)
        if (explored.points[i].machine.empty())
            if (const double value = value_of(explored.figures(layer, i, capacity_kib), by); value < best.value)
                best = {i, value};
    return best;
}

network_choice best_of_network(const exploration& explored, unsigned capacity_kib, measure by)
{
    network_choice to;
    to.single.value = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < explored.points.size(); ++i) {
        if (!explored.points[i].machine.empty())
            continue;
        double sum = 0;
        for (std::size_t layer = 0; layer < explored.layers.size(); ++layer)
            sum += value_of(explored.figures(layer, i, capacity_kib), by);
        if (sum < to.single.value)
            to.single = {i, sum};
    }
    for (std::size_t layer = 0; layer < explored.layers.size(); ++layer) {
        to.each_layer.push_back(best_of_layer(explored, layer, capacity_kib, by));
        to.mixed += to.each_layer.back().value;
    }
    return to;
}

std::vector<std::string> reasons_of(const exploration& explored, std::size_t layer)
{
    std::vector<std::string> to;
    const unsigned timesteps = explored.layers[layer].t, capacity = explored.capacities_kib.back();
    std::string best = fmt::format("Best with {} KiB:", capacity);
    for (const measure by : all_measures) {
        const choice each = best_of_layer(explored, layer, capacity, by);
        best += fmt::format("{} {}, {}", by == measure::dram_bytes ? "" : ";",
                            name_of(explored.points[each.point], timesteps), with_unit(each.value, by));
    }
    to.push_back(best + '.');
    tell_place_of_t(explored, layer, to);
    tell_gustavson(explored, layer, to);
    return to;
}

std::vector<std::string> reasons_of_network(const exploration& explored)
{
    std::vector<std::string> to;
    if (explored.layers.size() < 2)
        return to;
    const unsigned capacity = explored.capacities_kib.back();
    for (const measure by : all_measures) {
        const network_choice chosen = best_of_network(explored, capacity, by);
        std::string layers;
        for (std::size_t i = 0; i < chosen.each_layer.size(); ++i)
            if (chosen.each_layer[i].point != chosen.single.point)
                layers += fmt::format("{}{} {}", layers.empty() ? "" : ", ", text::printable(explored.layers[i].name),
                                      explored.points[chosen.each_layer[i].point].order.word());
        to.push_back(fmt::format("With one order for all layers and {} KiB, {} is best: {}; the best of each layer gains {:.2f} times{}.",
                                 capacity, name_of(explored.points[chosen.single.point], explored.layers.front().t),
                                 with_unit(chosen.single.value, by), chosen.gain(),
                                 layers.empty() ? "" : " (" + layers + ")"));
    }
    return to;
}

} // namespace loas::explorer
