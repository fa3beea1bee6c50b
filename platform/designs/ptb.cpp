#include "models/designs/ptb/parameters.h"
#include "models/designs/ptb/ptb_accelerator.h"
#include "platform/designs/common.h"

namespace loas::designs
{
namespace
{

const ptb_parameters& own(const config::scenario& scenario)
{
    return scenario.own.of<ptb_parameters>();
}

std::unique_ptr<accelerator> build(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    return std::make_unique<ptb_accelerator>("ptb", shared_parameters(scenario), own(scenario), wheel);
}

unsigned adders_of_tile(const config::scenario& scenario)
{
    return own(scenario).columns;
}

/// A dense estimate: as many pixels as the array has rows, a channel, and all timesteps of its windows.
cost::published_design accounting(const config::scenario& scenario)
{
    cost::published_design of{};
    of.tile = {scenario.tppe.count, 64, 1};
    of.timesteps_together = false;
    of.flow = cost::dataflow::folds;
    of.fold_fill = scenario.tppe.count - 1;
    of.fold_timesteps = own(scenario).round();
    return of;
}

std::string without_effect(const config::scenario& scenario, std::string_view key)
{
    if (own(scenario).dense && (key == "ptb.pair_distance" || key == "ptb.line_cycles"))
        return "ptb.dense = true takes all inputs one after another";
    if (own(scenario).window == 1 && key == "ptb.line_cycles")
        return "a window of one timestep has one spike at most: ptb.window = 1";
    return {};
}

cost::tile_table tile_table(const config::scenario& scenario)
{
    return array_tile(own(scenario).columns);
}

} // namespace

design ptb_design()
{
    design d;
    d.word = "ptb";
    d.id = LOAS_ACCELERATOR_PTB;
    d.formats = formats_of(LOAS_SPIKES_BITMAP, LOAS_WEIGHTS_DENSE);
    d.has_parameters<ptb_parameters>();
    d.build = build;
    d.without_effect = without_effect;
    d.adders_of_tile = adders_of_tile;
    d.accounting = accounting;
    d.constants = cost::published_constants{79.02, 0, 9.472}; // for each cycle of the array
    d.published = publication{publication::part::other_kind, "PTB", "ptb"};
    d.published->changes = {{"takes all inputs, in folds", {"ptb.dense=true"}},
                            {"leaves out silent inputs, but none share a step", {"ptb.pair_distance=0"}}};
    d.tile_table = tile_table;
    return d;
}

} // namespace loas::designs
