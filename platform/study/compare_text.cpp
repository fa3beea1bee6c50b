// A comparison as text and as JSON.
#include "platform/study/compare.h"

#include "platform/designs/design.h"
#include "platform/study/equal_area.h"
#include "platform/summary/summary.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <set>

namespace loas::study
{
namespace
{

using observe::counter;
using results::layer_result;
using row = std::vector<std::string>;

/// Takes the totals or a layer.
using figure = std::function<double(const layer_result& of)>;

double real(std::uint64_t count)
{
    return static_cast<double>(count);
}

/// The layers that all designs ran, and the totals: in the order of the file, which is the same for all.
struct place {
    std::string name;
    std::vector<layer_result> of; ///< [accelerator]
};

std::vector<place> places_of(const comparison& compared)
{
    std::vector<place> places;
    for (std::size_t i = 0; i < compared.results.front().layers.size(); ++i) {
        place layer;
        for (const results::run_result& result : compared.results)
            layer.of.push_back(result.layers.at(i));
        layer.name = layer.of.front().name;
        places.push_back(std::move(layer));
    }
    place total{"total", {}};
    for (const results::run_result& result : compared.results)
        total.of.push_back(result.totals());
    places.push_back(std::move(total));
    return places;
}

std::string short_name(const std::string& name)
{
    return name.size() <= 24 ? name : name.substr(0, 22) + "..";
}

std::string section(const comparison& compared, const std::string& title, const std::vector<place>& places,
                    const std::function<std::string(const place&, std::size_t)>& cell)
{
    constexpr std::size_t side_by_side = 6;
    const std::size_t count = compared.accelerators.size();
    std::string text;
    for (std::size_t first = 0; first < count; first += side_by_side) {
        const std::size_t end = std::min(count, first + side_by_side);
        std::vector<row> rows = {{title}};
        for (std::size_t i = first; i < end; ++i)
            rows.front().push_back(compared.accelerators[i]);
        for (const place& each : places) {
            rows.push_back({short_name(each.name)});
            for (std::size_t i = first; i < end; ++i)
                rows.back().push_back(cell(each, i));
        }
        text += results::align(rows) + '\n';
    }
    return text;
}

std::string kib(double bytes)
{
    return fmt::format("{:.1f}", bytes / 1024);
}

/// Rows of the totals, by kind: those in which any design has something.
std::string by_kind(const comparison& compared, const std::string& title, const place& total,
                    const std::vector<std::pair<std::string, figure>>& kinds,
                    const std::function<std::string(double)>& shown)
{
    std::vector<place> rows;
    std::vector<const figure*> figures;
    for (const auto& kind : kinds) {
        const figure& what = kind.second; // clang 14 lets no lambda see a name of a structured binding
        if (std::any_of(total.of.begin(), total.of.end(), [&](const layer_result& of) { return what(of) > 0; })) {
            rows.push_back({kind.first, total.of});
            figures.push_back(&what);
        }
    }
    return section(compared, title, rows, [&](const place& each, std::size_t i) {
        return shown((*figures[static_cast<std::size_t>(&each - rows.data())])(each.of[i]));
    });
}

std::vector<std::pair<std::string, figure>> sram_kinds()
{
    const auto bits = [](const char* group, const char* prefix) {
        return [=](const layer_result& of) { return real(of.counters.group_total(group, prefix)) / 8; };
    };
    return {{"read: A", bits("sram_read_bits", "a_")},
            {"read: B", bits("sram_read_bits", "b_")},
            {"read: C", bits("sram_read_bits", "c")},
            {"read: partial sums", bits("sram_read_bits", "partial_sums")},
            {"written: fills", bits("sram_write_bits", "fills")},
            {"written: C", bits("sram_write_bits", "c")},
            {"written: partial sums", bits("sram_write_bits", "partial_sums")}};
}

std::vector<std::pair<std::string, figure>> dram_kinds()
{
    const auto both = [](const char* prefix) {
        return [=](const layer_result& of) {
            return real(of.counters.group_total("dram_read_bytes", prefix) +
                        of.counters.group_total("dram_write_bytes", prefix));
        };
    };
    return {{"A", both("a_")},
            {"B", both("b_")},
            {"bias", both("bias")},
            {"C", both("c_")},
            {"currents", both("currents")},
            {"partial sums", both("partial_sums")}};
}

std::vector<std::pair<std::string, figure>> energy_groups()
{
    const auto group = [](cost::energy_group which) {
        return [which](const layer_result& of) { return of.energy.group_pj(which) * 1e-6; };
    };
    return {{"computation", group(cost::energy_group::compute)},
            {"SRAM", group(cost::energy_group::sram)},
            {"DRAM", group(cost::energy_group::dram)},
            {"leakage", group(cost::energy_group::leakage)}};
}

/// How much of what comes in is 0; of bytes, which have one timestep, the first two are the same.
std::string zeros(const comparison& compared)
{
    const auto share = [&compared](std::size_t design, auto found, auto all) {
        double sum = 0, of = 0;
        for (const layer_result& layer : compared.results[design].layers) {
            sum += real(found(layer));
            of += real(all(layer));
        }
        return fmt::format("{:.1f}", 100 * (1 - sum / std::max(1.0, of)));
    };
    const auto inputs = [](const layer_result& of) { return of.m * of.k * of.runs; };
    const std::vector<place> rows = {{"spikes", {}}, {"inputs in all timesteps", {}}, {"weights", {}}};
    return section(compared, "zeros, %", rows, [&](const place& each, std::size_t i) {
        if (&each == &rows[0])
            return share(
                i, [](const auto& of) { return of.spikes; }, [&](const auto& of) { return inputs(of) * of.timesteps; });
        if (&each == &rows[1])
            return share(
                i, [](const auto& of) { return of.non_silent; }, inputs);
        return share(
            i, [](const auto& of) { return of.weights; }, [](const auto& of) { return of.k * of.n; });
    });
}

/// Shares of the tiles' cycles; of each design they are its own tiles.
std::vector<std::pair<std::string, figure>> uses_of_cycles()
{
    std::vector<std::pair<std::string, figure>> all = {
        {"busy", [](const layer_result& of) {
             const std::uint64_t busy = of.counters[counter::busy_cycles];
             return real(busy) / std::max(1.0, real(of.counters.group_total("stall_cycles") + busy));
         }}};
    for (std::size_t i = 0; i < observe::counter_count; ++i) {
        const auto cause = static_cast<counter>(i);
        if (observe::info_of(cause).group != "stall_cycles")
            continue;
        all.emplace_back(observe::info_of(cause).name, [cause](const layer_result& of) {
            const std::uint64_t waits = of.counters.group_total("stall_cycles");
            return real(of.counters[cause]) / std::max(1.0, real(waits + of.counters[counter::busy_cycles]));
        });
    }
    return all;
}

/// What A and B take in memory, by design.
std::string stored(const comparison& compared, const place& total)
{
    std::vector<place> rows;
    std::vector<std::function<std::string(const layer_result&)>> cells;
    const auto add = [&](const std::string& row, const std::function<std::string(const layer_result&)>& shown) {
        rows.push_back({row, total.of});
        cells.push_back(shown);
    };
    const auto add_sizes = [&](const std::string& operand, cost::tensor_size layer_result::*size) {
        add(operand + ": KiB", [=](const layer_result& of) { return kib(real((of.*size).bytes)); });
        add(operand + ": of dense, %", [=](const layer_result& of) {
            return fmt::format("{:.1f}", 100 * real((of.*size).bytes) / std::max(1.0, real((of.*size).dense_bits) / 8));
        });
        add(operand + ": efficiency, %",
            [=](const layer_result& of) { return fmt::format("{:.1f}", 100 * (of.*size).efficiency()); });
    };
    add("spikes: format", [](const layer_result& of) { return std::string(spike_format_name(of)); });
    add_sizes("spikes", &layer_result::stored_spikes);
    add("weights: format", [](const layer_result& of) { return std::string(weight_format_name(of)); });
    add_sizes("weights", &layer_result::stored_weights);
    return section(compared, "stored, all layers", rows, [&](const place& each, std::size_t i) {
        return cells[static_cast<std::size_t>(&each - rows.data())](each.of[i]);
    });
}

/// Neurons whose sums left the accumulators, and what that means; "" where none did.
std::string overflows(const comparison& compared, const place& total)
{
    std::string words;
    for (std::size_t i = 0; i < compared.results.size(); ++i)
        if (const std::string text = summary::overflow_text(compared.results[i], total.of[i]); !text.empty())
            words += compared.accelerators[i] + ": " + text;
    if (words.empty())
        return "";
    const counter counts[] = {counter::pseudo_overflows, counter::correction_overflows};
    const std::vector<place> rows = {{"sums", total.of}, {"corrections", total.of}};
    return section(compared, "overflows, neurons", rows,
                   [&](const place& each, std::size_t i) {
                       const bool has_widths = designs::design_called(compared.accelerators[i]).takes("tppe.overflow");
                       return has_widths ? results::grouped(each.of[i].counters[counts[&each - rows.data()]]) : "-";
                   }) +
           words + "-: the design's model has no widths; it adds in 32 bits.\n";
}

/// How large each machine is, and whose tiles do not add up to the area that was asked for.
std::string sizes(const comparison& compared)
{
    const std::vector<place> rows = {{"tiles", {}}, {"area, mm2", {}}, {"of it the tiles", {}}};
    std::string text = section(compared, compared.equal_area ? "machine, of equal area" : "machine", rows,
                               [&](const place& each, std::size_t i) {
                                   const results::run_result& of = compared.results[i];
                                   if (&each == &rows[0])
                                       return fmt::format("{}", of.tiles);
                                   return fmt::format("{:.2f}", &each == &rows[1] ? of.area.total_mm2() : of.area.tiles_mm2);
                               });
    std::string far;
    const double wanted = compared.results.front().area.total_mm2();
    for (std::size_t i = 0; compared.equal_area && i < compared.results.size(); ++i) {
        const results::run_result& each = compared.results[i];
        const double area = each.area.total_mm2();
        if (std::fabs(area / wanted - 1) <= near_area)
            continue;
        far += fmt::format("No number of tiles of {} comes nearer to {:.2f} mm2", each.accelerator, wanted);
        if (const auto way = area > wanted ? smaller(compared.scenarios[i], wanted) : std::nullopt)
            far += fmt::format(";\n  {} have {:.2f} with --for {}:{}", way->tiles, way->area_mm2, each.accelerator,
                               way->setting);
        far += ".\n";
    }
    return text + far + (far.empty() ? "" : "\n");
}

/// Speed of a design relative to the first; none where one of the two took no time.
std::optional<double> speed(const place& where, std::size_t accelerator)
{
    const std::uint64_t first = where.of.front().counters[counter::cycles];
    const std::uint64_t own = where.of[accelerator].counters[counter::cycles];
    return first == 0 || own == 0 ? std::nullopt : std::optional<double>(real(first) / real(own));
}

/// A section a figure of layers and totals.
std::string figures_of(const comparison& compared, const std::vector<place>& places)
{
    using shown = std::function<std::string(const layer_result&)>;
    std::string text;
    const auto each = [&](const std::string& title, const shown& cell) {
        text += section(compared, title, places, [&](const place& at, std::size_t i) { return cell(at.of[i]); });
    };
    each("cycles", [](const layer_result& of) { return results::grouped(of.counters[counter::cycles]); });
    text += section(compared, "times as fast as " + compared.accelerators.front(), places,
                    [](const place& at, std::size_t i) {
                        const std::optional<double> times = speed(at, i);
                        return times ? fmt::format("{:.2f}", *times) : "-";
                    });
    each("SRAM, KiB", [](const layer_result& of) { return kib(real(results::sram_bytes(of.counters))); });
    each("DRAM, KiB", [](const layer_result& of) { return kib(real(results::dram_bytes(of.counters))); });
    const auto published = [&](const std::string& title, const shown& cell) {
        text += section(compared, "published accounting, " + title, places, [&](const place& at, std::size_t i) {
            return compared.results[i].accounted() ? cell(at.of[i]) : "-"; // nobody has one of this design
        });
    };
    published("cycles", [](const layer_result& of) { return results::grouped(of.published.cycles); });
    published("SRAM, KiB", [](const layer_result& of) { return kib(of.published.sram_bytes()); });
    published("DRAM, KiB", [](const layer_result& of) { return kib(of.published.dram_bytes()); });
    each("energy, uJ", [](const layer_result& of) { return fmt::format("{:.3f}", of.energy.total_pj() * 1e-6); });
    text += section(compared, "utilisation of the tiles, %", places, [&](const place& at, std::size_t i) {
        return fmt::format("{:.1f}", 100 * results::utilisation(at.of[i], compared.results[i].tiles));
    });
    return text;
}

std::string golden_words(const comparison& compared)
{
    const std::vector<results::run_result>& all = compared.results;
    const std::string golden = all.front().golden();
    const bool same =
        std::all_of(all.begin(), all.end(), [&](const results::run_result& each) { return each.golden() == golden; });
    std::string text;
    if (same)
        text += fmt::format("Golden model: {}\n", golden);
    for (std::size_t i = 0; i < all.size() && !same; ++i)
        text += fmt::format("Golden model: {} {}\n", compared.accelerators[i], all[i].golden());
    for (const results::run_result& result : all) {
        for (const std::string& difference : result.golden_differences)
            text += fmt::format("  {}: {}\n", result.accelerator, difference);
        for (const std::string& layer : result.golden_unchecked)
            text += fmt::format("  {}: could not be compared: {}\n", result.accelerator, layer);
    }
    return text;
}

/// Of each design's network; what all have, as it is the same, once.
std::string warnings(const comparison& compared)
{
    std::string text;
    std::set<std::string> known;
    for (const results::run_result& each : compared.results)
        for (const std::vector<std::string>& list : {each.guesses, each.floats.warnings})
            for (const std::string& warning : list)
                if (known.insert(warning).second)
                    text += loas::text::wrapped(fmt::format("Warning: {}{}", &each == &compared.results.front() ? "" : each.accelerator + ": ",
                                                      warning), 100, 0, 2);
    return text;
}

} // namespace

std::string to_text(const comparison& compared)
{
    const results::run_result& first = compared.results.front();
    const std::vector<place> places = places_of(compared);
    const place& total = places.back();
    std::string made_up;
    std::string text = warnings(compared);
    text += fmt::format("{} ({} fidelity, {} timing)\n\n", first.scenario, first.fidelity, first.timing);
    for (const results::run_result& each : compared.results)
        if (!each.inputs_made_up.empty())
            made_up += text::wrapped(fmt::format("{}: {}", each.accelerator, each.inputs_made_up), 100, 0, 2);
    text += made_up + (made_up.empty() ? "" : "\n") + sizes(compared);
    text += figures_of(compared, places);
    text += stored(compared, total);
    text += by_kind(compared, "SRAM of all layers, KiB", total, sram_kinds(), kib);
    text += by_kind(compared, "DRAM of all layers, KiB", total, dram_kinds(), kib);
    text += by_kind(compared, "energy of all layers, uJ", total, energy_groups(),
                    [](double uj) { return fmt::format("{:.3f}", uj); });
    text += zeros(compared);
    text += by_kind(compared, "tile cycles of all layers, %", total, uses_of_cycles(),
                    [](double share) { return fmt::format("{:.1f}", 100 * share); });
    text += overflows(compared, total);
    text += summary::caution_of(first.timing);
    return text + golden_words(compared);
}

std::string to_json(const comparison& compared, bool whole)
{
    using json = nlohmann::ordered_json;
    json out;
    out["schema"] = "loas-vp.comparison/1";
    out["scenario"] = compared.results.front().scenario;
    out["accelerators"] = compared.accelerators;
    json& left_out = out["left_out"] = json::array();
    for (const compared_designs::refusal& each : compared.left_out)
        left_out.push_back({{"accelerator", each.accelerator}, {"reason", each.reason}});
    for (const results::run_result& each : compared.results)
        if (!each.inputs_made_up.empty())
            out["inputs_made_up"][each.accelerator] = each.inputs_made_up;
    json& speeds = out["speed"] = json::object();
    for (const place& each : places_of(compared))
        for (std::size_t i = 0; i < compared.accelerators.size(); ++i)
            speeds[each.name][compared.accelerators[i]] = speed(each, i) ? json(*speed(each, i)) : json();
    for (std::size_t i = 0; i < compared.results.size(); ++i) {
        out["tiles"][compared.accelerators[i]] = compared.results[i].tiles;
        out["area_mm2"][compared.accelerators[i]] = compared.results[i].area.total_mm2();
    }
    for (std::size_t i = 0; whole && i < compared.results.size(); ++i)
        out["results"][compared.accelerators[i]] = results::to_json_tree(compared.results[i]);
    return out.dump(2) + "\n";
}

} // namespace loas::study
