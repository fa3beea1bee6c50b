// Every figure that a layer's run produces, in one place: name, unit, definition. Data only.
#pragma once

#include "models/observe/operand.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace loas::observe
{

enum class counter : unsigned {
    cycles,
    joins,
    empty_joins,
    matches,
    corrections,
    correction_adds,
    discarded_entries,
    lif_updates,
    output_spikes,
    silent_outputs,
    pseudo_overflows,
    correction_overflows,
    max_abs_pseudo,
    max_abs_correction,
    partial_sums_written,
    partial_sums_read,
    busy_cycles,
    // Why a compute tile did not push a match in a cycle: with busy_cycles they add up to tiles * cycles.
    stall_empty_join,
    stall_laggy,
    stall_fifo_full,
    stall_weights_late,
    stall_prefix,
    stall_stream,
    stall_zero_operand,
    stall_fill,
    stall_merging,
    stall_waiting_a,
    stall_waiting_b,
    stall_partial_sums,
    stall_neurons,
    stall_synchronisation,
    stall_packing,
    stall_write_back,
    stall_dram_refresh,
    stall_idle,
    // The same of the scheduler: these add up to the layer's cycles.
    scheduler_broadcasting,
    scheduler_waiting_a,
    scheduler_waiting_b,
    scheduler_partial_sums,
    scheduler_packing,
    scheduler_write_back,
    scheduler_dram_refresh,
    sram_read_a_mask,
    sram_read_a_words,
    sram_read_b_mask,
    sram_read_b_weights,
    sram_read_c,
    sram_read_partial_sums,
    sram_write_fills,
    sram_write_c,
    sram_write_partial_sums,
    // From here on groups have a counter for each kind of operand, in the order of enum operand.
    request_bytes,
    cache_hits = request_bytes + operand_count,
    cache_misses = cache_hits + operand_count,
    dram_read = cache_misses + operand_count,
    dram_write = dram_read + operand_count,
    cache_requests = dram_write + write_operand_count,
    mshr_merges,
    evictions,
    write_backs,
    bank_conflicts,
    port_conflicts,
    mshr_full,
    count
};

/// Counter of one kind in a group that has one for each kind. dram_write has them for the written kinds only.
constexpr counter of(counter group, operand kind)
{
    const std::size_t offset = group == counter::dram_write ? write_index(kind) : static_cast<std::size_t>(kind);
    return static_cast<counter>(static_cast<std::size_t>(group) + offset);
}

constexpr std::size_t counter_count = static_cast<std::size_t>(counter::count);

enum class merge { sum, maximum };

struct counter_info {
    std::string_view group; ///< object in the result file; empty: the layer itself
    std::string_view name;
    std::string_view unit;
    std::string_view definition;
    merge rule = merge::sum;
};

const counter_info& info_of(counter which);

class counter_set
{
public:
    std::uint64_t& operator[](counter which) { return m_values[static_cast<std::size_t>(which)]; }
    std::uint64_t operator[](counter which) const { return m_values[static_cast<std::size_t>(which)]; }

    /// Adds sums and takes the larger of maxima.
    void merge_with(const counter_set& other);

    /// What happened since a snapshot, of counters that are sums.
    void subtract(const counter_set& earlier);

    /// Sum of the counters of one group, in that group's unit.
    std::uint64_t group_total(std::string_view group) const;

private:
    std::array<std::uint64_t, counter_count> m_values{};
};

} // namespace loas::observe
