#include "platform/network/read_graph.h"

#include "platform/network/inline_subgraphs.h"
#include "platform/network/node_view.h"
#include "platform/network/read_node.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace loas::network
{

namespace
{

std::string quoted(const std::string& name)
{
    return "'" + text::printable(name) + "'";
}

std::string quoted_list(const std::vector<std::size_t>& at, const graph& network)
{
    std::string text;
    for (const std::size_t each : at)
        text += (text.empty() ? "" : ", ") + quoted(network.nodes[each].name);
    return text;
}

constexpr const char* no_recurrence = "Recurrence cannot run: the accelerator computes all timesteps of a layer at "
                                      "once, so a layer's spikes cannot return "
                                      "to it a timestep later; train the network without recurrent weights";

class reader
{
public:
    explicit reader(formats::nir_graph file) : m_file(std::move(file)), m_graph(m_file.source) {}

    graph read()
    {
        for (std::string& each : inline_subgraphs(m_file))
            m_graph.assumed.push_back(std::move(each));
        if (m_file.nodes.size() > max_nodes) {
            m_graph.refuse(m_graph.source + ": /node/nodes: " + std::to_string(m_file.nodes.size()) +
                           " nodes, more than any network that fits (" + std::to_string(max_nodes) + ")");
            return std::move(m_graph);
        }
        read_names();
        if (!read_edges())
            return std::move(m_graph);
        m_input = only_of_type("Input");
        m_output = only_of_type("Output");
        if (m_input == none || m_output == none || !check_ends() || !check_ways())
            return std::move(m_graph);
        put_in_order();
        for (const std::size_t node : m_graph.order)
            read_values(node);
        return std::move(m_graph);
    }

private:
    static constexpr std::size_t none = SIZE_MAX, max_nodes = 4096;

    void read_names()
    {
        for (const formats::nir_node& each : m_file.nodes) {
            graph_node node;
            node.name = each.name;
            node.type = each.type;
            if (!m_number.emplace(each.name, m_graph.nodes.size()).second)
                m_graph.refuse(m_graph.source + ": " + node.title() + ": another node has the same name");
            m_graph.nodes.push_back(std::move(node));
        }
    }

    /// False: the rest would only tell the same once more.
    bool read_edges()
    {
        m_to.resize(m_graph.nodes.size());
        std::vector<std::string> missing;
        for (const auto& [from, to] : m_file.edges) {
            const auto start = m_number.find(from), end = m_number.find(to);
            if (start == m_number.end() || end == m_number.end()) {
                missing.push_back(m_graph.source + ": /node/edges: edge " + quoted(from) + " -> " + quoted(to) + ": " +
                                  no_node(start == m_number.end() ? from : to));
                continue;
            }
            m_to[start->second].push_back(end->second);
            m_graph.nodes[end->second].from.push_back(start->second);
        }
        if (!m_graph.findings.empty() || !missing.empty())
            tell_loop_of_names();
        for (const std::string& each : missing)
            m_graph.refuse(each);
        return m_graph.findings.empty();
    }

    std::string no_node(const std::string& name) const
    {
        std::vector<std::string_view> names;
        for (const graph_node& each : m_graph.nodes)
            names.push_back(each.name);
        const std::string near(text::nearest_word(name, names));
        return "there is no node " + quoted(name) +
               "; the file was exported without it, or its name is another in the edges: export it again, or name in the "
               "edge a node that is there" +
               text::did_you_mean(text::printable(near));
    }

    /// Of edges that name missing nodes, too: the file has two mistakes then, and this one, which no other export
    /// mends, is told first.
    void tell_loop_of_names()
    {
        std::map<std::string, std::vector<std::string>> to;
        for (const auto& [from, end] : m_file.edges)
            to[from].push_back(end);
        for (const auto& [start, ends] : to) {
            std::vector<std::string> open = ends;
            std::set<std::string> seen;
            while (!open.empty()) {
                const std::string name = open.back();
                open.pop_back();
                if (name == start) {
                    m_graph.refuse(m_graph.source + ": /node/edges: " + quoted(start) + " is on a loop. " +
                                   no_recurrence);
                    return;
                }
                if (seen.insert(name).second && to.count(name) > 0)
                    open.insert(open.end(), to[name].begin(), to[name].end());
            }
        }
    }

    std::size_t only_of_type(const std::string& type)
    {
        std::vector<std::size_t> found;
        for (std::size_t node = 0; node < m_graph.nodes.size(); ++node)
            if (m_graph.nodes[node].type == type)
                found.push_back(node);
        if (found.size() == 1)
            return found[0];
        m_graph.refuse(m_graph.source + ": /node/nodes: " +
                       (found.empty() ? "there is no " + type + " node; export the whole network, from Input to Output"
                                      : "expected one " + type + " node, found " + quoted_list(found, m_graph) +
                                            "; with one of them, exported without what leads to the others alone, it "
                                            "would run"));
        return none;
    }

    void refuse(std::size_t node, const std::string& reason)
    {
        m_graph.refuse(node, m_graph.source + ": " + m_graph.nodes[node].title() + ": " + reason);
    }

    bool check_ends()
    {
        for (std::size_t node = 0; node < m_graph.nodes.size(); ++node) {
            const std::vector<std::size_t>&from = m_graph.nodes[node].from, &to = m_to[node];
            if (from.empty() && to.empty() && !m_file.edges.empty() && node != m_input && node != m_output) {
                refuse(node, "has no edges: it takes and gives nothing. Delete it; the network is the same without it");
                continue;
            }
            if (node == m_input ? !from.empty() : from.empty())
                refuse(node, node == m_input ? "has an incoming edge, with " + quoted_list(from, m_graph)
                                             : "has no incoming edge");
            if (node == m_output ? !to.empty() : to.empty())
                refuse(node, node == m_output ? "has an outgoing edge, with " + quoted_list(to, m_graph)
                                              : "has no outgoing edge");
        }
        return m_graph.findings.empty();
    }

    template <typename neighbours> std::vector<bool> reached_from(std::size_t start, const neighbours& of) const
    {
        std::vector<bool> reached(m_graph.nodes.size(), false);
        std::vector<std::size_t> open{start};
        while (!open.empty()) {
            const std::size_t node = open.back();
            open.pop_back();
            if (reached[node])
                continue;
            reached[node] = true;
            for (const std::size_t next : of(node))
                open.push_back(next);
        }
        return reached;
    }

    bool check_ways()
    {
        const auto back = [this](std::size_t node) { return m_graph.nodes[node].from; };
        const auto forth = [this](std::size_t node) { return m_to[node]; };
        const std::vector<bool> after = reached_from(m_input, forth), before = reached_from(m_output, back);
        for (std::size_t node = 0; node < m_graph.nodes.size(); ++node)
            if (!after[node] || !before[node])
                refuse(node, "is not on the way from " + quoted(m_graph.nodes[m_input].name) + " to " +
                                 quoted(m_graph.nodes[m_output].name));
        return m_graph.findings.empty();
    }

    /// Givers before takers. What is left then is on loops, or behind one: those on a loop are told, and where the loop
    /// began is cut, so that the rest can be read.
    void put_in_order()
    {
        std::vector<std::size_t> missing(m_graph.nodes.size());
        std::vector<std::size_t> ready{m_input};
        for (std::size_t node = 0; node < missing.size(); ++node)
            missing[node] = m_graph.nodes[node].from.size();
        std::vector<bool> placed(m_graph.nodes.size(), false);
        while (m_graph.order.size() < m_graph.nodes.size()) {
            if (ready.empty())
                ready.push_back(cut_a_loop(placed));
            const std::size_t node = ready.back();
            ready.pop_back();
            if (placed[node])
                continue;
            placed[node] = true;
            m_graph.order.push_back(node);
            for (const std::size_t next : m_to[node])
                if (!placed[next] && --missing[next] == 0)
                    ready.push_back(next);
        }
    }

    std::size_t cut_a_loop(const std::vector<bool>& placed)
    {
        const auto open = [&](std::size_t node) {
            std::vector<std::size_t> next;
            for (const std::size_t each : m_to[node])
                if (!placed[each])
                    next.push_back(each);
            return next;
        };
        for (std::size_t node = 0; node < m_graph.nodes.size(); ++node) {
            const std::vector<std::size_t>& from = m_graph.nodes[node].from;
            const bool entered = std::any_of(from.begin(), from.end(), [&](std::size_t each) { return placed[each]; });
            if (placed[node] || !entered)
                continue;
            const std::vector<bool> after = reached_from(node, open);
            std::vector<std::size_t> loop;
            for (const std::size_t giver : from)
                if (!placed[giver] && after[giver])
                    loop.push_back(giver);
            if (loop.empty())
                continue;
            refuse(node, "is on a loop: it takes what " + quoted_list(loop, m_graph) + " makes of its own spikes. " +
                             no_recurrence);
            return node;
        }
        for (std::size_t node = 0;; ++node) // not reached: whoever is left has a loop before it
            if (!placed[node])
                return node;
    }

    /// A node that takes several others' takes their sum: they must be the same shape.
    void check_sum(std::size_t at)
    {
        const graph_node& node = m_graph.nodes[at];
        for (std::size_t i = 1; i < node.from.size() && node.where != place::cannot; ++i) {
            const graph_node &first = m_graph.nodes[node.from[0]], &other = m_graph.nodes[node.from[i]];
            if (std::count(node.from.begin(), node.from.end(), node.from[i]) > 1)
                refuse(at, "the edge from " + quoted(other.name) +
                               " is there twice, and it is not clear whether it counts twice; with one edge, and a Scale "
                               "of 2 where it does, it would run");
            else if (first.out && other.out && first.out->text() != other.out->text())
                refuse(at, "takes the sum of " + quoted(first.name) + " and " + quoted(other.name) +
                               ", but one gives " + first.out->text() + ", the other " + other.out->text());
        }
    }

    /// Its operation and shapes, with what the first node before it gives.
    void read_values(std::size_t at)
    {
        graph_node& node = m_graph.nodes[at];
        try {
            check_sum(at);
            const graph_node* giver = node.from.empty() ? nullptr : &m_graph.nodes[node.from[0]];
            if (giver != nullptr)
                node.in = giver->out;
            node.out = node.in; // if all else fails
            read_node(m_graph, at, m_file.nodes[at], m_to[at].empty() ? "" : m_graph.nodes[m_to[at][0]].type);
        } catch (const text::user_error& error) {
            if (node.where != place::cannot)
                m_graph.refuse(at, error.what());
        }
    }

    formats::nir_graph m_file;
    graph m_graph;
    std::map<std::string, std::size_t> m_number; // by name
    std::vector<std::vector<std::size_t>> m_to;  // takers
    std::size_t m_input = none, m_output = none;
};

} // namespace

graph read_graph(formats::nir_graph file)
{
    return reader(std::move(file)).read();
}

} // namespace loas::network
