// LoAS in SparTen's order: as many columns at a time as there are tiles, and all rows for each of them. With nmtk.rows
// they meet after each chunk of a block, as in the accounting; each tile then has one column of it.
#include "models/cost/buffers.h"
#include "models/designs/loas/loas_accelerator.h"
#include "models/designs/loas/parameters.h"
#include "platform/designs/common.h"

#include <fmt/format.h>

namespace loas::designs
{
namespace
{

using cost::axis;

const nmtk_parameters& own(const config::scenario& scenario)
{
    return scenario.own.of<nmtk_parameters>();
}

std::unique_ptr<accelerator> build(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    accelerator_parameters to = shared_parameters(scenario);
    if (own(scenario).holds_columns())
        to.tppe.accumulator_sets = to.tppe.columns_per_sync = to.tppe.count;
    return std::make_unique<loas_accelerator>("loas_nmtk", to, loas_order{to.tppe.count, own(scenario).rows}, wheel);
}

std::vector<bound> tile_bounds(const config::scenario& scenario)
{
    if (!own(scenario).holds_columns())
        return row_tile_bounds(scenario);
    std::vector<bound> all;
    add_empty_joins(scenario, all);
    if (own(scenario).rows < 1024)
        all.push_back({"imbalance between columns",
                       "tiles wait at each chunk for the one with the most matches (ideal: 1024 rows)",
                       {"nmtk.rows=1024"},
                       {"synchronisation"}});
    return all;
}

std::string without_effect(const config::scenario& scenario, std::string_view key)
{
    if (key == "scheduler.spread" && own(scenario).holds_columns())
        return "nmtk.rows has a column in each tile, and rows pass by all of them";
    return {};
}

/// Packed spikes in this order: a PE has a column of 16, rows are broadcast.
constexpr cost::published_design published_accounting{{32, 128, 16},
                                                      {axis::column, axis::row, axis::timestep, axis::input},
                                                      axis::column,
                                                      std::uint64_t{128} * 32,
                                                      std::uint64_t{128} * 1024};

cost::published_design accounting(const config::scenario& scenario)
{
    cost::published_design of = published_accounting;
    if (own(scenario).holds_columns())
        of.tile.rows = own(scenario).rows;
    of.tile.inputs = scenario.tppe.chunk_bits;
    of.tile.columns = scenario.tppe.count;
    return of;
}

/// A tile that holds a column has a sum for each row; as many as fidelity "published" sets are an accounting and are
/// charged as the published set, as built_tppe().
cost::tile_table tile_table(const config::scenario& scenario)
{
    compute::tppe_parameters built = built_tppe(scenario);
    if (own(scenario).holds_columns()) {
        const bool idealised = scenario.fidelity == config::fidelity::published &&
                               own(scenario).rows == own(config::default_scenario({"fidelity=published"})).rows;
        built.accumulator_sets = idealised ? cost::published_tppe_size.accumulator_sets : own(scenario).rows;
    }
    if (!own(scenario).holds_columns())
        return row_tile(scenario, built);
    cost::tile_table tile = cost::tppe_tile(built, scenario.energy); // keeps no row: they are broadcast
    cost::add_column_buffers(tile, scenario.scheduler.prefetch_columns, scenario.energy);
    return tile;
}

/// A tile has a row, or a column, and then meets the others after a chunk of a group of rows.
dataflow_point dataflow(const config::scenario& scenario)
{
    const unsigned count = scenario.tppe.count;
    if (!own(scenario).holds_columns())
        return row_tile_point(scenario, count);
    return {"nmkt", fmt::format("n{},t,free", count), "packed,bitmask",
            in_blocks(scenario, fmt::format("n={},m={},k={}", count, own(scenario).rows, scenario.tppe.chunk_bits))};
}

} // namespace

design loas_nmtk_design()
{
    design d;
    d.word = "loas-nmtk";
    d.id = LOAS_ACCELERATOR_LOAS;
    d.carries_potentials = true;
    d.formats = formats_of(LOAS_SPIKES_PACKED, LOAS_WEIGHTS_COLUMNS, LOAS_FORMATS_WORK_AREA);
    d.has_parameters<nmtk_parameters>();
    d.build = build;
    d.dataflow = dataflow;
    d.dataflow_choices = blocks_of_timesteps();
    d.tile_bounds = tile_bounds;
    d.tile_keys = row_tile_keys();
    d.without_effect = without_effect;
    d.neurons_in_sequence = false;
    d.accounting = accounting;
    d.constants = tppe_constants;
    d.published = publication{publication::part::other_order, "LoAS (nmtk)", "loas_nmtk_normal", "loas_nmtk_strong"};
    d.tile_table = tile_table;
    return d;
}

} // namespace loas::designs
