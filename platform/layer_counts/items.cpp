#include "platform/layer_counts/items.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::dataflow
{

using functional::popcount;

item_counter::item_counter(const sparse_layer& layer, const unrolling& space)
    : m_layer(layer), m_group(group_of(space))
{
    count_spikes();
    count_weights();
}

void item_counter::count_spikes()
{
    m_degrees.resize(m_layer.k);
    const std::uint64_t rows_in_group = m_group.m;
    std::vector<std::uint32_t> group_of(m_layer.k, ~0U), largest(m_layer.k);
    std::vector<std::uint16_t> word(m_layer.k), any(m_layer.k); // of the group under way, of all rows
    const auto close = [&](std::size_t k) {
        m_degrees[k].spike_groups += popcount(word[k]);
        m_degrees[k].largest_in_groups += largest[k];
    };
    for (std::size_t m = 0; m < m_layer.m; ++m) {
        const auto group = static_cast<std::uint32_t>(m / rows_in_group);
        for (std::size_t i = m_layer.spikes.first[m]; i < m_layer.spikes.first[m + 1]; ++i) {
            const std::uint32_t k = m_layer.spikes.places[i], spikes = popcount(m_layer.spikes.words[i]);
            degrees& of = m_degrees[k];
            of.spikes += spikes;
            ++of.rows;
            if (group_of[k] != group) {
                close(k);
                group_of[k] = group;
                word[k] = 0;
                largest[k] = 0;
                ++of.row_groups;
            }
            word[k] = static_cast<std::uint16_t>(word[k] | m_layer.spikes.words[i]);
            any[k] = static_cast<std::uint16_t>(any[k] | m_layer.spikes.words[i]);
            largest[k] = std::max(largest[k], spikes);
        }
    }
    for (std::size_t k = 0; k < m_layer.k; ++k) {
        close(k);
        m_degrees[k].timesteps = popcount(any[k]);
    }
}

void item_counter::count_weights()
{
    m_matches = 0;
    for (std::size_t k = 0; k < m_layer.k; ++k) {
        degrees& of = m_degrees[k];
        of.weights = m_layer.weights.length(k);
        of.weight_groups = 0;
        if (m_group.n >= m_layer.n) {
            of.weight_groups = std::min(of.weights, 1U);
            m_matches += std::uint64_t{of.spikes} * of.weights;
            continue;
        }
        std::uint64_t end = 0; // of the group
        for (std::size_t i = m_layer.weights.first[k]; i < m_layer.weights.first[k + 1]; ++i)
            if (const std::uint64_t place = m_layer.weights.places[i]; place >= end) {
                ++of.weight_groups;
                end = (place / m_group.n + 1) * m_group.n;
            }
        m_matches += std::uint64_t{of.spikes} * of.weights;
    }
}

operand_counts item_counter::items(const loop_order& order, std::uint64_t outputs_with_matches) const
{
    const bool n_innermost = order.loops[3] == loop::n, k_innermost = order.loops[3] == loop::k;
    const loop inner_of_b = order.outside(loop::n, loop::k) ? loop::k : loop::n;
    const bool m_outside = order.outside(loop::m, inner_of_b), t_outside = order.outside(loop::t, inner_of_b);
    operand_counts count;
    for (const degrees& of : m_degrees) {
        if (of.weights > 0)
            count.a += std::uint64_t{of.spikes} * (n_innermost ? 1 : of.weight_groups);
        const std::uint32_t visits = m_outside ? (t_outside ? of.spike_groups : of.row_groups)
                                               : t_outside ? of.timesteps
                                                           : std::min(of.rows, 1U);
        count.b += std::uint64_t{of.weights} * visits;
    }
    count.o = k_innermost ? outputs_with_matches : m_group.k > 1 ? matches_of_input_groups() : m_matches;
    return count;
}

std::uint64_t item_counter::matches_of_input_groups() const
{
    std::vector<std::uint64_t> last(m_layer.n * m_layer.t, ~std::uint64_t{0}); // row and group of inputs
    const std::uint64_t groups = groups_of(m_layer.k, m_group.k);
    std::uint64_t count = 0;
    for (std::size_t m = 0; m < m_layer.m; ++m)
        for (std::size_t i = m_layer.spikes.first[m]; i < m_layer.spikes.first[m + 1]; ++i) {
            const std::uint32_t k = m_layer.spikes.places[i];
            const std::uint64_t step = m * groups + k / m_group.k;
            for (std::size_t j = m_layer.weights.first[k]; j < m_layer.weights.first[k + 1]; ++j)
                for_each_bit(m_layer.spikes.words[i], [&](unsigned t) {
                    std::uint64_t& seen = last[std::size_t{m_layer.weights.places[j]} * m_layer.t + t];
                    count += seen != step;
                    seen = step;
                });
        }
    return count;
}

} // namespace loas::dataflow
