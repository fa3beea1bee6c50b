#include "platform/network_file/load_network.h"

#include "platform/formats/nir.h"
#include "platform/network/read_graph.h"
#include "platform/text/user_error.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace loas::network_file
{

lowering::map_options map_options_of(const config::workload_params& workload)
{
    lowering::map_options options;
    options.input_scale = workload.input_scale;
    options.time_step = workload.time_step;
    options.timesteps = std::max(workload.timesteps, 1u);
    options.prune = workload.prune_weights;
    switch (workload.reset) {
    case config::reset_rule::exporter:
        break;
    case config::reset_rule::hard:
        options.reset = lowering::neuron_reset::hard;
        break;
    case config::reset_rule::soft:
        options.reset = lowering::neuron_reset::soft;
        break;
    case config::reset_rule::delayed:
        options.reset = lowering::neuron_reset::delayed;
        break;
    }
    options.scales = workload.scales == config::scale_rule::per_layer ? lowering::scale_rule::per_layer
                                                                      : lowering::scale_rule::per_channel;
    options.score = workload.score == config::score_rule::last      ? lowering::score_kind::last
                    : workload.score == config::score_rule::maximum ? lowering::score_kind::maximum
                                                                    : lowering::score_kind::sum;
    return options;
}

bool takes_spikes(const config::workload_params& workload, const inputs::input_set& inputs)
{
    if (workload.first_layer == config::first_layer_rule::accelerator && !inputs.are_binary())
        throw text::user_error("workload.first_layer = \"accelerator\" needs inputs of nothing but 0 and 1: the "
                               "accelerator takes spikes. The host takes any numbers");
    return workload.first_layer == config::first_layer_rule::accelerator ||
           (workload.first_layer == config::first_layer_rule::automatic && inputs.over_time() && inputs.are_binary());
}

std::function<lowering::lowered_network(const lowering::map_options&)> loader_of(const config::workload_params& workload)
{
    return [file = formats::read_nir(workload.network.string())](const lowering::map_options& options) {
        lowering::lowered_network lowered = lowering::lower_network(file, options);
        lowering::require_model(lowered);
        return lowered;
    };
}

const network::graph_node* input_of(const network::graph& graph)
{
    for (const network::graph_node& node : graph.nodes)
        if (graph.findings.empty() && node.as<network::input_op>() != nullptr && node.out)
            return &node;
    return nullptr;
}

loaded_network load_network(const config::workload_params& workload)
{
    network::graph graph = network::read_graph(formats::read_nir(workload.network.string()));
    lowering::map_options options = map_options_of(workload);
    options.keep_as_read = workload.float_images > 0;
    const network::graph_node* input = input_of(graph);
    if (input == nullptr) { // then it has findings, which lowering tells
        lowering::require_model(lowering::lower_graph(std::move(graph), options));
        throw std::logic_error("a network without findings whose Input has no shape");
    }
    inputs::input_set inputs = inputs::open_inputs(workload, *input->out, true, input->name);
    options.takes_spikes = takes_spikes(workload, inputs);
    loaded_network loaded{lowering::lower_graph(std::move(graph), options), std::move(inputs)};
    lowering::require_model(loaded.lowered);
    for (network::graph_node& node : loaded.lowered.nodes.nodes) // doubles that the model has in integers: most of the memory
        if (network::linear_op* op = node.as<network::linear_op>(); op != nullptr)
            op->weights = {};
    loaded.inputs.require_fit(workload.input_scale, loaded.lowered.model->classes);
    return loaded;
}

} // namespace loas::network_file
