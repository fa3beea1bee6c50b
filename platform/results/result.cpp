#include "platform/results/result.h"

#include "abi/loas_abi.h"

#include <algorithm>

namespace loas::results
{

using observe::counter;

namespace
{

double share(std::uint64_t part, std::uint64_t whole)
{
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

} // namespace

double layer_result::spike_sparsity() const
{
    return runs == 0 ? 0.0 : 1.0 - share(spikes, m * k * timesteps * runs);
}

double layer_result::silent_ratio() const
{
    return runs == 0 ? 0.0 : 1.0 - share(non_silent, m * k * runs);
}

double layer_result::weight_sparsity() const
{
    return 1.0 - share(weights, k * n);
}

area_result::area_result(const cost::system_area& area)
    : tile_mm2(area.tile_mm2), tiles_mm2(area.tiles_mm2), cache_mm2(area.cache_mm2),
      row_stores_mm2(area.row_stores_mm2), buffers_mm2(area.buffers_mm2), rest_mm2(area.rest_mm2),
      cache_cacti_mm2(area.cache_cacti_mm2)
{
    for (const cost::component& part : area.tile)
        tile.emplace_back(part.name, part.area_mm2);
}

void run_result::take_conditions(const config::scenario& from)
{
    tiles = from.tppe.count;
    clock_mhz = from.clock_mhz;
    dram_clock_ns = from.dram.timing.t_ck;
    dram_burst_bytes = from.dram.burst_bytes();
    energy_rule = parameter::word_of(from.energy.rule);
}

bool run_result::accounted() const
{
    return std::any_of(layers.begin(), layers.end(),
                       [](const layer_result& layer) { return layer.published.inputs.item_bits > 0; });
}

std::string run_result::golden() const
{
    if (!golden_checked)
        return "not checked";
    if (!golden_differences.empty())
        return "different";
    return golden_unchecked.empty() ? "equal" : "incomplete";
}

bool run_result::golden_failed() const
{
    return golden_checked && !(golden_differences.empty() && golden_unchecked.empty());
}

layer_result run_result::totals() const
{
    layer_result total;
    total.name = "total";
    for (const layer_result& layer : layers) {
        total.runs += layer.runs;
        total.spikes += layer.spikes;
        total.non_silent += layer.non_silent;
        if (layer.masked_inputs)
            total.masked_inputs = total.masked_inputs.value_or(0) + *layer.masked_inputs;
        total.weights += layer.weights;
        total.spike_format = layer.spike_format;
        total.weight_format = layer.weight_format;
        total.stored_spikes.add(layer.stored_spikes);
        total.stored_weights.add(layer.stored_weights);
        total.published.add(layer.published);
        total.golden_different += layer.golden_different;
        total.counters.merge_with(layer.counters);
        total.memory.add(layer.memory);
        total.energy.add(layer.energy);
        total.published_energy.add(layer.published_energy);
    }
    return total;
}

void run_result::append(const run_result& further)
{
    golden_checked = golden_checked || further.golden_checked;
    for (std::vector<std::string> run_result::* words : {&run_result::golden_differences, &run_result::golden_unchecked})
        for (const std::string& each : further.*words)
            if ((this->*words).size() < differences_kept)
                (this->*words).push_back(each);
    simulated_ns += further.simulated_ns;
    layers.insert(layers.end(), further.layers.begin(), further.layers.end());
    dram_channels.resize(std::max(dram_channels.size(), further.dram_channels.size()));
    for (std::size_t i = 0; i < further.dram_channels.size(); ++i)
        dram_channels[i].add(further.dram_channels[i]);
}

std::uint64_t sram_bytes(const observe::counter_set& counters)
{
    return (counters.group_total("sram_read_bits") + counters.group_total("sram_write_bits") + 7) / 8;
}

std::uint64_t dram_bytes(const observe::counter_set& counters)
{
    return counters.group_total("dram_read_bytes") + counters.group_total("dram_write_bytes");
}

double cache_hit_share(const observe::counter_set& counters)
{
    const std::uint64_t hits = counters.group_total("cache_hits");
    return share(hits, hits + counters.group_total("cache_misses"));
}

std::uint64_t synaptic_operations(const layer_result& layer)
{
    const std::uint64_t matches = layer.counters[counter::matches];
    // With all timesteps at once a match is an input that spikes at all: of T spikes some are missing, and each of those
    // is a correction.
    return layer.spike_format == LOAS_SPIKES_PACKED
               ? matches * layer.timesteps - layer.counters[counter::correction_adds]
               : matches;
}

std::uint64_t runs_of(const run_result& result)
{
    return result.layers.empty() ? 0 : result.layers.front().runs / result.blocks.count;
}

performance performance_of(const run_result& result)
{
    performance of;
    const layer_result total = result.totals();
    of.accelerator_ns = static_cast<double>(total.counters[counter::cycles]) * 1000 / result.clock_mhz;
    const std::uint64_t runs = runs_of(result);
    if (of.accelerator_ns > 0)
        of.runs_per_second = static_cast<double>(runs) * 1e9 / of.accelerator_ns;
    for (const layer_result& layer : result.layers)
        of.synaptic_operations += synaptic_operations(layer);
    if (const double pj = total.energy.total_pj(); pj > 0) // an operation a pJ is 10^12 a second and watt
        of.tops_per_watt = static_cast<double>(of.synaptic_operations) / pj;
    return of;
}

double mean_power_mw(double energy_pj, std::uint64_t cycles, double clock_mhz)
{
    const double ns = static_cast<double>(cycles) * 1000 / clock_mhz;
    return cycles == 0 ? 0.0 : energy_pj / ns;
}

double utilisation(const layer_result& layer, unsigned tiles)
{
    return share(layer.counters[counter::busy_cycles], layer.counters[counter::cycles] * tiles);
}

} // namespace loas::results
