// A PE of SparTen: a chunk of one column of B against the same chunk of up to `rows` rows of A at one timestep. A spike
// row is its own mask and a spike needs no value, so SparTen-SNN's PE has one fast prefix-sum (for the weights) and one
// adder. SparTen-ANN's rows have a mask and a byte for each input that is not 0: the PE has a second fast prefix-sum,
// which finds that byte, and a multiplier. The sum of each row lies in a register file.
//
// Timing: rows one after another; a row takes a cycle for each match, and at least empty_join_cycles. The prefix-sums
// work side by side and are pipelined over rows and chunks, as is the multiplier: their latency beyond the first cycle
// is paid once a chunk.
#pragma once

#include "models/compute/parameters.h"
#include "models/compute/ports.h"
#include "models/designs/sparten/block_join.h"
#include "models/designs/sparten/parameters.h"
#include "models/observe/counters.h"

#include <cstdint>
#include <systemc>
#include <vector>

namespace loas::designs
{

/// What a PE takes of the parameters.
struct sparten_pe_parameters {
    unsigned chunk_bits;
    unsigned rows;
    unsigned fast_latency;      ///< cycles
    unsigned empty_join_cycles; ///< of a row without a match

    sparten_pe_parameters(const compute::tppe_parameters& of_all, const sparten_parameters& own)
        : chunk_bits(of_all.chunk_bits), rows(own.rows), fast_latency(of_all.fast_latency),
          empty_join_cycles(of_all.empty_join_cycles)
    {
    }
};

class sparten_pe : public sc_core::sc_module
{
public:
    /// To the neurons.
    sc_core::sc_port<compute::sums_receiver> sums_out{"sums_out"};

    /// index: of the PE, and of its lane of neurons.
    sparten_pe(const sc_core::sc_module_name& name, const sparten_pe_parameters& parameters, std::size_t index);

    void load_column(const column_chunk& chunk);
    /// A block of rows (block_join.h).
    struct row_block {
        functional::span<const std::uint32_t> spikes; ///< or masks, [word of rows][input]
        functional::span<const std::uint8_t> bytes;   ///< [word of rows][input][row]; empty: they are spikes
    };
    /// first: sums are 0 before. Returns the cycle in which the PE is done.
    std::uint64_t join(const row_block& block, std::size_t rows, bool first, std::uint64_t cycle);
    /// The sums of the first rows go to the neurons, in column `index` of the group. Returns the cycle in which the PE
    /// may go on.
    std::uint64_t drain(unsigned timestep, std::size_t rows, std::uint64_t cycle);

    void begin_layer() { m_counters = {}; }
    void collect(observe::counter_set& counters) const { counters.merge_with(m_counters); }

private:
    sparten_pe_parameters m_parameters;
    std::size_t m_index;
    std::vector<chunk_weight> m_weights; ///< of the chunk that are not zero
    std::size_t m_weight_count = 0;
    std::vector<std::int32_t> m_sums; ///< [row], for whole words of rows
    observe::counter_set m_counters;
};

} // namespace loas::designs
