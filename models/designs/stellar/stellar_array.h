// The PEs of Stellar, pixels x output channels, all in step: a passive module, called by the scheduler, and the cycle
// that comes back is when the next call may begin. A tile is a PE: pixel x columns that have work + column.
//
// A step takes a cycle: a PE adds the weight of its channel to the sums of all timesteps in which its pixel spikes. It
// is busy where that is one at least and the weight is not 0, and zero_operand else. At the end of a round the neuron
// of each PE takes the sums of its timesteps, one a cycle. A PE holds its sums twice, so the array stands (packing)
// only while the neurons have not taken those before.
#pragma once

#include "models/compute/ports.h"
#include "models/designs/base/dense_weights.h"
#include "models/designs/base/step_tiles.h"
#include "models/designs/stellar/parameters.h"
#include "models/designs/stellar/quad_steps.h"
#include "models/observe/counters.h"

#include <cstdint>
#include <systemc>
#include <vector>

namespace loas::designs
{

class stellar_array : public sc_core::sc_module
{
public:
    /// To the neurons: a lane for each PE.
    sc_core::sc_port<compute::sums_receiver> sums_out{"sums_out"};

    stellar_array(const sc_core::sc_module_name& name, std::size_t pes, const stellar_parameters& own);

    void begin_layer();

    /// The steps of a round, for as many pixels and for the columns of the weights.
    std::uint64_t take(const quad_steps& steps, std::size_t pixels, const dense_weights& weights, std::uint64_t cycle);
    /// The sums of a round go to the neurons. first_column: of the group.
    std::uint64_t end_round(const quad_round& of, std::size_t first_column, std::size_t columns, std::uint64_t cycle);
    /// The array fills and drains, in PEs that have work.
    std::uint64_t fill(std::uint64_t cycles, std::size_t pes, std::uint64_t cycle)
    {
        return m_tiles.fill(cycles, pes, cycle);
    }

    std::uint64_t busy(std::size_t tile) const { return m_tiles.busy(tile); }
    void collect_tile(std::size_t tile, observe::counter_set& counters) const { m_tiles.collect_tile(tile, counters); }
    /// What is not of a tile.
    void collect(observe::counter_set& counters) const { counters.merge_with(m_counters); }

private:
    void add(std::size_t pixel, unsigned spikes, std::size_t input, const dense_weights& weights);

    stellar_parameters m_own;
    step_tiles m_tiles;
    std::vector<std::uint32_t> m_busy;
    observe::counter_set m_counters;
};

} // namespace loas::designs
