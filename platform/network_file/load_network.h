// The network of a scenario, read and mapped.
#pragma once

#include "platform/config/scenario.h"
#include "platform/lowering/mapper.h"

#include <functional>

namespace loas::network_file
{

/// What the scenario says of a network's file.
lowering::map_options map_options_of(const config::workload_params& workload);

/// With the graph as the file has it where the scenario asks for the float network. Throws text::user_error.
lowering::lowered_network load_lowered(const config::workload_params& workload);

/// Which loads the network with other options, and reads the file once.
std::function<lowering::lowered_network(const lowering::map_options&)> loader_of(const config::workload_params& workload);

/// Throws text::user_error.
lowering::network_model load_network(const config::workload_params& workload);

} // namespace loas::network_file
