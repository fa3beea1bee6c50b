#include "platform/explorer/reasons.h"

#include "platform/explorer/gustavson.h"
#include "platform/explorer/shown.h"
#include "platform/results/result.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

namespace loas::explorer
{
namespace
{

/// As it is read: KiB, cycles, uJ.
std::string with_unit(double value, measure by)
{
    switch (by) {
    case measure::dram_bytes: return number(value / 1024) + " KiB of DRAM traffic";
    case measure::cycles: return rounded(value) + " cycles";
    case measure::energy_pj: return number(value / 1e6) + " uJ";
    }
    return {};
}

const char* words_of(measure by)
{
    switch (by) {
    case measure::dram_bytes: return "DRAM traffic";
    case measure::cycles: return "cycles";
    case measure::energy_pj: return "energy";
    }
    return "";
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
    const auto is = [](const point_counts& of, const char* order, unsigned word_timesteps) {
        return of.point.order.word() == order && of.word_timesteps == word_timesteps && of.point.space.over == loop::m &&
               of.point.space.columns == 1 && !of.point.format.dense();
    };
    const auto time = find_point(layer, [&](const point_counts& of) { return is(of, "mntk", 1); });
    if (layer.t == 1 || !time)
        return std::nullopt;
    const mapping& like = layer.points[*time].point;
    const auto space = find_point(layer, [&](const point_counts& of) {
        return is(of, "mnkt", layer.t) && of.point.space.units == like.space.units && of.point.tiles == like.tiles &&
               of.point.format.a == like.format.a && of.point.format.b == like.format.b;
    });
    if (!space)
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
    const std::uint64_t rows = std::min<std::uint64_t>(space.point.space.units, of.m);
    to.push_back(fmt::format("Where t belongs: from mntk to mnk with all {} timesteps in a word, fetches of B fall {:.2f} times, from {} to "
                             "{}: in so many timesteps on average, over what is fetched, an input spikes in {}.",
                             of.t, ratio(time.fetches.b, space.fetches.b), results::grouped(time.fetches.b),
                             results::grouped(space.fetches.b),
                             rows == 1 ? "its row" : fmt::format("a group of up to {} rows", rows)));
    const unsigned capacity = explored.capacities_kib.back();
    const buffered_figures &with_time = explored.figures(layer, places->in_time, capacity), &with_space = explored.figures(layer, places->in_space, capacity);
    // From which buffer on DRAM sees no difference in B.
    const double column_bytes = static_cast<double>(time.b.first_bits) / 8 / static_cast<double>(of.n * of.runs);
    std::string where;
    for (const unsigned kib : explored.capacities_kib) {
        const double in_time = explored.figures(layer, places->in_time, kib).dram_bytes.b,
                     in_space = explored.figures(layer, places->in_space, kib).dram_bytes.b;
        if (in_time > 1.01 * in_space)
            where.clear();
        else if (where.empty())
            where = explored.capacities_kib.size() == 1 ? fmt::format("with {} KiB DRAM sees no difference in B", kib)
                                                        : fmt::format("of these buffers, DRAM sees no difference in B from {} KiB on", kib);
    }
    if (where.empty())
        where = fmt::format("with {} KiB it moves {} KiB of B instead of {}", explored.capacities_kib.back(),
                            number(with_time.dram_bytes.b / 1024), number(with_space.dram_bytes.b / 1024));
    to.push_back(fmt::format("How much buffer buys it back: a column of weights is {} bytes on average, and a buffer with room for one of B "
                             "until the next timestep removes that factor from the DRAM traffic of mntk: {}.",
                             number(column_bytes), where));
    const std::string joins = time.work.joins == 0 ? "" : fmt::format(", with {} instead of {} joins", results::grouped(space.work.joins),
                                                                       results::grouped(time.work.joins));
    std::string remains = fmt::format("What remains of t in space then: the units take {} instead of {} cycles ({:.2f} times){}, and {} "
                                      "instead of {} KiB pass between buffer and units",
                                      results::grouped(space.work.latency_cycles), results::grouped(time.work.latency_cycles),
                                      ratio(time.work.latency_cycles, space.work.latency_cycles), joins,
                                      number(buffer_traffic_of(space, explored.machine.rules.chunk_bits).total() / 1024),
                                      number(buffer_traffic_of(time, explored.machine.rules.chunk_bits).total() / 1024));
    if (with_time.bound == limit::dram || with_space.bound == limit::dram)
        remains += fmt::format("; but with {} KiB DRAM bounds {}, and it is {} instead of {} cycles in all", capacity,
                               with_time.bound != with_space.bound ? (with_time.bound == limit::dram ? "mntk" : "mnkt") : "both",
                               rounded(with_space.cycles), rounded(with_time.cycles));
    to.push_back(remains + '.');
}

/// Of a layer without a match; empty: it has some.
std::string why_nothing_matches(const explored_layer& of)
{
    if (of.points.empty() || of.points.front().spike_matches > 0)
        return {};
    const char* why = of.spikes == 0 ? "no input spikes" : of.weights == 0 ? "all weights are 0" : "what spikes has no weight that is not 0";
    return fmt::format("Nothing matches in this layer: {}. What cycles there are go into joins of masks without a match, steps of dense "
                       "formats, or the outputs on their way to DRAM.", why);
}

std::string value_in_words(const border_step& step)
{
    if (step.axis == border_axis::timesteps)
        return fmt::format("T {}", step.t);
    const double percent = 100 * step.value();
    return percent < 9.95 ? fmt::format("{:.2g} %", percent) : fmt::format("{:.0f} %", percent);
}

/// Where t in a word has less: "from 8.3 % on, not at 4.1 %".
std::string where_it_wins(const std::vector<const border_step*>& steps, const std::vector<bool>& wins)
{
    const auto value = [&](std::size_t i) { return value_in_words(*steps[i]); };
    const std::size_t last = steps.size() - 1;
    std::string text;
    for (std::size_t first = 0; first <= last; ++first) {
        if (!wins[first])
            continue;
        std::size_t end = first;
        while (end < last && wins[end + 1])
            ++end;
        text += text.empty() ? "less " : " and ";
        if (first == 0 && end == last)
            text += fmt::format("everywhere from {} to {}", value(first), value(last));
        else if (end == last)
            text += fmt::format("from {} on, not at {}", value(first), value(first - 1));
        else if (first == 0)
            text += fmt::format("up to {}, not at {}", value(end), value(end + 1));
        else
            text += first == end ? fmt::format("at {}", value(first)) : fmt::format("from {} to {}", value(first), value(end));
        first = end;
    }
    return text.empty() ? fmt::format("less nowhere from {} to {}", value(0), value(last)) : text;
}

void tell_border(const exploration& explored, std::size_t layer, std::vector<std::string>& to)
{
    const std::vector<border_step>& border = explored.layers[layer].border;
    const bool several = explored.layers[layer].runs > 1; // of which the figures beside these keep weights
    const char* const held[] = {"the first ones, or all of them again", "of an input and timestep, each left out or added by itself, T and weights held",
                                "that are not 0, each left out or added by itself, the input held"};
    for (const border_axis axis : all_axes) {
        std::vector<const border_step*> steps;
        for (const border_step& each : border)
            if (each.axis == axis)
                steps.push_back(&each);
        if (steps.empty())
            continue;
        for (const rivals against : {rivals::t_in_time, rivals::t_in_a_word}) {
            const bool in_time = against == rivals::t_in_time;
            const auto count = std::count_if(explored.border_points.begin() + 1, explored.border_points.end(),
                                             [&](const mapping& each) { return rivals_of(each) == against; });
            std::string text = fmt::format("With other {}{}, {} against the best of {}{}:", name_of(axis),
                                           in_time ? fmt::format(" ({})", held[static_cast<std::size_t>(axis)]) : "",
                                           name_of(explored.border_points.front(), explored.layers[layer].t),
                                           in_time ? fmt::format("{} orders with t in time", count)
                                                   : fmt::format("the {} other orders with t in a word", count),
                                           several ? ", each input with a buffer that is empty at first" : "");
            for (const measure by : all_measures) {
                std::vector<bool> wins;
                std::string own;
                for (const border_step* each : steps) {
                    const lead at = lead_of(explored, *each, against, by);
                    wins.push_back(at.ratio < 1);
                    if (each->factor == 1)
                        own = fmt::format(" {:.2f} times that of {} {},", at.ratio, at.rival, several ? "with as many as there are" : "as it is");
                }
                text += fmt::format("{} {}{} {}", by == measure::dram_bytes ? "" : ";", words_of(by), own, where_it_wins(steps, wins));
            }
            to.push_back(text + '.');
        }
    }
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

lead lead_of(const exploration& explored, const border_step& step, rivals against, measure by)
{
    const auto value = [&](std::size_t i) {
        return value_of(figures_of(step.points[i], explored.capacities_kib.back(), explored.capacities_bits, explored.machine), by);
    };
    choice best{0, std::numeric_limits<double>::infinity()};
    for (std::size_t i = 1; i < step.points.size(); ++i)
        if (rivals_of(explored.border_points[i]) == against)
            if (const double each = value(i); each < best.value)
                best = {i, each};
    return {value(0) / best.value, name_of(step.points[best.point].point, step.t)};
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
    std::string best = fmt::format("Best of the orders with {} KiB:", capacity);
    for (const measure by : all_measures) {
        const choice each = best_of_layer(explored, layer, capacity, by);
        std::size_t as_good = 0;
        for (std::size_t i = each.point + 1; i < explored.points.size(); ++i)
            as_good += explored.points[i].machine.empty() && value_of(explored.figures(layer, i, capacity), by) == each.value;
        best += fmt::format("{} {}{}, {}", by == measure::dram_bytes ? "" : ";", name_of(explored.points[each.point], timesteps),
                            as_good == 0 ? "" : fmt::format(" and {} as good", as_good), with_unit(each.value, by));
    }
    to.push_back(best + '.');
    if (const std::string silent = why_nothing_matches(explored.layers[layer]); !silent.empty()) {
        to.push_back(silent);
        return to;
    }
    tell_place_of_t(explored, layer, to);
    if (std::string words = gustavson_in_words(explored, layer); !words.empty())
        to.push_back(std::move(words));
    tell_border(explored, layer, to);
    return to;
}

std::vector<std::string> reasons_of_network(const exploration& explored)
{
    std::vector<std::string> to;
    if (explored.layers.size() < 2)
        return to;
    const unsigned capacity = explored.capacities_kib.back();
    const bool several = std::any_of(explored.layers.begin(), explored.layers.end(), [](const explored_layer& each) { return each.runs > 1; });
    for (const measure by : all_measures) {
        const network_choice chosen = best_of_network(explored, capacity, by);
        std::string layers;
        for (std::size_t i = 0; i < chosen.each_layer.size(); ++i)
            if (chosen.each_layer[i].point != chosen.single.point)
                layers += fmt::format("{}{} {}", layers.empty() ? "" : ", ", text::printable(explored.layers[i].name),
                                      name_of(explored.points[chosen.each_layer[i].point], explored.layers[i].t));
        to.push_back(fmt::format("With one order for all layers and {} KiB, {} is best: {}; {}.", capacity,
                                 name_of(explored.points[chosen.single.point], explored.layers.front().t),
                                 with_unit(chosen.single.value, by),
                                 layers.empty() ? "it is so in each layer"
                                                : chosen.gain() < 1.005
                                     ? fmt::format("the best of each layer gains less than 1 % ({})", layers)
                                     : fmt::format("the best of each layer gains {:.2f} times ({})", chosen.gain(), layers)));
    }
    if (several)
        to.push_back("What the best of each layer gains is of figures in which all layers have one and the same order, and weights stay "
                     "from input to input in a buffer that is divided once for that order: with mixed orders other weights can stay.");
    return to;
}

} // namespace loas::explorer
