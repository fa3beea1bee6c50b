#include "platform/config/rules.h"

#include "platform/config/layer_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace loas::config
{
namespace
{

void check_tiles(const scenario& s, std::vector<broken_rule>& broken)
{
    const tppe_params& t = s.tppe;
    if (t.laggy_adders > t.chunk_bits)
        broken.push_back(
            {{"tppe.laggy_adders", "tppe.chunk_bits"},
             fmt::format("tppe.laggy_adders = {} is more than the {} bits of a chunk (tppe.chunk_bits), so "
                         "some adders would never work",
                         t.laggy_adders, t.chunk_bits)});
    if (const unsigned timesteps = s.workload.timesteps; timesteps > t.max_timesteps)
        broken.push_back(
            {{"workload.timesteps", "tppe.max_timesteps"},
             fmt::format("workload.timesteps = {0} is more than the hardware can hold (tppe.max_timesteps = {1}); "
                         "for wider hardware: --set tppe.max_timesteps={0}",
                         timesteps, t.max_timesteps)});
    if (t.accumulator_sets > 1 && t.columns_per_sync > t.accumulator_sets)
        broken.push_back({{"tppe.columns_per_sync", "tppe.accumulator_sets"},
                          fmt::format("tppe.columns_per_sync = {} is more than tppe.accumulator_sets = {}: the sums of "
                                      "the columns between two meetings must be held",
                                      t.columns_per_sync, t.accumulator_sets)});
}

void check_memory(const scenario& s, std::vector<broken_rule>& broken)
{
    const cache_params& c = s.cache;
    const std::uint64_t set_of_all_banks = std::uint64_t{c.line_bytes} * c.banks * c.ways;
    if (set_of_all_banks > std::uint64_t{c.size_kib} * 1024)
        broken.push_back({{"cache.ways", "cache.banks", "cache.size_kib", "cache.line_bytes"},
                          fmt::format("cache.banks = {} x cache.ways = {} x cache.line_bytes = {} is more than "
                                      "cache.size_kib = {}",
                                      c.banks, c.ways, c.line_bytes, c.size_kib)});
    const dram_params& d = s.dram;
    const unsigned burst_bytes = d.channel_bits / 8 * d.burst_beats;
    if (burst_bytes > d.row_bytes)
        broken.push_back({{"dram.row_bytes", "dram.burst_beats", "dram.channel_bits"},
                          fmt::format("a burst of {} bytes (dram.channel_bits / 8 x dram.burst_beats) is more than "
                                      "dram.row_bytes = {}",
                                      burst_bytes, d.row_bytes)});
    if (d.write_low >= d.write_high)
        broken.push_back({{"dram.write_low", "dram.write_high"},
                          fmt::format("dram.write_low = {} is more than what is below dram.write_high = {}",
                                      d.write_low, d.write_high)});
    if (d.write_high > d.write_window)
        broken.push_back(
            {{"dram.write_high", "dram.write_window"},
             fmt::format("dram.write_high = {} is more than dram.write_window = {}", d.write_high, d.write_window)});
    if (d.bank_groups * d.banks_per_group > 64)
        broken.push_back(
            {{"dram.banks_per_group", "dram.bank_groups"},
             fmt::format("dram.bank_groups = {} x dram.banks_per_group = {} is more than the 64 banks of a "
                         "channel",
                         d.bank_groups, d.banks_per_group)});
    if (d.lose_response > 0 && (s.memory.backend != "dram" || s.timing != "at" || d.ideal))
        broken.push_back(
            {{"dram.lose_response"},
             "dram.lose_response needs a DRAM: memory.backend = \"dram\", timing = \"at\", dram.ideal = false"});
    // A refresh, the PRECHARGE before it and one access after it.
    const double least_ns = 2 * (d.t_rfc_ns + d.t_ras_ns + d.t_rp_ns + d.t_rcd_ns + d.t_cl_ns + d.t_cwl_ns + d.t_wr_ns +
                                 d.t_wtr_ns + std::max(d.t_rrd_ns, d.t_faw_ns));
    if (d.t_refi_ns > 0 && least_ns > d.t_refi_ns)
        broken.push_back({{"dram.t_refi_ns", "dram.t_rfc_ns"},
                          fmt::format("twice a refresh (dram.t_rfc_ns = {}) and an access, {} ns, is more than "
                                      "dram.t_refi_ns = {}: hardly anything but refreshes would fit",
                                      d.t_rfc_ns, least_ns, d.t_refi_ns)});
}

void check_designs(const scenario& s, std::vector<broken_rule>& broken)
{
    if (s.accelerator == "sparten-snn" && s.tppe.count % 8 != 0)
        broken.push_back({{"tppe.count", "accelerator"},
                          fmt::format("tppe.count = {} is no multiple of 8: SparTen-SNN stores as many columns of a "
                                      "bitmap at a time as it has PEs, in whole bytes",
                                      s.tppe.count),
                          true});
}

} // namespace

std::vector<broken_rule> broken_rules(const scenario& s)
{
    std::vector<broken_rule> broken;
    check_tiles(s, broken);
    check_designs(s, broken);
    if (s.workload.kind == "layer") {
        for (broken_rule& rule : broken_layer_rules(s.layer, s.workload.timesteps))
            broken.push_back(std::move(rule));
    }
    check_memory(s, broken);
    return broken;
}

} // namespace loas::config
