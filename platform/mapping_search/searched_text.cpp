// What a search found as tables, and as JSON.
#include "platform/explorer/shown.h"
#include "platform/mapping_search/mapping_search.h"
#include "platform/results/result.h"
#include "platform/text/words.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <sstream>

namespace loas::mapping_search
{
namespace
{

using json = nlohmann::ordered_json;

constexpr std::size_t most_rows = 12; ///< of a table
constexpr std::size_t most_columns = 100;
constexpr const char* names[objectives] = {"DRAM traffic", "cycles", "energy", "live partial sums"};

std::string shown(objective which, double value)
{
    switch (which) {
    case objective::dram_bytes: return explorer::number(value / 1024) + " KiB";
    case objective::energy_pj: return explorer::number(value / 1e6) + " uJ";
    default: return results::grouped(static_cast<std::uint64_t>(value + 0.5));
    }
}

std::string bound_in_words(const found& of)
{
    switch (of.least) {
    case objective::dram_bytes: return "non-zero weights of inputs that spike, and the outputs, once";
    case objective::cycles:
        return fmt::format("{} a cycle in each unit of {} that has a row or column of the layer, or what must come from DRAM at its peak; "
                           "other loops over units do no better", of.bound_dense ? "an element" : "a match", of.bound_spatial);
    case objective::energy_pj: return "their non-zero weights and outputs at DRAM once, matches of all timesteps together, the neurons";
    case objective::live_sums: return "one sum";
    }
    return {};
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

/// Tiles, and chunks where a design could have others.
std::string tiles_of(const candidate& each)
{
    std::string text = each.point.tiles.text();
    for (const std::string& own : each.overrides)
        if (const std::string key = "tppe.chunk_bits="; own.rfind(key, 0) == 0)
            text += (text.empty() ? "chunk=" : ",chunk=") + own.substr(key.size());
    return text.empty() ? "-" : text;
}

std::vector<std::string> row_of(const candidate& each)
{
    return {each.point.order.word(),
            each.spatial,
            each.point.machine.empty() ? short_format(each.format) : each.point.machine,
            tiles_of(each),
            std::to_string(each.capacity_kib),
            fmt::format("{:.2f}", each.area_mm2),
            explorer::kib(each.of(objective::dram_bytes)),
            explorer::whole(each.of(objective::cycles)),
            explorer::micro(each.of(objective::energy_pj)),
            explorer::whole(each.of(objective::live_sums))};
}

/// Of what has the same figures with the same buffer the first, which is the smallest chip.
std::string table_of(const std::vector<const candidate*>& rows)
{
    std::vector<std::pair<const candidate*, std::size_t>> shown; // with how many others
    for (const candidate* each : rows) {
        const auto alike = std::find_if(shown.begin(), shown.end(), [&](const auto& other) {
            return other.first->capacity_kib == each->capacity_kib && std::equal(each->figures, each->figures + objectives, other.first->figures);
        });
        if (alike == shown.end())
            shown.emplace_back(each, 0);
        else
            ++alike->second;
    }
    std::vector<std::vector<std::string>> lines = {{"order", "space", "format", "tiles", "KiB", "mm2", "DRAM", "cycles", "uJ", "sums", "+"}};
    for (std::size_t i = 0; i < shown.size() && i < most_rows; ++i) {
        lines.push_back(row_of(*shown[i].first));
        lines.back().push_back(shown[i].second == 0 ? "-" : std::to_string(shown[i].second));
    }
    std::string text = results::align(lines);
    if (shown.size() > most_rows)
        text += fmt::format("and {} more (--json has all)\n", results::grouped(shown.size() - most_rows));
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
    to["machine"] = each.point.machine.empty() ? json() : json(each.point.machine); // null: no design has it
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
    std::string text = text::wrapped(fmt::format("{}: {} of {} points with a buffer looked at ({}){}, least {} of all layers first",
                                   text::printable(of.scenario), results::grouped(of.looked_at), results::grouped(of.space),
                                   of.exhaustive() ? "all" : "local search",
                                   of.most_area_mm2 > 0 ? fmt::format(", {} within {} mm2", results::grouped(of.within.size()),
                                                                      of.most_area_mm2)
                                                        : "",
                                   names[static_cast<std::size_t>(of.least)]), most_columns, 0, 0) + '\n';
    text += table_of(all) + "\nNo other one is better in DRAM traffic, cycles, energy and live sums together:\n\n" +
            table_of(front_of(of)) + '\n';
    std::string end;
    if (bound > 0)
        end += fmt::format("No point here can do with less than {} ({}): the best takes {:.2f} times that.\n", shown(of.least, bound),
                           bound_in_words(of), best.of(of.least) / bound);
    if (const candidate* runs = of.runnable(); runs != nullptr)
        end += fmt::format("Best of those that a simulated design runs: {} ({} {}{}) with {} KiB, {}, {:.2f} times the best.\n",
                           runs->point.machine, runs->point.order.word(), runs->spatial, with_overrides(*runs), runs->capacity_kib,
                           shown(of.least, runs->of(of.least)), runs->of(of.least) / best.of(of.least));
    else
        end += of.most_area_mm2 > 0 ? "No simulated design that can be built is within this budget.\n"
                                    : "No simulated design can be built with these buffers.\n";
    for (const std::string& each : of.not_built)
        end += fmt::format("{}{}.\n", static_cast<char>(std::toupper(static_cast<unsigned char>(each[0]))), each.substr(1));
    end += "format: or the design that has it; mm2: of that design, else of the scenario's own with as many units; DRAM: KiB; k, M: thousands, millions; "
           "+: others with the same figures. Designs stand at points of their own, whatever orders, units, tiles and formats were asked for.\n";
    std::istringstream lines(end);
    for (std::string line; std::getline(lines, line);)
        text += text::wrapped(line, most_columns, 0, 0);
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
    out["bounds"]["cycles_spatial"] = of.bound_spatial;
    out["not_built"] = of.not_built;
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
