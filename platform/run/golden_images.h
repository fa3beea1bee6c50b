// The golden network of a scenario: integers from the lowered network, in the terms of the reference model.
#pragma once

#include "platform/config/scenario.h"
#include "platform/inputs/input_set.h"
#include "platform/lowering/network.h"
#include "platform/reference/reference.h"

#include <cstdint>
#include <vector>

namespace loas::run
{

/// A layer without weights, bias and sources.
reference::reference_layer shape_of(const lowering::layer_model& from, unsigned timesteps,
                                    const config::scenario& scenario);

/// A layer that runs on the machine, whole but for what it takes.
reference::reference_layer machine_layer(const lowering::layer_model& from, const config::scenario& scenario);

/// The network on each input; it knows nothing of memory, driver or descriptors.
class golden_images
{
public:
    golden_images(const lowering::network_model& network, const config::scenario& scenario,
                  const inputs::input_set& inputs);

    reference::reference_scores run(std::size_t image) const; ///< scores in the order of the file
    /// Of all layers, on an image that has run.
    std::uint64_t spikes(std::size_t image) const { return m_spikes[image]; }

private:
    reference::reference_network m_network;
    const inputs::input_set& m_inputs;
    mutable std::vector<std::uint64_t> m_spikes;
};

} // namespace loas::run
