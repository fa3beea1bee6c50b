// What the files of a layer's tensors say of its shape: their axes, and what [layer] need not repeat.
#pragma once

#include "platform/config/rules.h"
#include "platform/formats/npy.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loas::config
{

/// A way to read the axes of a file of spikes. A size of 0: the file does not say it.
struct spike_axes {
    std::string_view names;  ///< as "(T, C, H, W)"
    unsigned timesteps = 0;  ///< of zeros and ones; 0: of words, bit t = timestep t
    unsigned channels = 0;
    unsigned height = 0, width = 0; ///< of an image, [C][H][W]
    unsigned pixels = 0;            ///< of a matrix, [M][K]: M
};

/// The same of weights. Of a matrix the file says K, not what it is made of.
struct weight_axes {
    std::string_view names;
    unsigned columns = 0; ///< N
    unsigned channels = 0, kernel_height = 0, kernel_width = 0;
    unsigned inputs = 0;       ///< of a matrix: K = (kernel row, kernel column, channel)
    bool inputs_first = false; ///< [K][N]
};

/// How to read spikes so that they have the layer's shape. Throws text::user_error, naming the file's sizes and the
/// layer's, if there is no way.
/// bytes: they are bytes in place of spikes.
spike_axes axes_of_spikes(const formats::npy_kind& file, const layer_params& layer, unsigned timesteps, bool bytes = false);

/// The same of weights; of a square matrix layer.weights_axes must say what it is.
weight_axes axes_of_weights(const formats::npy_kind& file, const layer_params& layer);

/// Throws text::user_error if there is not a bias for each column.
void check_bias(const formats::npy_kind& file, const layer_params& layer);

/// Sizes of a layer of its own (workload.kind = "layer") become those of its files, unless the user gave them:
/// scenario.given, and the further keys. A matrix of spikes without height and width is a product of matrices: then
/// kernel and stride are 1 and there is no padding, unless the user gave them. What a file leaves open keeps its
/// default; files that cannot be read are left to whoever reads their elements.
void take_shapes(scenario& s, const std::vector<std::string_view>& further_given = {});

/// What is in force against what the files say: the first contradiction, from which others may follow. Nothing of files
/// that cannot be read.
std::vector<broken_rule> broken_shapes(const scenario& s);

} // namespace loas::config
