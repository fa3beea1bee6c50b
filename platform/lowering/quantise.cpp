#include "platform/lowering/quantise.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "platform/formats/npy.h"
#include "platform/lowering/unit_weights.h"
#include "platform/network/node_view.h"
#include "platform/text/words.h"

namespace loas::lowering
{

namespace
{

constexpr double leak_one = 256;
constexpr unsigned max_window = 255;
constexpr std::size_t max_inputs = std::size_t{1} << 20; // LOAS_MAX_K
constexpr double many_lost = 0.5;                        // of the weights that are not 0
constexpr double thresholds_kept = 4;
constexpr double few_cut = 0.01; // of the weights that are not 0

// `value` is a whole number, or not finite after an overflow.
std::int32_t to_int32(double value, const graph& network, std::size_t node, const std::string& what)
{
    if (!(value >= std::numeric_limits<std::int32_t>::min() && value <= std::numeric_limits<std::int32_t>::max()))
        network.fail(node, what + " is " + number_text(value) + " in units of the int8 weights, beyond 32 bits");
    return static_cast<std::int32_t>(value);
}

void check_sizes(const graph& network, std::size_t node, const linear_op& op)
{
    if (op.inputs() > max_inputs)
        network.fail(node, "an output has " + std::to_string(op.inputs()) + " inputs, more than the limit of " +
                               std::to_string(max_inputs));
    if (op.kernel_h > max_window || op.kernel_w > max_window)
        network.fail(node, "its kernel would cover " + formats::shape_text({op.kernel_h, op.kernel_w}) +
                               " pixels, more than the limit of 255 a side");
}

/// Weights that are not 0, and those of them that round to 0; of output channels those in which most do.
struct lost_weights {
    std::size_t given = 0, lost = 0, channels = 0;
    std::size_t beside_others = 0; ///< of these channels, those whose bias or threshold they are lost beside
    const char* beside = nullptr;  ///< in the first of them: "bias" or "v_threshold"

