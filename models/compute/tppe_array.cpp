#include "models/compute/tppe_array.h"

#include <algorithm>

namespace loas::compute
{

tppe_array::tppe_array(const sc_core::sc_module_name& name, std::size_t tiles, const tile_parameters& parameters)
    : tile_array(name, tiles, parameters),
      m_times_columns(parameters.accumulator_sets == 1 &&
                      column_timing::applies_to(parameters.timing, parameters.chunk_bits)),
      m_match_by_match(!parameters.timing.counts_do(parameters.chunk_bits)), m_column_timing(parameters.timing),
      m_column_cycles(m_joins.all_lanes() / join_array::lanes),
      m_pipelines(m_times_columns ? 0 : tiles, join_pipeline(parameters.timing)), m_cycles_before(m_pipelines.size())
{
    for (std::vector<std::uint64_t>* each :
         {&m_chunk_joins, &m_joins_with_matches, &m_matches, &m_cycles, &m_fifo_full, &m_a_mask_chunks, &m_chunk_held})
        each->resize(tiles);
}

void tppe_array::begin_counts()
{
    for (std::size_t i = 0; i < m_pipelines.size(); ++i)
        m_cycles_before[i] = m_pipelines[i].cycles();
    for (std::vector<std::uint64_t>* each :
         {&m_chunk_joins, &m_joins_with_matches, &m_matches, &m_cycles, &m_fifo_full, &m_a_mask_chunks})
        std::fill(each->begin(), each->end(), 0);
}

/// Which tiles have the row besides is not known yet: that depends on how many rows there are.
void tppe_array::row_loaded(std::size_t tile, const row_view&)
{
    if (tile == 0)
        std::fill(m_chunk_held.begin(), m_chunk_held.end(), no_chunk);
    m_chunk_held[tile] = no_chunk;
}

void tppe_array::take_time(const join_broadcast& broadcast)
{
    const std::uint64_t chunks = broadcast.columns.size() * broadcast.chunks;
    const std::uint32_t *matches = m_joins.all_matches(), *with_matches = m_joins.chunks_with_matches();
    for (std::size_t row = 0, tile = broadcast.first_tile; row < broadcast.rows; ++row, ++tile) {
        m_chunk_joins[tile] += chunks;
        m_matches[tile] += matches[row];
        m_joins_with_matches[tile] += with_matches[row];
        // The mask register still holds the chunk that the column before ended with.
        m_a_mask_chunks[tile] += broadcast.chunks - (broadcast.first_chunk == m_chunk_held[tile] ? 1 : 0);
        m_chunk_held[tile] = broadcast.first_chunk + broadcast.chunks - 1;
    }
    if (m_times_columns)
        time_columns(broadcast);
    else
        for (std::size_t row = 0; row < broadcast.rows; ++row)
            time_tile(row, broadcast);
}

void tppe_array::time_columns(const join_broadcast& broadcast)
{
    for (std::size_t first = 0; first < broadcast.rows; first += join_array::lanes) {
        column_timing::result& took = m_column_cycles[first / join_array::lanes];
        m_column_timing.join(m_joins.matches(first, broadcast.first_set, 0), broadcast.chunks, m_parameters.chunk_bits,
                             took);
        const std::size_t rows = std::min(join_array::lanes, broadcast.rows - first);
        const std::size_t first_tile = broadcast.first_tile + first;
        for (std::size_t lane = 0; lane < rows; ++lane) {
            m_cycles[first_tile + lane] += took.cycles[lane];
            m_fifo_full[first_tile + lane] += took.fifo_full[lane];
            broadcast.tile_cycles[first_tile + lane] += took.cycles[lane];
        }
    }
}

void tppe_array::time_tile(std::size_t row, const join_broadcast& broadcast)
{
    const std::size_t tile = broadcast.first_tile + row;
    join_pipeline& pipeline = m_pipelines[tile];
    pipeline.advance_to(broadcast.tile_cycles[tile]);
    const std::size_t chunks = broadcast.columns.size() * broadcast.chunks;
    if (pipeline.only_counts() && !m_match_by_match) {
        const std::uint64_t with_matches = m_joins.chunks_with_matches()[row];
        pipeline.count_chunks(with_matches, chunks - with_matches, m_joins.all_matches()[row]);
    } else {
        chunk_timing timing(pipeline);
        std::uint64_t empty = 0;
        for (std::size_t i = 0; i < broadcast.columns.size(); ++i) {
            const std::uint16_t* next = m_joins.matches(row, broadcast.first_set + i, broadcast.first_chunk);
            for (std::uint32_t chunk = 0; chunk < broadcast.chunks; ++chunk, next += join_array::lanes) {
                if (*next == 0) {
                    ++empty;
                    continue;
                }
                if (m_match_by_match) {
                    timing.begin_chunk(empty);
                    m_joins.visit_matches(row, broadcast.columns[i], broadcast.first_chunk + chunk,
                                          [&](std::uint64_t weight_offset) { timing.match(weight_offset); });
                } else {
                    timing.chunk(empty, *next);
                }
                empty = 0;
            }
        }
        timing.finish(chunks, empty);
    }
    broadcast.tile_cycles[tile] = broadcast.drain ? pipeline.drain() : pipeline.issue_cycle();
}

void tppe_array::collect_tile(std::size_t tile, observe::counter_set& counters) const
{
    using observe::counter;
    const std::uint64_t with_matches = m_joins_with_matches[tile], empty = m_chunk_joins[tile] - with_matches;
    observe::counter_set mine;
    mine[counter::joins] = m_chunk_joins[tile];
    mine[counter::empty_joins] = empty;
    mine[counter::sram_read_a_mask] = m_a_mask_chunks[tile] * m_parameters.chunk_bits;
    mine[counter::sram_read_a_words] = m_matches[tile] * m_timesteps; // a word for each match
    mine[counter::busy_cycles] = m_matches[tile];
    mine[counter::stall_empty_join] = empty * m_parameters.timing.empty_join_cycles;
    mine[counter::stall_prefix] = with_matches * (m_parameters.timing.fast_latency - 1);
    if (m_times_columns) {
        mine[counter::stall_fifo_full] = m_fifo_full[tile];
        mine[counter::stall_laggy] = m_cycles[tile] - mine[counter::busy_cycles] - mine[counter::stall_empty_join] -
                                     mine[counter::stall_prefix] - m_fifo_full[tile];
    } else {
        const join_cycles &now = m_pipelines[tile].cycles(), &before = m_cycles_before[tile];
        mine[counter::stall_fifo_full] = now.fifo_full - before.fifo_full;
        mine[counter::stall_laggy] = now.laggy - before.laggy;
        mine[counter::stall_weights_late] = now.weights_late - before.weights_late;
    }
    counters.merge_with(mine);
}

} // namespace loas::compute
