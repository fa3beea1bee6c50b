// Where t in a word stops winning: other tensors are what they say, and the layer as it is counts as ever.
#include "platform/explorer/reasons.h"
#include "platform/explorer/rescaled.h"

#include "models/functional/bits.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace loas::explorer
{
namespace
{

using words = std::vector<std::uint16_t>;

constexpr unsigned timesteps = 4;

/// One in eight, in a pattern.
words some_spikes()
{
    words spikes(4000);
    for (std::size_t i = 0; i < spikes.size(); ++i)
        spikes[i] = static_cast<std::uint16_t>(i * 7 % 8 == 0 ? 0b1001 : i % 4 == 1 ? 0b0100 : 0);
    return spikes;
}

std::uint64_t count(const words& spikes)
{
    std::uint64_t all = 0;
    for (const std::uint16_t word : spikes)
        all += functional::popcount(word);
    return all;
}

words rescaled(double factor)
{
    words spikes = some_spikes();
    EXPECT_TRUE(rescale_spikes(spikes, timesteps, factor)) << factor;
    return spikes;
}

bool within(const words& fewer, const words& more)
{
    for (std::size_t i = 0; i < fewer.size(); ++i)
        if ((fewer[i] & ~more[i]) != 0)
            return false;
    return true;
}

TEST(Rescaled, SpikesAreAsManyTimesAsMany)
{
    EXPECT_EQ(rescaled(1), some_spikes());
    words before(4000);
    for (const double factor : {1.0 / 8, 1.0 / 4, 1.0 / 2, 1.0, 2.0, 4.0}) {
        const words spikes = rescaled(factor);
        const double expected = factor * static_cast<double>(count(some_spikes()));
        EXPECT_NEAR(static_cast<double>(count(spikes)), expected, 0.1 * expected) << factor;
        EXPECT_TRUE(within(before, spikes)) << factor; // what a smaller factor has
        EXPECT_EQ(*std::max_element(spikes.begin(), spikes.end()) >> timesteps, 0) << factor;
        before = spikes;
    }
    words spikes = some_spikes();
    EXPECT_FALSE(rescale_spikes(spikes, timesteps, 16));
    EXPECT_EQ(spikes, some_spikes());
}

TEST(Rescaled, WeightsAndTimestepsToo)
{
    lowering::layer_model layer;
    layer.weights.assign(3000, 0);
    for (std::size_t i = 0; i < layer.weights.size(); i += 5)
        layer.weights[i] = -3;
    const auto non_zeros = [&] { return layer.weights.size() - static_cast<std::size_t>(std::count(layer.weights.begin(), layer.weights.end(), 0)); };
    EXPECT_TRUE(rescale_weights(layer, 2));
    EXPECT_NEAR(static_cast<double>(non_zeros()), 1200, 120);
    EXPECT_FALSE(rescale_weights(layer, 8));
    words spikes = {0b1001, 0b0100};
    other_timesteps(spikes, timesteps, 2);
    EXPECT_EQ(spikes, (words{0b01, 0b00}));
    spikes = {0b1001, 0b0100};
    other_timesteps(spikes, timesteps, 8);
    EXPECT_EQ(spikes, (words{0b10011001, 0b01000100}));
}

TEST(Border, IsThatOfTheLayerAsItIsInTheMiddle)
{
    const config::scenario scenario =
        scenario_of(LOAS_SOURCE_DIR "/scenarios/layers/v_l8.toml", "", {"layer.channels=64", "layer.out_channels=32"});
    const std::vector<unsigned> capacities = {4};
    const std::vector<mapping> points = border_points(scenario.tppe.count);
    const exploration plain = explore(scenario, points, capacities), with = explore(scenario, points, capacities, true);
    EXPECT_TRUE(plain.layers[0].border.empty());
    EXPECT_EQ(points.size(), 1u + 24 + 5);
    unsigned as_it_is = 0;
    std::vector<double> last(std::size(all_axes), 0);
    for (const border_step& step : with.layers[0].border) {
        EXPECT_GT(step.value(), last[static_cast<std::size_t>(step.axis)]); // ascending
        last[static_cast<std::size_t>(step.axis)] = step.value();
        if (step.factor != 1)
            continue;
        ++as_it_is;
        for (const measure by : all_measures) {
            for (const rivals against : {rivals::t_in_time, rivals::t_in_a_word}) {
                double least = std::numeric_limits<double>::infinity();
                for (std::size_t i = 1; i < points.size(); ++i)
                    if ((i <= 24) == (against == rivals::t_in_time))
                        least = std::min(least, value_of(plain.figures(0, i, 4), by));
                EXPECT_DOUBLE_EQ(lead_of(with, step, against, by).ratio, value_of(plain.figures(0, 0, 4), by) / least);
            }
        }
    }
    EXPECT_EQ(as_it_is, std::size(all_axes));
    EXPECT_EQ(last[0], 16); // T
    // With one timestep a word of it is the same as none.
    const border_step& one = with.layers[0].border.front();
    EXPECT_EQ(one.t, 1u);
    EXPECT_EQ(one.points[0].work.latency_cycles, one.points[1].work.latency_cycles); // mnkt, mntk
    const auto json = nlohmann::json::parse(to_json(with));
    EXPECT_EQ(json["layers"][0]["border"].size(), with.layers[0].border.size());
    const std::vector<std::string> why = reasons_of(with, 0), without = reasons_of(plain, 0);
    EXPECT_EQ(why.size(), without.size() + 2 * std::size(all_axes));
    EXPECT_EQ(why.back().rfind("With other weights", 0), 0u) << why.back();
}

} // namespace
} // namespace loas::explorer
