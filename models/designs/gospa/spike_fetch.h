// The front of the GoSPA accelerator: fetches the spikes of a block of rows that lie in a tile of inputs.
//
// A tile is a range of K; K runs over kernel positions and channels. For each kernel position that the tile touches,
// and each row of the block, the front wants a range of channels of one pixel in one timestep. Position after position,
// row after row is the order in which spikes are streamed.
// - The list of a pixel is fetched once for a block, however many rows and kernel positions share it.
// - Two dependent accesses: the heads of the block's lists, then the coordinates. Heads of pixels next to each other
//   are read together, and so are lists that lie one behind the other.
// - A list does not say where a tile begins in it. So the front remembers, for each timestep and row, where in its list
//   the tile ends (2 bytes; a tile cuts one list of a row at either end at most): there the next tile begins. The first
//   group of columns that visits a tile does not know yet where it ends: it reads as many coordinates as the tile has
//   channels of the pixel, or the list has left, and drops what lies behind. The other groups read what lies in the
//   tile.
// - What was fetched lies in the front until its block has streamed.
// A list that is not ascending, leads outside its tensor or holds what is no channel fails the layer, with the address
// of its head.
#pragma once

#include "models/designs/base/block_ports.h"
#include "models/designs/gospa/spike_stream.h"
#include "models/functional/layer_shape.h"

#include <array>
#include <cstdint>
#include <vector>

namespace loas::designs
{

/// A block of rows in a visit of a tile.
struct block_place {
    std::uint64_t tile;
    std::uint64_t group; ///< of columns
    unsigned timestep;
    std::uint64_t row_block;
};

class spike_fetch : private kernel::arrival_listener
{
public:
    /// Blocks are fetched over two ports of `ports`: heads_port, and the one after it. entries: blocks under way or
    /// kept.
    spike_fetch(block_ports& ports, std::size_t heads_port, kernel::memory_fault& fault, std::size_t tile_inputs,
                std::size_t block_rows, std::size_t entries);

    /// rows: those of the product that are computed, kept by the caller.
    void begin_layer(const functional::layer_shape& shape, const std::vector<std::uint32_t>& rows,
                     std::uint64_t input_address);

    /// Starts to fetch a block, in `entry`. All blocks of the tile before this one's must be there, if it has their
    /// rows and timestep.
    void start(std::size_t entry, const block_place& place, std::uint64_t cycle);

    const kernel::arrival& block(std::size_t entry) const { return m_entries[entry]; }
    const spike_block& spikes(std::size_t entry) const { return m_entries[entry].spikes; }

private:
    /// A range of channels of a pixel.
    struct list_range {
        std::uint32_t pixel;
        std::uint16_t first_channel, last_channel; ///< the last one is not part of it
        std::uint16_t row;                         ///< of the block; the only one when the tile cuts the list
    };
    struct list_use {
        std::uint32_t list; ///< of the block
        std::uint16_t row;
        std::uint16_t first_input; ///< within the tile
    };
    struct block_lists {
        std::vector<list_range> lists; ///< in the order in which they are fetched
        std::vector<list_use> uses;    ///< in the order in which they are streamed
    };
    struct tile_lists {
        std::uint64_t tile = 0;
        std::vector<block_lists> blocks;
    };
    struct head {
        std::uint32_t offset, count;
    };
    struct fetched_list {
        std::uint32_t raw_offset;               ///< bytes
        std::uint32_t begin, end;               ///< coordinates of the list
        std::uint32_t inputs_begin, inputs_end; ///< of those in the tile, among all of the block
    };
    struct entry : kernel::arrival {
        block_place place{};
        bool has_heads = false;
        const block_lists* wanted = nullptr;
        std::vector<head> heads;
        std::vector<fetched_list> lists;
        std::vector<std::uint8_t> raw;
        spike_block spikes;
    };

    void arrived(kernel::arrival& what) override;
    void cut_tile(std::uint64_t tile);
    void cut_block(std::uint64_t from, std::uint64_t to, std::size_t first_row, block_lists& into);
    bool find_pixel(std::uint32_t row, std::uint64_t position, std::uint32_t& pixel) const;
    bool locate_lists(entry& of);
    void read_lists(entry& of);
    void decode(entry& of);
    bool decode_list(const list_range& from, fetched_list& list, entry& of);
    std::uint64_t head_address(const entry& of, const list_range& from) const
    {
        return m_input_address + m_layout.pointer_offset +
               LOAS_HEAD_BYTES * (of.place.timestep * m_shape.input_pixels() + from.pixel);
    }
    /// Where in its list the tile begins, or the one before it ends.
    std::uint16_t& cut(std::uint64_t tile, const entry& of, const list_range& from)
    {
        return m_cuts[tile % 2][of.place.timestep * m_rows->size() + of.place.row_block * m_block_rows + from.row];
    }

    block_ports& m_ports;
    std::size_t m_heads_port;
    kernel::memory_fault& m_fault;
    std::size_t m_tile_inputs, m_block_rows;
    std::vector<entry> m_entries;
    functional::layer_shape m_shape;
    loas_tensor_layout m_layout{};
    std::size_t m_width = 1; ///< bytes of a coordinate
    const std::vector<std::uint32_t>* m_rows = nullptr;
    std::uint64_t m_input_address = 0;
    std::array<tile_lists, 2> m_tiles;                ///< of even and odd tiles: two are under way at most
    std::vector<std::uint16_t> m_channels;            ///< of the block that is decoded, less their range's first one
    std::array<std::vector<std::uint16_t>, 2> m_cuts; ///< at the beginning of even and odd tiles: [timestep][row]
};

} // namespace loas::designs
