// Requests replayed on the DRAM model alone: no cache, no accelerator, no SystemC.
//
// The front end hands requests over in their order, each as soon as its channel has fewer than `in_flight` of them
// under way and a place in its queue. So the answer is how fast the memory takes them, as in the usual comparisons of
// DRAM simulators. When their times are kept, none comes before its time; without a bound of those in flight each comes
// then, whether its queue has a place or not, as behind an accelerator.
#pragma once

#include "models/memory/dram/channel_group.h"
#include "models/memory/dram/mapping.h"

#include <cstdint>
#include <vector>

namespace loas::dram
{

struct replay_request {
    std::uint64_t time_ps = 0; ///< not below that of the one before
    std::uint64_t address = 0;
    bool write = false;
};

struct replay_options {
    unsigned in_flight = 32; ///< requests of a channel under way at a time; 0: as many as its queues have places
    bool keep_times = false; ///< a request does not come before its time
    command_observer* observer = nullptr;
    std::vector<std::uint64_t>* ends_ps = nullptr; ///< if given: gets the end of each request
};

/// Of requests from arrival to the end of their data, in ns; all 0 when there were none.
struct latency_summary {
    std::uint64_t requests = 0;
    double mean = 0.0, median = 0.0, percentile_99 = 0.0, worst = 0.0;
};

struct replay_result {
    std::uint64_t requests = 0;
    std::uint64_t bytes = 0;     ///< that moved: neither those of merged writes nor of reads answered from writes
    double begin_ns = 0.0;       ///< the first request, where times are kept
    double time_ns = 0.0;        ///< from there to the end of the last data; what is counted is of this time
    double gb_per_s = 0.0;       ///< 10^9 of these bytes a second
    double share_of_peak = 0.0;  ///< 0 to 1
    double row_hit_share = 0.0;  ///< of the bursts that needed a column command
    double mean_in_flight = 0.0; ///< requests under way, mean over the time
    latency_summary reads, writes, all;
    std::vector<channel_statistics> channels;
};

/// Each request is a burst: parameters.burst_bytes() at its address, rounded down. Throws std::invalid_argument when
/// there is a mistake_in the parameters.
replay_result replay(const parameters& parameters, const std::vector<replay_request>& requests,
                     const replay_options& options = {});

} // namespace loas::dram
