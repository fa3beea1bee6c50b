#include "platform/network_file/load_network.h"

#include "platform/formats/nir.h"

#include <algorithm>
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

lowering::lowered_network load_lowered(const config::workload_params& workload)
{
    lowering::map_options options = map_options_of(workload);
    options.keep_as_read = workload.float_images > 0;
    lowering::lowered_network lowered = lowering::lower_network(formats::read_nir(workload.network.string()), options);
    lowering::require_model(lowered);
    return lowered;
}

std::function<lowering::lowered_network(const lowering::map_options&)> loader_of(const config::workload_params& workload)
{
    return [file = formats::read_nir(workload.network.string())](const lowering::map_options& options) {
        lowering::lowered_network lowered = lowering::lower_network(file, options);
        lowering::require_model(lowered);
        return lowered;
    };
}

lowering::network_model load_network(const config::workload_params& workload)
{
    return std::move(*load_lowered(workload).model);
}

} // namespace loas::network_file
