#include "models/designs/gamma/gamma_accelerator.h"
#include "models/designs/gamma/parameters.h"
#include "platform/designs/common.h"

#include <fmt/format.h>

#include <algorithm>

namespace loas::designs
{
namespace
{

using cost::as_often_as, cost::axis, cost::energy_part, observe::counter;

const gamma_parameters& own(const config::scenario& scenario)
{
    return scenario.own.of<gamma_parameters>();
}

/// For spikes: a PE has a row of 16; coordinates within 64 inputs, and within 64 columns.
constexpr cost::published_design published_accounting{{16, 64, 64},
                                                      {axis::row, axis::input, axis::timestep, axis::column},
                                                      axis::row,
                                                      std::uint64_t{32} * 256,
                                                      std::uint64_t{256} * 512,
                                                      false,
                                                      cost::dataflow::row_by_row,
                                                      cost::coordinate_tiles(6),
                                                      cost::coordinate_tiles(6)};

cost::published_design accounting(const config::scenario& scenario)
{
    cost::published_design of = published_accounting;
    of.tile.rows = scenario.tppe.count;
    of.tile.columns = own(scenario).tile_columns;
    return of;
}

dataflow_point dataflow(const config::scenario& scenario)
{
    // Each PE goes on by itself, or they meet after each tile, of which they merge all rows at once, whatever the radix is.
    const unsigned pes = scenario.tppe.count, inputs = own(scenario).tile_inputs;
    return {"mktn", fmt::format("m{}{}", pes, inputs > 0 ? "" : ",free"), "coordinates,coordinates",
            inputs > 0 ? fmt::format("m={},k={},t=1,n={}", pes, inputs, own(scenario).tile_columns) : "",
            std::max(own(scenario).radix, inputs)};
}

cost::tile_table tile_table(const config::scenario& scenario)
{
    return gamma_tile(scenario, false);
}

} // namespace

std::unique_ptr<accelerator> build_gamma(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    return std::make_unique<gamma_accelerator>("gamma", shared_parameters(scenario), own(scenario), wheel);
}

std::vector<bound> gamma_bounds(const config::scenario& s)
{
    if (own(s).tile_inputs > 0) // tiles have no rounds
        return {{"imbalance between rows",
                 "PEs wait at each tile for the one with the most matches",
                 {"gamma.tile_inputs=0"},
                 {"synchronisation"}}};
    std::vector<bound> all;
    if (own(s).merger_latency > 0)
        all.push_back(
            {"fill of the merger", "the merger fills and drains once a round", {"gamma.merger_latency=0"}, {"fill"}});
    if (own(s).radix < 1024)
        all.push_back({"rounds of merging",
                       "partial rows leave and are merged once more (ideal: 1024 ways)",
                       {"gamma.radix=1024"},
                       {"merging", "partial_sums", "fill"}});
    return all;
}

/// The authors' table "gamma": buffers of 64 weights and their coordinates, 64 spikes, merger of radix 64, sum of 24
/// bits. How it grows is this project's choice: in proportion to the radix, but for the sum. As the authors count it,
/// all of the PE works for an element. Bytes take a buffer as large as that of the weights in the place of the spikes', and
/// a multiplier behind the merger.
cost::tile_table gamma_tile(const config::scenario& scenario, bool bytes)
{
    constexpr cost::component sum{"accumulator", 0.000731, 0.058340, 0.014603};
    constexpr cost::component spikes{"spike_buffer", 0.000706, 0.120332, 0.018320};
    constexpr cost::component weights{"weight_buffer", 0.005645, 0.962659, 0.146563};
    constexpr cost::component coordinates{"coordinate_buffer", 0.004234, 0.721994, 0.109922};
    constexpr cost::component merger{"merger", 0.008106, 0.131716, 0.031882};
    const cost::component inputs = bytes ? scaled(weights, 1, "value_buffer") : spikes;
    const unsigned radix = own(scenario).radix;
    const double published = gamma_parameters().radix;
    const double wider = radix / published;
    const double buffers_pj = event_pj(inputs) + event_pj(weights) + event_pj(coordinates);
    const cost::event_count elements = as_often_as({counter::busy_cycles, counter::stall_merging});
    cost::tile_table tile{{sum, scaled(inputs, wider), scaled(weights, wider), scaled(coordinates, wider), scaled(merger, wider)},
            {{energy_part::pseudo_accumulator, as_often_as({counter::matches}), event_pj(sum)},
             {energy_part::merger, elements, event_pj(merger) * radix / published},
             {energy_part::element_buffers, elements, buffers_pj * radix / published}}};
    if (bytes) {
        const cost::component multiplier = byte_multiplier();
        tile.components.push_back(multiplier);
        tile.events.push_back({energy_part::pseudo_accumulator, as_often_as({counter::matches}), event_pj(multiplier)});
    }
    return tile;
}

design gamma_snn_design()
{
    design d;
    d.word = "gamma-snn";
    d.id = LOAS_ACCELERATOR_GAMMA_SNN;
    d.formats = formats_of(LOAS_SPIKES_COORDINATES, LOAS_WEIGHTS_ROWS, LOAS_FORMATS_WORK_AREA);
    d.has_parameters<gamma_parameters>();
    d.build = build_gamma;
    d.dataflow = dataflow;
    d.tile_keys = {"scheduler.prefetch_rows"};
    d.tile_bounds = gamma_bounds;
    d.accounting = accounting;
    d.constants = cost::published_constants{148.32, 3.735}; // 4.98 x 6 / 8
    d.published = publication{publication::part::rival, "Gamma-S", "gamma"};
    d.published->remark = "Gamma's PEs go on by themselves, while the accounting has them meet after each tile";
    d.published->changes = {{"PEs meet after each tile, as in the accounting (Gamma)", {"gamma.tile_inputs=64"}}};
    d.tile_table = tile_table;
    return d;
}

} // namespace loas::designs
