#include "models/designs/ptb/ptb_array.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::designs
{

using observe::counter;

ptb_array::ptb_array(const sc_core::sc_module_name& name, std::size_t rows, const ptb_parameters& own)
    : sc_module(name), m_own(own), m_tiles(rows, own.round()), m_busy(rows)
{
}

void ptb_array::begin_layer()
{
    m_tiles.begin_layer();
    m_counters = {};
}

std::uint64_t ptb_array::take(const std::vector<line_step>& steps, const dense_weights& weights, std::uint64_t cycle)
{
    const std::size_t rows = weights.tiles();
    if (rows > m_tiles.size() || rows != weights.columns())
        SC_REPORT_FATAL(name(), "another number of columns than of rows with work");
    std::fill(m_busy.begin(), m_busy.end(), 0);
    std::uint64_t cycles = 0, lines = 0, pairs = 0;
    for (const line_step& step : steps) {
        const bool shared = step.second.spikes != 0;
        const bool one = m_own.line_cycles == ptb_line::one;
        const std::uint32_t first = one ? 1 : most_active(step.first.spikes, m_own);
        const std::uint32_t second = !shared ? 0 : one ? 1 : most_active(step.second.spikes, m_own);
        const std::uint8_t* first_weights = weights.tiles_with_weights(step.first.input);
        const std::uint8_t* second_weights = weights.tiles_with_weights(step.second.input); // of input 0 where it is none
        for (std::size_t row = 0; row < rows; ++row)
            m_busy[row] += std::max(first_weights[row] * first, second_weights[row] * second);
        add(step.first, weights);
        if (shared)
            add(step.second, weights);
        cycles += step.cycles;
        lines += 1 + shared;
        pairs += shared;
    }
    for (std::size_t row = 0; row < rows; ++row)
        m_tiles.take(row, m_busy[row], cycles);
    m_counters[counter::inputs_taken] += lines;
    m_counters[counter::inputs_paired] += pairs;
    m_counters[counter::sram_read_b_weights] += 8 * lines * rows;
    m_counters[counter::sram_read_a_words] += lines * m_own.round();
    return cycle + cycles;
}

void ptb_array::add(const line& of, const dense_weights& weights)
{
    const std::size_t rows = weights.tiles();
    const std::int8_t* row_weights = weights.weights(of.input);
    for (unsigned spikes = of.spikes; spikes != 0; spikes &= spikes - 1) {
        std::int32_t* sums = m_tiles.sums(functional::lowest_bit(spikes));
        for (std::size_t row = 0; row < rows; ++row)
            sums[row] += row_weights[row];
    }
    const unsigned spikes = functional::popcount(of.spikes);
    const std::uint64_t matches = std::uint64_t{spikes} * weights.non_zeros(of.input);
    m_counters[counter::matches] += matches;
    m_counters[counter::zero_weights_added] += spikes * rows - matches;
}

std::uint64_t ptb_array::end_round(std::size_t row, std::size_t first_column, unsigned first_timestep,
                                   unsigned timesteps, const dense_weights& weights, std::uint64_t cycle)
{
    return m_tiles.hand_over(*sums_out[0], weights.tiles(), timesteps, cycle, [&](std::size_t lane) {
        return compute::sums_block{lane, first_timestep, row, first_column + lane, false};
    });
}

std::uint64_t ptb_array::fold(const std::vector<std::vector<std::uint64_t>>& bitmaps, std::size_t pixels,
                              functional::span<const std::int8_t> weights, std::size_t column, unsigned first_timestep,
                              unsigned timesteps, std::uint64_t cycle)
{
    const std::size_t inputs = weights.size(), words = functional::words_of(inputs);
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
        std::uint64_t busy = 0, matches = 0, spikes = 0;
        for (std::size_t word = 0; word < words; ++word) {
            std::uint64_t adds = 0;
            for (unsigned t = 0; t < timesteps; ++t)
                for (std::uint64_t bits = bitmaps[pixel][(first_timestep + t) * words + word]; bits != 0;
                     bits &= bits - 1) {
                    const unsigned bit = functional::lowest_bit(bits);
                    const std::int8_t weight = weights[word * 64 + bit];
                    m_tiles.sums(t)[pixel] += weight;
                    adds |= std::uint64_t{weight != 0} << bit;
                    matches += weight != 0;
                    ++spikes;
                }
            busy += functional::popcount(adds);
        }
        m_tiles.take(pixel, busy, inputs);
        m_counters[counter::matches] += matches;
        m_counters[counter::zero_weights_added] += spikes - matches;
    }
    m_counters[counter::inputs_taken] += inputs;
    m_counters[counter::sram_read_b_weights] += 8 * inputs;
    m_counters[counter::sram_read_a_words] += inputs * pixels * m_own.round();
    return m_tiles.hand_over(*sums_out[0], pixels, timesteps, cycle + inputs, [&](std::size_t pixel) {
        return compute::sums_block{pixel, first_timestep, pixel, column, false};
    });
}

} // namespace loas::designs
