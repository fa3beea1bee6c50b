// What starting an application of sw/apps on the host CPU takes: its settings and layers from the scenario, and what
// went wrong in it turned into words.
#pragma once

#include "apps/loas_apps.h"
#include "platform/config/scenario.h"
#include "platform/lowering/network.h"

#include <string>
#include <vector>

namespace loas::run
{

loas_app_settings settings_of(const config::scenario& scenario);

/// Of a network in blocks of timesteps: those of a block, with potentials that are carried.
loas_layer_config config_of(const lowering::layer_model& layer, const config::scenario& scenario);

/// Of its neurons on the host; empty: they are the device's.
std::vector<loas_neuron_values> values_of(const lowering::layer_model& layer);

std::vector<loas_layer_source> sources_of(const lowering::layer_model& layer);

loas_score score_of(lowering::score_kind kind);

/// A layer's bias or thresholds; nullptr: it has none.
const std::int32_t* numbers_of(const std::vector<std::int32_t>& numbers);

/// Throws what an application's end means when it is not LOAS_OK: guest_error, stuck_error (time-out) or
/// text::user_error (the machine's memory is too small). layer: the name of status.layer, or "".
void require(const loas_app_status& status, const std::string& layer);

} // namespace loas::run
