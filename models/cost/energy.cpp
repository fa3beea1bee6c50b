#include "models/cost/energy.h"

#include "models/cost/buffers.h"
#include "models/cost/dram_energy.h"
#include "models/cost/sram.h"

namespace loas::cost
{
namespace
{

using observe::counter;
using observe::operand;

constexpr double published_rest_leakage_mw = energy_constants{}.rest_leakage_mw;

// In the order of enum energy_part.
constexpr std::array<energy_part_info, energy_part_count> parts = {{
    {"fast_prefix", energy_group::compute, "fast prefix-sums, one a chunk join"},
    {"laggy_prefix", energy_group::compute, "laggy prefix-sums, one a chunk join with a match, all its cycles"},
    {"position_fifo", energy_group::compute, "FIFOs of matched positions or spikes, a push and a pop a match"},
    {"weight_fifo", energy_group::compute, "FIFOs of matched weights, a push and a pop a match"},
    {"weight_buffer", energy_group::compute, "weight buffers, a fill a chunk join and refill, a read a match"},
    {"masks", energy_group::compute, "mask registers: B's a chunk join, A's a change of chunk"},
    {"pseudo_accumulator", energy_group::compute,
     "an addition a match, of bytes with its multiplication; of the other designs, of their only accumulators"},
    {"correction_accumulators", energy_group::compute, "an addition a timestep corrected"},
    {"merger", energy_group::compute, "mergers, an element that enters"},
    {"element_buffers", energy_group::compute,
     "a merger's buffers of spikes, weights and coordinates, an element that enters"},
    {"pe_registers", energy_group::compute, "registers of an array, a cycle of a PE on a pair"},
    {"plif", energy_group::compute, "P-LIFs, a neuron's update over all timesteps"},
    {"output_compressor", energy_group::compute, "inverted laggy prefix-sums, one a chunk of an output row"},
    {"sram_read", energy_group::sram, "lines read from the global cache: accesses and write-backs"},
    {"sram_write", energy_group::sram, "lines written into the global cache: accesses and fills"},
    {"line_buffers", energy_group::sram,
     "miss registers, all of a bank compared, one written and read a miss; write buffers, a line written and read a "
     "write-back"},
    {"column_buffers", energy_group::sram, "columns of B fetched ahead, written and read once"},
    {"row_store", energy_group::sram,
     "row stores of the TPPEs: a read a match and 128 bits of mask, a write each 16 bytes fetched"},
    {"dram_read", energy_group::dram, "bits read on the DRAM channels"},
    {"dram_write", energy_group::dram, "bits written on the DRAM channels"},
    {"dram_activate", energy_group::dram, "rows activated"},
    {"dram_refresh", energy_group::dram, "refreshes of the DRAM channels"},
    {"dram_background", energy_group::dram, "DRAM channels, over the layer's cycles; more while a row is open"},
    {"tile_leakage", energy_group::leakage, "TPPEs or PEs, over the layer's cycles"},
    {"cache_leakage", energy_group::leakage, "global cache, over the layer's cycles"},
    {"row_store_leakage", energy_group::leakage, "row stores of the TPPEs, over the layer's cycles"},
    {"buffer_leakage", energy_group::leakage,
     "miss registers, write buffers and what is fetched ahead, beyond the default sizes, over the layer's cycles"},
    {"rest_leakage", energy_group::leakage, "crossbars, P-LIFs, compressor and scheduler, over the layer's cycles"},
}};

double real(std::uint64_t value)
{
    return static_cast<double>(value);
}

double ratio(unsigned part, unsigned whole)
{
    return static_cast<double>(part) / whole;
}

struct line_accesses {
    std::uint64_t reads = 0, writes = 0;
};

/// Accesses of the SRAM, in lines. Hit or miss, a line asked for is read (or written) once; a fill writes it before, a
/// write-back reads it after. Without a cache in the model (memory.backend fixed or ideal, timing lt) the bytes asked
/// for count in whole lines of each kind, and there are no fills.
line_accesses sram_accesses(const observe::counter_set& counters, std::uint64_t line_bytes)
{
    const bool cached = counters.group_total("cache_hits") + counters.group_total("cache_misses") > 0;
    line_accesses seen;
    for (std::size_t i = 0; i < observe::operand_count; ++i) {
        const auto kind = static_cast<operand>(i);
        const std::uint64_t bytes = counters[of(counter::request_bytes, kind)];
        const std::uint64_t lines =
            cached ? counters[of(counter::cache_hits, kind)] + counters[of(counter::cache_misses, kind)]
                   : (bytes + line_bytes - 1) / line_bytes;
        if (kind == operand::partial_sums) { // both ways, as many lines as there were sums
            const std::uint64_t sums = counters[counter::partial_sums_read] + counters[counter::partial_sums_written];
            const std::uint64_t read = sums == 0 ? 0 : lines * counters[counter::partial_sums_read] / sums;
            seen.reads += read;
            seen.writes += lines - read;
        } else {
            (i < observe::read_operand_count ? seen.reads : seen.writes) += lines;
        }
    }
    if (cached) {
        seen.writes += counters.group_total("dram_read_bytes") / line_bytes;
        seen.reads += counters[counter::write_backs];
    }
    return seen;
}

/// Whole bursts; without channels in the model, what was asked of memory.
void charge_dram(layer_energy& energy, const layer_activity& layer, const energy_constants& constants)
{
    if (layer.memory.channels.empty()) {
        const double byte_pj = 8 * constants.dram_bit_pj;
        energy[energy_part::dram_read] = real(layer.counters.group_total("dram_read_bytes")) * byte_pj;
        energy[energy_part::dram_write] = real(layer.counters.group_total("dram_write_bytes")) * byte_pj;
        return;
    }
    const double ns = real(layer.counters[counter::cycles]) * 1000 / layer.clock_mhz;
    const dram_energy of = energy_of_dram(layer.memory.all_channels(),
                                          {layer.dram_burst_bytes, static_cast<unsigned>(layer.memory.channels.size()),
                                           layer.dram_banks, ns, layer.dram_clock_ns},
                                          constants);
    energy[energy_part::dram_read] = of.read_pj;
    energy[energy_part::dram_write] = of.write_pj;
    energy[energy_part::dram_activate] = of.activate_pj;
    energy[energy_part::dram_refresh] = of.refresh_pj;
    energy[energy_part::dram_background] = of.background_pj;
}

/// In the order of the table, all tiles together.
void charge_tiles(layer_energy& energy, const observe::counter_set& seen, const tile_table& tile)
{
    for (const tile_event& each : tile.events)
        energy[each.part] += each.count(seen) * each.pj * each.relative;
}

double leakage_mw(const tile_table& tile)
{
    double sum = 0;
    for (const component& part : tile.components)
        sum += part.leakage_mw;
    return sum;
}

void charge_outputs(layer_energy& energy, const layer_activity& layer, const hardware_size& size,
                    const energy_constants& constants)
{
    const double updates = real(layer.counters[counter::lif_updates]); // 0 where currents leave without a neuron
    const double acc_width = ratio(size.tppe.acc_bits, published_tppe_size.acc_bits);
    energy[energy_part::plif] = updates * layer.timesteps * constants.plif_timestep_pj * acc_width;
    // Like a run of a laggy prefix-sum over a chunk of outputs, whatever the number of adders and also if they take no
    // time (compressor.adders = 0).
    compute::tppe_parameters adders = size.tppe;
    adders.laggy_adders = published_tppe_size.laggy_adders;
    const double run_pj = constants.laggy_prefix_pj * relative_size(tppe_component::laggy_prefix, adders) *
                          adders.chunk_bits / adders.laggy_adders;
    const std::uint64_t chunks = (layer.columns + adders.chunk_bits - 1) / adders.chunk_bits;
    if (layer.columns > 0)
        energy[energy_part::output_compressor] = updates / real(layer.columns) * real(chunks) * run_pj;
}

} // namespace

const energy_part_info& info_of(energy_part which)
{
    return parts.at(static_cast<std::size_t>(which));
}

double layer_energy::total_pj() const
{
    double sum = 0;
    for (const double part : parts_pj)
        sum += part;
    return sum;
}

double layer_energy::group_pj(energy_group group) const
{
    double sum = 0;
    for (std::size_t i = 0; i < energy_part_count; ++i)
        if (parts[i].group == group)
            sum += parts_pj[i];
    return sum;
}

void layer_energy::add(const layer_energy& other)
{
    for (std::size_t i = 0; i < energy_part_count; ++i)
        parts_pj[i] += other.parts_pj[i];
}

cache_leakage leakage_of_cache(const cache::parameters& size, const energy_constants& constants)
{
    const sram_figures now = cache_by_cacti(size), usual = cache_by_cacti({});
    return {constants.cache_leakage_mw * (now.subthreshold_mw / usual.subthreshold_mw), now.leakage_mw()};
}

double rest_leakage_mw(const compute::tppe_parameters& size, const energy_constants& constants)
{
    // The option is that of 16 tiles; a share of it is the P-LIFs'.
    const double of_option = constants.rest_leakage_mw / published_rest_leakage_mw;
    return constants.rest_leakage_mw * size.count / published_tppe_size.count +
           size.count * of_option * (plif_of(size).leakage_mw - plif_of(published_tppe_size).leakage_mw);
}

layer_energy physical_energy(const layer_activity& layer, const hardware_size& size, const energy_constants& constants)
{
    layer_energy energy;
    charge_tiles(energy, layer.counters, size.tile);
    charge_outputs(energy, layer, size, constants);

    const sram_figures cache = cache_by_cacti(size.cache), usual = cache_by_cacti({});
    const line_accesses lines = sram_accesses(layer.counters, size.cache.line_bytes);
    energy[energy_part::sram_read] = real(lines.reads) * constants.sram_read_pj * (cache.read_pj / usual.read_pj);
    energy[energy_part::sram_write] = real(lines.writes) * constants.sram_write_pj * (cache.write_pj / usual.write_pj);
    energy[energy_part::line_buffers] = line_buffer_pj(layer.counters, size.cache, constants);
    charge_dram(energy, layer, constants);

    const double ns = real(layer.counters[counter::cycles]) * 1000 / layer.clock_mhz; // mW x ns = pJ
    // The option is that of a TPPE.
    const double of_tppe = leakage_mw(size.tile) / tppe_of(published_tppe_size).leakage_mw;
    energy[energy_part::tile_leakage] = size.tppe.count * constants.tppe_leakage_mw * of_tppe * ns;
    energy[energy_part::cache_leakage] = ns * leakage_of_cache(size.cache, constants).by(constants.cache_leakage);
    energy[energy_part::row_store_leakage] = size.tppe.count * size.tile.row_store.leakage_mw * ns;
    energy[energy_part::buffer_leakage] = buffers_beyond_published(size).leakage_mw * ns;
    energy[energy_part::rest_leakage] = rest_leakage_mw(size.tppe, constants) * ns;
    return energy;
}

void published_energy::add(const published_energy& other)
{
    leakage += other.leakage;
    dram += other.dram;
    sram += other.sram;
    compute += other.compute;
}

published_energy energy_by_published_rule(const published_activity& activity, const published_constants& constants,
                                          double dram_per_byte)
{
    constexpr double us_per_cycle = 0.00125; // 800 MHz, whatever the scenario's clock is
    constexpr double per_sram_byte = 0.0681;
    published_energy energy;
    energy.leakage = real(activity.cycles) * us_per_cycle * constants.leakage_mw;
    energy.dram = activity.dram_bytes * dram_per_byte;
    energy.sram = activity.sram_bytes * per_sram_byte;
    energy.compute =
        real(activity.matches) * constants.compute_per_match + real(activity.cycles) * constants.compute_per_cycle;
    return energy;
}

} // namespace loas::cost
