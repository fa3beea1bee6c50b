#include "platform/study/cost_table.h"

#include "models/cost/buffers.h"
#include "models/cost/energy.h"
#include "models/cost/sram.h"
#include "platform/designs/design.h"
#include "platform/results/read_result.h"
#include "platform/energy_account/energy.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace loas::study
{
namespace
{

using text::user_error;

/// Of the 188.9 mW of the published system, at the cycle of the component table: what is neither cache nor TPPEs.
constexpr double published_rest_mw = 188.9 - 124.5;

cost_row row_of(std::string name, unsigned number, const cost::component& each, double of_table_clock)
{
    return {std::move(name), number, number * each.area_mm2, number * each.leakage_mw,
            number * each.dynamic_mw * of_table_clock};
}

/// P-LIF of a tile, an update in each cycle of the component table.
cost::component plif_of(const compute::tppe_parameters& tppe, const cost::energy_constants& constants)
{
    cost::component plif = cost::plif_of(tppe);
    plif.dynamic_mw = constants.plif_timestep_pj * tppe.max_timesteps * tppe.acc_bits /
                      cost::published_tppe_size.acc_bits / cost::table_cycle_ns;
    return plif;
}

/// The parts of the machine, largest groups in the order of the data path.
std::vector<cost_row> parts_of(const config::scenario& scenario)
{
    const cost::hardware_size size = energy_account::hardware_size_of(scenario);
    const cost::system_area area = cost::area_of(size);
    const cost::energy_constants& constants = scenario.energy;
    const unsigned tiles = size.tppe.count;
    const double clock_ghz = scenario.clock_mhz / 1000;
    const double of_table_clock = clock_ghz * cost::table_cycle_ns;
    std::vector<cost_row> parts;
    for (const cost::component& each : size.tile.components)
        parts.push_back(row_of(std::string(each.name), tiles, each, of_table_clock));
    if (size.tile.row_store.area_mm2 > 0)
        parts.push_back(row_of("row_store", tiles, size.tile.row_store, of_table_clock));
    const cost::component plif = plif_of(size.tppe, constants);
    parts.push_back(row_of("plif", tiles, plif, of_table_clock));

    const cost::sram_figures cache = cost::cache_by_cacti(size.cache), usual = cost::cache_by_cacti({});
    parts.push_back({"cache", 1, area.cache_mm2,
                     cost::leakage_of_cache(size.cache, constants).by(constants.cache_leakage),
                     size.cache.banks * constants.sram_read_pj * (cache.read_pj / usual.read_pj) * clock_ghz});
    parts.push_back(row_of("buffers", 1, cost::buffers_beyond_published(size), of_table_clock));

    // What the published system leaves for it beside the P-LIFs, in proportion to the tiles.
    const cost::component usual_tile = cost::tppe_of(cost::published_tppe_size);
    const double usual_tiles = cost::published_tppe_size.count;
    const double dynamic_mw = published_rest_mw / usual_tiles - usual_tile.dynamic_mw - usual_tile.leakage_mw -
                              constants.rest_leakage_mw / usual_tiles -
                              plif_of(cost::published_tppe_size, constants).dynamic_mw;
    parts.push_back({"rest", 1, area.rest_mm2 - tiles * plif.area_mm2,
                     cost::rest_leakage_mw(size.tppe, constants) - tiles * plif.leakage_mw,
                     tiles * dynamic_mw * of_table_clock});
    return parts;
}

std::vector<used_row> used_by(const results::run_result& run)
{
    const results::layer_result total = run.totals();
    std::vector<used_row> used;
    for (std::size_t i = 0; i < cost::energy_part_count; ++i) {
        const auto part = static_cast<cost::energy_part>(i);
        if (cost::info_of(part).group != cost::energy_group::dram && total.energy[part] > 0)
            used.push_back(
                {cost::info_of(part).name,
                 results::mean_power_mw(total.energy[part], total.counters[observe::counter::cycles], run.clock_mhz)});
    }
    return used;
}

} // namespace

cost_row cost_table::total() const
{
    cost_row sum{"total", 1, 0, 0, 0};
    for (const cost_row& each : parts) {
        sum.area_mm2 += each.area_mm2;
        sum.leakage_mw += each.leakage_mw;
        sum.dynamic_mw += each.dynamic_mw;
    }
    return sum;
}

cost_table make_cost_table(const std::filesystem::path& file, const std::vector<std::string>& overrides)
{
    cost_table table;
    const std::filesystem::path result = results::result_path(file);
    const bool is_result = std::filesystem::is_directory(file) || file.extension() == ".json";
    if (is_result && !overrides.empty())
        throw user_error(
            fmt::format("cost {}: a result has its configuration; --set is for a scenario", file.string()));
    table.scenario = config::load_scenario(is_result ? result.parent_path() / results::scenario_file : file, overrides);
    table.parts = parts_of(table.scenario);
    if (is_result) {
        const results::run_result run = results::read_result(result).run;
        table.result = file.string();
        table.cycles = run.totals().counters[observe::counter::cycles];
        table.used = used_by(run);
    }
    return table;
}

std::string to_text(const cost_table& table)
{
    const config::scenario& of = table.scenario;
    const cost_row total = table.total();
    const double all_mw = total.dynamic_mw + total.leakage_mw;
    const auto percent = [](double part, double whole) { return whole > 0 ? 100 * part / whole : 0.0; };
    std::string out =
        fmt::format("{}: {} tiles for T = {}, chunks of {} bits, {} KiB of cache, {} MHz\n\n", of.accelerator,
                    of.tppe.count, of.tppe.max_timesteps, of.tppe.chunk_bits, of.cache.size_kib, of.clock_mhz);
    out += fmt::format("{:<24} {:>6} {:>9} {:>6} {:>10} {:>10} {:>10} {:>6}\n", "part", "number", "area mm2", "%",
                       "dynamic mW", "leakage mW", "both mW", "%");
    const auto line = [&](const cost_row& row) {
        const double mw = row.dynamic_mw + row.leakage_mw;
        out += fmt::format("{:<24} {:>6} {:>9.4f} {:>6.1f} {:>10.2f} {:>10.2f} {:>10.2f} {:>6.1f}\n", row.name,
                           row.number, row.area_mm2, percent(row.area_mm2, total.area_mm2), row.dynamic_mw,
                           row.leakage_mw, mw, percent(mw, all_mw));
    };
    for (const cost_row& each : table.parts)
        line(each);
    line(total);
    out += "\nDynamic: all work in every cycle, and each bank of the cache reads a line; no workload does that.\n"
           "buffers: beyond the default sizes. rest: crossbars, compressor and scheduler.\n";
    if (table.result.empty())
        return out;
    double used_mw = 0;
    for (const used_row& each : table.used)
        used_mw += each.mw;
    out += fmt::format("\nAs {} used it, mean over {} cycles:\n\n{:<24} {:>10} {:>6}\n", table.result, table.cycles,
                       "part", "mW", "%");
    for (const used_row& each : table.used)
        out += fmt::format("{:<24} {:>10.3f} {:>6.1f}\n", each.name, each.mw, percent(each.mw, used_mw));
    out += fmt::format("{:<24} {:>10.3f} {:>6.1f}\n", "total", used_mw, 100.0);
    return out;
}

std::string to_json(const cost_table& table)
{
    const auto row = [](const cost_row& of) {
        return nlohmann::ordered_json{{"number", of.number},
                                      {"area_mm2", of.area_mm2},
                                      {"dynamic_mw", of.dynamic_mw},
                                      {"leakage_mw", of.leakage_mw}};
    };
    nlohmann::ordered_json out = {{"schema", "loas-vp.cost/1"}, {"accelerator", table.scenario.accelerator}};
    for (const cost_row& each : table.parts)
        out["parts"][each.name] = row(each);
    out["total"] = row(table.total());
    if (!table.result.empty()) {
        out["used"] = {{"result", table.result}, {"cycles", table.cycles}};
        for (const used_row& each : table.used)
            out["used"]["mw"][std::string(each.name)] = each.mw;
    }
    return out.dump(2) + '\n';
}

} // namespace loas::study
