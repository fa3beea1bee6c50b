// A trained network and its images as a C source, for a program on the host CPU that has them in itself.
#pragma once

#include "platform/config/scenario.h"

#include <string>

namespace loas::network_c
{

/// Defines what sw/runtime/loas_network_data.h declares, of a scenario whose workload is a network. Throws
/// text::user_error.
std::string network_in_c(const config::scenario& scenario);

} // namespace loas::network_c
