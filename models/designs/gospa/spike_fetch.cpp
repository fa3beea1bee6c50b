#include "models/designs/gospa/spike_fetch.h"

#include <algorithm>

namespace loas::designs
{

using observe::operand;

namespace
{

constexpr std::uint64_t no_tile = ~std::uint64_t{0};

} // namespace

spike_fetch::spike_fetch(block_ports& ports, std::size_t heads_port, kernel::memory_fault& fault,
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
    for (tile_lists& each : m_tiles)
        each.tile = no_tile;
    for (auto& cuts : m_cuts)
        cuts.assign(shape.timesteps * rows.size(), 0);
}

void spike_fetch::cut_tile(std::uint64_t tile)
{
    tile_lists& into = m_tiles[tile % 2];
    into.tile = tile;
    into.blocks.resize((m_rows->size() + m_block_rows - 1) / m_block_rows);
    const std::uint64_t from = tile * m_tile_inputs;
    for (std::size_t block = 0; block < into.blocks.size(); ++block)
        cut_block(from, std::min(from + m_tile_inputs, m_shape.k), block * m_block_rows, into.blocks[block]);
}

void spike_fetch::cut_block(std::uint64_t from, std::uint64_t to, std::size_t first_row, block_lists& into)
{
    into.lists.clear();
    into.uses.clear();
    const std::uint64_t channels = m_shape.in_channels;
    const std::size_t rows = std::min(m_block_rows, m_rows->size() - first_row);
    std::vector<std::uint32_t> whole; // pixels that are wanted with all channels
    std::uint32_t pixel = 0;
    const auto for_each_use = [&](auto use) {
        for (std::uint64_t position = from / channels; position * channels < to; ++position) {
            const list_range range{
                0, static_cast<std::uint16_t>(std::max(from, position * channels) - position * channels),
                static_cast<std::uint16_t>(std::min(to - position * channels, channels)), 0};
            for (std::size_t row = 0; row < rows; ++row)
                if (find_pixel((*m_rows)[first_row + row], position, pixel))
                    use(position, range, static_cast<std::uint16_t>(row));
        }
    };
    const auto is_whole = [&](const list_range& range) {
        return range.first_channel == 0 && range.last_channel == channels;
    };
    for_each_use([&](std::uint64_t, const list_range& range, std::uint16_t) {
        if (is_whole(range))
            whole.push_back(pixel);
    });
    std::sort(whole.begin(), whole.end());
    whole.erase(std::unique(whole.begin(), whole.end()), whole.end());
    for (const std::uint32_t each : whole)
        into.lists.push_back({each, 0, static_cast<std::uint16_t>(channels), 0});
    for_each_use([&](std::uint64_t position, list_range range, std::uint16_t row) {
        auto list = static_cast<std::uint32_t>(into.lists.size());
        if (is_whole(range)) {
            list = static_cast<std::uint32_t>(std::lower_bound(whole.begin(), whole.end(), pixel) - whole.begin());
        } else {
            range.pixel = pixel;
            range.row = row;
            into.lists.push_back(range);
        }
        into.uses.push_back({list, row, static_cast<std::uint16_t>(position * channels + range.first_channel - from)});
    });
}

/// False: it lies in the padding.
bool spike_fetch::find_pixel(std::uint32_t row, std::uint64_t position, std::uint32_t& pixel) const
{
    const std::uint64_t y = row / m_shape.out_width * m_shape.stride_h + position / m_shape.kernel_w;
    const std::uint64_t x = row % m_shape.out_width * m_shape.stride_w + position % m_shape.kernel_w;
    if (y < m_shape.pad_h || y - m_shape.pad_h >= m_shape.in_height || x < m_shape.pad_w ||
        x - m_shape.pad_w >= m_shape.in_width)
        return false;
    pixel = static_cast<std::uint32_t>((y - m_shape.pad_h) * m_shape.in_width + x - m_shape.pad_w);
    return true;
}

void spike_fetch::start(std::size_t number, const block_place& place, std::uint64_t cycle)
{
    if (m_tiles[place.tile % 2].tile != place.tile)
        cut_tile(place.tile);
    entry& into = m_entries[number];
    into.begin(cycle);
    into.place = place;
    into.has_heads = false;
    into.wanted = &m_tiles[place.tile % 2].blocks[place.row_block];
    into.spikes.inputs.clear();
    into.spikes.parts.clear();
    const std::vector<list_range>& lists = into.wanted->lists;
    into.heads.resize(lists.size());
    for (std::size_t run = 0, end = 0; run < lists.size(); run = end) {
        for (end = run + 1; end < lists.size() && lists[end].pixel == lists[end - 1].pixel + 1;)
            ++end;
        m_ports.read(m_heads_port, head_address(into, lists[run]), &into.heads[run], (end - run) * sizeof(head),
                     operand::a_pointers, cycle, into);
    }
}

void spike_fetch::arrived(kernel::arrival& what)
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
    for (std::size_t i = 0; i < of.heads.size(); ++i) {
        const list_range& from = of.wanted->lists[i];
        const head& list = of.heads[i];
        const std::uint32_t begin = from.first_channel > 0 ? cut(of.place.tile, of, from) : 0;
        std::uint32_t end = list.count;
        if (from.last_channel < m_shape.in_channels)
            end = of.place.group > 0 ? cut(of.place.tile + 1, of, from)
                                     : std::min<std::uint32_t>(end, begin + from.last_channel - from.first_channel);
        // The head may have changed since the list was cut.
        if (list.count > m_shape.in_channels || begin > end || end > list.count || end - begin > m_tile_inputs ||
            list.offset + std::uint64_t{list.count} * m_width > m_layout.total_bytes - m_layout.values_offset) {
            m_fault.note(LOAS_STATUS_BAD_TENSOR, head_address(of, from));
            return false;
        }
        of.lists.push_back({raw_bytes, begin, end, 0, 0});
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
    m_channels.clear();
    for (std::size_t i = 0; i < of.lists.size(); ++i)
        if (!decode_list(of.wanted->lists[i], of.lists[i], of)) {
            m_fault.note(LOAS_STATUS_BAD_TENSOR, head_address(of, of.wanted->lists[i]));
            return;
        }
    std::vector<std::uint16_t>& inputs = of.spikes.inputs;
    for (const list_use& use : of.wanted->uses) {
        const fetched_list& list = of.lists[use.list];
        if (list.inputs_begin == list.inputs_end)
            continue;
        const std::size_t at = inputs.size();
        inputs.resize(at + list.inputs_end - list.inputs_begin);
        for (std::uint32_t i = list.inputs_begin; i < list.inputs_end; ++i)
            inputs[at + i - list.inputs_begin] = static_cast<std::uint16_t>(m_channels[i] + use.first_input);
        of.spikes.parts.push_back({static_cast<std::uint32_t>(inputs.size()), use.row});
    }
}

bool spike_fetch::decode_list(const list_range& from, fetched_list& list, entry& of)
{
    const std::uint8_t* raw = of.raw.data() + list.raw_offset;
    const std::uint32_t count = list.end - list.begin;
    std::uint32_t least = from.first_channel; // of the next coordinate
    std::uint32_t i = 0;
    list.inputs_begin = static_cast<std::uint32_t>(m_channels.size());
    for (; i < count; ++i) {
        const std::uint32_t channel = m_width == 1 ? raw[i] : raw[2 * i] | std::uint32_t{raw[2 * i + 1]} << 8;
        if (channel < least)
            return false;
        if (channel >= from.last_channel)
            break;
        least = channel + 1;
        m_channels.push_back(static_cast<std::uint16_t>(channel - from.first_channel));
    }
    list.inputs_end = static_cast<std::uint32_t>(m_channels.size());
    // What is left lies behind the tile, which only the first group of columns may find.
    if (i < count && (from.last_channel == m_shape.in_channels || of.place.group > 0))
        return false;
    if (from.last_channel < m_shape.in_channels)
        cut(of.place.tile + 1, of, from) = static_cast<std::uint16_t>(list.begin + i);
    return true;
}

} // namespace loas::designs
