#include "compute/inner_join.h"

#include <algorithm>

namespace loas::compute
{

using functional::low_bits;
using functional::popcount;

inner_join_unit::inner_join_unit(const join_parameters& timing, unsigned chunk_bits, unsigned accumulator_sets,
                                 accumulator_widths widths)
    : m_pipeline(timing), m_chunk_bits(chunk_bits), m_chunk_words(chunk_bits / 64), m_widths(widths),
      m_sets(accumulator_sets)
{
}

void inner_join_unit::configure(unsigned timesteps, std::size_t inputs)
{
    m_timesteps = timesteps;
    m_all_ones = static_cast<unsigned>(low_bits(timesteps));
    m_mask_words = functional::chunks_of(inputs, m_chunk_bits) * m_chunk_words;
    m_hits.resize(m_mask_words + 1);
    m_chunk_of.resize(m_mask_words);
    for (std::size_t i = 0; i < m_mask_words; ++i)
        m_chunk_of[i] = static_cast<std::uint32_t>(i / m_chunk_words);
    m_statistics = {};
}

void inner_join_unit::load_row(const fiber_packet::view& row)
{
    const auto* words = reinterpret_cast<const std::uint16_t*>(row.values);
    m_mask.assign(row.mask, row.mask + m_mask_words);
    m_ranks.assign(row.ranks, row.ranks + m_mask_words);
    m_words.assign(words, words + row.value_count);
    m_chunk_held = no_chunk;
}

void inner_join_unit::join(const join_command& command, const fiber_packet::view& column)
{
    if (command.first_chunk == 0)
        m_sets[command.set] = {};
    const std::uint32_t chunks_read = command.chunks - (command.first_chunk == m_chunk_held ? 1 : 0);
    m_statistics.a_mask_bits += std::uint64_t{m_chunk_bits} * chunks_read;
    m_chunk_held = command.first_chunk + command.chunks - 1;
    m_statistics.joins += command.chunks;

    const std::size_t first_word = std::size_t{command.first_chunk} * m_chunk_words;
    const std::size_t hits = find_hits(first_word, first_word + command.chunks * m_chunk_words, column.mask);
    if (hits == 0) {
        m_statistics.empty_joins += command.chunks;
        m_pipeline.empty_chunks(command.chunks);
    } else if (m_timesteps <= 4) {
        add_matches<1>(command, column, hits);
    } else {
        add_matches<max_timesteps / 4>(command, column, hits);
    }
}

/// Which mask words have matches: their number; they are in m_hits. One in five has, at random: so no branch.
std::size_t inner_join_unit::find_hits(std::size_t first_word, std::size_t end_word, const std::uint64_t* column_mask)
{
    const std::uint64_t* row_mask = m_mask.data();
    std::uint32_t* hits = m_hits.data();
    std::size_t count = 0;
    for (std::size_t i = first_word; i < end_word; ++i) {
        hits[count] = static_cast<std::uint32_t>(i);
        count += (row_mask[i] & column_mask[i]) != 0;
    }
    return count;
}

/// fours: vectors of correction accumulators in use. All that the loop changes or reads is in local variables, or the
/// compiler would have to think that a store may change it.
template <unsigned fours>
void inner_join_unit::add_matches(const join_command& command, const fiber_packet::view& column, std::size_t hits)
{
    const std::uint64_t *row_mask = m_mask.data(), *column_mask = column.mask;
    const std::uint32_t *row_ranks = m_ranks.data(), *column_ranks = column.ranks, *chunk_of = m_chunk_of.data();
    const std::uint16_t* words = m_words.data();
    const auto* weights = reinterpret_cast<const std::int8_t*>(column.values);
    const unsigned all_ones = m_all_ones;
    chunk_timing timing(m_pipeline);
    accumulators& set = m_sets[command.set];
    std::int32_t pseudo = set.pseudo, low = set.pseudo_range.low, high = set.pseudo_range.high;
    four_corrections corrections[fours];
    for (unsigned i = 0; i < fours; ++i)
        corrections[i] = set.corrections[i];
    std::uint64_t matched = 0, corrected = 0, correction_adds = 0;

    std::uint32_t next_chunk = command.first_chunk;
    std::uint32_t chunk_rank = 0;
    for (const std::uint32_t *hit = m_hits.data(), *end = hit + hits; hit != end; ++hit) {
        const std::size_t i = *hit;
        if (const std::uint32_t chunk = chunk_of[i]; chunk >= next_chunk) {
            timing.begin_chunk(chunk - next_chunk);
            next_chunk = chunk + 1;
            chunk_rank = column_ranks[std::size_t{chunk} * m_chunk_words];
        }
        const std::uint64_t a = row_mask[i], b = column_mask[i];
        std::uint64_t matches = a & b;
        do {
            const std::uint64_t below = (matches & -matches) - 1;
            const std::uint32_t weight_offset = column_ranks[i] + popcount(b & below); // fast prefix-sum
            const std::uint32_t word_offset = row_ranks[i] + popcount(a & below);      // laggy prefix-sum
            timing.match(weight_offset - chunk_rank);
            ++matched;
            const std::int32_t weight = weights[weight_offset];
            pseudo += weight;
            low = std::min(low, pseudo);
            high = std::max(high, pseudo);
            unsigned missing = all_ones & ~unsigned{words[word_offset]};
            corrected += missing != 0;
            correction_adds += popcount(missing);
            for (four_corrections& four : corrections) {
                four.sum += functional::lanes_of(missing) & weight;
                missing >>= 4;
                four.low = four.low < four.sum ? four.low : four.sum;
                four.high = four.high > four.sum ? four.high : four.sum;
            }
            matches &= matches - 1;
        } while (matches != 0);
    }

    timing.finish(command.chunks, command.first_chunk + command.chunks - next_chunk);
    set.pseudo = pseudo;
    set.pseudo_range = {low, high};
    for (unsigned i = 0; i < fours; ++i)
        set.corrections[i] = corrections[i];
    m_statistics.matches += matched;
    m_statistics.corrections += corrected;
    m_statistics.correction_adds += correction_adds;
    m_statistics.empty_joins += command.chunks - timing.chunks();
}

void inner_join_unit::read(unsigned set, std::int32_t* currents)
{
    const accumulators& sums = m_sets[set];
    range of_corrections;
    for (unsigned t = 0; t < m_timesteps; ++t) {
        const four_corrections& four = sums.corrections[t / 4];
        currents[t] = sums.pseudo - four.sum[t % 4];
        of_corrections.low = std::min(of_corrections.low, four.low[t % 4]);
        of_corrections.high = std::max(of_corrections.high, four.high[t % 4]);
    }

    // What the published widths would have made of it; 64 bits so that the negation of the lowest value is safe.
    const auto check = [](std::int64_t low, std::int64_t high, unsigned bits, std::uint64_t& overflows,
                          std::uint64_t& max_abs) {
        const std::int64_t limit = std::int64_t{1} << (bits - 1);
        overflows += low < -limit || high >= limit;
        max_abs = std::max(max_abs, static_cast<std::uint64_t>(std::max(-low, high)));
    };
    check(sums.pseudo_range.low, sums.pseudo_range.high, m_widths.pseudo_bits, m_statistics.pseudo_overflows,
          m_statistics.max_abs_pseudo);
    check(of_corrections.low, of_corrections.high, m_widths.correction_bits, m_statistics.correction_overflows,
          m_statistics.max_abs_correction);
}

} // namespace loas::compute
