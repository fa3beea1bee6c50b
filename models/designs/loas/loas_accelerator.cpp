#include "models/designs/loas/loas_accelerator.h"

#include "models/compute/tppe_array.h"
#include "models/designs/loas/column_tiles.h"
#include "models/functional/bits.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;

loas_accelerator::loas_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                                   const loas_order& order, kernel::event_wheel& wheel)
    : accelerator(name, parameters, wheel), m_order(order), m_columns_per_sync(parameters.tppe.sync_columns()),
      m_group_rows(holds_rows() ? tiles() : order.rows_of_column_tiles),
      m_columns_held(parameters.tppe.accumulator_sets),
      m_column_entries(m_columns_held + parameters.scheduler.prefetch_columns),
      m_fetch("fetch", parameters.tppe.chunk_bits, m_clock, wheel, tiles(),
              m_group_rows * (parameters.scheduler.prefetch_rows + 1), m_column_entries, m_fault),
      m_compressor("compressor", parameters.compressor, parameters.tppe.chunk_bits, m_clock, wheel, m_group_rows,
                   m_fault),
      m_plifs("plifs", m_group_rows, parameters.plif.latency), m_tile_cycles(tiles())
{
    add_client(m_fetch, m_fetch.ports());
    add_client(m_compressor, {&m_compressor.memory_out});
    if (holds_rows())
        m_tiles = std::make_unique<compute::tppe_array>("tppes", tiles(), compute::tile_parameters_of(parameters.tppe));
    else
        m_tiles = std::make_unique<column_tiles>("tppes", tiles(), m_group_rows,
                                                 compute::tile_parameters_of(parameters.tppe));
    m_tiles->currents_out.bind(m_plifs);
    m_plifs.results_out.bind(m_compressor);
    m_group_slots.resize(parameters.scheduler.prefetch_rows + 1);
    for (std::size_t i = 0; i < m_group_slots.size(); ++i)
        m_group_slots[i].first_entry = i * m_group_rows;
}

void loas_accelerator::run_layer(const loas_descriptor& descriptor)
{
    begin_layer(descriptor);
    pass next;
    for (std::uint64_t block = 0; block < m_blocks; ++block) {
        next.first_column = block * m_block_columns;
        next.columns = std::min(m_block_columns, m_shape.n - next.first_column);
        m_compressor.begin_columns(next.first_column, next.columns);
        if (m_blocks > 1 && !m_shape.currents)
            m_compressor.keep_words_at(m_words_address);
        for (std::uint64_t group = 0; group < m_groups && work_left(); ++group) {
            run_pass(next);
            ++next.sequence;
            next.first_position += next.columns;
        }
        if (work_left() && block + 1 < m_blocks)
            wait_for_writes(m_compressor); // before the range changes
    }
    if (work_left())
        wait_for_writes(m_compressor);
    if (work_left() && m_shape.carries_potentials())
        wait_for(m_fetch.potentials_written(), wait_cause::write_back);
    if (work_left() && m_blocks > 1 && !m_shape.currents)
        pack_kept_words();
}

void loas_accelerator::begin_layer(const loas_descriptor& descriptor)
{
    m_shape = functional::layer_shape(descriptor);
    m_row_order = functional::row_order(m_shape);
    m_groups = (m_row_order.size() + m_group_rows - 1) / m_group_rows;
    m_chunks = static_cast<std::uint32_t>(functional::chunks_of(m_shape.k, shared().tppe.chunk_bits));
    m_block_columns = m_order.column_block == 0 ? m_shape.n : m_order.column_block;
    m_blocks = (m_shape.n + m_block_columns - 1) / m_block_columns;
    m_words_address = descriptor.output_address + m_shape.work_offset();
    m_groups_fetched = 0;
    m_columns_fetched = 0;

    m_tiles->begin_layer(m_shape.timesteps, m_shape.k);
    m_plifs.begin_layer(m_shape, functional::neuron_of(descriptor), m_fetch.bias());
    m_compressor.begin_layer(m_shape, (descriptor.flags & LOAS_FLAG_SINGLE_SPIKE_MASK) != 0, descriptor.output_address);
    m_fetch.begin_layer(m_shape, descriptor.input_address, descriptor.weight_address);
    m_fetch.start_bias(descriptor.bias_address, m_cycle);
}

