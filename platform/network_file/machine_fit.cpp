#include "platform/network_file/machine_fit.h"

#include "platform/config/rules.h"
#include "platform/text/words.h"

#include <fmt/format.h>

namespace loas::network_file
{

std::string blocks_words(const config::scenario& scenario)
{
    const unsigned timesteps = scenario.workload.timesteps, blocks = config::blocks_of(scenario);
    if (blocks <= 1)
        return "";
    const unsigned fewest = (timesteps + LOAS_MAX_TIMESTEPS - 1) / LOAS_MAX_TIMESTEPS;
    return fmt::format("the {} timesteps of an input run in {} blocks of {}, as the hardware holds no more at a time: "
                       "potentials go to memory and back between them, and weights come anew for each{}",
                       timesteps, blocks, config::block_timesteps(scenario),
                       fewest >= blocks ? ""
                                        : fmt::format("; with tppe.max_timesteps = {} it would be {}",
                                                      (timesteps + fewest - 1) / fewest,
                                                      fewest == 1 ? "one block" : fmt::format("{} blocks", fewest)));
}

std::vector<std::string> why_not_on_machine(const lowering::network_model& network, const config::scenario& scenario)
{
    std::vector<std::string> reasons;
    for (const lowering::layer_model& layer : network.layers)
        if (!layer.starts.empty() && !config::carries_potentials(scenario))
            reasons.push_back(fmt::format("layer '{}': its neurons begin at 0 and are reset to a v_reset that is not 0, and {} "
                                          "cannot begin with potentials; {} can (accelerator)",
                                          text::printable(layer.name), scenario.accelerator, config::designs_that_carry()));
    // A potential that lies in memory does not say whether its neuron has spiked.
    if (!network.encoder.starts.empty() && (config::neuron_modes(scenario) & LOAS_NEURON_FIRST_SPIKE) != 0)
        reasons.push_back(fmt::format("layer '{}': its neurons begin at 0 and are reset to a v_reset that is not 0, which "
                                      "neurons that spike once cannot ({}.neuron = \"lif\" can)",
                                      text::printable(network.encoder.name), scenario.accelerator));
    return reasons;
}

} // namespace loas::network_file
