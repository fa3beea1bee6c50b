#include "load/matched_layer.h"

#include "functional/bits.h"
#include "functional/lanes.h"
#include "functional/random_source.h"
#include "load/exact_math.h"
#include "load/exact_selection.h"
#include "load/weight_value.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace loas::load
{
namespace
{

using functional::random_lanes;
using functional::random_source;
using four_numbers = std::uint64_t __attribute__((vector_size(32)));

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

/// A map of normal numbers of variance 1, each of which is averaged with its neighbours.
class smooth_map
{
public:
    smooth_map(std::size_t height, std::size_t width) : m_height(height), m_width(width), m_noise(height * width) {}

    void draw(random_source& random) { draw_normals(random, m_noise.data(), m_noise.size()); }
    double at(std::size_t y, std::size_t x) const
    {
        const std::size_t first_x = x - (x > 0), end_x = std::min(x + 2, m_width);
        const std::size_t first_y = y - (y > 0), end_y = std::min(y + 2, m_height);
        double sum = 0;
        for (std::size_t near_y = first_y; near_y < end_y; ++near_y)
            for (std::size_t near_x = first_x; near_x < end_x; ++near_x)
                sum += m_noise[near_y * m_width + near_x];
        return sum / std::sqrt(static_cast<double>((end_y - first_y) * (end_x - first_x)));
    }

private:
    std::size_t m_height, m_width;
    std::vector<double> m_noise;
};

/// What makes inputs spike, [height][width][channel]: that of the channel, that of the pixel, and a number of the
/// input's own of variance 1, a part of which it shares with its neighbours.
std::vector<double> draw_drives(const layer_statistics& l, const std::vector<double>& channels, random_source& random)
{
    constexpr std::size_t at_a_time = 8; // channels whose drives are neighbours in a line of the host's cache
    const std::size_t pixels = std::size_t{l.in_height} * l.in_width;
    smooth_map map(l.in_height, l.in_width);
    const auto for_each_pixel = [&](auto function) {
        for (std::size_t y = 0, pixel = 0; y < l.in_height; ++y)
            for (std::size_t x = 0; x < l.in_width; ++x, ++pixel)
                function(pixel, map.at(y, x));
    };
    std::vector<double> of_pixel(pixels), own_normals(pixels), some(pixels * at_a_time);
    map.draw(random);
    for_each_pixel([&](std::size_t pixel, double shared) { of_pixel[pixel] = l.pixel_spread * shared; });
    const double smooth = std::sqrt(l.smoothness), own = std::sqrt(1 - l.smoothness);
    std::vector<double> drives(pixels * channels.size());
    for (std::size_t first = 0; first < channels.size(); first += at_a_time) {
        const std::size_t count = std::min(at_a_time, channels.size() - first);
        for (std::size_t c = 0; c < count; ++c) {
            map.draw(random);
            if (own > 0)
                draw_normals(random, own_normals.data(), pixels);
            for_each_pixel([&](std::size_t pixel, double shared) {
                const double inputs_own = smooth * shared + own * own_normals[pixel];
                some[pixel * at_a_time + c] = of_pixel[pixel] + inputs_own + channels[first + c];
            });
        }
        for (std::size_t pixel = 0; pixel < pixels; ++pixel)
            std::copy_n(&some[pixel * at_a_time], count, &drives[pixel * channels.size() + first]);
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

std::vector<std::uint16_t> draw_spikes(const layer_statistics& l, const std::vector<std::uint32_t>& windows,
                                       random_source& random, count_differences& differences)
{
    const std::vector<double> channels = draw_channels(l, random), drives = draw_drives(l, channels, random);
    std::vector<std::uint8_t> spikes_of(drives.size());
    std::vector<candidate> candidates;
    const auto silent_ones = [&] {
        candidates = std::vector<candidate>();
        candidates.reserve(drives.size());
        std::uint32_t i = 0;
        for (const std::uint32_t windows_of_pixel : windows)
            for (const std::uint32_t end = i + l.in_channels; i < end; ++i)
                if (spikes_of[i] == 0)
                    candidates.push_back({-drives[i], i, windows_of_pixel});
    };
    silent_ones();
    const selection_result often = take_exactly(std::move(candidates), static_cast<std::uint64_t>(l.non_silent_ft));
    for (const std::uint32_t i : often.indices)
        spikes_of[i] = 2;
    silent_ones();
    const selection_result once = take_exactly(std::move(candidates), l.single_spikes());
    for (const std::uint32_t i : once.indices)
        spikes_of[i] = 1;

    candidates = std::vector<candidate>();
    candidates.reserve(often.indices.size() * (std::max(l.timesteps, 2U) - 2));
    std::vector<double> normals(often.indices.size() * (std::max(l.timesteps, 2U) - 1)); // a word's, and its spikes'
    draw_normals(random, normals.data(), normals.size());
    const double* drawn = normals.data();
    for (const std::uint32_t i : often.indices) {
        const double word = further_share * drives[i] + further_spread * *drawn++;
        for (unsigned t = 2; t < l.timesteps; ++t)
            candidates.push_back({-(word + *drawn++), i, windows[i / l.in_channels]});
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
    std::vector<double> activity(l.in_channels);
    double sum = 0;
    std::size_t i = 0;
    for (const std::uint32_t windows_of_pixel : windows)
        for (double& channel : activity)
            if (functional::popcount(spikes[i++]) > 1) {
                channel += windows_of_pixel;
                sum += windows_of_pixel;
            }
    for (double& channel : activity)
        channel = sum > 0 ? exact_exp(gamma * exact_log(channel + least_activity * sum / l.in_channels)) : 1;
    return activity;
}

/// What a position is drawn by.
struct drawn_weight {
    double odds;
    double uniform; ///< 0 to 1
    std::uint64_t index;
};

/// The steps of a block in which a lane's number is below its limit.
struct number_block {
    static constexpr std::size_t steps = 64;
    std::size_t found = 0;
    random_lanes::numbers numbers[steps + 1]; ///< the upper 52 bits of each
    std::size_t step[steps + 1];
    unsigned below[steps + 1]; ///< bit i: lane i's is
};

LOAS_FOR_ALL_VECTOR_UNITS void draw_block(random_lanes& from, const random_lanes::numbers& limits, std::size_t steps,
                                          number_block& block)
{
    using signed_numbers = std::int64_t __attribute__((vector_size(sizeof limits))); // what all units can compare
    constexpr signed_numbers bit_of_lane = {1, 2, 4, 8, 16, 32, 64, 128};
    random_lanes source = from; // a local one stays in registers
    std::size_t found = 0;
    for (std::size_t step = 0; step < steps; ++step) {
        random_lanes::numbers numbers;
        source.next(numbers);
        numbers >>= 12;
        const signed_numbers below = ((signed_numbers)numbers < (signed_numbers)limits) & bit_of_lane;
        four_numbers halves[2];
        std::memcpy(halves, &below, sizeof halves);
        halves[0] |= halves[1];
        const auto bits = static_cast<unsigned>(halves[0][0] | halves[0][1] | halves[0][2] | halves[0][3]);
        block.numbers[found] = numbers; // a step without any is overwritten: no branch
        block.step[found] = step;
        block.below[found] = bits;
        found += bits != 0;
    }
    block.found = found;
    from = source;
}

/// Positions of which -log(1 - uniform) / odds may be below the limit, as -log(1 - u) is at least u. Most uniform numbers
/// are far too large, even for the channel with the largest share, which their integers show. Lanes have columns next to
/// each other.
std::vector<drawn_weight> draw_below(double limit, std::size_t inputs, const std::vector<double>& channels,
                                     const std::vector<double>& columns, const random_source& random)
{
    constexpr unsigned lanes = random_lanes::count;
    const double largest = *std::max_element(channels.begin(), channels.end());
    std::vector<double> shares(inputs);
    for (std::size_t k = 0; k < inputs; ++k)
        shares[k] = channels[k % channels.size()];
    const std::size_t columns_of_lane = (columns.size() + lanes - 1) / lanes;
    const std::uint64_t stretch = columns_of_lane * inputs;
    random_lanes source(random, stretch);
    number_block block;
    std::vector<drawn_weight> found[lanes];
    for (std::size_t j = 0; j < columns_of_lane; ++j) {
        double column[lanes] = {};
        random_lanes::numbers too_large = {};
        for (unsigned i = 0; i < lanes && i * columns_of_lane + j < columns.size(); ++i) {
            column[i] = columns[i * columns_of_lane + j];
            const double most = limit * (largest * column[i]) * uniform_steps;
            too_large[i] = most < uniform_steps ? static_cast<std::uint64_t>(most) + 2 : uniform_steps;
        }
        for (std::size_t first = 0; first < inputs; first += block.steps) {
            draw_block(source, too_large, std::min(block.steps, inputs - first), block);
            for (std::size_t at = 0; at < block.found; ++at)
                for (unsigned bits = block.below[at]; bits != 0; bits &= bits - 1) {
                    const unsigned i = functional::lowest_bit(bits);
                    const std::size_t k = first + block.step[at];
                    const double odds = shares[k] * column[i], u = uniform_of(block.numbers[at][i]);
                    if (!(u > limit * odds))
                        found[i].push_back({odds, u, i * stretch + j * inputs + k});
                }
        }
    }
    for (unsigned i = 1; i < lanes; ++i)
        found[0].insert(found[0].end(), found[i].begin(), found[i].end());
    return std::move(found[0]);
}

LOAS_FOR_ALL_VECTOR_UNITS void compute_keys(const std::vector<drawn_weight>& of, std::vector<double>& keys)
{
    for (std::size_t i = 0; i < of.size(); ++i)
        keys[i] = -exact_log(1 - of[i].uniform) / of[i].odds;
}

/// Every position gets a key, exponential over its odds; the smallest keys are a draw without replacement.
std::vector<std::int8_t> draw_weights(const layer_statistics& l, const std::vector<double>& channels, double sigma,
                                      random_source& random)
{
    std::vector<double> columns(l.out_channels);
    double sum = 0;
    for (double& column : columns)
        sum += column = exact_exp(sigma * normal(random));
    double of_channels = 0;
    for (const double channel : channels)
        of_channels += channel;
    const auto wanted = static_cast<std::size_t>(l.non_zero_weights);
    const std::size_t inputs = l.inputs(), all = inputs * l.out_channels;

    // A limit that about a third too many keys pass; whatever it is, the smallest keys are the same ones.
    double limit = 1.3 * static_cast<double>(wanted + 10) / (sum * of_channels * l.kernel * l.kernel);
    if (wanted > all / 2)
        limit = std::numeric_limits<double>::max();
    std::vector<drawn_weight> found;
    std::vector<double> keys;
    const auto below_limit = [&] {
        return static_cast<std::size_t>(std::count_if(keys.begin(), keys.end(), [&](double key) { return key <= limit; }));
    };
    for (;; limit *= 2) {
        found = draw_below(limit, inputs, channels, columns, random);
        keys.resize(found.size());
        compute_keys(found, keys);
        if (below_limit() >= wanted)
            break;
    }
    random_source values(random.next());
    std::vector<std::int8_t> weights(all);
    if (wanted == 0)
        return weights;
    const double last = smallest_key(keys, wanted - 1);
    const auto before = std::count_if(keys.begin(), keys.end(), [last](double key) { return key < last; });
    std::size_t equal = wanted - static_cast<std::size_t>(before); // of which the first are taken
    for (std::size_t i = 0; i < found.size(); ++i)
        if (keys[i] < last || (keys[i] == last && equal > 0)) {
            equal -= keys[i] == last;
            weights[found[i].index] = draw_weight_value(values);
        }
    return weights;
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
    std::vector<input_weight> found;
    for (std::size_t k = 0; k < inputs;) {
        std::uint64_t eight = 1;
        if (inputs - k >= sizeof eight)
            std::memcpy(&eight, column + k, sizeof eight);
        if (eight == 0) { // as nearly always
            k += sizeof eight;
            continue;
        }
        if (column[k] != 0)
            found.push_back({static_cast<std::uint32_t>(k), column[k]});
        ++k;
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
    constexpr eight_sums low_bits = {1, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7}, high_bits = low_bits << 8;
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

} // namespace

matched_layer make_matched_layer(const layer_statistics& l, std::uint64_t seed, bool skew)
{
    std::uint64_t state = mixed(seed, l.name);
    random_source for_spikes(random_source::splitmix64(state));
    random_source for_weights(random_source::splitmix64(state));
    const std::vector<std::uint32_t> windows = window_counts(l);

    matched_layer made;
    made.timesteps = l.timesteps;
    layer_model& layer = made.layer;
    layer.name = l.name;
    layer.in_height = l.in_height;
    layer.in_width = l.in_width;
    layer.in_channels = l.in_channels;
    layer.out_channels = l.out_channels;
    layer.kernel_h = layer.kernel_w = l.kernel;
    layer.stride_h = layer.stride_w = l.stride;
    layer.pad_h = layer.pad_w = l.padding;
    layer.leak_q8 = leak_of_half_q8;
    made.spikes = draw_spikes(l, windows, for_spikes, made.differences);
    const std::vector<double> shares = channel_shares(l, windows, made.spikes, skew ? l.gamma_act : 0);
    layer.weights = draw_weights(l, shares, skew ? l.sigma_col : 0, for_weights);
    layer.threshold = pick_threshold(l, made.spikes, layer.weights);
    return made;
}

} // namespace loas::load
