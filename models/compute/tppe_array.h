// TPPEs, the compute tiles, on their broadcast bus: each has a row of A and joins it with the columns of B that all of
// them get, all timesteps at once. A passive module: the scheduler calls it through its socket, and the answer says
// when each tile is done.
#pragma once

#include "compute/column_timing.h"
#include "compute/join_array.h"
#include "compute/join_pipeline.h"
#include "observe/counters.h"
#include "tlm/clock.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

namespace loas::compute
{

class tppe_array : public sc_core::sc_module
{
public:
    /// Writes with an address of packets.h: a row's fiber packet, a join_broadcast, or a tile_configuration as data.
    tlm_utils::simple_target_socket<tppe_array> broadcast_in{"broadcast_in"};
    /// Writes of int32 currents [column][T][lane] at a results_address: a lane for each tile, and as many more as fill
    /// up sixteen. The delay is that of the last tile.
    tlm_utils::simple_initiator_socket<tppe_array> currents_out{"currents_out"};

    tppe_array(const sc_core::sc_module_name& name, std::size_t tiles, const tppe_parameters& parameters,
               const tlm_blocks::clock& clock);

    /// Counters of the layer so far: what happened inside a tile, without the waits that the scheduler causes ...
    void collect_tile(std::size_t tile, observe::counter_set& counters) const;
    std::uint64_t busy_cycles(std::size_t tile) const { return m_matches[tile]; }
    /// ... and what is counted for all of them together.
    void collect_joins(observe::counter_set& counters) const { m_joins.collect(counters); }

private:
    void b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    void configure(const tile_configuration& configuration);
    void join(const join_broadcast& broadcast, sc_core::sc_time& delay);
    void time_columns(const join_broadcast& broadcast);
    void time_tile(std::size_t tile, const join_broadcast& broadcast);
    void send_currents(const join_broadcast& broadcast, const sc_core::sc_time& delay);

    tlm_blocks::clock m_clock;
    tppe_parameters m_parameters;
    join_array m_joins;
    // A whole column is timed for all tiles at once if that is possible, otherwise each tile has its pipeline.
    bool m_times_columns;
    bool m_match_by_match; ///< what the pipelines' parameters ask for
    column_timing m_column_timing;
    std::vector<column_timing::result> m_column_cycles; ///< [block]
    std::vector<join_pipeline> m_pipelines;
    std::vector<join_cycles> m_cycles_before; ///< the pipelines' counts when the layer began

    // Of the layer, by tile.
    std::vector<std::uint64_t> m_chunk_joins, m_joins_with_matches, m_matches;
    std::vector<std::uint64_t> m_cycles, m_fifo_full; ///< of columns that were timed at once
    std::vector<std::uint64_t> m_a_mask_chunks;       ///< read into the mask register
    std::vector<std::uint64_t> m_chunk_held;          ///< whose row mask is in there
    tile_configuration m_configuration{};
    unsigned m_first_open_set = 0, m_open_sets = 0; ///< neurons in the accumulator sets
    std::uint32_t m_first_open_column = 0;
    tlm::tlm_generic_payload m_payload;

    static constexpr std::uint64_t no_chunk = ~std::uint64_t{0};
};

} // namespace loas::compute
