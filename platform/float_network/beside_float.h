// The network that ran beside the one that its file describes, in floating point.
#pragma once

#include "platform/config/scenario.h"
#include "platform/inputs/input_set.h"
#include "platform/lowering/mapper.h"
#include "platform/reference/reference.h"
#include "platform/results/result.h"

#include <functional>
#include <optional>
#include <vector>

namespace loas::float_network
{

/// The integer network on an image, as the golden model has it.
using golden_network = std::function<reference::reference_scores(std::size_t image)>;

/// Computes the first `workload.float_images` of `count` inputs in floating point, and compares. Warns in words where
/// the two differ by more than rounding explains.
results::float_result beside_float(const lowering::lowered_network& lowered, const config::scenario& scenario,
                                   const inputs::input_set& inputs, std::size_t count, const golden_network& golden);

/// The shape of the scores of a network that gives a map; nothing: it gives one score a class.
std::optional<network::map_shape> score_map(const lowering::lowered_network& lowered);

/// Scores of the pixels of a map in the order of the file, [channel][pixel]; the machine's is [pixel][channel].
std::vector<std::int64_t> channels_first(const std::vector<std::int64_t>& scores, std::size_t channels);

/// An input as float_network takes it: as the user gave it, where the machine takes floats rounded to counts.
std::vector<double> float_input(const inputs::input_set& inputs, std::size_t image, double input_scale);

/// Did a neuron, in the float network's order (channel, pixel), spike at timestep t? words: [block][pixel][channel] as the
/// golden model gives them, bit t % block of `block` timesteps each.
bool spike_of(const std::vector<std::uint16_t>& words, const network::map_shape& shape, std::size_t neuron, unsigned t,
              unsigned block);

/// Products of weights and inputs, zeros too, that the float network may take: a few seconds where the user asked for a
/// network's file, and nothing that is noticed where a scenario does not speak of it.
inline constexpr double few_seconds = 2e9, beside_run = 2e8;
/// As many images as take so many products in floating point, at least one.
std::int64_t cheap_images(const network::graph& network, unsigned timesteps, double products = few_seconds);

} // namespace loas::float_network
