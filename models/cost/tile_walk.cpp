#include "models/cost/tile_walk.h"

#include <algorithm>

namespace loas::cost
{

namespace
{

/// Where a tile lies in its matrix.
struct tile_place {
    const functional::bit_matrix* masks;
    std::size_t row, rows;
    std::size_t input, inputs;

    std::size_t words() const { return functional::words_of(inputs); }
    const std::uint64_t* mask(std::size_t of_row) const { return masks->row(row + of_row) + input / 64; }
};

/// Tells most different tiles apart; the rest is left to same_content, so its value never shows in a result. Where most
/// elements are there, masks are often the same, so some values are looked at too.
std::uint64_t hash_of(const tile_place& tile, std::uint64_t items, const element_value& value)
{
    std::uint64_t hash = tile.rows * 1000003 + tile.inputs;
    const auto mix = [&hash](std::uint64_t word) {
        hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 32;
    };
    for (std::size_t row = 0; row < tile.rows; ++row)
        for (std::size_t i = 0; i < tile.words(); ++i)
            mix(tile.mask(row)[i]);
    if (value && 2 * items > tile.rows * tile.inputs)
        for (std::uint64_t bits = tile.mask(0)[0]; bits != 0; bits &= bits - 1)
            mix(value(tile.row, tile.input + functional::lowest_bit(bits)));
    return hash;
}

bool same_content(const tile_place& a, const tile_place& b, const element_value& value)
{
    if (a.rows != b.rows || a.inputs != b.inputs)
        return false;
    for (std::size_t row = 0; row < a.rows; ++row)
        if (!std::equal(a.mask(row), a.mask(row) + a.words(), b.mask(row)))
            return false;
    for (std::size_t row = 0; row < a.rows && value; ++row)
        for (std::size_t i = 0; i < a.words(); ++i)
            for (std::uint64_t bits = a.mask(row)[i]; bits != 0; bits &= bits - 1) {
                const std::size_t input = 64 * i + functional::lowest_bit(bits);
                if (value(a.row + row, a.input + input) != value(b.row + row, b.input + input))
                    return false;
            }
    return true;
}

std::uint64_t items_of(const tile_place& tile)
{
    std::uint64_t items = 0;
    for (std::size_t row = 0; row < tile.rows; ++row)
        items += functional::popcount(tile.mask(row), tile.words());
    return items;
}

} // namespace

std::vector<tile_content> cut_into_tiles(const functional::bit_matrix* masks, std::size_t count, std::size_t tile_rows,
                                         std::size_t tile_inputs, const element_value& value)
{
    struct candidate {
        std::uint64_t hash;
        std::size_t number;
    };
    std::vector<tile_place> places;
    std::vector<tile_content> tiles;
    std::vector<candidate> candidates;
    for (const functional::bit_matrix* matrix = masks; matrix != masks + count; ++matrix)
        for (std::size_t row = 0; row < matrix->rows(); row += tile_rows)
            for (std::size_t input = 0; input < matrix->bits(); input += tile_inputs) {
                const tile_place place{matrix, row, std::min(tile_rows, matrix->rows() - row), input,
                                       std::min(tile_inputs, matrix->bits() - input)};
                const std::size_t number = tiles.size();
                const std::uint64_t items = items_of(place);
                candidates.push_back({hash_of(place, items, value), number});
                tiles.push_back({number, items, place.rows * place.inputs});
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
            if (tiles[earlier].content == earlier && same_content(places[earlier], places[number], value)) {
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
