// A layer of its own: its tensors from files where the user gives them, else drawn.
#pragma once

#include "platform/config/scenario.h"
#include "platform/draw/synthetic.h"

namespace loas::draw
{

/// The layer of the parameters. spikes_file: unsigned integers (C, H, W), or (M, K) with M = height x width pixels and
/// K = channels, bit t = timestep t; or zeros and ones of any type, (T, C, H, W) or (T, M, K). weights_file: int8
/// (N, C, kh, kw), or (N, K) or (K, N) with k = (kernel row, kernel column, channel). bias_file: whole numbers of 32 bits,
/// (N,). Each is an .npy file or "FILE.npz:NAME". Throws text::user_error naming file, shape or element; the shape must be
/// that of the parameters, as config::take_shapes() sets it.
/// @pre the parameters break no rule of config::broken_layer_rules()
/// bytes: an input is a byte, T is 1, and spikes_file is of uint8.
synthetic_layer make_layer(const config::layer_params& params, unsigned timesteps, bool bytes = false);

} // namespace loas::draw
