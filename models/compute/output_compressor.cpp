#include "models/compute/output_compressor.h"

#include "models/functional/bits.h"
#include "models/functional/lanes.h"
#include "models/functional/spike_words.h"

#include <algorithm>
#include <cstring>

namespace loas::compute
{

using observe::counter;

namespace
{

// What an access is, as its tag: a part of the output, or words taken up again.
constexpr std::uint64_t result = 0, kept_words = 1;

struct spike_counts {
    std::uint64_t spikes = 0, words = 0; ///< words: those with spikes
};

/// Of bytes: those that are not 0.
spike_counts count_bytes(const std::uint16_t* words, std::size_t count)
{
    const auto zeros = static_cast<std::uint64_t>(std::count(words, words + count, std::uint16_t{0}));
    return {count - zeros, count - zeros};
}

/// Counts spikes, after words of a single one were silenced if they are to be.
LOAS_FOR_ALL_VECTOR_UNITS spike_counts count_spikes(std::uint16_t* words, std::size_t count, bool single_spike_mask)
{
    if (single_spike_mask)
        for (std::size_t n = 0; n < count; ++n)
            words[n] = (words[n] & (words[n] - 1)) != 0 ? words[n] : std::uint16_t{0};
    spike_counts seen;
    std::size_t n = 0;
    for (; n + 4 <= count; n += 4) {
        std::uint64_t four = 0;
        std::memcpy(&four, words + n, sizeof four);
        seen.spikes += functional::popcount(four);
    }
    for (; n < count; ++n)
        seen.spikes += functional::popcount(words[n]);
    std::uint32_t with_spikes = 0;
    for (std::size_t i = 0; i < count; ++i)
        with_spikes += words[i] != 0;
    seen.words = with_spikes;
    return seen;
}

} // namespace

output_compressor::output_compressor(const sc_core::sc_module_name& name, const compressor_parameters& parameters,
                                     unsigned chunk_bits, const kernel::clock& clock, kernel::event_wheel& wheel,
                                     std::size_t rows, kernel::memory_fault& fault)
    : sc_module(name), memory_out("memory_out", wheel, clock, *this), m_parameters(parameters),
      m_chunk_bits(chunk_bits), m_clock(clock), m_wheel(wheel), m_place(wheel.take_place()), m_group_rows(rows),
      m_fault(fault)
{
    memory_out.work_for({kernel::unit::compressor, 0, 0});
}

void output_compressor::begin_layer(const functional::layer_shape& shape, bool single_spike_mask,
                                    std::uint64_t output_address)
{
    m_shape = shape;
    m_layout = shape.output_layout();
    m_single_spike_mask = single_spike_mask;
    m_output_address = output_address;
    m_windows.clear();
    m_rows.clear();
    m_taken_up.clear();
    m_mask.resize(functional::words_of(shape.n));
    m_non_silent.resize(shape.n + 1);
    m_packed.resize(m_layout.slot_bytes);
    m_arrival_cycle = 0;
    m_free_cycle = 0;
    m_packed_cycle = 0;
    m_last_write_cycle = 0;
    m_buffer.resize(m_group_rows * row_buffer_bytes());
    m_writes.clear();
    m_queue.clear();
    m_row_packed = false;
    m_counters = {};
    begin_columns(0, shape.n);
}

std::size_t output_compressor::row_buffer_bytes() const
{
    if (m_shape.currents)
        return m_shape.n * m_shape.timesteps * 4;
    if (has_masks_and_words())
        return std::max(m_layout.mask_stride + 4 + m_layout.slot_bytes, kept_bytes() * m_shape.n); // or kept words
    return m_shape.timesteps * (m_layout.mask_stride + LOAS_HEAD_BYTES + m_layout.slot_bytes);
}

void output_compressor::begin_columns(std::uint64_t first_column, std::uint64_t columns)
{
    m_first_column = first_column;
    m_columns = columns;
    m_words_address = 0;
}

const kernel::arrival& output_compressor::take_up_rows(const std::vector<std::uint32_t>& rows,
                                                       std::uint64_t words_address, std::uint64_t cycle)
{
    begin_rows(rows);
    m_kept.begin(cycle);
    const std::size_t row_bytes = kept_bytes() * m_shape.n;
    m_taken_up.resize(rows.size() * row_bytes);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        ++m_kept.accesses_missing;
        memory_out.start(tlm::TLM_READ_COMMAND, words_address + row_bytes * rows[row], &m_taken_up[row * row_bytes],
                         row_bytes, observe::operand::partial_sums, cycle * m_clock.period_ps(), kept_words, true);
    }
    m_counters[counter::partial_sums_read] += rows.size() * m_shape.n;
    m_counters[counter::sram_read_partial_sums] += 8 * rows.size() * row_bytes;
    return m_kept;
}

