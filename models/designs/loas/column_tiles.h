// The tiles of loas-nmtk as the publication counts them: each holds a column of B, all timesteps at once, and a block
// of rows of A streams by; it has the accumulators of a sum for each row. In the place of compute::tppe_array.
//
// Timing: of a chunk of its column a tile takes the rows one after another; a row takes a cycle for each match, and at
// least empty_join_cycles. Prefix-sums, FIFO and weight buffer are ideal: nobody has published how such a tile would
// hide them, and the accounting, for which it is here, has none.
#pragma once

#include "models/compute/tile_array.h"

#include <vector>

namespace loas::designs
{

/// The tile_cycles of a join_broadcast are those of the columns, each of which a tile holds.
class column_tiles : public compute::tile_array
{
public:
    /// rows: of a block, at most. parameters: with an accumulator set for each tile.
    column_tiles(const sc_core::sc_module_name& name, std::size_t tiles, std::size_t rows,
                 const compute::tile_parameters& parameters);

    void collect_tile(std::size_t tile, observe::counter_set& counters) const override;
    std::uint64_t busy_cycles(std::size_t tile) const override { return m_of_tiles[tile].matches; }
    void collect_joins(observe::counter_set& counters) const override;

private:
    struct tile_counts {
        std::uint64_t joins, empty_joins, matches;
    };

    void begin_counts() override;
    void row_loaded(std::size_t row, const compute::row_view& fiber) override;
    std::size_t tiles_of(const compute::join_broadcast& broadcast) const override { return broadcast.columns.size(); }
    void take_time(const compute::join_broadcast& broadcast) override;

    // Of the layer.
    std::vector<tile_counts> m_of_tiles;
    std::uint64_t m_a_mask_bits = 0, m_a_words = 0; ///< that streamed by
};

} // namespace loas::designs
