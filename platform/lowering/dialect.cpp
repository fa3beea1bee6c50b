#include "platform/lowering/dialect.h"

#include "platform/network/node_view.h"
#include "platform/text/words.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace loas::lowering
{

namespace
{

/// A framework, as far as its files show and do not show.
struct framework {
    const char* name;
    double time_step; ///< that its exporter uses if nobody says otherwise
    neuron_reset reset;
    const char* reset_words;
    bool fires_at_threshold, several_spikes;
};

constexpr framework snntorch{"snnTorch",
                             1e-4,
                             neuron_reset::delayed,
                             "delayed, as snnTorch's neurons do by default (reset_mechanism=\"zero\" is hard)",
                             false,
                             false};
constexpr framework spikingjelly{
    "SpikingJelly", 1e-4, neuron_reset::hard, "hard, as SpikingJelly's neurons do by default (v_reset=None is soft)",
    true,           false};
constexpr framework norse{"Norse", 1e-3, neuron_reset::hard, "hard, as Norse's neurons do", false, false};
constexpr framework sinabs{"Sinabs", 1, neuron_reset::soft, "soft, as Sinabs' neurons do by default", true, true};
constexpr framework rockpool{"Rockpool", 1e-3, neuron_reset::soft, "soft, as Rockpool's neurons do", true, true};

bool nearly(double a, double b)
{
    return std::fabs(a - b) <= 1e-4 * std::max(std::fabs(a), std::fabs(b));
}

/// What the first neuron with a gain shows.
struct evidence {
    bool any = false, leaks = false;
    double tau = 0, r = 0;
    std::string name; ///< of the node
    std::optional<double> time_step;
};

evidence evidence_in(const graph& network)
{
    evidence found;
    for (const std::size_t at : network.order) {
        const neuron_op* neuron = network.nodes[at].as<neuron_op>();
        if (neuron == nullptr || neuron->stateless || neuron->r.empty())
            continue;
        evidence here;
        here.any = true;
        here.name = network.nodes[at].name;
        here.leaks = neuron->leaks();
        here.r = neuron->r[0];
        here.tau = here.leaks ? neuron->tau[0] : 0;
        // A gain of 1 as r = tau / dt, or r = 1 / dt.
        if (here.r > 0 && here.leaks && !nearly(here.r, 1))
            here.time_step = here.tau / here.r;
        if (here.r > 0 && !here.leaks)
            here.time_step = 1 / here.r;
        if (!found.any || (here.time_step && !found.time_step))
            found = here;
    }
    return found;
}

const framework* framework_of(const evidence& shown)
{
    if (!shown.any)
        return nullptr;
    const auto is_number = [](const std::string& name) {
        return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    const bool numbered =
        !shown.name.empty() && shown.name[0] == '_' && is_number(shown.name.substr(1)); // as torch.fx names them
    if (shown.name.find("Torch") != std::string::npos || shown.name.find("Jax") != std::string::npos)
        return &rockpool; // its class names
    if (!shown.leaks)
        return nearly(shown.r, 1)                 ? (is_number(shown.name) ? &sinabs : &norse)
               : numbered || nearly(shown.r, 1e4) ? &spikingjelly
                                                  : nullptr;
    if (shown.time_step)
        return nearly(*shown.time_step, snntorch.time_step) ? &snntorch : nullptr;
    if (numbered || shown.tau < norse.time_step)
        return &spikingjelly;
    return shown.tau < 1 ? &norse : &sinabs; // seconds, or timesteps
}

} // namespace

dialect recognise_dialect(graph& network, const dialect_wishes& wishes)
{
    const evidence shown = evidence_in(network);
    const framework* known = framework_of(shown);
    dialect speech;
    const std::string name = text::printable(shown.name);
    const std::string looks = known == nullptr ? "" : std::string(", as the file looks like ") + known->name + "'s";
    if (known != nullptr) {
        speech.exporter = known->name;
        speech.fires_at_threshold = known->fires_at_threshold;
        speech.reset = known->reset;
        speech.several_spikes = known->several_spikes;
    }
    if (!shown.any)
        return speech;

    if (wishes.time_step) {
        speech.time_step = *wishes.time_step;
        if (shown.time_step && !nearly(*shown.time_step, speech.time_step))
            network.warnings.push_back({SIZE_MAX, "the time step is " + number_text(speech.time_step) +
                                                      ", but the gain of '" + name + "' is that of a time step of " +
                                                      number_text(*shown.time_step) +
                                                      ": workload.time_step may be wrong"});
    } else if (shown.time_step) {
        speech.time_step = *shown.time_step;
        network.assumed.push_back("time step " + number_text(speech.time_step) + ", with which the gain of '" + name +
                                  "' is 1");
    } else {
        speech.time_step = known != nullptr ? known->time_step : 1;
        network.assumed.push_back("time step " + number_text(speech.time_step) + looks +
                                  "; no number in it shows it (workload.time_step)");
    }
    if (wishes.reset)
        speech.reset = *wishes.reset;
    else
        network.assumed.push_back(std::string("reset ") + (known != nullptr ? known->reset_words : "hard") + looks +
                                  "; NIR cannot say it (workload.reset)");
    speech.several_spikes = speech.several_spikes && speech.reset == neuron_reset::soft;
    if (speech.several_spikes)
        network.assumed.push_back("neurons may fire several times in a timestep" + looks +
                                  "; the hardware's fire once, and keep the rest for the next");
    if (speech.fires_at_threshold)
        network.assumed.push_back("neurons fire at their threshold, not only above it" + looks);
    return speech;
}

} // namespace loas::lowering
