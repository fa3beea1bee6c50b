// From a NIR graph to the integer network that the accelerator runs.
#pragma once

#include "platform/formats/nir.h"
#include "platform/lowering/dialect.h"
#include "platform/lowering/network.h"
#include "platform/lowering/weight_scales.h"
#include "platform/network/graph.h"

#include <map>
#include <optional>
#include <vector>

namespace loas::lowering
{

/// What the NIR file doesn't say.
struct map_options {
    double input_scale = 1;            ///< value of pixel 1 in the units of the network (0..16 for 0..1: 1/16); above 0
    std::optional<double> time_step;   ///< length of a timestep in the unit of the neurons' tau; above 0
    std::optional<neuron_reset> reset; ///< after a spike
    score_kind score = score_kind::sum; ///< over the timesteps
    unsigned timesteps = 1;             ///< T, at least 1; a readout depends on it
    scale_rule scales = scale_rule::per_channel;
    double prune = 0; ///< share of each layer's weights that become 0
    /// By the node of a layer's weights: see scale_wishes::kept; the others keep all.
    std::map<std::size_t, std::vector<double>> kept = {};
    bool takes_spikes = false;          ///< inputs are 0 and 1 over time: the first layer, too, is the accelerator's
    bool keep_as_read = false;          ///< the graph as the file has it, too
};

/// A network with what became of each node on the way to it.
struct lowered_network {
    graph nodes;
    dialect speech;
    std::optional<network_model> model; ///< nothing: it cannot run, nodes.findings say why
    std::optional<graph> as_read;       ///< before the passes, its nodes of the same numbers; see keep_as_read. Pruned
    std::optional<graph> unpruned = {}; ///< the same before its weights were pruned; nothing: they were not
    /// Node whose output a layer's spikes are, encoder first; layers that do not spike are left out.
    std::vector<std::size_t> spike_nodes = {};
    std::vector<std::size_t> weight_nodes = {}; ///< of the same layers
};

/// Maps a graph that the passes of passes.h turn into a chain of layers of weights and neurons. The first is the
/// encoder, on the host, unless the inputs are spikes; the others are the accelerator's; the last has a neuron that spikes, or one that does not,
/// which is the host's, or none.
///
/// Numbers, per layer, with w, b the weights and bias behind the passes, and input_scale taken as 1 but for the
/// encoder:
///     s         = max|w| / 127                                (of each output channel, or of all: weight_scales.h)
///     weights   = round(w / s)                                halves away from zero
///     bias      = round(b / (s * input_scale))
///     g         = time_step * r / tau                         (IF: time_step * r)
///     threshold = floor(v_threshold / (s * input_scale * g))  (of frameworks that fire at the threshold, too: ceil -
///     1) leak_q8   = round(256 * (1 - time_step / tau))          (IF: 256)
///
/// Never fails for what is in the file: see `model`. Throws text::user_error for options that are no numbers above 0.
lowered_network lower_network(formats::nir_graph file, const map_options& options);
/// The same of a graph as read_graph() gives it.
lowered_network lower_graph(graph read, const map_options& options);

/// Throws text::user_error unless there is a model, with the first finding, and how many more there are.
void require_model(const lowered_network& lowered);

/// The model of lower_network(). Throws text::user_error with the first finding, and how many more there are.
network_model map_network(formats::nir_graph file, const map_options& options);

} // namespace loas::lowering