void output_compressor::begin_rows(const std::vector<std::uint32_t>& rows)
{
    m_rows = rows;
    m_blocks_done = 0;
    if (m_shape.currents)
        m_currents.resize(rows.size() * m_columns * m_shape.timesteps);
    else
        m_words.resize(rows.size() * m_columns);
}

void output_compressor::take_words(const result_block& block, span<const std::uint16_t> words, std::uint64_t cycle)
{
    if (m_shape.currents)
        SC_REPORT_FATAL(name(), "spike words in a layer without neurons");
    place(block, words, 1, m_words, cycle);
}

void output_compressor::take_currents(const result_block& block, span<const std::int32_t> currents, std::uint64_t cycle)
{
    if (!m_shape.currents)
        SC_REPORT_FATAL(name(), "currents in a layer with neurons");
    place(block, currents, m_shape.timesteps, m_currents, cycle);
}

/// of_result: numbers of a result.
template <class number>
void output_compressor::place(const result_block& block, span<const number> from, std::size_t of_result,
                              std::vector<number>& into, std::uint64_t cycle)
{
    const std::size_t count = block.columns * of_result, step = m_columns * of_result;
    if (from.size() != block.rows * count || block.first_row + block.rows > m_rows.size() ||
        block.first_column < m_first_column || block.first_column + block.columns > m_first_column + m_columns)
        SC_REPORT_FATAL(name(), "results that lie outside the rows and columns that were begun");
    number* to = &into[block.first_row * step + (block.first_column - m_first_column) * of_result];
    const number* row = from.data();
    for (std::size_t i = 0; i < block.rows; ++i, to += step, row += count)
        if (count == 1) // by far the most frequent
            *to = *row;
        else
            std::copy_n(row, count, to);
    m_arrival_cycle = std::max(m_arrival_cycle, cycle);
}

/// How often the prefix-sum goes over a row.
std::uint64_t output_compressor::passes() const
{
    if (m_words_address != 0 || m_shape.currents || m_parameters.adders == 0 ||
        m_shape.spike_format == LOAS_SPIKES_BITMAP)
        return 0;
    return m_shape.spike_format == LOAS_SPIKES_COORDINATES ? m_shape.timesteps : 1;
}

/// Cycles of a chunk of columns of one row.
std::uint64_t output_compressor::block_cycles() const
{
    return passes() == 0 ? 0 : passes() * ((m_chunk_bits + m_parameters.adders - 1) / m_parameters.adders);
}

std::uint64_t output_compressor::columns_done(std::uint64_t done_columns, std::uint64_t cycle)
{
    // A block is one chunk of output columns of all rows of the group. One block collects while the one before is
    // packed, so a full block waits for the compressor to take it.
    if (passes() == 0)
        return cycle;
    const std::uint64_t full_blocks =
        done_columns == m_columns ? functional::chunks_of(m_columns, m_chunk_bits) : done_columns / m_chunk_bits;
    for (; m_blocks_done < full_blocks; ++m_blocks_done) {
        cycle = std::max(cycle, m_free_cycle);
        m_free_cycle = std::max(cycle, m_arrival_cycle) + m_rows.size() * block_cycles();
    }
    return cycle;
}

