// What the units behind the tiles offer to those before them: sums go to neurons, results to the compressor. A unit has
// a port (sc_port) of one of these interfaces, and its design binds it. A call does the work at once; the cycle is when
// what it brings is there. Lengths and order are checked: a wrong one is a mistake of the model, and fatal.
#pragma once

#include "models/functional/span.h"

#include <cstddef>
#include <cstdint>
#include <systemc>

namespace loas::compute
{

using functional::span;

/// A block of results: rows of the group, columns of the product.
struct result_block {
    std::size_t first_row, rows;
    std::uint64_t first_column;
    std::size_t columns;
    std::size_t side_by_side = 1; ///< columns that tiles of their own hand over in the same cycle
};

/// The neurons that take all timesteps at once.
class currents_receiver : public virtual sc_core::sc_interface
{
public:
    /// currents: int32 [column][T][lane], a lane for each row and as many more as fill up sixteen.
    virtual void take_currents(const result_block& block, span<const std::int32_t> currents, std::uint64_t cycle) = 0;
};

/// Sums of one timestep that a tile hands to its lane of neurons.
struct sums_block {
    std::size_t lane; ///< number of the tile
    unsigned timestep;
    std::size_t row, column; ///< of the group, of the first sum
    bool along_rows;         ///< the further sums are of the next rows; else of the next columns
};

/// The neurons that take the timesteps one after another.
class sums_receiver : public virtual sc_core::sc_interface
{
public:
    /// sums: int32, without the bias. For each lane the timesteps of a block come one after another. Returns the cycle
    /// in which the lane begins to take them: then the tile may overwrite the sums before these.
    virtual std::uint64_t take_sums(const sums_block& block, span<const std::int32_t> sums, std::uint64_t cycle) = 0;
};

/// The compressor. cycle: when the last one of the block has come out of its neuron.
class results_receiver : public virtual sc_core::sc_interface
{
public:
    /// Spike words [row][column].
    virtual void take_words(const result_block& block, span<const std::uint16_t> words, std::uint64_t cycle) = 0;
    /// Currents [row][column][T], of a layer without neurons.
    virtual void take_currents(const result_block& block, span<const std::int32_t> currents, std::uint64_t cycle) = 0;
};

} // namespace loas::compute
