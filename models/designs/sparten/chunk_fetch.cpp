#include "models/designs/sparten/chunk_fetch.h"

#include "models/functional/bits.h"

#include <algorithm>
#include <cstring>

namespace loas::designs
{

using functional::low_bits;
using functional::popcount;
using observe::operand;

namespace
{

// What an event of the wheel is: a request of rows, or of a PE's column.
constexpr std::uint64_t rows_event = ~std::uint64_t{0} << 48;

} // namespace

chunk_fetch::chunk_fetch(block_ports& ports, const kernel::clock& clock, kernel::event_wheel& wheel, std::size_t pes,
                         unsigned chunk_bits, unsigned slots, unsigned block_rows, owner& owner,
                         kernel::memory_fault& fault)
    : m_ports(ports), m_clock(clock), m_wheel(wheel), m_place(wheel.take_place()), m_owner(owner), m_fault(fault),
      m_chunk_bits(chunk_bits), m_block_rows(block_rows), m_pointers(pes), m_rows(slots), m_columns(pes), m_pes(pes),
      m_places(slots + 1)
{
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
        m_rows[slot].arrival.then = this;
        m_rows[slot].arrival.slot = slot;
        m_rows[slot].spikes.resize(functional::chunks_of(block_rows, rows_of_word) * chunk_bits);
    }
    for (std::uint32_t pe = 0; pe < pes; ++pe) {
        m_columns[pe].resize(slots);
        for (std::uint32_t slot = 0; slot < slots; ++slot) {
            tracked& arrival = m_columns[pe][slot].arrival;
            arrival.then = this;
            arrival.of_column = true;
            arrival.pe = pe;
            arrival.slot = slot;
        }
    }
}

void chunk_fetch::begin_layer(const functional::layer_shape& shape, const loas_descriptor& descriptor,
                              const std::vector<std::uint32_t>& row_order)
{
    m_shape = shape;
    m_input = shape.input_layout();
    m_weights = shape.weight_layout();
    m_input_address = descriptor.input_address;
    m_weight_address = descriptor.weight_address;
    m_row_order = &row_order;
    m_chunks = functional::chunks_of(shape.k, m_chunk_bits);
    m_blocks = (row_order.size() + m_block_rows - 1) / m_block_rows;
    for (block_places& each : m_places)
        each.block = never;
}

void chunk_fetch::begin_columns(std::uint64_t first_column, std::size_t columns, std::uint64_t cycle)
{
    m_first_column = first_column;
    for (row_slot& slot : m_rows)
        slot.sequence = never;
    for (block_places& each : m_places)
        std::fill(each.before.begin(), each.before.end(), 0);
    m_next_values = 0;
    for (std::vector<column_slot>& slots : m_columns)
        for (column_slot& slot : slots)
            slot.sequence = never;
    std::fill(m_pes.begin(), m_pes.end(), pe_state());
    m_pointers_arrival.begin(cycle);
    m_ports.read(0, m_weight_address + m_weights.pointer_offset + 4 * first_column, m_pointers.data(), 4 * columns,
                 operand::b_pointers, cycle, m_pointers_arrival);
}

std::vector<std::uint32_t> chunk_fetch::block_rows(std::uint64_t block) const
{
    return functional::rows_from(*m_row_order, block * m_block_rows, m_block_rows);
}

void chunk_fetch::request_rows(std::uint64_t sequence, std::uint64_t cycle)
{
    at(cycle, rows_event | sequence);
}

void chunk_fetch::request_column(std::size_t pe, std::uint64_t sequence, std::uint64_t cycle)
{
    at(cycle, std::uint64_t{pe} << 48 | sequence);
}

/// Accesses are made in order of time: what is asked for later waits in the wheel.
void chunk_fetch::at(std::uint64_t cycle, std::uint64_t what)
{
    ++m_requests_to_come;
    using kernel::event_wheel;
    m_wheel.at(std::max(cycle * m_clock.period_ps(), m_wheel.now_ps()), *this, what,
               event_wheel::order_of(event_wheel::turn::units, m_place, m_asked++));
}

void chunk_fetch::happen(std::uint64_t now_ps, std::uint64_t what)
{
    --m_requests_to_come;
    if (m_fault.happened)
        return;
    const std::uint64_t cycle = m_clock.cycle_of(now_ps);
    const std::uint64_t sequence = what & low_bits(48);
    if ((what & rows_event) == rows_event)
        read_rows(sequence, cycle);
    else
        read_mask(what >> 48, sequence, cycle);
}