    void add(std::size_t given_here, std::size_t lost_here)
    {
        given += given_here;
        lost += lost_here;
        channels += are_many(given_here, lost_here);
    }
    static bool are_many(std::size_t given, std::size_t lost)
    {
        return lost > 0 && static_cast<double>(lost) >= many_lost * static_cast<double>(given);
    }
};

void tell_lost(graph& network, std::size_t node, const lost_weights& of, double largest, bool takes_spikes)
{
    if (of.lost == 0)
        return;
    const std::string text =
        std::to_string(of.lost) + " of " + std::to_string(of.given) + " weights that are not 0 become 0 in 8 bits";
    if (of.beside_others > 0)
        network.warn(node, text + ", most of those in " + std::to_string(of.channels) + " of " +
                               std::to_string(network.nodes[node].as<linear_op>()->out_channels) +
                               " output channels. In " + std::to_string(of.beside_others) + " of them the " + of.beside +
                               " is so large that weights of at most " + number_text(largest) +
                               " are nothing beside it in the hardware's numbers: it alone decides there. " +
                               (takes_spikes ? std::string("Bring ")
                                             : "Inputs that are large numbers are the same to the network when divided by "
                                               "one by which these weights are multiplied; otherwise bring ") +
                               of.beside + " and weights to one size");
    else if (lost_weights::are_many(of.given, of.lost))
        network.warn(node, text + ": the largest, " + number_text(largest) +
                               ", is so large that the others round away. The layer is another than the one that was "
                               "trained; limit its weights, or prune that one");
    else if (of.channels > 0)
        network.warn(node, text + ", most of those in " + std::to_string(of.channels) + " of " +
                               std::to_string(network.nodes[node].as<linear_op>()->out_channels) +
                               " output channels, which are others than those that were trained; the layer's largest "
                               "weight is " +
                               number_text(largest));
    else
        network.nodes[node].notes.push_back(text);
}

/// A weight of several thresholds fires its neuron whatever else comes in, and one as far below 0 keeps it silent: how
/// large it is beyond that hardly matters, but in 8 bits it takes the place of all others. Answers the magnitude to
/// which weights are cut, or `largest`.
double cut_of(graph& network, std::size_t weights, double largest)
{
    const neuron_op* neuron = neuron_behind(network, weights);
    if (neuron == nullptr || !(neuron->threshold > 0))
        return largest;
    const double limit = thresholds_kept * neuron->threshold / neuron->gain;
    if (!(largest > limit))
        return largest;
    std::size_t cut = 0, given = 0;
    for (const double weight : network.nodes[weights].as<linear_op>()->weights) {
        given += weight != 0;
        cut += std::fabs(weight) > limit;
    }
    if (static_cast<double>(cut) > few_cut * static_cast<double>(given))
        return largest;
    network.warn(weights, std::to_string(cut) + " of " + std::to_string(given) + " weights, up to " +
                              number_text(largest) + ", " + (cut == 1 ? "is" : "are") + " cut to " +
                              number_text(limit) + ", " + number_text(thresholds_kept) +
                              " thresholds: the neuron fires, or is silent, by it alone either way, and the others "
                              "would round away beside it");
    return limit;
}

} // namespace

std::string layer_name(std::string_view node)
{
    std::string name;
    while (!node.empty()) {
        std::size_t bytes = 1; // of a character
        while (bytes < 4 && !text::is_utf8(node.substr(0, bytes)))
            ++bytes;
        std::string_view next = node.substr(0, bytes);
        if (!text::is_utf8(next))
            next = node.substr(0, 1);
        if (text::printable(next) == next)
            name += next;
        else
            for (const char c : next)
                name += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        node.remove_prefix(next.size());
    }
    return name;
}

layer_model quantise_weights(graph& network, std::size_t weights, const scale_wishes& wishes, bool takes_spikes)
{
    const graph_node& node = network.nodes[weights];
    const linear_op& op = *node.as<linear_op>();
    check_sizes(network, weights, op);
    layer_model layer;
    layer.name = layer_name(node.name);
    layer.in_height = node.in->height;
    layer.in_width = node.in->width;
    layer.in_channels = op.in_channels;
    layer.out_channels = op.out_channels;
    layer.kernel_h = op.kernel_h;
    layer.kernel_w = op.kernel_w;
    layer.stride_h = op.stride_h;
    layer.stride_w = op.stride_w;
    layer.pad_h = op.pad_h;
    layer.pad_w = op.pad_w;

    double largest = 0;
    for (const double weight : op.weights) {
        if (!std::isfinite(weight))
            network.fail(weights, "weight: with what is folded into it, it is larger than a number can be");
        largest = std::max(largest, std::fabs(weight));
    }
    const bool one = wishes.rule == scale_rule::per_layer;
    const double cut = one && takes_spikes ? cut_of(network, weights, largest) : largest; // numbers may be small
    const std::vector<double> scales = weight_scales(network, weights, cut, wishes);
    for (const double scale : scales)
        if (!std::isnormal(scale))
            network.fail(weights,
                         "weight: its largest magnitude, " + number_text(largest) + ", is too small to scale to 127");
    layer.weight_scales = scales; // one scale for all stays one, and the layer has one threshold
    const neuron_op* neuron = neuron_behind(network, weights);
    if ((neuron == nullptr || neuron->thresholds.empty()) &&
        std::all_of(scales.begin(), scales.end(), [&](double scale) { return scale == scales[0]; }))
        layer.weight_scales.resize(1);

    const std::size_t channels = op.in_channels, taps = op.taps();
    layer.weights.resize(op.weights.size());
    std::size_t from = 0;
    lost_weights all;
    for (std::size_t output = 0; output < layer.out_channels; ++output) {
        std::size_t lost = 0, given = 0;
        for (std::size_t channel = 0; channel < channels; ++channel)
            for (std::size_t tap = 0; tap < taps; ++tap) {
                const double weight = op.weights[from++];
                const double rounded = std::round(weight / scales[output]);
                layer.weights[(output * taps + tap) * channels + channel] =
                    static_cast<std::int8_t>(std::clamp(rounded, -weight_max, weight_max));
                given += weight != 0;
                lost += weight != 0 && rounded == 0;
            }
        all.add(given, lost);
        if (const char* other = lost_weights::are_many(given, lost) ? coarsened_by(network, weights, output, wishes) : nullptr;
            other != nullptr) {
            ++all.beside_others;
            all.beside = all.beside == nullptr ? other : all.beside;
        }
    }
    for (std::size_t i = 0; i < op.bias.size(); ++i)
        layer.bias.push_back(to_int32(std::round(op.bias[i] / (scales[i] * wishes.input_scale)), network, weights,
                                      "bias at [" + std::to_string(i) + "]"));
    const std::optional<std::size_t> user = network.user_of(weights); // that does not spike, too
    const neuron_op* behind = user ? network.nodes[*user].as<neuron_op>() : nullptr;
    for (std::size_t n = 0; n < layer.out_channels; ++n)
        layer.current_scales.push_back(scales[n] * wishes.input_scale /
                                       (behind == nullptr || behind->scaled_by.empty() ? 1 : behind->scaled_by[n]));
    tell_lost(network, weights, all, largest, takes_spikes);
    const std::vector<unit_branch> units = unit_branches(network, weights);
    for (const double scale : layer.weight_scales)
        if (const std::string rounded = rounded_units(units, scale); !rounded.empty()) {
            network.nodes[weights].notes.push_back(rounded);
            break;
        }
    return layer;
}

void quantise_neuron(layer_model& layer, const graph& network, std::size_t neuron, const scale_wishes& wishes,
                     const dialect& speech)
{
    const neuron_op& op = *network.nodes[neuron].as<neuron_op>();
    layer.leak_q8 = static_cast<unsigned>(std::round(leak_one * op.leak));
    layer.reset = op.stateless ? neuron_reset::hard : speech.reset;
    layer.pool = op.pool;
    const auto in_integers = [&](double exact) {
        const double whole = std::round(exact);
        const bool made_whole = wishes.rule == scale_rule::per_channel && wishes.subtracts &&
                                std::fabs(exact - whole) <= 1e-9 * std::fabs(exact);
        return to_int32(made_whole                                     ? whole
                        : speech.fires_at_threshold && !op.stateless ? std::ceil(exact) - 1
                                                                       : std::floor(exact),
                        network, neuron, "v_threshold");
    };
    if (!op.host.empty()) {
        layer.host_because = op.host_because;
        const std::size_t channels = layer.out_channels, pixels = op.host.size() / channels;
        const auto q16 = [](double factor) {
            return static_cast<unsigned>(std::round(65536 * std::clamp(factor, 0.0, 1.0)));
        };
        for (std::size_t i = 0; i < op.host.size(); ++i) {
            const std::size_t n = i % channels;
            const host_values& own = op.host[n * pixels + i / channels];
            const double scale = layer.weight_scales[layer.weight_scales.size() == 1 ? 0 : n] * wishes.input_scale;
            host_neuron& to = layer.host.emplace_back();
            to.leak_q16 = q16(own.leak);
            to.synapse_q16 = q16(own.synapse);
            to.threshold = in_integers(own.threshold / scale);
            to.rest = to_int32(std::round(own.rest / scale), network, neuron, "v_leak");
            to.start = to_int32(std::round(own.leak * own.start / scale), network, neuron,
                                "the potential at the start, v_reset");
        }
        return;
    }
    const auto threshold = [&](std::size_t channel, double scale) {
        return in_integers(op.thresholds.empty() ? op.threshold / (scale * wishes.input_scale * op.gain)
                                                 : op.thresholds[channel] / (scale * wishes.input_scale));
    };
    if (layer.weight_scales.size() == 1)
        layer.threshold = threshold(0, layer.weight_scales[0]);
    else
        for (std::size_t n = 0; n < layer.weight_scales.size(); ++n)
            layer.thresholds.push_back(threshold(n, layer.weight_scales[n]));
    for (std::size_t n = 0; n < op.starts.size(); ++n) {
        // What the hardware carries from one timestep to the next has decayed already.
        const double scale = layer.weight_scales[layer.weight_scales.size() == 1 ? 0 : n] * wishes.input_scale;
        layer.starts.push_back(to_int32(std::round(layer.leak_q8 / leak_one * op.starts[n] / scale), network, neuron,
                                        "the potential at the start, v_reset"));
    }
}

namespace
{

/// Of class n of neurons that do not spike: what a current of 1 at the first timestep leaves after so many more.
std::vector<double> response_of(const host_values& neuron, unsigned timesteps)
{
    std::vector<double> response;
    double potential = 0, current = 0;
    for (unsigned t = 0; t < timesteps; ++t) {
        current = neuron.synapse * current + (t == 0 ? 1 - neuron.synapse : 0);
        potential = neuron.leak * potential + current;
        response.push_back(potential);
    }
    return response;
}

} // namespace

readout quantise_readout(const neuron_op* neuron, const std::vector<double>& weight_scales, double input_scale,
                         unsigned timesteps)
{
    const auto unlike_first = [&](const host_values& each) {
        return each.leak != neuron->host[0].leak || each.synapse != neuron->host[0].synapse;
    };
    readout result;
    result.response_per_class =
        weight_scales.size() > 1 ||
        (neuron != nullptr && std::any_of(neuron->host.begin(), neuron->host.end(), unlike_first));
    const double largest = *std::max_element(weight_scales.begin(), weight_scales.end());
    result.scale = largest * input_scale;
    if (neuron == nullptr && !result.response_per_class)
        return result;
    std::vector<double> response(timesteps);
    response[0] = 1; // the current itself
    result.scale *= (neuron != nullptr ? neuron->gain : 1) / 65536;
    const std::size_t classes = !result.response_per_class ? 1 : neuron != nullptr ? neuron->host.size() : weight_scales.size();
    for (std::size_t n = 0; n < classes; ++n) {
        const double scale = weight_scales[weight_scales.size() == 1 ? 0 : n];
        if (neuron != nullptr)
            response = response_of(neuron->host[n], timesteps);
        for (const double left : response)
            result.response_q16.push_back(static_cast<std::int32_t>(std::lround(left * scale / largest * 65536)));
    }
    return result;
}

} // namespace loas::lowering
