// Every figure that a layer's run produces, in one place: name, unit, definition. Data only.
#pragma once

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
    discarded_entries,
    lif_updates,
    output_spikes,
    silent_outputs,
    pseudo_overflows,
    correction_overflows,
    max_abs_pseudo,
    max_abs_correction,
    busy_cycles,
    // Why a compute tile did not push a match in a cycle: with busy_cycles they add up to tiles * cycles.
    stall_empty_join,
    stall_laggy,
    stall_fifo_full,
    stall_weights_late,
    stall_prefix,
    stall_waiting_a,
    stall_waiting_b,
    stall_synchronisation,
    stall_output,
    stall_idle,
    sram_read_a_mask,
    sram_read_a_words,
    sram_read_b_mask,
    sram_read_b_weights,
    sram_read_c,
    sram_write_a_mask,
    sram_write_a_pointers,
    sram_write_a_words,
    sram_write_b_mask,
    sram_write_b_pointers,
    sram_write_b_weights,
    sram_write_bias,
    sram_write_c,
    dram_read_a_mask,
    dram_read_a_pointers,
    dram_read_a_words,
    dram_read_b_mask,
    dram_read_b_pointers,
    dram_read_b_weights,
    dram_read_bias,
    dram_write_c_mask,
    dram_write_c_pointers,
    dram_write_c_words,
    dram_write_currents,
    count
};

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

    /// Sum of the counters of one group, in that group's unit.
    std::uint64_t group_total(std::string_view group) const;

private:
    std::array<std::uint64_t, counter_count> m_values{};
};

} // namespace loas::observe
