// A tile of the dense array: one row of A, timestep after timestep, against as many columns of B as the row has PEs. A
// passive module: the scheduler calls it through its socket, and the delay that comes back says when the next step may
// begin.
//
// A step is one timestep. Each cycle one input k goes to all PEs: the spike of the row, and to each PE the weight of
// its column. A PE adds the weight when both are non-zero. Nothing is skipped, so a step takes K cycles: busy when at
// least one PE adds, zero_operand when none does. The sums then go to the neurons' lane of this row; a PE holds its sum
// twice, so the next step begins at once unless the lane has not begun to take these sums (packing).
#pragma once

#include "observe/counters.h"
#include "tlm/clock.h"

#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

namespace loas::accelerators
{

/// The weights of neighbouring columns as they travel to the rows: masks, then int8 [column][K]. The masks say which
/// weights are not zero: the PEs of the hardware see that by themselves, the simulator does not want to look every
/// time.
class weight_block
{
public:
    void reset(std::size_t columns, std::size_t inputs);
    std::int8_t* weights() { return reinterpret_cast<std::int8_t*>(m_words.data() + mask_words()); }
    /// All weights are there: makes the masks.
    void complete();

    std::size_t columns() const { return m_columns; }
    void* data() { return m_words.data(); }
    std::size_t bytes() const { return mask_words() * 8 + m_columns * m_inputs; }

    /// The receiver's view.
    struct view {
        const std::uint64_t* any;   ///< an input that is not zero in at least one column
        const std::uint64_t* masks; ///< [column][words of K bits]
        const std::int8_t* weights; ///< [column][K]
    };
    static view parse(const unsigned char* data, std::size_t columns, std::size_t words);

private:
    std::size_t mask_words() const;

    std::size_t m_columns = 0, m_inputs = 0;
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
    dense_row(const sc_core::sc_module_name& name, std::uint64_t row, std::size_t columns,
              const tlm_blocks::clock& clock);

    void begin_layer(std::uint64_t inputs);

    /// What happened inside the tile in this layer.
    void collect(observe::counter_set& counters) const { counters.merge_with(m_counters); }

private:
    void b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    void add(const std::uint64_t* spikes, const weight_block::view& block, std::size_t columns);

    std::uint64_t m_row;
    tlm_blocks::clock m_clock;
    std::uint64_t m_inputs = 0;
    std::vector<std::uint64_t> m_spikes; ///< [T][words]
    std::vector<std::int32_t> m_sums;    ///< [column]
    observe::counter_set m_counters;
    tlm::tlm_generic_payload m_payload;
};

} // namespace loas::accelerators
