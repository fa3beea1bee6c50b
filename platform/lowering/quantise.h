// Float to integer, layer by layer. The formulas are in mapper.h.
#pragma once

#include <cstddef>

#include "platform/lowering/dialect.h"
#include "platform/lowering/network.h"
#include "platform/network/graph.h"

namespace loas::lowering
{

/// The layer of the weights in node `weights`, whose `in` is known. `input_scale` is the value of input 1. A few
/// weights of more than four thresholds are cut to that where the input is spikes; how many weights become 0 is in the
/// node's notes, and a warning when they are many. Throws text::user_error naming the node: weights too small for their
/// scale to be a number, bias beyond int32, sizes beyond the contract with the hardware.
layer_model quantise_weights(graph& network, std::size_t weights, double input_scale, bool takes_spikes);

/// Sets leak, reset and threshold of `layer` from the neuron behind it. Throws text::user_error naming the node.
void quantise_neuron(layer_model& layer, const graph& network, std::size_t neuron, double input_scale,
                     const dialect& speech);

/// How scores come from the currents of a neuron that does not spike.
readout quantise_readout(const neuron_op& neuron, const dialect& speech, unsigned timesteps);

} // namespace loas::lowering
