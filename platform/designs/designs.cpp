#include "platform/designs/designs.h"

#include "models/designs/dense/dense_accelerator.h"
#include "models/designs/gamma/gamma_accelerator.h"
#include "models/designs/gospa/gospa_accelerator.h"
#include "models/designs/loas/loas_accelerator.h"
#include "models/designs/sparten/sparten_accelerator.h"

#include <algorithm>
#include <stdexcept>

namespace loas::designs
{
namespace
{

accelerator_parameters base_parameters(const config::scenario& scenario)
{
    accelerator_parameters to;
    to.clock_mhz = static_cast<double>(scenario.clock_mhz);
    to.tiles = scenario.tppe.count;
    // The driver gives up first and says so; this is for what would go on for ever without it.
    to.longest_wait_ps = 10 * static_cast<std::uint64_t>(scenario.cpu.timeout_ms) * 1'000'000'000;
    return to;
}

loas_parameters loas_parameters_of(const config::scenario& scenario)
{
    const config::tppe_params& from = scenario.tppe;
    loas_parameters to;
    to.base = base_parameters(scenario);
    to.tppe.timing.fast_latency = from.fast_latency;
    to.tppe.timing.laggy_latency = (from.chunk_bits + from.laggy_adders - 1) / from.laggy_adders;
    to.tppe.timing.laggy_interval = from.laggy_pipelined ? 1 : to.tppe.timing.laggy_latency;
    to.tppe.timing.laggy_ideal = from.laggy_ideal;
    to.tppe.timing.fifo_depth = from.fifo_depth;
    to.tppe.timing.weight_buffer_bytes = from.weight_buffer_bytes;
    to.tppe.timing.empty_join_cycles = from.empty_join_cycles;
    to.tppe.chunk_bits = from.chunk_bits;
    to.tppe.accumulator_sets = from.accumulator_sets;
    to.tppe.widths = {from.acc_bits, from.corr_bits};
    to.plif_latency = scenario.plif.latency;
    to.compressor = {scenario.compressor.adders, from.chunk_bits};
    to.columns_per_sync = from.columns_per_sync != 0 ? from.columns_per_sync : from.accumulator_sets;
    to.prefetch_rows = scenario.scheduler.prefetch_rows;
    to.prefetch_columns = scenario.scheduler.prefetch_columns;
    return to;
}

std::unique_ptr<accelerator> build_loas(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    return std::make_unique<loas_accelerator>("loas", loas_parameters_of(scenario), wheel);
}

std::unique_ptr<accelerator> build_sparten(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    sparten_parameters to;
    to.base = base_parameters(scenario);
    to.pe = {scenario.tppe.chunk_bits, scenario.sparten.rows, scenario.tppe.fast_latency,
             scenario.tppe.empty_join_cycles};
    to.chunk_buffers = scenario.sparten.chunk_buffers;
    to.lif_latency = scenario.plif.latency;
    to.compressor = {scenario.compressor.adders, scenario.tppe.chunk_bits};
    return std::make_unique<sparten_accelerator>("sparten_snn", to, wheel);
}

std::unique_ptr<accelerator> build_dense(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    dense_parameters parameters;
    parameters.base = base_parameters(scenario);
    parameters.columns = scenario.dense.columns;
    parameters.lif_latency = scenario.plif.latency;
    parameters.compressor = {scenario.compressor.adders, scenario.tppe.chunk_bits};
    return std::make_unique<dense_accelerator>("dense", parameters, wheel);
}

std::unique_ptr<accelerator> build_gamma(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    gamma_parameters to;
    to.base = base_parameters(scenario);
    to.pe = {scenario.gamma.radix, scenario.gamma.merger_latency, scenario.scheduler.prefetch_rows};
    to.tile_inputs = scenario.gamma.tile_inputs;
    to.tile_columns = scenario.gamma.tile_columns;
    to.lif_latency = scenario.plif.latency;
    to.line_bytes = scenario.cache.line_bytes;
    to.compressor = {scenario.compressor.adders, scenario.tppe.chunk_bits};
    return std::make_unique<gamma_accelerator>("gamma_snn", to, wheel);
}

std::unique_ptr<accelerator> build_gospa(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    gospa_parameters to;
    to.base = base_parameters(scenario);
    to.tile_inputs = scenario.gospa.tile_inputs;
    to.rows = scenario.gospa.rows;
    to.stream = {scenario.gospa.stream_width, scenario.gospa.fifo_depth};
    to.plif_latency = scenario.plif.latency;
    to.compressor = {scenario.compressor.adders, scenario.tppe.chunk_bits};
    to.prefetch_rows = scenario.scheduler.prefetch_rows;
    to.prefetch_columns = scenario.scheduler.prefetch_columns > 0;
    return std::make_unique<gospa_accelerator>("gospa", to, wheel);
}

/// LoAS in SparTen's order: as many columns at a time as there are tiles, and all rows for each of them. With nmtk.rows
/// they meet after each chunk of a block, as in the accounting; each tile then has one column of it.
std::unique_ptr<accelerator> build_loas_nmtk(const config::scenario& scenario, kernel::event_wheel& wheel)
{
    loas_parameters to = loas_parameters_of(scenario);
    to.column_block = scenario.tppe.count;
    to.rows_of_column_tiles = scenario.nmtk.rows;
    if (scenario.nmtk.rows > 0)
        to.tppe.accumulator_sets = to.columns_per_sync = scenario.tppe.count;
    return std::make_unique<loas_accelerator>("loas_nmtk", to, wheel);
}

constexpr std::uint32_t formats(loas_spike_format spikes, loas_weight_format weights, std::uint32_t more = 0)
{
    return spikes | static_cast<std::uint32_t>(weights) << LOAS_FORMATS_WEIGHTS_SHIFT | more;
}

constexpr design designs[] = {
    {"loas", LOAS_ACCELERATOR_LOAS, formats(LOAS_SPIKES_PACKED, LOAS_WEIGHTS_COLUMNS), build_loas},
    {"loas-nmtk", LOAS_ACCELERATOR_LOAS, formats(LOAS_SPIKES_PACKED, LOAS_WEIGHTS_COLUMNS, LOAS_FORMATS_WORK_AREA),
     build_loas_nmtk},
    {"sparten-snn", LOAS_ACCELERATOR_SPARTEN_SNN, formats(LOAS_SPIKES_BITMAP, LOAS_WEIGHTS_COLUMNS), build_sparten},
    {"gamma-snn", LOAS_ACCELERATOR_GAMMA_SNN,
     formats(LOAS_SPIKES_COORDINATES, LOAS_WEIGHTS_ROWS, LOAS_FORMATS_WORK_AREA), build_gamma},
    {"gospa-snn", LOAS_ACCELERATOR_GOSPA_SNN,
     formats(LOAS_SPIKES_COORDINATES, LOAS_WEIGHTS_COLUMNS, LOAS_FORMATS_WORK_AREA), build_gospa},
    {"dense-snn", LOAS_ACCELERATOR_DENSE_SNN, formats(LOAS_SPIKES_BITMAP, LOAS_WEIGHTS_DENSE), build_dense},
};

} // namespace

const design& design_of(const config::scenario& scenario)
{
    const auto* found = std::find_if(std::begin(designs), std::end(designs),
                                     [&](const design& each) { return scenario.accelerator == each.word; });
    if (found == std::end(designs))
        throw std::logic_error("no design is called " + scenario.accelerator);
    return *found;
}

} // namespace loas::designs
