#include "tests/golden/geometry.h"

#include <cstdint>
#include <stdexcept>
#include <string>

namespace loas::golden
{

namespace
{

void require(bool condition, const char* what)
{
    if (!condition)
        throw std::invalid_argument(std::string("reference layer: ") + what);
}

} // namespace

std::size_t output_height(const reference::reference_layer& layer)
{
    return (layer.in_height + 2 * layer.pad_h - layer.kernel_h) / layer.stride_h + 1;
}

std::size_t output_width(const reference::reference_layer& layer)
{
    return (layer.in_width + 2 * layer.pad_w - layer.kernel_w) / layer.stride_w + 1;
}

std::size_t row_count(const reference::reference_layer& layer)
{
    return output_height(layer) * output_width(layer);
}

std::size_t input_count(const reference::reference_layer& layer)
{
    return std::size_t{layer.kernel_h} * layer.kernel_w * layer.in_channels;
}

void check_shape(const reference::reference_layer& layer)
{
    require(layer.timesteps >= 1 && layer.timesteps <= 16, "timesteps outside 1..16");
    require(layer.in_height > 0 && layer.in_width > 0 && layer.in_channels > 0 && layer.out_channels > 0,
            "a size is 0");
    require(layer.kernel_h > 0 && layer.kernel_w > 0, "a kernel size is 0");
    require(layer.stride_h > 0 && layer.stride_w > 0, "a stride is 0");
    require(layer.kernel_h <= layer.in_height + 2 * layer.pad_h, "kernel higher than the padded input");
    require(layer.kernel_w <= layer.in_width + 2 * layer.pad_w, "kernel wider than the padded input");
    require(layer.pool > 0 && layer.pool <= output_height(layer) && layer.pool <= output_width(layer),
            "pooling window 0 or larger than the output");
    require(layer.leak_q8 <= 256, "leak above 256");
    require(!layer.currents || (layer.pool == 1 && !layer.single_spike_mask), "pooling or masking of currents");
    require(!layer.first_spike || (!layer.currents && layer.potentials.empty()),
            "neurons that spike once, of currents or with carried potentials");
    require(!layer.few_spikes || (!layer.first_spike && layer.potentials.empty() && layer.neurons.empty() &&
                                  layer.reset == reference::neuron_reset::hard),
            "few-spikes neurons with a reset, carried potentials or of the host");
    require(layer.weights.size() == input_count(layer) * layer.out_channels, "number of weights");
    require(layer.bias.empty() || layer.bias.size() == layer.out_channels, "number of biases");
    require(layer.thresholds.empty() || layer.thresholds.size() == layer.out_channels, "number of thresholds");
}

void check_spiking(const reference::reference_layer& layer)
{
    check_shape(layer);
    require(layer.spikes.size() == std::size_t{layer.in_height} * layer.in_width * layer.in_channels,
            "number of spike words");
}

input_place place_of_input(const reference::reference_layer& layer, std::size_t m, std::size_t kernel_row,
                           std::size_t kernel_column, std::size_t channel)
{
    const std::size_t out_row = m / output_width(layer);
    const std::size_t out_column = m % output_width(layer);
    // Signed: the padding above and to the left has negative coordinates.
    const auto in_row = static_cast<std::int64_t>(out_row * layer.stride_h + kernel_row) - std::int64_t{layer.pad_h};
    const auto in_column =
        static_cast<std::int64_t>(out_column * layer.stride_w + kernel_column) - std::int64_t{layer.pad_w};

    input_place place;
    place.padding = in_row < 0 || in_row >= std::int64_t{layer.in_height} || in_column < 0 ||
                    in_column >= std::int64_t{layer.in_width};
    if (!place.padding) {
        const std::size_t pixel =
            static_cast<std::size_t>(in_row) * layer.in_width + static_cast<std::size_t>(in_column);
        place.index = pixel * layer.in_channels + channel;
    }
    return place;
}

std::size_t weight_input_index(const reference::reference_layer& layer, std::size_t kernel_row,
                               std::size_t kernel_column, std::size_t channel)
{
    return (kernel_row * layer.kernel_w + kernel_column) * layer.in_channels + channel;
}

} // namespace loas::golden
