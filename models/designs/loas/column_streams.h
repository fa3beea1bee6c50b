// Tiles that a group of rows leaves free take other columns of the same rows: then columns come in several streams side
// by side, and each stream goes to as many tiles as there are rows. With one stream all tiles get the same columns.
//
// How it is built (project's choice; nobody has published it):
// - Tile i has row i modulo the rows of the group. Each tile fetches its row by itself, over its port: copies cost
//   accesses to the cache, but no wires of their own.
// - A stream has no port of its own at the crossbars either. Its first tile's port asks for the heads of columns, its
//   last tile's for their values, and what comes goes to all tiles of the stream in the same cycle: the broadcast bus,
//   cut between neighbours where a stream ends, for which each tile has a register of a line (cost/buffers.h).
// - Columns go to the streams in turn, so that outputs come in their order, which the compressor needs. At least the
//   next column of each stream is fetched ahead, unless nothing is.
// - Potentials that are carried come once, with the row of the first stream, and go to the P-LIFs of all.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace loas::designs
{

/// As many as take the columns in the fewest rounds, and no more than that needs: each is one more copy of the rows.
/// All arguments are at least 1; rows at most as many as tiles.
inline std::size_t streams_for(std::size_t rows, std::size_t tiles, std::uint64_t columns)
{
    const std::uint64_t most = std::min<std::uint64_t>(tiles / rows, columns);
    const std::uint64_t rounds = (columns + most - 1) / most;
    return static_cast<std::size_t>((columns + rounds - 1) / rounds);
}

/// The columns of a pass, rows of a group against some columns, among its streams: the order in which they are joined.
struct column_streams {
    std::size_t streams = 1;
    unsigned sets = 1;         ///< accumulator sets of a tile: columns that it takes chunk by chunk
    unsigned sync_columns = 1; ///< of these, a stream's in a step, at most sets
    std::uint64_t columns = 0; ///< of the pass

    /// Columns that are taken chunk by chunk together, at most.
    std::uint64_t tile_columns() const { return std::uint64_t{sets} * streams; }

    /// Of those of such a tile, the columns of the step that begins with column `first` of it.
    std::uint64_t step_columns(std::uint64_t first, std::uint64_t of_tile) const
    {
        return std::min(of_tile - first, in_turn(first, of_tile) * streams);
    }

    /// Streams that have a column in the first step of such a tile; later ones may have fewer.
    std::size_t streams_with_columns(std::uint64_t of_tile) const
    {
        const std::uint64_t each = in_turn(0, of_tile);
        return static_cast<std::size_t>((step_columns(0, of_tile) + each - 1) / each);
    }

    /// The stream of a column of the pass.
    std::size_t stream_of(std::uint64_t column) const
    {
        const std::uint64_t place = column % tile_columns();
        const std::uint64_t of_tile = std::min(tile_columns(), columns - (column - place));
        const std::uint64_t step = sync_columns * streams, first = place / step * step;
        return static_cast<std::size_t>((place - first) / in_turn(first, of_tile));
    }

private:
    /// A stream's columns in the step that begins with `first`, at most.
    std::uint64_t in_turn(std::uint64_t first, std::uint64_t of_tile) const
    {
        return std::min<std::uint64_t>(sync_columns, (of_tile - first + streams - 1) / streams);
    }
};

} // namespace loas::designs
