#include "platform/study/explain.h"

#include "platform/config/layer_rules.h"
#include "platform/results/read_result.h"
#include "platform/results/result.h"
#include "platform/run/rerun.h"
#include "platform/summary/summary.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace loas::study
{
namespace
{

using json = nlohmann::ordered_json;
using observe::counter;
using text::user_error;

/// The scenario that made the result: beside it, and of the same run.
config::scenario scenario_of(const std::filesystem::path& file, const results::run_result& result)
{
    const std::filesystem::path beside = file.parent_path() / results::scenario_file;
    if (!std::filesystem::exists(beside))
        throw user_error(
            fmt::format("{}: {} is missing beside it; loas-vp run writes both", file.string(), results::scenario_file));
    config::scenario scenario = config::load_scenario(beside);
    for (const auto& entry : config::effective_values(scenario))
        if (config::tensor_from_file(scenario, entry.first).empty() && // of these the result has what the files have
            std::find(result.configuration.begin(), result.configuration.end(), entry) == result.configuration.end())
            throw user_error(fmt::format("{}: {} beside it is of another run: {} differs", file.string(),
                                         results::scenario_file, entry.first));
    config::require_inputs(scenario);
    return scenario;
}

/// Of the accesses to lines whose kind begins so ("a_", "b_", "c_", "partial_sums") those that missed.
double miss_share(const results::layer_result& layer, std::string_view kinds)
{
    const auto hits = static_cast<double>(layer.counters.group_total("cache_hits", kinds));
    const auto misses = static_cast<double>(layer.counters.group_total("cache_misses", kinds));
    return hits + misses > 0 ? misses / (hits + misses) : 0.0;
}

double share(const results::layer_result& layer, const std::vector<std::string>& causes, double tile_cycles)
{
    double lost = 0;
    for (const std::string& cause : causes)
        lost += static_cast<double>(layer.counters.named("stall_cycles", cause));
    return tile_cycles > 0 ? lost / tile_cycles : 0.0;
}

/// "A 5.4 %, B 0.0 %"
std::string list_of(const std::vector<std::pair<std::string, double>>& shares)
{
    std::string text;
    for (const auto& [name, value] : shares)
        text += fmt::format("{}{} {:.1f} %", text.empty() ? "" : ", ", name, 100 * value);
    return text;
}

} // namespace

std::vector<bound> bounds_of(const config::scenario& s)
{
    const designs::design& design = designs::design_of(s);
    std::vector<bound> all;
    if (design.tile_bounds != nullptr)
        all = design.tile_bounds(s);
    if (s.compressor.adders > 0 || s.plif.latency > 0) {
        bound outputs{"output compressor",
                      "packing the outputs holds the tiles",
                      {"compressor.adders=0", "plif.latency=0"},
                      {"packing"}};
        if (design.neurons_in_sequence) {
            outputs.name = "neurons and compressor";
            outputs.causes.push_back("neurons");
        }
        all.push_back(outputs);
    }
    std::vector<std::string> operand_causes = {"waiting_a", "waiting_b"};
    if (design.has_partial_sums())
        operand_causes.push_back("partial_sums");
    std::vector<std::string> memory_causes = operand_causes;
    memory_causes.insert(memory_causes.end(), {"write_back", "dram_refresh"});
    const memory::backend_facts& backend = memory::backend_facts_of(s.memory.backend);
    if (backend.cached && s.timing == config::timing::at) {
        if (!s.xbar.ideal)
            all.push_back({"crossbars",
                           "ports wait for each other and for banks of the cache",
                           {"xbar.ideal=true"},
                           operand_causes});
        if (!s.dram.ideal)
            all.push_back({"DRAM",
                           "lines come late from memory: latency, bandwidth, refresh",
                           {"dram.ideal=true"},
                           memory_causes});
        if (!s.cache.ideal)
            all.push_back({"cache misses",
                           "lines are not in the global cache, or take its hit latency",
                           {"cache.ideal=true"},
                           memory_causes});
    }
    if (backend.stalls)
        all.push_back({"memory as a whole", "operands and outputs are late", {"memory.backend=ideal"}, memory_causes});
    bound everything{"all of these", "", {}, {}};
    for (const bound& each : all)
        everything.overrides.insert(everything.overrides.end(), each.overrides.begin(), each.overrides.end());
    all.push_back(everything);
    return all;
}

explanation explained_by(const config::scenario& scenario, const std::vector<bound>& bounds,
                         const results::run_result& result, const std::vector<results::run_result>& reruns)
{
    explanation explained{result.scenario, result.timing, result.golden(), {}};
    const std::vector<results::layer_result>&layers = result.layers, &again = reruns[0].layers;
    const auto cycles_of = [](const results::layer_result& layer) { return layer.counters[counter::cycles]; };
    if (layers.size() != again.size())
        throw user_error("its layers are not those of its scenario");
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const results::layer_result& layer = layers[i];
        if (layer.name != again[i].name || cycles_of(layer) != cycles_of(again[i]))
            throw user_error(
                fmt::format("a rerun of its scenario gives another number of cycles for layer {}", again[i].name));
        layer_explanation about;
        about.name = layer.name;
        about.cycles = cycles_of(layer);
        const double tile_cycles = static_cast<double>(about.cycles) * scenario.tppe.count;
        about.busy_share =
            tile_cycles > 0 ? static_cast<double>(layer.counters[counter::busy_cycles]) / tile_cycles : 0.0;
        about.idle_share = share(layer, {"idle"}, tile_cycles);
        about.zero_share = share(layer, {"zero_operand"}, tile_cycles);
        const std::pair<const char*, const char*> causes[] = {
            {"A", "waiting_a"}, {"B", "waiting_b"}, {"write-back", "write_back"}, {"DRAM refresh", "dram_refresh"}};
        for (const auto& [name, cause] : causes)
            about.waits.emplace_back(name, share(layer, {cause}, tile_cycles));
        const std::pair<const char*, const char*> operands[] = {{"A", "a_"}, {"B", "b_"}, {"C", "c_"}};
        for (const auto& [name, kinds] : operands)
            about.misses.emplace_back(name, miss_share(layer, kinds));
        if (designs::design_of(scenario).has_partial_sums()) {
            about.waits.emplace_back("sums", share(layer, {"partial_sums"}, tile_cycles));
            about.misses.emplace_back("sums", miss_share(layer, "partial_sums"));
        }
        const auto range = [&layer](const char* name, counter largest, unsigned bits, counter beyond) {
            return accumulator_range{name, layer.counters[largest], bits, layer.counters[beyond]};
        };
        if (designs::design_of(scenario).takes("tppe.overflow"))
            about.ranges = {range("sums", counter::max_abs_pseudo, scenario.tppe.acc_bits, counter::pseudo_overflows),
                            range("corrections", counter::max_abs_correction, scenario.tppe.corr_bits,
                                  counter::correction_overflows)};
        for (std::size_t j = 0; j + 1 < bounds.size(); ++j)
            about.bounds.push_back(
                {bounds[j].name, share(layer, bounds[j].causes, tile_cycles), cycles_of(reruns[j + 1].layers.at(i))});
        about.cycles_without_all = cycles_of(reruns.back().layers.at(i));
        std::stable_sort(about.bounds.begin(), about.bounds.end(), [](const layer_bound& a, const layer_bound& b) {
            return a.cycles_without < b.cycles_without;
        });
        explained.layers.push_back(about);
    }
    return explained;
}

