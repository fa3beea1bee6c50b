// Where a design takes inputs of another kind than its workload counts.
#pragma once

#include "platform/config/scenario.h"
#include "platform/draw/layer_network.h"

#include <string>

namespace loas::draw
{

/// In words: bytes drawn for counts of spikes, or spikes of one timestep for counts that may be of bytes; else "".
/// layer: of the list, nullptr where the workload is none.
std::string made_up_inputs(const config::scenario& scenario, const layer_statistics* layer);

} // namespace loas::draw
