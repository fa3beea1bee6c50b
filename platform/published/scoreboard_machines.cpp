// The machines side by side: simulated as described, on the same cache and DRAM, and again with what makes the
// difference changed.
#include "platform/published/scoreboard_page.h"
#include "platform/run/rerun.h"

#include "platform/results/result.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace loas::published
{
namespace
{

using json = nlohmann::ordered_json;

struct change {
    const char* title;
    std::vector<std::string> parameters;
    bool everywhere; ///< has an effect on all machines; else on those whose design takes one of the parameters
};

/// A row shows one cause, or what hides behind it; the last has all that the publication leaves out. What a design
/// changes of its own its descriptor says.
const std::vector<change>& changes()
{
    static const std::vector<change> list = [] {
        const std::string memory = "memory.backend=ideal";
        std::vector<change> all = {
            {"a laggy prefix-sum that takes a chunk a cycle (LoAS)", {"tppe.laggy_pipelined=true"}, false},
            {"joins of chunks without a match take no cycle (LoAS, SparTen)", {"tppe.empty_join_cycles=0"}, false},
            {"both of these", {"tppe.laggy_pipelined=true", "tppe.empty_join_cycles=0"}, false},
        };
        std::vector<change> with_memory;
        for (const designs::design* design : designs::published_as(designs::publication::part::rival))
            for (const designs::publication::change& each : design->published->changes) {
                all.push_back({each.title, each.parameters, false});
                if (each.title_with_memory == nullptr)
                    continue;
                with_memory.push_back({each.title_with_memory, each.parameters, true});
                with_memory.back().parameters.insert(with_memory.back().parameters.begin(), memory);
            }
        all.push_back({"a cache twice as large", {"cache.size_kib=512"}, true});
        all.push_back({"memory that never stalls", {memory}, true});
        all.insert(all.end(), with_memory.begin(), with_memory.end());
        all.push_back({"all simplifications of the publication", {"fidelity=published"}, true});
        return all;
    }();
    return list;
}

bool has_effect(const change& each, const machine& where)
{
    return each.everywhere ||
           std::any_of(each.parameters.begin(), each.parameters.end(), [&](const std::string& parameter) {
               return where.design->takes(parameter.substr(0, parameter.find('=')));
           });
}

std::string heading(const std::string& first)
{
    std::string names = "| " + first + " |", rule = "|---|";
    for (const machine& each : machines()) {
        names += fmt::format(" {} |", each.title);
        rule += "---|";
    }
    return names + "\n" + rule + "\n";
}

std::string row(const std::string& name, const side_by_side& of,
                const std::function<std::string(const modelled&)>& shown)
{
    std::string text = "| " + name + " |";
    for (const modelled& each : of.machines)
        text += " " + shown(each) + " |";
    return text + "\n";
}

std::string cycles_of(const modelled& each)
{
    return results::grouped(each.cycles);
}

/// Cycles of each over those of the first: how many times as fast the first is.
std::string speeds(const std::string& name, const side_by_side& of)
{
    return row(name, of, [&](const modelled& each) {
        return fmt::format("{:.2f}", static_cast<double>(each.cycles) / static_cast<double>(of.machines[0].cycles));
    });
}

} // namespace

const designs::design& subject()
{
    return *designs::published_as(designs::publication::part::subject).front();
}

const std::vector<machine>& machines()
{
    static const std::vector<machine> list = [] {
        std::vector<machine> all;
        const auto add = [&all](const designs::design& of, const std::string& suffix, const char* key,
                                const std::vector<std::string>& more) {
            std::vector<std::string> overrides = {"accelerator=" + std::string(of.word)};
            overrides.insert(overrides.end(), more.begin(), more.end());
            all.push_back({of.published->title + suffix, key, overrides, &of});
        };
        const designs::design& loas = subject();
        add(loas, "", loas.published->key, {});
        add(loas, "-FT", loas.published->masked_key, {"workload.single_spike_mask=true"});
        for (const designs::design* each : designs::published_as(designs::publication::part::rival))
            add(*each, "", each->published->key, {});
        return all;
    }();
    return list;
}

config::scenario layers_scenario(const std::filesystem::path& file, std::vector<std::string> overrides)
{
    overrides.push_back("workload.kind=layers");
    overrides.push_back("workload.layers=" + file.string());
    overrides.push_back("memory.ram_mib=1024");
    return config::default_scenario(overrides);
}

modelled modelled_of(const results::layer_result& layer)
{
    modelled of;
    of.cycles = layer.counters[observe::counter::cycles];
    of.dram_kib = static_cast<double>(results::dram_bytes(layer.counters)) / 1024;
    of.sram_kib = static_cast<double>(results::sram_bytes(layer.counters)) / 1024;
    of.energy_uj = layer.energy.total_pj() * 1e-6;
    of.published_energy = layer.published_energy.total();
    for (std::size_t i = 0; i < of.group_uj.size(); ++i)
        of.group_uj[i] = layer.energy.group_pj(static_cast<cost::energy_group>(i)) * 1e-6;
    const cost::layer_energy& energy = layer.energy;
    of.dram_moved_uj = (energy[cost::energy_part::dram_read] + energy[cost::energy_part::dram_write]) * 1e-6;
    of.dram_standing_uj =
        (energy[cost::energy_part::dram_background] + energy[cost::energy_part::dram_refresh]) * 1e-6;
    of.busy_cycles = static_cast<double>(layer.counters[observe::counter::busy_cycles]);
    of.tile_cycles = of.busy_cycles + static_cast<double>(layer.counters.group_total("stall_cycles"));
    return of;
}

void run_machines(const std::filesystem::path& file, const scoreboard_request& request, network_score& network,
                  bool& golden_equal)
{
    const bool reruns = request.reruns;
    std::vector<config::scenario> scenarios;
    const auto add = [&](std::size_t which, const std::vector<std::string>& more) {
        std::vector<std::string> overrides = machines()[which].overrides;
        overrides.insert(overrides.end(), more.begin(), more.end());
        scenarios.push_back(layers_scenario(file, overrides));
    };
    for (std::size_t i = 0; i < machines().size(); ++i)
        add(i, {});
    if (reruns)
        for (const change& each : changes()) {
            std::vector<std::string> parameters = each.parameters;
            parameters.emplace_back("run.golden=false"); // as described they are compared
            for (std::size_t i = 0; i < machines().size(); ++i)
                if (has_effect(each, machines()[i]))
                    add(i, parameters);
        }
    const std::vector<results::run_result> results = run::rerun(scenarios, request.jobs);
    for (const results::run_result& result : results)
        golden_equal = golden_equal && !result.golden_failed();

    for (std::size_t layer = 0; layer < network.layers.size(); ++layer) {
        side_by_side of{network.layers[layer].name, "", {}};
        for (std::size_t i = 0; i < machines().size(); ++i)
            of.machines.push_back(modelled_of(results[i].layers.at(layer)));
        network.literal.push_back(std::move(of));
    }
    side_by_side total{"total", "", {}};
    for (std::size_t i = 0; i < machines().size(); ++i)
        total.machines.push_back(modelled_of(results[i].totals()));
    network.literal.push_back(std::move(total));
    std::size_t next = machines().size();
    for (std::size_t row = 0; reruns && row < changes().size(); ++row) {
        const change& each = changes()[row];
        side_by_side of{each.title, fmt::format("{}", fmt::join(each.parameters, " ")), {}};
        for (std::size_t i = 0; i < machines().size(); ++i)
            of.machines.push_back(modelled_of(results[has_effect(each, machines()[i]) ? next++ : i].totals()));
        network.reruns.push_back(std::move(of));
    }
}

std::string machines_markdown(const network_score& network)
{
    const side_by_side& total = network.literal.back();
    std::string text = "**The machines side by side, literal: cycles**\n\n" + heading("layer");
    for (const side_by_side& layer : network.literal)
        text += row(layer.name, layer, cycles_of);
    text += speeds("LoAS is faster by", total);
    if (!network.published_speed.empty()) {
        text += "| published: by |";
        for (const double speed : network.published_speed)
            text += fmt::format(" {:.2f} |", speed);
        text += "\n";
    }
    text += row("SRAM, KiB", total, [](const modelled& each) { return fmt::format("{:.0f}", each.sram_kib); });
    text += row("DRAM, KiB", total, [](const modelled& each) { return fmt::format("{:.0f}", each.dram_kib); });
    text += row("energy, uJ", total, [](const modelled& each) { return fmt::format("{:.1f}", each.energy_uj); });
    text += row("tiles busy, %", total,
                [](const modelled& each) { return fmt::format("{:.1f}", 100 * each.busy_cycles / each.tile_cycles); });
    if (network.reruns.empty())
        return text + "\n";
    text += "\n**The same with something changed: LoAS is faster by**\n\n" + heading("");
    text += speeds("as described", total);
    for (const side_by_side& each : network.reruns)
        text += speeds(fmt::format("{} (`{}`)", each.name, each.parameter), each);
    return text + "\n";
}

std::string machines_text(const network_score& network)
{
    std::vector<std::vector<std::string>> rows(1, {"side by side"});
    for (const machine& each : machines())
        rows.front().push_back(each.title);
    const auto add = [&](const std::string& name, const side_by_side& of,
                         const std::function<std::string(const modelled&)>& shown) {
        rows.push_back({name});
        for (const modelled& each : of.machines)
            rows.back().push_back(shown(each));
    };
    add("literal, cycles", network.literal.back(), cycles_of);
    add("energy, uJ", network.literal.back(),
        [](const modelled& each) { return fmt::format("{:.1f}", each.energy_uj); });
    return results::align(rows);
}

json machines_json(const network_score& network)
{
    const auto all = [](const std::vector<side_by_side>& list) {
        json out = json::array();
        for (const side_by_side& each : list) {
            json item = {{"name", each.name}, {"parameter", each.parameter}};
            for (std::size_t i = 0; i < each.machines.size(); ++i)
                item["machines"][machines()[i].title] = {{"cycles", each.machines[i].cycles},
                                                         {"dram_kib", each.machines[i].dram_kib},
                                                         {"sram_kib", each.machines[i].sram_kib},
                                                         {"energy_uj", each.machines[i].energy_uj}};
            out.push_back(std::move(item));
        }
        return out;
    };
    return {{"literal", all(network.literal)},
            {"reruns", all(network.reruns)},
            {"published_speed", network.published_speed}};
}

} // namespace loas::published
