// What weight 1 of a layer, or of one of its output channels, stands for.
#pragma once

#include "platform/network/graph.h"

#include <cstddef>
#include <vector>

namespace loas::lowering
{

using namespace network;

/// per_channel: each output channel has its own scale, and its own threshold: one large weight costs its own channel
/// precision. per_layer: all channels share those of the largest weight, and the layer reads 4 bytes a channel less.
enum class scale_rule { per_channel, per_layer };

inline constexpr double weight_max = 127; ///< -128 has no counterpart and is not used

/// How a layer's weights are rounded.
struct scale_wishes {
    scale_rule rule = scale_rule::per_channel;
    bool subtracts = false; ///< the neuron subtracts its threshold, which should then be a whole number
    double input_scale = 1;
    /// Of an output channel: the share of its largest weight that becomes 127; what is larger, too. One for all, or
    /// [out_channels].
    std::vector<double> kept = {1};
};

/// Values of weight 1 in the units of the network, [out_channels], of the weights in node `weights`; `largest` is what
/// all are cut to. Each is
///     max |w| of the channel (or of the layer) / 127,
/// but with scales of their own
/// - no finer than 2^-18 of the channel's threshold or bias in the same units: finer would only be larger numbers;
/// - coarser by up to 1/8 so that a spike that comes by a branch as it is counts a whole number (unit_weights.h), or, of
///   a neuron that subtracts, by up to 1/16 so that its threshold is one;
/// - of currents that are scores, not less than 1/256 of the largest, since the host multiplies by 16-bit factors;
/// - the layer's, of a channel of zeros, or of weights that are all whole numbers with it.
/// Not a normal number: weights too small to be scaled.
std::vector<double> weight_scales(const graph& network, std::size_t weights, double largest, const scale_wishes& wishes);

/// What a channel's scale is coarser by than its largest weight asks for: "bias" or "v_threshold", of which weights
/// below 2^-18 are no part; nullptr: nothing.
const char* coarsened_by(const graph& network, std::size_t weights, std::size_t channel, const scale_wishes& wishes);

/// A channel's threshold in units of the currents before it, of the neuron behind `weights`; nullptr: none spikes there.
const neuron_op* neuron_behind(const graph& network, std::size_t weights);
double threshold_of(const neuron_op& neuron, std::size_t channel);

} // namespace loas::lowering
