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
    bool starts_at_reset = false;
};

constexpr framework snntorch{"snnTorch",
                             1e-4,
                             neuron_reset::delayed,
                             "delayed, as snnTorch's neurons do by default (reset_mechanism=\"zero\" is hard)",
                             false,
                             false};
constexpr framework spikingjelly{
    "SpikingJelly", 1e-4, neuron_reset::hard, "hard, as SpikingJelly's neurons do by default (v_reset=None is soft)",
    true,           false, true};
constexpr framework norse{"Norse", 1e-3, neuron_reset::hard, "hard, as Norse's neurons do", false, false};
constexpr framework sinabs{"Sinabs", 1, neuron_reset::soft, "soft, as Sinabs' neurons do by default", true, true};
constexpr framework rockpool{"Rockpool", 1e-3, neuron_reset::soft, "soft, as Rockpool's neurons do", true, true};

constexpr const char* by_option = "(workload.time_step)";

bool nearly(double a, double b)
{
    return std::fabs(a - b) <= 1e-4 * std::max(std::fabs(a), std::fabs(b));
}

/// What a neuron with a gain shows.
struct evidence {
    bool leaks = false;
    double tau = 0, r = 0;
    std::string name; ///< of the node
    std::optional<double> time_step;
};

/// Of a gain of 1 as r = tau / dt, or r = 1 / dt, the same in all channels. An r of 1 is what is written where nothing
/// is meant by it, but of an IF.
std::optional<double> time_step_of(const neuron_op& neuron)
{
    const auto step_at = [&](std::size_t i) {
        const auto at = [i](const std::vector<double>& values) { return values[i < values.size() ? i : 0]; };
        return (neuron.leaks() ? at(neuron.tau) : 1) / at(neuron.r);
    };
    const double first = step_at(0);
    if (!(first > 0) || !std::isfinite(first) || ((neuron.leaks() || !neuron.spikes) && nearly(neuron.r[0], 1)))
        return {};
    for (std::size_t i = 1; i < std::max(neuron.r.size(), neuron.tau.size()); ++i)
        if (!nearly(step_at(i), first))
            return {};
    return first;
}

std::vector<evidence> evidence_in(const graph& network)
{
    std::vector<evidence> all;
    for (const std::size_t at : network.order) {
        const neuron_op* neuron = network.nodes[at].as<neuron_op>();
        if (neuron != nullptr && !neuron->stateless && !neuron->r.empty())
            all.push_back({neuron->leaks(), neuron->leaks() ? neuron->tau[0] : 0, neuron->r[0], network.nodes[at].name,
                           time_step_of(*neuron)});
    }
    return all;
}

/// A time step with the neurons whose gain shows it.
struct shown_step {
    double time_step = 0;
    std::vector<const evidence*> by;

    /// "0.001 by 'a', 'b' and 3 more"
    std::string text() const
    {
        constexpr std::size_t most = 4;
        std::string names;
        for (std::size_t i = 0; i < std::min(by.size(), most); ++i)
            names += (i == 0 ? " by '" : ", '") + text::printable(by[i]->name) + "'";
        return number_text(time_step) + names + (by.size() > most ? " and " + std::to_string(by.size() - most) + " more" : "");
    }
};

/// What the neurons show, by most of them first.
std::vector<shown_step> shown_in(const std::vector<evidence>& all)
{
    std::vector<shown_step> shown;
    for (const evidence& each : all) {
        if (!each.time_step)
            continue;
        auto same = std::find_if(shown.begin(), shown.end(),
                                 [&](const shown_step& other) { return nearly(other.time_step, *each.time_step); });
        if (same == shown.end())
            same = shown.insert(shown.end(), {*each.time_step, {}});
        same->by.push_back(&each);
    }
    std::stable_sort(shown.begin(), shown.end(),
                     [](const shown_step& a, const shown_step& b) { return a.by.size() > b.by.size(); });
    return shown;
}

/// A time step longer than a neuron's tau is none: a gain was meant that is not 1. Tells it, and leaves the others.
void drop_too_long(std::vector<shown_step>& shown, const std::vector<evidence>& all, graph& network)
{
    const evidence* shortest = nullptr;
    for (const evidence& each : all)
        if (each.leaks && each.tau > 0 && (shortest == nullptr || each.tau < shortest->tau))
            shortest = &each;
    if (shortest == nullptr)
        return;
    const auto too_long = [&](const shown_step& each) { return each.time_step > shortest->tau * (1 + 1e-6); };
    for (const shown_step& each : shown)
        if (too_long(each))
            network.warnings.push_back({SIZE_MAX, "a time step of " + each.text() +
                                                      ", as its gain is, would be longer than the tau of '" +
                                                      text::printable(shortest->name) + "', " +
                                                      number_text(shortest->tau) + "; it is not taken " + by_option});
    shown.erase(std::remove_if(shown.begin(), shown.end(), too_long), shown.end());
}

