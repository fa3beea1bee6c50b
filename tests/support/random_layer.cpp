#include "tests/support/random_layer.h"

#include "tests/support/random.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace loas::support
{

namespace
{

constexpr unsigned max_rows = 70;
constexpr unsigned max_inputs = 700;
constexpr unsigned max_columns = 150;
constexpr unsigned percent = 100;

/// Mostly anything up to the limit, often small, sometimes a size around which the hardware's tiles break.
template <std::size_t count> unsigned draw_size(random_source& random, unsigned limit, const unsigned (&edges)[count])
{
    switch (random.below(4)) {
    case 0:
        return std::min(limit, random.pick(edges));
    case 1:
        return random.between_unsigned(1, std::max(1u, limit / 8));
    default:
        return random.between_unsigned(1, limit);
    }
}

unsigned draw_inputs(random_source& random)
{
    const unsigned edges[] = {1, 127, 128, 129, 255, 256, 257, 384, max_inputs};
    return draw_size(random, max_inputs, edges);
}

void draw_plain_shape(random_source& random, reference::reference_layer& layer)
{
    const unsigned edges[] = {1, 15, 16, 17, 31, 32, 33, max_rows};
    layer.in_height = draw_size(random, max_rows, edges);
    layer.in_channels = draw_inputs(random);
}

struct axis {
    unsigned in, kernel, stride, pad;
};

/// The input size that gives `out` output pixels, some of the stride's slack included.
axis draw_axis(random_source& random, unsigned out)
{
    axis drawn{};
    drawn.kernel = random.between_unsigned(1, 4);
    drawn.stride = random.between_unsigned(1, 3);
    const unsigned slack = random.between_unsigned(0, drawn.stride - 1);
    const unsigned padded = (out - 1) * drawn.stride + drawn.kernel + slack;
    // At least one real pixel must remain between the paddings.
    drawn.pad = random.between_unsigned(0, std::min(2u, (padded - 1) / 2));
    drawn.in = padded - 2 * drawn.pad;
    return drawn;
}

void draw_convolution_shape(random_source& random, reference::reference_layer& layer)
{
    unsigned out_height = random.between_unsigned(1, 10);
    unsigned out_width = random.between_unsigned(1, max_rows / out_height);
    if (random.chance(1, 2))
        std::swap(out_height, out_width);
    const axis vertical = draw_axis(random, out_height);
    const axis horizontal = draw_axis(random, out_width);
    layer.in_height = vertical.in;
    layer.kernel_h = vertical.kernel;
    layer.stride_h = vertical.stride;
    layer.pad_h = vertical.pad;
    layer.in_width = horizontal.in;
    layer.kernel_w = horizontal.kernel;
    layer.stride_w = horizontal.stride;
    layer.pad_w = horizontal.pad;
    layer.in_channels = std::max(1u, draw_inputs(random) / (layer.kernel_h * layer.kernel_w));
    layer.pool = random.between_unsigned(1, std::min({3u, out_height, out_width}));
}

void draw_columns(random_source& random, reference::reference_layer& layer)
{
    const unsigned edges[] = {1, 31, 32, 33, 63, 64, 65, max_columns};
    layer.out_channels = draw_size(random, max_columns, edges);
    // Rows are bounded by the input's pixels only loosely, so this is a rough bound of the work, which is what it is
    // for: most layers stay cheap, a few are as large as the limits allow.
    const std::uint64_t work_per_column = std::uint64_t{layer.in_height} * layer.in_width * layer.kernel_h *
                                          layer.kernel_w * layer.in_channels * layer.timesteps;
    const std::uint64_t budget = 6000000;
    if (!random.chance(1, 24)) {
        const std::uint64_t affordable = std::max<std::uint64_t>(1, budget / work_per_column);
        layer.out_channels = static_cast<unsigned>(std::min<std::uint64_t>(layer.out_channels, affordable));
    }
}

unsigned draw_density(random_source& random)
{
    switch (random.below(8)) {
    case 0:
        return 0;
    case 1:
        return percent;
    case 2:
    case 3:
    case 4:
        return random.between_unsigned(1, 15);
    default:
        return random.between_unsigned(0, percent);
    }
}

std::uint16_t draw_word(random_source& random, unsigned timesteps, unsigned bit_density)
{
    unsigned word = 0;
    for (unsigned t = 0; t < timesteps; ++t) {
        if (random.chance(bit_density, percent))
            word |= 1u << t;
    }
    return static_cast<std::uint16_t>(word);
}

/// Two densities, because silent inputs and ones that spike at every timestep are what the hardware tells apart.
void draw_spikes(random_source& random, reference::reference_layer& layer)
{
    const unsigned active_density = draw_density(random);
    const unsigned bit_density = random.chance(1, 4) ? percent : random.between_unsigned(5, percent);
    const bool with_odd_pixels = random.chance(1, 4);
    const std::size_t pixels = std::size_t{layer.in_height} * layer.in_width;
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
        unsigned active = active_density;
        unsigned bits = bit_density;
        if (with_odd_pixels && random.chance(1, 3)) {
            active = random.chance(1, 2) ? 0 : percent;
            bits = percent;
        }
        for (unsigned channel = 0; channel < layer.in_channels; ++channel) {
            const bool is_active = random.chance(active, percent);
            layer.spikes.push_back(is_active ? draw_word(random, layer.timesteps, bits) : std::uint16_t{0});
        }
    }
}

std::int8_t draw_weight(random_source& random, bool extremes_only)
{
    if (extremes_only || random.chance(1, 32))
        return random.chance(1, 2) ? std::int8_t{-128} : std::int8_t{127};
    const std::int64_t magnitude = random.between(1, 127);
    return static_cast<std::int8_t>(random.chance(1, 2) ? magnitude : -magnitude);
}

void draw_weights(random_source& random, reference::reference_layer& layer)
{
    const unsigned density = draw_density(random);
    const bool extremes_only = random.chance(1, 10);
    const bool with_odd_columns = random.chance(1, 4);
    const std::size_t inputs = std::size_t{layer.kernel_h} * layer.kernel_w * layer.in_channels;
    for (unsigned n = 0; n < layer.out_channels; ++n) {
        unsigned column_density = density;
        if (with_odd_columns && random.chance(1, 3))
            column_density = random.chance(1, 2) ? 0 : percent;
        for (std::size_t k = 0; k < inputs; ++k) {
            const bool is_zero = !random.chance(column_density, percent);
            layer.weights.push_back(is_zero ? std::int8_t{0} : draw_weight(random, extremes_only));
        }
    }
}

void draw_bias(random_source& random, reference::reference_layer& layer)
{
    if (random.chance(1, 2))
        return;
    const std::int64_t limit = random.chance(1, 4) ? 1 << 20 : 300;
    for (unsigned n = 0; n < layer.out_channels; ++n)
        layer.bias.push_back(static_cast<std::int32_t>(random.between(-limit, limit)));
}

std::int32_t draw_threshold(random_source& random, bool subtracts)
{
    switch (random.below(10)) {
    case 0:
        return 0;
    case 1:
        return static_cast<std::int32_t>(random.between(-500, -1));
    case 2: // never fires
        return std::numeric_limits<std::int32_t>::max();
    case 3:
        // Always fires. A reset that subtracts then adds the threshold's magnitude at each of up to 16 timesteps.
        return subtracts ? -(1 << 24) : std::numeric_limits<std::int32_t>::min();
    case 4:
        return static_cast<std::int32_t>(random.between(1000, 100000));
    case 5:
    case 6:
        return static_cast<std::int32_t>(random.between(1, 100));
    default:
        return static_cast<std::int32_t>(random.between(1, 1000));
    }
}

void draw_neuron(random_source& random, reference::reference_layer& layer)
{
    const unsigned leaks[] = {0, 1, 64, 128, 255, 256};
    layer.leak_q8 = random.chance(1, 2) ? random.pick(leaks) : random.between_unsigned(0, 256);
    layer.reset = static_cast<reference::neuron_reset>(random.between_unsigned(0, 2));
    layer.threshold = draw_threshold(random, layer.reset != reference::neuron_reset::hard);
    layer.currents = random.chance(1, 8);
    layer.single_spike_mask = random.chance(1, 3);
    if (layer.currents) {
        layer.pool = 1;
        layer.single_spike_mask = false;
    }
}

} // namespace

