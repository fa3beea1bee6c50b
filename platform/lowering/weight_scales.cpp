#include "platform/lowering/weight_scales.h"

#include "platform/lowering/unit_weights.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace loas::lowering
{

namespace
{

constexpr double finest = 1.0 / (1 << 18); // of threshold or bias; the neurons' vector unit is fast up to there, too
constexpr double finest_score = 1.0 / 256; // of the largest scale of currents that are scores
constexpr double least_whole = 16;         // a threshold of n is made whole by a scale that is coarser by up to 1 / n

double largest_of(const linear_op& op, std::size_t channel, double cut)
{
    double largest = 0;
    for (std::size_t i = channel * op.inputs(); i < (channel + 1) * op.inputs(); ++i)
        largest = std::max(largest, std::fabs(op.weights[i]));
    return std::min(largest, cut);
}

bool are_whole(const linear_op& op, std::size_t channel, double scale)
{
    for (std::size_t i = channel * op.inputs(); i < (channel + 1) * op.inputs(); ++i)
        if (const double exact = op.weights[i] / scale; std::fabs(exact - std::round(exact)) > 1e-9 * std::fabs(exact))
            return false;
    return true;
}

/// Coarser, so that the threshold is a whole number.
double for_whole_threshold(double scale, double threshold)
{
    const double whole = std::floor(threshold / scale * (1 + 1e-12)); // quotients may lie a little below it
    return whole >= least_whole ? threshold / whole : scale;
}

} // namespace

const neuron_op* neuron_behind(const graph& network, std::size_t weights)
{
    const std::optional<std::size_t> user = network.user_of(weights);
    const neuron_op* neuron = user ? network.nodes[*user].as<neuron_op>() : nullptr;
    return neuron == nullptr || network.nodes[*user].gone() || !neuron->spikes ? nullptr : neuron;
}

double threshold_of(const neuron_op& neuron, std::size_t channel)
{
    return neuron.thresholds.empty() ? neuron.threshold / neuron.gain : neuron.thresholds[channel];
}

std::vector<double> weight_scales(const graph& network, std::size_t weights, double largest, const scale_wishes& wishes)
{
    const linear_op& op = *network.nodes[weights].as<linear_op>();
    const neuron_op* neuron = neuron_behind(network, weights);
    const std::vector<unit_branch> units = unit_branches(network, weights);
    const double all = largest == 0 ? 1 : scale_for_units(units, largest / weight_max);
    const auto kept = [&](std::size_t n) { return wishes.kept.size() == 1 ? wishes.kept[0] : wishes.kept[n]; };
    if (wishes.rule == scale_rule::per_layer)
        return std::vector<double>(op.out_channels, all * kept(0));
    std::vector<double> scales;
    for (std::size_t n = 0; n < op.out_channels; ++n) {
        double& scale = scales.emplace_back(all);
        if (kept(n) == 1 && are_whole(op, n, all)) // of zeros, too
            continue;
        if (const double own = largest_of(op, n, largest) / weight_max * kept(n); own != 0)
            scale = own;
        const double threshold = neuron != nullptr ? threshold_of(*neuron, n) / wishes.input_scale : 0;
        const double bias = op.bias.empty() ? 0 : op.bias[n] / wishes.input_scale;
        scale = std::max({scale, finest * std::fabs(threshold), finest * std::fabs(bias)});
        if (neuron == nullptr)
            scale = std::max(scale, finest_score * all);
        else if (!units.empty())
            scale = scale_for_units(units, scale);
        else if (wishes.subtracts)
            scale = for_whole_threshold(scale, threshold);
    }
    return scales;
}

const char* coarsened_by(const graph& network, std::size_t weights, std::size_t channel, const scale_wishes& wishes)
{
    const linear_op& op = *network.nodes[weights].as<linear_op>();
    const neuron_op* neuron = neuron_behind(network, weights);
    const double own = largest_of(op, channel, std::numeric_limits<double>::infinity()) / weight_max;
    const double threshold = neuron != nullptr ? finest * std::fabs(threshold_of(*neuron, channel)) / wishes.input_scale : 0;
    const double bias = op.bias.empty() ? 0 : finest * std::fabs(op.bias[channel]) / wishes.input_scale;
    if (wishes.rule == scale_rule::per_layer || own >= std::max(threshold, bias))
        return nullptr;
    return bias > threshold ? "bias" : "v_threshold";
}

} // namespace loas::lowering
