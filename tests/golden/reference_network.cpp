// The function of a network: layer behind layer, block of timesteps behind block, and the scores of its readout.
#include "platform/reference/reference.h"
#include "tests/golden/geometry.h"
#include "tests/golden/layer_parts.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace loas::reference
{

namespace
{

/// The input of a layer of a network: gathered pixel by pixel from its sources, of which `before` has the shapes and
/// `given` the spikes, encoder first.
std::vector<std::uint16_t> input_of(const reference_layer& layer, const std::vector<reference_layer>& before,
                                    const std::vector<std::vector<std::uint16_t>>& given)
{
    if (layer.sources.empty())
        return given.back();
    std::vector<std::uint16_t> words;
    for (std::size_t row = 0; row < layer.in_height; ++row)
        for (std::size_t column = 0; column < layer.in_width; ++column)
            for (const reference_source& source : layer.sources) {
                const reference_layer& from = before.at(source.layer);
                const auto height = static_cast<long>(golden::output_height(from) / from.pool);
                const auto width = static_cast<long>(golden::output_width(from) / from.pool);
                const long y = source.first_row + static_cast<long>(row * source.step_h);
                const long x = source.first_column + static_cast<long>(column * source.step_w);
                const bool inside = y >= 0 && y < height && x >= 0 && x < width;
                for (std::size_t n = 0; n < from.out_channels; ++n)
                    words.push_back(
                        inside
                            ? given.at(source.layer).at(static_cast<std::size_t>(y * width + x) * from.out_channels + n)
                            : std::uint16_t{0});
            }
    return words;
}

/// The potential of a neuron that does not spike at timestep t, by its definition as a sum over what came before.
std::int64_t potential_at(std::size_t t, const std::vector<std::int64_t>& values, const std::int32_t* response_q16)
{
    std::int64_t sum = 0;
    for (std::size_t age = 0; age <= t; ++age)
        sum += response_q16[age] * values[t - age];
    return sum;
}

/// Of class n of `classes`.
std::int64_t score_of(const std::vector<std::int64_t>& values, const reference_readout& readout, std::size_t n,
                      std::size_t classes)
{
    std::vector<std::int64_t> potentials = values;
    if (!readout.response_q16.empty()) {
        const std::size_t all = readout.response_q16.size();
        if (all != values.size() && all != values.size() * classes)
            throw std::invalid_argument("reference network: the readout's response has another T");
        const std::int32_t* response = &readout.response_q16[all == values.size() ? 0 : n * values.size()];
        for (std::size_t t = 0; t < values.size(); ++t)
            potentials[t] = potential_at(t, values, response);
    }
    switch (readout.score) {
    case reference_score::last:
        return potentials.back();
    case reference_score::maximum:
        return *std::max_element(potentials.begin(), potentials.end());
    default:
        return std::accumulate(potentials.begin(), potentials.end(), std::int64_t{0});
    }
}

/// Timesteps [first, first + count) of numbers over time; an image as it is.
std::vector<std::int32_t> block_of(const std::vector<std::int32_t>& numbers, std::size_t size, std::size_t first,
                                   std::size_t count)
{
    if (numbers.size() == size)
        return numbers;
    const auto begin = numbers.begin() + static_cast<std::ptrdiff_t>(first * size);
    return {begin, begin + static_cast<std::ptrdiff_t>(count * size)};
}

/// Bit t of a word is the spike at timestep t.
std::vector<std::uint16_t> words_of(const std::vector<std::int32_t>& numbers, std::size_t size, std::size_t timesteps)
{
    std::vector<std::uint16_t> words(size);
    for (std::size_t t = 0; t < timesteps; ++t)
        for (std::size_t i = 0; i < size; ++i) {
            const std::int32_t number = numbers[numbers.size() == size ? i : t * size + i];
            if (number != 0 && number != 1)
                throw std::invalid_argument("reference network: its inputs are no spikes");
            words[i] = static_cast<std::uint16_t>(words[i] | number << t);
        }
    return words;
}

void check_network(const reference_network& network, const std::vector<std::int32_t>& numbers, std::size_t size)
{
    const std::vector<reference_layer>& layers = network.layers;
    if (layers.empty())
        throw std::invalid_argument("reference network: there must be a layer behind the encoder");
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (layers[i].timesteps != (network.encoder ? *network.encoder : layers[0]).timesteps)
            throw std::invalid_argument("reference network: layers differ in timesteps");
        if (layers[i].currents && i + 1 < layers.size())
            throw std::invalid_argument("reference network: only the last layer may write currents");
    }
    const std::size_t timesteps = std::max(network.timesteps, layers[0].timesteps);
    if (numbers.size() != size && numbers.size() != size * timesteps)
        throw std::invalid_argument("reference network: number of pixels");
}

/// One that gives what the first layer takes.
reference_layer shape_of_input(const reference_layer& first)
{
    reference_layer input;
    input.in_height = first.in_height;
    input.in_width = first.in_width;
    input.in_channels = input.out_channels = first.in_channels;
    return input;
}

std::vector<std::int32_t> zeros_for(const reference_layer& layer)
{
    return std::vector<std::int32_t>(layer.currents ? 0 : golden::row_count(layer) * layer.out_channels);
}

std::vector<std::int32_t> starts_of(const reference_layer& layer)
{
    std::vector<std::int32_t> potentials = zeros_for(layer);
    for (std::size_t neuron = 0; neuron < potentials.size(); ++neuron)
        potentials[neuron] = golden::neuron_of(layer, neuron).start;
    return potentials;
}

} // namespace

