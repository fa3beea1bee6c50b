// TPPE, the compute tile: one row of A against broadcast columns of B, all timesteps at once. A passive module: the
// scheduler calls it through its socket, and the delay that comes back says when the tile is done.
#pragma once

#include "compute/inner_join.h"
#include "observe/counters.h"
#include "tlm/clock.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

namespace loas::compute
{

struct tppe_parameters {
    join_parameters timing;
    unsigned chunk_bits = 128;
    unsigned accumulator_sets = 1;
    accumulator_widths widths;
};

class tppe : public sc_core::sc_module
{
public:
    /// Writes with an address of packets.h and a fiber packet or a tile_configuration as data.
    tlm_utils::simple_target_socket<tppe> broadcast_in{"broadcast_in"};
    /// Writes of T int32 currents of one neuron; the address is the column n.
    tlm_utils::simple_initiator_socket<tppe> currents_out{"currents_out"};

    tppe(const sc_core::sc_module_name& name, const tppe_parameters& parameters, const tlm_blocks::clock& clock);

    /// Counters of the layer so far: what happened inside the tile, without the waits that the scheduler causes.
    void collect(observe::counter_set& counters) const;

private:
    void b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    void join(const join_command& command, const fiber_packet::view& column, sc_core::sc_time& delay);
    void send_currents(sc_core::sc_time delay);

    struct open_neuron {
        unsigned set;
        std::uint32_t column;
        std::int32_t bias;
    };

    tlm_blocks::clock m_clock;
    inner_join_unit m_join;
    join_cycles m_cycles_before; ///< the pipeline's counts when the layer began
    tile_configuration m_configuration{};
    std::vector<open_neuron> m_open; ///< neurons in the accumulator sets, in order of their first chunk
    tlm::tlm_generic_payload m_payload;
};

} // namespace loas::compute
