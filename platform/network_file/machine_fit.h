// What a network asks of the machine beyond what a layer does.
#pragma once

#include "platform/config/scenario.h"
#include "platform/lowering/network.h"

#include <string>
#include <vector>

namespace loas::network_file
{

/// That the network's timesteps run in blocks, why, and what would help; "": they do not.
std::string blocks_words(const config::scenario& scenario);

/// Why the scenario's machine cannot run the network in its timesteps, with what would help: a reason each. None: it can.
std::vector<std::string> why_not_on_machine(const lowering::network_model& network, const config::scenario& scenario);

} // namespace loas::network_file
