// One simulation: builds the machine, runs the network's program on it, checks everything, collects the result.
#pragma once

#include "app/host_times.h"
#include "config/scenario.h"
#include "report/result.h"

namespace loas::app
{

/// Once per process: the SystemC kernel does not restart. quiet: no progress and no driver messages.
/// Adds to `times`, except what the report takes. Throws config::user_error, guest_error, stuck_error.
report::run_result simulate(const config::scenario& scenario, bool quiet, host_times& times);
report::run_result simulate(const config::scenario& scenario, bool quiet);

} // namespace loas::app
