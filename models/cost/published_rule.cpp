#include "cost/published_rule.h"

namespace loas::cost
{

std::uint64_t published_cycles(const functional::bit_matrix& rows, const functional::bit_matrix& columns,
                               const published_tile& tile)
{
    tile_joiner joiner(&rows, columns, tile);
    std::uint64_t cycles = 0;
    for_each_tile({axis::row, axis::column, axis::input, axis::timestep},
                  {tiles_of(rows.rows(), tile.rows), tiles_of(columns.rows(), tile.columns),
                   tiles_of(rows.bits(), tile.inputs), 1},
                  [&](const tile_index& at) { cycles += joiner.join(at).slowest_row; });
    return cycles;
}

} // namespace loas::cost
