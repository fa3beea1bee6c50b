// Simulations of a command. Each further one is a child process, since the SystemC kernel does not restart, and as many
// run side by side as are asked for.
//
// The layers of a list (workload.kind = "layers") are simulations of their own, and each starts on a machine that has
// just been reset: no line in the cache, all DRAM banks closed, the first refresh a refresh interval after the reset,
// rings at their first entry. The program on the host CPU writes the layer's tensors to memory and starts it. So a
// layer of a list takes what it takes alone, whatever stands before it, and results depend neither on the order of
// layers nor on how many run at a time. A list is nothing that flows: each layer has an input that is drawn for it, and
// no layer finds in the cache what the one before it wrote; what it would find there is lines that nobody needs. A
// network (workload.kind = "classify") is one simulation, all of its images: a layer finds what is left of its input in
// the cache, and an image the weights that the one before has used.
#pragma once

#include "platform/config/scenario.h"
#include "platform/results/result.h"
#include "platform/run/host_times.h"
#include "platform/run/simulate.h"

#include <string>
#include <vector>

namespace loas::run
{

struct run_options : told {
    unsigned jobs = 0; ///< simulations at a time; 0: as many as there are processors
    network_file::loaded_network* network = nullptr; ///< that of run()'s scenario, if it is loaded already; it is taken
};

/// One run of one scenario. Once per process. Adds to `times`, except what the report takes; those of layers side by
/// side are summed. Throws text::user_error, guest_error, stuck_error; of a list of layers like rerun().
results::run_result run(const config::scenario& scenario, const run_options& options, host_times& times);

/// The results of all scenarios, in their order. A layer that several of them draw alike is drawn once.
/// @param label of the progress that is shown on a terminal; "": none
/// @param names of the scenarios, which stand behind errors, as the name of a layer does; or none
/// Throws what a child threw, of several the first in the order of layers and scenarios: text::user_error, also if it
/// was killed from outside; guest_error, stuck_error, or std::runtime_error for a crash.
std::vector<results::run_result> rerun(const std::vector<config::scenario>& scenarios, unsigned jobs,
                                       const std::string& label = {}, const std::vector<std::string>& names = {});

} // namespace loas::run
