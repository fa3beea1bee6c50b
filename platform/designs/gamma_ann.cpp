// Gamma as it was made, for matrices of numbers: gamma-snn's machine with bytes in place of spikes. What differs is the
// layer's formats, of which the machine makes the rest, and what a PE is made of.
#include "models/designs/gamma/parameters.h"
#include "platform/designs/common.h"

namespace loas::designs
{
namespace
{

using cost::axis;

/// Inputs have 8 bits and a coordinate within 64 inputs; partial sums stay on the chip.
constexpr cost::published_design published_accounting{{16, 64, 64},
                                                      {axis::row, axis::input, axis::timestep, axis::column},
                                                      axis::row,
                                                      4096,
                                                      131072,
                                                      true,
                                                      cost::dataflow::row_by_row,
                                                      cost::coordinate_tiles(6),
                                                      cost::coordinate_tiles(6),
                                                      8,
                                                      false};

cost::published_design accounting(const config::scenario& scenario)
{
    cost::published_design of = published_accounting;
    of.tile.rows = scenario.tppe.count;
    of.tile.columns = scenario.own.of<gamma_parameters>().tile_columns;
    return of;
}

cost::tile_table tile_table(const config::scenario& scenario)
{
    return gamma_tile(scenario, true);
}

} // namespace

design gamma_ann_design()
{
    design d;
    d.word = "gamma-ann";
    d.id = LOAS_ACCELERATOR_GAMMA_ANN;
    d.bytes = true;
    d.formats = formats_of(LOAS_SPIKES_BYTE_PAIRS, LOAS_WEIGHTS_ROWS, LOAS_FORMATS_WORK_AREA);
    d.build = build_gamma;
    // Its own parameters are gamma-snn's.
    d.tile_keys = {"scheduler.prefetch_rows", "gamma.radix", "gamma.merger_latency", "gamma.tile_inputs",
                   "gamma.tile_columns"};
    d.tile_bounds = gamma_bounds;
    d.accounting = accounting;
    d.constants = cost::published_constants{148.38, 5.59};
    d.published = publication{publication::part::other_kind, "Gamma-ANN", "gamma_ann"};
    d.tile_table = tile_table;
    return d;
}

} // namespace loas::designs
