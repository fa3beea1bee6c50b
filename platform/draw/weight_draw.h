// Drawing the positions and values of a layer's weights.
#pragma once

#include "models/functional/random_source.h"
#include "platform/draw/layer_network.h"

#include <cstdint>
#include <vector>

namespace loas::draw
{

/// Weights [N][K], exactly layer.non_zero_weights of them not zero, drawn without replacement: every position gets a
/// key, exponential over its odds, and the smallest keys are taken.
/// channels: the shares of the input channels; skew: as well as of sigma_col and kappa.
std::vector<std::int8_t> draw_weights(const layer_statistics& layer, const std::vector<double>& channels, bool skew,
                                      functional::random_source& random);

} // namespace loas::draw
