#include "models/designs/gospa/gospa_accelerator.h"
#include "models/designs/gospa/parameters.h"
#include "platform/designs/common.h"

namespace loas::designs
{
namespace
{

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

cost::published_design accounting(const config::scenario& scenario)
{
    cost::published_design of = cost::gospa_snn;
    of.tile = {own(scenario).rows, own(scenario).tile_inputs, scenario.tppe.count};
    return of;
}

void size_tile(const config::scenario& scenario, cost::hardware_size& size)
{
    cost::pe_size pe;
    pe.kind = cost::pe_kind::gospa;
    pe.chunk_bits = scenario.tppe.chunk_bits;
    pe.rows = own(scenario).rows;
    if (own(scenario).fifo_depth > 0) // without a limit it is an accounting, not hardware: charged as published
        pe.fifo_depth = own(scenario).fifo_depth;
    size.pe = cost::pe_of(pe);
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
    d.tile_bounds = tile_bounds;
    d.accounting = accounting;
    d.constants = cost::gospa_constants;
    d.published = publication{publication::part::rival, "GoSPA-S", "gospa"};
    d.size_tile = size_tile;
    return d;
}

} // namespace loas::designs
