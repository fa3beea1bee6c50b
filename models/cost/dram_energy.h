// Energy of a DRAM from what its channels counted.
#pragma once

#include "models/cost/parameters.h"
#include "models/observe/memory_statistics.h"

#include <cstdint>

namespace loas::cost
{

struct dram_activity {
    std::uint64_t burst_bytes;
    unsigned channels;
    unsigned banks;  ///< of a channel
    double time_ns;  ///< for which the channels were powered
    double clock_ns; ///< of the commands
};

struct dram_energy {
    double read_pj = 0, write_pj = 0; ///< bits moved
    double activate_pj = 0;
    double refresh_pj = 0;
    double background_pj = 0; ///< more while a row is open

    double total_pj() const { return read_pj + write_pj + activate_pj + refresh_pj + background_pj; }
};

/// all: the sum of the channels.
dram_energy energy_of_dram(const observe::channel_statistics& all, const dram_activity& activity,
                           const energy_constants& constants);

} // namespace loas::cost
