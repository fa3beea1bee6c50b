// One inner-join unit, stepped clock cycle by clock cycle with its registers and its queue: the yardstick for models
// that compute the same cycle counts without stepping.
//
// A mask register holds one chunk. While it does, the fast side pushes one match per cycle into the FIFO, and the
// laggy unit, once free, starts on the chunk; when both are over, the next chunk loads in the following cycle.
// The accumulators' correction side pops one entry per cycle once the offsets of its chunk are ready.
#pragma once

#include <cstdint>
#include <vector>

namespace loas::golden
{

struct join_machine_config {
    unsigned fast_latency = 1;   ///< cycles from the load to the first push, that cycle included
    unsigned laggy_latency = 8;  ///< cycles from a start to the offsets: ceil(chunk_bits / adders)
    unsigned laggy_interval = 8; ///< cycles from start to start: the latency, or 1 when pipelined
    bool laggy_ideal = false;    ///< corrections cost nothing: neither FIFO nor laggy unit
    unsigned fifo_depth = 8;
    unsigned weight_buffer_bytes = 128;
    unsigned empty_join_cycles = 1; ///< of a chunk without matches; 0: it loads and leaves within a cycle
};

struct chunk {
    std::vector<unsigned> weight_offsets; ///< per match, ascending: its rank among the chunk's non-zero weights
    bool drain_after = false;             ///< nothing loads after it until the FIFO has run empty
};

struct join_machine_result {
    std::vector<std::uint64_t> done_cycles; ///< per drain, the first cycle with all pushes over and the FIFO empty
    // Every cycle before the last of done_cycles counts in exactly one of these.
    std::uint64_t busy = 0;         ///< a match was pushed
    std::uint64_t empty_join = 0;   ///< a chunk without matches occupied the fast side
    std::uint64_t laggy_wait = 0;   ///< all pushed, waiting for the laggy unit to start or the FIFO to drain
    std::uint64_t fifo_full = 0;    ///< the push found the FIFO full
    std::uint64_t weights_late = 0; ///< the weight buffer advanced
    std::uint64_t prefix_wait = 0;  ///< the fast prefix-sum was filling
};

/// The last chunk must have drain_after set. Throws std::invalid_argument for a machine that could never finish.
join_machine_result run_join_machine(const join_machine_config& config, const std::vector<chunk>& chunks);

} // namespace loas::golden
