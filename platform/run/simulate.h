// One simulation: builds the machine, runs the network's program on it, checks everything, collects the result.
#pragma once

#include "models/memory/dram/burst_observer.h"
#include "platform/config/scenario.h"
#include "platform/results/result.h"
#include "platform/run/host_times.h"
#include "platform/run/workload.h"

namespace loas::run
{

/// Once per process: the SystemC kernel does not restart. quiet: no progress and no driver messages. part: of a list of
/// layers, one of them. Adds to `times`, except what the report takes. bursts: sees what the DRAM is asked for;
/// nullptr: nobody. Throws text::user_error, guest_error, stuck_error.
results::run_result simulate(const config::scenario& scenario, const part& part, bool quiet, host_times& times,
                             dram::burst_observer* bursts = nullptr);

} // namespace loas::run