void begin_reference_input(reference_layer& layer, bool in_blocks)
{
    layer.potentials = layer.synapse_currents = {};
    if (!in_blocks && layer.starts.empty() && layer.neurons.empty())
        return;
    layer.synapse_currents = zeros_for(layer);
    layer.potentials = starts_of(layer);
}

reference_scores run_reference_network(const reference_network& network, const std::vector<std::int32_t>& numbers)
{
    std::vector<reference_layer> all = network.layers; // encoder first; they change from block to block
    if (network.encoder)
        all.insert(all.begin(), *network.encoder);
    if (all.empty())
        throw std::invalid_argument("reference network: there must be a layer");
    const std::size_t size = std::size_t{all[0].in_height} * all[0].in_width * all[0].in_channels;
    check_network(network, numbers, size);
    const unsigned block = all[0].timesteps, timesteps = std::max(network.timesteps, block);
    for (reference_layer& layer : all)
        begin_reference_input(layer, timesteps > block);

    reference_scores result;
    std::vector<std::vector<std::int64_t>> values; // [neuron][timestep] of the last layer
    for (unsigned first = 0; first < timesteps; first += block) {
        const unsigned count = std::min(block, timesteps - first);
        const std::vector<std::int32_t> given = block_of(numbers, size, first, count);
        std::vector<std::vector<std::uint16_t>> outputs; // of what the first layer takes, then of each layer
        std::vector<reference_layer> before;             // their shapes
        if (!network.encoder) {
            outputs.push_back(words_of(given, size, count));
            before.push_back(shape_of_input(all[0]));
        }
        reference_output output;
        for (std::size_t i = 0; i < all.size(); ++i) {
            // The output [pixel][channel] is the input of the next layer as it stands, a flattened one too:
            // a kernel as large as the image has its weights in the order (row, column, channel).
            all[i].timesteps = count;
            const bool encodes = i == 0 && network.encoder;
            if (!encodes) {
                all[i].spikes = input_of(all[i], before, outputs);
                if (!all[i].numbers.empty())
                    all[i].added = golden::added_of(all[i], given);
                result.inputs.push_back({network.encoder ? i - 1 : i, count, all[i].spikes});
            }
            output = encodes ? run_reference_encoder(all[i], given) : run_reference(all[i]);
            all[i].potentials = output.potentials;
            all[i].synapse_currents = output.synapse_currents;
            before.push_back(all[i]);
            outputs.push_back(output.spikes);
            if (all[i].currents)
                continue;
            result.spikes.resize(std::max(result.spikes.size(), i + 1));
            result.spikes[i].insert(result.spikes[i].end(), output.spikes.begin(), output.spikes.end());
        }
        const bool currents = all.back().currents;
        values.resize(currents ? output.currents.size() / count : output.spikes.size());
        for (std::size_t neuron = 0; neuron < values.size(); ++neuron)
            for (unsigned t = 0; t < count; ++t)
                values[neuron].push_back(currents ? output.currents[neuron * count + t]
                                                  : (output.spikes[neuron] >> t) & 1);
    }

    const std::size_t classes = all.back().out_channels;
    for (std::size_t neuron = 0; neuron < values.size(); ++neuron)
        result.scores.push_back(score_of(values[neuron], network.readout, neuron % classes, classes));
    return result;
}

} // namespace loas::reference
