// Graphs within a graph, opened into it.
#pragma once

#include "platform/formats/nir.h"

#include <string>
#include <vector>

namespace loas::network
{

/// Puts the nodes of every NIRGraph node into the graph itself, named "outer.inner", and lets its edges lead to what
/// its Input and Output nodes stood for. A NIRGraph that has not one of each stays as it is; edges to missing nodes
/// stay too, for whoever checks edges. Answers what was done, a line each.
std::vector<std::string> inline_subgraphs(formats::nir_graph& graph);

} // namespace loas::network