void chunk_fetch::read_rows(std::uint64_t sequence, std::uint64_t cycle)
{
    row_slot& slot = m_rows[sequence % m_rows.size()];
    slot.sequence = sequence;
    slot.asked_cycle = cycle;
    slot.assembled = slot.masks_came = slot.values_asked = false;
    slot.arrival.begin(cycle);
    const std::uint64_t chunk = sequence % m_chunks;
    const std::uint64_t timestep = sequence / m_chunks % m_shape.timesteps;
    block_places& places = find_stretches(sequence / chunks_of_block());
    find_segments(slot, places, chunk);
    slot.raw.resize(slot.segments.size() * raw_words);
    const std::uint64_t base = m_input_address + timestep * m_shape.input_pixels() * m_input.mask_stride;
    std::uint64_t* raw = slot.raw.data();
    for (const segment& each : slot.segments) {
        m_ports.read(m_ports.shared_port(0), base + each.byte, raw, each.bytes, operand::a_mask, cycle, slot.arrival);
        raw += raw_words;
        if (!m_shape.bytes() || each.begin > 0)
            continue;
        const stretch& of = places.stretches[each.stretch];
        m_ports.read(m_ports.shared_port(0), m_input_address + m_input.pointer_offset + 4 * of.first_pixel,
                     &places.pointers[of.pixel], 4 * (of.end - of.position) / m_shape.in_channels, operand::a_pointers,
                     cycle, slot.arrival);
    }
    if (slot.arrival.complete()) // all of it is padding
        arrived(slot.arrival);
}

/// The stretches of the rows of a block.
chunk_fetch::block_places& chunk_fetch::find_stretches(std::uint64_t block)
{
    block_places& places = places_of(block);
    if (places.block == block)
        return places;
    places.block = block;
    places.stretches.clear();
    std::size_t pixels = 0;
    // Bitmaps without gaps between pixels are one stretch of bits.
    const std::uint64_t channels = m_shape.in_channels;
    const bool joined = channels % 64 == 0;
    const std::vector<std::uint32_t> rows = block_rows(block);
    for (std::uint32_t row = 0; row < rows.size(); ++row) {
        functional::gather_runs(m_shape, rows[row], m_runs);
        for (const functional::pixel_run& run : m_runs) {
            const std::uint64_t bits = joined ? run.count * channels : channels;
            const std::uint64_t pieces = joined ? 1 : run.count;
            for (std::uint64_t piece = 0; piece < pieces; ++piece) {
                places.stretches.push_back({run.position + piece * bits, run.position + (piece + 1) * bits,
                                            run.first_pixel + piece, row, pixels});
                pixels += bits / channels;
            }
        }
    }
    if (m_shape.bytes()) {
        places.pointers.assign(pixels, 0);
        places.before.assign(pixels, 0);
    }
    return places;
}

void chunk_fetch::find_segments(row_slot& slot, const block_places& places, std::uint64_t chunk)
{
    slot.segments.clear();
    const std::uint64_t from = chunk * m_chunk_bits, to = from + m_chunk_bits;
    for (std::size_t i = 0; i < places.stretches.size(); ++i) {
        const stretch& each = places.stretches[i];
        const std::uint64_t begin = std::max(each.position, from), end = std::min(each.end, to);
        if (begin >= end)
            continue;
        const std::uint64_t skip = begin - each.position;
        const std::uint64_t first_byte = skip / 8, last_byte = (skip + (end - begin) + 7) / 8;
        slot.segments.push_back({each.first_pixel * m_input.mask_stride + first_byte,
                                 static_cast<std::uint32_t>(last_byte - first_byte), each.row,
                                 static_cast<std::uint16_t>(skip % 8), static_cast<std::uint16_t>(begin - from),
                                 static_cast<std::uint32_t>(end - begin), skip, i});
    }
}

/// The rows' bits, from the bytes in which they came.
void chunk_fetch::put_together(row_slot& slot)
{
    slot.words.assign(slot.spikes.size() * rows_of_word / 64, 0);
    std::uint64_t* raw = slot.raw.data();
    for (const segment& each : slot.segments) {
        if (each.skip > 0)
            for (std::size_t i = 0; i + 1 < raw_words; ++i)
                raw[i] = raw[i] >> each.skip | raw[i + 1] << (64 - each.skip);
        functional::append_bits(slot.words.data() + std::size_t{each.row} * m_chunk_bits / 64, each.position, raw,
                                each.bits);
        raw += raw_words;
    }
}

