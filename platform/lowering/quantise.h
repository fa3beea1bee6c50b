// Float to integer, layer by layer. The formulas are in mapper.h.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "platform/lowering/dialect.h"
#include "platform/lowering/network.h"
#include "platform/lowering/weight_scales.h"
#include "platform/network/graph.h"

namespace loas::lowering
{

/// What a layer is called after its node: control characters, which a terminal obeys, and bytes that are no UTF-8 are
/// written %0A and the like.
std::string layer_name(std::string_view node);

/// The layer of the weights in node `weights`, whose `in` is known, with the scales of weight_scales.h. Where a layer
/// has one scale and takes spikes, a few weights of more than four thresholds are cut to that. How many weights become 0
/// is in the node's notes, and a warning when they are many. Throws text::user_error naming the node: weights too small
/// for their scale to be a number, bias beyond int32, sizes beyond the contract with the hardware.
layer_model quantise_weights(graph& network, std::size_t weights, const scale_wishes& wishes, bool takes_spikes);

/// Sets leak, reset and threshold, or thresholds, or what its neurons on the host are, of `layer` from the neuron behind it. Throws text::user_error naming
/// the node.
void quantise_neuron(layer_model& layer, const graph& network, std::size_t neuron, const scale_wishes& wishes,
                     const dialect& speech);

/// How scores come from the currents of a layer with these scales, and of a neuron behind it that does not spike;
/// nullptr: none. One scale is part of no score: the class with the largest is the same.
readout quantise_readout(const neuron_op* neuron, const std::vector<double>& weight_scales, double input_scale,
                         unsigned timesteps);

} // namespace loas::lowering
