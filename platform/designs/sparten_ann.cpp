// SparTen as it was made, for ANNs: sparten-snn's machine with bytes in place of spikes. What differs is the layer's
// formats, of which the machine makes the rest, and what a PE is made of.
#include "models/designs/sparten/parameters.h"
#include "platform/designs/common.h"

namespace loas::designs
{
namespace
{

using cost::as_often_as, cost::axis, cost::energy_part, observe::counter;

/// Inputs have a mask and 8 bits each; a PE has a column of 16.
constexpr cost::published_design published_accounting{{32, 128, 16},
                                                      {axis::column, axis::row, axis::timestep, axis::input},
                                                      axis::column,
                                                      8192,
                                                      131072,
                                                      true,
                                                      cost::dataflow::inner_product,
                                                      cost::masked_tiles,
                                                      cost::masked_tiles,
                                                      8};

cost::published_design accounting(const config::scenario& scenario)
{
    cost::published_design of = published_accounting;
    of.tile = {scenario.own.of<sparten_parameters>().rows, scenario.tppe.chunk_bits, scenario.tppe.count};
    return of;
}

/// sparten-snn's with the authors' sums of 24 bits, and what bytes need beside that, which no table has: a second fast
/// prefix-sum, a buffer for the values of a chunk like that of the weights, and a multiplier.
cost::tile_table tile_table(const config::scenario& scenario)
{
    constexpr unsigned sum_bits = 24;
    const cost::component multiplier = byte_multiplier();
    compute::tppe_parameters size;
    size.chunk_bits = scenario.tppe.chunk_bits;
    const cost::component prefix = component_of(cost::tppe_component::fast_prefix, size);
    const cost::component buffer = component_of(cost::tppe_component::weight_buffer, size);
    const cost::event_count matches = as_often_as({counter::matches});
    cost::tile_table tile = sparten_tile(scenario, sum_bits);
    tile.components.push_back(scaled(prefix, 1, "a_fast_prefix"));
    tile.components.push_back(scaled(buffer, 1, "a_value_buffer"));
    tile.components.push_back(multiplier);
    tile.events.push_back({energy_part::fast_prefix, as_often_as({counter::joins}), event_pj(prefix)});
    tile.events.push_back({energy_part::weight_buffer, matches, event_pj(buffer)});
    tile.events.push_back({energy_part::pseudo_accumulator, matches, event_pj(multiplier)});
    return tile;
}

} // namespace

design sparten_ann_design()
{
    design d;
    d.word = "sparten-ann";
    d.id = LOAS_ACCELERATOR_SPARTEN_ANN;
    d.bytes = true;
    d.formats = formats_of(LOAS_SPIKES_BYTES, LOAS_WEIGHTS_COLUMNS, LOAS_FORMATS_WORK_AREA);
    d.build = build_sparten;
    d.tile_bounds = sparten_bounds;
    // Its own parameters are sparten-snn's.
    d.tile_keys = {"tppe.fast_latency", "tppe.empty_join_cycles", "sparten.rows", "sparten.chunk_buffers"};
    d.accounting = accounting;
    d.constants = cost::published_constants{130.92, 7.949};
    d.published = publication{publication::part::other_kind, "SparTen-ANN", "sparten_ann"};
    d.tile_table = tile_table;
    return d;
}

} // namespace loas::designs
