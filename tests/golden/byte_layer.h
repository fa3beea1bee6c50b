// A layer of an ANN, in 8 bits: the product and its ReLU straight from their definitions.
#pragma once

#include "platform/reference/reference.h"

namespace loas::golden
{

/// Product of uint8 inputs and int8 weights in int32, which wraps, of a matrix or a convolution; bias; then division by
/// 2^shift with halves rounded up, cut to 0..255, and the maximum over pooling windows. Throws std::invalid_argument for a
/// layer that the hardware would refuse.
reference::reference_output run_bytes(const reference::reference_layer& layer);

} // namespace loas::golden