void chunk_fetch::assemble(row_slot& slot)
{
    if (!m_shape.bytes())
        put_together(slot);
    std::memcpy(slot.spikes.data(), slot.words.data(), 4 * slot.spikes.size());
    for (std::size_t first = 0; first < slot.spikes.size(); first += rows_of_word * m_chunk_bits / 32)
        transpose_blocks(slot.spikes.data() + first, m_chunk_bits / 32);
    slot.assembled = true;
    if (!m_shape.bytes())
        return;
    slot.bytes.assign(slot.spikes.size() * rows_of_word, 0);
    for (const value_piece& each : slot.pieces) {
        const std::uint8_t* value = slot.values.data() + each.values;
        std::uint8_t* const to =
            &slot.bytes[each.row / rows_of_word * m_chunk_bits * rows_of_word + each.row % rows_of_word];
        for_each_bit(slot, each, [&](std::size_t input) { to[input * rows_of_word] = *value++; });
    }
}

/// Of all chunks whose masks, and all masks before, have come.
void chunk_fetch::read_values(std::uint64_t cycle)
{
    for (;;) {
        const std::uint64_t sequence = m_next_values;
        row_slot& slot = m_rows[sequence % m_rows.size()];
        if (slot.sequence != sequence || !slot.masks_came)
            return;
        if (!find_pieces(slot, places_of(sequence / chunks_of_block())))
            return;
        ++m_next_values;
        slot.values_asked = true;
        for (std::size_t i = 0; i < slot.pieces.size(); ++i) {
            const value_piece& each = slot.pieces[i];
            const std::size_t end = i + 1 < slot.pieces.size() ? slot.pieces[i + 1].values : slot.values.size();
            m_ports.read(m_ports.shared_port(0), each.address, slot.values.data() + each.values, end - each.values,
                         operand::a_words, cycle, slot.arrival);
        }
        if (slot.arrival.complete()) // there are none
            m_owner.rows_came();
    }
}

/// Cuts segments at pixels, and counts the values of each. False: they lead outside the tensor.
bool chunk_fetch::find_pieces(row_slot& slot, block_places& places)
{
    const std::uint64_t channels = m_shape.in_channels;
    std::size_t values = 0;
    slot.pieces.clear();
    for (const segment& each : slot.segments) {
        const stretch& of = places.stretches[each.stretch];
        for (std::uint64_t begin = each.begin; begin < each.begin + each.bits;) {
            const std::uint64_t of_stretch = begin / channels, pixel = of.pixel + of_stretch;
            const std::uint64_t end = std::min((of_stretch + 1) * channels, each.begin + each.bits);
            value_piece piece{each.row, static_cast<std::uint32_t>(each.position + (begin - each.begin)),
                              static_cast<std::uint32_t>(end - begin), values, 0};
            std::size_t count = 0;
            for_each_bit(slot, piece, [&](std::size_t) { ++count; });
            const std::uint64_t offset = places.pointers[pixel] + places.before[pixel];
            if (offset + count > m_input.total_bytes - m_input.values_offset) {
                m_fault.note(LOAS_STATUS_BAD_TENSOR,
                             m_input_address + m_input.pointer_offset + 4 * (of.first_pixel + of_stretch));
                return false;
            }
            piece.address = m_input_address + m_input.values_offset + offset;
            places.before[pixel] += count;
            values += count;
            if (count > 0)
                slot.pieces.push_back(piece);
            begin = end;
        }
    }
    slot.values.resize(values);
    return true;
}

/// f(input of the chunk) for the bits of a piece that are set.
template <class function>
void chunk_fetch::for_each_bit(const row_slot& slot, const value_piece& piece, function f) const
{
    const std::uint64_t* words = slot.words.data() + std::size_t{piece.row} * m_chunk_bits / 64;
    const std::size_t end = piece.position + piece.bits;
    for (std::size_t word = piece.position / 64; word * 64 < end; ++word) {
        std::uint64_t bits = words[word];
        if (word == piece.position / 64)
            bits &= ~low_bits(piece.position % 64);
        if (end < (word + 1) * 64)
            bits &= low_bits(static_cast<unsigned>(end - word * 64));
        for (; bits != 0; bits &= bits - 1)
            f(word * 64 + functional::lowest_bit(bits));
    }
}

