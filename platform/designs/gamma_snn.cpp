#include "models/designs/gamma/gamma_accelerator.h"
#include "models/designs/gamma/parameters.h"
#include "platform/designs/common.h"

namespace loas::designs
{
namespace
{

const gamma_parameters& own(const config::scenario& scenario)
{
    return scenario.own.of<gamma_parameters>();
}

std::unique_ptr<accelerator> build(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    return std::make_unique<gamma_accelerator>("gamma_snn", shared_parameters(scenario), own(scenario), wheel);
}

std::vector<bound> tile_bounds(const config::scenario& s)
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

cost::published_design accounting(const config::scenario& scenario)
{
    cost::published_design of = cost::gamma_snn;
    of.tile.rows = scenario.tppe.count;
    of.tile.columns = own(scenario).tile_columns;
    return of;
}

void size_tile(const config::scenario& scenario, cost::hardware_size& size)
{
    cost::pe_size pe;
    pe.kind = cost::pe_kind::gamma;
    pe.chunk_bits = scenario.tppe.chunk_bits;
    pe.radix = own(scenario).radix;
    size.pe = cost::pe_of(pe);
}

} // namespace

design gamma_snn_design()
{
    design d;
    d.word = "gamma-snn";
    d.id = LOAS_ACCELERATOR_GAMMA_SNN;
    d.formats = formats_of(LOAS_SPIKES_COORDINATES, LOAS_WEIGHTS_ROWS, LOAS_FORMATS_WORK_AREA);
    d.has_parameters<gamma_parameters>();
    d.build = build;
    d.tile_bounds = tile_bounds;
    d.accounting = accounting;
    d.constants = cost::gamma_constants;
    d.published = publication{publication::part::rival, "Gamma-S", "gamma"};
    d.size_tile = size_tile;
    return d;
}

} // namespace loas::designs
