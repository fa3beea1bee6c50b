// What every accelerator does whatever its dataflow: it runs one layer after another in simulated time, turns the event
// wheel while it waits, gives each cycle of each tile exactly one name, has the cache written back at the end, comes to
// rest after a fault, and knows when it is stuck. A design adds its tiles, its fetch units and its order of work.
//
// "Tile" is the unit that works on its own: a TPPE of LoAS, a PE of the others. All tiles stand at m_cycle when the
// scheduler meets them; what a tile does between two meetings, its design counts.
#pragma once

#include "models/compute/output_compressor.h"
#include "models/designs/base/parameters.h"
#include "models/kernel/agent.h"
#include "models/kernel/cache_control.h"
#include "models/kernel/clock.h"
#include "models/kernel/event_wheel.h"
#include "models/kernel/layer_executor.h"
#include "models/kernel/memory_client.h"
#include "models/kernel/memory_port.h"
#include "models/observe/layer_observer.h"

#include <string>
#include <systemc>
#include <vector>

namespace loas::designs
{

class accelerator : public sc_core::sc_module, public kernel::layer_executor
{
public:
    /// The ways to memory, in the order in which they are bound to it.
    const std::vector<kernel::memory_port*>& memory_ports() const { return m_ports; }

    /// The cache behind the ports; nullptr: none.
    void set_cache(kernel::cache_control* cache) { m_cache = cache; }

    observe::layer_outcome execute(const loas_descriptor& descriptor) final;
    void abort() final { m_aborted = true; }
    std::string describe() const final;

    /// Something waits for what can never happen, or for longer than longest_wait_ps.
    bool stuck() const { return m_stuck; }

protected:
    /// Why tiles and scheduler wait.
    enum class wait_cause { a, b, partial_sums, packing, write_back };

    accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                kernel::event_wheel& wheel);

    /// A unit that accesses memory, and its ports.
    void add_client(const kernel::memory_client& client, const std::vector<kernel::memory_port*>& ports);

    // The design.
    /// From the start at m_cycle until all results are written or on their way and waited for; returns early when no
    /// work is left.
    virtual void run_layer(const loas_descriptor& descriptor) = 0;
    /// What happened inside a tile: busy_cycles and its stalls, which with tile_waits() are all cycles of the layer.
    virtual void collect_tile(std::size_t tile, observe::counter_set& counters) const = 0;
    /// busy_cycles of the layer so far; asked for more often than all the rest.
    virtual std::uint64_t busy_cycles(std::size_t tile) const;
    /// What units other than tiles counted.
    virtual void collect_rest(observe::counter_set& counters) const = 0;

    // For the design.
    bool work_left() const { return !m_aborted && !m_fault.happened; }
    /// Tiles [0, count) have work from now on; the others idle.
    void set_active_tiles(std::size_t count) { m_active_tiles = count; }
    std::size_t active_tiles() const { return m_active_tiles; }
    std::size_t tiles() const { return m_parameters.tppe.count; }
    const accelerator_parameters& shared() const { return m_parameters; }
    /// Cycles in which a tile waited for others or had no work, counted by the base or the design.
    std::uint64_t& tile_waits(std::size_t tile) { return m_tile_waits[tile]; }

    /// Turns the wheel until what is fetched is there, and has all tiles wait for it.
    void wait_for(const kernel::arrival& what, wait_cause cause);
    /// All tiles and the scheduler wait. What was waited for took up to refresh_cycles longer because of a refresh: at
    /// most so much of the wait is due to it.
    void wait_tiles(std::uint64_t until_cycle, wait_cause cause, std::uint64_t refresh_cycles);
    /// One tile waits, on its own, for something that was fetched.
    void wait_tile(std::size_t tile, std::uint64_t cycles, wait_cause cause, std::uint64_t refresh_cycles);
    /// All tiles wait for the outputs that the compressor writes, or is to write.
    void wait_for_writes(const compute::output_compressor& compressor);
    /// Of rows whose columns came in several ranges: takes up the words that were kept at the address, as many rows at a
    /// time as a group has, and packs them.
    void pack_kept_words(compute::output_compressor& compressor, const functional::layer_shape& shape,
                         const std::vector<std::uint32_t>& row_order, std::size_t group_rows,
                         std::uint64_t words_address);
    /// The active tiles worked until done_cycles; they meet at the latest of these, which becomes m_cycle.
    void meet(const std::vector<std::uint64_t>& done_cycles);
    /// The same where they all worked until one cycle, not before m_cycle.
    void meet_at(std::uint64_t cycle);
    /// Time passes: what the tiles that are active did meanwhile has been counted.
    void advance_tiles(std::uint64_t cycle);
    /// Turns the wheel until done(). False: the layer failed meanwhile. When nothing can happen any more, or only
    /// others go on for ever, the machine is stuck.
    template <class condition> bool turn_until(condition done)
    {
        const std::uint64_t deadline_ps = m_wheel.now_ps() + m_parameters.longest_wait_ps;
        const auto enough = [&] { return done() || m_fault.happened || m_wheel.now_ps() > deadline_ps; };
        if (!m_agent.run_until(enough) || (m_wheel.now_ps() > deadline_ps && !done()))
            stay_stuck();
        return done();
    }

    /// Everything before a cycle happens, though not all tiles have come so far.
    void turn_before(std::uint64_t cycle) { m_agent.run_before(cycle * m_clock.period_ps()); }

    kernel::clock m_clock;
    kernel::event_wheel& m_wheel;
    kernel::memory_fault m_fault;    ///< of the layer; its clients note it
    observe::counter_set m_counters; ///< of the layer
    std::uint64_t m_cycle = 0;       ///< all tiles have come this far
    /// Streams of columns that came side by side in the layer, at most; 0: the design has one, or may have no other.
    std::uint64_t m_column_streams = 0;

private:
    void advance_kernel();
    void come_to_rest();
    bool clients_at_rest() const;
    [[noreturn]] void stay_stuck();
    observe::layer_outcome finish_layer(std::uint64_t start_cycle);
    void check_cycles();
    void record_utilisation();

    accelerator_parameters m_parameters;
    kernel::agent m_agent;
    std::vector<const kernel::memory_client*> m_clients;
    std::vector<kernel::memory_port*> m_ports;
    kernel::cache_control* m_cache = nullptr;
    std::size_t m_active_tiles = 0;
    std::vector<std::uint64_t> m_tile_waits;
    observe::utilisation_timeline m_utilisation; ///< of the layer
    std::uint64_t m_start_cycle = 0, m_recorded_cycle = 0, m_recorded_busy = 0;
    bool m_aborted = false;
    bool m_under_way = false;
    bool m_stuck = false;
    sc_core::sc_event m_never{"never"};
};

} // namespace loas::designs
