#include "platform/run/energy.h"

namespace loas::run
{

namespace
{

cost::pe_size pe_size_of(const config::scenario& scenario)
{
    cost::pe_size to;
    const std::string& design = scenario.accelerator;
    to.kind = design == "sparten-snn" ? cost::pe_kind::sparten
              : design == "gospa-snn" ? cost::pe_kind::gospa
              : design == "gamma-snn" ? cost::pe_kind::gamma
              : design == "dense-snn" ? cost::pe_kind::dense
                                      : cost::pe_kind::tppe;
    to.chunk_bits = scenario.tppe.chunk_bits;
    to.acc_bits = scenario.tppe.acc_bits;
    to.rows = scenario.gospa.rows;
    if (scenario.gospa.fifo_depth > 0) // without a limit it is an accounting, not hardware: charged as published
        to.fifo_depth = scenario.gospa.fifo_depth;
    to.radix = scenario.gamma.radix;
    to.array_columns = scenario.dense.columns;
    return to;
}

} // namespace

cost::hardware_size hardware_size_of(const config::scenario& scenario)
{
    const config::tppe_params& from = scenario.tppe;
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
    const bool columns = scenario.nmtk_holds_columns(); // a sum for each row
    to.tppe.accumulator_sets = columns ? scenario.nmtk.rows : from.accumulator_sets;
    // The sizes that fidelity "published" sets, so that weights and sums never hold anything up, are an accounting, not
    // hardware that somebody would build: they are charged as the published ones. Any other size is charged as it is.
    if (scenario.fidelity == "published") {
        const config::scenario idealised = config::default_scenario({"fidelity=published"});
        const cost::tppe_size real;
        if (from.weight_buffer_bytes == idealised.tppe.weight_buffer_bytes)
            to.tppe.weight_buffer_bytes = real.weight_buffer_bytes;
        if (to.tppe.accumulator_sets == (columns ? idealised.nmtk.rows : idealised.tppe.accumulator_sets))
            to.tppe.accumulator_sets = real.accumulator_sets;
    }
    to.pe = pe_size_of(scenario);
    to.cache_bytes = std::uint64_t{scenario.cache.size_kib} * 1024;
    to.line_bytes = scenario.cache.line_bytes;
    return to;
}

cost::energy_constants energy_constants_of(const config::energy_params& from)
{
    cost::energy_constants to;
    to.fast_prefix_pj = from.fast_prefix_pj;
    to.laggy_prefix_pj = from.laggy_prefix_pj;
    to.position_fifo_pj = from.position_fifo_pj;
    to.weight_fifo_pj = from.weight_fifo_pj;
    to.weight_buffer_pj = from.weight_buffer_pj;
    to.mask_pj = from.mask_pj;
    to.pseudo_add_pj = from.pseudo_add_pj;
    to.correction_add_pj = from.correction_add_pj;
    to.plif_timestep_pj = from.plif_timestep_pj;
    to.sram_read_pj = from.sram_read_pj;
    to.sram_write_pj = from.sram_write_pj;
    to.dram_bit_pj = from.dram_bit_pj;
    to.dram_activate_pj = from.dram_activate_pj;
    to.tppe_leakage_mw = from.tppe_leakage_mw;
    to.cache_leakage_mw = from.cache_leakage_mw;
    to.rest_leakage_mw = from.rest_leakage_mw;
    return to;
}

void account_energy(results::run_result& result, const config::scenario& scenario)
{
    const cost::hardware_size size = hardware_size_of(scenario);
    const cost::energy_constants constants = energy_constants_of(scenario.energy);
    const cost::published_constants* published = cost::published_constants_of(scenario.accelerator);
    result.area = cost::area_of(size);
    for (results::layer_result& layer : result.layers) {
        const cost::layer_activity activity{
            layer.counters,         layer.memory, layer.timesteps, layer.n, static_cast<double>(result.clock_mhz),
            result.dram_burst_bytes};
        layer.energy = cost::physical_energy(activity, size, constants);
        if (published != nullptr)
            layer.published_energy = cost::energy_by_published_rule(
                {layer.counters[observe::counter::cycles], static_cast<double>(results::dram_bytes(layer.counters)),
                 static_cast<double>(results::sram_bytes(layer.counters)), layer.counters[observe::counter::matches]},
                *published);
    }
}

} // namespace loas::run
