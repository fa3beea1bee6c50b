#include "platform/run/energy.h"

#include "platform/designs/design.h"

namespace loas::run
{

cost::hardware_size hardware_size_of(const config::scenario& scenario)
{
    const compute::tppe_parameters& from = scenario.tppe;
    cost::hardware_size to;
    to.tiles = from.count;
    to.tppe.timesteps = from.max_timesteps;
    to.tppe.chunk_bits = from.chunk_bits;
    to.tppe.laggy_adders = from.laggy_adders;
    to.tppe.laggy_pipelined = from.laggy_pipelined;
    to.tppe.fifo_depth = from.fifo_depth;
    to.tppe.weight_buffer_bytes = from.weight_buffer_bytes;
    to.tppe.acc_bits = from.acc_bits;
    to.tppe.corr_bits = from.corr_bits;
    to.tppe.accumulator_sets = from.accumulator_sets;
    // The sizes that fidelity "published" sets, so that weights and sums never hold anything up, are an accounting, not
    // hardware that somebody would build: they are charged as the published ones. Any other size is charged as it is.
    if (scenario.fidelity == config::fidelity::published) {
        const config::scenario idealised = config::default_scenario({"fidelity=published"});
        const cost::tppe_size real;
        if (from.weight_buffer_bytes == idealised.tppe.weight_buffer_bytes)
            to.tppe.weight_buffer_bytes = real.weight_buffer_bytes;
        if (from.accumulator_sets == idealised.tppe.accumulator_sets)
            to.tppe.accumulator_sets = real.accumulator_sets;
    }
    to.cache_bytes = scenario.cache.size_bytes();
    to.line_bytes = scenario.cache.line_bytes;
    if (const designs::design& design = designs::design_of(scenario); design.size_tile != nullptr)
        design.size_tile(scenario, to);
    return to;
}

void account_energy(results::run_result& result, const config::scenario& scenario)
{
    const cost::hardware_size size = hardware_size_of(scenario);
    const std::optional<cost::published_constants>& published = designs::design_of(scenario).constants;
    result.area = cost::area_of(size);
    for (results::layer_result& layer : result.layers) {
        const cost::layer_activity activity{layer.counters,
                                            layer.memory,
                                            layer.timesteps,
                                            layer.n,
                                            static_cast<double>(result.clock_mhz),
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

} // namespace loas::run
