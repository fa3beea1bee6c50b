// The function of a layer, straight from its definition: plain loops over m, n, k and t.
#include "platform/reference/reference.h"
#include "tests/golden/byte_layer.h"
#include "tests/golden/geometry.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace loas::golden
{

namespace
{

/// Numbers at [m][n][t] or words at [pixel][n], wide enough that no sum overflows.
using wide_numbers = std::vector<std::int64_t>;
using spike_words = std::vector<std::uint16_t>;

constexpr std::size_t max_timesteps = 16;

/// The inputs of product row m in the order of the weights; padding contributes 0.
template <typename value_type>
std::vector<value_type> unfold_row(const reference::reference_layer& layer, const std::vector<value_type>& image,
                                   std::size_t m)
{
    std::vector<value_type> row(input_count(layer), 0);
    for (std::size_t kernel_row = 0; kernel_row < layer.kernel_h; ++kernel_row) {
        for (std::size_t kernel_column = 0; kernel_column < layer.kernel_w; ++kernel_column) {
            for (std::size_t channel = 0; channel < layer.in_channels; ++channel) {
                const input_place place = place_of_input(layer, m, kernel_row, kernel_column, channel);
                if (!place.padding)
                    row[weight_input_index(layer, kernel_row, kernel_column, channel)] = image[place.index];
            }
        }
    }
    return row;
}

std::int64_t bias_of(const reference::reference_layer& layer, std::size_t n)
{
    return layer.bias.empty() ? 0 : layer.bias[n];
}

/// A sum as 32-bit adders leave it: two's complement, wrapped. Only a bias near the ends of int32 makes a difference.
std::int32_t wrapped(std::int64_t sum)
{
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(sum));
}

struct input_weight {
    std::size_t input;
    std::int64_t value;
};

/// The weights of each column that contribute something: nearly all of a real layer are zero.
std::vector<std::vector<input_weight>> non_zero_weights(const reference::reference_layer& layer)
{
    const std::size_t inputs = input_count(layer);
    std::vector<std::vector<input_weight>> columns(layer.out_channels);
    for (std::size_t n = 0; n < columns.size(); ++n)
        for (std::size_t k = 0; k < inputs; ++k)
            if (layer.weights[n * inputs + k] != 0)
                columns[n].push_back({k, layer.weights[n * inputs + k]});
    return columns;
}

/// One addition in so many bits.
std::int64_t added(std::int64_t sum, std::int64_t value, unsigned bits, bool saturates)
{
    const std::int64_t half = std::int64_t{1} << (bits - 1);
    sum += value;
    if (saturates)
        return sum < -half ? -half : sum >= half ? half - 1 : sum;
    while (sum < -half)
        sum += 2 * half;
    while (sum >= half)
        sum -= 2 * half;
    return sum;
}

/// The sums of one neuron in the order of its inputs, by accumulators that may be too narrow: [t].
std::array<std::int64_t, max_timesteps> narrow_sums(const reference::reference_layer& layer, const spike_words& row,
                                                    const std::vector<input_weight>& column)
{
    const reference::reference_accumulators& in = layer.accumulators;
    const bool saturates = in.when_full == reference::reference_accumulators::overflow::saturate;
    std::int64_t pseudo = 0;
    std::array<std::int64_t, max_timesteps> correction{}, sum{};
    for (const input_weight& weight : column) {
        const unsigned word = row[weight.input];
        if (word == 0)
            continue;
        pseudo = added(pseudo, weight.value, in.pseudo_bits, saturates);
        for (std::size_t t = 0; t < layer.timesteps; ++t)
            if (((word >> t) & 1) == 0)
                correction[t] = added(correction[t], weight.value, in.correction_bits, saturates);
    }
    for (std::size_t t = 0; t < layer.timesteps; ++t)
        sum[t] = pseudo - correction[t];
    return sum;
}

/// O[m,n,t] = bias[n] + sum over k of A[m,k,t] * B[k,n].
wide_numbers currents_of_spikes(const reference::reference_layer& layer)
{
    const std::vector<std::vector<input_weight>> columns = non_zero_weights(layer);
    wide_numbers currents;
    for (std::size_t m = 0; m < row_count(layer); ++m) {
        const spike_words row = unfold_row(layer, layer.spikes, m);
        for (std::size_t n = 0; n < layer.out_channels; ++n) {
            std::array<std::int64_t, max_timesteps> sum{};
            if (layer.accumulators.when_full != reference::reference_accumulators::overflow::none)
                sum = narrow_sums(layer, row, columns[n]);
            else
                for (const input_weight& weight : columns[n])
                    for (std::size_t t = 0; t < layer.timesteps; ++t)
                        sum[t] += weight.value * ((row[weight.input] >> t) & 1);
            for (std::size_t t = 0; t < layer.timesteps; ++t)
                currents.push_back(wrapped(bias_of(layer, n) + sum[t]));
        }
    }
    return currents;
}

/// The same for numbers, of an image that every timestep sees, or of one that only its own does.
wide_numbers currents_of_numbers(const reference::reference_layer& layer, const std::vector<std::int32_t>& numbers)
{
    const std::size_t inputs = input_count(layer);
    const std::size_t size = std::size_t{layer.in_height} * layer.in_width * layer.in_channels;
    std::vector<std::vector<std::int32_t>> images;
    for (auto at = numbers.begin(); at != numbers.end(); at += static_cast<std::ptrdiff_t>(size))
        images.emplace_back(at, at + static_cast<std::ptrdiff_t>(size));
    wide_numbers currents;
    for (std::size_t m = 0; m < row_count(layer); ++m) {
        std::vector<std::vector<std::int32_t>> rows;
        for (const std::vector<std::int32_t>& image : images)
            rows.push_back(unfold_row(layer, image, m));
        for (std::size_t n = 0; n < layer.out_channels; ++n) {
            wide_numbers sums;
            for (const std::vector<std::int32_t>& row : rows) {
                std::int64_t sum = bias_of(layer, n);
                for (std::size_t k = 0; k < inputs; ++k)
                    sum += std::int64_t{layer.weights[n * inputs + k]} * row[k];
                sums.push_back(sum);
            }
            for (std::size_t t = 0; t < layer.timesteps; ++t)
                currents.push_back(sums.size() == 1 ? sums[0] : sums[t]);
        }
    }
    return currents;
}

/// floor(value * part / one). What fills whole units and what is left of them apart, since the product
/// of large potentials would not fit.
std::int64_t part_of(std::int64_t value, unsigned part, std::int64_t one = 65536)
{
    const std::int64_t rest = ((value % one) + one) % one;
    return (value - rest) / one * std::int64_t{part} + std::int64_t{part} * rest / one;
}

/// Number `neuron` of [m][n]; one of the machine's has its leak in 256ths.
reference::reference_neuron neuron_of(const reference::reference_layer& layer, std::size_t neuron)
{
    const std::size_t n = neuron % layer.out_channels;
    if (!layer.neurons.empty())
        return layer.neurons.size() == layer.out_channels ? layer.neurons[n] : layer.neurons.at(neuron);
    reference::reference_neuron of;
    of.threshold = layer.thresholds.empty() ? layer.threshold : layer.thresholds[n];
    of.start = layer.starts.empty() ? 0 : layer.starts.at(n);
    of.leak_q16 = 256 * layer.leak_q8;
    return of;
}

/// The potential that a spike at X leaves.
std::int64_t after_spike(reference::neuron_reset reset, const reference::reference_neuron& of, std::int64_t x)
{
    switch (reset) {
    case reference::neuron_reset::soft:
        return part_of(x - of.threshold, of.leak_q16);
    case reference::neuron_reset::delayed:
        return part_of(x, of.leak_q16) - of.threshold;
    default:
        return 0;
    }
}

/// A neuron whose output no pooling window takes.
bool is_left_out(const reference::reference_layer& layer, std::size_t neuron)
{
    const std::size_t m = neuron / layer.out_channels;
    return m / output_width(layer) >= output_height(layer) / layer.pool * layer.pool ||
           m % output_width(layer) >= output_width(layer) / layer.pool * layer.pool;
}

std::int32_t saturated(std::int64_t value)
{
    return static_cast<std::int32_t>(
        std::min<std::int64_t>(std::max<std::int64_t>(value, std::numeric_limits<std::int32_t>::min()),
                               std::numeric_limits<std::int32_t>::max()));
}

/// What the spikes of timestep t count, of few-spikes neurons, and a threshold of theirs: the last one, 1.
std::int64_t few_spikes_value(const reference::reference_layer& layer, std::size_t t)
{
    std::int64_t value = 1;
    for (std::size_t behind = t + 1; behind < layer.timesteps; ++behind)
        value *= 2;
    return value;
}

wide_numbers times_value(const reference::reference_layer& layer, wide_numbers currents)
{
    for (std::size_t i = 0; i < currents.size(); ++i)
        currents[i] *= few_spikes_value(layer, i % layer.timesteps);
    return currents;
}

/// Few-spikes neurons: all that comes first, then a spike wherever more is left than it stands for.
spike_words fire_few(const reference::reference_layer& layer, const wide_numbers& currents)
{
    const wide_numbers counted = times_value(layer, currents);
    spike_words words;
    for (std::size_t neuron = 0; neuron < row_count(layer) * layer.out_channels; ++neuron) {
        std::int64_t left = 0;
        for (std::size_t t = 0; t < layer.timesteps; ++t)
            left += counted[neuron * layer.timesteps + t];
        unsigned word = 0;
        for (std::size_t t = 0; t < layer.timesteps; ++t) {
            const std::int64_t worth = few_spikes_value(layer, t) * neuron_of(layer, neuron).threshold;
            if (left <= worth)
                continue;
            left -= worth;
            word |= 1u << t;
        }
        words.push_back(static_cast<std::uint16_t>(word));
    }
    return words;
}

/// LIF neurons over all (m, n), each starting at U = 0 or where it ended before. Returns [m][n] spike words.
spike_words fire(const reference::reference_layer& layer, const wide_numbers& currents,
                 std::vector<std::int32_t>& potentials)
{
    spike_words words;
    for (std::size_t neuron = 0; neuron < row_count(layer) * layer.out_channels; ++neuron) {
        unsigned word = 0;
        const reference::reference_neuron of = neuron_of(layer, neuron);
        std::int64_t potential = potentials.empty() ? 0 : potentials[neuron];
        for (std::size_t t = 0; t < layer.timesteps; ++t) {
            const std::int64_t x = currents[neuron * layer.timesteps + t] + of.rest + potential;
            if (x > of.threshold) {
                if (word == 0 || !layer.first_spike)
                    word |= 1u << t;
                potential = after_spike(layer.reset, of, x);
            } else {
                potential = part_of(x, of.leak_q16);
            }
        }
        words.push_back(static_cast<std::uint16_t>(word));
        if (!potentials.empty() && !is_left_out(layer, neuron))
            potentials[neuron] = saturated(potential);
    }
    return words;
}

/// OR per timestep over pool x pool windows. Rows and columns that fill no window are dropped by the division.
spike_words pool(const reference::reference_layer& layer, const spike_words& words)
{
    const std::size_t height = output_height(layer) / layer.pool;
    const std::size_t width = output_width(layer) / layer.pool;
    spike_words pooled;
    for (std::size_t row = 0; row < height; ++row) {
        for (std::size_t column = 0; column < width; ++column) {
            for (std::size_t n = 0; n < layer.out_channels; ++n) {
                unsigned word = 0;
                for (std::size_t y = row * layer.pool; y < (row + 1) * layer.pool; ++y) {
                    for (std::size_t x = column * layer.pool; x < (column + 1) * layer.pool; ++x)
                        word |= words[(y * output_width(layer) + x) * layer.out_channels + n];
                }
                pooled.push_back(static_cast<std::uint16_t>(word));
            }
        }
    }
    return pooled;
}

unsigned spikes_in(std::uint16_t word)
{
    unsigned count = 0;
    for (std::size_t t = 0; t < max_timesteps; ++t)
        count += (word >> t) & 1u;
    return count;
}

/// What synapses make of the currents of each neuron, [m][n][t]: each timestep a part of what there was is left, before
/// the first of what was left before.
wide_numbers decayed(const reference::reference_layer& layer, wide_numbers currents,
                     std::vector<std::int32_t>& synapse_currents)
{
    if (layer.neurons.empty())
        return currents;
    for (std::size_t i = 0; i < currents.size(); ++i) {
        const std::size_t neuron = i / layer.timesteps;
        std::int64_t before = synapse_currents.empty() ? 0 : synapse_currents[neuron];
        if (i % layer.timesteps != 0)
            before = currents[i - 1];
        currents[i] += part_of(before, neuron_of(layer, neuron).synapse_q16);
        if (i % layer.timesteps == layer.timesteps - 1 && !synapse_currents.empty())
            synapse_currents[neuron] = saturated(currents[i]);
    }
    return currents;
}

/// What a layer takes of the network's numbers, [m][n][t].
std::vector<std::int64_t> added_of(const reference::reference_layer& layer, const std::vector<std::int32_t>& numbers)
{
    reference::reference_layer of = layer.numbers[0];
    of.timesteps = layer.timesteps;
    std::vector<std::int64_t> added = currents_of_numbers(of, numbers);
    for (std::size_t i = 0; i < added.size(); ++i) {
        const std::size_t n = i / layer.timesteps % layer.out_channels;
        added[i] = part_of(added[i], static_cast<unsigned>(layer.number_factors_q24.at(n)), 16777216);
    }
    return added;
}

/// Everything between the currents and the spike words in memory.
reference::reference_output finish(const reference::reference_layer& layer, const wide_numbers& currents)
{
    reference::reference_output output;
    output.potentials = layer.potentials;
    output.synapse_currents = layer.synapse_currents;
    const wide_numbers inputs = decayed(layer, currents, output.synapse_currents);
    spike_words& words = output.spikes =
        pool(layer, layer.few_spikes ? fire_few(layer, inputs) : fire(layer, inputs, output.potentials));
    if (layer.single_spike_mask) {
        for (std::uint16_t& word : words) {
            if (spikes_in(word) == 1)
                word = 0;
        }
    }
    return output;
}

/// The input of a layer of a network: gathered pixel by pixel from its sources, of which `before` has the shapes and
/// `given` the spikes, encoder first.
spike_words input_of(const reference::reference_layer& layer, const std::vector<reference::reference_layer>& before,
                     const std::vector<spike_words>& given)
{
    if (layer.sources.empty())
        return given.back();
    spike_words words;
    for (std::size_t row = 0; row < layer.in_height; ++row)
        for (std::size_t column = 0; column < layer.in_width; ++column)
            for (const reference::reference_source& source : layer.sources) {
                const reference::reference_layer& from = before.at(source.layer);
                const auto height = static_cast<long>(output_height(from) / from.pool);
                const auto width = static_cast<long>(output_width(from) / from.pool);
                const long y = source.first_row + static_cast<long>(row * source.step_h);
                const long x = source.first_column + static_cast<long>(column * source.step_w);
                const bool inside = y >= 0 && y < height && x >= 0 && x < width;
                for (std::size_t n = 0; n < from.out_channels; ++n)
                    words.push_back(inside ? given.at(source.layer)
                                                 .at(static_cast<std::size_t>(y * width + x) * from.out_channels + n)
                                           : std::uint16_t{0});
            }
    return words;
}

std::vector<std::int32_t> narrow(const wide_numbers& currents)
{
    std::vector<std::int32_t> narrowed;
    for (const std::int64_t current : currents)
        narrowed.push_back(wrapped(current));
    return narrowed;
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
std::int64_t score_of(const std::vector<std::int64_t>& values, const reference::reference_readout& readout,
                      std::size_t n, std::size_t classes)
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
    case reference::reference_score::last:
        return potentials.back();
    case reference::reference_score::maximum:
        return *std::max_element(potentials.begin(), potentials.end());
    default:
        return std::accumulate(potentials.begin(), potentials.end(), std::int64_t{0});
    }
}

} // namespace

} // namespace loas::golden