explanation explain(const std::filesystem::path& given, unsigned jobs)
{
    const std::filesystem::path file = results::result_path(given);
    const results::run_result result = results::read_result(file).run;
    const config::scenario base = scenario_of(file, result);
    const std::vector<bound> bounds = bounds_of(base);
    std::vector<config::scenario> variants = {base};
    for (const bound& each : bounds)
        variants.push_back(config::overridden(base, each.overrides));
    for (config::scenario& each : variants)
        each.run.golden = false; // the run itself was checked
    const std::vector<results::run_result> reruns = run::rerun(variants, jobs);
    try {
        return explained_by(base, bounds, result, reruns);
    } catch (const user_error& problem) {
        throw user_error(fmt::format("{}: {}", file.string(), problem.what()));
    }
}

std::string to_text(const explanation& explained)
{
    constexpr double worth_telling = 0.005; // of the layer's cycles
    const auto percent_less = [](std::uint64_t before, std::uint64_t after) {
        return 100.0 * (static_cast<double>(before) - static_cast<double>(after)) /
               static_cast<double>(std::max<std::uint64_t>(before, 1));
    };
    std::string text = fmt::format("{}: what bounds each layer ({} timing)\n", explained.scenario, explained.timing);
    if (explained.golden == "different")
        text += "The run's outputs differ from the golden model: it is wrong, whatever bounds it.\n";
    if (explained.golden == "incomplete")
        text += "Some of the run's layers could not be compared with the golden model.\n";
    for (const layer_explanation& layer : explained.layers) {
        const layer_bound* first = layer.bounds.empty() ? nullptr : &layer.bounds.front();
        // An array that skips nothing spends its time on zeros: no unit is to blame for that.
        const double least = std::max(worth_telling, layer.zero_share);
        const bool bounded = first != nullptr && percent_less(layer.cycles, first->cycles_without) >= 100 * least;
        text += fmt::format("\n{}: {} cycles, bound by {}\n", layer.name, results::grouped(layer.cycles),
                            bounded                ? first->name
                            : layer.zero_share > 0 ? "its pairs, zeros included (compute)"
                                                   : "its matches alone (compute)");
        text += fmt::format("  The tiles add matches in {:.1f} % of their cycles", 100 * layer.busy_share);
        if (layer.zero_share > 0)
            text += fmt::format("; {:.1f} % pass on pairs with a zero", 100 * layer.zero_share);
        if (layer.idle_share > 0)
            text += fmt::format("; {:.1f} % pass in tiles without work", 100 * layer.idle_share);
        text += ".\n  They wait for memory: " + list_of(layer.waits) + ".\n";
        if (std::any_of(layer.misses.begin(), layer.misses.end(), [](const auto& miss) { return miss.second > 0; }))
            text += "  Of the accesses to the cache miss: " + list_of(layer.misses) + ".\n";
        for (const accumulator_range& each : layer.ranges)
            text +=
                fmt::format("  Largest of the {}: {} of the {} that {} bits hold; {} neurons leave them.\n", each.name,
                            results::grouped(each.largest), results::grouped((std::uint64_t{1} << (each.bits - 1)) - 1),
                            each.bits, results::grouped(each.neurons));
        for (const layer_bound& each : layer.bounds) {
            const double gain = percent_less(layer.cycles, each.cycles_without);
            // What cost no cycle changes the layer only by when the layers before end: DRAM refreshes fall elsewhere.
            if ((gain < 100 * worth_telling && gain > -100 * worth_telling) || each.lost_share == 0)
                continue;
            text += fmt::format("  {:<22} {:>5.1f} % of the tiles' cycles; ideal, it takes {:>11} ({:.1f} % {})\n",
                                each.name, 100 * each.lost_share, results::grouped(each.cycles_without), std::abs(gain),
                                gain >= 0 ? "less" : "more");
        }
        text += fmt::format("  {:<22} {:>36} it takes {:>11}\n", "all of these ideal", "",
                            results::grouped(layer.cycles_without_all));
    }
    text += "\nCycles with a unit ideal come from a rerun with that unit ideal. Shares are of the run explained;\n"
            "causes that several units share are counted for each of them, so neither column adds up.\n";
    text += summary::caution_of(explained.timing);
    return text;
}

