// The LoAS accelerator: tiles, P-LIFs and compressor wired by sockets, and the scheduler that drives them through the
// fully temporal-parallel dataflow (loas.md sections 2 and 4).
//
// Order of work. Rows go to the tiles in groups of tppe.count. Columns go in tiles of accumulator_sets columns; within
// such a tile, chunk by chunk. One broadcast step is what the tiles do between two meetings: columns_per_sync whole
// columns when there is one accumulator set (the literal machine: one column), or columns_per_sync columns of one chunk
// when there are several (the published accounting: 32 columns of a chunk). The scheduler's thread waits once per step.
#pragma once

#include "compute/output_compressor.h"
#include "compute/plif.h"
#include "compute/tppe.h"
#include "loas_accelerator/fiber_fetch.h"
#include "tlm/clock.h"
#include "tlm/layer_executor.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

namespace loas::accelerators
{

struct loas_parameters {
    double clock_mhz = 800;
    unsigned tiles = 16;
    compute::tppe_parameters tppe;
    unsigned plif_latency = 1; ///< cycles
    compute::compressor_parameters compressor;
    unsigned columns_per_sync = 1;
    unsigned prefetch_rows = 1;    ///< row groups fetched ahead of the one that is joined
    unsigned prefetch_columns = 8; ///< column fibers fetched ahead of those that are joined
};

class loas_accelerator : public sc_core::sc_module, public tlm_blocks::layer_executor
{
public:
    /// The two ways to memory: operands in, results out.
    tlm_utils::simple_initiator_socket<fiber_fetch>& operands_out() { return m_fetch.memory_out; }
    tlm_utils::simple_initiator_socket<compute::output_compressor>& results_out() { return m_compressor.memory_out; }

    loas_accelerator(const sc_core::sc_module_name& name, const loas_parameters& parameters);

    observe::layer_outcome execute(const loas_descriptor& descriptor) override;
    void abort() override { m_aborted = true; }

private:
    using tile_port = tlm_utils::simple_initiator_socket<loas_accelerator>;

    struct row_group {
        std::vector<std::uint32_t> rows;
        std::vector<compute::fiber_packet> fibers;
        std::uint64_t ready_cycle = 0;
    };
    struct column_slot {
        compute::fiber_packet fiber;
        std::uint64_t ready_cycle = 0;
    };

    void begin_layer(const loas_descriptor& descriptor);
    void prefetch_groups(std::uint64_t up_to, std::uint64_t cycle);
    void prefetch_column_fibers(std::uint64_t up_to, std::uint64_t cycle);
    void run_group(std::uint64_t group);
    void run_column_tile(std::uint64_t first_position, unsigned columns, std::uint64_t group_ready);
    void run_step(std::uint64_t first_position, unsigned first_set, unsigned columns,
                  const compute::join_command& join);
    bool work_left() const { return !m_aborted && !m_fetch.fault().happened && !m_compressor.fault().happened; }
    void wait_tiles(std::uint64_t until, observe::counter cause);
    void advance_tiles(std::uint64_t cycle);
    void advance_kernel();
    void send(std::size_t tile, std::uint64_t address, void* data, std::size_t bytes, sc_core::sc_time& delay);
    observe::layer_outcome finish_layer(std::uint64_t start_cycle);

    loas_parameters m_parameters;
    tlm_blocks::clock m_clock;
    fiber_fetch m_fetch;
    compute::output_compressor m_compressor;
    sc_core::sc_vector<compute::tppe> m_tiles;
    sc_core::sc_vector<compute::plif> m_plifs;
    sc_core::sc_vector<tile_port> m_tile_ports;

    // The layer under way.
    functional::layer_shape m_shape;
    std::vector<std::uint32_t> m_row_order;
    std::vector<std::int32_t> m_bias;
    std::uint64_t m_bias_cycle = 0;
    std::uint64_t m_groups = 0;
    std::uint32_t m_chunks = 0;
    std::vector<row_group> m_group_slots; ///< ring
    std::uint64_t m_groups_fetched = 0;
    std::vector<column_slot> m_column_slots; ///< ring; position = group * N + column
    std::uint64_t m_columns_fetched = 0;
    std::size_t m_active_tiles = 0; ///< tiles with a row in the current group
    std::uint64_t m_cycle = 0;      ///< all tiles have come this far
    std::vector<sc_core::sc_time> m_tile_delays;
    observe::counter_set m_counters;
    bool m_aborted = false;
    tlm::tlm_generic_payload m_payload;
};

} // namespace loas::accelerators