void chunk_fetch::read_mask(std::size_t pe, std::uint64_t sequence, std::uint64_t cycle)
{
    column_slot& slot = m_columns[pe][sequence % m_rows.size()];
    slot.sequence = sequence;
    slot.mask_came = false;
    slot.weights_asked = false;
    slot.arrival.begin(cycle);
    const std::size_t chunk_bytes = m_chunk_bits / 8;
    const std::uint64_t offset = sequence % m_chunks * chunk_bytes;
    slot.bytes.assign(chunk_bytes, 0);
    m_ports.read(pe, m_weight_address + (m_first_column + pe) * m_weights.mask_stride + offset, slot.bytes.data(),
                 std::min<std::uint64_t>(chunk_bytes, m_weights.mask_stride - offset), operand::b_mask, cycle,
                 slot.arrival);
}

void chunk_fetch::arrived(kernel::arrival& what)
{
    const tracked& of = static_cast<const tracked&>(what);
    if (!of.of_column) {
        row_slot& slot = m_rows[of.slot];
        if (!m_shape.bytes() || slot.values_asked) {
            m_owner.rows_came();
            return;
        }
        slot.masks_came = true;
        put_together(slot);
        read_values(m_clock.cycle_of(m_wheel.now_ps()));
        return;
    }
    m_columns[of.pe][of.slot].mask_came = true;
    read_weights(of.pe, m_clock.cycle_of(m_wheel.now_ps()));
    if (what.complete() && !m_fault.happened)
        m_owner.column_came(of.pe);
}

/// Of all chunks whose masks, and all masks before, have come.
void chunk_fetch::read_weights(std::size_t pe, std::uint64_t cycle)
{
    pe_state& state = m_pes[pe];
    for (;;) {
        column_slot& slot = m_columns[pe][state.next % m_rows.size()];
        if (slot.sequence != state.next || !slot.mask_came)
            return;
        const std::uint64_t chunk = state.next % m_chunks;
        if (chunk == 0)
            state.weights_before = 0;
        auto* mask = reinterpret_cast<std::uint64_t*>(slot.bytes.data());
        const std::size_t words = m_chunk_bits / 64;
        if (chunk + 1 == m_chunks) // bits past K are not ours
            for (std::size_t i = 0; i < words; ++i) {
                const std::uint64_t bit = chunk * m_chunk_bits + i * 64;
                mask[i] &=
                    bit < m_shape.k ? low_bits(static_cast<unsigned>(std::min<std::uint64_t>(m_shape.k - bit, 64))) : 0;
            }
        const std::size_t count = popcount(mask, words);
        const std::uint64_t offset = m_pointers[pe] + state.weights_before;
        if (offset + count > m_weights.total_bytes - m_weights.values_offset) {
            m_fault.note(LOAS_STATUS_BAD_TENSOR,
                         m_weight_address + m_weights.pointer_offset + 4 * (m_first_column + pe));
            return;
        }
        state.weights_before += count;
        ++state.next;
        slot.weights_asked = true;
        slot.bytes.resize(m_chunk_bits / 8 + count);
        m_ports.read(pe, m_weight_address + m_weights.values_offset + offset, slot.bytes.data() + m_chunk_bits / 8,
                     count, operand::b_weights, cycle, slot.arrival);
    }
}

bool chunk_fetch::rows_there(std::uint64_t sequence) const
{
    const row_slot& slot = row_slot_of(sequence);
    return slot.sequence == sequence && (!m_shape.bytes() || slot.values_asked) && slot.arrival.complete();
}

bool chunk_fetch::column_there(std::size_t pe, std::uint64_t sequence) const
{
    const column_slot& slot = m_columns[pe][sequence % m_rows.size()];
    return slot.sequence == sequence && slot.weights_asked && slot.arrival.complete();
}

functional::span<const std::uint32_t> chunk_fetch::block_spikes(std::uint64_t sequence)
{
    row_slot& slot = m_rows[sequence % m_rows.size()];
    if (!slot.assembled)
        assemble(slot);
    return slot.spikes;
}

column_chunk chunk_fetch::column_of(std::size_t pe, std::uint64_t sequence) const
{
    const std::vector<std::uint8_t>& bytes = m_columns[pe][sequence % m_rows.size()].bytes;
    const std::size_t mask_bytes = m_chunk_bits / 8;
    return {{reinterpret_cast<const std::uint64_t*>(bytes.data()), mask_bytes / 8},
            {reinterpret_cast<const std::int8_t*>(bytes.data()) + mask_bytes, bytes.size() - mask_bytes}};
}

} // namespace loas::designs
