// A matrix of ones, for tests that change some of it.
#pragma once

#include "platform/reference/reference.h"

namespace loas::golden
{

/// Every input spikes at the first timestep, every weight is 1.
inline reference::reference_layer plain_matrix(unsigned rows, unsigned inputs, unsigned columns)
{
    reference::reference_layer layer;
    layer.in_height = rows;
    layer.in_channels = inputs;
    layer.out_channels = columns;
    layer.spikes.assign(std::size_t{rows} * inputs, 1);
    layer.weights.assign(std::size_t{inputs} * columns, 1);
    return layer;
}

} // namespace loas::golden
