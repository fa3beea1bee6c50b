// What of the weights a run of a layer finds in the buffer because a run before left them there: that layer's, on another
// input, and all layers in between.
#pragma once

#include "platform/dataflow/fibers.h"

#include <cstdint>
#include <vector>

namespace loas::dataflow
{

/// Takes the runs of a network in their order, all at one point. Within a run an access comes again as reuse_pass has it; of
/// its first accesses this says which hit. Exact, for an LRU buffer of each capacity in which all layers have their weights:
/// the stack distance is what was taken since by this run, and what runs before took later and this one has not yet.
class kept_weights
{
public:
    /// capacities_bits: ascending; it must outlive this.
    explicit kept_weights(const std::vector<std::uint64_t>& capacities_bits) : m_capacities(capacities_bits) {}

    /// Bits that hit, for each capacity.
    std::vector<std::uint64_t> run(std::size_t layer, const touched_fibers& of);

private:
    struct entry {
        std::uint32_t layer, fiber;
        std::uint64_t bits;
    };

    const std::vector<std::uint64_t>& m_capacities;
    std::vector<entry> m_stack; ///< by last access, the oldest first, as many as the largest capacity can hold
};

} // namespace loas::dataflow
