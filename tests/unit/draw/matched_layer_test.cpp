// Layers drawn to given numbers: exact counts in the unfolded input, the same bytes everywhere, skew that shows.
#include "models/functional/spike_words.h"
#include "platform/draw/exact_math.h"
#include "platform/draw/exact_selection.h"
#include "platform/draw/matched_layer.h"
#include "tests/unit/formats/load_support.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace loas;
using draw::layer_statistics;
using draw::matched_layer;
using functional::random_source;

namespace
{

std::vector<layer_statistics> list(const std::string& name)
{
    return draw::load_layer_network(test::project_path("scenarios/networks/" + name + ".toml"));
}

struct found_counts {
    std::int64_t spikes = 0, non_silent = 0, non_silent_ft = 0;
};

/// Counted window by window, as the unfolding does it.
found_counts count_unfolded(const layer_statistics& l, const std::vector<std::uint16_t>& words)
{
    found_counts found;
    for (std::int64_t top = -std::int64_t{l.padding}; top + l.kernel <= l.in_height + l.padding; top += l.stride)
        for (std::int64_t left = -std::int64_t{l.padding}; left + l.kernel <= l.in_width + l.padding; left += l.stride)
            for (std::int64_t y = std::max<std::int64_t>(top, 0);
                 y < std::min<std::int64_t>(top + l.kernel, l.in_height); ++y)
                for (std::int64_t x = std::max<std::int64_t>(left, 0);
                     x < std::min<std::int64_t>(left + l.kernel, l.in_width); ++x)
                    for (unsigned c = 0; c < l.in_channels; ++c) {
                        const std::uint16_t word =
                            words[static_cast<std::size_t>((y * l.in_width + x) * l.in_channels + c)];
                        const int spikes = __builtin_popcount(word);
                        found.spikes += spikes;
                        found.non_silent += spikes > 0;
                        found.non_silent_ft += spikes > 1;
                    }
    return found;
}

void expect_exact(const layer_statistics& l, std::uint64_t seed)
{
    SCOPED_TRACE(l.name);
    const matched_layer made = draw::make_matched_layer(l, seed);
    EXPECT_TRUE(made.differences.none());
    const found_counts found = count_unfolded(l, made.spikes);
    EXPECT_EQ(found.spikes, l.spikes);
    EXPECT_EQ(found.non_silent, l.non_silent);
    EXPECT_EQ(found.non_silent_ft, l.non_silent_ft);
    ASSERT_EQ(made.layer.weights.size(), l.inputs() * l.out_channels);
    EXPECT_EQ(static_cast<std::int64_t>(made.layer.weights.size()) -
                  std::count(made.layer.weights.begin(), made.layer.weights.end(), 0),
              l.non_zero_weights);
    EXPECT_TRUE(std::all_of(made.spikes.begin(), made.spikes.end(),
                            [&](std::uint16_t word) { return word >> l.timesteps == 0; }));
    EXPECT_GE(made.layer.threshold, 0);
    EXPECT_EQ(made.layer.leak_q8, 128u);
}

/// FNV-1a over the values, each as 16 bits.
template <class T> std::uint64_t checksum(const std::vector<T>& values)
{
    std::uint64_t hash = 0xCBF29CE484222325u;
    for (const T value : values) {
        const auto bits = static_cast<std::uint16_t>(value);
        hash = (hash ^ (bits & 0xFFu)) * 0x100000001B3u;
        hash = (hash ^ static_cast<unsigned>(bits >> 8)) * 0x100000001B3u;
    }
    return hash;
}

/// Share of the non-zero weights that lie in the densest tenth of the columns.
double densest_tenth(const matched_layer& made)
{
    const std::size_t columns = made.layer.out_channels, inputs = made.layer.weights.size() / columns;
    std::vector<std::int64_t> counts;
    for (std::size_t n = 0; n < columns; ++n) {
        const auto first = made.layer.weights.begin() + static_cast<std::ptrdiff_t>(n * inputs);
        counts.push_back(static_cast<std::int64_t>(inputs) -
                         std::count(first, first + static_cast<std::ptrdiff_t>(inputs), 0));
    }
    std::sort(counts.rbegin(), counts.rend());
    const std::int64_t all = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
    const std::int64_t top =
        std::accumulate(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(columns / 10), std::int64_t{0});
    return static_cast<double>(top) / static_cast<double>(all);
}

/// Matches of inputs that spike more than once, relative to weights that do not depend on activity (1 x 1 or padded
/// kernels alike: by channel).
double match_ratio(const layer_statistics& l, const matched_layer& made)
{
    std::vector<double> activity(l.in_channels), weights(l.in_channels);
    const std::vector<std::uint32_t> windows = draw::window_counts(l);
    for (std::size_t i = 0; i < made.spikes.size(); ++i)
        activity[i % l.in_channels] += __builtin_popcount(made.spikes[i]) > 1 ? windows[i / l.in_channels] : 0;
    for (std::size_t i = 0; i < made.layer.weights.size(); ++i)
        weights[i % l.in_channels] += made.layer.weights[i] != 0;
    const double products = std::inner_product(activity.begin(), activity.end(), weights.begin(), 0.0);
    return products * l.in_channels / std::accumulate(activity.begin(), activity.end(), 0.0) /
           std::accumulate(weights.begin(), weights.end(), 0.0);
}

layer_statistics small_layer()
{
    layer_statistics l;
    l.name = "small";
    l.in_height = l.in_width = 2;
    l.in_channels = 32;
    l.out_channels = 8;
    l.kernel = 3;
    l.stride = l.padding = 1;
    l.timesteps = 4;
    l.output_silent_ratio = 0.75;
    return l;
}

} // namespace

