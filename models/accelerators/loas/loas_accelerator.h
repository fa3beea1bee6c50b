// The LoAS accelerator: tiles, P-LIFs and compressor wired by sockets, and the scheduler that drives them through the
// fully temporal-parallel dataflow (loas.md sections 2 and 4).
//
// Order of work. Rows go to the tiles in groups of tppe.count. Columns go in tiles of accumulator_sets columns; within
// such a tile, chunk by chunk. One broadcast step is what the tiles do between two meetings: columns_per_sync whole
// columns when there is one accumulator set (the literal machine: one column), or columns_per_sync columns of one chunk
// when there are several (the published accounting: 32 columns of a chunk). The scheduler's thread waits once per step.
//
// Fibers are fetched ahead by prefetch_rows row groups and prefetch_columns columns; with 0 nothing is fetched while
// the tiles join. The thread turns the event wheel: up to the next step while the tiles work, or until the fiber it
// waits for is there.
#pragma once

#include "compute/output_compressor.h"
#include "compute/plif.h"
#include "compute/tppe.h"
#include "loas_accelerator/fiber_fetch.h"
#include "tlm/cache_control.h"
#include "tlm/layer_executor.h"
#include "tlm/link_monitor.h"

#include <memory>
#include <string>
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
    unsigned prefetch_rows = 1;                         ///< row groups fetched ahead of the one that is joined
    unsigned prefetch_columns = 8;                      ///< column fibers fetched ahead of those that are joined
    std::uint64_t longest_wait_ps = 10'000'000'000'000; ///< for one access to memory; after that the machine is stuck
};

class loas_accelerator : public sc_core::sc_module, public tlm_blocks::layer_executor
{
public:
    /// The ways to memory: a port for each tile's rows, one for what is broadcast, one for results.
    std::vector<std::unique_ptr<fiber_fetch::port>>& operand_ports() { return m_fetch.ports(); }
    tlm_blocks::memory_port& result_port() { return m_compressor.memory_out; }

    /// links: how the tiles are wired.
    loas_accelerator(const sc_core::sc_module_name& name, const loas_parameters& parameters,
                     tlm_blocks::event_wheel& wheel, tlm_blocks::links& links);

    /// The cache behind the ports; nullptr: none.
    void set_cache(tlm_blocks::cache_control* cache) { m_cache = cache; }

    observe::layer_outcome execute(const loas_descriptor& descriptor) override;
    void abort() override { m_aborted = true; }
    std::string describe() const override;

    /// Something waits for what can never happen, or for longer than longest_wait_ps.
    bool stuck() const { return m_stuck; }

private:
    using tile_port = tlm_utils::simple_initiator_socket<loas_accelerator>;

    /// Why tiles and scheduler wait.
    enum class wait_cause { a, b, packing, write_back };

    struct row_group {
        std::vector<std::uint32_t> rows;
        std::size_t first_entry = 0; ///< of the fetch unit's rows
    };

    void begin_layer(const loas_descriptor& descriptor);
    void prefetch_groups(std::uint64_t up_to);
    void prefetch_column_fibers(std::uint64_t up_to, std::uint64_t cycle);
    void begin_column(std::uint64_t position);
    void run_group(std::uint64_t group);
    void run_column_tile(std::uint64_t first_position, unsigned columns, const row_group& group);
    void run_step(std::uint64_t first_position, unsigned first_set, unsigned columns,
                  const compute::join_command& join);
    bool work_left() const { return !m_aborted && !m_fetch.fault().happened && !m_compressor.fault().happened; }
    std::size_t column_entry(std::uint64_t position) const { return position % m_column_entries; }
    void hold_tiles_for(const fetched_fiber& column);
    void wait_for(const fetched_fiber& fiber, wait_cause cause);
    void wait_for_writes();
    void wait_tiles(std::uint64_t until, wait_cause cause, std::uint64_t refresh_cycles);
    void advance_tiles(std::uint64_t cycle);
    void advance_kernel();
    void come_to_rest();
    template <class condition> bool turn_until(condition done);
    [[noreturn]] void stay_stuck();
    void load_rows(const row_group& group);
    void send(std::size_t tile, std::uint64_t address, void* data, std::size_t bytes, sc_core::sc_time& delay);
    observe::layer_outcome finish_layer(std::uint64_t start_cycle);
    void check_cycles();

    loas_parameters m_parameters;
    tlm_blocks::clock m_clock;
    tlm_blocks::event_wheel& m_wheel;
    std::size_t m_columns_held;   ///< columns that a step needs at once
    std::size_t m_column_entries; ///< they and those fetched ahead
    fiber_fetch m_fetch;
    compute::output_compressor m_compressor;
    sc_core::sc_vector<compute::tppe> m_tiles;
    sc_core::sc_vector<compute::plif> m_plifs;
    sc_core::sc_vector<tile_port> m_tile_ports;
    tlm_blocks::cache_control* m_cache = nullptr;

    // The layer under way.
    functional::layer_shape m_shape;
    std::vector<std::uint32_t> m_row_order;
    std::uint64_t m_groups = 0;
    std::uint32_t m_chunks = 0;
    std::vector<row_group> m_group_slots; ///< ring
    std::uint64_t m_groups_fetched = 0;
    std::uint64_t m_columns_fetched = 0; ///< position = group * N + column
    std::size_t m_active_tiles = 0;      ///< tiles with a row in the current group
    std::uint64_t m_cycle = 0;           ///< all tiles have come this far
    std::vector<sc_core::sc_time> m_tile_delays;
    std::vector<std::uint64_t> m_tile_waits; ///< of each tile: cycles in which it waited or had no row
    observe::counter_set m_counters;
    bool m_aborted = false;
    bool m_under_way = false;
    bool m_stuck = false;
    sc_core::sc_event m_never{"never"};
    tlm::tlm_generic_payload m_payload;
};

} // namespace loas::accelerators
