// The points that simulated designs have, by their own keys.
#pragma once

#include "platform/config/scenario.h"
#include "platform/mapping/mapping.h"

#include <string>
#include <vector>

namespace loas::mapping_search
{

/// A design with some of its own keys, and the point that it has with them.
struct machine {
    dataflow::mapping point;
    std::vector<std::string> overrides; ///< with them
    unsigned chunk_bits;                ///< of what it joins
};

/// What the scenario makes of each design, and what designs' own keys could make of it, each point once.
std::vector<machine> machines_of(const config::scenario& scenario);
config::scenario scenario_with(const config::scenario& base, const std::string& design, std::vector<std::string> overrides);

/// Equal for what counts alike; joins of so many bits.
std::string key_of(const dataflow::mapping& point, unsigned chunk_bits);

} // namespace loas::mapping_search
