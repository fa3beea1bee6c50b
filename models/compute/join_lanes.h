// The vector loops of join_array.h: what sixteen tiles do with a row each, a lane for each tile. Compiled for each kind
// of vector unit: by Highway in join_sums.cpp, by the compiler in join_lanes.cpp.
#pragma once

#include "models/compute/parameters.h"
#include "models/functional/lanes.h"

#include <cstddef>
#include <cstdint>

namespace loas::compute::join_lanes
{

constexpr std::size_t lanes = functional::lanes_together;

/// In this order in the memory of an input: where it matches, its counts, where it misses the spike of timestep 0, of 1
/// and so on. A vector of sixteen 16-bit numbers each.
enum input_vector : std::size_t { input_matches, input_counts, input_misses };

/// In this order in the memory of a set, each with room for sixteen 32-bit numbers; the timesteps' corrections follow.
enum set_vector : std::size_t { pseudo_sum, pseudo_low, pseudo_high, correction_low, correction_high, correction_sums };

/// Of a tile; two's complement.
struct accumulators {
    unsigned pseudo_bits = tppe_parameters{}.acc_bits;
    unsigned correction_bits = tppe_parameters{}.corr_bits;
    compute::overflow overflow = compute::overflow::ideal;
};

/// The weights of a column on these inputs, in order.
struct column_walk {
    const std::uint32_t* inputs;
    const std::int8_t* weights;
    std::size_t weight_count;
    const std::int16_t* where; ///< [input][input_vector, up to misses of timestep 4 * fours - 1][lane], whole 64 bytes
    std::int32_t* sums;        ///< [set_vector][lane]: results, in 32 bits or 16
    std::uint16_t* matches;    ///< [weight][lane], a result: how many of the column up to this weight
};

/// Of all lanes together.
struct weight_counts {
    std::uint64_t matches = 0;         ///< words that a weight meets
    std::uint64_t corrections = 0;     ///< of these, words that miss a spike
    std::uint64_t correction_adds = 0; ///< missing spikes
};

/// Sums of the column's weights, their extremes and counts, which are added to `counts`. fours: timesteps in fours, 1 or
/// 4. wide: sums in 32 bits, else in 16.
void add_column(const column_walk& walk, unsigned fours, bool wide, weight_counts& counts);

/// The same rule in 32 bits, lane by lane and weight by weight. Tests hold add_column() on each kind of vector unit
/// against it.
void add_column_plain(const column_walk& walk, unsigned fours, weight_counts& counts);

/// After add_column() in 32 bits: in lanes whose extremes leave the widths, the sums that saturating accumulators hold.
/// Such lanes are few in hardware that computes something useful, so weight by weight. Extremes stay.
void saturate(const column_walk& walk, unsigned fours, const accumulators& in);

/// Sums in 32 bits as accumulators that wrap hold them.
void wrap(std::int32_t* sums, unsigned timesteps, const accumulators& in);

/// From the spike words of the tiles to where they match and miss spikes, and how many do. No words are left: the next
/// rows begin with silence. words: [input][lane]; vectors: those of an input.
void spread_inputs(std::uint16_t* words, std::size_t inputs, unsigned timesteps, std::size_t vectors,
                   std::int16_t* where);

/// The positions of the mask's bits, in order. Some at a time and too many, which the next ones replace: `to` has room
/// for spare_inputs more.
constexpr std::size_t spare_inputs = 4;
void find_inputs(const std::uint64_t* mask, std::size_t words, std::uint32_t* to);

/// Matches in each chunk, [chunk][lane], from those up to each weight. ranks: of each chunk's first weight, step apart.
void split_matches(const std::uint16_t* matches, const std::uint32_t* ranks, std::size_t step, std::size_t chunks,
                   std::size_t weight_count, std::uint16_t* of_chunks);

/// Of each lane: matches in all of some chunks of some columns, and chunks that have any. matches:
/// [column][chunk][lane], column_step from one column to the next.
void count_chunks(const std::uint16_t* matches, std::size_t columns, std::size_t column_step, std::size_t chunks,
                  std::uint32_t* all, std::uint32_t* with_matches);

/// Sums of a set from 16 to 32 bits, in place.
void widen(std::int32_t* sums, std::size_t vectors);

/// O[t] = pseudo - correction[t] + bias, [t][lane]; `step` numbers from one t to the next.
void read_currents(const std::int32_t* sums, unsigned timesteps, std::int32_t bias, std::int32_t* currents,
                   std::size_t step);

/// What accumulators of so many bits would have made of sums that ran from low to high, [lane].
void check_width(const std::int32_t* low, const std::int32_t* high, unsigned bits, std::uint64_t& overflows,
                 std::uint64_t& max_abs);

} // namespace loas::compute::join_lanes
