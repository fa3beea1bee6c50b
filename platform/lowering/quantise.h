// Float to integer, layer by layer. The formulas are in mapper.h.
#pragma once

#include <cstdint>
#include <vector>

#include "platform/lowering/network.h"
#include "platform/lowering/nir_chain.h"

namespace loas::lowering
{

/// Sets weights, weight_scale and bias of `layer` from `node`, whose weights are in the order (output, channel, kernel
/// row, kernel column); their number is out_channels * in_channels * kernel_h * kernel_w. `bias` has one value per
/// output or is null. `input_scale` is the value of input 1.
/// Throws text::user_error naming the node: weights too small for their scale to be a number, bias beyond int32.
void quantise_weights(layer_model& layer, const node_view& node, const std::vector<double>& weights,
                      const std::vector<double>* bias, double input_scale);

/// Sets leak_q8 and threshold of `layer`, whose weights are set, from the LIF node that follows. `size` is the number
/// of outputs of `source`, the title of the node with the weights.
/// Throws text::user_error naming the node, see mapper.h.
void quantise_neuron(layer_model& layer, const node_view& node, std::size_t size, const std::string& source,
                     double input_scale, double time_step);

} // namespace loas::lowering
