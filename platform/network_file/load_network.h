// The network of a scenario, read and mapped.
#pragma once

#include "platform/config/scenario.h"
#include "platform/inputs/input_set.h"
#include "platform/lowering/mapper.h"

#include <functional>

namespace loas::network_file
{

/// What the scenario says of a network's file.
lowering::map_options map_options_of(const config::workload_params& workload);

/// Whether the first layer takes spikes and is the accelerator's. Throws text::user_error if that is asked for, but
/// cannot be.
bool takes_spikes(const config::workload_params& workload, const inputs::input_set& inputs);

/// The graph's Input, whose shape is known; nullptr: what the file has cannot be read.
const network::graph_node* input_of(const network::graph& graph);

/// A network and what it is run on.
struct loaded_network {
    lowering::lowered_network lowered; ///< with its model, without the weights in its nodes; with the graph as the file has
                                       ///< it where the scenario asks for the float network
    inputs::input_set inputs;
};

/// Which loads the network with other options, and reads the file once.
std::function<lowering::lowered_network(const lowering::map_options&)> loader_of(const config::workload_params& workload);

/// Throws text::user_error.
loaded_network load_network(const config::workload_params& workload);
/// The same of its graph as read_graph() has it, or of what is lowered already, with the workload's options.
loaded_network load_network(const config::workload_params& workload, network::graph graph);
loaded_network load_network(const config::workload_params& workload, lowering::lowered_network lowered);

} // namespace loas::network_file
