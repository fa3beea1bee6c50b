#include "platform/lowering/quantise.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "platform/formats/npy.h"

namespace loas::lowering
{

namespace
{

constexpr double weight_max = 127; // -128 has no counterpart and is not used
constexpr double leak_one = 256;

// `value` is a whole number, or not finite after an overflow.
std::int32_t to_int32(double value, const node_view& node, const std::string& what)
{
    if (!(value >= std::numeric_limits<std::int32_t>::min() && value <= std::numeric_limits<std::int32_t>::max()))
        node.fail(what + " is " + number_text(value) + " in units of the int8 weights, beyond 32 bits");
    return static_cast<std::int32_t>(value);
}

// v_leak and v_reset: the hardware's neuron decays to 0 and resets to 0.
void require_zero(const node_view& node, const std::string& dataset)
{
    const formats::nir_array& array = node.array(dataset);
    for (std::size_t i = 0; i < array.values.size(); ++i)
        if (array.values[i] != 0)
            node.fail(dataset + " must be 0, but it is " + number_text(array.values[i]) + " at " +
                      formats::index_text(array.shape, i));
}

} // namespace

void quantise_weights(layer_model& layer, const node_view& node, const std::vector<double>& weights,
                      const std::vector<double>* bias, double input_scale)
{
    double largest = 0;
    for (const double weight : weights)
        largest = std::max(largest, std::fabs(weight));
    const double scale = largest == 0 ? 1 : largest / weight_max;
    if (!std::isnormal(scale))
        node.fail("weight: its largest magnitude, " + number_text(largest) + ", is too small to scale to 127");
    layer.weight_scale = scale;

    const std::size_t channels = layer.in_channels;
    const std::size_t taps = std::size_t{layer.kernel_h} * layer.kernel_w;
    layer.weights.resize(weights.size());
    std::size_t from = 0;
    for (std::size_t output = 0; output < layer.out_channels; ++output)
        for (std::size_t channel = 0; channel < channels; ++channel)
            for (std::size_t tap = 0; tap < taps; ++tap) {
                const double rounded = std::round(weights[from++] / scale);
                layer.weights[(output * taps + tap) * channels + channel] =
                    static_cast<std::int8_t>(std::clamp(rounded, -weight_max, weight_max));
            }

    if (bias == nullptr)
        return;
    for (std::size_t i = 0; i < bias->size(); ++i)
        layer.bias.push_back(
            to_int32(std::round((*bias)[i] / (scale * input_scale)), node, "bias at [" + std::to_string(i) + "]"));
}

void quantise_neuron(layer_model& layer, const node_view& node, std::size_t size, const std::string& source,
                     double input_scale, double time_step)
{
    const double tau = node.uniform("tau", size, source);
    const double r = node.uniform("r", size, source);
    const double v_threshold = node.uniform("v_threshold", size, source);
    require_zero(node, "v_leak");
    if (node.has("v_reset"))
        require_zero(node, "v_reset");

    if (!(tau > 0))
        node.fail("tau is " + number_text(tau) + ", expected a positive number");
    const double leak = std::round(leak_one * (1 - time_step / tau));
    if (!(leak >= 0 && leak <= leak_one))
        node.fail("tau is " + number_text(tau) + ", less than the time step of " + number_text(time_step) +
                  "; the leak, 1 - time_step / tau, must be from 0 to 1. Is the time step in the unit of tau?");
    // A negative gain would turn the comparison with the threshold around, 0 would make it meaningless.
    const double gain = time_step * r / tau;
    if (!(gain > 0))
        node.fail("r is " + number_text(r) + ", expected a positive number");
    layer.leak_q8 = static_cast<unsigned>(leak);
    layer.threshold =
        to_int32(std::floor(v_threshold / (layer.weight_scale * input_scale * gain)), node, "v_threshold");
}

} // namespace loas::lowering
