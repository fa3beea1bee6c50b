// P-LIF: the neuron of one tile, unrolled over the timesteps: T currents in, T spikes out in one step. Pipelined, one
// neuron a cycle.
#pragma once

#include "compute/packets.h"
#include "observe/counters.h"
#include "tlm/clock.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

namespace loas::compute
{

class plif : public sc_core::sc_module
{
public:
    /// Writes of T int32 currents, address = column n; or a tile_configuration at its address of packets.h. The delay
    /// that comes back is when the next neuron can follow.
    tlm_utils::simple_target_socket<plif> currents_in{"currents_in"};
    /// Writes of one uint16 spike word, or of the currents when the layer has no neuron; address = column n.
    tlm_utils::simple_initiator_socket<plif> spikes_out{"spikes_out"};

    /// latency: cycles; 0 takes no time at all.
    plif(const sc_core::sc_module_name& name, unsigned latency, const tlm_blocks::clock& clock);

    void collect(observe::counter_set& counters) const { counters[observe::counter::lif_updates] += m_updates; }

private:
    void b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay);

    sc_core::sc_time m_latency;
    sc_core::sc_time m_interval;
    tile_configuration m_configuration{};
    std::uint64_t m_updates = 0;
    tlm::tlm_generic_payload m_payload;
};

} // namespace loas::compute
