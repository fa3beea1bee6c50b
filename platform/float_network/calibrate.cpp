#include "platform/float_network/calibrate.h"

#include "platform/float_network/float_network.h"
#include "platform/float_network/layer_trial.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <numeric>
#include <utility>

namespace loas::float_network
{
namespace
{

/// Of the largest weight; all of it comes first, so that of equal ones it is taken.
constexpr double shares[calibration_tries] = {1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.35, 0.25, 0.125, 0.0625};

using counts = std::vector<std::uint64_t>; ///< different spikes of each channel
using spike_words = std::vector<std::uint16_t>; ///< [block][pixel][channel]

class calibrator
{
public:
    calibrator(const lowering_of& lower, lowering::map_options options, unsigned timesteps,
               const std::vector<std::vector<double>>& inputs, const std::vector<std::vector<std::int32_t>>& numbers,
               std::size_t further, std::size_t unused, const layer_of& on_machine,
               const std::function<void(std::size_t)>& done)
        : m_lower(lower), m_options(std::move(options)), m_timesteps(timesteps), m_numbers(numbers),
          m_chosen_by(numbers.size() - further), m_unused(unused), m_on_machine(on_machine), m_done(done),
          m_network(m_lower(keeping_as_read()))
    {
        const float_network floats(*m_network.as_read, m_network.speech);
        for (const std::size_t node : m_network.spike_nodes)
            m_shapes.push_back(*floats.nodes().nodes[node].out);
        m_floats.resize(m_shapes.size());
        for (const std::vector<double>& input : inputs) {
            const float_activity activity = floats.run(input, timesteps);
            for (std::size_t layer = 0; layer < m_shapes.size(); ++layer)
                m_floats[layer].push_back(words_of(activity.values[m_network.spike_nodes[layer]], layer));
            step();
        }
    }

    calibration run()
    {
        std::vector<std::string> told;
        m_options.keep_as_read = false; // a copy of all weights, which no trial needs
        const counts before = differing_spikes();
        for (std::size_t layer = 0; layer < m_shapes.size(); ++layer)
            told.push_back(choose(layer));
        m_network = m_lower(keeping_as_read());
        if (const lowering::layer_model& last = m_network.model->layers.back(); last.currents)
            told.push_back(fmt::format("layer {}: gives currents, and no spikes that could differ: all channels keep their "
                                       "largest weight",
                                       text::printable(last.name)));
        const counts after = differing_spikes();
        const std::string found = comparison(before, after);
        if (sum(after) > sum(before)) {
            m_options.kept.clear();
            m_network = m_lower(keeping_as_read());
            m_network.model->warnings.push_back("calibration is left out (workload.calibrate): " + found);
        } else if (m_chosen_by < few_inputs) {
            m_network.model->warnings.push_back(fmt::format(
                "calibrated by {} input{} only (workload.calibrate): what suits so few may be worse than no calibration on "
                "others; give {} or more (here, {})",
                m_chosen_by, m_chosen_by == 1 ? "" : "s", few_inputs, found));
        }
        told.push_back(found);
        return {std::move(m_network), std::move(told)};
    }

private:
    lowering::map_options keeping_as_read() const
    {
        lowering::map_options options = m_options;
        options.keep_as_read = true;
        return options;
    }

    void step()
    {
        ++m_steps;
        if (m_done)
            m_done(m_steps);
    }

    const lowering::layer_model& model_of(std::size_t layer) const
    {
        const lowering::network_model& model = *m_network.model;
        if (model.takes_spikes)
            return model.layers[layer];
        return layer == 0 ? model.encoder : model.layers[layer - 1];
    }

    /// The float network's spikes of a layer, [timestep][channel][pixel], as the machine has them.
    spike_words words_of(const std::vector<double>& values, std::size_t layer) const
    {
        const network::map_shape& shape = m_shapes[layer];
        const std::size_t size = shape.size(), pixels = size / shape.channels;
        const unsigned block = m_on_machine(model_of(layer)).timesteps;
        spike_words packed((m_timesteps + block - 1) / block * size);
        for (unsigned t = 0; t < m_timesteps; ++t)
            for (std::size_t i = 0; i < size; ++i)
                if (values[t * size + i] > 0)
                    packed[t / block * size + i % pixels * shape.channels + i / pixels] |=
                        static_cast<std::uint16_t>(1u << t % block);
        return packed;
    }

    /// The inputs on which calibration is held against none: others than it was chosen by, if there are any.
    std::size_t first_checked() const { return m_chosen_by < m_numbers.size() ? m_chosen_by : 0; }

    /// Of each layer as it is now, on these inputs.
    counts differing_spikes() const
    {
        reference::reference_network all;
        for (std::size_t layer = 0; layer < m_network.model->layers.size() + !m_network.model->takes_spikes; ++layer)
            all.layers.push_back(m_on_machine(model_of(layer)));
        if (!m_network.model->takes_spikes) {
            all.encoder = std::move(all.layers.front());
            all.layers.erase(all.layers.begin());
        }
        all.timesteps = m_timesteps;
        counts found(m_shapes.size());
        for (std::size_t i = first_checked(); i < m_numbers.size(); ++i) {
            const std::vector<spike_words> spikes = run_reference_network(all, m_numbers[i]).spikes;
            for (std::size_t layer = 0; layer < found.size(); ++layer) {
                const std::size_t size = m_shapes[layer].size(), block = all.layers[0].timesteps;
                const spike_words& there = m_floats[layer][i];
                for (std::size_t at = 0; at < there.size(); ++at) {
                    const std::size_t left = m_timesteps - at / size * block; // the last block may compute more
                    const unsigned in_input = left < block ? (1u << left) - 1 : 0xffff;
                    found[layer] += std::bitset<16>((spikes.at(layer).at(at) ^ unsigned{there[at]}) & in_input).count();
                }
            }
        }
        return found;
    }

