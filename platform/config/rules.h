// Rules between parameters, each of which is in its range.
#pragma once

#include "platform/config/scenario.h"

#include <string>
#include <string_view>
#include <vector>

namespace loas::config
{

struct broken_rule {
    std::vector<std::string_view> keys; ///< to blame, the likeliest first
    std::string text;
    bool of_design = false; ///< the accelerator cannot be built in this size; others could
};

/// The rules that a scenario breaks; none: it can be built.
std::vector<broken_rule> broken_rules(const scenario& s);

/// Can the scenario's design begin a layer with potentials that memory holds?
bool carries_potentials(const scenario& s);
/// "loas, ..."
std::string designs_that_carry();

/// The list of layers that the scenario's design takes.
const std::filesystem::path& list_of_layers(const scenario& s);

/// LOAS_NEURON_* that the scenario's design gives to all neurons of a workload, those that the host computes too.
unsigned neuron_modes(const scenario& s);

} // namespace loas::config
