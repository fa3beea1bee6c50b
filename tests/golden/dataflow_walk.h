// What an order of the loops m, n, k, t fetches of a small layer, by walking it: every step of the loops is taken, in
// their order, and what is looked up is written down. Slow and plain on purpose; shares no code with platform/dataflow.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace loas::golden
{

struct walked_layer {
    std::size_t m = 0, n = 0, k = 0, t = 0;
    std::vector<int> spikes;  ///< [m][k][t], 0 or 1
    std::vector<int> weights; ///< [k][n], 0 or 1
};

struct walk_settings {
    std::string order; ///< outermost first
    char over = 'm';   ///< m, n or k: the loop over the units
    std::size_t units = 1;
    // Bits of a fiber for each element, and for each non-zero.
    std::uint64_t spike_element_bits = 0, spike_bits = 0, weight_element_bits = 0, weight_bits = 0;
    std::uint64_t sum_bits = 32;
    std::vector<std::uint64_t> capacities_bits;
    std::size_t chunk = 4; ///< inputs of a join
    bool joined = false;   ///< whether a join without a match takes a cycle
    std::size_t merge_ways = 2;
};

struct walked_operand {
    std::uint64_t items = 0; ///< fetched into registers
    std::uint64_t first_bits = 0, accessed_bits = 0;
    std::vector<std::uint64_t> missed_bits; ///< of fibers, in an LRU buffer of each capacity
    std::vector<double> pinned_bits;        ///< with the most accessed ones kept
};

struct walk_counts {
    walked_operand a, b, o;
    std::uint64_t matches = 0, outputs = 0;
    std::uint64_t full_joins = 0, joins = 0;
    std::uint64_t latency = 0;
    std::uint64_t merge_passes = 0, merged_elements = 0;
};

walk_counts walk(const walked_layer& layer, const walk_settings& settings);

} // namespace loas::golden
