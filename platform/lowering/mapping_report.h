// What became of each node of a network, for people and as JSON.
#pragma once

#include "platform/lowering/mapper.h"

#include <string>

namespace loas::lowering
{

/// Nodes with where they run and what was done to them, layers in integers, everything that was assumed, all warnings
/// and findings.
std::string to_text(const lowered_network& lowered);
std::string to_json(const lowered_network& lowered);

} // namespace loas::lowering
