// The network as the file has it: its graph before any pass, in doubles, with the neurons of its framework.
#pragma once

#include "platform/lowering/dialect.h"
#include "platform/network/graph.h"

#include <cstdint>
#include <vector>

namespace loas::float_network
{

using lowering::dialect;
using lowering::neuron_reset;
using namespace network; // whose graph it computes

/// What each node gave on one input.
struct float_activity {
    /// [node], then [timestep][channel][row][column]; of neurons that spike 0 or 1, of several spikes their number.
    std::vector<std::vector<double>> values;
    /// Of several spikes that a neuron fired in one timestep those behind the first.
    std::uint64_t further_spikes = 0;
};

class float_network
{
public:
    /// nodes: as read_graph() gives them, without findings.
    float_network(graph nodes, const dialect& speech);

    /// input: [timestep][channel][row][column], or one image that is the same at each timestep.
    float_activity run(const std::vector<double>& input, unsigned timesteps) const;

    const graph& nodes() const { return m_graph; }

private:
    void run_node(std::size_t at, const std::vector<double>& input, unsigned timesteps, float_activity& activity) const;

    graph m_graph;
    dialect m_speech;
};

} // namespace loas::float_network
