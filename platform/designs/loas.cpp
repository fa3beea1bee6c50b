#include "models/designs/loas/loas_accelerator.h"
#include "platform/designs/common.h"

namespace loas::designs
{
namespace
{

std::unique_ptr<accelerator> build(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    return std::make_unique<loas_accelerator>("loas", shared_parameters(scenario), loas_order(), wheel);
}

cost::published_design accounting(const config::scenario& scenario)
{
    cost::published_design of = cost::loas_mntk;
    of.tile.rows = scenario.tppe.count;
    of.tile.inputs = scenario.tppe.chunk_bits;
    return of;
}

} // namespace

design loas_design()
{
    design d;
    d.word = "loas";
    d.id = LOAS_ACCELERATOR_LOAS;
    d.formats = formats_of(LOAS_SPIKES_PACKED, LOAS_WEIGHTS_COLUMNS);
    d.build = build;
    d.tile_bounds = row_tile_bounds;
    d.tile_keys = row_tile_keys();
    d.neurons_in_sequence = false;
    d.accounting = accounting;
    d.constants = cost::loas_constants;
    d.published = publication{publication::part::subject, "LoAS", "loas_mntk_normal", "loas_mntk_strong"};
    return d;
}

} // namespace loas::designs
