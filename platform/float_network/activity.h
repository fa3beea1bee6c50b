// How much of what each layer takes is silent, before the network runs.
#pragma once

#include "platform/inputs/input_set.h"
#include "platform/lowering/mapping_report.h"

#include <cstddef>
#include <vector>

namespace loas::float_network
{

/// Of each of the model's layers, on the first `count` inputs in floating point; padding is silent. lowered: with its model, and as_read.
std::vector<lowering::input_activity> activities_of(const lowering::lowered_network& lowered,
                                                    const inputs::input_set& inputs, std::size_t count,
                                                    unsigned timesteps, double input_scale);

} // namespace loas::float_network
