// PE of the GoSPA accelerator: the weights of one column in a tile, and a sum for each row of a block. It takes the
// matched spikes that come over the stream, one a cycle, and adds their weight to the sum of their row. A passive
// module: the delay that comes back says when it is done.
#pragma once

#include "models/designs/gospa/spike_stream.h"
#include "models/kernel/clock.h"
#include "models/observe/counters.h"

#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

namespace loas::designs
{

/// In the top byte of an address; the data of a write, or of a read.
enum class pe_operation : std::uint8_t {
    weights = 1, ///< write: int8 weights of the tile
    sums = 2,    ///< write: int32 sums of the rows of the block; read: the same
    spikes = 3,  ///< write: matched spikes, with the end of the stream
    neurons = 4, ///< write: int32 sums that go on to the neurons; rest of the address: where they go
};

constexpr std::uint64_t address_of(pe_operation operation, std::uint64_t rest = 0)
{
    return static_cast<std::uint64_t>(operation) << 56 | rest;
}

/// Timestep and column of the sums of rows from 0 on, for pe_operation::neurons.
constexpr std::uint64_t neurons_of(unsigned timestep, std::uint64_t column)
{
    return std::uint64_t{timestep} << 32 | column;
}

class gospa_pe : public sc_core::sc_module
{
public:
    tlm_utils::simple_target_socket<gospa_pe> work_in{"work_in"};
    /// To the neurons, with an address of serial_lif.h.
    tlm_utils::simple_initiator_socket<gospa_pe> sums_out{"sums_out"};

    /// rows, inputs: of a block and of a tile, at most.
    gospa_pe(const sc_core::sc_module_name& name, std::size_t rows, std::size_t inputs, const kernel::clock& clock);

    void begin_layer() { m_counters = {}; }
    /// Counters of the layer so far.
    void collect(observe::counter_set& counters) const { counters.merge_with(m_counters); }

private:
    void b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    void take(const matched_spike* spikes, std::size_t count, sc_core::sc_time& delay);

    kernel::clock m_clock;
    std::vector<std::int8_t> m_weights;
    std::vector<std::int32_t> m_sums;
    observe::counter_set m_counters;
    tlm::tlm_generic_payload m_payload;
};

} // namespace loas::designs
