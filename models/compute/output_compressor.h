// Output compressor: collects the spike words of a row group, packs each row into a fiber (mask, pointer, words) with
// an inverted laggy prefix-sum, and writes it to memory: the next layer's input as it stands. It also does what is
// defined on the stored tensor: OR pooling and the masking of single spikes.
#pragma once

#include "functional/layer_shape.h"
#include "observe/counters.h"
#include "tlm/clock.h"

#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

namespace loas::compute
{

struct compressor_parameters {
    unsigned adders = 16; ///< 0: compression takes no time
    unsigned chunk_bits = 128;
};

/// An access that memory refused.
struct memory_fault {
    bool happened = false;
    loas_status status = LOAS_STATUS_OK;
    std::uint64_t address = 0;
};

class output_compressor : public sc_core::sc_module
{
public:
    /// From the P-LIFs, bound in the order of the tiles: writes of a spike word or of T currents; address = column n.
    tlm_utils::multi_passthrough_target_socket<output_compressor> spikes_in{"spikes_in"};
    tlm_utils::simple_initiator_socket<output_compressor> memory_out{"memory_out"};

    output_compressor(const sc_core::sc_module_name& name, const compressor_parameters& parameters,
                      const tlm_blocks::clock& clock);

    void begin_layer(const functional::layer_shape& shape, bool single_spike_mask, std::uint64_t output_address);

    /// Row of the product that each tile computes next.
    void begin_rows(const std::vector<std::uint32_t>& rows);

    /// Columns [0, done_columns) of the group have left the tiles at `cycle`. Returns the cycle in which the tiles may
    /// go on: later when a full block finds the compressor still busy with the one before. Packing begins when the last
    /// result of the block has come out of its P-LIF.
    std::uint64_t columns_done(std::uint64_t done_columns, std::uint64_t cycle);

    /// Writes what the finished row group completes.
    void finish_rows();

    /// Cycle in which the last write so far is in memory.
    std::uint64_t last_write_cycle() const { return m_last_write_cycle; }
    const memory_fault& fault() const { return m_fault; }
    void collect(observe::counter_set& counters) const { counters.merge_with(m_counters); }

private:
    /// A pooling window that rows still to come will add to.
    struct window {
        std::uint64_t index;
        unsigned rows_missing;
        std::vector<std::uint16_t> words;
    };

    void b_transport(int tile, tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    void pool_row(std::size_t tile);
    void write_fiber(std::uint64_t pixel, std::uint16_t* words);
    void write_currents(std::size_t tile);
    void write(std::uint64_t address, void* data, std::size_t bytes, observe::counter kind);

    compressor_parameters m_parameters;
    tlm_blocks::clock m_clock;
    functional::layer_shape m_shape;
    loas_tensor_layout m_layout{};
    bool m_single_spike_mask = false;
    std::uint64_t m_output_address = 0;
    std::vector<std::uint32_t> m_rows;
    std::vector<std::uint16_t> m_words;   ///< [tile][N]
    std::vector<std::int32_t> m_currents; ///< [tile][N][T]
    std::vector<window> m_windows;
    std::vector<std::uint64_t> m_mask;
    std::vector<std::uint16_t> m_non_silent;
    std::vector<std::uint8_t> m_packed;
    std::uint64_t m_blocks_done = 0;
    std::uint64_t m_arrival_cycle = 0; ///< of the latest result of a P-LIF
    std::uint64_t m_free_cycle = 0;    ///< everything taken so far is packed
    std::uint64_t m_last_write_cycle = 0;
    memory_fault m_fault;
    observe::counter_set m_counters;
    tlm::tlm_generic_payload m_payload;
};

} // namespace loas::compute
