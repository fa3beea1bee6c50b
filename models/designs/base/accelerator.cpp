#include "models/designs/base/accelerator.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;

namespace
{

struct names_of_wait {
    counter tiles, scheduler;
};

// In the order of enum wait_cause.
constexpr names_of_wait wait_names[] = {{counter::stall_waiting_a, counter::scheduler_waiting_a},
                                        {counter::stall_waiting_b, counter::scheduler_waiting_b},
                                        {counter::stall_partial_sums, counter::scheduler_partial_sums},
                                        {counter::stall_packing, counter::scheduler_packing},
                                        {counter::stall_write_back, counter::scheduler_write_back}};

} // namespace

accelerator::accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                         kernel::event_wheel& wheel)
    : sc_module(name), m_clock(parameters.clock_mhz), m_wheel(wheel), m_parameters(parameters), m_agent(wheel),
      m_tile_waits(parameters.tppe.count)
{
    m_agent.rest_until(kernel::event_wheel::never); // until there is a layer
}

void accelerator::add_client(const kernel::memory_client& client, const std::vector<kernel::memory_port*>& ports)
{
    m_clients.push_back(&client);
    m_ports.insert(m_ports.end(), ports.begin(), ports.end());
}

observe::layer_outcome accelerator::execute(const loas_descriptor& descriptor)
{
    m_aborted = false;
    m_under_way = true;
    m_fault = {};
    m_counters = {};
    m_active_tiles = 0;
    m_column_streams = 0;
    std::fill(m_tile_waits.begin(), m_tile_waits.end(), 0);
    m_agent.catch_up(); // others may have turned the wheel while it rested
    const std::uint64_t start_cycle = m_clock.to_cycles(sc_core::sc_time_stamp());
    m_cycle = m_start_cycle = m_recorded_cycle = start_cycle;
    m_recorded_busy = 0;
    m_utilisation = {};
    advance_kernel(); // to the clock edge
    run_layer(descriptor);
    observe::layer_outcome outcome = finish_layer(start_cycle);
    m_under_way = false;
    m_agent.rest_until(kernel::event_wheel::never);
    return outcome;
}

void accelerator::wait_for(const kernel::arrival& what, wait_cause cause)
{
    if (turn_until([&] { return what.complete(); }))
        wait_tiles(what.ready_cycle, cause, what.refresh_cycles);
}

void accelerator::wait_tiles(std::uint64_t until_cycle, wait_cause cause, std::uint64_t refresh_cycles)
{
    if (until_cycle <= m_cycle)
        return;
    const std::uint64_t wait = until_cycle - m_cycle;
    const std::uint64_t refresh = std::min(wait, refresh_cycles);
    for (std::size_t tile = 0; tile < m_active_tiles; ++tile)
        wait_tile(tile, wait, cause, refresh_cycles);
    m_counters[wait_names[static_cast<std::size_t>(cause)].scheduler] += wait - refresh;
    m_counters[counter::scheduler_dram_refresh] += refresh;
    advance_tiles(until_cycle);
}

void accelerator::wait_tile(std::size_t tile, std::uint64_t cycles, wait_cause cause, std::uint64_t refresh_cycles)
{
    const std::uint64_t refresh = std::min(cycles, refresh_cycles);
    m_counters[wait_names[static_cast<std::size_t>(cause)].tiles] += cycles - refresh;
    m_counters[counter::stall_dram_refresh] += refresh;
    m_tile_waits[tile] += cycles;
}

void accelerator::wait_for_writes(const compute::output_compressor& compressor)
{
    if (!turn_until([&] { return compressor.writes_done(); }))
        return;
    wait_tiles(std::min(compressor.packed_cycle(), compressor.last_write_cycle()), wait_cause::packing, 0);
    wait_tiles(compressor.last_write_cycle(), wait_cause::write_back, compressor.refresh_cycles());
}

void accelerator::pack_kept_words(compute::output_compressor& compressor, const functional::layer_shape& shape,
                                  const std::vector<std::uint32_t>& row_order, std::size_t group_rows,
                                  std::uint64_t words_address)
{
    compressor.begin_columns(0, shape.n);
    for (std::size_t first = 0; first < row_order.size() && work_left(); first += group_rows) {
        const std::vector<std::uint32_t> rows = functional::rows_from(row_order, first, group_rows);
        set_active_tiles(std::min(tiles(), rows.size()));
        wait_for(compressor.take_up_rows(rows, words_address, m_cycle), wait_cause::partial_sums);
        if (!work_left())
            return;
        wait_tiles(compressor.columns_done(shape.n, m_cycle), wait_cause::packing, 0);
        wait_for_writes(compressor);
        compressor.finish_rows();
    }
    if (work_left())
        wait_for_writes(compressor);
}

void accelerator::meet(const std::vector<std::uint64_t>& done_cycles)
{
    std::uint64_t met = m_cycle;
    for (std::size_t tile = 0; tile < m_active_tiles; ++tile)
        met = std::max(met, done_cycles[tile]);
    for (std::size_t tile = 0; tile < m_active_tiles; ++tile) {
        m_counters[counter::stall_synchronisation] += met - done_cycles[tile];
        m_tile_waits[tile] += met - done_cycles[tile];
    }
    meet_at(met);
}

