// The PEs of PTB, rows of output channels x columns of time windows, all in step: a passive module, called by the
// scheduler, and the cycle that comes back is when the next call may begin. A tile is a row.
//
// In each cycle of a step a PE adds the weight of a line for one of the timesteps of its window in which the line spikes,
// whether the weight is 0 or not. A row is busy in as many cycles of a step as the most active window has spikes of lines
// whose weight in this row is not 0, and zero_operand in the others. At the end of a round the neuron of a row takes the
// sums of its timesteps, one a cycle: the potential passes from window to window. A PE holds its sums twice, so the array
// stands (packing) only while the neurons have not taken those before.
#pragma once

#include "models/compute/ports.h"
#include "models/designs/base/dense_weights.h"
#include "models/designs/base/step_tiles.h"
#include "models/designs/ptb/line_steps.h"
#include "models/observe/counters.h"

#include <cstdint>
#include <systemc>
#include <vector>

namespace loas::designs
{

class ptb_array : public sc_core::sc_module
{
public:
    /// To the neurons: a lane for each row.
    sc_core::sc_port<compute::sums_receiver> sums_out{"sums_out"};

    ptb_array(const sc_core::sc_module_name& name, std::size_t rows, const ptb_parameters& own);

    void begin_layer();

    /// The steps of a round. weights: of as many columns as rows have work, one a tile.
    std::uint64_t take(const std::vector<line_step>& steps, const dense_weights& weights, std::uint64_t cycle);
    /// The sums of a round go to the neurons. row: of the group, first_column: of the first row of the array.
    std::uint64_t end_round(std::size_t row, std::size_t first_column, unsigned first_timestep, unsigned timesteps,
                            const dense_weights& weights, std::uint64_t cycle);

    /// A fold of the accounting: each row of the array has a pixel of the group, and all have one channel. bitmaps: of the
    /// pixels, [T][words of K bits] each; weights: of the channel, int8 [inputs]; column: its number.
    std::uint64_t fold(const std::vector<std::vector<std::uint64_t>>& bitmaps, std::size_t pixels,
                       functional::span<const std::int8_t> weights, std::size_t column, unsigned first_timestep,
                       unsigned timesteps, std::uint64_t cycle);
    /// The array fills and drains, in `rows` rows that have work.
    std::uint64_t fill(std::uint64_t cycles, std::size_t rows, std::uint64_t cycle)
    {
        return m_tiles.fill(cycles, rows, cycle);
    }

    /// Lines taken so far in the layer.
    std::uint64_t lines() const { return m_counters[observe::counter::inputs_taken]; }
    std::uint64_t busy(std::size_t tile) const { return m_tiles.busy(tile); }
    void collect_tile(std::size_t tile, observe::counter_set& counters) const { m_tiles.collect_tile(tile, counters); }
    /// What is not of a tile.
    void collect(observe::counter_set& counters) const { counters.merge_with(m_counters); }

private:
    void add(const line& of, const dense_weights& weights);

    ptb_parameters m_own;
    step_tiles m_tiles;
    std::vector<std::uint32_t> m_busy;
    observe::counter_set m_counters;
};

} // namespace loas::designs
