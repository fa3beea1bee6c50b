#include "platform/config/layer_rules.h"

#include "abi/loas_abi.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace loas::config
{

namespace
{

constexpr std::uint64_t largest_side = 65535; // of a layer's output, which is the next layer's input

/// One product and one rounding, both exactly defined: the same count on every machine.
std::uint64_t others_than(double share, std::uint64_t whole)
{
    return whole - static_cast<std::uint64_t>(std::llround(share * static_cast<double>(whole)));
}

/// @pre the kernel fits the padded input
std::uint64_t output_side(std::uint64_t input_side, std::uint64_t padding, std::uint64_t kernel, std::uint64_t stride)
{
    return (input_side + 2 * padding - kernel) / stride + 1;
}

void check_sizes(const layer_params& l, unsigned timesteps, std::vector<broken_rule>& broken)
{
    const std::uint64_t height = output_side(l.height, l.padding, l.kernel, l.stride);
    const std::uint64_t width = output_side(l.width, l.padding_across(), l.width_of_kernel(), l.stride_across());
    if (height > largest_side || width > largest_side)
        broken.push_back({{"layer.padding", "layer.height", "layer.width"},
                          fmt::format("the output has {} x {} pixels, a side of which is more than {}: lower "
                                      "layer.height, layer.width or layer.padding",
                                      height, width, largest_side)});
    if (l.pool > height || l.pool > width)
        broken.push_back(
            {{"layer.pool"},
             fmt::format("layer.pool = {} is more than the output of {} x {} pixels", l.pool, height, width)});
    if (const std::uint64_t k = l.inputs_of_neuron(); k > LOAS_MAX_K)
        broken.push_back({{"layer.channels", "layer.kernel"},
                          fmt::format("layer.kernel x {} x layer.channels = {} is more than the {} inputs that a neuron "
                                      "can have",
                                      l.kernel_width == 0 ? "layer.kernel" : "layer.kernel_width", k, LOAS_MAX_K)});

    struct {
        std::string_view name;
        std::vector<std::string_view> keys;
        std::uint64_t bytes;
    } const tensors[] = {
        {"input",
         {"layer.height", "layer.width", "layer.channels"},
         loas_spike_layout(LOAS_SPIKES_PACKED, std::uint64_t{l.height} * l.width, l.channels, timesteps).total_bytes},
        {"weight",
         {"layer.out_channels", "layer.channels", "layer.kernel"},
         loas_weight_layout(LOAS_WEIGHTS_COLUMNS, l.out_channels, l.inputs_of_neuron()).total_bytes},
        {"output",
         {"layer.out_channels", "layer.height", "layer.width"},
         loas_spike_layout(LOAS_SPIKES_PACKED, (height / l.pool) * (width / l.pool), l.out_channels, timesteps)
             .total_bytes},
    };
    for (const auto& tensor : tensors)
        if (tensor.bytes > LOAS_MAX_TENSOR_BYTES)
            broken.push_back({tensor.keys, fmt::format("the {} tensor takes {} bytes, which is more than the {} of "
                                                       "the largest tensor",
                                                       tensor.name, tensor.bytes, LOAS_MAX_TENSOR_BYTES)});
}

void check_spikes(const layer_params& l, unsigned timesteps, std::vector<broken_rule>& broken)
{
    const layer_counts counts = counts_of(l, timesteps);
    const std::uint64_t most = counts.non_silent * timesteps;
    std::string text;
    if (counts.spikes < counts.non_silent)
        text = fmt::format("layer.silent_ratio = {} leaves {} inputs that spike, which is more than the {} spikes of "
                           "layer.spike_sparsity = {}",
                           l.silent_ratio, counts.non_silent, counts.spikes, l.spike_sparsity);
    else if (counts.spikes > most)
        text = fmt::format("layer.spike_sparsity = {} means {} spikes, which is more than the {} inputs left by "
                           "layer.silent_ratio = {} can fire",
                           l.spike_sparsity, counts.spikes, counts.non_silent, l.silent_ratio);
    else
        return;
    const auto bits = static_cast<double>(counts.inputs * timesteps);
    broken.push_back({{"layer.spike_sparsity", "layer.silent_ratio", "workload.timesteps"},
                      fmt::format("{}; with this silent_ratio and workload.timesteps = {}, spike_sparsity can be "
                                  "{:.9g} to {:.9g}",
                                  text, timesteps, 1.0 - static_cast<double>(most) / bits,
                                  1.0 - static_cast<double>(counts.non_silent) / bits)});
}

} // namespace

std::string_view tensor_from_file(const scenario& s, std::string_view key)
{
    if (s.workload.kind != workload_kind::layer)
        return {};
    if (key == "layer.silent_ratio" || key == "layer.spike_sparsity")
        return s.layer.spikes_file.empty() ? "" : "spikes";
    return key == "layer.weight_sparsity" && !s.layer.weights_file.empty() ? "weights" : "";
}

layer_counts counts_of(const layer_params& layer, unsigned timesteps)
{
    layer_counts counts;
    counts.inputs = std::uint64_t{layer.height} * layer.width * layer.channels;
    counts.non_silent = others_than(layer.silent_ratio, counts.inputs);
    counts.spikes = others_than(layer.spike_sparsity, counts.inputs * timesteps);
    counts.weights = layer.inputs_of_neuron() * layer.out_channels;
    counts.non_zero_weights = others_than(layer.weight_sparsity, counts.weights);
    return counts;
}

std::vector<broken_rule> broken_layer_rules(const layer_params& layer, unsigned timesteps, bool bytes)
{
    std::vector<broken_rule> broken;
    const unsigned height = layer.height + 2 * layer.padding, width = layer.width + 2 * layer.padding_across();
    const bool too_high = layer.kernel > height;
    if (too_high || layer.width_of_kernel() > width) {
        const std::string_view key = too_high || layer.kernel_width == 0 ? "layer.kernel" : "layer.kernel_width";
        broken.push_back({{key, "layer.height", "layer.width", "layer.padding"},
                          fmt::format("{} = {} is more than the input with its padding, {} x {} pixels", key,
                                      too_high ? layer.kernel : layer.width_of_kernel(), height, width)});
    } else
        check_sizes(layer, bytes ? 8 : timesteps, broken); // a byte takes as much as 8 timesteps
    if (layer.spikes_file.empty() && !bytes)
        check_spikes(layer, timesteps, broken);
    return broken;
}

} // namespace loas::config