TEST(exact_math, agrees_with_the_library)
{
    for (double x = 1e-300; x < 1e300; x *= 1.37)
        EXPECT_NEAR(draw::exact_log(x), std::log(x), 1e-14 * std::abs(std::log(x)) + 1e-15) << x;
    EXPECT_EQ(draw::exact_log(1), 0);
    for (double x = -690; x < 690; x += 0.731)
        EXPECT_NEAR(draw::exact_exp(x) / std::exp(x), 1, 1e-13) << x;
    EXPECT_EQ(draw::exact_exp(0), 1);
    EXPECT_EQ(draw::exact_exp(1e9), draw::exact_exp(700));
    random_source random(5);
    double sum = 0, squares = 0;
    for (unsigned i = 0; i < 20000; ++i) {
        const double z = draw::normal(random);
        sum += z;
        squares += z * z;
    }
    EXPECT_NEAR(sum / 20000, 0, 0.03);
    EXPECT_NEAR(squares / 20000, 1, 0.05);
}

TEST(exact_selection, takes_the_smallest_keys_and_mends_the_border)
{
    std::vector<draw::candidate> candidates;
    for (std::uint32_t i = 0; i < 40; ++i)
        candidates.push_back({static_cast<double>(i % 20), i, i % 3 == 0 ? 9u : (i % 3 == 1 ? 6u : 4u)});
    for (std::uint64_t target = 0; target <= 40 * 6; ++target) {
        const draw::selection_result taken = draw::take_exactly(candidates, target);
        // 1, 2, 3, 5, 7 and 11 are no sums of 4, 6 and 9.
        const bool possible = target != 1 && target != 2 && target != 3 && target != 5 && target != 7 && target != 11;
        if (possible)
            EXPECT_EQ(taken.sum, target);
        else
            EXPECT_LE(std::abs(static_cast<int>(taken.sum) - static_cast<int>(target)), 2) << target;
    }
    const draw::selection_result some = draw::take_exactly(candidates, 100);
    for (const std::uint32_t i : some.indices)
        EXPECT_LT(candidates[i].key, 12); // near the border at 100 / 6.3 elements of two per key
    EXPECT_EQ(draw::take_exactly({}, 10).sum, 0u);
    EXPECT_EQ(draw::take_exactly(candidates, 100000).indices.size(), 40u);
    EXPECT_EQ(draw::take_exactly({{0, 0, 0}, {1, 1, 0}}, 3).sum, 0u); // count for nothing
}

// 4 is taken, and 1 is missing; 6 instead of 4 would be 1 too much, no nearer.
TEST(exact_selection, what_comes_no_nearer_is_not_exchanged)
{
    const draw::selection_result taken = draw::take_exactly({{0, 0, 4}, {1, 1, 6}}, 5);
    EXPECT_EQ(taken.sum, 4u);
    EXPECT_EQ(taken.indices, std::vector<std::uint32_t>{0});
    const draw::selection_result nearer = draw::take_exactly({{0, 0, 3}, {1, 1, 6}}, 5);
    EXPECT_EQ(nearer.sum, 6u);
    EXPECT_EQ(nearer.indices, std::vector<std::uint32_t>{1});
}

