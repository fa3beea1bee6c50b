// Leaks between layers become the synapses of the next neurons; see passes.h.
#include "platform/folding/linear_maths.h"
#include "platform/folding/passes.h"

#include <algorithm>

namespace loas::lowering
{

namespace
{

class absorber
{
public:
    absorber(graph& network, std::size_t filter) : m_graph(network), m_filter(filter) {}

    void absorb()
    {
        const graph_node& node = m_graph.nodes[m_filter];
        const neuron_op* of = node.as<neuron_op>();
        if (of == nullptr || of->spikes || !node.in || !find_neuron())
            return;
        if (const std::string why = why_not(*of); !why.empty())
            m_graph.fail(m_filter,
                         "does not spike, and between layers can only be the synapses of the next neurons: " + why);
        const neuron_op filter = *of;
        graph_node& sink = m_graph.nodes[m_neuron];
        neuron_op& neuron = *sink.as<neuron_op>();
        neuron.tau_syn = m_between.empty() ? filter.tau : std::vector<double>{filter.tau[0]};
        neuron.w_in = m_between.empty() ? filter.r : std::vector<double>{1};
        if (!m_between.empty())
            take_bias(neuron);
        sink.notes.push_back("its synapses decay as " + node.title() + " says");
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

    std::string why_not(const neuron_op& of) const
    {
        const auto is_zero = [](double value) { return value == 0; };
        const auto is_first = [&](double value) { return value == of.tau[0]; };
        if (!of.leaks())
            return "an integrator loses nothing, and synapses do. An LI of a long tau in its place would run";
        if (of.filters())
            return "it decays in two states. With an LI in its place it would run";
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
    std::vector<std::size_t> m_between; // nodes
};

} // namespace

void absorb_filters(graph& network)
{
    network.each([&](std::size_t node) { absorber(network, node).absorb(); });
}

} // namespace loas::lowering
