#include "models/designs/loas/fiber_fetch.h"

#include "models/functional/bits.h"
#include "models/functional/spike_words.h"

#include <algorithm>
#include <sstream>

namespace loas::designs
{

using functional::low_bits;
using functional::popcount;
using observe::operand;

fiber_fetch::fiber_fetch(const sc_core::sc_module_name& name, unsigned chunk_bits, const kernel::clock& clock,
                         kernel::event_wheel& wheel, std::size_t tiles, std::size_t rows, std::size_t columns,
                         kernel::memory_fault& fault)
    : sc_module(name), m_chunk_words(chunk_bits / 64), m_clock(clock), m_rows(rows), m_columns(columns),
      m_column_pointers(columns), m_receivers(columns), m_fault(fault)
{
    for (std::size_t i = 0; i < tiles; ++i)
        m_ports.emplace_back(new port(("tile_" + std::to_string(i) + "_out").c_str(), wheel, clock, *this));
    m_ports.emplace_back(new port("column_heads_out", wheel, clock, *this, true));
    m_ports.emplace_back(new port("column_values_out", wheel, clock, *this, true));
    kernel::name_requesters(m_ports, tiles);
}

void fiber_fetch::begin_layer(const functional::layer_shape& shape, std::uint64_t input_address,
                              std::uint64_t weight_address)
{
    m_shape = shape;
    m_input = shape.input_layout();
    m_weights = shape.weight_layout();
    m_input_address = input_address;
    m_weight_address = weight_address;
    m_mask_words = functional::chunks_of(functional::words_of(shape.k), m_chunk_words) * m_chunk_words;
    m_words.resize(shape.k);
    m_potentials_written.begin(0);
}

void fiber_fetch::start_row(std::size_t entry, std::size_t tile, std::uint32_t row, const column_range& columns,
                            std::uint64_t cycle)
{
    row_entry& into = m_rows[entry];
    into.tile = tile;
    m_ports[tile]->share_with(0, 0);
    into.row.fiber.reset(row, m_mask_words);
    into.row.begin(cycle);
    into.runs.clear();
    functional::gather_runs(m_shape, row, m_runs);
    std::uint32_t pixels = 0;
    for (const functional::pixel_run& run : m_runs) {
        into.runs.push_back({run, pixels, 2});
        pixels += run.count;
    }
    into.masks.resize(pixels * m_input.mask_stride / 8);
    into.pointers.resize(pixels);
    into.packed.resize(pixels * m_input.slot_bytes);
    for (std::size_t i = 0; i < into.runs.size(); ++i) {
        const fetched_run& run = into.runs[i];
        read(*m_ports[tile], m_input_address + run.first_pixel * m_input.mask_stride,
             into.masks.data() + run.first_slot * m_input.mask_stride / 8, run.count * m_input.mask_stride,
             operand::a_mask, cycle, into.row, tag_of(part::row_heads, entry, i));
        read(*m_ports[tile], m_input_address + m_input.pointer_offset + 4 * run.first_pixel,
             into.pointers.data() + run.first_slot, 4 * std::size_t{run.count}, operand::a_pointers, cycle, into.row,
             tag_of(part::row_heads, entry, i));
    }
    if (m_shape.carries_potentials() && columns.count > 0) {
        into.potentials_address = m_shape.potential_address(row, columns.first);
        into.potentials.resize(columns.count);
        read(*m_ports[tile], into.potentials_address, into.potentials.data(), 4 * columns.count, operand::partial_sums,
             cycle, into.row, tag_of(part::row_potentials, entry));
    }
    if (into.row.complete()) // a window that lies in the padding
        assemble(into);
}

void fiber_fetch::write_potentials(std::size_t first_entry, std::size_t entries, std::uint64_t cycle)
{
    m_potentials_written.begin(cycle);
    for (std::size_t entry = first_entry; entry < first_entry + entries; ++entry) {
        row_entry& of = m_rows[entry];
        ++m_potentials_written.accesses_missing;
        m_ports[of.tile]->start(tlm::TLM_WRITE_COMMAND, of.potentials_address, of.potentials.data(),
                                4 * of.potentials.size(), operand::partial_sums, cycle * m_clock.period_ps(),
                                tag_of(part::potentials_written, entry));
    }
}

/// Masks and pointers come over one, values over the other; to a single tile both over its own.
fiber_fetch::port& fiber_fetch::port_of_column(const receivers& to, bool values)
{
    const std::size_t tiles = m_ports.size() - 2;
    if (to.count == tiles)
        return values ? *m_ports.back() : heads_port();
    const auto others = static_cast<std::uint16_t>(to.count - 1);
    port& through = *m_ports[values ? to.first + others : to.first];
    through.share_with(values ? others : std::uint16_t{0}, values ? std::uint16_t{0} : others);
    return through;
}

void fiber_fetch::start_column(std::size_t entry, std::uint32_t column, const receivers& to, std::uint64_t cycle)
{
    m_receivers[entry] = to;
    port& through = port_of_column(to, false);
    fetched_column& into = m_columns[entry];
    into.fiber.reset(column, m_mask_words);
    into.begin(cycle);
    const std::uint64_t tag = tag_of(part::column_heads, entry);
    read(through, m_weight_address + column * m_weights.mask_stride, into.fiber.mask(), m_weights.mask_stride,
         operand::b_mask, cycle, into, tag);
    read(through, m_weight_address + m_weights.pointer_offset + 4 * std::uint64_t{column},
         &m_column_pointers[entry], 4, operand::b_pointers, cycle, into, tag);
}

void fiber_fetch::start_bias(std::uint64_t address, std::uint64_t cycle)
{
    m_bias.assign(m_shape.bias_numbers(), 0);
    m_bias_arrival.begin(cycle);
    if (address != 0)
        read(heads_port(), address, m_bias.data(), 4 * m_bias.size(), operand::bias, cycle, m_bias_arrival,
             tag_of(part::bias, 0));
}

void fiber_fetch::access_finished(const kernel::access_done& done)
{
    const auto what = static_cast<part>(done.tag >> 56);
    const std::size_t entry = done.tag >> 24 & 0xFFFFFFFF;
    const std::size_t detail = done.tag & 0xFFFFFF;
    const std::uint64_t cycle = m_clock.cycles_in(done.time_ps);
    const bool of_row = what == part::row_heads || what == part::row_values || what == part::row_potentials;
    kernel::arrival& of = what == part::bias                 ? m_bias_arrival
                          : what == part::potentials_written ? m_potentials_written
                          : of_row                           ? static_cast<kernel::arrival&>(m_rows[entry].row)
                                                             : m_columns[entry];
    if (!done.ok)
        m_fault.note(LOAS_STATUS_BUS_ERROR, done.address);
    const bool heads_complete = what == part::row_heads      ? --m_rows[entry].runs[detail].accesses_missing == 0
                                : what == part::column_heads ? of.accesses_missing == 1
                                                             : false;
    if (heads_complete && !m_fault.happened) {
        if (what == part::row_heads)
            start_values(m_rows[entry], entry, m_rows[entry].runs[detail], cycle);
        else
            start_weights(entry, cycle);
    }
    of.refresh_cycles = std::max(of.refresh_cycles, m_clock.cycles_in(done.refresh_ps));
    if (--of.accesses_missing > 0)
        return;
    of.ready_cycle = cycle;
    if (of_row && !m_fault.happened)
        assemble(m_rows[entry]);
}

std::size_t fiber_fetch::pixel_words(const row_entry& row, std::size_t slot) const
{
    return popcount(row.masks.data() + slot * m_input.mask_stride / 8, functional::words_of(m_shape.in_channels));
}

void fiber_fetch::start_values(row_entry& row, std::size_t entry, const fetched_run& run, std::uint64_t cycle)
{
    for (std::size_t i = 0; i < run.count; ++i) {
        const std::size_t slot = run.first_slot + i;
        std::uint64_t* mask = row.masks.data() + slot * m_input.mask_stride / 8;
        mask[(m_shape.in_channels - 1) / 64] &= low_bits((m_shape.in_channels - 1) % 64 + 1); // the rest is not ours
        const std::size_t bytes = functional::packed_bytes(pixel_words(row, slot), m_shape.timesteps);
        if (row.pointers[slot] + bytes > m_input.total_bytes - m_input.values_offset) {
            m_fault.note(LOAS_STATUS_BAD_TENSOR, m_input_address + m_input.pointer_offset + 4 * (run.first_pixel + i));
            return;
        }
        m_ports[row.tile]->share_with(0, 0); // a column may have been asked for meanwhile
        read(*m_ports[row.tile], m_input_address + m_input.values_offset + row.pointers[slot],
             row.packed.data() + slot * m_input.slot_bytes, bytes, operand::a_words, cycle, row.row,
             tag_of(part::row_values, entry));
    }
}

void fiber_fetch::start_weights(std::size_t entry, std::uint64_t cycle)
{
    fetched_column& into = m_columns[entry];
    into.fiber.mask()[(m_shape.k - 1) / 64] &= low_bits((m_shape.k - 1) % 64 + 1);
    const std::size_t weights = into.fiber.rank_mask();
    const std::uint32_t pointer = m_column_pointers[entry];
    if (pointer + weights > m_weights.total_bytes - m_weights.values_offset) {
        m_fault.note(LOAS_STATUS_BAD_TENSOR,
                     m_weight_address + m_weights.pointer_offset + 4 * std::uint64_t{into.fiber.id()});
        return;
    }
    read(port_of_column(m_receivers[entry], true), m_weight_address + m_weights.values_offset + pointer,
         into.fiber.values(), weights, operand::b_weights, cycle, into, tag_of(part::column_values, entry));
}

/// All of the row's parts are there: mask and words of its pixels one behind the other.
void fiber_fetch::assemble(row_entry& row)
{
    std::size_t word_count = 0;
    for (const fetched_run& run : row.runs) {
        std::uint64_t position = run.position;
        for (std::size_t slot = run.first_slot; slot < run.first_slot + run.count; ++slot) {
            functional::append_bits(row.row.fiber.mask(), position, row.masks.data() + slot * m_input.mask_stride / 8,
                                    m_shape.in_channels);
            const std::size_t words = pixel_words(row, slot);
            functional::unpack_words(row.packed.data() + slot * m_input.slot_bytes, words, m_shape.timesteps,
                                     m_words.data() + word_count);
            word_count += words;
            position += m_shape.in_channels;
        }
    }
    row.row.fiber.rank_mask();
    std::copy_n(m_words.data(), word_count, row.row.fiber.values());
}

void fiber_fetch::read(port& through, std::uint64_t address, void* data, std::size_t bytes, operand kind,
                       std::uint64_t cycle, kernel::arrival& of, std::uint64_t tag)
{
    if (bytes == 0)
        return;
    ++of.accesses_missing;
    through.start(tlm::TLM_READ_COMMAND, address, data, bytes, kind, cycle * m_clock.period_ps(), tag);
}

std::vector<fiber_fetch::port*> fiber_fetch::ports() const
{
    std::vector<port*> all;
    for (const auto& each : m_ports)
        all.push_back(each.get());
    return all;
}

bool fiber_fetch::at_rest() const
{
    return std::all_of(m_ports.begin(), m_ports.end(), [](const auto& each) { return each->outstanding() == 0; });
}

std::string fiber_fetch::describe() const
{
    for (const auto& each : m_ports)
        if (each->outstanding() > 0)
            return each->describe();
    return {};
}

} // namespace loas::designs
