// The passes that turn a graph into layers of weights and neurons, in the order in which they run. Each says in the
// notes of a node what it did to it, and refuses a node that it cannot treat.
#pragma once

#include "platform/network/graph.h"

namespace loas::lowering
{

using namespace network; // whose graph all of this is about

/// A weighted sum, or something that becomes one: its taker can have it in its own weights.
bool is_foldable(const graph_node& node);

/// A neuron that does not spike and stands between layers is what the synapses of the next neurons make of their input: a
/// decay that is the same for all, or none, passes any sum, f(W x) = W f(x). Before split_branches(). time_step: in the
/// unit of their tau.
void absorb_filters(graph& network, double time_step);

/// Of a graph with branches: what is linear and takes a sum of branches stands once for each of them, and what several
/// take once for each taker, so that sums are only before neurons and Output; L(a + b) = L(a) + L(b). Neurons that do
/// not spike, whose potentials are added up before Output, become one.
void split_branches(graph& network);

/// Sets so large a share of each node's weights to 0, the smallest ones.
void prune_weights(graph& network, double share);

/// A Flatten changes no number: who takes a flattened map has its weights in the map's order already.
void drop_flattens(graph& network);

/// SumPool2d and a Threshold in [0, 1) on spikes are an OR of spikes, which the accelerator computes with the neuron:
/// windows square, stride the same, no padding.
void fold_or_pools(graph& network);

/// Scales, pools and sums without a neuron between them become one set of weights with what stands before or behind
/// them. Exact but for the rounding of doubles; what would not be exact stays.
void fold_linear(graph& network);

/// A pool before a padded sum that fold_linear() left: the sum takes each place of the pool's windows as channels of their
/// own, maps of the pooled size, so that its padding is what it was. Exact, whatever the windows leave out or share.
void pool_by_parts(graph& network);

/// What is linear and stands behind what is linear now cannot be one layer with it, and is refused.
void refuse_unfolded(graph& network);

/// The sum of branches before a neuron or Output becomes one set of weights over the channels of all the neurons that
/// they come from, side by side: W' = [W_a | W_b]. An identity is weights of 1. Kernels of other sizes have zeros
/// around; of a branch with larger strides every so many pixels are taken. Exact. takes_spikes: the network's inputs are
/// spikes, too; numbers and spikes are two nodes of weights, of which one has the other as its `numbers`.
void join_branches(graph& network, bool takes_spikes);

/// Gives every neuron the weights that it takes its currents from: a layer of ones where the file has none.
void complete_layers(graph& network);

} // namespace loas::lowering
