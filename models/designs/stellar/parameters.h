// Parameters of Stellar beside those that all designs share. No SystemC.
#pragma once

#include "models/parameter/words.h"

namespace loas::designs
{

/// lif: as the layer says. few_spikes: spikes are the bits of a number.
enum class stellar_neuron { lif, few_spikes };
inline constexpr std::string_view stellar_neuron_words[] = {"lif", "few-spikes"};
constexpr parameter::words words_of(stellar_neuron)
{
    return stellar_neuron_words;
}

struct stellar_parameters {
    unsigned pixels = 4;
    unsigned timesteps = 4;
    stellar_neuron neuron = stellar_neuron::lif;
    bool dense = false;

    template <typename table> void describe(table& to)
    {
        using parameter::ours, parameter::published;
        to.integer("stellar.pixels", pixels, 1, 16, "pixels", published,
                   "Stellar: pixels of the array; it has as many output channels as these go into tppe.count.");
        to.integer("stellar.timesteps", timesteps, 1, 16, "timesteps", published,
                   "Stellar: timesteps that a PE takes at once, each with an adder of its own.");
        to.word(
            "stellar.neuron", neuron, published,
            "Stellar: neurons of a workload's layers: as the layers say (lif), so that the same network runs on all "
            "designs, or as its authors', whose spikes are the bits of a number (few-spikes).");
        to.flag("stellar.dense", dense, ours,
                "Stellar: as the accounting has it before it takes a fifth of all: a fold takes all inputs, and fills "
                "anew.")
            .under_published(true);
    }
};

} // namespace loas::designs