void output_compressor::finish_rows()
{
    if (!m_writes.empty())
        SC_REPORT_FATAL(name(), "rows are finished while those before are written");
    begin_writes();
    for (std::size_t i = 0; i < m_taken_up.size(); i += kept_bytes())
        m_words[i / kept_bytes()] = static_cast<std::uint16_t>(
            m_taken_up[i] | (kept_bytes() == 2 ? unsigned{m_taken_up[i + 1]} << 8 : 0U));
    m_taken_up.clear();
    for (std::size_t row = 0; row < m_rows.size(); ++row)
        store_row(row);
    m_packed_cycle = std::max(m_free_cycle, m_arrival_cycle);
    if (!m_writes.empty())
        at(m_packed_cycle, start_writes);
}

void output_compressor::begin_writes()
{
    m_buffer_used = 0;
    m_writes_done = 0;
    m_refresh_cycles = 0;
}

void output_compressor::store_row(std::size_t row)
{
    if (m_shape.currents)
        write_currents(row);
    else if (m_words_address != 0)
        keep_words(row);
    else if (m_shape.pool == 1)
        write_pixel(m_rows[row], &m_words[row * m_columns]);
    else
        pool_row(row);
}

void output_compressor::queue_row(std::size_t tile, std::uint32_t row, std::uint64_t cycle, row_listener& then)
{
    m_rows[tile] = row;
    m_queue.push_back({tile, cycle, &then});
    if (m_queue.size() == 1)
        pack_queued();
}

void output_compressor::pack_queued()
{
    m_free_cycle =
        std::max(m_free_cycle, m_queue.front().cycle) + functional::chunks_of(m_columns, m_chunk_bits) * block_cycles();
    at(m_free_cycle, queued_row_packed);
}

void output_compressor::at(std::uint64_t cycle, std::uint64_t what)
{
    m_wheel.at(std::max(m_clock.period_ps() * cycle, m_wheel.now_ps()), *this, what,
               kernel::event_wheel::order_of(kernel::event_wheel::turn::units, m_place, what));
}

/// The first row of the queue is packed, and the fibers before it have left the buffer.
void output_compressor::take_packed(std::uint64_t cycle)
{
    const queued_row row = m_queue.front();
    m_queue.pop_front();
    m_row_packed = false;
    begin_writes();
    store_row(row.tile);
    m_packed_cycle = m_free_cycle;
    if (!m_writes.empty())
        happen(cycle * m_clock.period_ps(), start_writes);
    if (!m_queue.empty())
        pack_queued();
    row.then->row_packed(row.tile, m_packed_cycle, cycle);
}

void output_compressor::pool_row(std::size_t row_of_group)
{
    const std::uint64_t index = functional::window_of(m_shape, m_rows[row_of_group]);
    // Few are open, and nearly always it is the last one.
    auto found = std::find_if(m_windows.rbegin(), m_windows.rend(), [&](const window& w) { return w.index == index; });
    if (found == m_windows.rend()) {
        m_windows.push_back({index, m_shape.pool * m_shape.pool, std::vector<std::uint16_t>(m_columns)});
        found = m_windows.rbegin();
    }
    window& open = *found;
    const std::uint16_t* row = &m_words[row_of_group * m_columns];
    for (std::size_t n = 0; n < m_columns; ++n)
        open.words[n] = m_shape.bytes() ? std::max(open.words[n], row[n])
                                        : static_cast<std::uint16_t>(open.words[n] | row[n]);
    if (--open.rows_missing == 0) {
        write_pixel(index, open.words.data());
        m_windows.erase(std::next(found).base());
    }
}

