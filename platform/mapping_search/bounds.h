// The least that any point of a space can move, take or hold, by what each layer needs once.
#pragma once

#include "platform/explorer/explore.h"

#include <vector>

namespace loas::mapping_search
{

class bounds
{
public:
    bounds() = default;
    /// Of what was explored at any points, of which one has all timesteps in a word.
    explicit bounds(const explorer::exploration& explored);

    /// A byte for each non-zero weight of an input that spikes, and the outputs, once. What is least of the input depends on
    /// how rows share it, so nothing is said of that.
    double dram_bytes = 0;
    /// That traffic, an addition for each match of all timesteps together, and the neurons; without leakage.
    double energy_pj = 0;
    /// Each match of its words, without zeros skipped each element, takes a unit a cycle, of those that have a row or column
    /// at all; or that traffic at the DRAM's peak.
    double cycles_with(const dataflow::unrolling& over, bool dense) const;

private:
    struct need { // of a layer
        dataflow::layer_sizes sizes;
        double runs, matches; ///< of all timesteps together, as words of some of them have at least
        double spike_matches; ///< of each timestep by itself
        double dram_cycles;
    };
    std::vector<need> m_needs;
};

} // namespace loas::mapping_search