TEST(exact_selection, a_large_one_equals_that_of_a_full_sort)
{
    functional::random_source random(5);
    for (int round = 0; round < 12; ++round) {
        const std::uint64_t share = random.between_unsigned(1, 99);
        const unsigned most = random.pick({1U, 3U, 9U});
        std::vector<draw::candidate> candidates;
        std::uint64_t all = 0;
        for (std::uint32_t i = 0; i < 50'000; ++i) {
            candidates.push_back(
                {static_cast<double>(random.below(30'000)), i, random.between_unsigned(most / 3, most)});
            all += candidates.back().multiplicity;
        }
        // In the order in which they are taken, until the next one would be too much: the exchange may then change
        // five.
        std::vector<draw::candidate> sorted = candidates;
        std::sort(sorted.begin(), sorted.end(), [](const draw::candidate& a, const draw::candidate& b) {
            return a.key < b.key || (a.key == b.key && a.index < b.index);
        });
        const std::uint64_t target = all * share / 100;
        std::vector<std::uint32_t> expected;
        std::uint64_t sum = 0;
        for (const draw::candidate& each : sorted) {
            if (sum >= target || sum + each.multiplicity > target)
                break;
            sum += each.multiplicity;
            expected.push_back(each.index);
        }
        const draw::selection_result taken = draw::take_exactly(candidates, target);
        EXPECT_EQ(taken.sum, target);
        if (sum == target) {
            EXPECT_EQ(taken.indices, expected);
        } else {
            ASSERT_NEAR(static_cast<double>(taken.indices.size()), static_cast<double>(expected.size()), 5);
            EXPECT_TRUE(std::equal(expected.begin(), expected.end() - 200, taken.indices.begin()));
        }
    }
}

TEST(exact_selection, finds_the_key_at_a_place)
{
    functional::random_source random(6);
    for (const std::size_t count : {1U, 2U, 50U, 100'000U})
        for (const std::uint64_t values : {1U, 7U, 1'000'000U}) { // equal ones, and so few that all are in some buckets
            std::vector<double> keys(count);
            for (double& each : keys)
                each = draw::exact_exp(static_cast<double>(random.below(values)) / 50'000);
            std::vector<double> sorted = keys;
            std::sort(sorted.begin(), sorted.end());
            for (const std::size_t n : {std::size_t{0}, count / 3, count - 1})
                EXPECT_EQ(draw::smallest_key(keys, n), sorted[n]) << n << " of " << count;
        }
}

TEST(exact_math, normal_numbers_in_batches_are_the_same_bits)
{
    for (const std::size_t count : {0U, 1U, 7U, 256U, 257U, 5000U}) {
        functional::random_source one(count), other(count);
        std::vector<double> single(count), batch(count);
        for (double& each : single)
            each = draw::normal(one);
        draw::draw_normals(other, batch.data(), count);
        EXPECT_EQ(single, batch);
        EXPECT_EQ(one.next(), other.next()) << "the batch must draw no more";
    }
}

TEST(matched_layer, every_published_layer_has_its_counts)
{
    for (const char* network : {"alexnet", "vgg16"})
        for (const layer_statistics& l : list(network))
            expect_exact(l, 1);
    const std::vector<layer_statistics> residual = list("resnet19");
    for (const std::size_t i : {0u, 2u, 7u, 9u, 14u, 16u, 18u}) // both strides, both kernels, dense spikes
        expect_exact(residual[i], 7);
}

TEST(matched_layer, counts_are_exact_for_other_shapes_and_timesteps)
{
    random_source random(3);
    for (unsigned i = 0; i < 100; ++i) {
        SCOPED_TRACE(i);
        layer_statistics l = small_layer();
        l.timesteps = random.between_unsigned(1, 16);
        l.in_height = random.between_unsigned(4, 9);
        l.in_width = random.between_unsigned(1, 9);
        l.kernel = random.between_unsigned(1, std::min(l.in_width, 3U));
        l.stride = random.between_unsigned(1, 3);
        l.padding = random.between_unsigned(0, 2);
        l.sigma_col = 0.1 * static_cast<double>(random.below(20));
        l.gamma_act = 0.1 * static_cast<double>(random.below(20)) - 1;
        const std::vector<std::uint32_t> windows = draw::window_counts(l);
        const auto entries = std::accumulate(windows.begin(), windows.end(), std::uint64_t{0}) * l.in_channels;
        l.non_silent = static_cast<std::int64_t>(random.below(entries + 1));
        l.non_silent_ft = l.timesteps == 1
                              ? 0
                              : static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(l.non_silent) + 1));
        l.spikes = l.non_silent + l.non_silent_ft;
        if (l.timesteps > 2)
            l.spikes += static_cast<std::int64_t>(
                random.below(static_cast<std::uint64_t>(l.non_silent_ft) * (l.timesteps - 2) + 1));
        l.non_zero_weights = static_cast<std::int64_t>(random.below(l.inputs() * l.out_channels + 1));

        const matched_layer made = draw::make_matched_layer(l, i);
        EXPECT_EQ(made.timesteps, l.timesteps);
        const found_counts found = count_unfolded(l, made.spikes);
        EXPECT_EQ(found.spikes - l.spikes, made.differences.spikes);
        EXPECT_EQ(found.non_silent - l.non_silent, made.differences.non_silent);
        EXPECT_EQ(found.non_silent_ft - l.non_silent_ft, made.differences.non_silent_ft);
        const std::int64_t largest = *std::max_element(windows.begin(), windows.end());
        EXPECT_LE(std::abs(made.differences.non_silent), 2 * largest);
        EXPECT_EQ(static_cast<std::int64_t>(made.layer.weights.size()) -
                      std::count(made.layer.weights.begin(), made.layer.weights.end(), 0),
                  l.non_zero_weights);
    }
}

// Each pixel of a 2 x 2 map is in all four windows: every count of the tensor is a multiple of 4.
TEST(matched_layer, what_is_impossible_is_told)
{
    layer_statistics l = small_layer();
    l.non_silent = 43;
    l.non_silent_ft = 21;
    l.spikes = 90;
    l.non_zero_weights = 100;
    const matched_layer made = draw::make_matched_layer(l, 1);
    const found_counts found = count_unfolded(l, made.spikes);
    EXPECT_EQ(found.non_silent_ft, 20);
    EXPECT_EQ(found.non_silent, 20 + 20); // 22 that spike once are nearly 20 or 24
    EXPECT_EQ(found.spikes, 88);
    EXPECT_EQ(made.differences.spikes, -2);
    EXPECT_EQ(made.differences.non_silent, -3);
    EXPECT_EQ(made.differences.non_silent_ft, -1);
    EXPECT_FALSE(made.differences.none());
}

TEST(matched_layer, a_seed_gives_the_same_bytes_everywhere)
{
    const layer_statistics l = list("alexnet")[2];
    const matched_layer first = draw::make_matched_layer(l, 1);
    EXPECT_EQ(checksum(first.spikes), 0x9A969859D23A29EDu);
    EXPECT_EQ(checksum(first.layer.weights), 0x58572B61635EDD88u);
    EXPECT_EQ(first.layer.threshold, 79);
    EXPECT_NE(draw::make_matched_layer(l, 2).spikes, first.spikes);
    layer_statistics renamed = l;
    renamed.name = "A-L4 again";
    EXPECT_NE(draw::make_matched_layer(renamed, 1).spikes, first.spikes);
    // What is asked of the weights does not move the spikes.
    layer_statistics denser = l;
    denser.non_zero_weights *= 2;
    EXPECT_EQ(draw::make_matched_layer(denser, 1, false).spikes, first.spikes);
}

TEST(matched_layer, skew_shows)
{
    const layer_statistics l = list("vgg16")[8]; // V-L10: sigma 1.3, gamma 0.15, kappa 0.36
    const matched_layer skewed = draw::make_matched_layer(l, 1), uniform = draw::make_matched_layer(l, 1, false);
    EXPECT_EQ(skewed.spikes, uniform.spikes);
    EXPECT_GT(densest_tenth(skewed), 0.3);
    EXPECT_LT(densest_tenth(uniform), 0.15);
    EXPECT_NEAR(match_ratio(l, uniform), 1, 0.02);
    EXPECT_NEAR(match_ratio(l, skewed), 1.07, 0.02); // by channels; by positions in the kernel as much again
    EXPECT_NEAR(match_ratio(list("alexnet")[3], draw::make_matched_layer(list("alexnet")[3], 1)), 0.90, 0.03);
}

// Of the channels some are dead, and others differ by far more than chance.
TEST(matched_layer, weights_favour_the_centre_of_a_kernel)
{
    layer_statistics l = list("vgg16")[4];
    l.sigma_col = l.gamma_act = 0;
    for (const double kappa : {0.0, 0.5, -0.5}) {
        l.kappa = kappa;
        const matched_layer made = draw::make_matched_layer(l, 1);
        std::vector<double> at(9);
        for (std::size_t i = 0; i < made.layer.weights.size(); ++i)
            at[i % l.inputs() / l.in_channels] += made.layer.weights[i] != 0;
        const double edge = (at[1] + at[3] + at[5] + at[7]) / 4 / at[4],
                     corner = (at[0] + at[2] + at[6] + at[8]) / 4 / at[4];
        EXPECT_NEAR(edge, std::exp(-kappa), 0.05); // some 5,000 weights a position
        EXPECT_NEAR(corner, std::exp(-2 * kappa), 0.12);
        expect_exact(l, 2);
    }
    const auto plain = draw::make_matched_layer(l, 1, false).layer.weights;
    l.kappa = 0;
    EXPECT_EQ(draw::make_matched_layer(l, 1).layer.weights, plain) << "without skew nothing depends on it";
}

TEST(matched_layer, spikes_lie_in_the_pixels_that_are_given)
{
    layer_statistics l = list("vgg16")[6]; // V-L8, 4 x 4 pixels of 256 channels
    const std::vector<std::uint32_t> recorded = l.pixel_spikes;
    ASSERT_EQ(recorded.size(), 16u);
    for (const bool one : {false, true}) {
        if (one) // all that can be in one corner is there
            l.pixel_spikes = {1000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        const matched_layer made = draw::make_matched_layer(l, 1);
        EXPECT_TRUE(made.differences.none());
        std::vector<double> found(16);
        for (std::size_t i = 0; i < made.spikes.size(); ++i)
            found[i / l.in_channels] += made.spikes[i] != 0;
        if (one) {
            EXPECT_EQ(found[0], 256) << "every input of the corner spikes";
            continue;
        }
        const double all = std::accumulate(found.begin(), found.end(), 0.0);
        const double given = std::accumulate(recorded.begin(), recorded.end(), 0.0);
        for (std::size_t i = 0; i < 16; ++i)
            EXPECT_NEAR(found[i] / all, recorded[i] / given, 0.003) << i;
    }
}

TEST(matched_layer, who_spikes_once_may_lie_in_other_channels)
{
    layer_statistics l = list("vgg16")[8]; // V-L10
    const auto busy_share_of_singles = [&](double apart) {
        l.singles_apart = apart;
        const matched_layer made = draw::make_matched_layer(l, 1);
        EXPECT_TRUE(made.differences.none());
        std::vector<unsigned> often(l.in_channels), once(l.in_channels);
        for (std::size_t i = 0; i < made.spikes.size(); ++i)
            if (made.spikes[i] != 0)
                ++(__builtin_popcount(made.spikes[i]) > 1 ? often : once)[i % l.in_channels];
        std::vector<unsigned> sorted = often;
        std::sort(sorted.begin(), sorted.end());
        double busy = 0, all = 0;
        for (std::size_t c = 0; c < often.size(); ++c) {
            all += once[c];
            busy += often[c] >= sorted[sorted.size() / 2] ? once[c] : 0;
        }
        return busy / all;
    };
    const double as_others = busy_share_of_singles(0), apart = busy_share_of_singles(1),
                 nearer = busy_share_of_singles(-1);
    EXPECT_LT(apart, as_others - 0.1);
    EXPECT_GT(nearer, as_others + 0.02);
}

TEST(matched_layer, channels_differ)
{
    const layer_statistics l = list("vgg16")[0]; // 64 channels of 1024 pixels, three in ten dead, about a fifth active
    const matched_layer made = draw::make_matched_layer(l, 1);
    std::vector<unsigned> active(l.in_channels);
    for (std::size_t i = 0; i < made.spikes.size(); ++i)
        active[i % l.in_channels] += made.spikes[i] != 0;
    EXPECT_EQ(std::count(active.begin(), active.end(), 0u), 20); // 0.312 of 64
    EXPECT_GT(*std::max_element(active.begin(), active.end()), 500u);
}

TEST(matched_layer, single_spikes_can_be_masked)
{
    const layer_statistics l = list("vgg16")[5];
    std::vector<std::uint16_t> words = draw::make_matched_layer(l, 1).spikes;
    functional::silence_single_spikes(words);
    const found_counts found = count_unfolded(l, words);
    EXPECT_EQ(found.non_silent, l.non_silent_ft);
    EXPECT_EQ(found.spikes, l.spikes - static_cast<std::int64_t>(l.single_spikes()));
}
