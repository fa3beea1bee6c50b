#include "platform/draw/layer_files.h"

#include "platform/config/layer_shapes.h"
#include "platform/formats/npz.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

namespace loas::draw
{
namespace
{

using text::user_error;

formats::npy_kind kind_of(const formats::npy_array& array)
{
    return {array.source, array.shape, array.dtype};
}

/// Element i of [channel][pixel] stands here in [pixel][channel].
std::size_t with_channels_last(std::size_t i, std::size_t pixels, std::size_t channels)
{
    return i % pixels * channels + i / pixels;
}

/// Zeros and ones of any type, timesteps in front: what frameworks write.
std::vector<std::uint16_t> spikes_of_timesteps(const formats::npy_array& array, const char* key, unsigned timesteps)
{
    const std::vector<double> given = array.as<double>();
    const std::size_t inputs = given.size() / timesteps;
    std::vector<std::uint16_t> words(inputs);
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (given[i] != 0 && given[i] != 1)
            throw user_error(fmt::format("{} ({}): element {} is {}; with timesteps in front, spikes are 0 or 1",
                                         array.source, key, formats::index_text(array.shape, i), given[i]));
        if (given[i] != 0)
            words[i % inputs] |= static_cast<std::uint16_t>(1U << i / inputs);
    }
    return words;
}

std::vector<std::uint16_t> spike_words(const formats::npy_array& array, const char* key, unsigned timesteps)
{
    std::vector<std::uint16_t> words = array.as<std::uint16_t>();
    for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i] >> timesteps != 0)
            throw user_error(fmt::format("{} ({}): element {} is {:#x}, which spikes after workload.timesteps = {}",
                                         array.source, key, formats::index_text(array.shape, i), words[i], timesteps));
    return words;
}

std::vector<std::uint16_t> read_spikes(const config::layer_params& params, unsigned timesteps, bool bytes)
{
    constexpr const char* key = "layer.spikes_file";
    const formats::npy_array array = formats::read_npy_or_npz(params.spikes_file.string());
    const config::spike_axes axes = config::axes_of_spikes(kind_of(array), params, timesteps, bytes);
    std::vector<std::uint16_t> words = bytes                ? array.as<std::uint16_t>()
                                       : axes.timesteps != 0 ? spikes_of_timesteps(array, key, timesteps)
                                                             : spike_words(array, key, timesteps);
    if (axes.pixels != 0)
        return words;
    const std::size_t pixels = words.size() / params.channels;
    std::vector<std::uint16_t> moved(words.size());
    for (std::size_t i = 0; i < words.size(); ++i)
        moved[with_channels_last(i, pixels, params.channels)] = words[i];
    return moved;
}

std::vector<std::int8_t> read_weights(const config::layer_params& params)
{
    constexpr const char* key = "layer.weights_file";
    const formats::npy_array array = formats::read_npy_or_npz(params.weights_file.string());
    if (array.dtype != formats::npy_dtype::i1)
        throw user_error(fmt::format("{} ({}): elements are {}; int8 is needed", array.source, key,
                                     formats::npy_dtype_name(array.dtype)));
    const config::weight_axes axes = config::axes_of_weights(kind_of(array), params);
    std::vector<std::int8_t> given = array.as<std::int8_t>();
    if (axes.inputs != 0 && !axes.inputs_first)
        return given;
    const std::size_t inputs = params.inputs_of_neuron(), taps = inputs / params.channels;
    std::vector<std::int8_t> weights(given.size());
    for (std::size_t i = 0; i < given.size(); ++i)
        if (axes.inputs_first)
            weights[i % axes.columns * inputs + i / axes.columns] = given[i];
        else
            weights[i / inputs * inputs + with_channels_last(i % inputs, taps, params.channels)] = given[i];
    return weights;
}

std::vector<std::int32_t> read_bias(const config::layer_params& params)
{
    const formats::npy_array array = formats::read_npy_or_npz(params.bias_file.string());
    config::check_bias(kind_of(array), params);
    return array.as<std::int32_t>();
}

} // namespace

synthetic_layer make_layer(const config::layer_params& params, unsigned timesteps, bool bytes)
{
    synthetic_layer made = make_synthetic_layer(params, timesteps, bytes);
    if (!params.spikes_file.empty())
        made.spikes = read_spikes(params, timesteps, bytes);
    if (!params.weights_file.empty())
        made.layer.weights = read_weights(params);
    if (!params.bias_file.empty())
        made.layer.bias = read_bias(params);
    return made;
}

} // namespace loas::draw
