// How many items an order fetches into the units, exactly: with one register for each operand and unit, no buffer.
#pragma once

#include "platform/dataflow/dense_form.h"
#include "platform/dataflow/sparse_layer.h"

#include <cstdint>
#include <vector>

namespace loas::dataflow
{

/// Of a layer with one unrolling, order after order. Where there is one timestep (or word), t is to be the outermost loop.
/// The layer must outlive it.
class item_counter
{
public:
    item_counter(const sparse_layer& layer, const unrolling& space);

    /// O: outputs_with_matches if k is innermost.
    operand_counts items(const loop_order& order, std::uint64_t outputs_with_matches) const;
    std::uint64_t matches() const { return m_matches; }

    /// Of input k: spikes in groups of rows, and the like.
    struct degrees {
        std::uint32_t spikes = 0;        ///< (m, t)
        std::uint32_t rows = 0;          ///< m
        std::uint32_t timesteps = 0;     ///< t
        std::uint32_t weights = 0;       ///< n
        std::uint32_t row_groups = 0;    ///< as rows, of groups
        std::uint32_t spike_groups = 0;  ///< (group of rows, t)
        std::uint32_t largest_in_groups = 0; ///< the most spikes of a row, summed over groups of rows
        std::uint32_t weight_groups = 0; ///< groups of n
    };
    const std::vector<degrees>& by_input() const { return m_degrees; }
    /// (m, n, t, group of inputs) with a match.
    std::uint64_t matches_of_input_groups() const;

    /// Again, of the layer's weights as they are now.
    void count_weights();

private:
    void count_spikes();

    const sparse_layer& m_layer;
    group_sizes m_group;
    std::vector<degrees> m_degrees;
    std::uint64_t m_matches = 0;
};

} // namespace loas::dataflow
