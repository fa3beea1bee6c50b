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

namespace
{

loaded_network loaded_of(const config::workload_params& workload, lowering::lowered_network lowered, inputs::input_set inputs)
{
    lowering::require_model(lowered);
    for (network::graph_node& node : lowered.nodes.nodes) // doubles that the model has in integers: most of the memory
        if (network::linear_op* op = node.as<network::linear_op>(); op != nullptr)
            op->weights = {};
    inputs.require_fit(workload.input_scale, lowered.model->classes);
    return {std::move(lowered), std::move(inputs)};
}

inputs::input_set inputs_of(const config::workload_params& workload, const network::graph_node& input)
{
    return inputs::open_inputs(workload, *input.out, true, input.name);
}

} // namespace

loaded_network load_network(const config::workload_params& workload)
{
    return load_network(workload, network::read_graph(formats::read_nir(workload.network.string())));
}

loaded_network load_network(const config::workload_params& workload, lowering::lowered_network lowered)
{
    inputs::input_set inputs = inputs_of(workload, *input_of(lowered.nodes));
    return loaded_of(workload, std::move(lowered), std::move(inputs));
}

loaded_network load_network(const config::workload_params& workload, network::graph graph)
{
    lowering::map_options options = map_options_of(workload);
    options.keep_as_read = workload.float_images > 0;
    const network::graph_node* input = input_of(graph);
    if (input == nullptr) { // then it has findings, which lowering tells
        lowering::require_model(lowering::lower_graph(std::move(graph), options));
        throw std::logic_error("a network without findings whose Input has no shape");
    }
    inputs::input_set inputs = inputs_of(workload, *input);
    options.takes_spikes = takes_spikes(workload, inputs);
    return loaded_of(workload, lowering::lower_graph(std::move(graph), options), std::move(inputs));
}

} // namespace loas::network_file
