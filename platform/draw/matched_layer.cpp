#include "platform/draw/matched_layer.h"

#include "models/functional/bits.h"
#include "models/functional/lanes.h"
#include "models/functional/random_source.h"
#include "platform/draw/exact_math.h"
#include "platform/draw/exact_selection.h"
#include "platform/draw/weight_draw.h"

#include <algorithm>
#include <cstring>
#include <future>
#include <limits>
#include <numeric>
#include <utility>

namespace loas::draw
{
namespace
{

using functional::random_source;

constexpr double dead_drive = 20;       // below all others; not infinite, so that any count can be met
constexpr double further_spread = 4;    // of words: recorded ones have 2 spikes in 47, 4 in 42 and 3 in 10 of 100 cases
constexpr double further_share = 0.3;   // of the drive: recorded words of busy channels have 3.0 spikes, of quiet 2.6
constexpr double least_activity = 0.02; // of the mean: the fitted model's (facts about the published results)
constexpr unsigned leak_of_half_q8 = 128;

/// The part of its inputs' drive that a channel has in common.
std::vector<double> draw_channels(const layer_statistics& l, random_source& random)
{
    std::vector<double> drive(l.in_channels);
    for (double& channel : drive)
        channel = l.channel_spread * normal(random);
    auto dead = static_cast<std::uint64_t>(l.dead_channels * l.in_channels + 0.5);
    for (std::size_t c = 0; c < drive.size(); ++c)
        if (random.chance(dead, drive.size() - c)) {
            drive[c] -= dead_drive;
            --dead;
        }
    return drive;
}

// Maps are made some at a time, [height][width][map]: neighbours in a vector.
constexpr std::size_t maps_together = 8;
using numbers = double __attribute__((vector_size(maps_together * sizeof(double))));

/// Averages each number with its neighbours in its map; of independent ones of variance 1 that is kept.
LOAS_FOR_ALL_VECTOR_UNITS void smooth_maps(const double* maps, std::size_t height, std::size_t width, double* smoothed)
{
    for (std::size_t y = 0; y < height; ++y)
        for (std::size_t x = 0; x < width; ++x, smoothed += maps_together) {
            const std::size_t first_x = x - (x > 0), end_x = std::min(x + 2, width);
            const std::size_t first_y = y - (y > 0), end_y = std::min(y + 2, height);
            numbers sum{}, near{};
            for (std::size_t near_y = first_y; near_y < end_y; ++near_y)
                for (std::size_t near_x = first_x; near_x < end_x; ++near_x) {
                    std::memcpy(&near, maps + (near_y * width + near_x) * maps_together, sizeof near);
                    sum += near;
                }
            sum /= std::sqrt(static_cast<double>((end_y - first_y) * (end_x - first_x)));
            std::memcpy(smoothed, &sum, sizeof sum);
        }
}

/// What makes inputs spike, [height][width][channel]: that of the channel, that of the pixel, and a number of the
/// input's own of variance 1, a part of which it shares with its neighbours.
std::vector<double> draw_drives(const layer_statistics& l, const std::vector<double>& channels, random_source& random)
{
    const std::size_t pixels = std::size_t{l.in_height} * l.in_width;
    std::vector<double> drawn(pixels), own_part(pixels * maps_together), shared_part(own_part), smoothed(own_part);
    const auto draw_map = [&](std::vector<double>& maps, std::size_t map) {
        draw_normals(random, drawn.data(), pixels);
        for (std::size_t pixel = 0; pixel < pixels; ++pixel)
            maps[pixel * maps_together + map] = drawn[pixel];
    };
    draw_map(shared_part, 0);
    smooth_maps(shared_part.data(), l.in_height, l.in_width, smoothed.data());
    std::vector<double> of_pixel(pixels);
    for (std::size_t pixel = 0; pixel < pixels; ++pixel)
        of_pixel[pixel] = l.pixel_spread * smoothed[pixel * maps_together];
    const double smooth = std::sqrt(l.smoothness), own = std::sqrt(1 - l.smoothness);
    std::vector<double> drives(pixels * channels.size());
    for (std::size_t first = 0; first < channels.size(); first += maps_together) {
        const std::size_t count = std::min(maps_together, channels.size() - first);
        for (std::size_t map = 0; map < count; ++map) {
            draw_map(shared_part, map);
            if (own > 0)
                draw_map(own_part, map);
        }
        smooth_maps(shared_part.data(), l.in_height, l.in_width, smoothed.data());
        for (std::size_t pixel = 0; pixel < pixels; ++pixel)
            for (std::size_t map = 0; map < count; ++map) {
                const std::size_t at = pixel * maps_together + map;
                const double inputs_own = smooth * smoothed[at] + own * own_part[at];
                drives[pixel * channels.size() + first + map] = of_pixel[pixel] + inputs_own + channels[first + map];
            }
    }
    return drives;
}

/// A word of `count` spikes at random timesteps.
inline std::uint16_t draw_word(unsigned count, unsigned timesteps, random_source& random)
{
    unsigned word = 0;
    for (unsigned t = 0; t < timesteps; ++t) {
        const unsigned spikes = random.chance(count, timesteps - t); // no branch, which nobody could predict
        word |= spikes << t;
        count -= spikes;
    }
    return static_cast<std::uint16_t>(word);
}

/// The same order of the inputs of a pixel, but such that of inputs above any drive each pixel has its share: the
/// drive is minus the number of larger ones of the pixel, in units of the pixel's spikes. Without pixel_spikes as it
/// was.
std::vector<double> spread_over_pixels(const layer_statistics& l, const std::vector<double>& drives)
{
    std::vector<std::uint32_t> by_drive(l.in_channels);
    std::vector<double> spread = drives;
    for (std::size_t pixel = 0; pixel < l.pixel_spikes.size(); ++pixel) {
        const double* const of_pixel = &drives[pixel * l.in_channels];
        std::iota(by_drive.begin(), by_drive.end(), 0U);
        std::sort(by_drive.begin(), by_drive.end(), [of_pixel](std::uint32_t a, std::uint32_t b) {
            return of_pixel[a] > of_pixel[b] || (of_pixel[a] == of_pixel[b] && a < b);
        });
        const double unit = l.pixel_spikes[pixel] + 0.5; // one without spikes comes last
        for (std::uint32_t rank = 0; rank < l.in_channels; ++rank)
            spread[pixel * l.in_channels + by_drive[rank]] = -(rank + 0.5) / unit;
    }
    return spread;
}

/// The drives less a share of what the channels have in common; dead ones stay dead.
std::vector<double> without_channels(const layer_statistics& l, std::vector<double> drives,
                                     const std::vector<double>& channels)
{
    for (std::size_t i = 0; i < drives.size(); ++i)
        if (const double channel = channels[i % l.in_channels]; channel > -dead_drive / 2)
            drives[i] -= l.singles_apart * channel;
    return drives;
}

std::vector<std::uint16_t> draw_spikes(const layer_statistics& l, const std::vector<std::uint32_t>& windows,
                                       random_source& random, count_differences& differences)
{
    const std::vector<double> channels = draw_channels(l, random), drives = draw_drives(l, channels, random);
    std::vector<double> other;                  // than the drives,
    const std::vector<double>* order = &drives; // in which inputs begin to spike
    if (!l.pixel_spikes.empty()) {
        other = spread_over_pixels(l, drives);
        order = &other;
    }
    std::vector<std::uint8_t> spikes_of(drives.size());
    std::vector<candidate> candidates;
    const auto silent_ones = [&] {
        candidates = std::vector<candidate>(drives.size());
        std::size_t silent = 0;
        std::uint32_t i = 0;
        for (const std::uint32_t windows_of_pixel : windows)
            for (const std::uint32_t end = i + l.in_channels; i < end; ++i) {
                candidates[silent] = {-(*order)[i], i, windows_of_pixel};
                silent += spikes_of[i] == 0; // no branch, which nobody could predict
            }
        candidates.resize(silent);
    };
    silent_ones();
    const selection_result often = take_exactly(std::move(candidates), static_cast<std::uint64_t>(l.non_silent_ft));
    for (const std::uint32_t i : often.indices)
        spikes_of[i] = 2;
    if (l.singles_apart != 0) {
        other = spread_over_pixels(l, without_channels(l, drives, channels));
        order = &other;
    }
    silent_ones();
    const selection_result once = take_exactly(std::move(candidates), l.single_spikes());
    for (const std::uint32_t i : once.indices)
        spikes_of[i] = 1;

    candidates = std::vector<candidate>(often.indices.size() * (std::max(l.timesteps, 2U) - 2));
    candidate* further_spike = candidates.data();
    std::vector<double> normals(often.indices.size() * (std::max(l.timesteps, 2U) - 1)); // a word's, and its spikes'
    draw_normals(random, normals.data(), normals.size());
    const double* drawn = normals.data();
    for (const std::uint32_t i : often.indices) {
        const double word = further_share * drives[i] + further_spread * *drawn++;
        for (unsigned t = 2; t < l.timesteps; ++t)
            *further_spike++ = {-(word + *drawn++), i, windows[i / l.in_channels]};
    }
    const std::uint64_t so_far = once.sum + 2 * often.sum, wanted = static_cast<std::uint64_t>(l.spikes);
    const selection_result further = take_exactly(std::move(candidates), wanted > so_far ? wanted - so_far : 0);
    for (const std::uint32_t i : further.indices)
        ++spikes_of[i];

    const auto difference = [](std::uint64_t made, std::int64_t want) {
        return static_cast<std::int64_t>(made) - want;
    };
    differences = {difference(so_far + further.sum, l.spikes), difference(once.sum + often.sum, l.non_silent),
                   difference(often.sum, l.non_silent_ft)};
    std::vector<std::uint16_t> words(spikes_of.size());
    for (std::size_t i = 0; i < words.size(); ++i)
        if (spikes_of[i] > 0)
            words[i] = l.timesteps == 4 ? draw_word(spikes_of[i], 4, random) // divides by constants
                                        : draw_word(spikes_of[i], l.timesteps, random);
    return words;
}

/// The shares of the input channels in the non-zero weights.
std::vector<double> channel_shares(const layer_statistics& l, const std::vector<std::uint32_t>& windows,
                                   const std::vector<std::uint16_t>& spikes, double gamma)
{
    if (gamma == 0)
        return std::vector<double>(l.in_channels, 1.0); // whatever spikes, which may not be there yet
    std::vector<double> activity(l.in_channels);
    double sum = 0;
    std::size_t i = 0;
    for (const std::uint32_t windows_of_pixel : windows)
        for (double& channel : activity) {
            const double often = functional::popcount(spikes[i++]) > 1 ? windows_of_pixel : 0;
            channel += often;
            sum += often;
        }
    for (double& channel : activity)
        channel = sum > 0 ? exact_exp(gamma * exact_log(channel + least_activity * sum / l.in_channels)) : 1;
    return activity;
}

/// Highest potential that a neuron reaches if it never spikes: it is silent if and only if the threshold is not below.
std::int64_t highest_potential(const std::int32_t* currents, unsigned timesteps)
{
    std::int64_t potential = 0, highest = std::numeric_limits<std::int64_t>::min();
    for (unsigned t = 0; t < timesteps; ++t) {
        potential += currents[t];
        highest = std::max(highest, potential);
        potential = (potential * leak_of_half_q8) >> 8; // rounds down, as the hardware does
    }
    return highest;
}

struct input_weight {
    std::uint32_t input;
    std::int32_t value;
};

/// The weights of a column that are not zero.
std::vector<input_weight> non_zeros_of(const std::int8_t* column, std::size_t inputs)
{
    constexpr std::uint64_t low_seven_bits = 0x7F7F7F7F7F7F7F7F; // of each byte
    std::vector<input_weight> found;
    for (std::size_t k = 0; k < inputs; k += sizeof(std::uint64_t)) { // nearly all eights are zero
        std::uint64_t eight = 0;
        std::memcpy(&eight, column + k, std::min(sizeof eight, inputs - k));
        std::uint64_t left = (((eight & low_seven_bits) + low_seven_bits) | eight) & ~low_seven_bits; // a bit a weight
        for (; left != 0; left &= left - 1) {
            const std::size_t at = k + functional::lowest_bit(left) / 8;
            found.push_back({static_cast<std::uint32_t>(at), column[at]});
        }
    }
    return found;
}

/// Adds row m of the unfolded matrix to `row`, its words shifted.
void add_row(const layer_statistics& l, const std::vector<std::uint16_t>& spikes, std::uint64_t m, unsigned shift,
             std::vector<std::uint16_t>& row)
{
    for (std::uint64_t pixel = 0; pixel < std::uint64_t{l.kernel} * l.kernel; ++pixel) {
        // Unsigned wrap makes a coordinate in the padding too large as well.
        const std::uint64_t y = m / l.out_width() * l.stride + pixel / l.kernel - l.padding;
        const std::uint64_t x = m % l.out_width() * l.stride + pixel % l.kernel - l.padding;
        if (y >= l.in_height || x >= l.in_width)
            continue;
        const std::uint16_t* words = &spikes[(y * l.in_width + x) * l.in_channels];
        std::uint16_t* to = &row[pixel * l.in_channels];
        for (unsigned c = 0; c < l.in_channels; ++c)
            to[c] = static_cast<std::uint16_t>(to[c] | words[c] << shift);
    }
}

/// For each bit of a word, the sum of the weights whose inputs have it.
LOAS_FOR_ALL_VECTOR_UNITS void sum_weights(const std::vector<input_weight>& weights,
                                           const std::vector<std::uint16_t>& inputs, std::int32_t (&sums)[16])
{
    using eight_sums = std::int32_t __attribute__((vector_size(32)));
    constexpr eight_sums low_bits = {1, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7},
                         high_bits = low_bits << 8;
    eight_sums low = {}, high = {};
    for (const input_weight& each : weights) {
        const std::int32_t input = inputs[each.input];
        low += ((low_bits & input) != 0) & each.value;
        high += ((high_bits & input) != 0) & each.value;
    }
    std::memcpy(sums, &low, sizeof low);
    std::memcpy(sums + 8, &high, sizeof high);
}

/// The threshold that leaves the wanted share of a sample of outputs silent.
std::int32_t pick_threshold(const layer_statistics& l, const std::vector<std::uint16_t>& spikes,
                            const std::vector<std::int8_t>& weights)
{
    constexpr std::uint64_t rows_sampled = 64, columns_sampled = 128;
    const std::uint64_t row_step = (l.rows() + rows_sampled - 1) / rows_sampled;
    const std::uint64_t column_step = (l.out_channels + columns_sampled - 1) / columns_sampled;
    std::vector<std::vector<input_weight>> columns;
    for (std::uint64_t n = 0; n < l.out_channels; n += column_step)
        columns.push_back(non_zeros_of(&weights[n * l.inputs()], l.inputs()));
    std::vector<std::int64_t> highest;
    std::vector<std::uint16_t> some_rows(l.inputs()); // as many as words have room for
    for (std::uint64_t m = 0; m < l.rows();) {
        std::fill(some_rows.begin(), some_rows.end(), std::uint16_t{0});
        unsigned bits = 0;
        for (; bits + l.timesteps <= 16 && m < l.rows(); bits += l.timesteps, m += row_step)
            add_row(l, spikes, m, bits, some_rows);
        for (const std::vector<input_weight>& column : columns) {
            std::int32_t currents[16];
            sum_weights(column, some_rows, currents);
            for (unsigned first = 0; first < bits; first += l.timesteps)
                highest.push_back(highest_potential(currents + first, l.timesteps));
        }
    }
    const double last = static_cast<double>(highest.size() - 1);
    const auto at = highest.begin() + static_cast<std::ptrdiff_t>(l.output_silent_ratio * last + 0.5);
    std::nth_element(highest.begin(), at, highest.end());
    return static_cast<std::int32_t>(std::max<std::int64_t>(*at, 0));
}

/// FNV-1a: layers of a network that are alike in everything but their names are to differ.
std::uint64_t mixed(std::uint64_t seed, const std::string& name)
{
    std::uint64_t hash = 0xCBF29CE484222325u ^ seed;
    for (const char c : name)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
    return hash;
}

/// The sources of a layer's random numbers.
struct layer_sources {
    random_source spikes, weights, values;

