#include "models/designs/dense/dense_row.h"

#include "models/functional/bits.h"

#include <algorithm>
#include <cstring>

namespace loas::designs
{

using functional::words_of;
using observe::counter;

namespace
{

std::size_t groups_of(std::size_t columns)
{
    return functional::chunks_of(columns, weight_block::lanes);
}

} // namespace

void weight_block::reset(std::size_t columns, std::size_t inputs)
{
    m_columns = columns;
    m_inputs = inputs;
    m_weights.resize(groups_of(columns) * lanes * inputs);
    std::fill(m_weights.begin() + static_cast<std::ptrdiff_t>(columns * inputs), m_weights.end(), 0);
    m_words.resize((1 + groups_of(columns)) * words_of(inputs) + words_of(8 * m_weights.size()));
}

void weight_block::complete()
{
    const std::size_t words = words_of(m_inputs), groups = groups_of(m_columns);
    std::uint64_t *any = m_words.data(), *mask = any + words;
    auto* to = reinterpret_cast<std::uint8_t*>(mask + groups * words);
    std::fill_n(any, words, 0);
    for (std::size_t group = 0; group < groups; ++group) {
        const auto* from = reinterpret_cast<const std::uint8_t*>(m_weights.data()) + group * lanes * m_inputs;
        for (std::size_t word = 0; word < words; ++word, ++mask) {
            const std::size_t count = std::min<std::size_t>(64, m_inputs - word * 64);
            *mask = 0;
            for (std::size_t bit = 0; bit < count; ++bit, ++from, to += lanes) {
                const std::uint32_t four = from[0] | std::uint32_t{from[m_inputs]} << 8 |
                                           std::uint32_t{from[2 * m_inputs]} << 16 |
                                           std::uint32_t{from[3 * m_inputs]} << 24;
                std::memcpy(to, &four, lanes);
                *mask |= std::uint64_t{four != 0} << bit;
            }
            any[word] |= *mask;
        }
    }
}

weight_block::view weight_block::look() const
{
    const std::uint64_t *any = m_words.data(), *masks = any + words_of(m_inputs);
    return {any, masks, reinterpret_cast<const std::int8_t*>(masks + groups_of(m_columns) * words_of(m_inputs))};
}

dense_row::dense_row(const sc_core::sc_module_name& name, std::size_t row, std::size_t columns)
    : sc_module(name), m_row(row), m_columns(columns), m_sums(groups_of(columns) * weight_block::lanes)
{
}

void dense_row::begin_layer(unsigned timesteps, std::size_t inputs)
{
    m_timesteps = timesteps;
    m_inputs = inputs;
    m_spikes.clear();
    m_counters = {};
}

void dense_row::load_row(functional::span<const std::uint64_t> bitmaps)
{
    if (bitmaps.size() == 0 || bitmaps.size() != m_timesteps * words_of(m_inputs))
        SC_REPORT_FATAL(name(), "a row of another length than the layer's");
    m_spikes.assign(bitmaps.begin(), bitmaps.end());
}

std::uint64_t dense_row::step(unsigned timestep, std::size_t first_column, const weight_block& block,
                              std::uint64_t cycle)
{
    if (m_spikes.empty() || timestep >= m_timesteps || block.inputs() != m_inputs || block.columns() > m_columns)
        SC_REPORT_FATAL(name(), "a step without a row, or of weights that are not the layer's");
    add(&m_spikes[timestep * words_of(m_inputs)], block.look(), block.columns());
    const std::uint64_t done = cycle + m_inputs;
    const std::uint64_t taken =
        sums_out->take_sums({m_row, timestep, m_row, first_column, false}, {m_sums.data(), block.columns()}, done);
    m_counters[counter::stall_packing] += taken - done;
    return taken;
}

void dense_row::add(const std::uint64_t* spikes, weight_block::view block, std::size_t columns)
{
    using bytes = std::int8_t __attribute__((vector_size(weight_block::lanes)));
    using numbers = std::int32_t __attribute__((vector_size(4 * weight_block::lanes)));
    const std::size_t words = words_of(m_inputs);
    std::uint64_t busy = 0, matches = 0;
    for (std::size_t word = 0; word < words; ++word)
        busy += functional::popcount(spikes[word] & block.any[word]);
    for (std::size_t column = 0; column < columns; column += weight_block::lanes) {
        numbers sums{}, added{};
        for (std::size_t word = 0; word < words; ++word)
            for (std::uint64_t bits = spikes[word] & block.masks[word]; bits != 0; bits &= bits - 1) {
                bytes narrow;
                std::memcpy(&narrow, block.weights + (word * 64 + functional::lowest_bit(bits)) * sizeof narrow,
                            sizeof narrow);
                const auto weights = __builtin_convertvector(narrow, numbers);
                sums += weights;
                added -= weights != 0; // all ones where it is true
            }
        std::memcpy(&m_sums[column], &sums, sizeof sums);
        for (std::size_t lane = 0; lane < weight_block::lanes; ++lane)
            matches += static_cast<std::uint32_t>(added[lane]);
        block.masks += words;
        block.weights += m_inputs * weight_block::lanes;
    }
    m_counters[counter::matches] += matches;
    m_counters[counter::busy_cycles] += busy;
    m_counters[counter::stall_zero_operand] += m_inputs - busy;
    m_counters[counter::sram_read_a_mask] += m_inputs;
}

} // namespace loas::designs
