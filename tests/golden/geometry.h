// Sizes of a layer and the one place that knows which input pixel an unfolded input comes from.
#pragma once

#include "platform/reference/reference.h"

#include <cstddef>

namespace loas::golden
{

std::size_t output_height(const reference::reference_layer& layer); ///< before pooling
std::size_t output_width(const reference::reference_layer& layer);  ///< before pooling
std::size_t row_count(const reference::reference_layer& layer);     ///< M
std::size_t input_count(const reference::reference_layer& layer);   ///< K

/// Throws std::invalid_argument for a layer that the hardware would refuse: a reference that answers anyway would
/// hide a mistake of the caller. Does not look at layer.spikes.
void check_shape(const reference::reference_layer& layer);

/// check_shape, and layer.spikes has the size that the shape asks for.
void check_spiking(const reference::reference_layer& layer);

/// Where input (kernel_row, kernel_column, channel) of product row m lies in a tensor [height][width][channels].
struct input_place {
    bool padding = true;   ///< outside of the image: the value is 0
    std::size_t index = 0; ///< valid when not padding
};
input_place place_of_input(const reference::reference_layer& layer, std::size_t m, std::size_t kernel_row,
                           std::size_t kernel_column, std::size_t channel);

/// k of (kernel_row, kernel_column, channel) in the order in which layer.weights are given: channel fastest.
std::size_t weight_input_index(const reference::reference_layer& layer, std::size_t kernel_row,
                               std::size_t kernel_column, std::size_t channel);

} // namespace loas::golden
