#include "platform/config/rules.h"

#include "platform/config/layer_rules.h"
#include "platform/config/layer_shapes.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace loas::config
{
namespace
{

constexpr unsigned most_timesteps_held = LOAS_MAX_TIMESTEPS; // of a layer

/// A network of more timesteps than the hardware holds runs in blocks, on a design that can carry its potentials.
void check_timesteps(const scenario& s, std::vector<broken_rule>& broken)
{
    const unsigned timesteps = s.workload.timesteps, held = s.tppe.max_timesteps;
    if (timesteps <= held || takes_bytes(s))
        return;
    if (s.workload.kind != workload_kind::network) {
        const std::string wider = timesteps <= most_timesteps_held
                                      ? fmt::format("for wider hardware: --set tppe.max_timesteps={}", timesteps)
                                      : fmt::format("only networks may have more than {}", most_timesteps_held);
        broken.push_back({{"workload.timesteps", "tppe.max_timesteps"},
                          fmt::format("workload.timesteps = {} is more than the hardware can hold "
                                      "(tppe.max_timesteps = {}); {}",
                                      timesteps, held, wider)});
        return;
    }
    if (!carries_potentials(s))
        broken.push_back({{"workload.timesteps", "accelerator", "tppe.max_timesteps"},
                          fmt::format("workload.timesteps = {} is more than the hardware can hold "
                                      "(tppe.max_timesteps = {}), and {} carries no potentials from one block of "
                                      "timesteps to the next; {} can{}",
                                      timesteps, held, s.accelerator, designs_that_carry(),
                                      timesteps > most_timesteps_held ? "" : fmt::format(
                                          ", and wider hardware needs no blocks: --set tppe.max_timesteps={}", timesteps)),
                          true});
    if (s.workload.single_spike_mask)
        broken.push_back({{"workload.single_spike_mask", "workload.timesteps"},
                          fmt::format("workload.single_spike_mask looks at all of an input's spikes, of which hardware "
                                      "with tppe.max_timesteps = {} holds those of a block of workload.timesteps = {}",
                                      held, timesteps)});
}

void check_tiles(const scenario& s, std::vector<broken_rule>& broken)
{
    const compute::tppe_parameters& t = s.tppe;
    if (t.laggy_adders > t.chunk_bits)
        broken.push_back(
            {{"tppe.laggy_adders", "tppe.chunk_bits"},
             fmt::format("tppe.laggy_adders = {} is more than the {} bits of a chunk (tppe.chunk_bits), so "
                         "some adders would never work",
                         t.laggy_adders, t.chunk_bits)});
    if (s.workload.timesteps == 0 && s.workload.kind != workload_kind::layers)
        broken.push_back({{"workload.timesteps"},
                          fmt::format("workload.timesteps = 0 stands for what a list of layers says of each, and "
                                      "workload.kind = \"{}\" has none: allowed are 1..{}",
                                      parameter::word_of(s.workload.kind),
                                      s.workload.kind == workload_kind::network ? most_network_timesteps
                                                                                : most_timesteps_held)});
    check_timesteps(s, broken);
    if (t.accumulator_sets > 1 && t.columns_per_sync > t.accumulator_sets)
        broken.push_back({{"tppe.columns_per_sync", "tppe.accumulator_sets"},
                          fmt::format("tppe.columns_per_sync = {} is more than tppe.accumulator_sets = {}: the sums of "
                                      "the columns between two meetings must be held",
                                      t.columns_per_sync, t.accumulator_sets)});
}

void check_memory(const scenario& s, std::vector<broken_rule>& broken)
{
    const cache::parameters& c = s.cache;
    const std::uint64_t set_of_all_banks = std::uint64_t{c.line_bytes} * c.banks * c.ways;
    if (set_of_all_banks > c.size_bytes())
        broken.push_back({{"cache.ways", "cache.banks", "cache.size_kib", "cache.line_bytes"},
                          fmt::format("cache.banks = {} x cache.ways = {} x cache.line_bytes = {} is more than "
                                      "cache.size_kib = {}",
                                      c.banks, c.ways, c.line_bytes, c.size_kib)});
    const memory::dram_parameters& d = s.dram;
    if (d.write_low >= d.write_high)
        broken.push_back({{"dram.write_low", "dram.write_high"},
                          fmt::format("dram.write_low = {} is more than what is below dram.write_high = {}",
                                      d.write_low, d.write_high)});
    if (d.write_high > d.write_window)
        broken.push_back(
            {{"dram.write_high", "dram.write_window"},
             fmt::format("dram.write_high = {} is more than dram.write_window = {}", d.write_high, d.write_window)});
    if (d.lose_response > 0 && (!memory::backend_facts_of(s.memory.backend).dram || s.timing != timing::at || d.ideal))
        broken.push_back(
            {{"dram.lose_response"},
             "dram.lose_response needs a DRAM: memory.backend = \"dram\", timing = \"at\", dram.ideal = false"});
    // A refresh, the PRECHARGE before it and one access after it.
    const double least_ns =
        2 * (d.timing.t_rfc + d.timing.t_ras + d.timing.t_rp + d.timing.t_rcd + d.timing.t_cl + d.timing.t_cwl +
             d.timing.t_wr + d.timing.t_wtr + std::max(d.timing.t_rrd, d.timing.t_faw));
    if (d.timing.t_refi > 0 && least_ns > d.timing.t_refi)
        broken.push_back({{"dram.t_refi_ns", "dram.t_rfc_ns"},
                          fmt::format("twice a refresh (dram.t_rfc_ns = {}) and an access, {} ns, is more than "
                                      "dram.t_refi_ns = {}: hardly anything but refreshes would fit",
                                      d.timing.t_rfc, least_ns, d.timing.t_refi)});
    else if (const dram::mistake found = dram::mistake_in(d); !found.text.empty())
        broken.push_back({found.keys, found.text});
}

void check_design(const scenario& s, std::vector<broken_rule>& broken)
{
    for (const design* each : designs())
        if (each->check != nullptr && each->word == s.accelerator)
            each->check(s, broken);
    if (takes_bytes(s) && s.workload.kind == workload_kind::network && !s.workload.network.empty())
        broken.push_back({{"accelerator", "workload.kind"},
                          fmt::format("{} runs layers of an ANN, bytes with ReLU, and workload.kind = \"network\" one of "
                                      "spiking neurons: layers (\"layer\", \"layers\") run on it",
                                      s.accelerator),
                          true});
    if (takes_bytes(s) && s.workload.single_spike_mask)
        broken.push_back({{"workload.single_spike_mask", "accelerator"},
                          fmt::format("workload.single_spike_mask is for spikes, and {} takes bytes", s.accelerator),
                          true});
}

} // namespace

std::vector<broken_rule> broken_rules(const scenario& s)
{
    std::vector<broken_rule> broken;
    check_tiles(s, broken);
    check_design(s, broken);
    if (s.workload.kind == workload_kind::layer) {
        std::vector<broken_rule> of_layer = broken_shapes(s);
        if (of_layer.empty()) // else further ones would follow from sizes that are not the files'
            of_layer = broken_layer_rules(s.layer, s.workload.timesteps, takes_bytes(s));
        std::move(of_layer.begin(), of_layer.end(), std::back_inserter(broken));
    }
    check_memory(s, broken);
    return broken;
}

bool carries_potentials(const scenario& s)
{
    const std::vector<const design*>& all = designs();
    return std::any_of(all.begin(), all.end(),
                       [&](const design* each) { return each->word == s.accelerator && each->carries_potentials; });
}

std::string designs_that_carry()
{
    std::vector<std::string_view> words;
    for (const design* each : designs())
        if (each->carries_potentials)
            words.push_back(each->word);
    return text::join(words, ", ");
}

const std::filesystem::path& list_of_layers(const scenario& s)
{
    return takes_bytes(s) && !s.workload.layers_of_bytes.empty() ? s.workload.layers_of_bytes : s.workload.layers;
}

unsigned neuron_modes(const scenario& s)
{
    for (const design* each : designs())
        if (each->word == s.accelerator && each->neurons != nullptr)
            return each->neurons(s);
    return 0;
}

} // namespace loas::config
