#include "platform/lowering/unit_weights.h"

#include "platform/network/node_view.h"

#include <algorithm>
#include <cmath>

namespace loas::lowering
{

namespace
{

constexpr double least_whole = 8; // a scale for n + 1 > weight / scale >= n is coarser by less than 1 / n

/// The weight of all that are not 0 in a range of input channels, or 0.
double only_weight(const linear_op& op, std::size_t first, std::size_t channels)
{
    double found = 0;
    for (std::size_t n = 0; n < op.out_channels; ++n)
        for (std::size_t i = first * op.taps(); i < (first + channels) * op.taps(); ++i) {
            const double weight = op.weights[n * op.inputs() + i];
            if (weight != 0 && found != 0 && weight != found)
                return 0;
            found = weight != 0 ? weight : found;
        }
    return found;
}

/// Doubles of a quotient that is a whole number may lie a little below it.
double whole_of(double weight, double scale)
{
    return std::floor(std::fabs(weight) / scale * (1 + 1e-12));
}

} // namespace

std::vector<unit_branch> unit_branches(const graph& network, std::size_t weights)
{
    std::vector<unit_branch> units;
    const graph_node& node = network.nodes[weights];
    std::size_t first = 0;
    for (std::size_t i = 0; i < node.parts.size(); ++i) {
        const std::size_t channels = network.nodes[node.from[i]].out->channels;
        if (const double weight = only_weight(*node.as<linear_op>(), first, channels); weight != 0)
            units.push_back({network.quoted(node.from[i]), weight});
        first += channels;
    }
    std::stable_sort(units.begin(), units.end(), [](const unit_branch& a, const unit_branch& b) {
        return std::fabs(a.weight) > std::fabs(b.weight);
    });
    return units;
}

double scale_for_units(const std::vector<unit_branch>& units, double scale)
{
    if (units.empty())
        return scale;
    const double whole = whole_of(units[0].weight, scale);
    return whole >= least_whole ? std::max(scale, std::fabs(units[0].weight) / whole) : scale;
}

std::string rounded_units(const std::vector<unit_branch>& units, double scale)
{
    std::string text;
    for (const unit_branch& each : units) {
        const double exact = each.weight / scale, rounded = std::round(exact);
        if (std::fabs(exact - rounded) <= 1e-9 * std::fabs(exact))
            continue;
        text += (text.empty() ? "" : ", ") + each.source + " of " + number_text(each.weight) + " to " +
                number_text(rounded * scale);
    }
    return text.empty() ? "" : "weights of branches that take spikes as they are are rounded: " + text;
}

} // namespace loas::lowering
