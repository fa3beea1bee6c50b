// A network's complexity as NeuroBench's harness counts it (Yik et al., "The neurobench framework", 2025), of the network
// that ran: pruned, folded and in 8 bits. Of an input on average.
#pragma once

#include "platform/lowering/network.h"
#include "platform/results/result.h"

#include <cstdint>
#include <vector>

namespace loas::neurobench
{

/// Multiplications of the layer that the host computes, over all timesteps and the inputs that were added.
class host_multiplications
{
public:
    /// encoder: of a network that takes spikes as they are it is not used.
    host_multiplications(const lowering::layer_model& encoder, unsigned timesteps);

    /// numbers: [image or timestep][row][column][channel]; an image is the same at every timestep.
    void add(const std::vector<std::int32_t>& numbers);

    /// What another layer of numbers took, too.
    void include(const host_multiplications& other)
    {
        m_effective += other.m_effective;
        m_dense += other.m_dense;
    }

    std::uint64_t effective() const { return m_effective; } ///< of a number that is not 0 by a weight that is not 0
    std::uint64_t dense() const { return m_dense; }

private:
    const lowering::layer_model& m_encoder;
    unsigned m_timesteps;
    std::vector<std::uint64_t> m_weights; ///< that are not 0, [kernel row][kernel column][channel]
    std::uint64_t m_effective = 0, m_dense = 0;
};

/// spikes: of all layers that spike, over all timesteps and inputs. potentials: scores are those of neurons that do not
/// spike; otherwise a last layer of currents has none. result: with its layers, whose counters have the rest.
results::neurobench_result figures_of(const lowering::network_model& network, const results::run_result& result,
                                      const host_multiplications& host, std::uint64_t spikes, bool potentials);

} // namespace loas::neurobench
