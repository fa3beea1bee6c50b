// What `loas-vp check` tells of a network.
#pragma once

#include "platform/lowering/mapping_report.h"

#include <string>
#include <vector>

namespace loas::network_file
{

struct checked_network {
    lowering::lowered_network lowered; ///< without a model where the machine of the scenario cannot run it, either
    lowering::expected_run run;
};

/// A network file with inputs and labels (empty: none), or the network of a scenario, or a result's folder, with its own. Throws text::user_error.
checked_network checked(const std::string& file, const std::string& inputs, const std::string& labels,
                        const std::vector<std::string>& overrides);

} // namespace loas::network_file
