#include "platform/study/compare.h"

#include "platform/config/options.h"
#include "platform/results/result.h"
#include "platform/run/rerun.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace loas::study
{
namespace
{

using json = nlohmann::ordered_json;
using row = std::vector<std::string>;

/// Takes the totals or a layer.
using figure = std::function<double(const json& of)>;

double value(const json& of, const char* key)
{
    return of.at(key).get<double>();
}

/// Sum of a group's entries that begin with `prefix`.
double part(const json& of, const char* group, const std::string& prefix)
{
    double sum = 0;
    for (const auto& [name, amount] : of.at(group).items())
        if (name.rfind(prefix, 0) == 0)
            sum += amount.get<double>();
    return sum;
}

/// The layers that all designs ran, and the totals: in the order of the file, which is the same for all.
struct place {
    std::string name;
    std::vector<const json*> of; ///< [accelerator]
};

std::vector<place> places_of(const comparison& compared)
{
    std::vector<place> places;
    for (std::size_t i = 0; i < compared.results.front().at("layers").size(); ++i) {
        place layer;
        for (const json& result : compared.results)
            layer.of.push_back(&result.at("layers").at(i));
        layer.name = layer.of.front()->at("name").get<std::string>();
        places.push_back(std::move(layer));
    }
    place total{"total", {}};
    for (const json& result : compared.results)
        total.of.push_back(&result.at("totals"));
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
    std::vector<row> rows = {{title}};
    for (const std::string& accelerator : compared.accelerators)
        rows.front().push_back(accelerator);
    for (const place& each : places) {
        row cells = {short_name(each.name)};
        for (std::size_t i = 0; i < compared.accelerators.size(); ++i)
            cells.push_back(cell(each, i));
        rows.push_back(std::move(cells));
    }
    return results::align(rows) + '\n';
}

std::string whole(double number)
{
    return results::grouped(static_cast<std::uint64_t>(number));
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
        if (std::any_of(total.of.begin(), total.of.end(), [&](const json* of) { return what(*of) > 0; })) {
            rows.push_back({kind.first, total.of});
            figures.push_back(&what);
        }
    }
    return section(compared, title, rows, [&](const place& each, std::size_t i) {
        return shown((*figures[static_cast<std::size_t>(&each - rows.data())])(*each.of[i]));
    });
}

std::vector<std::pair<std::string, figure>> sram_kinds()
{
    const auto bits = [](const char* group, const char* prefix) {
        return [=](const json& of) { return part(of, group, prefix) / 8; };
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
        return
            [=](const json& of) { return part(of, "dram_read_bytes", prefix) + part(of, "dram_write_bytes", prefix); };
    };
    return {{"A", both("a_")},
            {"B", both("b_")},
            {"bias", both("bias")},
            {"C", both("c_")},
            {"currents", both("currents")},
            {"partial sums", both("partial_sums")}};
}

std::vector<std::pair<std::string, figure>> stalls_of(const json& totals)
{
    std::vector<std::pair<std::string, figure>> all = {
        {"busy", [](const json& of) { return value(of, "tile_utilisation"); }}};
    for (const auto& entry : totals.at("stall_cycles").items()) {
        const std::string cause = entry.key();
        all.emplace_back(cause, [cause](const json& of) {
            const double waits = part(of, "stall_cycles", ""), busy = value(of, "busy_cycles");
            return of.at("stall_cycles").at(cause).get<double>() / std::max(1.0, waits + busy);
        });
    }
    return all;
}

/// What A and B take in memory, by design.
std::string stored(const comparison& compared, const place& total)
{
    std::vector<place> rows;
    std::vector<std::function<std::string(const json&)>> cells;
    for (const char* operand : {"spikes", "weights"}) {
        const std::string name = operand;
        const auto add = [&](const std::string& row, const std::function<std::string(const json&)>& shown) {
            rows.push_back({name + row, total.of});
            cells.emplace_back([=](const json& of) { return shown(of.at("stored").at(name)); });
        };
        add(": format", [](const json& of) { return of.at("format").get<std::string>(); });
        add(": KiB", [](const json& of) { return kib(value(of, "bytes")); });
        add(": of dense, %", [](const json& of) {
            return fmt::format("{:.1f}", 100 * value(of, "bytes") / std::max(1.0, value(of, "dense_bytes")));
        });
        add(": efficiency, %", [](const json& of) { return fmt::format("{:.1f}", 100 * value(of, "efficiency")); });
    }
    return section(compared, "stored, all layers", rows, [&](const place& each, std::size_t i) {
        return cells[static_cast<std::size_t>(&each - rows.data())](*each.of[i]);
    });
}

/// Speed of a design relative to the first.
double speed(const place& where, std::size_t accelerator)
{
    return value(*where.of.front(), "cycles") / std::max(1.0, value(*where.of[accelerator], "cycles"));
}

} // namespace

bool comparison::golden_equal() const
{
    return std::none_of(results.begin(), results.end(),
                        [](const json& result) { return result.at("golden") == "different"; });
}