    std::string comparison(const counts& before, const counts& after) const
    {
        const std::size_t checked = m_numbers.size() - first_checked();
        const auto percent = [&](std::uint64_t differing, std::size_t neurons) {
            return 100 * static_cast<double>(differing) / static_cast<double>(checked * m_timesteps * neurons);
        };
        std::size_t neurons = 0;
        std::string worse;
        for (std::size_t layer = 0; layer < m_shapes.size(); ++layer) {
            neurons += m_shapes[layer].size();
            if (after[layer] > before[layer])
                worse += fmt::format("{} layer {}, {:.2f} % instead of {:.2f} %", worse.empty() ? "; more differ in" : ",",
                                     text::printable(model_of(layer).name), percent(after[layer], m_shapes[layer].size()),
                                     percent(before[layer], m_shapes[layer].size()));
        }
        const std::string which = first_checked() == 0 ? " by which it was chosen, as there are no others,"
                                  : m_unused > 0       ? fmt::format(" (of {})", checked + m_unused)
                                                       : "";
        return fmt::format("on {} {}input{}{} {:.2f} % of all spikes differ with it, {:.2f} % without{}", checked,
                           first_checked() > 0 ? "further " : "", checked == 1 ? "" : "s", which,
                           percent(sum(after), neurons), percent(sum(before), neurons), worse);
    }

    /// What a layer takes of each input, with what was chosen for those before it.
    std::vector<layer_input> inputs_of(std::size_t layer) const
    {
        std::vector<layer_input> inputs(m_chosen_by);
        const lowering::network_model& model = *m_network.model;
        if (layer == 0 && !model.takes_spikes) {
            for (std::size_t i = 0; i < inputs.size(); ++i)
                inputs[i].numbers = m_numbers[i];
            return inputs;
        }
        reference::reference_network before;
        if (!model.takes_spikes)
            before.encoder = m_on_machine(model.encoder);
        const std::size_t last = layer - (model.takes_spikes ? 0 : 1);
        for (std::size_t i = 0; i <= last; ++i)
            before.layers.push_back(m_on_machine(model.layers[i]));
        reference::reference_layer& itself = before.layers.back(); // what it takes is all that counts
        itself.weights.resize(itself.weights.size() / itself.out_channels);
        for (std::vector<std::int32_t>* each : {&itself.bias, &itself.thresholds, &itself.starts})
            each->resize(std::min<std::size_t>(each->size(), 1));
        itself.neurons.clear();
        itself.numbers.clear();
        itself.out_channels = 1;
        before.timesteps = m_timesteps;
        for (std::size_t i = 0; i < inputs.size(); ++i)
            for (reference::reference_input& each : run_reference_network(before, m_numbers[i]).inputs)
                if (each.layer == last)
                    inputs[i].blocks.push_back(std::move(each));
        return inputs;
    }

    std::string choose(std::size_t layer)
    {
        const std::size_t node = m_network.weight_nodes[layer];
        const std::size_t channels = model_of(layer).out_channels;
        if (!model_of(layer).numbers.empty()) // their part has scales of its own, and a trial knows spikes only
            return fmt::format("layer {}: adds numbers of the input to sums of spikes: all channels keep their largest weight",
                               text::printable(model_of(layer).name));
        std::vector<double> best(channels, 1);
        counts least;
        std::uint64_t before = 0;
        const std::vector<layer_input> inputs = inputs_of(layer);
        for (const double share : shares) {
            m_options.kept[node] = std::vector<double>(channels, share);
            m_network = m_lower(m_options);
            counts found = different(layer, inputs);
            step();
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
        const double all = static_cast<double>(m_chosen_by * m_timesteps * m_shapes[layer].size() * parts);
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
    counts different(std::size_t layer, const std::vector<layer_input>& inputs) const
    {
        const lowering::layer_model& model = model_of(layer);
        const std::size_t neurons = std::size_t{model.out_height()} * model.out_width() * model.out_channels;
        counts found(model.out_channels);
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const spike_words here = spikes_of(m_on_machine(model), neurons, inputs[i], m_timesteps);
            const spike_words& there = m_floats[layer][i];
            for (std::size_t at = 0; at < here.size(); ++at)
                found[at % found.size()] += std::bitset<16>(here[at] ^ unsigned{there[at]}).count();
        }
        return found;
    }

    const lowering_of& m_lower;
    lowering::map_options m_options;
    unsigned m_timesteps;
    const std::vector<std::vector<std::int32_t>>& m_numbers;
    std::size_t m_chosen_by; ///< the first of them
    std::size_t m_unused;
    const layer_of& m_on_machine;
    const std::function<void(std::size_t)>& m_done;
    std::size_t m_steps = 0;
    lowering::lowered_network m_network;
    std::vector<network::map_shape> m_shapes; ///< of the spikes of each layer
    std::vector<std::vector<spike_words>> m_floats; ///< of each layer and input
};

} // namespace

calibration calibrate(const lowering_of& lower, lowering::map_options options, unsigned timesteps,
                      const std::vector<std::vector<double>>& inputs,
                      const std::vector<std::vector<std::int32_t>>& numbers, std::size_t further,
                      std::size_t unused, const layer_of& on_machine, const std::function<void(std::size_t)>& done)
{
    return calibrator(lower, std::move(options), timesteps, inputs, numbers, further, unused, on_machine, done).run();
}

} // namespace loas::float_network
