#include "platform/float_network/calibrate.h"

#include "platform/float_network/float_network.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace loas::float_network
{
namespace
{

/// Of the largest weight; all of it comes first, so that of equal ones it is taken.
constexpr double shares[calibration_tries] = {1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.35, 0.25, 0.125, 0.0625};

using counts = std::vector<std::uint64_t>; ///< different spikes of each channel

class calibrator
{
public:
    calibrator(const lowering_of& lower, lowering::map_options options, unsigned timesteps,
               const std::vector<std::vector<double>>& inputs, const golden_of& golden,
               const std::function<void(std::size_t)>& done)
        : m_lower(lower), m_options(std::move(options)), m_timesteps(timesteps), m_golden(golden), m_done(done),
          m_network(m_lower(m_options))
    {
        const float_network floats(*m_network.as_read, m_network.speech);
        for (const std::vector<double>& input : inputs)
            m_activity.push_back(floats.run(input, timesteps));
        for (const std::size_t node : m_network.spike_nodes)
            m_shapes.push_back(*floats.nodes().nodes[node].out);
    }

    calibration run()
    {
        std::vector<std::string> told;
        for (std::size_t layer = 0; layer < m_network.spike_nodes.size(); ++layer)
            told.push_back(choose(layer));
        if (const lowering::layer_model& last = m_network.model->layers.back(); last.currents)
            told.push_back(fmt::format("layer {}: gives currents, and no spikes that could differ: all channels keep their "
                                       "largest weight",
                                       text::printable(last.name)));
        return {std::move(m_network), std::move(told)};
    }

private:
    const lowering::layer_model& model_of(std::size_t layer) const
    {
        const lowering::network_model& model = *m_network.model;
        if (model.takes_spikes)
            return model.layers[layer];
        return layer == 0 ? model.encoder : model.layers[layer - 1];
    }

    std::string choose(std::size_t layer)
    {
        const std::size_t node = m_network.weight_nodes[layer];
        const std::size_t channels = model_of(layer).out_channels;
        std::vector<double> best(channels, 1);
        counts least;
        std::uint64_t before = 0;
        for (const double share : shares) {
            m_options.kept[node] = std::vector<double>(channels, share);
            m_network = m_lower(m_options);
            counts found = different(layer);
            if (++m_tried; m_done)
                m_done(m_tried);
            if (m_options.scales == lowering::scale_rule::per_layer)
                found.assign(channels, std::accumulate(found.begin(), found.end(), std::uint64_t{0}));
            if (share == 1) {
                least = found;
                before = sum(found);
            }
            for (std::size_t n = 0; n < channels; ++n)
                if (found[n] < least[n]) {
                    least[n] = found[n];
                    best[n] = share;
                }
        }
        m_options.kept[node] = best;
        m_network = m_lower(m_options);
        return words(layer, best, before, sum(least));
    }

    static std::uint64_t sum(const counts& of) { return std::accumulate(of.begin(), of.end(), std::uint64_t{0}); }

    std::string words(std::size_t layer, const std::vector<double>& best, std::uint64_t before, std::uint64_t after) const
    {
        const auto cut = std::count_if(best.begin(), best.end(), [](double share) { return share < 1; });
        const std::uint64_t parts = m_options.scales == lowering::scale_rule::per_layer ? best.size() : 1;
        const double all = static_cast<double>(m_activity.size() * m_timesteps * m_shapes[layer].size() * parts);
        const std::string name = text::printable(model_of(layer).name);
        if (cut == 0)
            return fmt::format("layer {}: all channels keep their largest weight, {:.2f} % of its spikes differ", name,
                               100 * static_cast<double>(before) / all);
        return fmt::format("layer {}: {} of {} channels keep less than their largest weight, {:.3g} of it at least; "
                           "{:.2f} % of its spikes differ instead of {:.2f} %",
                           name, cut, best.size(), *std::min_element(best.begin(), best.end()),
                           100 * static_cast<double>(after) / all, 100 * static_cast<double>(before) / all);
    }

    /// Spikes of the layer that are not those of the float network.
    counts different(std::size_t layer) const
    {
        const golden_network golden = m_golden(*m_network.model);
        const network::map_shape& shape = m_shapes[layer];
        const std::size_t pixels = shape.size() / shape.channels;
        counts found(shape.channels);
        for (std::size_t input = 0; input < m_activity.size(); ++input) {
            const std::vector<std::uint16_t> words = golden(input).spikes[layer];
            const std::vector<double>& values = m_activity[input].values[m_network.spike_nodes[layer]];
            const auto blocks = static_cast<unsigned>(words.size() / shape.size());
            const unsigned block = (m_timesteps + blocks - 1) / blocks;
            for (std::size_t i = 0; i < shape.size(); ++i)
                for (unsigned t = 0; t < m_timesteps; ++t)
                    found[i / pixels] += spike_of(words, shape, i, t, block) != (values[t * shape.size() + i] > 0);
        }
        return found;
    }

    const lowering_of& m_lower;
    lowering::map_options m_options;
    unsigned m_timesteps;
    const golden_of& m_golden;
    const std::function<void(std::size_t)>& m_done;
    std::size_t m_tried = 0;
    lowering::lowered_network m_network;
    std::vector<float_activity> m_activity; ///< of each input
    std::vector<network::map_shape> m_shapes;
};

} // namespace

calibration calibrate(const lowering_of& lower, lowering::map_options options, unsigned timesteps,
                      const std::vector<std::vector<double>>& inputs, const golden_of& golden,
                      const std::function<void(std::size_t)>& done)
{
    return calibrator(lower, std::move(options), timesteps, inputs, golden, done).run();
}

} // namespace loas::float_network
