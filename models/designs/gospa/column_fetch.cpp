#include "models/designs/gospa/column_fetch.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::designs
{

using observe::operand;

column_fetch::column_fetch(block_ports& ports, std::size_t pointer_port, kernel::memory_fault& fault,
                           std::size_t tile_inputs, std::size_t pes, std::size_t entries)
    : m_ports(ports), m_pointer_port(pointer_port), m_fault(fault), m_tile_inputs(tile_inputs), m_entries(entries)
{
    for (entry& each : m_entries) {
        each.then = this;
        each.masks.resize(pes * tile_inputs / 64);
        each.counts.resize(pes);
        each.weights.resize(pes * tile_inputs);
    }
}

void column_fetch::begin_layer(const functional::layer_shape& shape, std::uint64_t weight_address)
{
    m_shape = shape;
    m_layout = shape.weight_layout();
    m_weight_address = weight_address;
    m_next.resize(shape.n);
}

void column_fetch::start(std::size_t number, std::uint64_t tile, std::uint64_t first, std::size_t columns,
                         std::uint64_t cycle)
{
    entry& into = m_entries[number];
    into.begin(cycle);
    into.has_masks = false;
    into.tile = tile;
    into.first = first;
    into.columns = columns;
    const std::uint64_t from = tile * m_tile_inputs;
    into.words = functional::words_of(std::min<std::uint64_t>(m_tile_inputs, m_shape.k - from));
    if (tile == 0)
        m_ports.read(m_pointer_port, m_weight_address + m_layout.pointer_offset + 4 * first, &m_next[first],
                     4 * columns, operand::b_pointers, cycle, into);
    for (std::size_t pe = 0; pe < columns; ++pe)
        m_ports.read(pe, m_weight_address + (first + pe) * m_layout.mask_stride + from / 8,
                     &into.masks[pe * into.words], 8 * into.words, operand::b_mask, cycle, into);
}

void column_fetch::arrived(kernel::arrival& what)
{
    entry& of = static_cast<entry&>(what);
    if (of.has_masks)
        return;
    of.has_masks = true;
    const std::uint64_t inputs = m_shape.k - of.tile * m_tile_inputs;
    const std::uint64_t cycle = of.ready_cycle;
    for (std::size_t pe = 0; pe < of.columns; ++pe) {
        std::uint64_t* mask = &of.masks[pe * of.words];
        if (inputs < of.words * 64)
            mask[of.words - 1] &= functional::low_bits(static_cast<unsigned>(inputs % 64)); // the rest is not ours
        of.counts[pe] = functional::popcount(mask, of.words);
        std::uint32_t& next = m_next[of.first + pe];
        if (next + std::uint64_t{of.counts[pe]} > m_layout.total_bytes - m_layout.values_offset) {
            m_fault.note(LOAS_STATUS_BAD_TENSOR, m_weight_address + m_layout.pointer_offset + 4 * (of.first + pe));
            return;
        }
        m_ports.read(pe, m_weight_address + m_layout.values_offset + next, &of.weights[pe * m_tile_inputs],
                     of.counts[pe], operand::b_weights, cycle, of);
        next += static_cast<std::uint32_t>(of.counts[pe]);
    }
}

} // namespace loas::designs
