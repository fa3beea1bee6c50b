#include "tests/golden/byte_layer.h"

#include "tests/golden/geometry.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace loas::golden
{
namespace
{

/// All weights with their inputs, zeros too: nothing here knows of sparsity.
std::int32_t sum_of(const reference::reference_layer& layer, std::size_t m, std::size_t n)
{
    std::uint32_t sum = layer.bias.empty() ? 0U : static_cast<std::uint32_t>(layer.bias[n]);
    for (std::size_t row = 0; row < layer.kernel_h; ++row)
        for (std::size_t column = 0; column < layer.kernel_w; ++column) {
            const input_place place = place_of_input(layer, m, row, column, 0);
            if (place.padding)
                continue;
            const std::uint16_t* input = &layer.spikes[place.index];
            const std::int8_t* weight =
                &layer.weights[n * input_count(layer) + weight_input_index(layer, row, column, 0)];
            for (std::size_t channel = 0; channel < layer.in_channels; ++channel)
                sum += static_cast<std::uint32_t>(std::int32_t{input[channel]} * std::int32_t{weight[channel]});
        }
    return static_cast<std::int32_t>(sum);
}

/// In floating point, which holds 33 bits exactly: nothing is shifted.
std::uint16_t relu(std::int32_t sum, unsigned shift)
{
    const double quotient = std::floor(static_cast<double>(sum) / std::ldexp(1.0, static_cast<int>(shift)) + 0.5);
    return static_cast<std::uint16_t>(quotient < 0 ? 0 : quotient > 255 ? 255 : quotient);
}

void check_bytes(const reference::reference_layer& layer)
{
    check_spiking(layer);
    const bool of_spikes = layer.single_spike_mask || !layer.thresholds.empty() || !layer.potentials.empty() ||
                           !layer.neurons.empty() || layer.reset != reference::neuron_reset::hard;
    if (layer.timesteps != 1 || (layer.shift > 31 && !layer.currents) || of_spikes ||
        std::any_of(layer.spikes.begin(), layer.spikes.end(), [](std::uint16_t each) { return each > 255; }))
        throw std::invalid_argument("reference layer: bytes with something of spikes, above 255, or a shift above 31");
}

} // namespace

reference::reference_output run_bytes(const reference::reference_layer& layer)
{
    check_bytes(layer);
    reference::reference_output output;
    if (layer.currents) {
        for (std::size_t m = 0; m < row_count(layer); ++m)
            for (std::size_t n = 0; n < layer.out_channels; ++n)
                output.currents.push_back(sum_of(layer, m, n));
        return output;
    }
    for (std::size_t row = 0; row < output_height(layer) / layer.pool; ++row)
        for (std::size_t column = 0; column < output_width(layer) / layer.pool; ++column)
            for (std::size_t n = 0; n < layer.out_channels; ++n) {
                std::uint16_t largest = 0;
                for (std::size_t y = row * layer.pool; y < (row + 1) * layer.pool; ++y)
                    for (std::size_t x = column * layer.pool; x < (column + 1) * layer.pool; ++x)
                        largest = std::max(largest, relu(sum_of(layer, y * output_width(layer) + x, n), layer.shift));
                output.spikes.push_back(largest);
            }
    return output;
}

} // namespace loas::golden