namespace loas::reference
{

reference_output run_reference(const reference_layer& layer)
{
    if (layer.bytes)
        return golden::run_bytes(layer);
    golden::check_spiking(layer);
    golden::wide_numbers currents = golden::currents_of_spikes(layer);
    for (std::size_t i = 0; i < layer.added.size(); ++i)
        currents.at(i) += layer.added[i];
    if (!layer.currents)
        return golden::finish(layer, currents);
    reference_output output;
    output.currents = golden::narrow(layer.few_spikes ? golden::times_value(layer, currents) : currents);
    return output;
}

reference_output run_reference_neurons(const reference_layer& layer, const std::vector<std::int64_t>& sums)
{
    if (layer.currents || sums.size() != golden::row_count(layer) * layer.out_channels * layer.timesteps)
        throw std::invalid_argument("reference neurons: number of sums");
    return golden::finish(layer, sums);
}

reference_output run_reference_encoder(const reference_layer& layer, const std::vector<std::int32_t>& numbers)
{
    golden::check_shape(layer);
    const std::size_t size = std::size_t{layer.in_height} * layer.in_width * layer.in_channels;
    if (layer.currents)
        throw std::invalid_argument("reference encoder: its output is spikes, not currents");
    if (numbers.size() != size && numbers.size() != size * layer.timesteps)
        throw std::invalid_argument("reference encoder: number of pixels");
    return golden::finish(layer, golden::currents_of_numbers(layer, numbers));
}

namespace
{

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
        std::vector<golden::spike_words> outputs; // of what the first layer takes, then of each layer
        std::vector<reference_layer> before;      // their shapes
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
                all[i].spikes = golden::input_of(all[i], before, outputs);
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
        result.scores.push_back(golden::score_of(values[neuron], network.readout, neuron % classes, classes));
    return result;
}

} // namespace loas::reference
