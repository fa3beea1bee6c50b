// P-LIFs, the neurons of the tiles, each unrolled over the timesteps: T currents in, T spikes out in one step.
// Pipelined, one neuron a cycle and tile.
#pragma once

#include "models/compute/packets.h"
#include "models/kernel/clock.h"
#include "models/observe/counters.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

namespace loas::compute
{

class plif_array : public sc_core::sc_module
{
public:
    /// Writes of int32 currents [column][T][lane] at a results_address, a lane for each tile and as many more as fill
    /// up sixteen: columns that follow one another. Or a tile_configuration at its address of packets.h.
    tlm_utils::simple_target_socket<plif_array> currents_in{"currents_in"};
    /// Writes at a results_address of uint16 spike words [row][column], or of the currents [row][column][T] when the
    /// layer has no neuron.
    tlm_utils::simple_initiator_socket<plif_array> spikes_out{"spikes_out"};

    /// latency: cycles; 0 takes no time at all.
    plif_array(const sc_core::sc_module_name& name, std::size_t tiles, unsigned latency, const kernel::clock& clock);

    void collect(observe::counter_set& counters) const { counters[observe::counter::lif_updates] += m_updates; }

private:
    void b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay);

    std::size_t m_lanes;
    unsigned m_latency; ///< cycles
    kernel::clock m_clock;
    tile_configuration m_configuration{};
    std::uint64_t m_updates = 0;
    std::vector<std::uint16_t> m_words; ///< that are on their way
    std::vector<std::int32_t> m_currents;
    tlm::tlm_generic_payload m_payload;
};

} // namespace loas::compute
