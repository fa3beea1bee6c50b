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

namespace
{

void few_spikes_reasons(const lowering::network_model& network, const config::scenario& scenario,
                        std::vector<std::string>& reasons)
{
    const auto must_be_of_hardware = [&](const lowering::layer_model& layer) {
        if (!layer.host.empty())
            reasons.push_back(fmt::format("layer '{}': its neurons run on the host, as {}; few-spikes neurons know nothing of "
                                          "that ({}.neuron = \"lif\" does)",
                                          text::printable(layer.name), layer.host_because, scenario.accelerator));
    };
    must_be_of_hardware(network.encoder);
    for (const lowering::layer_model& layer : network.layers) {
        must_be_of_hardware(layer);
        if (&layer == &network.layers.back() && !layer.currents)
            reasons.push_back(
                fmt::format("layer '{}': it is the last one and spikes, and scores count spikes, whatever they "
                            "stand for with few-spikes neurons ({}.neuron = \"lif\" can)",
                            text::printable(layer.name), scenario.accelerator));
    }
}

} // namespace

std::vector<std::string> why_not_on_machine(const lowering::network_model& network, const config::scenario& scenario)
{
    std::vector<std::string> reasons;
    for (const lowering::layer_model& layer : network.layers)
        if (!layer.starts.empty() && !config::carries_potentials(scenario))
            reasons.push_back(fmt::format("layer '{}': its neurons begin at 0 and are reset to a v_reset that is not 0, and {} "
                                          "cannot begin with potentials; {} can (accelerator)",
                                          text::printable(layer.name), scenario.accelerator, config::designs_that_carry()));
    // A potential that lies in memory does not say whether its neuron has spiked, and few-spikes neurons have none.
    if (!network.encoder.starts.empty() && config::neuron_modes(scenario) != 0)
        reasons.push_back(
            fmt::format("layer '{}': its neurons begin at 0 and are reset to a v_reset that is not 0, which "
                        "only {}.neuron = \"lif\" can",
                        text::printable(network.encoder.name), scenario.accelerator));
    if ((config::neuron_modes(scenario) & LOAS_NEURON_FEW_SPIKES) != 0)
        few_spikes_reasons(network, scenario, reasons);
    return reasons;
}

} // namespace loas::network_file
