// What became of each node of a network, for people and as JSON.
#pragma once

#include "platform/lowering/mapper.h"

#include <cstddef>
#include <string>
#include <vector>

namespace loas::lowering
{

/// Of what a layer takes, on some inputs: the share of spikes that are none, and of inputs without any.
struct input_activity {
    double spike_sparsity = 0, silent_ratio = 0;
};

/// What is known of a run of the network before it.
struct expected_run {
    unsigned timesteps = 0;                 ///< T; 0: not known
    std::size_t inputs = 0;                 ///< on which the activity is that of the network in floating point
    std::vector<input_activity> activities; ///< of network_model::layers; empty: there are no inputs
};

/// Nodes with where they run and what was done to them, layers in integers, everything that was assumed, all warnings
/// and findings. Lines have at most 100 bytes.
std::string to_text(const lowered_network& lowered, const expected_run& run = {});
std::string to_json(const lowered_network& lowered, const expected_run& run = {});

} // namespace loas::lowering
