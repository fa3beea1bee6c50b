// A stream of spikes in front of PEs with FIFOs, stepped cycle by cycle: the yardstick for models that compute the same
// cycles without stepping.
//
// In a cycle each PE first takes one spike out of its FIFO. Then spikes pass in order, up to `width`: one that matches
// PEs needs of each that it is idle in this cycle, or has a place in its FIFO; else it stays where it is, and with it
// all behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace loas::golden
{

struct stream_machine_config {
    unsigned width = 4;      ///< 0: any number
    unsigned fifo_depth = 8; ///< 0: any number
    std::size_t pes = 16;
};

struct stream_machine_result {
    std::vector<std::uint64_t> pass_cycles; ///< of each spike
    std::vector<std::uint64_t> last_taken;  ///< by PE: the cycle after its last spike; 0: none
};

/// matches: for each spike the PEs that it matches.
stream_machine_result run_stream_machine(const stream_machine_config& config,
                                         const std::vector<std::vector<std::size_t>>& matches);

} // namespace loas::golden
