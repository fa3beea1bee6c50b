// The function of a layer, straight from its definition: plain loops over m, n, k and t.
#include "platform/reference/reference.h"
#include "tests/golden/byte_layer.h"
#include "tests/golden/geometry.h"
#include "tests/golden/layer_parts.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
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

std::vector<std::int32_t> narrow(const wide_numbers& currents)
{
    std::vector<std::int32_t> narrowed;
    for (const std::int64_t current : currents)
        narrowed.push_back(wrapped(current));
    return narrowed;
}

} // namespace

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

} // namespace loas::reference
