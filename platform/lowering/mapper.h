// From a NIR graph to the integer network that the accelerator runs.
#pragma once

#include "platform/formats/nir.h"
#include "platform/lowering/network.h"

namespace loas::lowering
{

/// What the NIR file doesn't say.
struct map_options {
    double input_scale = 1; ///< value of pixel 1 in the units of the network (pixels 0..16 for 0..1: 1/16); above 0
    double time_step = 1;   ///< length of a timestep in the unit of the neurons' tau; above 0
};

/// Maps a chain  Input, layer, layer, ..., Output  with
///     layer = [Flatten] (Conv2d | Linear | Affine) LIF [SumPool2d Threshold]
/// whose last layer has neither LIF nor pooling. The first layer is the encoder, on the host.
///
/// Numbers, per layer, with w, b the weights and bias, and input_scale taken as 1 but for the encoder:
///     s         = max|w| / 127                                (1 when all weights are 0)
///     weights   = round(w / s)                                halves away from zero
///     bias      = round(b / (s * input_scale))
///     g         = time_step * r / tau
///     threshold = floor(v_threshold / (s * input_scale * g))
///     leak_q8   = round(256 * (1 - time_step / tau))
/// tau, r and v_threshold must be the same for all neurons of a layer, v_leak and v_reset 0.
///
/// A Flatten counts its inputs (channel, row, column); the weights are permuted to (row, column, channel).
/// SumPool2d and a Threshold in [0, 1) are an OR of spikes: kernel and stride the same, square, no padding.
///
/// Throws text::user_error, naming the file, the node (both nodes where two disagree) and the reason: anything else
/// than the above, shapes that don't fit, values that are not finite, sizes beyond the contract with the hardware
/// (65535 for an image's sides and channels, 255 for kernel, stride, padding and pool, 2^20 for K), int32 overflow.
network_model map_network(const formats::nir_graph& graph, const map_options& options);

} // namespace loas::lowering