void output_compressor::keep_words(std::size_t row)
{
    const std::size_t bytes = kept_bytes();
    m_packed.resize(std::max(m_packed.size(), bytes * m_columns));
    for (std::size_t i = 0; i < bytes * m_columns; ++i)
        m_packed[i] = static_cast<std::uint8_t>(m_words[row * m_columns + i / bytes] >> 8 * (i % bytes));
    write(m_words_address + bytes * (m_rows[row] * m_shape.n + m_first_column), m_packed.data(), bytes * m_columns,
          observe::operand::partial_sums);
}

void output_compressor::write_pixel(std::uint64_t pixel, std::uint16_t* words)
{
    const spike_counts seen =
        m_shape.bytes() ? count_bytes(words, m_columns) : count_spikes(words, m_columns, m_single_spike_mask);
    m_counters[counter::output_spikes] += seen.spikes;
    m_counters[counter::silent_outputs] += m_columns - seen.words;
    if (has_masks_and_words())
        write_packed(pixel, words);
    else if (m_shape.spike_format == LOAS_SPIKES_BITMAP)
        write_bitmap(pixel, words);
    else if (m_shape.spike_format == LOAS_SPIKES_BYTE_PAIRS)
        write_pairs(pixel, words);
    else
        write_coordinates(pixel, words);
}

void output_compressor::write_packed(std::uint64_t pixel, const std::uint16_t* words)
{
    std::fill(m_mask.begin(), m_mask.end(), 0);
    std::size_t count = 0;
    for (std::size_t n = 0; n < m_shape.n; ++n) { // without a branch, which would be unpredictable
        const unsigned spikes = words[n] != 0;
        m_mask[n / 64] |= std::uint64_t{spikes} << n % 64;
        m_non_silent[count] = words[n];
        count += spikes;
    }

    // Every fiber has its own slot, so rows finish in any order; the pointer says where.
    const auto pointer = static_cast<std::uint32_t>(pixel * m_layout.slot_bytes);
    functional::pack_words(m_non_silent.data(), count, m_shape.word_bits(), m_packed.data());
    write(m_output_address + pixel * m_layout.mask_stride, m_mask.data(), m_layout.mask_stride,
          observe::operand::c_mask);
    write(m_output_address + m_layout.pointer_offset + 4 * pixel, &pointer, 4, observe::operand::c_pointers);
    write(m_output_address + m_layout.values_offset + pointer, m_packed.data(),
          functional::packed_bytes(count, m_shape.word_bits()), observe::operand::c_words);
}

void output_compressor::write_bitmap(std::uint64_t pixel, const std::uint16_t* words)
{
    const bool last = m_first_column + m_columns == m_shape.n; // also the bits that fill up the mask
    const std::size_t bytes = last ? m_layout.mask_stride - m_first_column / 8 : m_columns / 8;
    for (unsigned t = 0; t < m_shape.timesteps; ++t) {
        std::fill(m_mask.begin(), m_mask.end(), 0);
        for (std::size_t n = 0; n < m_columns; ++n)
            m_mask[n / 64] |= std::uint64_t{words[n] >> t & 1U} << n % 64;
        write(m_output_address + (t * m_shape.output_pixels() + pixel) * m_layout.mask_stride + m_first_column / 8,
              m_mask.data(), bytes, observe::operand::c_mask);
    }
}

void output_compressor::write_coordinates(std::uint64_t pixel, const std::uint16_t* words)
{
    const std::size_t width = loas_coordinate_bytes(m_shape.n);
    for (unsigned t = 0; t < m_shape.timesteps; ++t) {
        std::uint32_t count = 0;
        for (std::size_t n = 0; n < m_shape.n; ++n)
            if ((words[n] >> t & 1U) != 0)
                put_coordinate(count++ * width, n);
        write_with_head(t * m_shape.output_pixels() + pixel, count, width);
    }
}

