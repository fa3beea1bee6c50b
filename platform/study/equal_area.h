// Designs of the same area: as many tiles of each as are as large as what another has.
#pragma once

#include "platform/config/scenario.h"

namespace loas::study
{

/// Of the whole accelerator, models/cost/area.h.
double area_mm2(const config::scenario& scenario);

/// The number of tiles, of those with which the scenario's design can be built, whose area comes nearest.
unsigned tiles_for_area(config::scenario scenario, double wanted_mm2);

} // namespace loas::study
