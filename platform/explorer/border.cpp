#include "platform/explorer/border.h"

#include "models/functional/bits.h"
#include "platform/explorer/rescaled.h"

#include <algorithm>

namespace loas::explorer
{
namespace
{

constexpr double factors[] = {1.0 / 16, 1.0 / 8, 1.0 / 4, 1.0 / 2, 1, 2, 4, 8};
constexpr unsigned numbers_of_timesteps[] = {1, 2, 4, 8, 16};

} // namespace

const char* name_of(border_axis axis)
{
    switch (axis) {
    case border_axis::timesteps: return "timesteps";
    case border_axis::spikes: return "spikes";
    case border_axis::weights: return "weights";
    }
    return "";
}

double border_step::value() const
{
    const auto share = [](std::uint64_t part, std::uint64_t all) { return static_cast<double>(part) / static_cast<double>(all); };
    switch (axis) {
    case border_axis::timesteps: return t;
    case border_axis::spikes: return share(spikes, inputs);
    case border_axis::weights: return share(weights, all_weights);
    }
    return 0;
}

std::vector<mapping> border_points(unsigned units)
{
    std::vector<mapping> points;
    const auto add = [&](const dataflow::loop_order& loops, unsigned timesteps) {
        points.push_back({loops, dataflow::usual_unrolling(loops, units, timesteps), dataflow::usual_formats(loops)});
    };
    add(dataflow::parse_orders("mnkt").front(), unrolling::all_timesteps);
    for (const dataflow::loop_order& order : dataflow::parse_orders("all"))
        add(order, 1);
    for (const dataflow::loop_order& order : dataflow::parse_orders("nmkt,mknt,nkmt,kmnt,knmt"))
        add(order, unrolling::all_timesteps);
    return points;
}

rivals rivals_of(const mapping& border_point)
{
    return border_point.space.timesteps == 1 ? rivals::t_in_time : rivals::t_in_a_word;
}

std::vector<border_step> border_steps(const lowering::layer_model& layer, unsigned timesteps,
                                      const std::vector<std::uint16_t>& spikes, const std::vector<mapping>& points,
                                      const std::vector<std::uint64_t>& capacities_bits, const work_rules& rules)
{
    std::vector<border_step> steps;
    const auto add = [&](border_axis axis, double factor, unsigned t, const lowering::layer_model& with,
                         const std::vector<std::uint16_t>& words) {
        const dataflow::sparse_layer operands = dataflow::unfold(with, t, words);
        border_step step{axis, factor, t};
        for (const std::uint16_t word : operands.spikes.words)
            step.spikes += functional::popcount(word);
        step.inputs = operands.m * operands.k * t;
        step.weights = operands.weights.places.size();
        step.all_weights = operands.k * operands.n;
        step.points = dataflow::analyse(operands, points, capacities_bits, rules);
        steps.push_back(std::move(step));
    };
    for (const unsigned t : numbers_of_timesteps) {
        std::vector<std::uint16_t> words = spikes;
        other_timesteps(words, timesteps, t);
        add(border_axis::timesteps, static_cast<double>(t) / timesteps, t, layer, words);
    }
    for (const double factor : factors)
        if (std::vector<std::uint16_t> words = spikes; rescale_spikes(words, timesteps, factor))
            add(border_axis::spikes, factor, timesteps, layer, words);
    for (const double factor : factors)
        if (lowering::layer_model with = layer; rescale_weights(with, factor))
            add(border_axis::weights, factor, timesteps, with, spikes);
    return steps;
}

void add_steps(std::vector<border_step>& to, const std::vector<border_step>& other)
{
    const auto of_both = [&](const border_step& each) {
        return std::find_if(other.begin(), other.end(), [&](const border_step& same) { return same.axis == each.axis && same.factor == each.factor; });
    };
    to.erase(std::remove_if(to.begin(), to.end(), [&](const border_step& each) { return of_both(each) == other.end(); }), to.end());
    for (border_step& each : to) {
        const border_step& more = *of_both(each);
        each.spikes += more.spikes;
        each.inputs += more.inputs;
        each.weights += more.weights;
        each.all_weights += more.all_weights;
        for (std::size_t i = 0; i < each.points.size(); ++i)
            each.points[i].add(more.points[i]);
    }
}

} // namespace loas::explorer
