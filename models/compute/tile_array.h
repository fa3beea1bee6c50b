// Tiles on their broadcast bus, whatever a tile holds: rows of A are loaded, columns of B are broadcast, and the
// currents of complete neurons go on. A passive module: the scheduler calls it, and the answer says when each tile is
// done. Which tile does what, and how long it takes, is the derived module's.
#pragma once

#include "models/compute/join_array.h"
#include "models/compute/ports.h"
#include "models/observe/counters.h"

#include <systemc>
#include <vector>

namespace loas::compute
{

class tile_array : public sc_core::sc_module
{
public:
    /// To the P-LIFs, when the last tile is done.
    sc_core::sc_port<currents_receiver> currents_out{"currents_out"};

    /// timesteps: at most join_array::max_timesteps. inputs: K. columns: that tiles have under way at once, side by
    /// side; at least those that one has accumulator sets for.
    void begin_layer(unsigned timesteps, std::size_t inputs, std::size_t columns = 0);
    /// Row `row` of the group.
    void load_row(std::size_t row, const row_view& fiber);
    /// Columns into sets that have been drained begin with their first chunk; those of a set that is under way go on
    /// with the next chunk. A drain needs all chunks of all columns under way.
    void join(const join_broadcast& broadcast);

    /// Counters of the layer so far: what happened inside a tile, without the waits that the scheduler causes ...
    virtual void collect_tile(std::size_t tile, observe::counter_set& counters) const = 0;
    virtual std::uint64_t busy_cycles(std::size_t tile) const = 0;
    /// ... and what is counted for all of them together.
    virtual void collect_joins(observe::counter_set& counters) const { m_joins.collect(counters); }

protected:
    /// rows: of a group, at most.
    tile_array(const sc_core::sc_module_name& name, std::size_t rows, const tile_parameters& parameters);

    /// All that is counted starts at 0.
    virtual void begin_counts() = 0;
    virtual void row_loaded(std::size_t row, const row_view& fiber) = 0;
    /// Tiles that take part in a broadcast.
    virtual std::size_t tiles_of(const join_broadcast& broadcast) const = 0;
    /// Counts what has been joined, and moves the tiles' times on.
    virtual void take_time(const join_broadcast& broadcast) = 0;

    const tile_parameters m_parameters;
    join_array m_joins; ///< its tiles are the rows
    unsigned m_timesteps = 0;

private:
    void check(const join_broadcast& broadcast) const;
    void note_chunks(const join_broadcast& broadcast);
    void send_currents(const join_broadcast& drained, std::uint64_t cycle);

    std::size_t m_rows;
    std::uint32_t m_chunks = 0;                     ///< of a column
    unsigned m_first_open_set = 0, m_open_sets = 0; ///< neurons in the accumulator sets
    std::uint32_t m_first_open_column = 0;
    std::vector<std::uint32_t> m_chunks_joined; ///< [set]
};

} // namespace loas::compute
