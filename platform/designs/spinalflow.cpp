#include "models/cost/sram.h"
#include "models/designs/spinalflow/parameters.h"
#include "models/designs/spinalflow/spinalflow_accelerator.h"
#include "platform/designs/common.h"

#include <algorithm>

namespace loas::designs
{
namespace
{

const spinalflow_parameters& own(const config::scenario& scenario)
{
    return scenario.own.of<spinalflow_parameters>();
}

std::unique_ptr<accelerator> build(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    return std::make_unique<spinalflow_accelerator>("spinalflow", shared_parameters(scenario), own(scenario), wheel);
}

unsigned adders_of_tile(const config::scenario& scenario)
{
    return (own(scenario).pes + scenario.tppe.count - 1) / scenario.tppe.count;
}

unsigned neurons(const config::scenario& scenario)
{
    return own(scenario).neuron == spinalflow_neuron::first_spike ? unsigned{LOAS_NEURON_FIRST_SPIKE} : 0U;
}

std::vector<bound> tile_bounds(const config::scenario& s)
{
    if (own(s).merger_latency == 0)
        return {};
    return {{"fill of the mergers",
             "the mergers fill once a pass, and in rounds of large fields",
             {"spinalflow.merger_latency=0"},
             {"fill"}}};
}

/// The energy, area and leakage of a filter buffer, by CACTI: memories that each give 32 bytes of a row, for which its
/// runs are, and work together (project's choice). The largest row that fits is as wide as all PEs.
cost::sram_figures filter_buffer(const spinalflow_parameters& of)
{
    const unsigned memories = std::max(1U, of.pes / cache::parameters().line_bytes);
    cache::parameters each;
    each.size_kib = std::max(1U, of.filter_kib / memories);
    each.banks = 1;
    cost::sram_figures figures = cost::cache_by_cacti(each);
    for (double* figure : {&figures.read_pj, &figures.write_pj, &figures.subthreshold_mw, &figures.gate_mw, &figures.area_mm2})
        *figure *= memories;
    return figures;
}

/// PEs as those of an array of dense weights, of which a tile has its share, and of the filter buffer.
cost::tile_table tile_table(const config::scenario& scenario)
{
    using cost::as_often_as, cost::energy_part, observe::counter;
    const unsigned pes = own(scenario).pes;
    const double share = 1.0 / scenario.tppe.count;
    const unsigned of_tile = adders_of_tile(scenario); // of one that is full
    cost::tile_table tile = array_tile(of_tile);
    for (cost::component& part : tile.components)
        part = scaled(part, pes * share / of_tile, part.name);
    const cost::sram_figures filters = filter_buffer(own(scenario));
    tile.components.push_back({"filter_buffer", filters.area_mm2 * share,
                               filters.read_pj / cost::table_cycle_ns * share, filters.leakage_mw() * share});
    // A spike reads a row, a pass writes each.
    tile.events.push_back({energy_part::weight_buffer, as_often_as({counter::sram_read_b_weights}, 8 * pes),
                           filters.read_pj});
    tile.events.push_back({energy_part::weight_buffer, as_often_as({counter::request_bytes_b_weights}, pes),
                           filters.write_pj});
    return tile;
}

} // namespace

design spinalflow_design()
{
    design d;
    d.word = "spinalflow";
    d.id = LOAS_ACCELERATOR_SPINALFLOW;
    d.neuron_modes = LOAS_NEURON_FIRST_SPIKE;
    d.neurons = neurons;
    d.formats = formats_of(LOAS_SPIKES_BITMAP, LOAS_WEIGHTS_DENSE);
    d.has_parameters<spinalflow_parameters>();
    d.build = build;
    d.tile_bounds = tile_bounds;
    d.adders_of_tile = adders_of_tile;
    d.published = publication{publication::part::other_kind, "SpinalFlow", "spinalflow"};
    d.tile_table = tile_table;
    return d;
}

} // namespace loas::designs
