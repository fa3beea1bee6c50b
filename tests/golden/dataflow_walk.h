// What an order of the loops m, n, k, t fetches of a small layer, by walking it: every step of the loops is taken, in
// their order, those over tiles outermost, and what is looked up is written down. Slow and plain on purpose; shares no code with platform/dataflow.
#pragma once

#include <cstdint>
#include <map>
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
    std::string order;                 ///< outermost first
    std::map<char, std::size_t> units; ///< over so many of them is a loop
    std::string tile_loops;            ///< which loops are split, outermost first: those over tiles are outside of all others
    std::map<char, std::size_t> tile;  ///< their sizes
    // Bits of a fiber for each element, and for each non-zero.
    std::uint64_t spike_element_bits = 0, spike_bits = 0, weight_element_bits = 0, weight_bits = 0;
    std::uint64_t sum_bits = 32;       ///< of a neuron's timesteps of a word
    std::uint64_t potential_bits = 32; ///< of a neuron
    std::vector<std::uint64_t> capacities_bits;
    std::size_t chunk = 4; ///< inputs of a join
    bool joined = false;   ///< whether a join without a match takes a cycle
    std::size_t merge_ways = 2;
    bool meet_nowhere = false; ///< units along one of m and n, but where a tile ends
    std::size_t stream = 0;    ///< spikes that pass such units in a cycle; 0: any number
};

struct walked_operand {
    std::uint64_t items = 0; ///< fetched into registers
    std::uint64_t first_bits = 0, accessed_bits = 0;
    std::vector<std::uint64_t> missed_bits; ///< of fibers, in an LRU buffer of each capacity
    std::vector<double> pinned_bits;        ///< with the most accessed ones kept
};

struct walk_counts {
    walked_operand a, b, o;
    walked_operand u; ///< potentials of neurons that wait for their next timestep; no items
    std::uint64_t matches = 0, outputs = 0;
    std::uint64_t full_joins = 0, joins = 0;
    std::uint64_t latency = 0;
    std::uint64_t merge_passes = 0, merged_elements = 0;
};

walk_counts walk(const walked_layer& layer, const walk_settings& settings);

/// A layer of a network on one input: its number, which says whose weights they are, and its tensors.
struct walked_run {
    std::size_t layer;
    walked_layer tensors;
};
/// Runs one after another, whose weights share a buffer: of each run and capacity the bits of B that are missed.
std::vector<std::vector<std::uint64_t>> walk_weights(const std::vector<walked_run>& runs, const walk_settings& settings);

} // namespace loas::golden
