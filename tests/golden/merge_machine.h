// A PE of Gamma, stepped clock by clock: slow, and written without a look at the model. Memory takes no time, a row of
// results leaves as soon as the neurons have it.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

namespace loas::golden
{

/// Rows of B that a row of A selects in one timestep: their columns.
using merge_step = std::vector<std::set<unsigned>>;

struct merge_rules {
    unsigned radix = 64;
    unsigned latency = 6;
    unsigned columns = 1; ///< N: cycles in which the neurons take a row of sums
};

struct merge_times {
    std::uint64_t cycles = 0;
    std::uint64_t busy = 0, merging = 0, fill = 0, neurons = 0;
    std::uint64_t partial_elements = 0; ///< written, and read again
};

merge_times run_merge_machine(const merge_rules& rules, const std::vector<merge_step>& steps);

} // namespace loas::golden
