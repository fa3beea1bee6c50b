// What a search found as tables, and as JSON.
#include "platform/mapping_search/mapping_search.h"
#include "platform/results/result.h"
#include "platform/text/words.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace loas::mapping_search
{
namespace
{

using json = nlohmann::ordered_json;

constexpr std::size_t most_rows = 12; ///< of a table
constexpr const char* names[objectives] = {"DRAM traffic", "cycles", "energy", "live partial sums"};

constexpr const char* bounds[objectives] = {"non-zero weights of inputs that spike, and the outputs, once",
                                            "each match of all timesteps together in a cycle of one of {} units, the most here",
                                            "that traffic, these matches, the neurons", "one sum"};

std::string shown(objective which, double value)
{
    switch (which) {
    case objective::dram_bytes: return fmt::format("{:.1f} KiB", value / 1024);
    case objective::energy_pj: return fmt::format("{:.2f} uJ", value / 1e6);
    default: return results::grouped(static_cast<std::uint64_t>(value + 0.5));
    }
}

std::string bound_in_words(const found& of)
{
    return fmt::format(fmt::runtime(bounds[static_cast<std::size_t>(of.least)]), of.most_units);
}

/// "packed,coord", for a narrow column.
std::string short_format(std::string format)
{
    for (const auto& [word, shorter] : {std::pair<std::string, const char*>{"coordinates", "coord"}, {"bitmask", "mask"}})
        for (std::size_t at; (at = format.find(word)) != std::string::npos;)
            format.replace(at, word.size(), shorter);
    return format;
}

/// ", gospa.rows=16"; empty: as it is in the scenario.
std::string with_overrides(const candidate& each)
{
    std::string text;
    for (const std::string& own : each.overrides)
        text += ", " + own;
    return text;
}

std::vector<std::string> row_of(const candidate& each)
{
    return {each.point.order.word(),
            each.spatial,
            short_format(each.format),
            each.point.tiles.empty() ? "-" : each.overrides.empty() ? each.point.tiles.text() : "its own",
            std::to_string(each.capacity_kib),
            fmt::format("{:.2f}", each.area_mm2),
            fmt::format("{:.1f}", each.of(objective::dram_bytes) / 1024),
            results::grouped(static_cast<std::uint64_t>(each.of(objective::cycles) + 0.5)),
            fmt::format("{:.2f}", each.of(objective::energy_pj) / 1e6),
            results::grouped(static_cast<std::uint64_t>(each.of(objective::live_sums))),
            each.point.machine.empty() ? "-" : each.point.machine};
}

std::string table_of(const std::vector<const candidate*>& rows)
{
    std::vector<std::vector<std::string>> lines = {
        {"order", "space", "format", "tiles", "KiB", "mm2", "DRAM KiB", "cycles", "uJ", "live sums", "machine"}};
    for (std::size_t i = 0; i < rows.size() && i < most_rows; ++i)
        lines.push_back(row_of(*rows[i]));
    std::string text = results::align(lines);
    if (rows.size() > most_rows)
        text += fmt::format("and {} more (--json has all)\n", rows.size() - most_rows);
    return text;
}

json json_of(const candidate& each)
{
    json to = {{"order", each.point.order.word()},
               {"spatial", each.spatial},
               {"format", each.format},
               {"tiles", each.point.tiles.text()},
               {"capacity_kib", each.capacity_kib},
               {"area_mm2", each.area_mm2},
               {"dram_bytes", each.of(objective::dram_bytes)},
               {"cycles", each.of(objective::cycles)},
               {"energy_pj", each.of(objective::energy_pj)},
               {"live_sums", each.of(objective::live_sums)}};
    if (!each.point.machine.empty())
        to["machine"] = each.point.machine;
    if (!each.overrides.empty())
        to["overrides"] = each.overrides;
    return to;
}

std::vector<const candidate*> front_of(const found& of)
{
    std::vector<const candidate*> front;
    for (const candidate& each : of.within)
        if (each.unbeaten)
            front.push_back(&each);
    return front;
}

} // namespace

std::string to_text(const found& of)
{
    std::vector<const candidate*> all;
    for (const candidate& each : of.within)
        all.push_back(&each);
    const candidate& best = of.within.front();
    const double bound = of.bound[static_cast<std::size_t>(of.least)];
    std::string text = fmt::format("{}: {} of {} points with a buffer looked at ({}){}, least {} of all layers first\n\n",
                                   text::printable(of.scenario), results::grouped(of.looked_at), results::grouped(of.space),
                                   of.exhaustive() ? "all" : "local search",
                                   of.most_area_mm2 > 0 ? fmt::format(", {} within {} mm2", results::grouped(of.within.size()),
                                                                      of.most_area_mm2)
                                                        : "",
                                   names[static_cast<std::size_t>(of.least)]);
    text += table_of(all) + "\nNo other one is better in DRAM traffic, cycles, energy and live sums together:\n\n" +
            table_of(front_of(of)) + '\n';
    if (bound > 0)
        text += fmt::format("No order can do with less than {} ({}): the best takes {:.2f} times that.\n",
                            shown(of.least, bound), bound_in_words(of), best.of(of.least) / bound);
    if (const candidate* runs = of.runnable(); runs != nullptr)
        text += fmt::format("Best of those that a simulated design runs: {} ({} {}{}) with {} KiB, {}, {:.2f} times the best.\n",
                            runs->point.machine, runs->point.order.word(), runs->spatial, with_overrides(*runs), runs->capacity_kib,
                            shown(of.least, runs->of(of.least)), runs->of(of.least) / best.of(of.least));
    return text;
}

std::string to_json(const found& of)
{
    json out = {{"schema", "loas-vp.mapping_search/1"}, {"scenario", of.scenario}};
    out["least"] = word_of(of.least);
    out["points"] = of.space;
    out["looked_at"] = of.looked_at;
    out["exhaustive"] = of.exhaustive();
    const auto bound = [&](objective which) {
        const double value = of.bound[static_cast<std::size_t>(which)];
        return value > 0 ? json(value) : json();
    };
    out["bounds"] = {{"dram_bytes", bound(objective::dram_bytes)}, {"cycles", bound(objective::cycles)},
                     {"energy_pj", bound(objective::energy_pj)}, {"live_sums", bound(objective::live_sums)}};
    out["bounds"]["units"] = of.most_units;
    out["best"] = json_of(of.within.front());
    out["best_of_designs"] = of.runnable() != nullptr ? json_of(*of.runnable()) : json();
    out["within"] = json::array();
    for (const candidate& each : of.within)
        out["within"].push_back(json_of(each));
    out["pareto"] = json::array();
    for (const candidate* each : front_of(of))
        out["pareto"].push_back(json_of(*each));
    return out.dump(2) + '\n';
}

} // namespace loas::mapping_search
