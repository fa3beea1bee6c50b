// The images that a network classifies, and their labels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "platform/formats/npy.h"
#include "platform/lowering/network.h"

namespace loas::lowering
{

struct image_set {
    std::size_t count = 0; ///< images, at least 1
    unsigned height = 1, width = 1, channels = 1;
    std::vector<std::int32_t> pixels; ///< [image][row][column][channel]
    std::vector<int> labels;          ///< [image], 0..classes-1; empty when no labels were given

    /// Numbers of one image: pixels[i * image_size()] is the first of image i.
    std::size_t image_size() const { return std::size_t{height} * width * channels; }
};

/// Reads the images from an .npy file (or "FILE.npz:NAME"), (N, C, H, W), or (N, H, W) when the network takes one
/// channel, or (N, C) when it takes a vector, or (N, C, L) when it takes a map of height 1; and the labels from one of
/// N integers unless `labels_path` is empty. Integers, booleans and floats that are all whole numbers are pixels as
/// they are; other floats are values in the units of the network, and become pixels by round(value / input_scale).
/// Throws text::user_error naming the file: no such file, another shape than the network takes, a pixel beyond int32 or
/// not finite, an input_scale that leaves fewer than 16 steps of the floats, no images, not as many labels as images, a
/// label that is no class of the network.
image_set load_images(const std::string& images_path, const std::string& labels_path, const network_model& network,
                      double input_scale);

/// The input_scale that fits: 1 for pixels; for values 1/255 of the largest.
double natural_scale(const formats::npy_array& images);

} // namespace loas::lowering
