#include "platform/float_network/beside_float.h"

#include "platform/float_network/float_network.h"
#include "platform/lowering/quantise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace loas::float_network
{
namespace
{

// Rounding to 8 bits makes a few spikes in a hundred differ; more is another network.
constexpr double much_disagreement = 0.05, little_agreement = 0.95;
// Of the float network's spikes. Trained networks in 8 bits show 1 to 8 % of them in each layer, one with a ruined channel
// 12 %; of spikes that lie somewhere else altogether it is near 200 %. Where few spike that is a small share of all
// timesteps.
constexpr double many_of_spikes = 0.25;

/// Spikes of a layer, neuron by neuron, over images and timesteps.
struct spike_counts {
    std::uint64_t different = 0, steps = 0;
    std::vector<std::uint64_t> here, there; ///< spikes of each neuron, of the integer and of the float network

    void add(const std::vector<std::uint16_t>& words, const std::vector<double>& values,
             const network::map_shape& shape, unsigned timesteps, unsigned block)
    {
        const std::size_t neurons = shape.size();
        here.resize(neurons);
        there.resize(neurons);
        for (std::size_t i = 0; i < neurons; ++i)
            for (unsigned t = 0; t < timesteps; ++t) {
                const bool spike = spike_of(words, shape, i, t, block);
                const auto float_spikes = static_cast<std::uint64_t>(values[t * neurons + i]);
                here[i] += spike;
                there[i] += float_spikes;
                different += spike != (float_spikes != 0) || float_spikes > 1;
            }
        steps += timesteps;
    }

    results::float_layer layer(const std::string& name) const
    {
        results::float_layer result;
        result.name = name;
        const double all = static_cast<double>(steps) * static_cast<double>(here.size());
        result.disagreement = static_cast<double>(different) / all;
        for (std::size_t i = 0; i < here.size(); ++i) {
            result.rate += static_cast<double>(here[i]) / all;
            result.float_rate += static_cast<double>(there[i]) / all;
            result.dead += here[i] == 0 && there[i] != 0;
            result.saturated += here[i] == steps && there[i] != steps;
        }
        if (result.float_rate > 0)
            result.of_spikes = result.disagreement / result.float_rate;
        return result;
    }
};

/// The class with the largest score, of equal ones the first.
template <typename number> int best_of(const std::vector<number>& scores)
{
    return static_cast<int>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

/// Of the float network: its output's values over the timesteps.
std::vector<double> scores_of(const std::vector<double>& values, unsigned timesteps, config::score_rule rule)
{
    const std::size_t classes = values.size() / timesteps;
    std::vector<double> scores(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(classes));
    for (unsigned t = 1; t < timesteps; ++t)
        for (std::size_t n = 0; n < classes; ++n) {
            const double value = values[t * classes + n];
            scores[n] = rule == config::score_rule::sum    ? scores[n] + value
                        : rule == config::score_rule::last ? value
                                                           : std::max(scores[n], value);
        }
    return scores;
}

/// Maps of scores, image after image, beside those of the float network; both [channel][pixel].
class map_comparison
{
public:
    explicit map_comparison(const network::map_shape& shape) : m_channels(shape.channels) {}

    void add(const std::vector<std::int64_t>& here, const std::vector<double>& there)
    {
        const std::size_t pixels = here.size() / m_channels;
        for (std::size_t i = 0; i < here.size(); ++i) {
            const double x = static_cast<double>(here[i]), y = there[i];
            m_count += 1, m_x += x, m_y += y, m_xx += x * x, m_yy += y * y, m_xy += x * y;
        }
        for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
            m_same += best_at(here, pixel, pixels) == best_at(there, pixel, pixels);
            m_pixels += 1;
        }
    }

    results::float_result::map_agreement found() const
    {
        const double of_x = m_xx - m_x * m_x / m_count, of_y = m_yy - m_y * m_y / m_count;
        const double both = m_xy - m_x * m_y / m_count;
        return {m_same / m_pixels, of_x > 0 && of_y > 0 ? both / std::sqrt(of_x * of_y) : of_x == of_y ? 1.0 : 0.0};
    }

private:
    template <typename number>
    std::size_t best_at(const std::vector<number>& scores, std::size_t pixel, std::size_t pixels) const
    {
        std::size_t best = 0;
        for (std::size_t n = 1; n < m_channels; ++n)
            if (scores[n * pixels + pixel] > scores[best * pixels + pixel])
                best = n;
        return best;
    }

    std::size_t m_channels;
    double m_count = 0, m_x = 0, m_y = 0, m_xx = 0, m_yy = 0, m_xy = 0, m_same = 0, m_pixels = 0;
};

void warn(results::float_result& result, std::uint64_t further)
{
    for (const results::float_layer& layer : result.layers)
        if (layer.disagreement > much_disagreement || layer.of_spikes > many_of_spikes)
            result.warnings.push_back(
                fmt::format("layer {}: its spikes differ from the network's in floating point at {:.1f} % of all neurons "
                            "and timesteps{}; that spikes {:.3f} times a neuron and timestep, this one {:.3f} times{}",
                            layer.name, 100 * layer.disagreement,
                            layer.of_spikes > 0 ? fmt::format(", {:.0f} for 100 spikes of that", 100 * layer.of_spikes) : "",
                            layer.float_rate, layer.rate,
                            layer.dead > 0 ? fmt::format("; {} of its neurons never spike here", layer.dead) : ""));
    if (result.map && (result.map->same_pixels < little_agreement || result.map->correlation < little_agreement))
        result.warnings.push_back(
            fmt::format("the network that runs is not the one in the file: {:.1f} % of its map's pixels have another best "
                        "channel than in floating point, and scores correlate by {:.3f}",
                        100 * (1 - result.map->same_pixels), result.map->correlation));
    if (!result.map && static_cast<double>(result.agree) < little_agreement * static_cast<double>(result.images))
        result.warnings.push_back(
            fmt::format("the network that runs is not the one in the file: of {} images it puts {} "
                        "into another class than that does in floating point",
                        result.images, result.images - result.agree));
    for (const results::float_layer& layer : result.layers)
        if (layer.rate == 0 || layer.rate == 1)
            result.warnings.push_back(fmt::format("layer {}: {} of its neurons spikes at {} timestep: what comes behind "
                                                  "knows nothing of the inputs",
                                                  layer.name, layer.rate == 0 ? "none" : "each",
                                                  layer.rate == 0 ? "any" : "every"));
    if (further > 0)
        result.warnings.push_back(
            fmt::format("the network's neurons fire several times in a timestep: {} spikes behind the "
                        "first; the hardware's fire once a timestep",
                        further));
}

} // namespace

results::float_result beside_float(const lowering::lowered_network& lowered, const config::scenario& scenario,
                                   const inputs::input_set& inputs, std::size_t count, const golden_network& golden)
{
    const config::workload_params& workload = scenario.workload;
    results::float_result result;
    result.warnings = lowered.model->warnings;
    result.warnings.insert(result.warnings.end(), inputs.warnings().begin(), inputs.warnings().end());
    if (std::string lost = inputs.lost_by_rounding(count, workload.input_scale); !lost.empty())
        result.warnings.push_back(std::move(lost));
    result.images = std::min<std::uint64_t>(count, static_cast<std::uint64_t>(workload.float_images));
    if (result.images == 0 || !lowered.as_read)
        return result;
    const float_network network(*lowered.as_read, lowered.speech);
    std::vector<spike_counts> layers(lowered.spike_nodes.size());
    std::uint64_t further = 0;
    std::optional<float_network> unpruned;
    std::uint64_t same = 0, unpruned_correct = 0;
    if (lowered.unpruned)
        unpruned.emplace(*lowered.unpruned, lowered.speech);
    const std::vector<int>& labels = inputs.labels();
    const std::optional<network::map_shape> map = score_map(lowered);
    std::optional<map_comparison> maps;
    if (map)
        maps.emplace(*map);
    for (std::size_t image = 0; image < result.images; ++image) {
        const std::vector<double> input = float_input(inputs, image, workload.input_scale);
        const float_activity activity = network.run(input, workload.timesteps);
        const reference::reference_scores integers = golden(image);
        for (std::size_t layer = 0; layer < layers.size(); ++layer) {
            const std::size_t node = lowered.spike_nodes[layer];
            layers[layer].add(integers.spikes[layer], activity.values[node], *network.nodes().nodes[node].out,
                              workload.timesteps, config::block_timesteps(scenario));
        }
        further += activity.further_spikes;
        const std::vector<double> scores =
            scores_of(activity.values[network.nodes().order.back()], workload.timesteps, workload.score);
        const int found = best_of(scores);
        if (maps)
            maps->add(integers.scores, scores);
        result.agree += found == best_of(integers.scores);
        result.correct += !labels.empty() && found == labels[image];
        if (!unpruned)
            continue;
        const float_activity all = unpruned->run(input, workload.timesteps);
        const int before =
            best_of(scores_of(all.values[unpruned->nodes().order.back()], workload.timesteps, workload.score));
        same += found == before;
        unpruned_correct += !labels.empty() && before == labels[image];
    }
    if (unpruned)
        result.warnings.push_back(fmt::format(
            "weights are pruned (workload.prune_weights = {:g}): in floating point {} of {} images are in the class of the "
            "network without that{}",
            workload.prune_weights, same, result.images,
            labels.empty() ? "" : fmt::format(", {} right instead of {}", result.correct, unpruned_correct)));
    for (std::size_t layer = 0; layer < layers.size(); ++layer)
        result.layers.push_back(
            layers[layer].layer(lowering::layer_name(lowered.nodes.nodes[lowered.spike_nodes[layer]].name)));
    if (maps)
        result.map = maps->found();
    warn(result, further);
    return result;
}

std::optional<network::map_shape> score_map(const lowering::lowered_network& lowered)
{
    for (const network::graph_node& node : lowered.nodes.nodes)
        if (node.as<network::output_op>() != nullptr && node.in && node.in->rank > 1 && node.in->height * node.in->width > 1)
            return node.in;
    return {};
}

std::vector<std::int64_t> channels_first(const std::vector<std::int64_t>& scores, std::size_t channels)
{
    std::vector<std::int64_t> ordered;
    for (std::size_t n = 0; n < channels; ++n)
        for (std::size_t i = n; i < scores.size(); i += channels)
            ordered.push_back(scores[i]);
    return ordered;
}

std::vector<double> float_input(const inputs::input_set& inputs, std::size_t image, double input_scale)
{
    std::vector<double> input = inputs.values(image);
    if (inputs.are_counts())
        for (double& value : input)
            value *= input_scale;
    return input;
}

bool spike_of(const std::vector<std::uint16_t>& words, const network::map_shape& shape, std::size_t neuron, unsigned t,
              unsigned block)
{
    const std::size_t pixels = shape.size() / shape.channels;
    const unsigned word = words[t / block * shape.size() + neuron % pixels * shape.channels + neuron / pixels];
    return (word >> t % block & 1) != 0;
}

std::int64_t cheap_images(const network::graph& network, unsigned timesteps, double products)
{
    double of_image = 1;
    for (const network::graph_node& node : network.nodes)
        if (const auto* op = node.as<network::linear_op>(); op != nullptr && node.out)
            of_image += timesteps * static_cast<double>(op->inputs()) * static_cast<double>(node.out->size());
    return static_cast<std::int64_t>(std::clamp(products / of_image, 1.0, 1e6));
}

} // namespace loas::float_network
