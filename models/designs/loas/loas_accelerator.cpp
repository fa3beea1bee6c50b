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
      m_most_streams(may_spread() ? tiles() : 1),
      m_column_entries(parameters.tppe.accumulator_sets * m_most_streams +
                       parameters.scheduler.most_columns_ahead(static_cast<unsigned>(m_most_streams))),
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
        pack_kept_words(m_compressor, m_shape, m_row_order, m_group_rows, m_words_address);
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

    m_spreads = may_spread() && (shared().scheduler.spread == spread::columns || 2 * m_row_order.size() <= tiles());
    const std::uint64_t at_once = shared().tppe.accumulator_sets * most_streams();
    m_tiles->begin_layer(m_shape.timesteps, m_shape.k, std::min<std::uint64_t>(at_once, m_shape.n));
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
        const std::size_t rows = slot.rows.size();
        slot.columns = streams_of(rows, columns.count);
        for (std::size_t i = 0; i < rows * slot.columns.streams; ++i)
            m_fetch.start_row(slot.first_entry + i, i % tiles(), slot.rows[i % rows],
                              i < rows ? columns : fiber_fetch::column_range{first, 0}, m_cycle);
    }
}

void loas_accelerator::prefetch_column_fibers(std::uint64_t up_to, std::uint64_t cycle)
{
    for (; m_columns_fetched < std::min(up_to, m_groups * m_shape.n); ++m_columns_fetched) {
        const column_place place = place_of(m_columns_fetched);
        const std::size_t rows = rows_of_group(place.group);
        const column_streams columns = streams_of(rows, place.columns);
        const fiber_fetch::receivers to =
            columns.streams == 1 ? fiber_fetch::receivers{0, tiles()}
                                 : fiber_fetch::receivers{columns.stream_of(place.at) * rows, rows};
        m_fetch.start_column(column_entry(m_columns_fetched),
                             static_cast<std::uint32_t>(place.first_column + place.at), to, cycle);
    }
}

/// Columns are taken block by block, within a block once for each group.
loas_accelerator::column_place loas_accelerator::place_of(std::uint64_t position) const
{
    const std::uint64_t first = position / (m_groups * m_block_columns) * m_block_columns;
    const std::uint64_t columns = std::min(m_block_columns, m_shape.n - first);
    const std::uint64_t in_block = position - m_groups * first;
    return {in_block / columns, first, columns, in_block % columns};
}

std::size_t loas_accelerator::rows_of_group(std::uint64_t group) const
{
    return std::min<std::size_t>(m_group_rows, m_row_order.size() - group * m_group_rows);
}

column_streams loas_accelerator::streams_of(std::size_t rows, std::uint64_t columns) const
{
    const unsigned sets = shared().tppe.accumulator_sets;
    return {m_spreads ? streams_for(rows, tiles(), columns) : 1, sets, std::min(m_columns_per_sync, sets), columns};
}

/// Of a pass of the layer: the last group has the fewest rows, the first block the most columns.
std::size_t loas_accelerator::most_streams() const
{
    if (!m_spreads)
        return 1;
    return std::min<std::size_t>(tiles() / rows_of_group(m_groups - 1), m_block_columns);
}