reference::reference_layer random_layer(std::uint64_t seed)
{
    random_source random(seed);
    reference::reference_layer layer;
    layer.timesteps = random.chance(1, 4) ? 4 : random.between_unsigned(1, 16);
    if (random.chance(1, 2))
        draw_plain_shape(random, layer);
    else
        draw_convolution_shape(random, layer);
    draw_columns(random, layer);
    draw_neuron(random, layer);
    draw_spikes(random, layer);
    draw_weights(random, layer);
    draw_bias(random, layer);
    return layer;
}

void draw_potentials(std::uint64_t seed, reference::reference_layer& layer)
{
    if (layer.currents)
        return;
    random_source random(seed);
    const std::size_t rows = std::size_t{(layer.in_height + 2 * layer.pad_h - layer.kernel_h) / layer.stride_h + 1} *
                             ((layer.in_width + 2 * layer.pad_w - layer.kernel_w) / layer.stride_w + 1);
    layer.potentials.resize(rows * layer.out_channels);
    for (std::int32_t& each : layer.potentials)
        each = random.chance(1, 20) ? random.pick({INT32_MIN, INT32_MAX})
                                    : static_cast<std::int32_t>(random.between(-500, 500));
}

void draw_thresholds(std::uint64_t seed, reference::reference_layer& layer)
{
    if (layer.currents)
        return;
    random_source random(seed);
    for (unsigned n = 0; n < layer.out_channels; ++n)
        layer.thresholds.push_back(draw_threshold(random, layer.reset != reference::neuron_reset::hard));
}

void make_bytes(std::uint64_t seed, reference::reference_layer& layer)
{
    random_source random(seed);
    layer.bytes = true;
    layer.timesteps = 1;
    layer.reset = reference::neuron_reset::hard;
    layer.single_spike_mask = false;
    layer.threshold = 0;
    layer.shift = random.chance(1, 4) ? random.between_unsigned(0, 31) : random.between_unsigned(4, 12);
    for (std::uint16_t& each : layer.spikes)
        each = static_cast<std::uint16_t>(each != 0 ? random.between(1, 255) : 0);
}

} // namespace loas::support
