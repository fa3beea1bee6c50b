#include "loas_accelerator/loas_accelerator.h"

#include "functional/bits.h"
#include "tlm/access_check.h"

#include <algorithm>

namespace loas::accelerators
{

using compute::tile_operation;
using observe::counter;

loas_accelerator::loas_accelerator(const sc_core::sc_module_name& name, const loas_parameters& parameters,
                                   tlm_blocks::event_wheel& wheel, tlm_blocks::links& links)
    : sc_module(name), m_parameters(parameters), m_clock(parameters.clock_mhz), m_wheel(wheel),
      m_columns_held(parameters.tppe.accumulator_sets), m_column_entries(m_columns_held + parameters.prefetch_columns),
      m_fetch("fetch", parameters.tppe.chunk_bits, m_clock, wheel, parameters.tiles,
              std::size_t{parameters.tiles} * (parameters.prefetch_rows + 1), m_column_entries),
      m_compressor("compressor", parameters.compressor, m_clock, wheel, parameters.tiles),
      m_tiles("tppe", parameters.tiles,
              [&](const char* tile, std::size_t) { return new compute::tppe(tile, parameters.tppe, m_clock); }),
      m_plifs("plif", parameters.tiles,
              [&](const char* unit, std::size_t) { return new compute::plif(unit, parameters.plif_latency, m_clock); }),
      m_tile_ports("broadcast_out", parameters.tiles), m_tile_delays(parameters.tiles), m_tile_waits(parameters.tiles)
{
    for (std::size_t i = 0; i < parameters.tiles; ++i) {
        const std::string tile = "_" + std::to_string(i);
        links.connect("broadcast_to_tppe" + tile, m_tile_ports[i], m_tiles[i].broadcast_in);
        links.connect("tppe_to_plif" + tile, m_tiles[i].currents_out, m_plifs[i].currents_in);
        links.connect("plif_to_compressor" + tile, m_plifs[i].spikes_out, m_compressor.spikes_in);
    }
    m_group_slots.resize(parameters.prefetch_rows + 1);
    for (std::size_t i = 0; i < m_group_slots.size(); ++i)
        m_group_slots[i].first_entry = i * parameters.tiles;
}

observe::layer_outcome loas_accelerator::execute(const loas_descriptor& descriptor)
{
    m_aborted = false;
    m_under_way = true;
    const std::uint64_t start_cycle = m_clock.to_cycles(sc_core::sc_time_stamp());
    m_cycle = start_cycle;
    advance_kernel(); // to the clock edge
    begin_layer(descriptor);
    for (std::uint64_t group = 0; group < m_groups && work_left(); ++group)
        run_group(group);
    observe::layer_outcome outcome = finish_layer(start_cycle);
    m_under_way = false;
    return outcome;
}

void loas_accelerator::begin_layer(const loas_descriptor& descriptor)
{
    m_shape = functional::layer_shape(descriptor);
    m_row_order = functional::row_order(m_shape);
    m_groups = (m_row_order.size() + m_parameters.tiles - 1) / m_parameters.tiles;
    m_chunks = static_cast<std::uint32_t>(functional::chunks_of(m_shape.k, m_parameters.tppe.chunk_bits));
    m_groups_fetched = 0;
    m_columns_fetched = 0;
    m_active_tiles = 0;
    m_counters = {};
    std::fill(m_tile_waits.begin(), m_tile_waits.end(), 0);

    compute::tile_configuration configuration{};
    configuration.timesteps = m_shape.timesteps;
    configuration.inputs = static_cast<std::uint32_t>(m_shape.k);
    configuration.currents = m_shape.currents;
    configuration.neuron = {descriptor.threshold, descriptor.leak_q8,
                            (descriptor.neuron & LOAS_NEURON_SOFT_RESET) != 0};
    for (std::size_t i = 0; i < m_parameters.tiles; ++i) {
        sc_core::sc_time delay;
        send(i, compute::address_of(tile_operation::configure), &configuration, sizeof configuration, delay);
    }
    m_compressor.begin_layer(m_shape, (descriptor.flags & LOAS_FLAG_SINGLE_SPIKE_MASK) != 0, descriptor.output_address);
    m_fetch.begin_layer(m_shape, descriptor.input_address, descriptor.weight_address);
    m_fetch.start_bias(descriptor.bias_address, m_cycle);
}

void loas_accelerator::prefetch_groups(std::uint64_t up_to)
{
    for (; m_groups_fetched < std::min(up_to, m_groups); ++m_groups_fetched) {
        row_group& slot = m_group_slots[m_groups_fetched % m_group_slots.size()];
        const std::size_t first = m_groups_fetched * m_parameters.tiles;
        const std::size_t last = std::min(first + m_parameters.tiles, m_row_order.size());
        slot.rows.assign(m_row_order.begin() + static_cast<std::ptrdiff_t>(first),
                         m_row_order.begin() + static_cast<std::ptrdiff_t>(last));
        for (std::size_t i = 0; i < slot.rows.size(); ++i)
            m_fetch.start_row(slot.first_entry + i, i, slot.rows[i], m_cycle);
    }
}

void loas_accelerator::prefetch_column_fibers(std::uint64_t up_to, std::uint64_t cycle)
{
    for (; m_columns_fetched < std::min(up_to, m_groups * m_shape.n); ++m_columns_fetched)
        m_fetch.start_column(column_entry(m_columns_fetched), static_cast<std::uint32_t>(m_columns_fetched % m_shape.n),
                             cycle);
}

void loas_accelerator::run_group(std::uint64_t group)
{
    prefetch_groups(group + 1 + m_parameters.prefetch_rows);
    const row_group& current = m_group_slots[group % m_group_slots.size()];
    m_active_tiles = current.rows.size();
    m_compressor.begin_rows(current.rows);
    const unsigned tile_columns =
        m_parameters.tppe.accumulator_sets > 1 ? m_parameters.tppe.accumulator_sets : m_parameters.columns_per_sync;
    for (std::uint64_t n = 0; n < m_shape.n && work_left(); n += tile_columns) {
        const auto columns = static_cast<unsigned>(std::min<std::uint64_t>(tile_columns, m_shape.n - n));
        run_column_tile(group * m_shape.n + n, columns, current);
        const std::uint64_t free_cycle = m_compressor.columns_done(n + columns, m_cycle);
        wait_tiles(free_cycle, wait_cause::packing, 0);
    }
    if (!work_left())
        return;
    wait_for_writes(); // of the group before
    if (work_left())
        m_compressor.finish_rows();
}

void loas_accelerator::run_column_tile(std::uint64_t first_position, unsigned columns, const row_group& group)
{
    // Several accumulator sets take all columns of a chunk before the next chunk; one set takes them as they come.
    prefetch_column_fibers(first_position + m_columns_held + m_parameters.prefetch_columns, m_cycle);
    const bool first_of_group = first_position % m_shape.n == 0;
    if (first_of_group)
        for (std::size_t i = 0; i < group.rows.size(); ++i)
            wait_for(m_fetch.row(group.first_entry + i), wait_cause::a);
    wait_for(m_fetch.bias_fiber(), wait_cause::b);
    for (std::uint64_t i = first_position; i < first_position + std::min<std::uint64_t>(columns, m_columns_held); ++i)
        wait_for(m_fetch.column(column_entry(i)), wait_cause::b);
    if (!work_left())
        return; // what was fetched may be incomplete: nothing must compute with it
    if (first_of_group)
        load_rows(group);

    if (m_parameters.tppe.accumulator_sets == 1) {
        run_step(first_position, 0, columns, {0, 0, m_chunks, true});
        return;
    }
    for (std::uint32_t chunk = 0; chunk < m_chunks; ++chunk)
        for (unsigned set = 0; set < columns; set += m_parameters.columns_per_sync) {
            const unsigned step_columns = std::min(m_parameters.columns_per_sync, columns - set);
            const bool last = chunk + 1 == m_chunks && set + step_columns == columns;
            run_step(first_position, set, step_columns, {0, chunk, 1, last});
        }
}

void loas_accelerator::load_rows(const row_group& group)
{
    for (std::size_t i = 0; i < group.rows.size(); ++i) {
        compute::fiber_packet& packet = m_fetch.row(group.first_entry + i).packet;
        sc_core::sc_time delay;
        send(i, compute::address_of(tile_operation::load_row), packet.data(), packet.bytes(), delay);
    }
}

// One set: each column is joined and drained in turn. Several sets: the columns of the step go to the sets from
// first_set on, and only the very last join of the column tile drains.
void loas_accelerator::run_step(std::uint64_t first_position, unsigned first_set, unsigned columns,
                                const compute::join_command& join)
{
    std::fill(m_tile_delays.begin(), m_tile_delays.end(), m_clock.delay_until(m_cycle));
    const bool one_set = m_parameters.tppe.accumulator_sets == 1;
    for (unsigned i = first_set; i < first_set + columns; ++i) {
        fetched_fiber& column = m_fetch.column(column_entry(first_position + i));
        if (one_set && i > first_set)
            begin_column(first_position + i);
        if (!column.complete() && !turn_until([&] { return column.complete(); }))
            return; // the layer failed
        hold_tiles_for(column);
        compute::fiber_packet& fiber = column.packet;
        fiber.set_bias(m_fetch.bias(fiber.id()));
        compute::join_command command = join;
        command.set = one_set ? 0 : i;
        command.drain = join.drain && (one_set || i + 1 == first_set + columns);
        for (std::size_t tile = 0; tile < m_active_tiles; ++tile)
            send(tile, compute::address_of(command), fiber.data(), fiber.bytes(), m_tile_delays[tile]);
        if (command.first_chunk == 0) { // a broadcast reads the column once for all tiles
            m_counters[counter::sram_read_b_mask] += m_shape.k;
            m_counters[counter::sram_read_b_weights] += 8 * fiber.value_count();
        }
    }
    std::uint64_t met = m_cycle;
    for (std::size_t tile = 0; tile < m_active_tiles; ++tile)
        met = std::max(met, m_clock.cycle_at(m_tile_delays[tile]));
    for (std::size_t tile = 0; tile < m_active_tiles; ++tile) {
        const std::uint64_t wait = met - m_clock.cycle_at(m_tile_delays[tile]);
        m_counters[counter::stall_synchronisation] += wait;
        m_tile_waits[tile] += wait;
    }
    m_counters[counter::scheduler_broadcasting] += met - m_cycle;
    advance_tiles(met);
}

/// Between two meetings the first tile that takes a further column has the next ones fetched; what slower tiles have
/// not taken yet is kept for them.
void loas_accelerator::begin_column(std::uint64_t position)
{
    std::uint64_t first = ~std::uint64_t{0};
    for (std::size_t tile = 0; tile < m_active_tiles; ++tile)
        first = std::min(first, m_clock.cycle_at(m_tile_delays[tile]));
    m_wheel.run_before(m_clock.period_ps() * first);
    prefetch_column_fibers(position + 1 + m_parameters.prefetch_columns, first);
}

/// Within a step each tile for itself waits for a column that is not there when it would begin it.
void loas_accelerator::hold_tiles_for(const fetched_fiber& column)
{
    if (column.ready_cycle <= m_cycle)
        return; // as nearly always
    for (std::size_t tile = 0; tile < m_active_tiles; ++tile) {
        const std::uint64_t at = m_clock.cycle_at(m_tile_delays[tile]);
        if (column.ready_cycle <= at)
            continue;
        const std::uint64_t wait = column.ready_cycle - at;
        const std::uint64_t refresh = std::min(wait, column.refresh_cycles);
        m_counters[counter::stall_waiting_b] += wait - refresh;
        m_counters[counter::stall_dram_refresh] += refresh;
        m_tile_waits[tile] += wait;
        m_tile_delays[tile] = m_clock.delay_until(column.ready_cycle);
    }
}

void loas_accelerator::wait_for(const fetched_fiber& fiber, wait_cause cause)
{
    if (turn_until([&] { return fiber.complete(); }))
        wait_tiles(fiber.ready_cycle, cause, fiber.refresh_cycles);
}

void loas_accelerator::wait_for_writes()
{
    if (!turn_until([&] { return m_compressor.writes_done(); }))
        return;
    wait_tiles(std::min(m_compressor.packed_cycle(), m_compressor.last_write_cycle()), wait_cause::packing, 0);
    wait_tiles(m_compressor.last_write_cycle(), wait_cause::write_back, m_compressor.refresh_cycles());
}

/// What was waited for took up to refresh_cycles longer because of a refresh: at most so much of the wait is due to it.
void loas_accelerator::wait_tiles(std::uint64_t until, wait_cause cause, std::uint64_t refresh_cycles)
{
    constexpr std::pair<counter, counter> names[] = {{counter::stall_waiting_a, counter::scheduler_waiting_a},
                                                     {counter::stall_waiting_b, counter::scheduler_waiting_b},
                                                     {counter::stall_packing, counter::scheduler_packing},
                                                     {counter::stall_write_back, counter::scheduler_write_back}};
    if (until <= m_cycle)
        return;
    const std::uint64_t wait = until - m_cycle;
    const std::uint64_t refresh = std::min(wait, refresh_cycles);
    const auto [tiles, scheduler] = names[static_cast<std::size_t>(cause)];
    m_counters[tiles] += (wait - refresh) * m_active_tiles;
    m_counters[counter::stall_dram_refresh] += refresh * m_active_tiles;
    m_counters[scheduler] += wait - refresh;
    m_counters[counter::scheduler_dram_refresh] += refresh;
    for (std::size_t tile = 0; tile < m_active_tiles; ++tile)
        m_tile_waits[tile] += wait;
    advance_tiles(until);
}

void loas_accelerator::advance_tiles(std::uint64_t cycle)
{
    m_counters[counter::stall_idle] += (cycle - m_cycle) * (m_parameters.tiles - m_active_tiles);
    for (std::size_t tile = m_active_tiles; tile < m_parameters.tiles; ++tile)
        m_tile_waits[tile] += cycle - m_cycle;
    m_cycle = cycle;
    advance_kernel();
}

void loas_accelerator::advance_kernel()
{
    m_wheel.run_before(m_clock.to_time(m_cycle).value());
    const sc_core::sc_time delay = m_clock.delay_until(m_cycle);
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
}

/// Turns the wheel until it is done. False: the layer failed meanwhile. When nothing can happen any more, or only
/// others go on for ever, the machine is stuck.
template <class condition> bool loas_accelerator::turn_until(condition done)
{
    const std::uint64_t deadline_ps = m_wheel.now_ps() + m_parameters.longest_wait_ps;
    const auto enough = [&] { return done() || m_fetch.fault().happened || m_wheel.now_ps() > deadline_ps; };
    if (!m_wheel.run_until(enough) || (m_wheel.now_ps() > deadline_ps && !done()))
        stay_stuck();
    return done();
}

/// The simulation ends here, and describe() tells why.
void loas_accelerator::stay_stuck()
{
    m_stuck = true;
    sc_core::sc_stop();
    for (;;)
        sc_core::wait(m_never);
}

void loas_accelerator::send(std::size_t tile, std::uint64_t address, void* data, std::size_t bytes,
                            sc_core::sc_time& delay)
{
    tlm_blocks::prepare(m_payload, tlm::TLM_WRITE_COMMAND, address, data, bytes);
    m_tile_ports[tile]->b_transport(m_payload, delay);
    if (!m_payload.is_response_ok())
        SC_REPORT_FATAL(name(), "a tile refused a packet");
}

/// Nothing of an abandoned layer is on its way when it ends, and nothing of its output appears later.
void loas_accelerator::come_to_rest()
{
    const auto quiet = [this] {
        return m_fetch.outstanding() == 0 && m_compressor.writes_done() && (m_cache == nullptr || m_cache->quiet());
    };
    if (!m_wheel.run_until(quiet))
        stay_stuck();
    m_cycle = std::max(m_cycle, m_clock.align_up(m_wheel.now_ps()) / m_clock.period_ps());
    advance_kernel();
    if (m_cache != nullptr)
        m_cache->discard_changes();
}

observe::layer_outcome loas_accelerator::finish_layer(std::uint64_t start_cycle)
{
    observe::layer_outcome outcome;
    if (work_left())
        wait_for_writes();
    for (const compute::memory_fault* fault : {&m_fetch.fault(), &m_compressor.fault()})
        if (fault->happened && outcome.status == LOAS_STATUS_OK) {
            outcome.status = fault->status;
            outcome.error_address = fault->address;
        }
    if (m_aborted || outcome.status != LOAS_STATUS_OK) {
        come_to_rest();
        return outcome;
    }
    if (m_cache != nullptr) { // the host finds the output in memory
        m_cache->begin_write_back(m_clock.to_time(m_cycle).value());
        if (turn_until([&] { return m_cache->quiet(); }))
            wait_tiles(m_clock.align_up(m_wheel.now_ps()) / m_clock.period_ps(), wait_cause::write_back,
                       m_cache->write_back_refresh_ps() / m_clock.period_ps());
    }
    m_counters[counter::cycles] = m_cycle - start_cycle;
    check_cycles();
    for (std::size_t i = 0; i < m_parameters.tiles; ++i)
        m_plifs[i].collect(m_counters);
    m_compressor.collect(m_counters);
    outcome.counters = m_counters;
    return outcome;
}

/// Every cycle of every tile and of the scheduler has exactly one name.
void loas_accelerator::check_cycles()
{
    const std::uint64_t cycles = m_counters[counter::cycles];
    for (std::size_t i = 0; i < m_parameters.tiles; ++i) {
        observe::counter_set tile;
        m_tiles[i].collect(tile);
        if (tile[counter::busy_cycles] + tile.group_total("stall_cycles") + m_tile_waits[i] != cycles)
            SC_REPORT_FATAL(name(), "a tile's cycles do not add up to the cycles of the layer");
        m_counters.merge_with(tile);
    }
    if (m_counters.group_total("scheduler_cycles") != cycles ||
        m_counters[counter::busy_cycles] + m_counters.group_total("stall_cycles") != cycles * m_parameters.tiles)
        SC_REPORT_FATAL(name(), "cycles by cause do not add up to the cycles of the layer");
}

std::string loas_accelerator::describe() const
{
    if (!m_under_way)
        return {};
    std::string waits_for = m_fetch.describe();
    if (waits_for.empty())
        waits_for = m_compressor.memory_out.describe();
    if (waits_for.empty())
        waits_for = m_stuck ? "the cache does not come to rest" : "a layer is under way";
    return std::string(name()) + (m_stuck ? " is stuck: " : ": ") + waits_for;
}

} // namespace loas::accelerators
