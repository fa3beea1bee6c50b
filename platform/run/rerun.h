// Further simulations from one command: each in a child process, since the SystemC kernel does not restart.
#pragma once

#include "platform/config/scenario.h"
#include "platform/results/result.h"

#include <string>
#include <vector>

namespace loas::run
{

/// The results of all scenarios, in their order; as many at a time as there are processors.
/// @param label of the progress that is shown on a terminal; "": none
/// @param names of the scenarios, which stand behind errors; or none
/// Throws what a child threw: text::user_error, also if it was killed from outside; guest_error, stuck_error, or
/// std::runtime_error for a crash.
std::vector<results::run_result> rerun(const std::vector<config::scenario>& scenarios, const std::string& label = {},
                                       const std::vector<std::string>& names = {});

} // namespace loas::run