void loas_accelerator::run_pass(const pass& under_way)
{
    if (m_shape.carries_potentials()) // what a row that is fetched now would overwrite
        wait_for(m_fetch.potentials_written(), wait_cause::write_back);
    prefetch_groups(under_way.sequence + 1 + shared().scheduler.prefetch_rows);
    const row_group& current = m_group_slots[under_way.sequence % m_group_slots.size()];
    const column_streams& streams = current.columns;
    if (may_spread())
        m_column_streams = std::max<std::uint64_t>(m_column_streams, streams.streams);
    set_active_tiles(holds_rows() ? current.rows.size() * streams.streams : under_way.columns);
    m_compressor.begin_rows(current.rows);
    if (m_shape.carries_potentials())
        carry_potentials(current, under_way.first_column);
    const std::uint64_t tile_columns =
        streams.sets > 1 ? streams.tile_columns() : std::uint64_t{m_columns_per_sync} * streams.streams;
    for (std::uint64_t n = 0; n < under_way.columns && work_left(); n += tile_columns) {
        const std::uint64_t columns = std::min(tile_columns, under_way.columns - n);
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

void loas_accelerator::run_column_tile(std::uint64_t first_position, std::uint64_t columns, const row_group& group,
                                       bool first)
{
    // Several accumulator sets take all columns of a chunk before the next chunk; one set takes them as they come.
    const column_streams& streams = group.columns;
    const std::uint64_t held = std::min(columns, streams.tile_columns());
    prefetch_column_fibers(first_position + streams.tile_columns() + columns_ahead(streams), m_cycle);
    if (streams.streams > 1) // the last columns may be fewer than the streams
        set_active_tiles(group.rows.size() * streams.streams_with_columns(held));
    if (first)
        for (std::size_t i = 0; i < group.rows.size() * streams.streams; ++i)
            wait_for(m_fetch.row(group.first_entry + i), wait_cause::a);
    wait_for(m_fetch.bias_arrival(), wait_cause::b);
    for (std::uint64_t i = first_position; i < first_position + held; ++i)
        wait_for(m_fetch.column(column_entry(i)), wait_cause::b);
    if (!work_left())
        return; // what was fetched may be incomplete: nothing must compute with it
    if (first)
        load_rows(group);

    if (streams.sets == 1) {
        run_columns(first_position, columns, group);
        return;
    }
    m_views.clear();
    for (std::uint64_t i = 0; i < columns; ++i)
        view_column(m_fetch.column(column_entry(first_position + i)));
    for (std::uint32_t chunk = 0; chunk < m_chunks; ++chunk)
        for (std::uint64_t set = 0, step = 0; set < columns; set += step) {
            std::fill(m_tile_cycles.begin(), m_tile_cycles.end(), m_cycle);
            step = streams.step_columns(set, columns);
            const bool last = chunk + 1 == m_chunks && set + step == columns;
            m_tiles->join({{&m_views[set], step}, static_cast<unsigned>(set), chunk, 1, last, group.rows.size(),
                           m_tile_cycles, streams.streams});
            meet(m_tile_cycles);
        }
}

/// What several tiles fetched is the same: the first one's is loaded for all of them.
void loas_accelerator::load_rows(const row_group& group)
{
    for (std::size_t i = 0; i < group.rows.size(); ++i)
        m_tiles->load_row(i, m_fetch.row(group.first_entry + i).fiber.look());
}

/// A step with one accumulator set: each column is joined and drained in turn, those of different streams side by side.
void loas_accelerator::run_columns(std::uint64_t first_position, std::uint64_t columns, const row_group& group)
{
    const std::size_t rows = group.rows.size(), streams = group.columns.streams;
    std::fill(m_tile_cycles.begin(), m_tile_cycles.end(), m_cycle);
    for (std::uint64_t i = 0; i < columns; i += streams) {
        if (i > 0)
            begin_columns(first_position + i, group.columns);
        m_views.clear();
        for (std::uint64_t at = i; at < std::min(i + streams, columns); ++at) {
            fetched_column& column = m_fetch.column(column_entry(first_position + at));
            if (!column.complete() && !turn_until([&] { return column.complete(); }))
                return; // the layer failed
            hold_tiles_for(column, {streams > 1 ? (at - i) * rows : 0, streams > 1 ? rows : active_tiles()});
            view_column(column);
        }
        m_tiles->join({m_views, 0, 0, m_chunks, true, rows, m_tile_cycles, streams});
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
/// not taken yet is kept for them. With streams side by side not before the columns of all of them have come, for which
/// only their own tiles have waited.
void loas_accelerator::begin_columns(std::uint64_t position, const column_streams& of)
{
    std::uint64_t first =
        *std::min_element(m_tile_cycles.begin(), m_tile_cycles.begin() + static_cast<std::ptrdiff_t>(active_tiles()));
    if (of.streams > 1)
        first = std::max(first, m_clock.cycle_of(m_wheel.now_ps()));
    turn_before(first);
    prefetch_column_fibers(position + of.streams + columns_ahead(of), first);
}

/// Within a step each tile for itself waits for a column that is not there when it would begin it.
void loas_accelerator::hold_tiles_for(const fetched_column& column, const fiber_fetch::receivers& tiles)
{
    if (column.ready_cycle <= m_cycle)
        return; // as nearly always
    for (std::size_t tile = tiles.first; tile < tiles.first + tiles.count; ++tile) {
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
