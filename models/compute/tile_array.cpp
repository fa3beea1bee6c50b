#include "models/compute/tile_array.h"

#include <algorithm>

namespace loas::compute
{

tile_array::tile_array(const sc_core::sc_module_name& name, std::size_t rows, const tile_parameters& parameters)
    : sc_module(name), m_parameters(parameters), m_joins(rows, parameters), m_rows(rows),
      m_chunks_joined(parameters.accumulator_sets)
{
}

void tile_array::begin_layer(unsigned timesteps, std::size_t inputs, std::size_t columns)
{
    if (timesteps == 0 || timesteps > join_array::max_timesteps || inputs == 0)
        SC_REPORT_FATAL(name(), "a layer of no inputs or impossible timesteps");
    m_timesteps = timesteps;
    m_joins.configure(timesteps, inputs, columns);
    m_chunks_joined.resize(std::max<std::size_t>(m_parameters.accumulator_sets, columns));
    m_chunks = static_cast<std::uint32_t>(functional::chunks_of(inputs, m_parameters.chunk_bits));
    m_open_sets = 0;
    begin_counts();
}

void tile_array::load_row(std::size_t row, const row_view& fiber)
{
    if (m_timesteps == 0 || m_open_sets > 0)
        SC_REPORT_FATAL(name(), "a row before its layer, or while columns are under way");
    if (row >= m_rows || !fiber.complete(m_joins.mask_words()))
        SC_REPORT_FATAL(name(), "a row of another length, or that the tiles have no place for");
    m_joins.load_row(row, fiber);
    row_loaded(row, fiber);
}

void tile_array::join(const join_broadcast& broadcast)
{
    check(broadcast);
    note_chunks(broadcast);
    const std::size_t in_turn = broadcast.columns_in_turn(), all = broadcast.columns.size();
    join_broadcast part = broadcast; // what the tiles of the same columns do
    part.side_by_side = 1;
    for (std::size_t first = 0; first < all; first += in_turn, part.first_tile += broadcast.rows) {
        part.columns = {&broadcast.columns[first], std::min(in_turn, all - first)};
        part.first_set = broadcast.first_set + static_cast<unsigned>(first);
        m_joins.join(part);
        take_time(part);
    }
    if (!broadcast.drain)
        return;
    const std::uint64_t* cycles = broadcast.tile_cycles.data();
    send_currents(broadcast, *std::max_element(cycles, cycles + tiles_of(broadcast)));
}

void tile_array::check(const join_broadcast& broadcast) const
{
    if (m_timesteps == 0 || broadcast.columns.size() == 0 ||
        broadcast.first_set + broadcast.columns.size() > m_chunks_joined.size())
        SC_REPORT_FATAL(name(), "a broadcast before its layer, or of columns that there are no accumulators for");
    if (broadcast.rows == 0 || broadcast.side_by_side == 0 || broadcast.rows * broadcast.side_by_side > m_rows ||
        broadcast.first_tile != 0 || broadcast.tile_cycles.size() < tiles_of(broadcast))
        SC_REPORT_FATAL(name(), "a broadcast to tiles that there are not");
    if (broadcast.chunks == 0 || broadcast.first_chunk + broadcast.chunks > m_chunks)
        SC_REPORT_FATAL(name(), "a broadcast of chunks that a column does not have");
    for (const column_view& each : broadcast.columns)
        if (!each.complete(m_joins.mask_words()))
            SC_REPORT_FATAL(name(), "a column of another length");
}

/// Chunks of a column come in order, and all of them before a drain.
void tile_array::note_chunks(const join_broadcast& broadcast)
{
    const auto columns = static_cast<unsigned>(broadcast.columns.size());
    if (broadcast.first_chunk == 0) {
        if (m_open_sets == 0) {
            m_first_open_set = broadcast.first_set;
            m_first_open_column = broadcast.columns[0].id;
        }
        if (broadcast.first_set != m_first_open_set + m_open_sets)
            SC_REPORT_FATAL(name(), "a column that does not follow the one before");
        m_open_sets += columns;
        std::fill_n(&m_chunks_joined[broadcast.first_set], columns, 0);
    }
    for (unsigned set = broadcast.first_set; set < broadcast.first_set + columns; ++set) {
        if (set < m_first_open_set || set >= m_first_open_set + m_open_sets ||
            m_chunks_joined[set] != broadcast.first_chunk)
            SC_REPORT_FATAL(name(), "chunks of a column out of order");
        m_chunks_joined[set] += broadcast.chunks;
    }
    if (broadcast.drain)
        for (unsigned set = m_first_open_set; set < m_first_open_set + m_open_sets; ++set)
            if (m_chunks_joined[set] != m_chunks)
                SC_REPORT_FATAL(name(), "a drain before the last chunk of a column");
}

void tile_array::send_currents(const join_broadcast& drained, std::uint64_t cycle)
{
    const std::int32_t* currents = m_joins.read(m_first_open_set, m_open_sets);
    currents_out->take_currents({0, drained.rows, m_first_open_column, m_open_sets, drained.side_by_side},
                                {currents, m_timesteps * m_open_sets * m_joins.all_lanes()}, cycle);
    m_open_sets = 0; // pipelined: the tiles go on meanwhile
}

} // namespace loas::compute
