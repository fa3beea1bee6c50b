// The sentences against small layers of which it is known what decides, and against the figures they are made of.
#include "platform/explorer/gustavson.h"
#include "platform/explorer/reasons.h"

#include "platform/config/options.h"
#include "platform/text/user_error.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace loas::explorer
{
namespace
{

/// m rows of 256 inputs, n columns, T 4.
config::scenario layer_of(unsigned m, unsigned n, const std::string& weight_sparsity, std::vector<std::string> overrides = {})
{
    overrides.insert(overrides.begin(), {"workload.kind=layer", "layer.height=" + std::to_string(m), "layer.width=1", "layer.channels=256",
                                         "layer.kernel=1", "layer.padding=0", "layer.out_channels=" + std::to_string(n),
                                         "layer.weight_sparsity=" + weight_sparsity, "layer.silent_ratio=0.5", "layer.spike_sparsity=0.7",
                                         "workload.timesteps=4"});
    return config::default_scenario(overrides);
}

std::string gustavson(const config::scenario& scenario, const std::string& orders, const std::string& spatial = "")
{
    return gustavson_in_words(explore(scenario, {orders, spatial, "", "", "64"}), 0);
}

bool has(const std::string& text, const char* part)
{
    return text.find(part) != std::string::npos;
}

std::string all_reasons(const exploration& explored)
{
    std::string text;
    for (const std::string& each : reasons_of(explored, 0))
        text += each + '\n';
    return text;
}

TEST(Gustavson, IsToldByWhatDecides)
{
    // One row: units over rows leave all but one idle, whatever joins there are.
    const std::string idle = gustavson(layer_of(1, 64, "0.5"), "mnkt,nkmt");
    EXPECT_TRUE(has(idle, "Gustavson is better") && has(idle, "What decides is how many units have a row or column at all")) << idle;
    EXPECT_TRUE(has(idle, "on 1 of 16 units") && has(idle, "on 16 of 16 units")) << idle;
    // Hardly a weight: nothing but joins that match nothing.
    const std::string joins = gustavson(layer_of(16, 64, "0.995"), "mnkt,mknt");
    EXPECT_TRUE(has(joins, "Gustavson is better") && has(joins, "What decides is joins that match nothing")) << joins;
    // All weights: no join is empty, and more than 64 rows of B are merged.
    const std::string merging = gustavson(layer_of(16, 64, "0"), "mnkt,mknt");
    EXPECT_TRUE(has(merging, "Gustavson is no better") && has(merging, "What decides is merging, which takes further passes where more than 64 lists meet"))
        << merging;
    // Units that do not meet do not wait, but have more or fewer rows.
    const std::string shares = gustavson(layer_of(5, 40, "0.5"), "nmkt,mknt", "m4,free");
    EXPECT_TRUE(has(shares, "What decides is how evenly rows or columns are shared out")) << shares;
    // A word of four timesteps against one of one.
    exploration explored = explore(layer_of(16, 64, "0"), {"mnkt", "", "", "", "64"});
    EXPECT_EQ(gustavson_in_words(explored, 0), ""); // one kind alone
    // A trickle from DRAM: what moves decides.
    const std::string dram = gustavson(layer_of(64, 256, "0.9", {"memory.backend=fixed", "memory.bandwidth_gb_per_s=0.1"}), "mnkt,mknt");
    EXPECT_TRUE(has(dram, "DRAM bounds")) << dram;
}

TEST(Gustavson, AddsUpUnitTime)
{
    // Lines that are not shared out by steps, and steps of which the fuller ones are the longer: nobody is busy all the time and more.
    for (const char* space : {"n16,t", "n16,free,t", "m16,t", "m16,free", "m4n4,t", "k4,t", "m16"})
        for (const unsigned lines : {1U, 5U, 17U, 20U}) {
            const config::scenario scenario = layer_of(lines, lines == 20 ? 17 : 20 - lines, "0.9");
            const exploration explored = explore(scenario, {"mnkt,mknt,nkmt,nmkt,kmnt", space, "", "", "64"});
            for (const point_counts& each : explored.layers[0].points) {
                const unit_time time = unit_time_of(each, explored.machine.rules);
                const double units = each.point.space.all_units();
                EXPECT_LE(time.busy * units, time.at_work * 1.01) << each.point.order.word() << ' ' << space << ' ' << lines;
                EXPECT_LE(time.at_work, units) << each.point.order.word() << ' ' << space << ' ' << lines;
            }
        }
    const exploration explored = explore(layer_of(20, 8, "0.5"), {"mnkt", "m16,t", "", "", "64"});
    const point_counts& counts = explored.layers[0].points[0];
    const unit_time time = unit_time_of(counts, explored.machine.rules);
    EXPECT_EQ(time.work_cycles, static_cast<double>(counts.work.matches + counts.work.empty_joins));
    EXPECT_EQ(time.at_work, 10); // 20 rows in two groups
    EXPECT_EQ(time.busy, time.work_cycles / (16 * static_cast<double>(counts.work.latency_cycles)));
}

TEST(Reasons, OfASilentLayerAreThatItIs)
{
    const config::scenario silent = layer_of(4, 8, "0.5", {"layer.silent_ratio=1", "layer.spike_sparsity=1"});
    request asked;
    asked.border = true;
    const std::string text = all_reasons(explore(silent, asked));
    EXPECT_TRUE(has(text, "Nothing matches in this layer: no input spikes.")) << text;
    EXPECT_FALSE(has(text, "Where t belongs") || has(text, "Gustavson") || has(text, "With other")) << text;
}

TEST(Reasons, SayWhereDramBoundsAndHoldLinesWithinTheirWidth)
{
    const config::scenario slow = layer_of(64, 256, "0.9", {"memory.backend=fixed", "memory.bandwidth_gb_per_s=0.1"});
    const exploration explored = explore(slow, {"", "", "", "", "1,2,4,8,16"});
    EXPECT_TRUE(has(all_reasons(explored), "DRAM bounds both")) << all_reasons(explored);
    const std::string text = to_text(explored);
    EXPECT_TRUE(has(text, "5 sizes of the buffer")) << text;
    EXPECT_TRUE(has(text, "DRAM@16") && has(text, "bound and uJ with 16 KiB")) << text;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(line.size(), 100U) << line;
    const nlohmann::json parsed = nlohmann::json::parse(to_json(explored));
    for (const auto& order : parsed["layers"][0]["orders"])
        EXPECT_TRUE(order.contains("machine") && order.contains("order"));
}

TEST(Request, IsSortedAndWithinTheLayersTimesteps)
{
    EXPECT_EQ(parse_capacities("64,16,64"), (std::vector<unsigned>{16, 64}));
    const config::scenario scenario = layer_of(4, 8, "0.5");
    EXPECT_EQ(asked_unrolling("m4,t3", scenario).timesteps, 3U);
    for (const char* wrong : {"t5", "m16,t99"})
        EXPECT_THROW(asked_unrolling(wrong, scenario), text::user_error) << wrong;
    const std::string text = to_text(explore(scenario, {"mntk", "m4,t3", "m=12", "", "64"}));
    EXPECT_TRUE(has(text, "T 4 in words of 3: 2 words, of which the last has 1")) << text;
    EXPECT_TRUE(has(text, "No loop is split here")) << text;
}

} // namespace
} // namespace loas::explorer
