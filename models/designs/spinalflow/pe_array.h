// The PEs of SpinalFlow, all in step: a passive module, called by the scheduler, and the cycle that comes back is when
// the next call may begin.
//
// A spike takes a cycle, in which each PE adds the weight of its column, whether that is 0 or not: a tile, which is a
// part of the PEs, is busy when it adds one that is not, and zero_operand when all of its are. At the end of a timestep
// each PE hands its sum to its own neuron and begins the next one at once; it holds its sum twice, so it stands only
// (packing) while the neuron has not taken the sum before. A neuron takes one a cycle, so that happens when timesteps
// without a spike follow each other.
#pragma once

#include "models/compute/ports.h"
#include "models/designs/base/dense_weights.h"
#include "models/observe/counters.h"

#include <cstdint>
#include <systemc>
#include <vector>

namespace loas::designs
{

class pe_array : public sc_core::sc_module
{
public:
    /// To the neurons: a lane for each PE.
    sc_core::sc_port<compute::sums_receiver> sums_out{"sums_out"};

    pe_array(const sc_core::sc_module_name& name, std::size_t tiles, std::size_t pes);

    void begin_layer();

    /// Spikes of these inputs, one a cycle. All calls of a timestep have the same columns.
    std::uint64_t add(functional::span<const std::uint32_t> inputs, const dense_weights& filters, std::uint64_t cycle);
    /// Sums of a timestep of a row of the group go to the neurons.
    std::uint64_t end_timestep(std::size_t row, unsigned timestep, const dense_weights& filters, std::uint64_t cycle);
    /// The mergers fill, and nothing comes.
    std::uint64_t fill(unsigned cycles, const dense_weights& filters, std::uint64_t cycle);

    std::uint64_t busy(std::size_t tile) const { return m_tiles[tile].busy; }
    void collect_tile(std::size_t tile, observe::counter_set& counters) const;
    /// What is not of a tile.
    void collect(observe::counter_set& counters) const { counters.merge_with(m_counters); }

private:
    struct tile_cycles {
        std::uint64_t busy = 0, zero_weights = 0, fill = 0, packing = 0;
    };

    std::vector<tile_cycles> m_tiles;
    std::vector<std::int32_t> m_sums;  ///< by PE
    std::vector<std::uint32_t> m_busy; ///< by tile, of a call
    observe::counter_set m_counters;
};

} // namespace loas::designs
