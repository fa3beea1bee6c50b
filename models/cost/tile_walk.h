// What the publication's accounting has in common for all accelerators: a layer is cut into tiles, visited in a loop
// order of the accelerator's own; tiles of either operand pass through a first-in first-out buffer that holds whole
// tiles.
#pragma once

#include "models/functional/bit_matrix.h"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

namespace loas::cost
{

struct published_tile {
    unsigned rows = 16;
    unsigned inputs = 128; ///< k, a multiple of 64
    unsigned columns = 32;
};

enum class axis : unsigned { row, column, input, timestep };

/// Numbers of tiles, or the place of one tile, by axis.
using tile_index = std::array<std::size_t, 4>;

constexpr std::size_t tiles_of(std::size_t elements, std::size_t tile_elements)
{
    return (elements + tile_elements - 1) / tile_elements;
}

/// Calls f(place) for every tile, the first axis of `order` outermost. count: by axis, 1 for an axis that is not cut.
template <class function> void for_each_tile(const std::array<axis, 4>& order, const tile_index& count, function f)
{
    const auto number = [](axis a) { return static_cast<std::size_t>(a); };
    tile_index at{};
    std::size_t& first = at[number(order[0])];
    std::size_t& second = at[number(order[1])];
    std::size_t& third = at[number(order[2])];
    std::size_t& fourth = at[number(order[3])];
    for (first = 0; first < count[number(order[0])]; ++first)
        for (second = 0; second < count[number(order[1])]; ++second)
            for (third = 0; third < count[number(order[2])]; ++third)
                for (fourth = 0; fourth < count[number(order[3])]; ++fourth)
                    f(std::as_const(at));
}

/// A tile of one operand. Tiles of the same shape with the same values have the same content, wherever they lie: that
/// is how the publication's buffers find a tile, so that for instance all zero tiles are one.
struct tile_content {
    std::size_t content = 0;     ///< number of the first tile with this content
    std::uint64_t items = 0;     ///< non-zero elements
    std::uint64_t positions = 0; ///< elements
};

/// The value of an element that is not zero.
using element_value = std::function<unsigned(std::size_t row, std::size_t input)>;

/// Cuts `count` matrices of masks, which tell where elements are not zero, into tiles; tile (i, j) of matrix t is
/// number (t * tiles_of(rows) + i) * tiles_of(inputs) + j.
/// @param value is asked for what masks cannot tell apart; empty: there is only one value. With it there is one matrix.
/// @pre tile_inputs is a multiple of 64
std::vector<tile_content> cut_into_tiles(const functional::bit_matrix* masks, std::size_t count, std::size_t tile_rows,
                                         std::size_t tile_inputs, const element_value& value);

/// First-in first-out list of whole tiles.
class tile_fifo
{
public:
    /// tiles: how many contents there may be.
    tile_fifo(std::uint64_t capacity_items, std::size_t tiles) : m_capacity_items(capacity_items), m_held(tiles) {}

    /// True if the tile is there. If not it enters, and the oldest leave until the rest fits; a tile that is larger
    /// than the buffer leaves at once. Zero tiles take no room.
    bool visit(const tile_content& tile);

private:
    std::uint64_t m_capacity_items;
    std::uint64_t m_items = 0;
    std::deque<tile_content> m_tiles;
    std::vector<char> m_held; ///< by content
};

} // namespace loas::cost
