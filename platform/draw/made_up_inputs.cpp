#include "platform/draw/made_up_inputs.h"

#include "platform/config/design.h"

namespace loas::draw
{

std::string made_up_inputs(const config::scenario& scenario, const layer_statistics* layer)
{
    if (!config::takes_bytes(scenario))
        return layer == nullptr || layer->timesteps > 1
                   ? ""
                   : "spikes of one timestep, one for each input that the list counts, whether as a spike or a byte";
    if (layer != nullptr)
        return layer->timesteps == 1 ? ""
                                     : "bytes made up, T = 1, one for each input that spikes in a list of spikes "
                                       "(workload.layers_of_bytes has bytes)";
    const bool drawn = scenario.workload.kind == config::workload_kind::layer && scenario.layer.spikes_file.empty();
    return drawn && scenario.workload.timesteps > 1
               ? "bytes made up, T = 1, one for each input that is not silent by layer.silent_ratio"
               : "";
}

} // namespace loas::draw
