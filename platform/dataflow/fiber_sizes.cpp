// How large the fibers of a layer are, in each format.
#include "platform/dataflow/fibers.h"

#include <algorithm>

namespace loas::dataflow
{

fiber_counter::fiber_counter(const sparse_layer& layer, const unrolling& space, unsigned word_timesteps,
                             const std::vector<std::uint64_t>& capacities_bits)
    : m_layer(layer), m_word_timesteps(word_timesteps), m_capacities(capacities_bits), m_group(group_of(space))
{
    m_grouped = grouped(layer, m_group);
    m_spikes_by_input = transposed(m_grouped.spikes, m_grouped.k);
    m_weights_by_column = transposed(m_grouped.weights, m_grouped.n);
    const unsigned t = layer.t;
    m_row_spikes.resize(m_grouped.m * t);
    m_input_spikes.resize(m_grouped.k * t);
    for (std::size_t m = 0; m < layer.m; ++m) {
        std::uint64_t* const row = &m_row_spikes[m / m_group.m * t];
        for (std::size_t i = layer.spikes.first[m]; i < layer.spikes.first[m + 1]; ++i) {
            const std::uint32_t place = layer.spikes.places[i];
            std::uint64_t* const input = &m_input_spikes[(m_group.k == 1 ? place : place / m_group.k) * t];
            for (unsigned step = 0; step < t; ++step) { // of all, since which have a spike could not be predicted
                row[step] += layer.spikes.words[i] >> step & 1U;
                input[step] += layer.spikes.words[i] >> step & 1U;
            }
        }
    }
    m_input_words.resize(m_grouped.k);
    for (std::size_t k = 0; k < m_grouped.k; ++k)
        for (std::size_t i = m_spikes_by_input.first[k]; i < m_spikes_by_input.first[k + 1]; ++i)
            m_input_words[k] = static_cast<std::uint16_t>(m_input_words[k] | m_spikes_by_input.words[i]);
}

const fiber_counter::fiber_sizes& fiber_counter::sizes_of(const formats& format)
{
    const auto found = std::find_if(m_sizes.begin(), m_sizes.end(), [&](const fiber_sizes& each) {
        return each.format.a == format.a && each.format.b == format.b;
    });
    return found != m_sizes.end() ? *found : m_sizes.emplace_back(count_sizes(format));
}

fiber_counter::fiber_sizes fiber_counter::count_sizes(const formats& format) const
{
    const unsigned t = m_layer.t;
    const fiber_bits spike = spike_bits(format.a, m_word_timesteps), weight = weight_bits_of(format.b);
    fiber_sizes to;
    to.format = format;
    to.spike = spike;
    to.rows_t.resize(m_grouped.m * t);
    to.inputs_t.resize(m_grouped.k * t);
    for (std::size_t i = 0; i < m_grouped.m; ++i)
        std::fill_n(to.rows_t.begin() + static_cast<std::ptrdiff_t>(i * t), t,
                    in_group(m_layer.m, m_group.m, i) * m_layer.k * spike.element);
    for (std::size_t i = 0; i < m_grouped.k; ++i)
        std::fill_n(to.inputs_t.begin() + static_cast<std::ptrdiff_t>(i * t), t,
                    in_group(m_layer.k, m_group.k, i) * m_layer.m * spike.element);
    for (std::size_t i = 0; i < to.rows_t.size(); ++i)
        to.rows_t[i] += m_row_spikes[i] * spike.non_zero;
    for (std::size_t i = 0; i < to.inputs_t.size(); ++i)
        to.inputs_t[i] += m_input_spikes[i] * spike.non_zero;
    const auto sums = [&](const std::vector<std::uint64_t>& of) {
        std::vector<std::uint64_t> all(of.size() / t);
        for (std::size_t i = 0; i < of.size(); ++i)
            all[i / t] += of[i];
        return all;
    };
    to.rows = sums(to.rows_t);
    to.inputs = sums(to.inputs_t);
    for (std::size_t i = 0; i < m_grouped.n; ++i)
        to.columns.push_back(in_group(m_layer.n, m_group.n, i) * m_layer.k * weight.element);
    for (std::size_t k = 0; k < m_grouped.k; ++k) {
        to.input_weights.push_back(in_group(m_layer.k, m_group.k, k) * m_layer.n * weight.element);
        for (std::size_t i = m_grouped.weights.first[k]; i < m_grouped.weights.first[k + 1]; ++i) {
            to.input_weights[k] += m_grouped.weights.counts[i] * weight.non_zero;
            to.columns[m_grouped.weights.places[i]] += m_grouped.weights.counts[i] * weight.non_zero;
        }
    }
    return to;
}

} // namespace loas::dataflow
