// Which part of its largest weight each output channel keeps in 8 bits, by what the float network does on some inputs.
#pragma once

#include "platform/lowering/mapper.h"
#include "platform/reference/reference.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace loas::float_network
{

struct calibration {
    lowering::lowered_network network; ///< with what was chosen
    std::vector<std::string> told;     ///< what was chosen, and what it gained, in words
};

/// The network of the given options, lowered.
using lowering_of = std::function<lowering::lowered_network(const lowering::map_options& options)>;
/// A layer on the scenario's machine, as the golden model takes it.
using layer_of = std::function<reference::reference_layer(const lowering::layer_model& model)>;

inline constexpr std::size_t calibration_tries = 10;
/// Fewer inputs than these are warned of: a channel that spikes seldom shows a handful of spikes on them, and the share
/// that suits these by chance is taken.
inline constexpr std::size_t few_inputs = 32;

/// Layer by layer, with what was chosen for those before it: each output channel (or the layer, where it has one scale)
/// keeps that share of its largest weight with which the fewest of its spikes differ from the float network's on the
/// inputs, and all of it where no other is better. Larger weights are cut. A last layer of currents keeps all, as no spikes
/// show what it loses, and the words say so.
///
/// Then spikes of all layers are counted that differ with it and without, on the last inputs, `further`, by which nothing
/// was chosen, or where there are none on all; `unused` are there beyond, and not looked at. Where more differ with it, it is left out; both are said.
///
/// inputs: as float_network takes them, and the same as the machine does. done: called with the number of steps: one for
/// each input, then calibration_tries for each layer that spikes.
calibration calibrate(const lowering_of& lower, lowering::map_options options, unsigned timesteps,
                      const std::vector<std::vector<double>>& inputs,
                      const std::vector<std::vector<std::int32_t>>& numbers, std::size_t further,
                      std::size_t unused, const layer_of& on_machine, const std::function<void(std::size_t done)>& done = {});

} // namespace loas::float_network
