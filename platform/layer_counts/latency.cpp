// How long the units take, where they meet and where they do not.
#include "platform/layer_counts/work.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::dataflow
{

std::uint64_t work_counter::latency(const loop_order& order, const work_counts& counts)
{
    using degrees = item_counter::degrees;
    const auto sum = [&](auto each) {
        std::uint64_t cycles = 0;
        for (const degrees& of : m_fetches.by_input())
            cycles += each(of);
        return cycles;
    };
    const auto a_spike_a_group = [](const degrees& of) { return std::uint64_t{of.spikes} * of.weight_groups; };
    const auto a_weight_a_group = [](const degrees& of) { return std::uint64_t{of.weights} * of.spike_groups; };
    const auto a_weight_for_the_largest = [](const degrees& of) {
        return std::uint64_t{of.weights} * of.largest_in_groups;
    };
    const auto the_largest_a_group = [](const degrees& of) {
        return std::uint64_t{of.weight_groups} * of.largest_in_groups;
    };
    const auto a_group_a_group = [](const degrees& of) { return std::uint64_t{of.weight_groups} * of.spike_groups; };
    const std::uint64_t merging = counts.merged_elements / m_space.all_units();
    if (m_space.columns > 1) // k is outside at least one of them, the inner one
        return merging + (order.outside(loop::t, order.outside(loop::m, loop::n) ? loop::n : loop::m)
                              ? sum(a_group_a_group)
                              : sum(the_largest_a_group));
    const bool t_outside = order.outside(loop::t, m_space.over);
    if (m_space.over == loop::m) {
        if (class_of(order) == order_class::gustavson_row)
            return t_outside ? at_rows().by_timestep : at_rows().by_line;
        return merging + (t_outside ? sum(a_weight_a_group) : sum(a_weight_for_the_largest));
    }
    if (class_of(order) == order_class::gustavson_column)
        return t_outside ? at_columns().by_timestep : at_columns().by_line;
    return merging + sum(a_spike_a_group);
}

std::vector<std::uint64_t> work_counter::matches_of_lines() const
{
    const lists &spikes = m_layer.spikes, &weights = m_layer.weights;
    if (m_space.over == loop::n) {
        std::vector<std::uint64_t> lines(m_layer.n);
        for (std::size_t k = 0; k < m_layer.k; ++k)
            for (std::size_t j = weights.first[k]; j < weights.first[k + 1]; ++j)
                lines[weights.places[j]] += m_fetches.by_input()[k].spikes;
        return lines;
    }
    std::vector<std::uint64_t> lines(m_layer.m);
    for (std::size_t m = 0; m < m_layer.m; ++m)
        for (std::size_t i = spikes.first[m]; i < spikes.first[m + 1]; ++i)
            lines[m] += std::uint64_t{functional::popcount(spikes.words[i])} * weights.length(spikes.places[i]);
    return lines;
}

std::uint64_t work_counter::latency_apart(const loop_order& order, const work_counts& counts, bool joined, unsigned stream)
{
    const bool rows = m_space.over == loop::m;
    const bool own_merges = class_of(order) == (rows ? order_class::gustavson_row : order_class::gustavson_column);
    std::vector<std::uint64_t> lines;
    if (class_of(order) == order_class::inner_product) {
        const output_work& outputs = at_outputs(joined ? m_rules.empty_join_cycles : 0);
        lines = order.outside(loop::t, loop::k) ? outputs.of_line : outputs.of_line_any;
    } else
        lines = own_merges ? (rows ? at_rows() : at_columns()).of_line : matches_of_lines();
    const layer_sizes steps{m_layer.m, m_layer.n, m_layer.k, m_layer.t};
    const bool in_turn = std::any_of(order.loops.begin(), order.loops.begin() + static_cast<std::ptrdiff_t>(order.place_of(m_space.over)),
                                     [&](loop outside) { return steps.of(outside) > 1; });
    std::vector<std::uint64_t> done(m_space.units);
    for (std::size_t i = 0; i < lines.size(); ++i)
        (in_turn ? done[i % done.size()] : *std::min_element(done.begin(), done.end())) += lines[i];
    std::uint64_t cycles = *std::max_element(done.begin(), done.end()) + (own_merges ? 0 : counts.merged_elements / m_space.units);
    if (stream > 0) {
        std::uint64_t spikes = 0;
        for (const item_counter::degrees& of : m_fetches.by_input())
            spikes += of.spikes;
        cycles = std::max(cycles, groups_of(spikes * groups_of(m_layer.n, m_space.units), stream));
    }
    return cycles;
}

} // namespace loas::dataflow