void output_compressor::write_pairs(std::uint64_t pixel, const std::uint16_t* words)
{
    const std::size_t width = loas_coordinate_bytes(m_shape.n) + 1;
    std::uint32_t count = 0;
    for (std::size_t n = 0; n < m_shape.n; ++n)
        if (words[n] != 0) {
            put_coordinate(count * width, n);
            m_packed[++count * width - 1] = static_cast<std::uint8_t>(words[n]);
        }
    write_with_head(pixel, count, width);
}

void output_compressor::put_coordinate(std::size_t at, std::size_t column)
{
    m_packed[at] = static_cast<std::uint8_t>(column);
    if (loas_coordinate_bytes(m_shape.n) == 2)
        m_packed[at + 1] = static_cast<std::uint8_t>(column >> 8);
}

/// What was packed, `count` values of so many bytes.
void output_compressor::write_with_head(std::uint64_t fiber, std::uint32_t count, std::size_t value_bytes)
{
    const std::uint32_t head[2] = {static_cast<std::uint32_t>(fiber * m_layout.slot_bytes), count};
    write(m_output_address + LOAS_HEAD_BYTES * fiber, head, sizeof head, observe::operand::c_pointers);
    write(m_output_address + m_layout.values_offset + head[0], m_packed.data(), count * value_bytes,
          observe::operand::c_words);
}

void output_compressor::write_currents(std::size_t row)
{
    const std::size_t row_bytes = m_shape.n * m_shape.timesteps * 4;
    const std::size_t column_bytes = m_shape.timesteps * 4;
    write(m_output_address + m_rows[row] * row_bytes + m_first_column * column_bytes,
          &m_currents[row * m_columns * m_shape.timesteps], m_columns * column_bytes, observe::operand::currents);
}

void output_compressor::write(std::uint64_t address, const void* data, std::size_t bytes, observe::operand kind)
{
    if (bytes == 0)
        return;
    if (bytes > m_buffer.size() - m_buffer_used)
        SC_REPORT_FATAL(name(), "more packed fibers than a group has");
    std::memcpy(m_buffer.data() + m_buffer_used, data, bytes);
    m_writes.push_back({address, m_buffer_used, bytes, kind});
    m_buffer_used += bytes;
    if (kind == observe::operand::partial_sums) {
        m_counters[counter::partial_sums_written] += bytes / kept_bytes();
        m_counters[counter::sram_write_partial_sums] += 8 * bytes;
        return;
    }
    m_counters[counter::sram_write_c] += 8 * bytes;
    m_counters[counter::sram_read_c] += 8 * bytes;
}

void output_compressor::happen(std::uint64_t now_ps, std::uint64_t what)
{
    if (what == queued_row_packed) {
        m_row_packed = true;
        if (m_writes.empty())
            take_packed(m_clock.cycles_in(now_ps));
        return;
    }
    for (const pending_write& each : m_writes)
        memory_out.start(tlm::TLM_WRITE_COMMAND, each.address, m_buffer.data() + each.offset, each.bytes, each.kind,
                         now_ps, result);
}

void output_compressor::access_finished(const kernel::access_done& done)
{
    if (!done.ok)
        m_fault.note(LOAS_STATUS_BUS_ERROR, done.address);
    if (done.tag == kept_words) {
        --m_kept.accesses_missing;
        m_kept.ready_cycle = std::max(m_kept.ready_cycle, m_clock.cycles_in(done.time_ps));
        m_kept.refresh_cycles = std::max(m_kept.refresh_cycles, m_clock.cycles_in(done.refresh_ps));
        return;
    }
    m_refresh_cycles = std::max(m_refresh_cycles, m_clock.cycles_in(done.refresh_ps));
    m_last_write_cycle = std::max(m_last_write_cycle, m_clock.cycles_in(done.time_ps));
    if (++m_writes_done < m_writes.size())
        return;
    m_writes.clear();
    if (m_row_packed)
        take_packed(m_clock.cycles_in(done.time_ps));
}

} // namespace loas::compute
