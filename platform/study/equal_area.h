// Designs of the same area: as many tiles of each as are as large as what another has.
#pragma once

#include "platform/config/scenario.h"

#include <optional>
#include <string>

namespace loas::study
{

/// Areas that differ by no more are the same.
inline constexpr double near_area = 0.05;

/// Of the whole accelerator, models/cost/area.h.
double area_mm2(const config::scenario& scenario);

/// The number of tiles, of those with which the scenario's design can be built, whose area comes nearest.
unsigned tiles_for_area(config::scenario scenario, double wanted_mm2);

/// A parameter of the design's own, halved until some number of tiles has that area.
struct smaller_design {
    std::string setting; ///< "KEY=VALUE"
    unsigned tiles = 0;
    double area_mm2 = 0;
};
/// Of a design one of whose tiles is larger already; nothing: halving no parameter helps.
std::optional<smaller_design> smaller(const config::scenario& scenario, double wanted_mm2);

} // namespace loas::study
