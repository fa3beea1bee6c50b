// One simulation: builds the machine, runs the network's program on it, checks everything, collects the result.
#pragma once

#include "models/memory/dram/burst_observer.h"
#include "platform/config/scenario.h"
#include "platform/results/result.h"
#include "platform/run/host_times.h"
#include "platform/run/workload.h"

#include <filesystem>

namespace loas::run
{

/// What a simulation tells while it runs.
struct told {
    bool quiet = false; ///< no progress and no driver messages
    /// Sees what the DRAM is asked for, of a scenario that is one simulation; nullptr: nobody.
    dram::burst_observer* bursts = nullptr;
    std::FILE* console = stdout; ///< what a program of the user's prints
    std::FILE* events = nullptr; ///< each event of the log; nullptr: only the last ones are kept, for a failure
    std::filesystem::path outputs; ///< folder for the layers' outputs (results/output_files.h); empty: none
    std::function<void()> begins = [] {}; ///< called when nothing of the scenario is refused any more, before it runs
};

/// Once per process: the SystemC kernel does not restart. part: of a list of layers, one of them. Adds to `times`,
/// except what the report takes. Throws text::user_error, guest_error, stuck_error.
results::run_result simulate(const config::scenario& scenario, const part& part, const told& tells, host_times& times);

} // namespace loas::run
