// A node of a NIR file as an operation with its shapes.
#pragma once

#include "platform/network/graph.h"

namespace loas::network
{

/// Sets operation and shapes of node `at`, whose `in` is known or not; a shape that cannot be worked out is that of the
/// node's own datasets if they say it. Takes its large arrays. next_type: of the node behind it, "" when there is none.
/// Throws text::user_error.
void read_node(graph& network, std::size_t at, formats::nir_node& from, const std::string& next_type);

} // namespace loas::network
