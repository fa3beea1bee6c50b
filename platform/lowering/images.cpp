#include "platform/lowering/images.h"

#include <algorithm>
#include <cmath>

#include "platform/formats/npz.h"
#include "platform/network/node_view.h"
#include "platform/text/user_error.h"

namespace loas::lowering
{

namespace
{

using network::number_text;
using text::user_error;

formats::npy_array read_integers(const std::string& path, const std::string& what)
{
    formats::npy_array array = formats::read_npy_or_npz(path);
    if (!formats::npy_dtype_is_integer(array.dtype))
        throw user_error(path + ": " + what + " must be integers, found " + formats::npy_dtype_name(array.dtype));
    return array;
}

// Shapes of one image that fit the network, most complete first.
std::vector<std::vector<std::size_t>> accepted_shapes(const network_model& network)
{
    const std::size_t channels = network.image_channels, height = network.image_height, width = network.image_width;
    std::vector<std::vector<std::size_t>> shapes{{channels, height, width}};
    if (channels == 1)
        shapes.push_back({height, width});
    if (height == 1 && width > 1)
        shapes.push_back({channels, width});
    if (height == 1 && width == 1)
        shapes.push_back({channels});
    return shapes;
}

void check_shape(const formats::npy_array& images, const network_model& network)
{
    std::string expected;
    for (const std::vector<std::size_t>& shape : accepted_shapes(network)) {
        if (images.shape.size() == shape.size() + 1 &&
            std::equal(shape.begin(), shape.end(), images.shape.begin() + 1)) {
            if (images.shape[0] == 0)
                throw user_error(images.source + ": holds no images");
            return;
        }
        expected += (expected.empty() ? "(N" : " or (N");
        for (const std::size_t dimension : shape)
            expected += ", " + std::to_string(dimension);
        expected += ")";
    }
    throw user_error(images.source + ": shape is " + formats::shape_text(images.shape) + ", but the network '" +
                     network.name + "' takes " + expected);
}

std::vector<int> load_labels(const std::string& path, std::size_t count, const std::string& images_path,
                             unsigned classes)
{
    const formats::npy_array array = read_integers(path, "labels");
    if (array.shape.size() != 1)
        throw user_error(path + ": shape is " + formats::shape_text(array.shape) + ", expected one label per image, (" +
                         std::to_string(count) + ",)");
    if (array.shape[0] != count)
        throw user_error(path + ": holds " + std::to_string(array.shape[0]) + " labels, but " + images_path +
                         " holds " + std::to_string(count) + " images");
    const std::vector<std::int64_t> values = array.as<std::int64_t>();
    std::vector<int> labels;
    labels.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i] < 0 || values[i] >= std::int64_t{classes})
            throw user_error(path + ": label " + std::to_string(values[i]) + " of image " + std::to_string(i) +
                             " is no class of the network, 0 to " + std::to_string(classes - 1));
        labels.push_back(static_cast<int>(values[i]));
    }
    return labels;
}

bool is_float(formats::npy_dtype dtype)
{
    return dtype == formats::npy_dtype::f4 || dtype == formats::npy_dtype::f8;
}

double largest_of(const std::vector<double>& values)
{
    double largest = 0;
    for (const double value : values)
        largest = std::max(largest, std::fabs(value));
    return largest;
}

/// Floats that are no whole numbers are values; nothing when they are, or when there is none.
std::vector<double> values_in(const formats::npy_array& images)
{
    if (!is_float(images.dtype))
        return {};
    std::vector<double> values = images.as<double>();
    for (std::size_t i = 0; i < values.size(); ++i)
        if (!std::isfinite(values[i]))
            throw user_error(images.source + ": element " + std::to_string(i) + " is " + number_text(values[i]) +
                             "; expected a finite number");
    const bool whole =
        std::all_of(values.begin(), values.end(), [](double value) { return value == std::floor(value); });
    return whole ? std::vector<double>() : values;
}

std::vector<std::int32_t> pixels_of(const formats::npy_array& images, double input_scale)
{
    const std::vector<double> values = values_in(images);
    if (values.empty())
        return images.as<std::int32_t>();
    constexpr double least_steps = 16, most = 2147483647;
    const double steps = largest_of(values) / input_scale;
    if (!(steps >= least_steps && steps <= most))
        throw user_error(images.source + ": the largest value is " + number_text(largest_of(values)) + ", which is " +
                         number_text(std::round(steps)) +
                         " steps of workload.input_scale = " + number_text(input_scale) + "; " +
                         number_text(natural_scale(images)) + " would make 255 of it");
    std::vector<std::int32_t> pixels;
    pixels.reserve(values.size());
    for (const double value : values)
        pixels.push_back(static_cast<std::int32_t>(std::round(value / input_scale)));
    return pixels;
}

} // namespace

double natural_scale(const formats::npy_array& images)
{
    const std::vector<double> values = values_in(images);
    return values.empty() ? 1 : largest_of(values) / 255;
}

image_set load_images(const std::string& images_path, const std::string& labels_path, const network_model& network,
                      double input_scale)
{
    const formats::npy_array array = formats::read_npy_or_npz(images_path);
    check_shape(array, network);

    image_set images;
    images.count = array.shape[0];
    images.height = network.image_height;
    images.width = network.image_width;
    images.channels = network.image_channels;

    // From channel first to channel last.
    const std::vector<std::int32_t> values = pixels_of(array, input_scale);
    const std::size_t area = std::size_t{images.height} * images.width;
    images.pixels.resize(values.size());
    std::size_t from = 0;
    for (std::size_t image = 0; image < images.count; ++image)
        for (std::size_t channel = 0; channel < images.channels; ++channel)
            for (std::size_t pixel = 0; pixel < area; ++pixel)
                images.pixels[(image * area + pixel) * images.channels + channel] = values[from++];

    if (!labels_path.empty())
        images.labels = load_labels(labels_path, images.count, images_path, network.classes);
    return images;
}

} // namespace loas::lowering