    layer_sources(const layer_statistics& l, std::uint64_t seed) : layer_sources(mixed(seed, l.name)) {}

private:
    explicit layer_sources(std::uint64_t state)
        : spikes(random_source::splitmix64(state)), weights(random_source::splitmix64(state)),
          values(random_source::splitmix64(state)) // in this order
    {
    }
};

std::vector<std::int8_t> weights_for(const layer_statistics& l, bool skew, const std::vector<std::uint32_t>& windows,
                                     const std::vector<std::uint16_t>& spikes, random_source& random)
{
    const std::vector<double> shares = channel_shares(l, windows, spikes, skew ? l.gamma_act : 0);
    return draw_weights(l, shares, skew, random);
}

} // namespace

matched_layer make_matched_layer(const layer_statistics& l, std::uint64_t seed, bool skew)
{
    layer_sources random(l, seed);
    const std::vector<std::uint32_t> windows = window_counts(l);

    matched_layer made;
    made.timesteps = l.timesteps;
    lowering::layer_model& layer = made.layer;
    layer.name = l.name;
    layer.in_height = l.in_height;
    layer.in_width = l.in_width;
    layer.in_channels = l.in_channels;
    layer.out_channels = l.out_channels;
    layer.kernel_h = layer.kernel_w = l.kernel;
    layer.stride_h = layer.stride_w = l.stride;
    layer.pad_h = layer.pad_w = l.padding;
    layer.leak_q8 = leak_of_half_q8;
    const auto weights_now = [&] { layer.weights = weights_for(l, skew, windows, made.spikes, random.weights); };
    // Without skew towards active channels weights do not ask for spikes, and their random numbers are their own.
    const bool apart = !skew || l.gamma_act == 0;
    std::future<void> weights;
    if (apart)
        weights =
            std::async(std::launch::async | std::launch::deferred, weights_now); // later, where no thread can be had
    made.spikes = draw_spikes(l, windows, random.spikes, made.differences);
    if (apart)
        weights.get();
    else
        weights_now();
    layer.threshold = pick_threshold(l, made.spikes, layer.weights);
    return made;
}

random_source values_source(const layer_statistics& l, std::uint64_t seed)
{
    return layer_sources(l, seed).values;
}

std::vector<std::int8_t> make_matched_weights(const layer_statistics& l, std::uint64_t seed, bool skew,
                                              const std::vector<std::uint16_t>& spikes)
{
    layer_sources random(l, seed);
    return weights_for(l, skew, window_counts(l), spikes, random.weights);
}

} // namespace loas::draw
