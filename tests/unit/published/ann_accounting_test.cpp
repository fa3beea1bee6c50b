// VGG16 as an ANN, drawn to the listed counts, in the authors' accounting of SparTen-ANN beside what they published: traffic
// follows from the counts alone and is equal, cycles and matches depend on where weights and inputs are. And that of
// Gamma-ANN beside closed forms: everything comes once, since B fits.
#include "models/functional/layer_shape.h"
#include "platform/draw/matched_layer.h"
#include "tests/support/accounting.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>

using namespace loas;

namespace
{

cost::unfolded_layer unfolded(const draw::matched_layer& drawn)
{
    const lowering::layer_model& layer = drawn.layer;
    loas_descriptor d{};
    d.timesteps = d.pool = 1;
    d.formats = LOAS_SPIKES_BYTES;
    d.in_height = static_cast<std::uint16_t>(layer.in_height);
    d.in_width = static_cast<std::uint16_t>(layer.in_width);
    d.in_channels = static_cast<std::uint16_t>(layer.in_channels);
    d.out_channels = static_cast<std::uint16_t>(layer.out_channels);
    d.kernel_h = d.kernel_w = static_cast<std::uint8_t>(layer.kernel_h);
    d.stride_h = d.stride_w = static_cast<std::uint8_t>(layer.stride_h);
    d.pad_h = d.pad_w = static_cast<std::uint8_t>(layer.pad_h);
    return cost::unfold(functional::layer_shape(d), drawn.spikes, layer.weights);
}

} // namespace

TEST(ann_accounting, sparten_takes_the_published_traffic_and_nearly_the_published_cycles)
{
    const auto document =
        nlohmann::json::parse(std::ifstream(LOAS_SOURCE_DIR "/scenarios/published/published_others.json"));
    const auto& published = document["networks"]["vgg16_ann"]["designs"]["sparten_ann"];
    const cost::published_design design = support::accounting_of("sparten-ann");
    const std::set<std::string> of_places = {"tot_cycs", "tot_comps", "sram_traffic_w", "total_sram", "miss_w_rate",
                                             "miss_x_rate"}; // rates: the authors round them
    std::vector<double> differences;
    double cycles = 0, published_cycles = 0;
    const auto layers = draw::load_layer_network(LOAS_SOURCE_DIR "/scenarios/networks/vgg16_ann.toml");
    ASSERT_EQ(layers.size(), published.size());
    for (const draw::layer_statistics& each : layers) {
        const draw::matched_layer drawn = draw::make_matched_bytes(each, 1);
        EXPECT_TRUE(drawn.differences.none()) << each.name;
        const auto& expected = published[each.published_name];
        const cost::published_traffic traffic = cost::count_published_traffic(unfolded(drawn), design);
        std::size_t compared = 0;
        for (const cost::published_counter& counter : cost::in_published_terms(traffic, design)) {
            if (of_places.count(counter.name) != 0)
                continue;
            ++compared;
            EXPECT_NEAR(counter.value, expected.at(counter.name).get<double>(), 1e-6) << each.name << ' ' << counter.name;
        }
        EXPECT_EQ(compared, 13u);
        // Of the weights' reads a match each is of the places.
        EXPECT_NEAR((static_cast<double>(traffic.weights.sram_item_bits()) - 8.0 * static_cast<double>(traffic.matches)) / 8192,
                    expected["sram_traffic_w"].get<double>() - expected["tot_comps"].get<double>() / 1024, 1e-6);
        const double wanted = expected["tot_cycs"];
        differences.push_back(std::abs(static_cast<double>(traffic.cycles) / wanted - 1));
        cycles += static_cast<double>(traffic.cycles);
        published_cycles += wanted;
    }
    std::sort(differences.begin(), differences.end());
    EXPECT_LT(differences[differences.size() / 2], 0.05);
    EXPECT_NEAR(cycles / published_cycles, 1, 0.05);
}

TEST(ann_accounting, gamma_takes_what_is_compulsory)
{
    const cost::published_design design = support::accounting_of("gamma-ann");
    for (const draw::layer_statistics& each :
         draw::load_layer_network(LOAS_SOURCE_DIR "/scenarios/networks/vgg16_ann.toml")) {
        const cost::published_traffic traffic =
            cost::count_published_traffic(unfolded(draw::make_matched_bytes(each, 1)), design);
        const auto weights = static_cast<std::uint64_t>(each.non_zero_weights),
                   inputs = static_cast<std::uint64_t>(each.non_silent);
        EXPECT_EQ(traffic.weights.dram_items, weights) << each.name;
        EXPECT_EQ(traffic.weights.sram_items, weights * (1 + each.rows())) << each.name;
        EXPECT_EQ(traffic.inputs.dram_items, inputs) << each.name;
        EXPECT_EQ(traffic.inputs.sram_items, inputs * (1 + each.out_channels / 64)) << each.name;
        EXPECT_EQ(traffic.inputs.dram_item_bits(), 8 * inputs);
        EXPECT_EQ(traffic.inputs.dram_index_bits, 6 * inputs);
        EXPECT_EQ(traffic.written_back_item_bits(), 8 * inputs);
        EXPECT_EQ(traffic.partial_sum_dram_bits, 0u);
        EXPECT_GT(traffic.partial_sum_sram_bits, 0u);
    }
}
