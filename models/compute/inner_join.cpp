#include "compute/inner_join.h"

namespace loas::compute
{

using functional::low_bits;
using functional::lowest_bit;
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
    m_all_ones = static_cast<std::uint16_t>(low_bits(timesteps));
    m_mask_words = functional::chunks_of(inputs, m_chunk_bits) * m_chunk_words;
    m_statistics = {};
}

void inner_join_unit::load_row(const std::uint64_t* mask, const std::uint16_t* words, std::size_t word_count)
{
    m_mask.assign(mask, mask + m_mask_words);
    m_words.assign(words, words + word_count);
    m_rank.resize(m_mask_words);
    std::uint32_t rank = 0;
    for (std::size_t i = 0; i < m_mask_words; ++i) {
        m_rank[i] = rank;
        rank += popcount(m_mask[i]);
    }
    m_chunk_held = no_chunk;
}

void inner_join_unit::join(const join_command& command, const fiber_packet::view& column)
{
    accumulators& sums = m_sets[command.set];
    if (command.first_chunk == 0)
        sums = {};
    for (std::uint32_t chunk = command.first_chunk; chunk < command.first_chunk + command.chunks; ++chunk) {
        if (chunk != m_chunk_held) {
            m_chunk_held = chunk;
            m_statistics.a_mask_bits += m_chunk_bits;
        }
        join_chunk(sums, std::size_t{chunk} * m_chunk_words, column);
    }
    m_statistics.joins += command.chunks;
}

void inner_join_unit::join_chunk(accumulators& sums, std::size_t first_word, const fiber_packet::view& column)
{
    const auto* weights = reinterpret_cast<const std::int8_t*>(column.values);
    const std::size_t chunk_weight = sums.next_weight;
    std::size_t weight_rank = chunk_weight;
    bool empty = true;
    for (std::size_t i = first_word; i < first_word + m_chunk_words; ++i) {
        const std::uint64_t b = column.mask[i];
        const std::uint64_t a = m_mask[i];
        for (std::uint64_t matches = a & b; matches != 0; matches &= matches - 1) {
            if (empty) {
                m_pipeline.begin_chunk();
                empty = false;
            }
            const std::uint64_t below = low_bits(lowest_bit(matches));
            const std::size_t weight_offset = weight_rank + popcount(b & below); // fast prefix-sum
            const std::size_t word_offset = m_rank[i] + popcount(a & below);     // laggy prefix-sum
            m_pipeline.match(weight_offset - chunk_weight);
            add_match(sums, weights[weight_offset], m_words[word_offset]);
        }
        weight_rank += popcount(b);
    }
    sums.next_weight = weight_rank;
    if (empty) {
        m_pipeline.empty_chunk();
        ++m_statistics.empty_joins;
    } else {
        m_pipeline.end_chunk();
    }
}

void inner_join_unit::add_match(accumulators& sums, std::int32_t weight, std::uint16_t word)
{
    ++m_statistics.matches;
    sums.pseudo += weight;
    sums.pseudo_low = std::min(sums.pseudo_low, sums.pseudo);
    sums.pseudo_high = std::max(sums.pseudo_high, sums.pseudo);
    if (word == m_all_ones)
        return;
    ++m_statistics.corrections;
    m_statistics.correction_adds += popcount(m_all_ones & ~unsigned{word});
    for (unsigned missing = m_all_ones & ~unsigned{word}; missing != 0; missing &= missing - 1) {
        std::int32_t& sum = sums.correction[lowest_bit(missing)];
        sum += weight;
        sums.correction_low = std::min(sums.correction_low, sum);
        sums.correction_high = std::max(sums.correction_high, sum);
    }
}

void inner_join_unit::read(unsigned set, std::int32_t* currents)
{
    const accumulators& sums = m_sets[set];
    for (unsigned t = 0; t < m_timesteps; ++t)
        currents[t] = sums.pseudo - sums.correction[t];

    // What the published widths would have made of it; 64 bits so that the negation of the lowest value is safe.
    const auto check = [](std::int64_t low, std::int64_t high, unsigned bits, std::uint64_t& overflows,
                          std::uint64_t& max_abs) {
        const std::int64_t limit = std::int64_t{1} << (bits - 1);
        overflows += low < -limit || high >= limit;
        max_abs = std::max(max_abs, static_cast<std::uint64_t>(std::max(-low, high)));
    };
    check(sums.pseudo_low, sums.pseudo_high, m_widths.pseudo_bits, m_statistics.pseudo_overflows,
          m_statistics.max_abs_pseudo);
    check(sums.correction_low, sums.correction_high, m_widths.correction_bits, m_statistics.correction_overflows,
          m_statistics.max_abs_correction);
}

} // namespace loas::compute
