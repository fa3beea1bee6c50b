// What several descriptors say alike.
#pragma once

#include "models/designs/base/parameters.h"
#include "platform/config/options.h"
#include "platform/designs/design.h"

namespace loas::designs
{

/// What all designs take of a scenario.
accelerator_parameters shared_parameters(const config::scenario& scenario);

constexpr std::uint32_t formats_of(loas_spike_format spikes, loas_weight_format weights, std::uint32_t more = 0)
{
    return spikes | static_cast<std::uint32_t>(weights) << LOAS_FORMATS_WEIGHTS_SHIFT | more;
}

/// Of designs that join chunks of masks.
void add_empty_joins(const config::scenario& scenario, std::vector<bound>& bounds);

/// Of tiles that each hold a row of A and join all timesteps at once.
std::vector<bound> row_tile_bounds(const config::scenario& scenario);
std::vector<std::string_view> row_tile_keys();

} // namespace loas::designs
