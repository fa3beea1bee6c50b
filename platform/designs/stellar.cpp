#include "models/designs/stellar/parameters.h"
#include "models/designs/stellar/stellar_accelerator.h"
#include "platform/config/rules.h"
#include "platform/designs/common.h"

#include <fmt/format.h>

namespace loas::designs
{
namespace
{

const stellar_parameters& own(const config::scenario& scenario)
{
    return scenario.own.of<stellar_parameters>();
}

std::unique_ptr<accelerator> build(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    return std::make_unique<stellar_accelerator>("stellar", shared_parameters(scenario), own(scenario), wheel);
}

void check(const config::scenario& s, std::vector<config::broken_rule>& broken)
{
    if (s.tppe.count % own(s).pixels != 0)
        broken.push_back(
            {{"tppe.count", "stellar.pixels", "accelerator"},
             fmt::format("tppe.count = {} is no multiple of stellar.pixels, {}: Stellar's PEs are an array of "
                         "pixels and channels",
                         s.tppe.count, own(s).pixels),
             true});
}

unsigned adders_of_tile(const config::scenario& scenario)
{
    return own(scenario).timesteps;
}

unsigned neurons(const config::scenario& scenario)
{
    return own(scenario).neuron == stellar_neuron::few_spikes ? unsigned{LOAS_NEURON_FEW_SPIKES} : 0U;
}

/// A dense estimate of pixels x channels, a fifth of whose cycles and 0.26 of whose inputs and outputs, bytes, are
/// charged: what skipping leaves, as the authors assume.
cost::published_design accounting(const config::scenario& scenario)
{
    const unsigned channels = scenario.tppe.count / own(scenario).pixels;
    cost::published_design of{};
    of.tile = {own(scenario).pixels, 64, channels};
    of.timesteps_together = false;
    of.flow = cost::dataflow::folds;
    of.fold_fill = own(scenario).pixels + channels - 2;
    of.fold_timesteps = own(scenario).timesteps;
    of.input_bits = 8;
    of.fold_cycles_percent = 20;
    of.fold_items_percent = 26;
    return of;
}

/// A PE: an adder and a sum for each timestep.
cost::tile_table tile_table(const config::scenario& scenario)
{
    return array_tile(own(scenario).timesteps);
}

} // namespace

design stellar_design()
{
    design d;
    d.word = "stellar";
    d.id = LOAS_ACCELERATOR_STELLAR;
    d.neuron_modes = LOAS_NEURON_FEW_SPIKES;
    d.neurons = neurons;
    d.formats = formats_of(LOAS_SPIKES_BITMAP, LOAS_WEIGHTS_DENSE);
    d.has_parameters<stellar_parameters>();
    d.check = check;
    d.build = build;
    d.adders_of_tile = adders_of_tile;
    d.accounting = accounting;
    d.constants = cost::published_constants{80.72, 0, 39.07 * 0.5}; // for each cycle of the array
    d.published = publication{publication::part::other_kind, "Stellar", "stellar"};
    d.published->changes = {{"takes all inputs, in folds", {"stellar.dense=true"}}};
    d.tile_table = tile_table;
    return d;
}

} // namespace loas::designs
