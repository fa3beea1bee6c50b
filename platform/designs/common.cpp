#include "platform/designs/common.h"

#include <fmt/format.h>

#include "models/cost/buffers.h"

namespace loas::designs
{

accelerator_parameters shared_parameters(const config::scenario& scenario)
{
    accelerator_parameters to;
    to.clock_mhz = scenario.clock_mhz;
    to.line_bytes = scenario.cache.line_bytes;
    to.tppe = scenario.tppe;
    to.plif = scenario.plif;
    to.compressor = scenario.compressor;
    to.scheduler = scenario.scheduler;
    // The driver gives up first and says so; this is for what would go on for ever without it.
    to.longest_wait_ps = 10 * static_cast<std::uint64_t>(scenario.cpu.timeout_ms) * 1'000'000'000;
    return to;
}

void add_empty_joins(const config::scenario& scenario, std::vector<bound>& bounds)
{
    if (scenario.tppe.empty_join_cycles > 0)
        bounds.push_back({"empty joins",
                          "a chunk join takes a cycle though nothing matches",
                          {"tppe.empty_join_cycles=0"},
                          {"empty_join"}});
}

std::vector<bound> row_tile_bounds(const config::scenario& scenario)
{
    std::vector<bound> all;
    if (!scenario.tppe.laggy_ideal)
        all.push_back({"laggy prefix-sum",
                       "the slow prefix-sum behind the speculation holds the masks, or its FIFO is full",
                       {"tppe.laggy_ideal=true"},
                       {"laggy", "fifo_full"}});
    add_empty_joins(scenario, all);
    if (scenario.tppe.accumulator_sets == 1)
        all.push_back({"imbalance between rows",
                       "tiles wait at each column for the one with the most matches",
                       {"tppe.columns_per_sync=65535"},
                       {"synchronisation"}});
    if (scenario.scheduler.spread != spread::columns)
        all.push_back({"idle tiles",
                       "tiles have no row, as there are fewer rows than tiles (with other columns of the rows instead)",
                       {"scheduler.spread=columns"},
                       {"idle"}});
    return all;
}

std::vector<std::string_view> row_tile_keys()
{
    return {"tppe.weight_buffer_bytes", "tppe.fast_latency",       "tppe.laggy_adders",
            "tppe.laggy_pipelined",     "tppe.laggy_ideal",        "tppe.fifo_depth",
            "tppe.accumulator_sets",    "tppe.columns_per_sync",   "tppe.empty_join_cycles",
            "tppe.acc_bits",            "tppe.corr_bits",          "tppe.overflow",
            "scheduler.prefetch_rows",  "scheduler.prefetch_columns", "scheduler.spread"};
}

dataflow_point row_tile_point(const config::scenario& scenario, unsigned column_block)
{
    const compute::tppe_parameters& tppe = scenario.tppe;
    const char* order = column_block > 0 ? "nmkt" : "mnkt";
    if (tppe.sync_columns() == 1)
        return {order, fmt::format("m{},t", tppe.count), "packed,bitmask", tiles_of_timesteps(scenario)};
    // Of several sets the columns of a tile; they may meet more often, as they do where a block ends with fewer columns.
    unsigned columns = tppe.accumulator_sets > 1 ? tppe.accumulator_sets : tppe.columns_per_sync;
    if (column_block > 0 && column_block % columns != 0)
        columns = column_block;
    const std::string chunk = tppe.accumulator_sets > 1 ? fmt::format(",k={}", tppe.chunk_bits) : "";
    return {order, fmt::format("m{},t,free", tppe.count), "packed,bitmask",
            in_blocks(scenario, column_block > 0 ? fmt::format("n={},m={}{}", columns, tppe.count, chunk)
                                                 : fmt::format("m={},n={}{}", tppe.count, columns, chunk))};
}

compute::tppe_parameters built_tppe(const config::scenario& scenario)
{
    compute::tppe_parameters built = scenario.tppe;
    if (scenario.fidelity != config::fidelity::published)
        return built;
    const config::scenario idealised = config::default_scenario({"fidelity=published"});
    if (built.weight_buffer_bytes == idealised.tppe.weight_buffer_bytes)
        built.weight_buffer_bytes = cost::published_tppe_size.weight_buffer_bytes;
    if (built.accumulator_sets == idealised.tppe.accumulator_sets)
        built.accumulator_sets = cost::published_tppe_size.accumulator_sets;
    return built;
}

cost::tile_table row_tile(const config::scenario& scenario, const compute::tppe_parameters& built)
{
    cost::tile_table tile = cost::tppe_tile(built, scenario.energy);
    cost::add_column_buffers(tile, scenario.scheduler.most_columns_ahead(scenario.tppe.count), scenario.energy);
    if (scenario.fidelity != config::fidelity::published)
        cost::add_row_store(tile, built, scenario.scheduler.prefetch_rows, scenario.energy);
    return tile;
}

cost::component byte_multiplier()
{
    constexpr double feature = 32.0 / 45, multiply_pj = 0.2 * feature, area_mm2 = 282e-6 * feature * feature;
    const cost::component sum = cost::accumulator_of(cost::published_tppe_size.acc_bits);
    return {"multiplier", area_mm2, multiply_pj / cost::table_cycle_ns, sum.leakage_mw * area_mm2 / sum.area_mm2};
}

std::string tiles_of_timesteps(const config::scenario& scenario)
{
    return config::blocks_of(scenario) > 1 ? fmt::format("t={}", config::block_timesteps(scenario)) : "";
}

std::string in_blocks(const config::scenario& scenario, const std::string& tiles)
{
    const std::string blocks = tiles_of_timesteps(scenario);
    return blocks.empty() ? tiles : blocks + ',' + tiles;
}

std::vector<design::choice> blocks_of_timesteps()
{
    return {{"tppe.max_timesteps", {1, 2, 4, 8}}};
}

} // namespace loas::designs
