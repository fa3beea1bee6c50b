#include "models/designs/sparten/sparten_accelerator.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;

sparten_accelerator::sparten_accelerator(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                                         const sparten_parameters& own, kernel::event_wheel& wheel)
    : serial_accelerator(name, parameters, wheel, {own.rows}), m_parameters(own),
      m_fetch(m_ports, m_clock, wheel, tiles(), parameters.tppe.chunk_bits, own.chunk_buffers, own.rows, *this,
              m_fault),
      m_pes("pe", tiles(),
            [&](const char* pe, std::size_t i) {
                return new sparten_pe(pe, {parameters.tppe, own}, i);
            }),
      m_next(tiles()), m_done(tiles()), m_left_by(own.chunk_buffers), m_left_cycle(own.chunk_buffers)
{
    add_client(m_fetch, {});
    for (std::size_t i = 0; i < m_pes.size(); ++i)
        m_pes[i].sums_out.bind(m_neurons);
}

void sparten_accelerator::run_layer(const loas_descriptor& descriptor)
{
    begin_units(descriptor);
    for (std::size_t i = 0; i < m_pes.size(); ++i)
        m_pes[i].begin_layer();
    m_fetch.begin_layer(m_shape, descriptor, m_row_order);
    m_words_address = descriptor.output_address + m_shape.work_offset();
    for (std::uint64_t n = 0; n < m_shape.n && work_left(); n += tiles())
        run_columns(n, std::min<std::uint64_t>(tiles(), m_shape.n - n));
    if (work_left())
        wait_for_writes(m_compressor);
    if (work_left() && keeps_words())
        pack_kept_words(m_compressor, m_shape, m_row_order, m_parameters.rows, m_words_address);
}

void sparten_accelerator::run_columns(std::uint64_t first_column, std::size_t columns)
{
    set_active_tiles(columns);
    m_compressor.begin_columns(first_column, columns);
    if (keeps_words())
        m_compressor.keep_words_at(m_words_address);
    m_fetch.begin_columns(first_column, columns, m_cycle);
    wait_for(m_fetch.pointers(), wait_cause::b);
    wait_for(bias(), wait_cause::b);
    if (!work_left())
        return;
    std::fill(m_next.begin(), m_next.end(), 0);
    std::fill(m_left_by.begin(), m_left_by.end(), 0);
    std::fill(m_left_cycle.begin(), m_left_cycle.end(), 0);
    m_block_end = 0;
    const std::uint64_t total = m_fetch.sequence_length();
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(total, m_parameters.chunk_buffers); ++i) {
        m_fetch.request_rows(i, m_cycle);
        for (std::size_t pe = 0; pe < columns; ++pe)
            m_fetch.request_column(pe, i, m_cycle);
    }
    for (std::uint64_t block = 0; m_block_end < total && work_left(); ++block) {
        m_neurons.begin_group(m_parameters.rows, first_column, columns);
        run_block(block);
    }
}

void sparten_accelerator::run_block(std::uint64_t block)
{
    const std::vector<std::uint32_t> rows = m_fetch.block_rows(block);
    m_compressor.begin_rows(rows);
    m_block_rows = rows.size();
    m_block_end = (block + 1) * m_fetch.chunks_of_block();
    m_pes_done = 0;
    std::fill(m_done.begin(), m_done.end(), m_cycle);
    rows_came(); // what was fetched during the block before
    if (!turn_until([&] { return m_pes_done == active_tiles(); }))
        return;
    meet(m_done);
    wait_tiles(m_compressor.columns_done(active_tiles(), m_cycle), wait_cause::packing, 0);
    wait_for_writes(m_compressor); // of the block before
    if (work_left())
        m_compressor.finish_rows();
}

void sparten_accelerator::rows_came()
{
    for (std::size_t pe = 0; pe < active_tiles(); ++pe)
        column_came(pe);
}

void sparten_accelerator::column_came(std::size_t pe)
{
    while (m_next[pe] < m_block_end && join_next(pe))
        if (m_next[pe] == m_block_end)
            ++m_pes_done;
}

/// False: an operand is missing.
bool sparten_accelerator::join_next(std::size_t pe)
{
    const std::uint64_t sequence = m_next[pe];
    if (!m_fetch.rows_there(sequence) || !m_fetch.column_there(pe, sequence))
        return false;
    wait_for_operands(pe, sequence);

    m_pes[pe].load_column(m_fetch.column_of(pe, sequence));
    const bool first = sequence % m_fetch.chunks() == 0;
    const functional::span<const std::uint32_t> spikes = m_fetch.block_spikes(sequence); // and then bytes are there
    m_done[pe] = m_pes[pe].join({spikes, m_fetch.block_bytes(sequence)}, m_block_rows, first, m_done[pe]);

    // The buffers of this chunk are free for a later one.
    const std::uint64_t later = sequence + m_parameters.chunk_buffers;
    const std::size_t slot = sequence % m_parameters.chunk_buffers;
    m_left_cycle[slot] = std::max(m_left_cycle[slot], m_done[pe]);
    const bool last = ++m_left_by[slot] == active_tiles();
    if (last) { // read once for all PEs
        m_left_by[slot] = 0;
        m_counters[counter::sram_read_a_mask] += m_block_rows * shared().tppe.chunk_bits;
    }
    if (later < m_fetch.sequence_length()) {
        m_fetch.request_column(pe, later, m_done[pe]);
        if (last)
            m_fetch.request_rows(later, m_left_cycle[slot]);
    }
    ++m_next[pe];
    if (m_next[pe] % m_fetch.chunks() == 0)
        drain(pe, sequence);
    return true;
}

void sparten_accelerator::wait_for_operands(std::size_t pe, std::uint64_t sequence)
{
    const kernel::arrival& rows = m_fetch.rows(sequence);
    const kernel::arrival& column = m_fetch.column(pe, sequence);
    std::uint64_t& now = m_done[pe];
    if (rows.ready_cycle > column.ready_cycle) {
        const std::uint64_t asked = std::min(m_fetch.rows_asked(sequence), rows.ready_cycle);
        if (asked > now) { // another PE held the buffer
            m_counters[counter::stall_synchronisation] += asked - now;
            tile_waits(pe) += asked - now;
            now = asked;
        }
        if (rows.ready_cycle > now)
            wait_tile(pe, rows.ready_cycle - now, wait_cause::a, rows.refresh_cycles);
    } else if (column.ready_cycle > now) {
        wait_tile(pe, column.ready_cycle - now, wait_cause::b, column.refresh_cycles);
    }
    now = std::max({now, rows.ready_cycle, column.ready_cycle});
}

void sparten_accelerator::drain(std::size_t pe, std::uint64_t sequence)
{
    const auto timestep = static_cast<unsigned>(sequence / m_fetch.chunks() % m_shape.timesteps);
    const std::uint64_t taken = m_pes[pe].drain(timestep, m_block_rows, m_done[pe]);
    wait_tile(pe, taken - m_done[pe], wait_cause::packing, 0); // the neurons still had the sums before
    m_done[pe] = taken;
}

void sparten_accelerator::collect_tile(std::size_t tile, observe::counter_set& counters) const
{
    m_pes[tile].collect(counters);
}

} // namespace loas::designs
