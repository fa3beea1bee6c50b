// From the nodes of a NIR file to a graph of checked shapes.
#pragma once

#include "platform/network/graph.h"

namespace loas::network
{

/// Reads every node with its values and works out every shape, taking the large arrays out of the file's graph. Graphs
/// within the graph are opened. What is wrong with the file or does not fit becomes findings: edges to nodes that are
/// not there, loops (recurrence), sums of different shapes, kinds of nodes that cannot run, shapes that do not fit,
/// values that are not finite; the passes and everything behind them may rely on the rest.
///
/// Groups of a convolution are blocks of zero weights, dilation is taps of zero weight, a Conv1d is a Conv2d of height
/// 1. A leading axis of 1 of the Input is the batch.
graph read_graph(formats::nir_graph file);

} // namespace loas::network
