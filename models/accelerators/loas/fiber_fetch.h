// Operand fetch of the LoAS accelerator: reads fibers of A and B from memory by address and puts them into packets. It
// gathers im2col rows from pixel fibers without a copy in memory (loas.md section 6).
//
// Each call starts at the cycle that the caller gives and returns the cycle in which the packet is complete: a mask and
// a pointer are read together, the values after them, as in hardware the pointer is needed to find them.
#pragma once

#include "compute/output_compressor.h" // memory_fault
#include "compute/packets.h"
#include "functional/layer_shape.h"
#include "observe/counters.h"
#include "tlm/clock.h"

#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

namespace loas::accelerators
{

class fiber_fetch : public sc_core::sc_module
{
public:
    tlm_utils::simple_initiator_socket<fiber_fetch> memory_out{"memory_out"};

    fiber_fetch(const sc_core::sc_module_name& name, unsigned chunk_bits, const tlm_blocks::clock& clock);

    void begin_layer(const functional::layer_shape& shape, std::uint64_t input_address, std::uint64_t weight_address);

    /// Row fiber of output pixel `row`.
    std::uint64_t fetch_row(std::uint32_t row, std::uint64_t cycle, compute::fiber_packet& packet);

    /// Column fiber n; the bias is not part of it.
    std::uint64_t fetch_column(std::uint32_t column, std::uint64_t cycle, compute::fiber_packet& packet);

    /// Bias of all columns, int32[N].
    std::uint64_t fetch_bias(std::uint64_t address, std::uint64_t cycle, std::vector<std::int32_t>& bias);

    /// Set by the first access that failed in this layer; later fetches read nothing.
    const compute::memory_fault& fault() const { return m_fault; }
    void collect(observe::counter_set& counters) const { counters.merge_with(m_counters); }

private:
    std::uint64_t fetch_pixels(std::uint64_t first_pixel, std::uint64_t count, std::uint64_t position,
                               std::uint64_t cycle, compute::fiber_packet& packet);
    std::uint64_t read(std::uint64_t address, void* data, std::size_t bytes, std::uint64_t cycle,
                       observe::counter dram_kind, observe::counter sram_kind);
    void fail(loas_status status, std::uint64_t address);

    unsigned m_chunk_words;
    tlm_blocks::clock m_clock;
    functional::layer_shape m_shape;
    loas_tensor_layout m_input{};
    loas_tensor_layout m_weights{};
    std::uint64_t m_input_address = 0;
    std::uint64_t m_weight_address = 0;
    std::size_t m_mask_words = 0;
    std::vector<std::uint64_t> m_pixel_masks;
    std::vector<std::uint32_t> m_pixel_pointers;
    std::vector<std::uint8_t> m_packed;
    std::vector<std::uint16_t> m_words; ///< of the row under way
    std::size_t m_word_count = 0;
    compute::memory_fault m_fault;
    observe::counter_set m_counters;
    tlm::tlm_generic_payload m_payload;
};

} // namespace loas::accelerators
