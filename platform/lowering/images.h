// The images that a network classifies, and their labels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

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

/// Reads the images from an .npy file of integers, (N, C, H, W), or (N, H, W) when the network takes one channel, or
/// (N, C) when it takes a vector; and the labels from an .npy file of N integers unless `labels_path` is empty.
/// Throws text::user_error naming the file: no such file, not integers, another shape than the network takes, a pixel
/// beyond int32, no images, not as many labels as images, a label that is no class of the network.
image_set load_images(const std::string& images_path, const std::string& labels_path, const network_model& network);

} // namespace loas::lowering
