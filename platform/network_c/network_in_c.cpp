#include "platform/network_c/network_in_c.h"

#include "platform/network_file/load_network.h"
#include "platform/run/guest_app.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace loas::network_c
{
namespace
{

/// The C types that hold what images have, from the smallest.
const char* pixel_type(const std::vector<std::int32_t>& pixels)
{
    const auto [least, most] = std::minmax_element(pixels.begin(), pixels.end());
    return *least >= 0 && *most <= 255 ? "uint8_t" : *least >= -32768 && *most <= 32767 ? "int16_t" : "int32_t";
}

template <typename numbers> std::string array(const char* type, const std::string& name, const numbers& values)
{
    std::string text = fmt::format("{} {}[] = {{", type, name);
    std::size_t column = 120;
    for (const auto value : values) {
        const std::string number = fmt::format("{},", static_cast<std::int64_t>(value));
        if (column + number.size() > 118) {
            text += "\n    ";
            column = 4;
        }
        text += number;
        column += number.size();
    }
    return text + "\n};\n";
}

std::string config_in_c(const loas_layer_config& c)
{
    return fmt::format(
        "{{.in_height = {}, .in_width = {}, .in_channels = {}, .out_channels = {}, .kernel_h = {}, "
        ".kernel_w = {}, .stride_h = {},\n     .stride_w = {}, .pad_h = {}, .pad_w = {}, .pool = {}, "
        ".timesteps = {}, .neuron = {}, .single_spike_mask = {}, .leak_q8 = {},\n     .threshold = {}{}}}",
        c.in_height, c.in_width, c.in_channels, c.out_channels, c.kernel_h, c.kernel_w, c.stride_h, c.stride_w, c.pad_h,
        c.pad_w, c.pool, c.timesteps, c.neuron, c.single_spike_mask ? "true" : "false", c.leak_q8, c.threshold,
        c.host_neurons != LOAS_HOST_NONE ? fmt::format(", .host_neurons = {}", c.host_neurons) : "");
}

/// "{.config = ..., .weights = ..., .bias = ..., .thresholds = ...}"
std::string layer_in_c(const lowering::layer_model& layer, const std::string& name,
                       const config::scenario& scenario)
{
    const std::string sources = layer.sources.empty() ? ""
                                                      : fmt::format(",\n     .sources = {}_sources, .source_count = {}",
                                                                    name, layer.sources.size());
    const auto or_null = [&](const std::vector<std::int32_t>& numbers, const char* what) {
        return numbers.empty() ? "NULL" : name + what;
    };
    const std::string starts = layer.starts.empty() ? "" : fmt::format(", .starts = {}_starts", name);
    const std::string values = layer.host.empty() ? "" : fmt::format(", .values = {}_values", name);
    return fmt::format("{{.config = {},\n     .weights = {}_weights, .bias = {}, .thresholds = {}{}{}{}}}",
                       config_in_c(run::config_of(layer, scenario)), name, or_null(layer.bias, "_bias"),
                       or_null(layer.thresholds, "_thresholds"), starts, values, sources);
}

std::string sources_in_c(const lowering::layer_model& layer, const std::string& name)
{
    std::string text;
    for (const lowering::layer_source& each : layer.sources)
        text += fmt::format("{}{{{}, {}, {}, {}, {}}}", text.empty() ? "" : ", ", each.layer, each.step_h, each.step_w,
                            each.first_row, each.first_column);
    return text.empty() ? ""
                        : fmt::format("static const struct loas_layer_source {}_sources[] = {{{}}};\n", name, text);
}

std::string values_in_c(const lowering::layer_model& layer, const std::string& name)
{
    std::string text;
    for (const lowering::host_neuron& each : layer.host)
        text += fmt::format("{}{{{}, {}, {}, {}, {}}}", text.empty() ? "" : ",\n    ", each.threshold, each.rest, each.start,
                            each.leak_q16, each.synapse_q16);
    return text.empty() ? ""
                        : fmt::format("static const struct loas_neuron_values {}_values[] = {{{}}};\n", name, text);
}

std::string operands(const lowering::layer_model& layer, const std::string& name)
{
    return array("static const int8_t", name + "_weights", layer.weights) +
           (layer.bias.empty() ? "" : array("static const int32_t", name + "_bias", layer.bias)) +
           (layer.thresholds.empty() ? "" : array("static const int32_t", name + "_thresholds", layer.thresholds)) +
           (layer.starts.empty() ? "" : array("static const int32_t", name + "_starts", layer.starts)) +
           values_in_c(layer, name) + sources_in_c(layer, name);
}

/// ", .readout = {...}", or nothing for the sum of the last layer's values.
std::string readout_in_c(const lowering::readout& scores)
{
    if (scores.score == lowering::score_kind::sum && scores.response_q16.empty())
        return "";
    const char* words[] = {"LOAS_SCORE_SUM", "LOAS_SCORE_LAST", "LOAS_SCORE_MAXIMUM"};
    return fmt::format(",\n    .readout = {{{}, {}, {}}}", words[run::score_of(scores.score)],
                       scores.response_q16.empty() ? "NULL" : "response_q16", scores.response_per_class);
}

std::uint64_t scratch_bytes(const lowering::network_model& network, const config::scenario& scenario)
{
    std::vector<loas_layer> layers(network.layers.size());
    std::vector<std::vector<loas_layer_source>> sources(layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) {
        layers[i].config = run::config_of(network.layers[i], scenario);
        sources[i] = run::sources_of(network.layers[i]);
        layers[i].sources = sources[i].data();
        layers[i].source_count = static_cast<std::uint32_t>(sources[i].size());
    }
    const loas_encoder encoder{run::config_of(network.encoder, scenario), nullptr, nullptr, nullptr, nullptr, nullptr};
    loas_network net{};
    net.encoder = &encoder;
    net.layers = layers.data();
    net.layer_count = static_cast<std::uint32_t>(layers.size());
    return loas_network_scratch(&net);
}

} // namespace

std::string network_in_c(const config::scenario& scenario)
{
    const config::workload_params& workload = scenario.workload;
    if (workload.kind != config::workload_kind::network)
        throw text::user_error("only a trained network can be written as C: workload.kind = \"network\"");
    const network_file::loaded_network loaded = network_file::load_network(workload);
    const lowering::network_model& network = *loaded.lowered.model;
    const inputs::input_set& images = loaded.inputs;
    if (images.over_time() || network.takes_spikes || config::blocks_of(scenario) > 1)
        throw text::user_error(fmt::format("only images, which are the same at each of at most tppe.max_timesteps = {} "
                                           "timesteps, can be written as C",
                                           scenario.tppe.max_timesteps));
    for (const lowering::layer_model& layer : network.layers)
        if (!layer.numbers.empty())
            throw text::user_error(fmt::format("layer '{}' takes numbers of the network's input beside spikes, which cannot be "
                                               "written as C",
                                               text::printable(layer.name)));
    std::vector<std::int32_t> numbers;
    for (std::size_t i = 0; i < images.count(); ++i) {
        const std::vector<std::int32_t> image = images.numbers(i);
        numbers.insert(numbers.end(), image.begin(), image.end());
    }
    std::string text = fmt::format("/* {}: {} images; written by loas-vp network-c */\n"
                                   "#include \"runtime/loas_network_data.h\"\n\n",
                                   scenario.name, images.count());
    text += operands(network.encoder, "encoder");
    std::string layers;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const std::string name = fmt::format("layer{}", i);
        text += operands(network.layers[i], name);
        layers += "    " + layer_in_c(network.layers[i], name, scenario) + ",\n";
    }
    text += fmt::format("static const struct loas_encoder encoder = {};\n",
                        layer_in_c(network.encoder, "encoder", scenario));
    text += fmt::format("static struct loas_layer layers[] = {{\n{}}};\n", layers);
    text += fmt::format("static struct loas_descriptor descriptors[{}];\n", network.layers.size());
    text += fmt::format("static uint64_t scratch[{}];\n\n", scratch_bytes(network, scenario) / 8 + 1);
    if (!network.scores.response_q16.empty())
        text += array("static const int32_t", "response_q16", network.scores.response_q16);
    text += fmt::format(
        "struct loas_network loas_data_network = {{.encoder = &encoder,\n    .layers = layers, .layer_count = {}, "
        ".descriptors = descriptors, .scratch = {{scratch, sizeof scratch}}{}}};\n",
        network.layers.size(), readout_in_c(network.scores));
    text +=
        fmt::format("const uint32_t loas_data_images = {}, loas_data_classes = {};\n", images.count(), network.classes);
    const std::string pixels = pixel_type(numbers);
    text += array(fmt::format("static const {}", pixels).c_str(), "pixels", numbers);
    text += images.labels().empty() ? "const int32_t* const loas_data_labels = NULL;\n"
                                  : array("static const int32_t", "labels", images.labels()) +
                                        "const int32_t* const loas_data_labels = labels;\n";
    text +=
        fmt::format("\nconst int32_t* loas_data_image(uint32_t image)\n{{\n    static int32_t wide[{0}];\n"
                    "    for (uint32_t i = 0; i < {0}; i++) {{\n        wide[i] = pixels[image * {0} + i];\n    }}\n"
                    "    return wide;\n}}\n",
                    images.frame_size());
    return text;
}

} // namespace loas::network_c
