// The tiles of loas-nmtk as the publication counts them: each holds a column of B, all timesteps at once, and a block
// of rows of A streams by; it has the accumulators of a sum for each row. In the place of compute::tppe_array, on the
// same links.
//
// Timing: of a chunk of its column a tile takes the rows one after another; a row takes a cycle for each match, and at
// least empty_join_cycles. Prefix-sums, FIFO and weight buffer are ideal: nobody has published how such a tile would
// hide them, and the accounting, for which it is here, has none.
#pragma once

#include "compute/join_array.h"
#include "observe/counters.h"
#include "tlm/clock.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

namespace loas::accelerators
{

class column_tiles : public sc_core::sc_module
{
public:
    /// As of compute::tppe_array; its tiles are the rows here. Of a join_broadcast, `tiles` is the number of rows, and
    /// tile_cycles are those of the columns, each of which a tile holds.
    tlm_utils::simple_target_socket<column_tiles> broadcast_in{"broadcast_in"};
    /// As of compute::tppe_array: a lane for each row.
    tlm_utils::simple_initiator_socket<column_tiles> currents_out{"currents_out"};

    /// rows: of a block, at most. parameters: with an accumulator set for each tile.
    column_tiles(const sc_core::sc_module_name& name, std::size_t tiles, std::size_t rows,
                 const compute::tppe_parameters& parameters, const tlm_blocks::clock& clock);

    /// As of compute::tppe_array.
    void collect_tile(std::size_t tile, observe::counter_set& counters) const;
    std::uint64_t busy_cycles(std::size_t tile) const { return m_of_tiles[tile].matches; }
    void collect_joins(observe::counter_set& counters) const;

private:
    struct tile_counts {
        std::uint64_t joins, empty_joins, matches;
    };

    void b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    void configure(const compute::tile_configuration& configuration);
    void join(const compute::join_broadcast& broadcast, sc_core::sc_time& delay);
    void send_currents(std::size_t rows, const sc_core::sc_time& delay);

    tlm_blocks::clock m_clock;
    compute::tppe_parameters m_parameters;
    compute::join_array m_joins; ///< its tiles are the rows, its sets the columns

    // Of the layer.
    compute::tile_configuration m_configuration{};
    std::vector<tile_counts> m_of_tiles;
    std::uint64_t m_a_mask_bits = 0, m_a_words = 0; ///< that streamed by
    unsigned m_open_columns = 0;                    ///< under way
    std::uint32_t m_first_open_column = 0;
    tlm::tlm_generic_payload m_payload;
};

} // namespace loas::accelerators
