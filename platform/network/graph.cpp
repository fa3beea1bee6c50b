#include "platform/network/graph.h"

#include "platform/formats/npy.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <algorithm>
#include <utility>

namespace loas::network
{

std::string map_shape::text() const
{
    if (rank == 1)
        return formats::shape_text({size()});
    return rank == 2 ? formats::shape_text({channels, width}) : formats::shape_text({channels, height, width});
}

bool operator==(const map_shape& a, const map_shape& b)
{
    return a.rank == b.rank && a.channels == b.channels && a.height == b.height && a.width == b.width;
}

const char* place_word(place where)
{
    switch (where) {
    case place::accelerator:
        return "accelerator";
    case place::host:
        return "host";
    case place::folded:
        return "folded";
    case place::cannot:
        return "cannot";
    default:
        return "-";
    }
}

std::string graph_node::title() const
{
    return "node '" + text::printable(name) + "' (" + text::printable(type) + ")";
}

void graph::refuse(std::size_t node, const std::string& message)
{
    nodes[node].where = place::cannot;
    const std::string start = source + ": " + nodes[node].title() + ": ";
    nodes[node].notes.push_back(message.rfind(start, 0) == 0
                                    ? message.substr(start.size())
                                    : message.substr(std::min(message.size(), source.size() + 2)));
    findings.push_back({node, message});
}

void graph::warn(std::size_t node, const std::string& reason)
{
    nodes[node].notes.push_back(reason);
    warnings.push_back({node, nodes[node].title() + ": " + reason});
}

void graph::fail(std::size_t node, const std::string& reason) const
{
    throw text::user_error(source + ": " + nodes[node].title() + ": " + reason);
}

std::string graph::quoted(std::size_t node) const
{
    return "'" + text::printable(nodes[node].name) + "'";
}

void graph::each(const std::function<void(std::size_t)>& action)
{
    const std::vector<std::size_t> now = order; // passes insert nodes
    for (const std::size_t node : now) {
        if (nodes[node].gone())
            continue;
        try {
            action(node);
        } catch (const text::user_error& error) {
            refuse(node, error.what());
        }
    }
}

std::vector<std::size_t> graph::users_of(std::size_t node) const
{
    std::vector<std::size_t> users;
    for (const std::size_t at : order)
        if (nodes[at].where != place::folded &&
            std::find(nodes[at].from.begin(), nodes[at].from.end(), node) != nodes[at].from.end())
            users.push_back(at);
    return users;
}

std::optional<std::size_t> graph::user_of(std::size_t node) const
{
    const std::vector<std::size_t> users = users_of(node);
    if (users.size() != 1 || nodes[users[0]].from.size() != 1)
        return std::nullopt;
    return users[0];
}

void graph::fold(std::size_t node, std::size_t into, std::size_t instead, const std::string& note)
{
    for (graph_node& each : nodes)
        std::replace(each.from.begin(), each.from.end(), node, instead);
    nodes[node].where = place::folded;
    nodes[node].into = nodes[into].title();
    nodes[node].notes.push_back(note);
}

std::size_t graph::insert(std::size_t before, graph_node node)
{
    const std::size_t at = nodes.size();
    node.from = nodes[before].from;
    nodes.push_back(std::move(node));
    nodes[before].from = {at};
    order.insert(std::find(order.begin(), order.end(), before), at);
    return at;
}

std::size_t graph::copy(std::size_t node)
{
    const std::size_t at = nodes.size();
    nodes.push_back(graph_node(nodes[node]));
    nodes[at].copy = true;
    nodes[at].notes.clear();
    order.insert(std::find(order.begin(), order.end(), node) + 1, at);
    return at;
}

double value_at(const std::vector<double>& values, const map_shape& shape, unsigned channel, std::size_t pixel)
{
    if (values.size() == 1)
        return values[0];
    return values.size() == shape.channels ? values[channel]
                                           : values[channel * std::size_t{shape.height} * shape.width + pixel];
}

std::optional<std::vector<double>> per_channel(const std::vector<double>& values, const map_shape& shape)
{
    std::vector<double> result(shape.channels);
    for (unsigned channel = 0; channel < shape.channels; ++channel) {
        result[channel] = value_at(values, shape, channel, 0);
        if (values.size() != 1 && values.size() != shape.channels)
            for (std::size_t pixel = 1; pixel < std::size_t{shape.height} * shape.width; ++pixel)
                if (value_at(values, shape, channel, pixel) != result[channel])
                    return std::nullopt;
    }
    return result;
}

bool is_too_large(std::size_t out_channels, std::size_t in_channels, std::size_t kernel_h, std::size_t kernel_w)
{
    constexpr std::size_t most = std::size_t{1} << 26; // as doubles half a GiB
    return formats::count_elements({out_channels, in_channels, kernel_h, kernel_w}, most) > most;
}

} // namespace loas::network
