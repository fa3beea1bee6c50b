// The dense closed form of a nest of loops, untiled or tiled: what it fetches, holds and takes where nothing is skipped.
#pragma once

#include "platform/mapping/mapping.h"
#include "platform/reuse/reuse.h"

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace loas::dataflow
{

/// Of A, B and O; an update of O is a read and a write of a sum, except the first.
struct operand_counts {
    std::uint64_t a = 0, b = 0, o = 0;

    void add(const operand_counts& other)
    {
        a += other.a;
        b += other.b;
        o += other.o;
    }
};

struct layer_sizes {
    std::uint64_t m = 0, n = 0, k = 0, t = 0;

    std::uint64_t of(loop each) const { return each == loop::m ? m : each == loop::n ? n : each == loop::k ? k : t; }
};

/// The loops of a point in time, outermost first: those over tiles, then those within one.
struct loop_nest {
    struct entry {
        loop which;
        bool over_tiles;
        std::uint64_t steps;   ///< of the first, which is the largest tile
        std::uint64_t touched; ///< indices of one pass of it
        std::uint64_t held;    ///< indices of one step of it: of a tile, of the units
    };
    std::vector<entry> loops;
    layer_sizes sizes; ///< of the layer, t in words
    layer_sizes units; ///< along each loop; of t 1

    /// The loop over tiles (there is none of a single one), or the one within.
    std::size_t outermost(loop which) const;
    std::size_t innermost(loop which) const;
    /// Steps that loop `which` takes in all outside of place `end` of the nest.
    std::uint64_t steps_outside(loop which, std::size_t end) const;
    /// Indices of it that what stands inside place `at` touches, in all units.
    std::uint64_t touched_inside(std::size_t at, loop which) const;
};
/// sizes, and tiles of t: in words.
loop_nest nest_of(const loop_order& order, const layer_sizes& sizes, const unrolling& space, const tiling& tiles);

/// Loops of one unrolling are as many times shorter for the operands that are not indexed by it: one fetch is for all
/// units.
struct dense_form {
    operand_counts fetches;           ///< of items, without a buffer: a register for each operand and unit
    operand_counts once_if_items;     ///< each item is fetched once if a buffer holds so many of them
    std::uint64_t live_sums = 0;      ///< partial sums that wait for more inputs
    std::uint64_t live_potentials = 0; ///< of neurons that wait for the next timestep; 0: none waits
    std::uint64_t stored_potentials = 0; ///< of them, those that are not in a unit's register until then
};
/// word_timesteps: sums of a word.
dense_form dense_of(const loop_nest& nest, unsigned word_timesteps);

/// A step of the units for each combination of indices.
std::uint64_t dense_latency_cycles(const loop_nest& nest);

/// What an operand with these loops moves, items of so many bits. The distance of an access that comes again is what the
/// innermost loop of those that do not index the operand, and have gone on since, has inside it; of tiles the largest.
reuse_curve dense_curve(const loop_nest& nest, std::initializer_list<loop> own, std::uint64_t item_bits,
                        const std::vector<std::uint64_t>& capacities_bits);

/// Potentials of neurons that wait for the next timestep: each access is a write and a read. A neuron takes the timesteps
/// whose sums wait with it one after another. Pinned: as many of those that wait at a time as the capacity holds.
reuse_curve potentials_of(const loop_nest& nest, const dense_form& dense, const std::vector<std::uint64_t>& capacities_bits);

} // namespace loas::dataflow