void loas_accelerator::prefetch_groups(std::uint64_t up_to)
{
    for (; m_groups_fetched < std::min(up_to, m_groups * m_blocks); ++m_groups_fetched) {
        row_group& slot = m_group_slots[m_groups_fetched % m_group_slots.size()];
        const std::uint64_t first = m_groups_fetched / m_groups * m_block_columns;
        const fiber_fetch::column_range columns{first, std::min(m_block_columns, m_shape.n - first)};
        slot.rows = functional::rows_from(m_row_order, m_groups_fetched % m_groups * m_group_rows, m_group_rows);
        for (std::size_t i = 0; i < slot.rows.size(); ++i)
            m_fetch.start_row(slot.first_entry + i, i % tiles(), slot.rows[i], columns, m_cycle);
    }
}

void loas_accelerator::prefetch_column_fibers(std::uint64_t up_to, std::uint64_t cycle)
{
    for (; m_columns_fetched < std::min(up_to, m_groups * m_shape.n); ++m_columns_fetched)
        m_fetch.start_column(column_entry(m_columns_fetched), static_cast<std::uint32_t>(column_at(m_columns_fetched)),
                             cycle);
}

/// Columns are taken block by block, within a block once for each group.
std::uint64_t loas_accelerator::column_at(std::uint64_t position) const
{
    const std::uint64_t first = position / (m_groups * m_block_columns) * m_block_columns;
    const std::uint64_t columns = std::min(m_block_columns, m_shape.n - first);
    return first + (position - m_groups * first) % columns;
}

void loas_accelerator::run_pass(const pass& under_way)
{
    if (m_shape.carries_potentials()) // what a row that is fetched now would overwrite
        wait_for(m_fetch.potentials_written(), wait_cause::write_back);
    prefetch_groups(under_way.sequence + 1 + shared().scheduler.prefetch_rows);
    const row_group& current = m_group_slots[under_way.sequence % m_group_slots.size()];
    set_active_tiles(holds_rows() ? current.rows.size() : under_way.columns);
    m_compressor.begin_rows(current.rows);
    if (m_shape.carries_potentials())
        carry_potentials(current, under_way.first_column);
    const unsigned tile_columns =
        shared().tppe.accumulator_sets > 1 ? shared().tppe.accumulator_sets : m_columns_per_sync;
    for (std::uint64_t n = 0; n < under_way.columns && work_left(); n += tile_columns) {
        const auto columns = static_cast<unsigned>(std::min<std::uint64_t>(tile_columns, under_way.columns - n));
        run_column_tile(under_way.first_position + n, columns, current, n == 0);
        const std::uint64_t free_cycle = m_compressor.columns_done(n + columns, m_cycle);
        wait_tiles(free_cycle, wait_cause::packing, 0);
    }
    if (!work_left())
        return;
    if (m_shape.carries_potentials())
        m_fetch.write_potentials(current.first_entry, current.rows.size(), m_cycle);
    wait_for_writes(m_compressor); // of the pass before
    if (work_left())
        m_compressor.finish_rows();
}

void loas_accelerator::carry_potentials(const row_group& group, std::uint64_t first_column)
{
    std::vector<std::int32_t*> carried;
    for (std::size_t i = 0; i < group.rows.size(); ++i)
        carried.push_back(m_fetch.potentials(group.first_entry + i));
    m_plifs.begin_rows(std::move(carried), first_column);
}

/// What came in blocks of columns is packed when all of it is there.
void loas_accelerator::pack_kept_words()
{
    m_compressor.begin_columns(0, m_shape.n);
    for (std::size_t first = 0; first < m_row_order.size() && work_left(); first += m_group_rows) {
        const std::vector<std::uint32_t> rows = functional::rows_from(m_row_order, first, m_group_rows);
        set_active_tiles(std::min(tiles(), rows.size()));
        wait_for(m_compressor.take_up_rows(rows, m_words_address, m_cycle), wait_cause::partial_sums);
        if (!work_left())
            return;
        wait_tiles(m_compressor.columns_done(m_shape.n, m_cycle), wait_cause::packing, 0);
        wait_for_writes(m_compressor);
        m_compressor.finish_rows();
    }
    if (work_left())
        wait_for_writes(m_compressor);
}

