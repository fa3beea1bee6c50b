// Energy, power and area of a finished run: the scenario's parameters in the terms of models/cost.
#pragma once

#include "models/cost/energy.h"
#include "platform/config/scenario.h"
#include "platform/results/result.h"

namespace loas::energy_account
{

cost::hardware_size hardware_size_of(const config::scenario& scenario);

/// Fills in each layer's energies, the area, and what the summary shall show; everything else must be there.
void account_energy(results::run_result& result, const config::scenario& scenario);

} // namespace loas::energy_account
