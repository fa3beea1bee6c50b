// Everything that is counted of a layer at points of the space; what it costs is in figures.h.
#pragma once

#include "platform/dataflow/bits_of.h"
#include "platform/dataflow/fibers.h"
#include "platform/layer_counts/work.h"

namespace loas::dataflow
{

/// Of one layer at one point; sums over runs of the layer, but for what is live at a time.
struct point_counts {
    mapping point;
    layer_sizes sizes;           ///< t in words
    unsigned word_timesteps = 1; ///< of a word of spikes
    std::uint64_t runs = 0;
    std::uint64_t spike_matches = 0; ///< of single spikes and weights
    work_counts work;
    operand_counts fetches; ///< of items into the units, without a buffer
    dense_form dense;
    std::uint64_t dense_latency_cycles = 0;
    reuse_curve a, b, o; ///< of partial sums: beyond the first, each is written and read again
    reuse_curve u;       ///< potentials, each access is a read and a write
    /// Of b's first accesses in each run those that hit, in an LRU buffer of each capacity, since a run before left them
    /// there (kept_weights.h); empty: nobody asked.
    std::vector<std::uint64_t> b_kept_bits;
    std::uint64_t output_bits = 0; ///< spikes, once

    void add(const point_counts& other);
};

/// Points that were asked for more than once in effect, as those that differ in the place of a t of one step, are each
/// there. capacities_bits: for which the curves are, ascending. weights: if given, becomes each point's fibers of B.
std::vector<point_counts> analyse(const sparse_layer& layer, const std::vector<mapping>& points,
                                  const std::vector<std::uint64_t>& capacities_bits, const work_rules& rules,
                                  std::vector<touched_fibers>* weights = nullptr);

} // namespace loas::dataflow
