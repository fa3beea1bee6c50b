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
#define LOAS_COUNTER(id, group, name, unit, definition) id,
#define LOAS_COUNTER_MAX LOAS_COUNTER
#include "models/observe/counters.inc"
#undef LOAS_COUNTER_MAX
#undef LOAS_COUNTER
    count,
    // First ones of groups that have a counter for each kind of operand; see of().
    request_bytes = request_bytes_a_mask,
    cache_hits = cache_hits_a_mask,
    cache_misses = cache_misses_a_mask,
    dram_read = dram_read_a_mask,
    dram_write = dram_write_c_mask
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

    /// Sum of the counters of one group, in that group's unit; only of those whose names begin so.
    std::uint64_t group_total(std::string_view group, std::string_view prefix = {}) const;

    /// The counter of that name. Throws std::out_of_range if there is none.
    std::uint64_t named(std::string_view group, std::string_view name) const;

private:
    std::array<std::uint64_t, counter_count> m_values{};
};

} // namespace loas::observe