std::string to_json(const explanation& explained)
{
    json out;
    out["schema"] = "loas-vp.explanation/1";
    out["scenario"] = explained.scenario;
    out["timing"] = explained.timing;
    out["golden"] = explained.golden;
    json& layers = out["layers"] = json::array();
    for (const layer_explanation& layer : explained.layers) {
        json item;
        item["name"] = layer.name;
        item["cycles"] = layer.cycles;
        item["busy_share"] = layer.busy_share;
        item["idle_share"] = layer.idle_share;
        item["zero_share"] = layer.zero_share;
        for (const auto& [name, value] : layer.waits)
            item["waiting_shares"][name] = value;
        for (const auto& [name, value] : layer.misses)
            item["cache_miss_shares"][name] = value;
        for (const accumulator_range& each : layer.ranges)
            item["accumulators"][each.name] = {
                {"largest", each.largest}, {"bits", each.bits}, {"neurons_beyond", each.neurons}};
        item["cycles_without_all"] = layer.cycles_without_all;
        json& bounds = item["bounds"] = json::array();
        for (const layer_bound& each : layer.bounds)
            bounds.push_back(
                {{"name", each.name}, {"lost_share", each.lost_share}, {"cycles_without", each.cycles_without}});
        layers.push_back(std::move(item));
    }
    return out.dump(2) + "\n";
}

} // namespace loas::study
