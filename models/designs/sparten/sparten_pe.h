// A PE of SparTen-SNN: a chunk of one column of B against the same chunk of up to `rows` rows of A at one timestep. A
// spike row is its own mask and a spike needs no value, so a PE has one fast prefix-sum (for the weights) and one
// adder; the sum of each row lies in a register file.
//
// Timing: rows one after another; a row takes a cycle for each match, and at least empty_join_cycles. The prefix-sum is
// pipelined over rows and chunks: its latency beyond the first cycle is paid once a chunk.
#pragma once

#include "models/designs/sparten/block_join.h"
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

struct sparten_pe_parameters {
    unsigned chunk_bits = 128;
    unsigned rows = 32;
    unsigned fast_latency = 1;      ///< cycles
    unsigned empty_join_cycles = 1; ///< of a row without a match
};

class sparten_pe : public sc_core::sc_module
{
public:
    /// What a write to the PE is; in the top byte of the address.
    enum class operation : std::uint8_t {
        column = 1,     ///< data: a chunk's mask words, then its weights
        first_join = 2, ///< as join, with sums that are 0 before
        join = 3,       ///< data: spikes of the block (block_join.h); the delay that comes back is when the PE is done
        drain = 4,      ///< data: a `drain`; the delay that comes back is when the PE may go on
    };
    /// The sums of the first `rows` rows go to the neurons.
    struct drain {
        std::uint64_t to; ///< as in compute/serial_lif.h, along the rows
        std::uint64_t rows;
    };
    /// rows: of the block, for a join.
    static constexpr std::uint64_t address_of(operation what, std::uint64_t rows = 0)
    {
        return static_cast<std::uint64_t>(what) << 56 | rows;
    }

    tlm_utils::simple_target_socket<sparten_pe> chunks_in{"chunks_in"};
    tlm_utils::simple_initiator_socket<sparten_pe> sums_out{"sums_out"};

    sparten_pe(const sc_core::sc_module_name& name, const sparten_pe_parameters& parameters,
               const kernel::clock& clock);

    void begin_layer() { m_counters = {}; }
    void collect(observe::counter_set& counters) const { counters.merge_with(m_counters); }

private:
    void b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    void load(const unsigned char* data);
    void join(const std::uint32_t* spikes, std::size_t rows, sc_core::sc_time& delay);

    sparten_pe_parameters m_parameters;
    kernel::clock m_clock;
    std::size_t m_chunk_words;
    std::vector<chunk_weight> m_weights; ///< of the chunk that are not zero
    std::size_t m_weight_count = 0;
    std::vector<std::int32_t> m_sums; ///< [row], for whole words of rows
    observe::counter_set m_counters;
    tlm::tlm_generic_payload m_payload;
};

} // namespace loas::designs
