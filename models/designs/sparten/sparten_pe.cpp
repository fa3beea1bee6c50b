#include "models/designs/sparten/sparten_pe.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;

sparten_pe::sparten_pe(const sc_core::sc_module_name& name, const sparten_pe_parameters& parameters, std::size_t index)
    : sc_module(name), m_parameters(parameters), m_index(index), m_weights(parameters.chunk_bits),
      m_sums(functional::chunks_of(parameters.rows, rows_of_word) * rows_of_word)
{
}

void sparten_pe::load_column(const column_chunk& chunk)
{
    if (chunk.mask.size() * 64 != m_parameters.chunk_bits ||
        functional::popcount(chunk.mask.data(), chunk.mask.size()) != chunk.weights.size())
        SC_REPORT_FATAL(name(), "a chunk of another length, or that lacks weights");
    const std::int8_t* weight = chunk.weights.data();
    chunk_weight* to = m_weights.data();
    for (std::size_t word = 0; word < chunk.mask.size(); ++word)
        for (std::uint64_t bits = chunk.mask[word]; bits != 0; bits &= bits - 1)
            *to++ = {static_cast<std::uint32_t>(word * 64 + functional::lowest_bit(bits)), *weight++};
    m_weight_count = chunk.weights.size();
    m_counters[counter::sram_read_b_mask] += m_parameters.chunk_bits;
}

std::uint64_t sparten_pe::join(const row_block& block, std::size_t rows, bool first, std::uint64_t cycle)
{
    const std::size_t inputs = m_sums.size() / rows_of_word * m_parameters.chunk_bits;
    const bool bytes = block.bytes.size() > 0;
    if (rows == 0 || rows > m_parameters.rows || block.spikes.size() != inputs ||
        (bytes && block.bytes.size() != inputs * rows_of_word))
        SC_REPORT_FATAL(name(), "inputs of another length than a block of rows");
    if (first)
        std::fill(m_sums.begin(), m_sums.end(), 0);
    std::uint64_t matches = 0, empty = rows;
    const std::uint32_t* word = block.spikes.data();
    const std::uint8_t* values = block.bytes.data();
    for (std::size_t row = 0; row < rows; row += rows_of_word, word += m_parameters.chunk_bits) {
        std::uint32_t matched = 0;
        if (bytes) {
            matches += join_rows(m_weights.data(), m_weight_count, word, values, &m_sums[row], matched);
            values += rows_of_word * m_parameters.chunk_bits;
        } else {
            matches += join_rows(m_weights.data(), m_weight_count, word, &m_sums[row], matched);
        }
        empty -= functional::popcount(matched);
    }
    const std::uint64_t prefix = m_parameters.fast_latency - 1;
    const std::uint64_t for_nothing = empty * m_parameters.empty_join_cycles;
    m_counters[counter::joins] += rows;
    m_counters[counter::empty_joins] += empty;
    m_counters[counter::matches] += matches;
    m_counters[counter::busy_cycles] += matches;
    m_counters[counter::stall_empty_join] += for_nothing;
    m_counters[counter::stall_prefix] += prefix;
    m_counters[counter::sram_read_b_weights] += 8 * matches;
    m_counters[counter::sram_read_a_words] += bytes ? 8 * matches : 0;
    return cycle + prefix + for_nothing + matches;
}

std::uint64_t sparten_pe::drain(unsigned timestep, std::size_t rows, std::uint64_t cycle)
{
    if (rows > m_parameters.rows)
        SC_REPORT_FATAL(name(), "more sums than a block has rows");
    return sums_out->take_sums({m_index, timestep, 0, m_index, true}, {m_sums.data(), rows}, cycle);
}

} // namespace loas::designs