void loas_accelerator::run_column_tile(std::uint64_t first_position, unsigned columns, const row_group& group,
                                       bool first)
{
    // Several accumulator sets take all columns of a chunk before the next chunk; one set takes them as they come.
    prefetch_column_fibers(first_position + m_columns_held + shared().scheduler.prefetch_columns, m_cycle);
    if (first)
        for (std::size_t i = 0; i < group.rows.size(); ++i)
            wait_for(m_fetch.row(group.first_entry + i), wait_cause::a);
    wait_for(m_fetch.bias_arrival(), wait_cause::b);
    for (std::uint64_t i = first_position; i < first_position + std::min<std::uint64_t>(columns, m_columns_held); ++i)
        wait_for(m_fetch.column(column_entry(i)), wait_cause::b);
    if (!work_left())
        return; // what was fetched may be incomplete: nothing must compute with it
    if (first)
        load_rows(group);

    if (shared().tppe.accumulator_sets == 1) {
        run_columns(first_position, columns, group.rows.size());
        return;
    }
    m_views.clear();
    for (unsigned i = 0; i < columns; ++i)
        view_column(m_fetch.column(column_entry(first_position + i)));
    for (std::uint32_t chunk = 0; chunk < m_chunks; ++chunk)
        for (unsigned set = 0; set < columns; set += m_columns_per_sync) {
            std::fill(m_tile_cycles.begin(), m_tile_cycles.end(), m_cycle);
            const unsigned step_columns = std::min(m_columns_per_sync, columns - set);
            const bool last = chunk + 1 == m_chunks && set + step_columns == columns;
            m_tiles->join({{&m_views[set], step_columns}, set, chunk, 1, last, group.rows.size(), m_tile_cycles});
            meet(m_tile_cycles);
        }
}

void loas_accelerator::load_rows(const row_group& group)
{
    for (std::size_t i = 0; i < group.rows.size(); ++i)
        m_tiles->load_row(i, m_fetch.row(group.first_entry + i).fiber.look());
}

/// A step with one accumulator set: each column is joined and drained in turn.
void loas_accelerator::run_columns(std::uint64_t first_position, unsigned columns, std::size_t rows)
{
    std::fill(m_tile_cycles.begin(), m_tile_cycles.end(), m_cycle);
    for (unsigned i = 0; i < columns; ++i) {
        fetched_column& column = m_fetch.column(column_entry(first_position + i));
        if (i > 0)
            begin_column(first_position + i);
        if (!column.complete() && !turn_until([&] { return column.complete(); }))
            return; // the layer failed
        hold_tiles_for(column);
        m_views.clear();
        view_column(column);
        m_tiles->join({m_views, 0, 0, m_chunks, true, rows, m_tile_cycles});
    }
    meet(m_tile_cycles);
}

/// A broadcast reads the column once for all tiles.
void loas_accelerator::view_column(fetched_column& column)
{
    compute::column_fiber& fiber = column.fiber;
    fiber.set_bias(m_fetch.bias()[fiber.id()]);
    m_views.push_back(fiber.look());
    m_counters[counter::sram_read_b_mask] += m_shape.k;
    if (holds_rows()) // a tile that holds a column reads a weight for each match
        m_counters[counter::sram_read_b_weights] += 8 * fiber.value_count();
}

/// Between two meetings the first tile that takes a further column has the next ones fetched; what slower tiles have
/// not taken yet is kept for them.
void loas_accelerator::begin_column(std::uint64_t position)
{
    const std::uint64_t first =
        *std::min_element(m_tile_cycles.begin(), m_tile_cycles.begin() + static_cast<std::ptrdiff_t>(active_tiles()));
    turn_before(first);
    prefetch_column_fibers(position + 1 + shared().scheduler.prefetch_columns, first);
}

/// Within a step each tile for itself waits for a column that is not there when it would begin it.
void loas_accelerator::hold_tiles_for(const fetched_column& column)
{
    if (column.ready_cycle <= m_cycle)
        return; // as nearly always
    for (std::size_t tile = 0; tile < active_tiles(); ++tile) {
        if (column.ready_cycle <= m_tile_cycles[tile])
            continue;
        wait_tile(tile, column.ready_cycle - m_tile_cycles[tile], wait_cause::b, column.refresh_cycles);
        m_tile_cycles[tile] = column.ready_cycle;
    }
}

void loas_accelerator::collect_tile(std::size_t tile, observe::counter_set& counters) const
{
    m_tiles->collect_tile(tile, counters);
}

void loas_accelerator::collect_rest(observe::counter_set& counters) const
{
    m_tiles->collect_joins(counters);
    m_plifs.collect(counters);
    m_compressor.collect(counters);
}

} // namespace loas::designs
