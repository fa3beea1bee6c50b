#include "models/compute/join_array.h"

#include "models/compute/join_lanes.h"

#include <algorithm>
#include <cstdlib>

namespace loas::compute
{

using namespace join_lanes;

namespace
{

/// Whether no sum of some of the weights leaves 16 bits.
bool fits_16_bits(const std::int8_t* weights, std::size_t count)
{
    if (count <= 0x7FFF / 128)
        return true;
    int all = 0;
    for (std::size_t i = 0; i < count; ++i)
        all += std::abs(weights[i]);
    return all <= 0x7FFF;
}

} // namespace

join_array::join_array(std::size_t tiles, const tile_parameters& parameters)
    : m_tiles(tiles), m_blocks(functional::whole_lanes(tiles) / lanes), m_sets_of_tile(parameters.accumulator_sets),
      m_chunk_words(parameters.chunk_bits / 64), m_accumulators(parameters.accumulators), m_sets(m_sets_of_tile),
      m_all_matches(m_blocks * lanes), m_chunks_with_matches(m_blocks * lanes)
{
}

void join_array::configure(unsigned timesteps, std::size_t inputs, std::size_t columns)
{
    m_sets.resize(std::max(m_sets_of_tile, columns));
    m_timesteps = timesteps;
    m_fours = timesteps <= 4 ? 1 : max_timesteps / 4;
    m_mask_words = functional::chunks_of(inputs, m_chunk_words * std::size_t{64}) * m_chunk_words;
    m_chunks = m_mask_words / m_chunk_words;
    m_inputs = m_mask_words * 64;
    m_matches.resize(m_blocks * m_sets.size() * m_chunks * lanes);
    m_input_vectors = input_misses + 4 * m_fours;
    m_set_vectors = correction_sums + 4 * m_fours;
    m_masks.assign(m_tiles * m_mask_words, 0);
    m_words.assign(m_blocks * m_inputs * lanes, 0);
    // All of these are filled before they are read.
    m_where.resize(m_blocks * m_inputs * m_input_vectors / 2);
    m_sums.resize(m_sets.size() * m_blocks * m_set_vectors * lanes);
    m_currents.resize(m_sets.size() * m_timesteps * all_lanes());
    m_rows_spread = false;
    m_seen = {};
    m_known_columns.clear();
    m_known_masks.clear();
    m_known_inputs.clear();
}

void join_array::load_row(std::size_t tile, const row_view& row)
{
    if (m_rows_spread) {
        std::fill(m_masks.begin(), m_masks.end(), 0);
        m_rows_spread = false;
    }
    const std::uint16_t* words = row.values.data();
    std::uint16_t* lane = &m_words[tile / lanes * m_inputs * lanes + tile % lanes];
    std::copy_n(row.mask.data(), m_mask_words, &m_masks[tile * m_mask_words]);
    for (std::size_t word = 0; word < m_mask_words; ++word)
        for (std::uint64_t left = row.mask[word]; left != 0; left &= left - 1)
            lane[(64 * word + functional::lowest_bit(left)) * lanes] = *words++;
}

void join_array::join(const join_broadcast& broadcast)
{
    if (!m_rows_spread) {
        m_rows_spread = true;
        spread_inputs(m_words.data(), m_blocks * m_inputs, m_timesteps, m_input_vectors, m_where.front().lanes);
    }
    if (broadcast.first_chunk == 0)
        for (std::size_t i = 0; i < broadcast.columns.size(); ++i)
            join_column(broadcast.columns[i], static_cast<unsigned>(broadcast.first_set + i));
    for (std::size_t first = 0; first < m_tiles; first += lanes)
        count_chunks(matches(first, broadcast.first_set, broadcast.first_chunk), broadcast.columns.size(),
                     m_chunks * lanes, broadcast.chunks, &m_all_matches[first], &m_chunks_with_matches[first]);
}

void join_array::join_column(const column_view& column, unsigned set)
{
    using observe::counter;
    const std::int8_t* weights = column.values.data();
    // Saturating sums replace the others in place, in 32 bits.
    const bool saturates = m_accumulators.overflow == overflow::saturate;
    const bool wide = saturates || !fits_16_bits(weights, column.values.size());
    m_sets[set] = {wide, column.bias};
    m_matches_of_weights.resize(std::max(m_matches_of_weights.size(), column.values.size() * lanes));
    column_walk walk{inputs_of(column),     weights, column.values.size(),
                     m_where.front().lanes, nullptr, m_matches_of_weights.data()};
    weight_counts counts;
    for (std::size_t block = 0; block < m_blocks; ++block, walk.where += m_inputs * m_input_vectors * lanes) {
        walk.sums = sums_of(set, block);
        add_column(walk, m_fours, wide, counts);
        if (saturates)
            saturate(walk, m_fours, m_accumulators);
        split_matches(walk.matches, column.ranks, m_chunk_words, m_chunks, walk.weight_count,
                      &m_matches[(block * m_sets.size() + set) * m_chunks * lanes]);
    }
    m_seen[counter::matches] += counts.matches;
    m_seen[counter::corrections] += counts.corrections;
    m_seen[counter::correction_adds] += counts.correction_adds;
}

/// Of the column's weights; they are there until the next call.
const std::uint32_t* join_array::inputs_of(const column_view& column)
{
    if (column.id >= m_known_columns.size()) {
        m_known_columns.resize(column.id + std::size_t{1}, unknown);
        m_known_masks.resize(m_known_columns.size() * m_mask_words);
    }
    std::size_t& first = m_known_columns[column.id];
    std::uint64_t* mask = &m_known_masks[column.id * m_mask_words];
    if (first != unknown && std::equal(mask, mask + m_mask_words, column.mask.data()))
        return &m_known_inputs[first];
    const std::size_t room = column.values.size() + spare_inputs;
    const bool keep = m_known_inputs.size() + room <= most_known;
    std::vector<std::uint32_t>& inputs = keep ? m_known_inputs : m_inputs_once;
    const std::size_t at = keep ? inputs.size() : 0;
    first = keep ? at : unknown;
    if (keep)
        std::copy_n(column.mask.data(), m_mask_words, mask);
    inputs.resize(at + room);
    find_inputs(column.mask.data(), m_mask_words, &inputs[at]);
    return &inputs[at];
}

std::int32_t* join_array::read(unsigned first_set, unsigned sets)
{
    for (unsigned set = first_set; set < first_set + sets; ++set)
        for (std::size_t block = 0; block < m_blocks; ++block)
            read_block(set, block, &m_currents[set * m_timesteps * all_lanes() + block * lanes]);
    return &m_currents[first_set * m_timesteps * all_lanes()];
}

void join_array::read_block(unsigned set, std::size_t block, std::int32_t* currents)
{
    using observe::counter;
    std::int32_t* sums = sums_of(set, block);
    if (!m_sets[set].wide)
        widen(sums, m_set_vectors);
    if (m_accumulators.overflow == overflow::wrap)
        wrap(sums, m_timesteps, m_accumulators);
    read_currents(sums, m_timesteps, m_sets[set].bias, currents, all_lanes());
    const std::int32_t* low = sums + pseudo_low * lanes;
    check_width(low, low + lanes, m_accumulators.pseudo_bits, m_seen[counter::pseudo_overflows],
                m_seen[counter::max_abs_pseudo]);
    low = sums + correction_low * lanes;
    check_width(low, low + lanes, m_accumulators.correction_bits, m_seen[counter::correction_overflows],
                m_seen[counter::max_abs_correction]);
}

void join_array::collect(observe::counter_set& counters) const
{
    using observe::counter;
    observe::counter_set mine = m_seen;
    mine[counter::discarded_entries] = mine[counter::matches] - mine[counter::corrections];
    counters.merge_with(mine);
}

} // namespace loas::compute
