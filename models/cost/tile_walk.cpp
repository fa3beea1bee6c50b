#include "cost/tile_walk.h"

#include <algorithm>
#include <cstring>

namespace loas::cost
{

namespace
{

/// Where a tile lies in its matrix.
struct tile_place {
    const std::uint8_t* first; ///< element
    std::size_t rows, inputs;
    std::size_t row_stride;
};

/// Tells most different tiles apart; the rest is left to same_content, so its value never shows in a result.
std::uint64_t hash_of(const tile_place& tile)
{
    std::uint64_t hash = tile.rows * 1000003 + tile.inputs;
    for (std::size_t row = 0; row < tile.rows; ++row) {
        const std::uint8_t* elements = tile.first + row * tile.row_stride;
        for (std::size_t i = 0; i < tile.inputs; i += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, elements + i, std::min<std::size_t>(8, tile.inputs - i));
            hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
            hash ^= hash >> 32;
        }
    }
    return hash;
}

bool same_content(const tile_place& a, const tile_place& b)
{
    if (a.rows != b.rows || a.inputs != b.inputs)
        return false;
    for (std::size_t row = 0; row < a.rows; ++row)
        if (std::memcmp(a.first + row * a.row_stride, b.first + row * b.row_stride, a.inputs) != 0)
            return false;
    return true;
}

std::uint64_t items_of(const tile_place& tile)
{
    std::uint64_t items = 0;
    for (std::size_t row = 0; row < tile.rows; ++row) {
        const std::uint8_t* elements = tile.first + row * tile.row_stride;
        items += tile.inputs - static_cast<std::size_t>(std::count(elements, elements + tile.inputs, 0));
    }
    return items;
}

} // namespace

tile_matches tile_joiner::join(const tile_index& at)
{
    const auto [row_tile, column_tile, input_tile, timestep] = at;
    const functional::bit_matrix& rows = m_rows[timestep];
    const std::size_t m0 = row_tile * m_tile.rows, m1 = std::min(m0 + m_tile.rows, rows.rows());
    const std::size_t n0 = column_tile * m_tile.columns, n1 = std::min(n0 + m_tile.columns, m_columns.rows());
    const std::size_t first = input_tile * (m_tile.inputs / 64);
    const std::size_t last = std::min(first + m_tile.inputs / 64, functional::words_of(rows.bits()));
    std::fill(m_column_matches.begin(), m_column_matches.end(), 0);
    tile_matches matches;
    for (std::size_t m = m0; m < m1; ++m) {
        const std::uint64_t* row = rows.row(m);
        std::uint64_t of_row = 0;
        for (std::size_t n = n0; n < n1; ++n) {
            const std::uint64_t* column = m_columns.row(n);
            std::uint64_t of_pair = 0;
            for (std::size_t i = first; i < last; ++i)
                of_pair += functional::popcount(row[i] & column[i]);
            m_column_matches[n - n0] += of_pair;
            of_row += of_pair;
        }
        matches.all += of_row;
        matches.slowest_row = std::max(matches.slowest_row, of_row);
    }
    matches.slowest_column = *std::max_element(m_column_matches.begin(), m_column_matches.end());
    return matches;
}

std::vector<tile_content> cut_into_tiles(const std::uint8_t* elements, std::size_t rows, std::size_t inputs,
                                         std::size_t tile_rows, std::size_t tile_inputs, std::size_t matrices)
{
    struct candidate {
        std::uint64_t hash;
        std::size_t number;
    };
    std::vector<tile_place> places;
    std::vector<tile_content> tiles;
    std::vector<candidate> candidates;
    for (std::size_t matrix = 0; matrix < matrices; ++matrix, elements += rows * inputs)
        for (std::size_t row = 0; row < rows; row += tile_rows)
            for (std::size_t input = 0; input < inputs; input += tile_inputs) {
                const tile_place place{elements + row * inputs + input, std::min(tile_rows, rows - row),
                                       std::min(tile_inputs, inputs - input), inputs};
                const std::size_t number = tiles.size();
                candidates.push_back({hash_of(place), number});
                tiles.push_back({number, items_of(place), place.rows * place.inputs});
                places.push_back(place);
            }
    // Among tiles of equal hash, each takes the number of the first that is really equal.
    std::sort(candidates.begin(), candidates.end(), [](const candidate& a, const candidate& b) {
        return a.hash != b.hash ? a.hash < b.hash : a.number < b.number;
    });
    for (std::size_t i = 0, run = 0; i < candidates.size(); ++i) {
        if (candidates[i].hash != candidates[run].hash)
            run = i;
        const std::size_t number = candidates[i].number;
        for (std::size_t j = run; j < i; ++j) {
            const std::size_t earlier = candidates[j].number;
            if (tiles[earlier].content == earlier && same_content(places[earlier], places[number])) {
                tiles[number].content = earlier;
                break;
            }
        }
    }
    return tiles;
}

bool tile_fifo::visit(const tile_content& tile)
{
    if (m_held[tile.content] != 0)
        return true;
    m_tiles.push_back(tile);
    m_held[tile.content] = 1;
    m_items += tile.items;
    while (m_items > m_capacity_items) {
        m_items -= m_tiles.front().items;
        m_held[m_tiles.front().content] = 0;
        m_tiles.pop_front();
    }
    return false;
}

} // namespace loas::cost
