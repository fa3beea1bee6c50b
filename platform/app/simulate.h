// One simulation: builds the machine, runs the network's program on it, checks everything, collects the result.
#pragma once

#include "config/scenario.h"
#include "report/result.h"

namespace loas::app
{

/// Once per process: the SystemC kernel does not restart. quiet: no progress and no driver messages.
/// Throws config::user_error, guest_error, stuck_error.
report::run_result simulate(const config::scenario& scenario, bool quiet);

} // namespace loas::app
