#include "models/designs/loas/column_tiles.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;

column_tiles::column_tiles(const sc_core::sc_module_name& name, std::size_t tiles, std::size_t rows,
                           const compute::tile_parameters& parameters)
    : tile_array(name, rows, parameters), m_of_tiles(tiles)
{
}

void column_tiles::begin_counts()
{
    std::fill(m_of_tiles.begin(), m_of_tiles.end(), tile_counts{});
    m_a_mask_bits = m_a_words = 0;
}

void column_tiles::row_loaded(std::size_t, const compute::row_view& fiber)
{
    m_a_mask_bits += 64 * m_joins.mask_words();
    m_a_words += fiber.values.size();
}

void column_tiles::take_time(const compute::join_broadcast& broadcast)
{
    for (std::size_t column = 0; column < broadcast.columns.size(); ++column) {
        tile_counts& tile = m_of_tiles[broadcast.first_set + column];
        for (std::uint32_t chunk = 0; chunk < broadcast.chunks; ++chunk)
            for (std::size_t row = 0; row < broadcast.rows; ++row) {
                const std::uint64_t matches =
                    *m_joins.matches(row, broadcast.first_set + column, broadcast.first_chunk + chunk);
                ++tile.joins;
                tile.empty_joins += matches == 0;
                tile.matches += matches;
                broadcast.tile_cycles[column] += matches != 0 ? matches : m_parameters.timing.empty_join_cycles;
            }
    }
}

void column_tiles::collect_tile(std::size_t tile, observe::counter_set& counters) const
{
    const tile_counts& of = m_of_tiles[tile];
    observe::counter_set mine;
    mine[counter::joins] = of.joins;
    mine[counter::empty_joins] = of.empty_joins;
    mine[counter::sram_read_b_weights] = 8 * of.matches; // one a match
    mine[counter::busy_cycles] = of.matches;
    mine[counter::stall_empty_join] = of.empty_joins * m_parameters.timing.empty_join_cycles;
    counters.merge_with(mine);
}

void column_tiles::collect_joins(observe::counter_set& counters) const
{
    tile_array::collect_joins(counters);
    counters[counter::sram_read_a_mask] += m_a_mask_bits; // once for all tiles
    counters[counter::sram_read_a_words] += m_a_words * m_timesteps;
}

} // namespace loas::designs
