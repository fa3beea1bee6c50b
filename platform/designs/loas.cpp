#include "models/designs/loas/loas_accelerator.h"
#include "platform/designs/common.h"

namespace loas::designs
{
namespace
{

using cost::axis;

std::unique_ptr<accelerator> build(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    return std::make_unique<loas_accelerator>("loas", shared_parameters(scenario), loas_order(), wheel);
}

/// As published: a PE has a row of 16, columns are broadcast.
constexpr cost::published_design published_accounting{{16, 128, 32},
                                                      {axis::row, axis::column, axis::timestep, axis::input},
                                                      axis::row,
                                                      std::uint64_t{128} * 1024,
                                                      std::uint64_t{128} * 32};

cost::published_design accounting(const config::scenario& scenario)
{
    cost::published_design of = published_accounting;
    of.tile.rows = scenario.tppe.count;
    of.tile.inputs = scenario.tppe.chunk_bits;
    return of;
}

cost::tile_table tile_table(const config::scenario& scenario)
{
    return row_tile(scenario, built_tppe(scenario));
}

dataflow_point dataflow(const config::scenario& scenario)
{
    return row_tile_point(scenario, 0);
}

} // namespace

design loas_design()
{
    design d;
    d.word = "loas";
    d.id = LOAS_ACCELERATOR_LOAS;
    d.carries_potentials = true;
    d.formats = formats_of(LOAS_SPIKES_PACKED, LOAS_WEIGHTS_COLUMNS);
    d.build = build;
    d.dataflow = dataflow;
    d.dataflow_choices = blocks_of_timesteps();
    d.tile_bounds = row_tile_bounds;
    d.tile_keys = row_tile_keys();
    d.neurons_in_sequence = false;
    d.accounting = accounting;
    d.constants = tppe_constants;
    d.published = publication{publication::part::subject, "LoAS", "loas_mntk_normal", "loas_mntk_strong"};
    d.tile_table = tile_table;
    return d;
}

} // namespace loas::designs
