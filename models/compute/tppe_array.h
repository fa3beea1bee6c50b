// TPPEs, the compute tiles: each has a row of A and joins it with the columns of B that all of them get, all timesteps
// at once. With few rows several may have the same one, and each of them columns of its own.
#pragma once

#include "models/compute/column_timing.h"
#include "models/compute/join_pipeline.h"
#include "models/compute/tile_array.h"

#include <vector>

namespace loas::compute
{

class tppe_array : public tile_array
{
public:
    tppe_array(const sc_core::sc_module_name& name, std::size_t tiles, const tile_parameters& parameters);

    void collect_tile(std::size_t tile, observe::counter_set& counters) const override;
    std::uint64_t busy_cycles(std::size_t tile) const override { return m_matches[tile]; }

private:
    void begin_counts() override;
    void row_loaded(std::size_t tile, const row_view& fiber) override;
    std::size_t tiles_of(const join_broadcast& broadcast) const override
    {
        const std::size_t in_turn = broadcast.columns_in_turn();
        return broadcast.rows * ((broadcast.columns.size() + in_turn - 1) / in_turn);
    }
    void take_time(const join_broadcast& broadcast) override;
    void time_columns(const join_broadcast& broadcast);
    void time_tile(std::size_t row, const join_broadcast& broadcast);

    // A whole column is timed for all tiles at once if that is possible, otherwise each tile has its pipeline.
    bool m_times_columns;
    bool m_match_by_match; ///< what the pipelines' parameters ask for
    column_timing m_column_timing;
    std::vector<column_timing::result> m_column_cycles; ///< [block]
    std::vector<join_pipeline> m_pipelines;
    std::vector<join_cycles> m_cycles_before; ///< the pipelines' counts when the layer began

    // Of the layer, by tile.
    std::vector<std::uint64_t> m_chunk_joins, m_joins_with_matches, m_matches;
    std::vector<std::uint64_t> m_cycles, m_fifo_full; ///< of columns that were timed at once
    std::vector<std::uint64_t> m_a_mask_chunks;       ///< read into the mask register
    std::vector<std::uint64_t> m_chunk_held;          ///< whose row mask is in there

    static constexpr std::uint64_t no_chunk = ~std::uint64_t{0};
};

} // namespace loas::compute