comparison compare(const std::filesystem::path& scenario, const std::vector<std::string>& overrides,
                   const std::vector<std::string>& accelerators, bool quiet)
{
    comparison compared;
    std::vector<config::scenario> scenarios;
    config::scenario defaults;
    for (const config::option& option : config::options_of(defaults))
        for (const std::string& each : accelerators)
            if (option.key == "accelerator" && !option.problem(each).empty())
                throw text::user_error("--accelerators: " + option.problem(each));
    for (const std::string& each : overrides)
        if (each.rfind("accelerator=", 0) == 0)
            throw text::user_error("--set accelerator: it is --accelerators that says which ones are compared");
    for (const std::string& each : accelerators) {
        if (std::find(compared.accelerators.begin(), compared.accelerators.end(), each) != compared.accelerators.end())
            throw text::user_error(fmt::format("--accelerators: {} is there twice", each));
        compared.accelerators.push_back(each);
        std::vector<std::string> with = overrides;
        with.push_back("accelerator=" + each);
        scenarios.push_back(config::load_scenario(scenario, with));
        config::require_workload(scenarios.back());
    }
    if (scenarios.empty())
        throw text::user_error("--accelerators: which ones?");
    compared.results = run::rerun(scenarios, quiet ? "" : "compare", accelerators);
    return compared;
}

std::string to_text(const comparison& compared)
{
    const json& first = compared.results.front();
    const std::vector<place> places = places_of(compared);
    const place& total = places.back();
    std::string text = fmt::format("{} ({} fidelity, {} timing)\n\n", first.at("scenario").get<std::string>(),
                                   first.at("fidelity").get<std::string>(), first.at("timing").get<std::string>());
    const auto each = [&](const std::string& title, const std::function<std::string(const json&)>& shown) {
        text += section(compared, title, places, [&](const place& at, std::size_t i) { return shown(*at.of[i]); });
    };
    each("cycles", [](const json& of) { return whole(value(of, "cycles")); });
    text += section(compared, "times as fast as " + compared.accelerators.front(), places,
                    [](const place& at, std::size_t i) { return fmt::format("{:.2f}", speed(at, i)); });
    each("SRAM, KiB", [](const json& of) { return kib(value(of, "sram_bytes")); });
    each("DRAM, KiB", [](const json& of) { return kib(value(of, "dram_bytes")); });
    const auto published = [&](const std::string& title, const std::function<std::string(const json&)>& shown) {
        each("published accounting, " + title, [&](const json& of) {
            return of.contains("published_traffic") ? shown(of) : std::string("-"); // nobody has one of dense-snn
        });
    };
    published("cycles", [](const json& of) { return whole(value(of, "published_cycles")); });
    for (const auto& [title, key] : {std::pair("SRAM, KiB", "sram_bytes"), std::pair("DRAM, KiB", "dram_bytes")})
        published(title, [key = key](const json& of) { return kib(value(of.at("published_traffic"), key)); });
    each("energy, uJ", [](const json& of) { return fmt::format("{:.3f}", value(of.at("energy_pj"), "total") * 1e-6); });
    each("utilisation of the tiles, %",
         [](const json& of) { return fmt::format("{:.1f}", 100 * value(of, "tile_utilisation")); });
    text += stored(compared, total);
    text += by_kind(compared, "SRAM of all layers, KiB", total, sram_kinds(), kib);
    text += by_kind(compared, "DRAM of all layers, KiB", total, dram_kinds(), kib);
    text += by_kind(compared, "tile cycles of all layers, %", total, stalls_of(*total.of.front()),
                    [](double share) { return fmt::format("{:.1f}", 100 * share); });

    const json& golden = first.at("golden");
    const bool same = std::all_of(compared.results.begin(), compared.results.end(),
                                  [&](const json& each) { return each.at("golden") == golden; });
    if (same)
        text += fmt::format("Golden model: {}\n", golden.get<std::string>());
    for (std::size_t i = 0; i < compared.results.size() && !same; ++i)
        text += fmt::format("Golden model: {} {}\n", compared.accelerators[i],
                            compared.results[i].at("golden").get<std::string>());
    for (const json& result : compared.results)
        for (const auto& difference : result.at("golden_differences"))
            text +=
                fmt::format("  {}: {}\n", result.at("accelerator").get<std::string>(), difference.get<std::string>());
    return text;
}

std::string to_json(const comparison& compared)
{
    json out;
    out["schema"] = "loas-vp.comparison/1";
    out["scenario"] = compared.results.front().at("scenario");
    out["accelerators"] = compared.accelerators;
    json& speeds = out["speed"] = json::object();
    for (const place& each : places_of(compared))
        for (std::size_t i = 0; i < compared.accelerators.size(); ++i)
            speeds[each.name][compared.accelerators[i]] = speed(each, i);
    json& results = out["results"] = json::object();
    for (std::size_t i = 0; i < compared.results.size(); ++i)
        results[compared.accelerators[i]] = compared.results[i];
    return out.dump(2) + "\n";
}

} // namespace loas::study
