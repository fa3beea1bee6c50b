#include "platform/draw/layer_files.h"

#include "platform/formats/npz.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

namespace loas::draw
{
namespace
{

using text::user_error;
using shape = std::vector<std::size_t>;

[[noreturn]] void refuse_shape(const formats::npy_array& array, const char* key, const std::string& needed)
{
    throw user_error(fmt::format("{} ({}): shape {} is not what [layer] says: {}", array.source, key,
                                 formats::shape_text(array.shape), needed));
}

/// (T, C, H, W) or (T, M, K) of zeros and ones of any type: what frameworks write.
std::vector<std::uint16_t> spikes_of_timesteps(const formats::npy_array& array, const char* key, unsigned timesteps,
                                               std::size_t channels)
{
    const std::vector<double> given = array.as<double>();
    const std::size_t inputs = given.size() / timesteps, pixels = inputs / channels;
    const bool is_image = array.shape.size() == 4;
    std::vector<std::uint16_t> words(inputs);
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (given[i] != 0 && given[i] != 1)
            throw user_error(fmt::format("{} ({}): element {} is {}; with timesteps in front, spikes are 0 or 1",
                                         array.source, key, formats::index_text(array.shape, i), given[i]));
        const std::size_t at = i % inputs;
        if (given[i] != 0)
            words[is_image ? at % pixels * channels + at / pixels : at] |=
                static_cast<std::uint16_t>(1U << i / inputs);
    }
    return words;
}

std::vector<std::uint16_t> read_spikes(const lowering::layer_model& layer, unsigned timesteps, const std::string& file)
{
    constexpr const char* key = "layer.spikes_file";
    const formats::npy_array array = formats::read_npy_or_npz(file);
    const std::size_t channels = layer.in_channels, height = layer.in_height, width = layer.in_width;
    const shape image{channels, height, width}, matrix{height * width, channels};
    if (array.shape == shape{timesteps, channels, height, width} || array.shape == shape{timesteps, height * width, channels})
        return spikes_of_timesteps(array, key, timesteps, channels);
    if (array.dtype != formats::npy_dtype::u1 && array.dtype != formats::npy_dtype::u2)
        throw user_error(fmt::format("{} ({}): elements are {}; uint8 or uint16 are needed, bit t = timestep t",
                                     array.source, key, formats::npy_dtype_name(array.dtype)));
    if (array.shape != image && array.shape != matrix)
        refuse_shape(array, key,
                     fmt::format("{} or {} of words, or either with {} timesteps in front", formats::shape_text(image),
                                 formats::shape_text(matrix), timesteps));
    const std::vector<std::uint16_t> given = array.as<std::uint16_t>();
    std::vector<std::uint16_t> words(given.size());
    const bool is_image = array.shape == image;
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (given[i] >> timesteps != 0)
            throw user_error(fmt::format("{} ({}): element {} is {:#x}, which spikes after workload.timesteps = {}",
                                         array.source, key, formats::index_text(array.shape, i), given[i], timesteps));
        words[is_image ? i % (height * width) * channels + i / (height * width) : i] = given[i];
    }
    return words;
}

std::vector<std::int8_t> read_weights(const lowering::layer_model& layer, const std::string& file)
{
    constexpr const char* key = "layer.weights_file";
    const formats::npy_array array = formats::read_npy_or_npz(file);
    const std::size_t columns = layer.out_channels, channels = layer.in_channels;
    const std::size_t taps = std::size_t{layer.kernel_h} * layer.kernel_w, inputs = taps * channels;
    const shape kernels{columns, channels, layer.kernel_h, layer.kernel_w}, matrix{columns, inputs};
    if (array.dtype != formats::npy_dtype::i1)
        throw user_error(fmt::format("{} ({}): elements are {}; int8 is needed", array.source, key,
                                     formats::npy_dtype_name(array.dtype)));
    if (array.shape != kernels && array.shape != matrix)
        refuse_shape(array, key, fmt::format("{} or {}", formats::shape_text(kernels), formats::shape_text(matrix)));
    std::vector<std::int8_t> given = array.as<std::int8_t>();
    if (array.shape == matrix)
        return given;
    std::vector<std::int8_t> weights(given.size());
    for (std::size_t i = 0; i < given.size(); ++i) {
        const std::size_t n = i / inputs, channel = i % inputs / taps, tap = i % taps;
        weights[n * inputs + tap * channels + channel] = given[i];
    }
    return weights;
}

} // namespace

synthetic_layer make_layer(const config::layer_params& params, unsigned timesteps)
{
    synthetic_layer made = make_synthetic_layer(params, timesteps);
    if (!params.spikes_file.empty())
        made.spikes = read_spikes(made.layer, timesteps, params.spikes_file.string());
    if (!params.weights_file.empty())
        made.layer.weights = read_weights(made.layer, params.weights_file.string());
    return made;
}

} // namespace loas::draw
