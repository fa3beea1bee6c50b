#include "platform/energy_account/energy.h"

#include "platform/designs/design.h"

namespace loas::energy_account
{

cost::hardware_size hardware_size_of(const config::scenario& scenario)
{
    const designs::design& design = designs::design_of(scenario);
    cost::hardware_size size{scenario.tppe, scenario.cache, design.tile_table(scenario), scenario.scheduler};
    // Sums that the model does not make narrower must not become cheaper, nor what is never fetched ahead dearer.
    if (!design.takes("tppe.acc_bits"))
        size.tppe.acc_bits = cost::published_tppe_size.acc_bits;
    if (!design.takes("scheduler.prefetch_rows"))
        size.scheduler.prefetch_rows = designs::scheduler_parameters{}.prefetch_rows;
    if (!design.takes("scheduler.prefetch_columns") || design.fetches_columns_or_none)
        size.scheduler.prefetch_columns = designs::scheduler_parameters{}.prefetch_columns;
    if (!design.takes("scheduler.spread", scenario))
        size.scheduler.spread = designs::spread::rows;
    if (design.bytes) // what is behind the tiles holds one timestep
        size.tppe.max_timesteps = 1;
    return size;
}

void account_energy(results::run_result& result, const config::scenario& scenario)
{
    const cost::hardware_size size = hardware_size_of(scenario);
    const std::optional<cost::published_constants>& published = designs::design_of(scenario).constants;
    result.area = cost::area_of(size);
    result.cache_leakage = cost::leakage_of_cache(size.cache, scenario.energy);
    for (results::layer_result& layer : result.layers) {
        const cost::layer_activity activity{layer.counters,
                                            layer.memory,
                                            layer.timesteps,
                                            layer.n,
                                            result.clock_mhz,
                                            result.dram_burst_bytes,
                                            scenario.dram.banks(),
                                            result.dram_clock_ns};
        layer.energy = cost::physical_energy(activity, size, scenario.energy);
        if (published)
            layer.published_energy = cost::energy_by_published_rule(
                {layer.counters[observe::counter::cycles], static_cast<double>(results::dram_bytes(layer.counters)),
                 static_cast<double>(results::sram_bytes(layer.counters)), layer.counters[observe::counter::matches]},
                *published);
    }
}

} // namespace loas::energy_account
