// A network file in the place of a scenario: what the scenario would have said is taken from the file, or assumed.
#pragma once

#include "platform/config/scenario.h"
#include "platform/lowering/mapper.h"

#include <string>
#include <vector>

namespace loas::network_file
{

/// Is the file a network (.nir)?
bool is_network(const std::string& file);

/// The network, with the time step that it shows unless it is among the overrides. Throws text::user_error.
lowering::lowered_network lowered_alone(const std::string& file, const std::vector<std::string>& overrides);

/// What `loas-vp check` is asked of: a network file, or the network of a scenario. Throws text::user_error.
lowering::lowered_network lowered_of(const std::string& file, const std::vector<std::string>& overrides);

/// A network file with its inputs and labels (empty: none) as a scenario: the time step as the file shows it, the input
/// scale by the largest input where inputs are no counts, the defaults for all else. Says on standard error what it
/// assumed. Throws text::user_error.
config::scenario scenario_of(const std::string& file, const std::string& inputs, const std::string& labels,
                             std::vector<std::string> overrides);

} // namespace loas::network_file
