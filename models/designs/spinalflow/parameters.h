// Parameters of SpinalFlow beside those that all designs share. No SystemC.
#pragma once

#include "models/parameter/words.h"

namespace loas::designs
{

/// lif: as the layer says. first_spike: the same, but a neuron spikes at most once.
enum class spinalflow_neuron { lif, first_spike };
inline constexpr std::string_view spinalflow_neuron_words[] = {"lif", "first-spike"};
constexpr parameter::words words_of(spinalflow_neuron)
{
    return spinalflow_neuron_words;
}

struct spinalflow_parameters {
    unsigned pes = 128;
    unsigned filter_kib = 576;
    unsigned merger_latency = 2; ///< cycles
    spinalflow_neuron neuron = spinalflow_neuron::lif;

    template <typename table> void describe(table& to)
    {
        using parameter::ours, parameter::published;
        to.power_of_two("spinalflow.pes", pes, 8, 1024, "PEs", published,
                        "SpinalFlow: PEs, one for each output channel of a pass; the tiles (tppe.count) share them.");
        to.integer("spinalflow.filter_kib", filter_kib, 1, 65536, "KiB", published,
                   "SpinalFlow: filter buffer, with a row of a weight for each PE for each input.");
        to.integer("spinalflow.merger_latency", merger_latency, 0, 64, "cycles", ours,
                   "SpinalFlow: from the lists of spikes through both mergers, when these are empty.");
        to.word("spinalflow.neuron", neuron, published,
                "SpinalFlow: neurons of a workload's layers: as the layers say (lif), or at most one spike of each, as its "
                "authors' (first-spike).");
    }
};

} // namespace loas::designs
