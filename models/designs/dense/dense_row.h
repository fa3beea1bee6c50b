// A tile of the dense array: one row of A, timestep after timestep, against as many columns of B as the row has PEs. A
// passive module: the scheduler calls it through its socket, and the delay that comes back says when the next step may
// begin.
//
// A step is one timestep. Each cycle one input k goes to all PEs: the spike of the row, and to each PE the weight of
// its column. A PE adds the weight when both are non-zero. Nothing is skipped, so a step takes K cycles: busy when at
// least one PE adds, zero_operand when none does. The sums then go to the neurons' lane of this row; a PE holds its sum
// twice, so the next step begins at once unless the lane has not begun to take these sums (packing).
#pragma once

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

/// The weights of neighbouring columns as they travel to the rows: masks of the inputs that have a weight which is not
/// zero, then the weights, four columns side by side. The PEs of the hardware see by themselves what is zero; the
/// simulator does not want to look every time, and adds for four PEs at once.
class weight_block
{
public:
    static constexpr std::size_t lanes = 4; ///< columns side by side; the last ones are filled up with zeros

    void reset(std::size_t columns, std::size_t inputs);
    /// Where they come, int8 [column][K].
    std::int8_t* weights() { return m_weights.data(); }
    /// All weights are there: makes what travels.
    void complete();

    std::size_t columns() const { return m_columns; }
    void* data() { return m_words.data(); }
    std::size_t bytes() const { return m_words.size() * 8; }

    /// The receiver's view.
    struct view {
        const std::uint64_t* any;   ///< [words of K bits], of all columns
        const std::uint64_t* masks; ///< [four columns][words of K bits]
        const std::int8_t* weights; ///< [four columns][K][lanes]
    };
    static view parse(const unsigned char* data, std::size_t columns, std::size_t inputs);

private:
    std::size_t m_columns = 0, m_inputs = 0;
    std::vector<std::int8_t> m_weights;
    std::vector<std::uint64_t> m_words;
};

/// Addresses of a row's socket. The data of a row are its bitmaps, [T][words of K bits]; those of a step a
/// weight_block.
constexpr std::uint64_t address_of_row = 0;
constexpr std::uint64_t address_of_step(unsigned timestep, std::uint64_t first_column, std::uint64_t columns)
{
    return std::uint64_t{1} << 63 | std::uint64_t{timestep} << 48 | columns << 24 | first_column;
}

class dense_row : public sc_core::sc_module
{
public:
    tlm_utils::simple_target_socket<dense_row> broadcast_in{"broadcast_in"};
    /// To the neurons: int32 sums of a timestep, with an address of serial_lif.h.
    tlm_utils::simple_initiator_socket<dense_row> sums_out{"sums_out"};

    /// row: its number in the array. columns: PEs.
    dense_row(const sc_core::sc_module_name& name, std::uint64_t row, std::size_t columns, const kernel::clock& clock);

    void begin_layer(std::uint64_t inputs);

    /// What happened inside the tile in this layer.
    void collect(observe::counter_set& counters) const { counters.merge_with(m_counters); }

private:
    void b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    void add(const std::uint64_t* spikes, weight_block::view block, std::size_t columns);

    std::uint64_t m_row;
    kernel::clock m_clock;
    std::uint64_t m_inputs = 0;
    std::vector<std::uint64_t> m_spikes; ///< [T][words]
    std::vector<std::int32_t> m_sums;    ///< [column], filled up to whole lanes
    observe::counter_set m_counters;
    tlm::tlm_generic_payload m_payload;
};

} // namespace loas::designs
