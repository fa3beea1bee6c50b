// What the function of a layer and that of a network share. Private to the golden model.
#pragma once

#include "platform/reference/reference.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace loas::golden
{

/// Number `neuron` of [m][n]; one of the machine's has its leak in 256ths.
reference::reference_neuron neuron_of(const reference::reference_layer& layer, std::size_t neuron);

/// What a layer takes of the network's numbers, [m][n][t].
std::vector<std::int64_t> added_of(const reference::reference_layer& layer, const std::vector<std::int32_t>& numbers);

} // namespace loas::golden