std::string texts_of(const std::vector<shown_step>& shown)
{
    std::string text;
    for (const shown_step& each : shown)
        text += (text.empty() ? "" : "; ") + each.text();
    return text;
}

const framework* framework_of(const evidence& shown)
{
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

/// A gain that is not 1 looks like one of another time step, too. Believed is what exporters write, a power of ten, or
/// what several neurons agree on.
bool is_believed(const shown_step& shown)
{
    const double power = std::log10(shown.time_step);
    return shown.by.size() > 1 || nearly(std::pow(10.0, std::round(power)), shown.time_step);
}

void choose_time_step(dialect& speech, graph& network, const std::vector<shown_step>& shown, const framework* known,
                      const std::string& looks)
{
    if (shown.empty()) {
        speech.time_step = known != nullptr ? known->time_step : 1;
        speech.time_step_from = "assumed" + looks;
        network.assumed.push_back("time step " + number_text(speech.time_step) + looks + "; no number in it shows it " +
                                  by_option);
        return;
    }
    const std::string gain = "with which the gain of '" + text::printable(shown[0].by[0]->name) + "' is 1";
    speech.time_step = shown[0].time_step;
    speech.time_step_from = "assumed as the one " + gain;
    network.assumed.push_back("time step " + number_text(speech.time_step) + ", " + gain);
    if (shown.size() > 1)
        network.warnings.push_back({SIZE_MAX, "the gains of its neurons are those of several time steps: " +
                                                  texts_of(shown) + "; " + number_text(speech.time_step) +
                                                  " is taken, and with it the others are not 1 " + by_option});
}

} // namespace

dialect recognise_dialect(graph& network, const dialect_wishes& wishes)
{
    const std::vector<evidence> all = evidence_in(network);
    dialect speech;
    if (all.empty())
        return speech;
    std::vector<shown_step> shown = shown_in(all);
    if (!wishes.time_step)
        drop_too_long(shown, all, network);
    const framework* known = framework_of(shown.empty() ? all[0] : *shown[0].by[0]);
    const std::string looks = known == nullptr ? "" : std::string(", as the file looks like ") + known->name + "'s";
    if (known != nullptr) {
        speech.exporter = known->name;
        speech.fires_at_threshold = known->fires_at_threshold;
        speech.reset = known->reset;
        speech.several_spikes = known->several_spikes;
    }

    if (wishes.time_step) {
        speech.time_step = *wishes.time_step;
        shown.erase(std::remove_if(shown.begin(), shown.end(),
                                   [&](const shown_step& each) {
                                       return nearly(each.time_step, speech.time_step) || !is_believed(each);
                                   }),
                    shown.end());
        if (!shown.empty())
            network.warnings.push_back({SIZE_MAX, "the time step is " + number_text(speech.time_step) +
                                                      ", but gains are those of another: " + texts_of(shown) +
                                                      "; these are taken as gains that are not 1, which is right "
                                                      "unless workload.time_step is wrong"});
    } else {
        choose_time_step(speech, network, shown, known, looks);
    }
    if (wishes.reset)
        speech.reset = *wishes.reset;
    speech.reset_is_guessed = !wishes.reset;
    if (speech.reset_is_guessed)
        network.assumed.push_back(std::string("reset ") + (known != nullptr ? known->reset_words : "hard") + looks +
                                  "; NIR cannot say it (workload.reset)");
    speech.starts_at_reset = known != nullptr && known->starts_at_reset && speech.reset == neuron_reset::hard;
    speech.several_spikes = speech.several_spikes && speech.reset == neuron_reset::soft;
    if (speech.several_spikes)
        network.assumed.push_back("neurons may fire several times in a timestep" + looks +
                                  "; the hardware's fire once, and keep the rest for the next");
    if (speech.fires_at_threshold)
        network.assumed.push_back("neurons fire at their threshold, not only above it" + looks);
    return speech;
}

} // namespace loas::lowering
