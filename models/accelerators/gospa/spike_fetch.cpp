#include "gospa/spike_fetch.h"

#include <algorithm>

namespace loas::accelerators
{

using observe::operand;

namespace
{

constexpr std::uint64_t no_tile = ~std::uint64_t{0};

} // namespace

spike_fetch::spike_fetch(block_ports& ports, std::size_t heads_port, tlm_blocks::memory_fault& fault,
                         std::size_t tile_inputs, std::size_t block_rows, std::size_t entries)
    : m_ports(ports), m_heads_port(heads_port), m_fault(fault), m_tile_inputs(tile_inputs), m_block_rows(block_rows),
      m_entries(entries)
{
    for (entry& each : m_entries)
        each.then = this;
}

void spike_fetch::begin_layer(const functional::layer_shape& shape, const std::vector<std::uint32_t>& rows,
                              std::uint64_t input_address)
{
    m_shape = shape;
    m_layout = shape.input_layout();
    m_width = loas_coordinate_bytes(shape.in_channels);
    m_rows = &rows;
    m_input_address = input_address;
    for (tile_pieces& each : m_tiles)
        each.tile = no_tile;
    for (auto& cuts : m_cuts)
        cuts.assign(shape.timesteps * rows.size(), 0);
}

void spike_fetch::cut_tile(std::uint64_t tile)
{
    tile_pieces& into = m_tiles[tile % 2];
    into.tile = tile;
    into.pieces.clear();
    into.block_begin.assign(1, 0);
    const std::uint64_t channels = m_shape.in_channels;
    const std::uint64_t from = tile * m_tile_inputs, to = std::min(from + m_tile_inputs, m_shape.k);
    for (std::size_t first = 0; first < m_rows->size(); first += m_block_rows) {
        const std::size_t rows = std::min(m_block_rows, m_rows->size() - first);
        for (std::uint64_t position = from / channels; position * channels < to; ++position) {
            const std::uint64_t begin = std::max(from, position * channels),
                                end = std::min(to, (position + 1) * channels);
            for (std::size_t row = 0; row < rows; ++row) {
                const std::uint32_t pixel = (*m_rows)[first + row];
                const std::uint64_t y = pixel / m_shape.out_width * m_shape.stride_h + position / m_shape.kernel_w;
                const std::uint64_t x = pixel % m_shape.out_width * m_shape.stride_w + position % m_shape.kernel_w;
                if (y < m_shape.pad_h || y - m_shape.pad_h >= m_shape.in_height || x < m_shape.pad_w ||
                    x - m_shape.pad_w >= m_shape.in_width)
                    continue; // in the padding
                into.pieces.push_back(
                    {static_cast<std::uint32_t>((y - m_shape.pad_h) * m_shape.in_width + x - m_shape.pad_w),
                     static_cast<std::uint16_t>(row), static_cast<std::uint16_t>(begin - position * channels),
                     static_cast<std::uint16_t>(end - position * channels), static_cast<std::uint16_t>(begin - from)});
            }
        }
        into.block_begin.push_back(into.pieces.size());
    }
}

void spike_fetch::start(std::size_t number, const block_place& place, std::uint64_t cycle)
{
    if (m_tiles[place.tile % 2].tile != place.tile)
        cut_tile(place.tile);
    const tile_pieces& tile = m_tiles[place.tile % 2];
    entry& into = m_entries[number];
    into.begin(cycle);
    into.place = place;
    into.has_heads = false;
    into.first = tile.pieces.data() + tile.block_begin[place.row_block];
    into.last = tile.pieces.data() + tile.block_begin[place.row_block + 1];
    into.heads.resize(static_cast<std::size_t>(into.last - into.first));
    into.spikes.inputs.clear();
    into.spikes.parts.clear();
    head* heads = into.heads.data();
    for (const piece* run = into.first; run != into.last;) {
        const piece* end = run + 1;
        while (end != into.last && end->pixel == end[-1].pixel + 1)
            ++end;
        const auto count = static_cast<std::size_t>(end - run);
        m_ports.read(m_heads_port, head_address(into, *run), heads, count * sizeof *heads, operand::a_pointers, cycle,
                     into);
        heads += count;
        run = end;
    }
}

void spike_fetch::arrived(tlm_blocks::arrival& what)
{
    entry& of = static_cast<entry&>(what);
    if (!of.has_heads) {
        of.has_heads = true;
        if (!locate_lists(of))
            return;
        read_lists(of);
        if (!of.complete())
            return;
    }
    decode(of);
}

/// Which coordinates of each list are wanted.
bool spike_fetch::locate_lists(entry& of)
{
    of.lists.clear();
    std::uint32_t raw_bytes = 0;
    const head* list = of.heads.data();
    for (const piece* from = of.first; from != of.last; ++from, ++list) {
        const std::uint32_t begin = from->first_channel > 0 ? cut(of.place.tile, of, *from) : 0;
        std::uint32_t end = list->count;
        if (from->last_channel < m_shape.in_channels)
            end = of.place.group > 0 ? cut(of.place.tile + 1, of, *from)
                                     : std::min<std::uint32_t>(end, begin + from->last_channel - from->first_channel);
        // The head may have changed since the list was cut.
        if (list->count > m_shape.in_channels || begin > end || end > list->count || end - begin > m_tile_inputs ||
            list->offset + std::uint64_t{list->count} * m_width > m_layout.total_bytes - m_layout.values_offset) {
            m_fault.note(LOAS_STATUS_BAD_TENSOR, head_address(of, *from));
            return false;
        }
        of.lists.push_back({raw_bytes, begin, end});
        raw_bytes += static_cast<std::uint32_t>((end - begin) * m_width);
    }
    of.raw.resize(raw_bytes);
    return true;
}

void spike_fetch::read_lists(entry& of)
{
    const std::uint64_t values = m_input_address + m_layout.values_offset;
    const std::uint64_t cycle = of.ready_cycle;
    std::uint64_t address = 0; // of what is read together
    std::uint32_t raw_offset = 0, bytes = 0;
    const auto read = [&] {
        m_ports.read(m_heads_port + 1, address, of.raw.data() + raw_offset, bytes, operand::a_words, cycle, of);
    };
    for (std::size_t i = 0; i < of.lists.size(); ++i) {
        const fetched_list& list = of.lists[i];
        const std::uint64_t next = values + of.heads[i].offset + list.begin * m_width;
        const auto more = static_cast<std::uint32_t>((list.end - list.begin) * m_width);
        if (more == 0)
            continue;
        if (next != address + bytes) {
            read();
            address = next;
            raw_offset = list.raw_offset;
            bytes = 0;
        }
        bytes += more;
    }
    read();
}

void spike_fetch::decode(entry& of)
{
    const piece* from = of.first;
    for (const fetched_list& list : of.lists) {
        if (!decode_list(*from, list, of)) {
            m_fault.note(LOAS_STATUS_BAD_TENSOR, head_address(of, *from));
            return;
        }
        ++from;
    }
}

bool spike_fetch::decode_list(const piece& from, const fetched_list& list, entry& of)
{
    const std::uint8_t* raw = of.raw.data() + list.raw_offset;
    std::vector<std::uint16_t>& inputs = of.spikes.inputs;
    const std::size_t before = inputs.size();
    const std::uint32_t count = list.end - list.begin;
    std::uint32_t least = from.first_channel; // of the next coordinate
    std::uint32_t i = 0;
    for (; i < count; ++i) {
        const std::uint32_t channel = m_width == 1 ? raw[i] : raw[2 * i] | std::uint32_t{raw[2 * i + 1]} << 8;
        if (channel < least)
            return false;
        if (channel >= from.last_channel)
            break;
        least = channel + 1;
        inputs.push_back(static_cast<std::uint16_t>(channel - from.first_channel + from.first_input));
    }
    if (inputs.size() != before)
        of.spikes.parts.push_back({static_cast<std::uint32_t>(inputs.size()), from.row});
    // What is left lies behind the tile, which only the first group of columns may find.
    if (i < count && (from.last_channel == m_shape.in_channels || of.place.group > 0))
        return false;
    if (from.last_channel < m_shape.in_channels)
        cut(of.place.tile + 1, of, from) = static_cast<std::uint16_t>(list.begin + i);
    return true;
}

} // namespace loas::accelerators
