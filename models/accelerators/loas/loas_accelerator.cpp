#include "loas_accelerator/loas_accelerator.h"

#include "functional/bits.h"
#include "tlm/access_check.h"

#include <algorithm>

namespace loas::accelerators
{

using compute::tile_operation;
using observe::counter;

loas_accelerator::loas_accelerator(const sc_core::sc_module_name& name, const loas_parameters& parameters)
    : sc_module(name), m_parameters(parameters), m_clock(parameters.clock_mhz),
      m_fetch("fetch", parameters.tppe.chunk_bits, m_clock), m_compressor("compressor", parameters.compressor, m_clock),
      m_tiles("tppe", parameters.tiles,
              [&](const char* tile, std::size_t) { return new compute::tppe(tile, parameters.tppe, m_clock); }),
      m_plifs("plif", parameters.tiles,
              [&](const char* unit, std::size_t) { return new compute::plif(unit, parameters.plif_latency, m_clock); }),
      m_tile_ports("broadcast_out", parameters.tiles), m_tile_delays(parameters.tiles)
{
    for (std::size_t i = 0; i < parameters.tiles; ++i) {
        m_tile_ports[i].bind(m_tiles[i].broadcast_in);
        m_tiles[i].currents_out.bind(m_plifs[i].currents_in);
        m_plifs[i].spikes_out.bind(m_compressor.spikes_in);
    }
    m_group_slots.resize(parameters.prefetch_rows + 1);
    // A column tile is joined while the next columns arrive.
    m_column_slots.resize(std::size_t{std::max(parameters.tppe.accumulator_sets, parameters.columns_per_sync)} +
                          parameters.prefetch_columns);
}

observe::layer_outcome loas_accelerator::execute(const loas_descriptor& descriptor)
{
    m_aborted = false;
    const std::uint64_t start_cycle = m_clock.to_cycles(sc_core::sc_time_stamp());
    m_cycle = start_cycle;
    advance_kernel(); // to the clock edge
    begin_layer(descriptor);
    for (std::uint64_t group = 0; group < m_groups && work_left(); ++group)
        run_group(group);
    return finish_layer(start_cycle);
}

void loas_accelerator::begin_layer(const loas_descriptor& descriptor)
{
    m_shape = functional::layer_shape(descriptor);
    m_row_order = functional::row_order(m_shape);
    m_groups = (m_row_order.size() + m_parameters.tiles - 1) / m_parameters.tiles;
    m_chunks = static_cast<std::uint32_t>(functional::chunks_of(m_shape.k, m_parameters.tppe.chunk_bits));
    m_groups_fetched = 0;
    m_columns_fetched = 0;
    m_counters = {};

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
    m_bias_cycle = m_fetch.fetch_bias(descriptor.bias_address, m_cycle, m_bias);
}

void loas_accelerator::prefetch_groups(std::uint64_t up_to, std::uint64_t cycle)
{
    for (; m_groups_fetched < std::min(up_to, m_groups); ++m_groups_fetched) {
        row_group& slot = m_group_slots[m_groups_fetched % m_group_slots.size()];
        const std::size_t first = m_groups_fetched * m_parameters.tiles;
        const std::size_t last = std::min(first + m_parameters.tiles, m_row_order.size());
        slot.rows.assign(m_row_order.begin() + static_cast<std::ptrdiff_t>(first),
                         m_row_order.begin() + static_cast<std::ptrdiff_t>(last));
        slot.fibers.resize(m_parameters.tiles);
        slot.ready_cycle = cycle;
        for (std::size_t i = 0; i < slot.rows.size(); ++i)
            slot.ready_cycle = std::max(slot.ready_cycle, m_fetch.fetch_row(slot.rows[i], cycle, slot.fibers[i]));
    }
}

void loas_accelerator::prefetch_column_fibers(std::uint64_t up_to, std::uint64_t cycle)
{
    for (; m_columns_fetched < std::min(up_to, m_groups * m_shape.n); ++m_columns_fetched) {
        column_slot& slot = m_column_slots[m_columns_fetched % m_column_slots.size()];
        const auto column = static_cast<std::uint32_t>(m_columns_fetched % m_shape.n);
        slot.ready_cycle = m_fetch.fetch_column(column, cycle, slot.fiber);
        slot.fiber.set_bias(m_bias[column]);
    }
}

void loas_accelerator::run_group(std::uint64_t group)
{
    prefetch_groups(group + 1 + m_parameters.prefetch_rows, m_cycle);
    row_group& current = m_group_slots[group % m_group_slots.size()];
    m_active_tiles = current.rows.size();
    m_compressor.begin_rows(current.rows);
    for (std::size_t i = 0; i < m_active_tiles; ++i) {
        sc_core::sc_time delay;
        send(i, compute::address_of(tile_operation::load_row), current.fibers[i].data(), current.fibers[i].bytes(),
             delay);
    }
    const unsigned tile_columns =
        m_parameters.tppe.accumulator_sets > 1 ? m_parameters.tppe.accumulator_sets : m_parameters.columns_per_sync;
    for (std::uint64_t n = 0; n < m_shape.n && work_left(); n += tile_columns) {
        const auto columns = static_cast<unsigned>(std::min<std::uint64_t>(tile_columns, m_shape.n - n));
        run_column_tile(group * m_shape.n + n, columns, current.ready_cycle);
        const std::uint64_t free_cycle = m_compressor.columns_done(n + columns, m_cycle);
        wait_tiles(free_cycle, counter::stall_output);
    }
    if (work_left())
        m_compressor.finish_rows();
}

void loas_accelerator::run_column_tile(std::uint64_t first_position, unsigned columns, std::uint64_t group_ready)
{
    prefetch_column_fibers(first_position + columns + m_parameters.prefetch_columns, m_cycle);
    if (!work_left())
        return; // what was fetched may be incomplete: nothing must compute with it
    std::uint64_t columns_ready = m_bias_cycle;
    for (std::uint64_t i = first_position; i < first_position + columns; ++i)
        columns_ready = std::max(columns_ready, m_column_slots[i % m_column_slots.size()].ready_cycle);
    wait_tiles(group_ready, counter::stall_waiting_a);
    wait_tiles(columns_ready, counter::stall_waiting_b);

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

// One set: each column is joined and drained in turn. Several sets: the columns of the step go to the sets from
// first_set on, and only the very last join of the column tile drains.
void loas_accelerator::run_step(std::uint64_t first_position, unsigned first_set, unsigned columns,
                                const compute::join_command& join)
{
    std::fill(m_tile_delays.begin(), m_tile_delays.end(), m_clock.delay_until(m_cycle));
    const bool one_set = m_parameters.tppe.accumulator_sets == 1;
    for (unsigned i = first_set; i < first_set + columns; ++i) {
        compute::fiber_packet& fiber = m_column_slots[(first_position + i) % m_column_slots.size()].fiber;
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
    std::uint64_t sum_of_ends = 0;
    for (std::size_t tile = 0; tile < m_active_tiles; ++tile) {
        const std::uint64_t end = m_clock.cycle_at(m_tile_delays[tile]);
        met = std::max(met, end);
        sum_of_ends += end;
    }
    m_counters[counter::stall_synchronisation] += met * m_active_tiles - sum_of_ends;
    advance_tiles(met);
}

void loas_accelerator::wait_tiles(std::uint64_t until, counter cause)
{
    if (until <= m_cycle)
        return;
    m_counters[cause] += (until - m_cycle) * m_active_tiles;
    advance_tiles(until);
}

void loas_accelerator::advance_tiles(std::uint64_t cycle)
{
    m_counters[counter::stall_idle] += (cycle - m_cycle) * (m_parameters.tiles - m_active_tiles);
    m_cycle = cycle;
    advance_kernel();
}

void loas_accelerator::advance_kernel()
{
    const sc_core::sc_time delay = m_clock.delay_until(m_cycle);
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
}

void loas_accelerator::send(std::size_t tile, std::uint64_t address, void* data, std::size_t bytes,
                            sc_core::sc_time& delay)
{
    tlm_blocks::prepare(m_payload, tlm::TLM_WRITE_COMMAND, address, data, bytes);
    m_tile_ports[tile]->b_transport(m_payload, delay);
    if (!m_payload.is_response_ok())
        SC_REPORT_FATAL(name(), "a tile refused a packet");
}

observe::layer_outcome loas_accelerator::finish_layer(std::uint64_t start_cycle)
{
    observe::layer_outcome outcome;
    for (const compute::memory_fault* fault : {&m_fetch.fault(), &m_compressor.fault()})
        if (fault->happened && outcome.status == LOAS_STATUS_OK) {
            outcome.status = fault->status;
            outcome.error_address = fault->address;
        }
    if (m_aborted || outcome.status != LOAS_STATUS_OK)
        return outcome;

    wait_tiles(m_compressor.last_write_cycle(), counter::stall_output);
    m_counters[counter::cycles] = m_cycle - start_cycle;
    for (std::size_t i = 0; i < m_parameters.tiles; ++i) {
        m_tiles[i].collect(m_counters);
        m_plifs[i].collect(m_counters);
    }
    m_fetch.collect(m_counters);
    m_compressor.collect(m_counters);
    // Every cycle of every tile has exactly one name.
    if (m_counters[counter::busy_cycles] + m_counters.group_total("stall_cycles") !=
        m_counters[counter::cycles] * m_parameters.tiles)
        SC_REPORT_FATAL(name(), "tile cycles do not add up to the cycles of the layer");
    outcome.counters = m_counters;
    return outcome;
}

} // namespace loas::accelerators