void accelerator::meet_at(std::uint64_t cycle)
{
    m_counters[counter::scheduler_broadcasting] += cycle - m_cycle;
    advance_tiles(cycle);
}

void accelerator::advance_tiles(std::uint64_t cycle)
{
    m_counters[counter::stall_idle] += (cycle - m_cycle) * (tiles() - m_active_tiles);
    for (std::size_t tile = m_active_tiles; tile < tiles(); ++tile)
        m_tile_waits[tile] += cycle - m_cycle;
    m_cycle = cycle;
    // Asking all tiles costs more than a short step; this often is finer than the slices of most layers.
    if (m_cycle >= m_recorded_cycle + 512)
        record_utilisation();
    advance_kernel();
}

/// What the tiles have done since the last time. Some count a piece of work when it begins: what does not fit before
/// m_cycle is done later.
void accelerator::record_utilisation()
{
    std::uint64_t busy = 0;
    for (std::size_t tile = 0; tile < tiles(); ++tile)
        busy += busy_cycles(tile);
    busy = std::min(busy - m_recorded_busy, (m_cycle - m_recorded_cycle) * tiles());
    m_utilisation.record(m_recorded_cycle - m_start_cycle, m_cycle - m_start_cycle, busy);
    m_recorded_cycle = m_cycle;
    m_recorded_busy += busy;
}

std::uint64_t accelerator::busy_cycles(std::size_t tile) const
{
    observe::counter_set counters;
    collect_tile(tile, counters);
    return counters[counter::busy_cycles];
}

void accelerator::advance_kernel()
{
    m_agent.run_before(m_cycle * m_clock.period_ps());
    m_agent.rest_until(m_cycle * m_clock.period_ps());
    const sc_core::sc_time delay = m_clock.delay_until(m_cycle);
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
}

/// The simulation ends here, and describe() tells why.
void accelerator::stay_stuck()
{
    m_stuck = true;
    sc_core::sc_stop();
    for (;;)
        sc_core::wait(m_never);
}

bool accelerator::clients_at_rest() const
{
    return std::all_of(m_clients.begin(), m_clients.end(), [](const auto* each) { return each->at_rest(); });
}

/// Nothing of an abandoned layer is on its way when it ends, and nothing of its output appears later.
void accelerator::come_to_rest()
{
    if (!m_agent.run_until([this] { return clients_at_rest() && (m_cache == nullptr || m_cache->quiet()); }))
        stay_stuck();
    m_cycle = std::max(m_cycle, m_clock.cycle_of(m_wheel.now_ps()));
    advance_kernel();
    if (m_cache != nullptr)
        m_cache->discard_changes();
}

observe::layer_outcome accelerator::finish_layer(std::uint64_t start_cycle)
{
    observe::layer_outcome outcome;
    if (m_fault.happened) {
        outcome.status = m_fault.status;
        outcome.error_address = m_fault.address;
    }
    if (!work_left()) {
        come_to_rest();
        return outcome;
    }
    if (m_cache != nullptr) { // the host finds the output in memory
        m_cache->begin_write_back(m_cycle * m_clock.period_ps());
        if (turn_until([&] { return m_cache->quiet(); }))
            wait_tiles(m_clock.cycle_of(m_wheel.now_ps()), wait_cause::write_back,
                       m_clock.cycles_in(m_cache->write_back_refresh_ps()));
    }
    m_counters[counter::cycles] = m_cycle - start_cycle;
    check_cycles();
    collect_rest(m_counters);
    outcome.counters = m_counters;
    outcome.column_streams = m_column_streams;
    record_utilisation();
    outcome.utilisation = m_utilisation;
    return outcome;
}

/// Every cycle of every tile and of the scheduler has exactly one name.
void accelerator::check_cycles()
{
    const std::uint64_t cycles = m_counters[counter::cycles];
    for (std::size_t i = 0; i < tiles(); ++i) {
        observe::counter_set tile;
        collect_tile(i, tile);
        if (tile[counter::busy_cycles] + tile.group_total("stall_cycles") + m_tile_waits[i] != cycles)
            SC_REPORT_FATAL(name(), "a tile's cycles do not add up to the cycles of the layer");
        m_counters.merge_with(tile);
    }
    if (m_counters.group_total("scheduler_cycles") != cycles ||
        m_counters[counter::busy_cycles] + m_counters.group_total("stall_cycles") != cycles * tiles())
        SC_REPORT_FATAL(name(), "cycles by cause do not add up to the cycles of the layer");
}

std::string accelerator::describe() const
{
    if (!m_under_way)
        return {};
    std::string waits_for;
    for (const kernel::memory_client* each : m_clients)
        if (waits_for.empty())
            waits_for = each->describe();
    if (waits_for.empty())
        waits_for = m_stuck ? "the cache does not come to rest" : "a layer is under way";
    return std::string(basename()) + (m_stuck ? " is stuck: " : ": ") + waits_for;
}

} // namespace loas::designs
