// Tiles on their broadcast bus, whatever a tile holds: rows of A are loaded, columns of B are broadcast, and the
// currents of complete neurons go on. A passive module: the scheduler calls it through its socket, and the answer says
// when each tile is done. Which tile does what, and how long it takes, is the derived module's.
#pragma once

#include "models/compute/join_array.h"
#include "models/kernel/clock.h"
#include "models/observe/counters.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

namespace loas::compute
{

class tile_array : public sc_core::sc_module
{
public:
    /// Writes with an address of packets.h: a row's fiber packet, a join_broadcast, or a tile_configuration as data.
    tlm_utils::simple_target_socket<tile_array> broadcast_in{"broadcast_in"};
    /// Writes of int32 currents [column][T][lane] at a results_address: a lane for each row, and as many more as fill
    /// up sixteen. The delay is that of the last tile.
    tlm_utils::simple_initiator_socket<tile_array> currents_out{"currents_out"};

    /// Counters of the layer so far: what happened inside a tile, without the waits that the scheduler causes ...
    virtual void collect_tile(std::size_t tile, observe::counter_set& counters) const = 0;
    virtual std::uint64_t busy_cycles(std::size_t tile) const = 0;
    /// ... and what is counted for all of them together.
    virtual void collect_joins(observe::counter_set& counters) const { m_joins.collect(counters); }

protected:
    /// rows: of a group, at most.
    tile_array(const sc_core::sc_module_name& name, std::size_t rows, const tppe_parameters& parameters,
               const kernel::clock& clock);

    /// All that is counted starts at 0.
    virtual void begin_layer() = 0;
    virtual void row_loaded(std::uint64_t row, const fiber_packet::view& fiber) = 0;
    /// Counts what has been joined, and moves the tiles' times on. Returns the number of tiles that took part.
    virtual std::size_t take_time(const join_broadcast& broadcast) = 0;

    const tppe_parameters m_parameters;
    join_array m_joins; ///< its tiles are the rows
    tile_configuration m_configuration{};

private:
    void b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    void configure(const tile_configuration& configuration);
    void join(const join_broadcast& broadcast, sc_core::sc_time& delay);
    void send_currents(std::size_t rows, const sc_core::sc_time& delay);

    kernel::clock m_clock;
    unsigned m_first_open_set = 0, m_open_sets = 0; ///< neurons in the accumulator sets
    std::uint32_t m_first_open_column = 0;
    tlm::tlm_generic_payload m_payload;
};

} // namespace loas::compute
