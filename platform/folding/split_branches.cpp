// Sums of branches are moved behind what is linear, to the next neurons; see passes.h.
#include "platform/folding/linear_maths.h"
#include "platform/folding/passes.h"

#include <algorithm>

namespace loas::lowering
{

namespace
{

// A chain of n blocks whose sums go on has n^2 / 2 ways; what is far beyond that would not fit the accelerator either.
constexpr std::size_t most_copies = 4096, most_weights = std::size_t{1} << 26;

std::string names_of(const graph& network, const std::vector<std::size_t>& nodes)
{
    std::string text;
    for (const std::size_t each : nodes)
        text += (text.empty() ? "" : ", ") + network.quoted(each);
    return text;
}

class splitter
{
public:
    explicit splitter(graph& network) : m_graph(network) {}

    void split()
    {
        m_graph.each([this](std::size_t node) {
            const graph_node& here = at(node);
            if (here.as<output_op>() != nullptr)
                join_readouts(node);
            else if (is_foldable(here) || here.as<flatten_op>() != nullptr)
                one_for_each_taker(node, one_for_each_giver(node));
        });
        // A copy takes what its original takes, which so has more takers than when it was looked at.
        for (std::size_t before = SIZE_MAX; before != m_copies;) {
            before = m_copies;
            m_graph.each([this](std::size_t node) {
                if (is_foldable(at(node)) || at(node).as<flatten_op>() != nullptr)
                    one_for_each_taker(node, {node});
            });
        }
    }

private:
    graph_node& at(std::size_t node) { return m_graph.nodes[node]; }

    std::size_t copy(std::size_t node)
    {
        const linear_op* sum = at(node).as<linear_op>();
        m_weights += sum != nullptr ? sum->weights.size() : 0;
        if (++m_copies > most_copies || m_weights > most_weights)
            m_graph.fail(node, "there are too many ways through the network's branches to here: what adds up before a "
                               "neuron would be more than " +
                                   std::to_string(most_copies) + " sums, or 2^26 weights");
        return m_graph.copy(node);
    }

    /// L(a + b) = L(a) + L(b), with the bias once.
    std::vector<std::size_t> one_for_each_giver(std::size_t node)
    {
        std::vector<std::size_t> all{node};
        const std::vector<std::size_t> givers = at(node).from;
        if (givers.size() < 2)
            return all;
        at(node).notes.push_back("takes a sum of " + std::to_string(givers.size()) +
                                 " branches, and stands once for each of them");
        for (std::size_t i = 1; i < givers.size(); ++i) {
            const std::size_t other = copy(node);
            at(other).from = {givers[i]};
            if (linear_op* sum = at(other).as<linear_op>())
                sum->bias.clear();
            fit(other, givers[i]);
            all.push_back(other);
        }
        at(node).from = {givers[0]};
        for (const std::size_t user : m_graph.users_of(node)) {
            std::vector<std::size_t>& from = at(user).from;
            from.insert(std::find(from.begin(), from.end(), node) + 1, all.begin() + 1, all.end());
        }
        return all;
    }

    /// What is flattened may have come from a map or from a vector: the weights are in the same order.
    void fit(std::size_t node, std::size_t giver)
    {
        if (!at(node).in || !at(giver).out)
            return;
        const map_shape was = *at(node).in, is = *at(giver).out;
        const bool alike = was.channels == is.channels && was.height == is.height && was.width == is.width;
        linear_op* sum = at(node).as<linear_op>();
        at(node).in = is;
        if (sum != nullptr && !alike) {
            if (sum->kernel_h != was.height || sum->kernel_w != was.width || sum->pad_h != 0 || sum->pad_w != 0)
                m_graph.fail(node, "takes the sum of maps that are flattened and of vectors");
            sum->in_channels = is.channels;
            sum->kernel_h = is.height;
            sum->kernel_w = is.width;
        } else if (at(node).as<flatten_op>() != nullptr) {
            at(node).out = is;
            at(node).out->rank = 1;
        } else if (!alike) {
            m_graph.fail(node, "takes the sum of maps that are flattened and of vectors");
        }
    }

    /// A sum is folded into what takes it, so each taker has its own.
    void one_for_each_taker(std::size_t node, const std::vector<std::size_t>& all)
    {
        const std::vector<std::size_t> users = m_graph.users_of(node);
        if (users.size() > 1)
            at(node).notes.push_back("stands once for each of " + names_of(m_graph, users) + ", which take it");
        for (std::size_t i = 1; i < users.size(); ++i)
            for (const std::size_t each : all) {
                const std::size_t own = copy(each);
                std::replace(at(users[i]).from.begin(), at(users[i]).from.end(), each, own);
            }
    }

    /// Neurons that do not spike are linear: a sum of what they give is what one gives that takes the sum.
    void join_readouts(std::size_t output)
    {
        const std::vector<std::size_t> givers = at(output).from;
        const auto is_readout = [this](std::size_t node) {
            return at(node).as<neuron_op>() != nullptr && !at(node).as<neuron_op>()->spikes;
        };
        if (givers.size() < 2 || std::none_of(givers.begin(), givers.end(), is_readout))
            return;
        const std::size_t first = givers[0];
        for (const std::size_t each : givers)
            if (!is_readout(each) || !is_same_readout(first, each))
                m_graph.fail(output, "adds up what " + m_graph.quoted(first) + " and " + m_graph.quoted(each) +
                                         " give; potentials can be added up only of neurons that do not spike, have "
                                         "the same time constants and gains, and rest at 0. Let one neuron take the "
                                         "sum");
        for (std::size_t i = 1; i < givers.size(); ++i) {
            const std::vector<std::size_t> further = at(givers[i]).from;
            at(first).from.insert(at(first).from.end(), further.begin(), further.end());
            m_graph.fold(givers[i], first, first, "the same neurons: one takes the sum of what both take");
        }
        at(output).from = {first};
        at(first).notes.push_back("takes the sum of what " + names_of(m_graph, givers) + " take");
    }

    bool is_same_readout(std::size_t first, std::size_t other)
    {
        const neuron_op &a = *at(first).as<neuron_op>(), &b = *at(other).as<neuron_op>();
        const auto is_zero = [](double value) { return value == 0; };
        return a.tau == b.tau && a.r == b.r && a.tau_syn == b.tau_syn && a.w_in == b.w_in &&
               std::all_of(a.v_leak.begin(), a.v_leak.end(), is_zero) &&
               std::all_of(b.v_leak.begin(), b.v_leak.end(), is_zero);
    }

    graph& m_graph;
    std::size_t m_copies = 0, m_weights = 0;
};

} // namespace

bool is_foldable(const graph_node& node)
{
    return node.as<linear_op>() != nullptr || node.as<pool_op>() != nullptr || node.as<scale_op>() != nullptr;
}

void split_branches(graph& network)
{
    splitter(network).split();
}

} // namespace loas::lowering
