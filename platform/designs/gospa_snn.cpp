#include "models/designs/gospa/gospa_accelerator.h"
#include "models/designs/gospa/parameters.h"
#include "platform/designs/common.h"

#include <fmt/format.h>

namespace loas::designs
{
namespace
{

using cost::as_often_as, cost::axis, cost::energy_part, observe::counter;

const gospa_parameters& own(const config::scenario& scenario)
{
    return scenario.own.of<gospa_parameters>();
}

std::unique_ptr<accelerator> build(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    return std::make_unique<gospa_accelerator>("gospa", shared_parameters(scenario), own(scenario), wheel);
}

std::vector<bound> tile_bounds(const config::scenario& s)
{
    std::vector<bound> all;
    if (own(s).stream_width > 0 || own(s).fifo_depth > 0)
        all.push_back({"stream of spikes",
                       "matched spikes come late, or a full FIFO stops the stream",
                       {"gospa.stream_width=0", "gospa.fifo_depth=0"},
                       {"stream"}});
    if (own(s).rows < 1024)
        all.push_back({"imbalance between PEs",
                       "PEs wait at each block of rows for the one with the most matches (ideal: 1024 rows)",
                       {"gospa.rows=1024"},
                       {"synchronisation"}});
    return all;
}

/// For spikes: a PE has a column of 16; coordinates within 256 inputs.
constexpr cost::published_design published_accounting{{64, 256, 16},
                                                      {axis::input, axis::column, axis::timestep, axis::row},
                                                      axis::column,
                                                      std::uint64_t{2720} * 64,
                                                      std::uint64_t{256} * 4 * 16,
                                                      false,
                                                      cost::dataflow::outer_product,
                                                      cost::coordinate_tiles(8),
                                                      cost::masked_tiles};

cost::published_design accounting(const config::scenario& scenario)
{
    cost::published_design of = published_accounting;
    of.tile = {own(scenario).rows, own(scenario).tile_inputs, scenario.tppe.count};
    return of;
}

/// The authors' table "gospa" is of all 16 PEs - 64 x 16 sums of 12 bits, 16 FIFOs of 8 x 7 bits - so a PE is 1/16. It
/// has no weights held in a PE, and so there are none here. How it grows is this project's choice: with its bits.
cost::tile_table tile_table(const config::scenario& scenario)
{
    constexpr double table_pes = 16;
    constexpr cost::component sums{"accumulators", 0.374485, 29.870093, 7.476902};
    constexpr cost::component fifos{"spike_fifos", 0.011548, 1.618666, 0.230225};
    constexpr cost::component buffer{"buffer", 0.000176, 0.030083, 0.004580};
    const gospa_parameters published;
    const double rows = published.rows, depth = published.fifo_depth;
    // Without a limit it is an accounting, not hardware: charged as published.
    const unsigned fifo_depth = own(scenario).fifo_depth > 0 ? own(scenario).fifo_depth : published.fifo_depth;
    const cost::event_count matches = as_often_as({counter::matches});
    const double add_pj = event_pj(cost::accumulator_of(cost::published_tppe_size.acc_bits)); // one sum works at a time
    return {
        {scaled(sums, own(scenario).rows / rows / table_pes), scaled(fifos, fifo_depth / depth / table_pes),
         scaled(buffer, 1 / table_pes)},
        {{energy_part::weight_buffer, matches, event_pj(buffer) / table_pes},
         {energy_part::position_fifo, matches, 2 * event_pj(fifos) * fifo_depth / depth / table_pes}, // push and pop
         {energy_part::pseudo_accumulator, matches, add_pj}}};
}

dataflow_point dataflow(const config::scenario& scenario)
{
    // FIFOs stand between the stream of spikes and the PEs, which meet after each block.
    const unsigned width = own(scenario).stream_width;
    return {"kntm", fmt::format("n{},{}", scenario.tppe.count, width > 0 ? fmt::format("stream{}", width) : "free"), "coordinates,bitmask",
            fmt::format("k={},n={},t=1,m={}", own(scenario).tile_inputs, scenario.tppe.count, own(scenario).rows)};
}

} // namespace

design gospa_snn_design()
{
    design d;
    d.word = "gospa-snn";
    d.id = LOAS_ACCELERATOR_GOSPA_SNN;
    d.formats = formats_of(LOAS_SPIKES_COORDINATES, LOAS_WEIGHTS_COLUMNS, LOAS_FORMATS_WORK_AREA);
    d.has_parameters<gospa_parameters>();
    d.build = build;
    d.dataflow = dataflow;
    d.dataflow_choices = {{"gospa.tile_inputs", {64, 128, 256, 512, 1024}}, {"gospa.rows", {16, 64, 256}}};
    d.tile_keys = {"scheduler.prefetch_rows", "scheduler.prefetch_columns"};
    d.fetches_columns_or_none = true;
    d.tile_bounds = tile_bounds;
    d.accounting = accounting;
    d.constants = cost::published_constants{179, 1.742}; // 1.34 x 1.3 for the generation of indices
    d.published = publication{publication::part::rival, "GoSPA-S", "gospa"};
    d.published->remark =
        "GoSPA waits for two things for which the accounting has no time: spikes come over a stream of "
        "so many a cycle (`gospa.stream_width`, this project's choice), matched or not, and partial "
        "sums go to memory and back. Each hides behind the other";
    d.published->changes = {{"any number of spikes streams by in a cycle (GoSPA)",
                             {"gospa.stream_width=0", "gospa.fifo_depth=0"},
                             "such a memory, and any number of spikes (GoSPA)",
                             "the stream alone costs GoSPA"}};
    d.tile_table = tile_table;
    return d;
}

} // namespace loas::designs
