// A tile of the dense array: one row of A, timestep after timestep, against as many columns of B as the row has PEs. A
// passive module: the scheduler calls it, and the cycle that comes back is when the next step may begin.
//
// A step is one timestep. Each cycle one input k goes to all PEs: the spike of the row, and to each PE the weight of
// its column. A PE adds the weight when both are non-zero. Nothing is skipped, so a step takes K cycles: busy when at
// least one PE adds, zero_operand when none does. The sums then go to the neurons' lane of this row; a PE holds its sum
// twice, so the next step begins at once unless the lane has not begun to take these sums (packing).
#pragma once

#include "models/compute/ports.h"
#include "models/observe/counters.h"

#include <cstdint>
#include <systemc>
#include <vector>

namespace loas::designs
{

/// The weights of neighbouring columns as the rows take them: masks of the inputs that have a weight which is not
/// zero, then the weights, four columns side by side. The PEs of the hardware see by themselves what is zero; the
/// simulator does not want to look every time, and adds for four PEs at once.
class weight_block
{
public:
    static constexpr std::size_t lanes = 4; ///< columns side by side; the last ones are filled up with zeros

    void reset(std::size_t columns, std::size_t inputs);
    /// Where they come, int8 [column][K].
    std::int8_t* weights() { return m_weights.data(); }
    /// All weights are there: makes what the rows take.
    void complete();

    std::size_t columns() const { return m_columns; }
    std::size_t inputs() const { return m_inputs; }

    /// What the rows take.
    struct view {
        const std::uint64_t* any;   ///< [words of K bits], of all columns
        const std::uint64_t* masks; ///< [four columns][words of K bits]
        const std::int8_t* weights; ///< [four columns][K][lanes]
    };
    view look() const;

private:
    std::size_t m_columns = 0, m_inputs = 0;
    std::vector<std::int8_t> m_weights;
    std::vector<std::uint64_t> m_words;
};

class dense_row : public sc_core::sc_module
{
public:
    /// To the neurons: a lane for each row.
    sc_core::sc_port<compute::sums_receiver> sums_out{"sums_out"};

    /// row: its number in the array. columns: PEs.
    dense_row(const sc_core::sc_module_name& name, std::size_t row, std::size_t columns);

    void begin_layer(unsigned timesteps, std::size_t inputs);
    /// bitmaps: of a row of A, [T][words of K bits].
    void load_row(functional::span<const std::uint64_t> bitmaps);
    /// A timestep against the columns of a block, of which the first one is first_column. Returns the cycle in which
    /// the next step may begin.
    std::uint64_t step(unsigned timestep, std::size_t first_column, const weight_block& block, std::uint64_t cycle);

    /// What happened inside the tile in this layer.
    void collect(observe::counter_set& counters) const { counters.merge_with(m_counters); }

private:
    void add(const std::uint64_t* spikes, weight_block::view block, std::size_t columns);

    std::size_t m_row, m_columns;
    unsigned m_timesteps = 0;
    std::size_t m_inputs = 0;
    std::vector<std::uint64_t> m_spikes; ///< [T][words]
    std::vector<std::int32_t> m_sums;    ///< [column], filled up to whole lanes
    observe::counter_set m_counters;
};

} // namespace loas::designs
