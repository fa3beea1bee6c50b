#include "platform/draw/weight_draw.h"

#include "models/functional/bits.h"
#include "models/functional/lanes.h"
#include "platform/draw/exact_math.h"
#include "platform/draw/exact_selection.h"
#include "platform/draw/weight_value.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace loas::draw
{
namespace
{

using functional::random_lanes;
using functional::random_source;
using four_numbers = std::uint64_t __attribute__((vector_size(32)));

/// What a position is drawn by.
struct drawn_weight {
    double odds;
    double uniform; ///< 0 to 1
    std::uint64_t index;
};

/// By lane; lanes have columns next to each other, so one after another they are in order.
using drawn_weights = std::array<std::vector<drawn_weight>, random_lanes::count>;

/// The steps of a block in which a lane's number is below its limit.
struct number_block {
    static constexpr std::size_t steps = 64;
    std::size_t found = 0;
    random_lanes::numbers numbers[steps]; ///< the upper 52 bits of each
    std::size_t step[steps];
    unsigned below[steps]; ///< bit i: lane i's is
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
        const signed_numbers below =
            (reinterpret_cast<signed_numbers>(numbers) < reinterpret_cast<signed_numbers>(limits)) & bit_of_lane;
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

/// Positions of which -log(1 - uniform) / odds may be below the limit, as -log(1 - u) is at least u. Most uniform
/// numbers are far too large, even for the channel with the largest share, which their integers show.
drawn_weights draw_below(double limit, const std::vector<double>& shares, const std::vector<double>& columns,
                         std::size_t expected, const random_source& random)
{
    constexpr unsigned lanes = random_lanes::count;
    const double largest = *std::max_element(shares.begin(), shares.end());
    const std::size_t inputs = shares.size();
    const std::size_t columns_of_lane = (columns.size() + lanes - 1) / lanes;
    const std::uint64_t stretch = columns_of_lane * inputs;
    random_lanes source(random, stretch);
    number_block block;
    drawn_weights found;
    for (std::vector<drawn_weight>& each : found)
        each.reserve(expected / lanes + expected / 16);
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
    return found;
}

LOAS_FOR_ALL_VECTOR_UNITS void compute_keys(const std::vector<drawn_weight>& of, double* keys)
{
    for (std::size_t i = 0; i < of.size(); ++i)
        keys[i] = -exact_log(1 - of[i].uniform) / of[i].odds;
}

/// Of the inputs of a column, [kernel][kernel][channel].
std::vector<double> input_shares(const layer_statistics& l, const std::vector<double>& channels, double kappa)
{
    std::vector<double> shares;
    shares.reserve(l.inputs());
    const double centre = (l.kernel - 1) / 2.0;
    for (unsigned y = 0; y < l.kernel; ++y)
        for (unsigned x = 0; x < l.kernel; ++x) {
            const double from_centre = (y - centre) * (y - centre) + (x - centre) * (x - centre);
            const double of_position = exact_exp(-kappa * from_centre);
            for (const double channel : channels)
                shares.push_back(channel * of_position);
        }
    return shares;
}

} // namespace

std::vector<std::int8_t> draw_weights(const layer_statistics& l, const std::vector<double>& channels, bool skew,
                                      random_source& random)
{
    const double sigma = skew ? l.sigma_col : 0;
    const std::vector<double> shares = input_shares(l, channels, skew ? l.kappa : 0);
    std::vector<double> columns(l.out_channels);
    double sum = 0;
    for (double& column : columns)
        sum += column = exact_exp(sigma * normal(random));
    double of_inputs = 0;
    for (const double share : shares)
        of_inputs += share;
    const auto wanted = static_cast<std::size_t>(l.non_zero_weights);
    const std::size_t inputs = l.inputs(), all = inputs * l.out_channels;

    // A limit that about a third too many keys pass; whatever it is, the smallest keys are the same ones.
    double limit = 1.3 * static_cast<double>(wanted + 10) / (sum * of_inputs);
    if (wanted > all / 2)
        limit = std::numeric_limits<double>::max();
    drawn_weights found;
    std::vector<double> keys;
    const auto below_limit = [&] {
        return static_cast<std::size_t>(
            std::count_if(keys.begin(), keys.end(), [&](double key) { return key <= limit; }));
    };
    for (;; limit *= 2) {
        found = draw_below(limit, shares, columns, std::min(all, wanted + wanted / 3), random);
        std::size_t count = 0;
        for (const std::vector<drawn_weight>& each : found)
            count += each.size();
        keys.resize(count);
        double* key = keys.data();
        for (const std::vector<drawn_weight>& each : found) {
            compute_keys(each, key);
            key += each.size();
        }
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
    const double* key = keys.data();
    for (const std::vector<drawn_weight>& each : found)
        for (const drawn_weight& weight : each) {
            if (*key < last || (*key == last && equal > 0)) {
                equal -= *key == last;
                weights[weight.index] = draw_weight_value(values);
            }
            ++key;
        }
    return weights;
}

} // namespace loas::draw
