// Leaks between layers become the synapses of the next neurons; see passes.h.
#include "platform/folding/linear_maths.h"
#include "platform/folding/passes.h"

#include <algorithm>
#include <cmath>

namespace loas::lowering
{

namespace
{

/// The tau_syn of what adds up: a synapse that loses nothing in any number of timesteps, of dt / tau_syn as its share. A
/// power of two, so that the share times it is dt.
constexpr double endless = 0x1p100;

class absorber
{
public:
    absorber(graph& network, std::size_t filter, double time_step)
        : m_graph(network), m_filter(filter), m_time_step(time_step)
    {
    }

    void absorb()
    {
        const graph_node& node = m_graph.nodes[m_filter];
        const neuron_op* of = node.as<neuron_op>();
        if (of == nullptr || of->spikes || !node.in || !find_neuron())
            return;
        if (const std::string why = why_not(*of); !why.empty())
            m_graph.fail(m_filter,
                         "does not spike, and between layers can only be the synapses of the next neurons: " + why);
        neuron_op filter = *of;
        if (filter.filters()) // a timestep long, so that it filters nothing
            filter.r = gains_of(*of, *node.in);
        const bool sums_up = !filter.leaks();
        if (sums_up)
            filter.tau = {endless};
        graph_node& sink = m_graph.nodes[m_neuron];
        neuron_op& neuron = *sink.as<neuron_op>();
        neuron.tau_syn = m_between.empty() ? filter.tau : std::vector<double>{filter.tau[0]};
        neuron.w_in = m_between.empty() ? filter.r : std::vector<double>{1};
        for (double& each : neuron.w_in) // times dt / tau
            each *= sums_up ? endless : 1;
        if (!m_between.empty())
            take_bias(neuron);
        sink.notes.push_back("its synapses " + std::string(sums_up ? "add up" : "decay") + " as " + node.title() + " says");
        if (m_between.empty()) {
            m_graph.fold(m_filter, m_neuron, node.from[0], "is the current of its synapses");
            sink.from = m_graph.nodes[m_filter].from;
            return;
        }
        m_graph.nodes[m_filter].op = scale_op{filter.r};
        m_graph.nodes[m_filter].notes.push_back("is the current of the synapses of " + sink.title() +
                                                ", behind the sums; r is multiplied into the weights");
    }

private:
    /// Behind it and what is linear: a neuron that takes nothing else.
    bool find_neuron()
    {
        std::size_t at = m_filter;
        for (;;) {
            const std::optional<std::size_t> user = m_graph.user_of(at);
            if (!user)
                return false;
            at = *user;
            const graph_node& here = m_graph.nodes[at];
            if (here.as<neuron_op>() != nullptr) {
                m_neuron = at;
                return here.as<neuron_op>()->spikes;
            }
            if (!is_foldable(here) && here.as<flatten_op>() == nullptr)
                return false;
            m_between.push_back(at);
        }
    }

    /// r * w_in of each neuron.
    static std::vector<double> gains_of(const neuron_op& of, const map_shape& shape)
    {
        std::vector<double> gains;
        const std::size_t pixels = shape.size() / shape.channels;
        for (unsigned c = 0; c < shape.channels; ++c)
            for (std::size_t pixel = 0; pixel < pixels; ++pixel)
                gains.push_back(value_at(of.r, shape, c, pixel) * value_at(of.w_in, shape, c, pixel));
        return gains;
    }

    std::string why_not(const neuron_op& of) const
    {
        const auto is_other = [&](double tau) { return std::fabs(tau / m_time_step - 1) > 1e-6; };
        const auto is_zero = [](double value) { return value == 0; };
        const auto is_first = [&](double value) { return value == of.tau[0]; };
        if (std::any_of(of.tau_syn.begin(), of.tau_syn.end(), is_other))
            return "it decays in two states. With an LI in its place, or a tau_syn of one timestep, it would run";
        if (m_graph.nodes[m_neuron].as<neuron_op>()->filters())
            return m_graph.nodes[m_neuron].title() + " has synapses of its own. With LIF in its place it would run";
        if (!std::all_of(of.v_leak.begin(), of.v_leak.end(), is_zero))
            return "its v_leak is not 0. With 0 it would run";
        if (!m_between.empty() && !std::all_of(of.tau.begin(), of.tau.end(), is_first))
            return "its tau differs between neurons, which what lies behind it adds up. With one tau it would run";
        for (std::size_t i = 0; i + 1 < m_between.size(); ++i)
            if (const linear_op* sum = m_graph.nodes[m_between[i]].as<linear_op>();
                sum != nullptr && !std::all_of(sum->bias.begin(), sum->bias.end(), is_zero))
                return m_graph.nodes[m_between[i]].title() +
                       " behind it has a bias. With it in the last sum it would run";
        return "";
    }

    /// What the last sum adds does not decay.
    void take_bias(neuron_op& neuron)
    {
        linear_op* sum = m_graph.nodes[m_between.back()].as<linear_op>();
        if (sum == nullptr)
            return;
        neuron.behind_synapses = std::move(sum->bias);
        sum->bias.clear();
    }

    graph& m_graph;
    std::size_t m_filter, m_neuron = SIZE_MAX;
    double m_time_step;
    std::vector<std::size_t> m_between; // nodes
};

} // namespace

void absorb_filters(graph& network, double time_step)
{
    network.each([&](std::size_t node) { absorber(network, node, time_step).absorb(); });
}

} // namespace loas::lowering
