// How much of what each layer takes is silent, before the network runs.
#pragma once

#include "platform/inputs/input_set.h"
#include "platform/lowering/mapping_report.h"

#include <cstddef>
#include <vector>

namespace loas::float_network
{

/// Of each of the model's layers, on the first `count` inputs in floating point; padding is silent. What is silent is so in
/// one block of so many timesteps, at which it is stored and looked at. lowered: with its model, and as_read.
std::vector<lowering::input_activity> activities_of(const lowering::lowered_network& lowered,
                                                    const inputs::input_set& inputs, std::size_t count,
                                                    unsigned timesteps, unsigned block, double input_scale);

} // namespace loas::float_network
