#include "models/control/descriptor_check.h"

#include "models/functional/layer_shape.h"

#include <algorithm>

namespace loas::control
{
namespace
{

bool contains(const address_range& outer, const address_range& inner)
{
    return inner.base >= outer.base && inner.base - outer.base < outer.size_bytes &&
           inner.size_bytes <= outer.size_bytes - (inner.base - outer.base);
}

bool overlap(const address_range& a, const address_range& b)
{
    return a.size_bytes > 0 && b.size_bytes > 0 && a.base < b.base + b.size_bytes && b.base < a.base + a.size_bytes;
}

bool known_formats(const loas_descriptor& d)
{
    return (d.formats & LOAS_FORMATS_SPIKES_MASK) < LOAS_SPIKES_COUNT &&
           (d.formats >> LOAS_FORMATS_WEIGHTS_SHIFT) < LOAS_WEIGHTS_COUNT;
}

/// What the design may write to: the output and, if it needs one, the work area behind it.
std::uint64_t written_bytes(const functional::layer_shape& shape, const device_limits& limits)
{
    if ((limits.formats & LOAS_FORMATS_WORK_AREA) == 0)
        return shape.output_bytes();
    return loas_align_up(shape.output_bytes(), LOAS_TENSOR_ALIGN) +
           loas_work_bytes(shape.m, shape.n, shape.timesteps, limits.tiles);
}

loas_status check_fields(const loas_descriptor& d)
{
    if (d.opcode > LOAS_OP_RUN_LAYER)
        return LOAS_STATUS_BAD_OPCODE;
    const std::uint8_t known_flags =
        d.opcode == LOAS_OP_RUN_LAYER ? LOAS_FLAG_INTERRUPT | LOAS_FLAG_SINGLE_SPIKE_MASK : LOAS_FLAG_INTERRUPT;
    if ((d.flags & ~known_flags) != 0 || !known_formats(d) || d.reserved1 != 0) // each bit of neuron is one
        return LOAS_STATUS_BAD_FLAGS;
    return LOAS_STATUS_OK;
}

/// Bytes take ReLU or write currents, and spikes do not take ReLU, which has none of the rest.
bool relu_is_right(const loas_descriptor& d)
{
    const bool bytes = loas_format_is_bytes(d.formats & LOAS_FORMATS_SPIKES_MASK) != 0;
    if ((d.neuron & LOAS_NEURON_RELU) == 0)
        return !bytes || (d.neuron & LOAS_NEURON_CURRENTS) != 0;
    constexpr unsigned of_spikes = LOAS_NEURON_SOFT_RESET | LOAS_NEURON_DELAYED_RESET | LOAS_NEURON_CARRY |
                                   LOAS_NEURON_THRESHOLDS | LOAS_NEURON_FIRST_SPIKE | LOAS_NEURON_FEW_SPIKES;
    return bytes && (d.neuron & of_spikes) == 0 && (d.flags & LOAS_FLAG_SINGLE_SPIKE_MASK) == 0 && d.threshold >= 0 &&
           d.threshold <= 31;
}

/// Few-spikes neurons keep nothing that could be reset or carried, and say by which bit of a number they spike.
bool few_spikes_are_right(const loas_descriptor& d)
{
    constexpr unsigned others =
        LOAS_NEURON_SOFT_RESET | LOAS_NEURON_DELAYED_RESET | LOAS_NEURON_CARRY | LOAS_NEURON_FIRST_SPIKE;
    return (d.neuron & LOAS_NEURON_FEW_SPIKES) == 0 || (d.neuron & others) == 0;
}

loas_status check_layer(const loas_descriptor& d, const device_limits& limits)
{
    const bool bytes = loas_format_is_bytes(d.formats & LOAS_FORMATS_SPIKES_MASK) != 0;
    if (d.timesteps == 0 || d.timesteps > limits.max_timesteps || (bytes && d.timesteps != 1))
        return LOAS_STATUS_BAD_TIMESTEPS;
    if (d.in_height == 0 || d.in_width == 0 || d.in_channels == 0 || d.out_channels == 0 || d.kernel_h == 0 ||
        d.kernel_w == 0 || d.stride_h == 0 || d.stride_w == 0 || d.kernel_h > d.in_height + 2 * d.pad_h ||
        d.kernel_w > d.in_width + 2 * d.pad_w)
        return LOAS_STATUS_BAD_SHAPE;
    const bool currents = (d.neuron & LOAS_NEURON_CURRENTS) != 0;
    const bool masked = (d.flags & LOAS_FLAG_SINGLE_SPIKE_MASK) != 0;
    constexpr unsigned resets = LOAS_NEURON_SOFT_RESET | LOAS_NEURON_DELAYED_RESET;
    const bool carried = (d.neuron & LOAS_NEURON_CARRY) != 0;
    const bool thresholds = (d.neuron & LOAS_NEURON_THRESHOLDS) != 0;
    const bool first_spike = (d.neuron & LOAS_NEURON_FIRST_SPIKE) != 0;
    if (d.leak_q8 > 256 || (d.neuron & resets) == resets ||
        (currents && (d.pool != 1 || masked || carried || thresholds || first_spike)) || (carried && first_spike) ||
        ((carried || thresholds) && d.bias_address == 0) || !relu_is_right(d) || !few_spikes_are_right(d))
        return LOAS_STATUS_BAD_NEURON;
    if (d.pool == 0)
        return LOAS_STATUS_BAD_POOLING;
    const functional::layer_shape shape(d);
    if (shape.pooled_height == 0 || shape.pooled_width == 0)
        return LOAS_STATUS_BAD_POOLING;
    // Sizes first from the factors: with rows and K within 32 bits no product below can wrap.
    if (shape.k > LOAS_MAX_K || shape.m > LOAS_MAX_TENSOR_BYTES ||
        shape.input_layout().total_bytes > LOAS_MAX_TENSOR_BYTES ||
        shape.weight_layout().total_bytes > LOAS_MAX_TENSOR_BYTES || shape.output_bytes() > LOAS_MAX_TENSOR_BYTES ||
        shape.potentials_bytes() > LOAS_MAX_TENSOR_BYTES)
        return LOAS_STATUS_TOO_LARGE;

    std::uint32_t needed = 0;
    if (d.kernel_h * d.kernel_w > 1 || d.stride_h > 1 || d.stride_w > 1 || d.pad_h > 0 || d.pad_w > 0)
        needed |= LOAS_FEATURE_CONVOLUTION;
    if (d.pool > 1)
        needed |= LOAS_FEATURE_POOLING;
    if ((d.neuron & LOAS_NEURON_SOFT_RESET) != 0)
        needed |= LOAS_FEATURE_SOFT_RESET_NEURON;
    if ((d.neuron & LOAS_NEURON_DELAYED_RESET) != 0)
        needed |= LOAS_FEATURE_DELAYED_RESET_NEURON;
    if (carried)
        needed |= LOAS_FEATURE_CARRY;
    if (thresholds)
        needed |= LOAS_FEATURE_THRESHOLDS;
    if (first_spike)
        needed |= LOAS_FEATURE_FIRST_SPIKE_NEURON;
    if ((d.neuron & LOAS_NEURON_FEW_SPIKES) != 0)
        needed |= LOAS_FEATURE_FEW_SPIKES_NEURON;
    if (masked)
        needed |= LOAS_FEATURE_SINGLE_SPIKE_MASK;
    if (currents)
        needed |= LOAS_FEATURE_CURRENTS;
    const bool other_formats = d.formats != (limits.formats & (LOAS_FORMATS_SPIKES_MASK | LOAS_FORMATS_WEIGHTS_MASK));
    return (needed & ~limits.features) != 0 || other_formats ? LOAS_STATUS_UNSUPPORTED : LOAS_STATUS_OK;
}

check_result check_memory(const loas_descriptor& d, const device_limits& limits,
                          const std::vector<address_range>& rings)
{
    const functional::layer_shape shape(d);
    const address_range input{d.input_address, shape.input_layout().total_bytes};
    const address_range weights{d.weight_address, shape.weight_layout().total_bytes};
    const address_range output{d.output_address, written_bytes(shape, limits)};
    const address_range bias{d.bias_address, d.bias_address == 0 ? 0 : 4 * shape.bias_numbers()};
    const address_range potentials{shape.potentials_address, shape.potentials_bytes()};

    for (const address_range* tensor : {&input, &weights, &output})
        if (tensor->base % LOAS_TENSOR_ALIGN != 0)
            return {LOAS_STATUS_MISALIGNED, tensor->base};
    if (bias.base % (shape.carries_potentials() ? LOAS_TENSOR_ALIGN : 4) != 0)
        return {LOAS_STATUS_MISALIGNED, bias.base};

    for (const address_range* tensor : {&input, &weights, &output, &bias, &potentials}) {
        const bool reachable = std::any_of(limits.reachable.begin(), limits.reachable.end(),
                                           [&](const address_range& memory) { return contains(memory, *tensor); });
        if (!reachable && tensor->size_bytes > 0)
            return {LOAS_STATUS_UNMAPPED, tensor->base};
    }
    std::vector<address_range> others = rings;
    others.insert(others.end(), {input, weights, bias});
    for (const address_range& other : others)
        if (overlap(output, other))
            return {LOAS_STATUS_OVERLAP, output.base};
    others.pop_back(); // the bias lies before its potentials
    others.push_back(output);
    for (const address_range& other : others)
        if (overlap(potentials, other))
            return {LOAS_STATUS_OVERLAP, potentials.base};
    return {};
}

} // namespace

check_result check_descriptor(const loas_descriptor& descriptor, const device_limits& limits,
                              const std::vector<address_range>& rings)
{
    loas_status status = check_fields(descriptor);
    if (status != LOAS_STATUS_OK || descriptor.opcode != LOAS_OP_RUN_LAYER)
        return {status, 0};
    status = check_layer(descriptor, limits);
    if (status != LOAS_STATUS_OK)
        return {status, 0};
    return check_memory(descriptor, limits, rings);
}

} // namespace loas::control
