#include "models/cost/published_traffic.h"
#include "models/functional/spike_words.h"

#include "tests/golden/published_traffic.h"
#include "tests/support/accounting.h"
#include "tests/support/random.h"

#include <gtest/gtest.h>

using namespace loas;

namespace
{

/// Three rows, K = 66, two columns: with chunks of 64, two chunks, the second of two inputs.
cost::unfolded_layer small_layer()
{
    cost::unfolded_layer layer;
    layer.rows = 3;
    layer.inputs = 66;
    layer.columns = 2;
    layer.timesteps = 4;
    layer.spikes.resize(3 * 66);
    layer.weights.resize(2 * 66);
    layer.spikes[0] = layer.spikes[1] = 0b0011;
    layer.spikes[66] = layer.spikes[66 + 65] = 0b1011;
    layer.spikes[2 * 66 + 64] = 0b1000;
    layer.weights[0] = 5;
    layer.weights[65] = -3;
    layer.weights[66] = 1;
    layer.weights[66 + 1] = 2;
    return layer;
}

golden::number_matrix spike_counts_of(const cost::unfolded_layer& layer)
{
    golden::number_matrix matrix(layer.rows, std::vector<int>(layer.inputs));
    for (std::size_t m = 0; m < layer.rows; ++m)
        for (std::size_t k = 0; k < layer.inputs; ++k)
            for (unsigned t = 0; t < layer.timesteps; ++t)
                matrix[m][k] += layer.spikes[m * layer.inputs + k] >> t & 1;
    return matrix;
}

golden::number_matrix weights_of(const cost::unfolded_layer& layer)
{
    golden::number_matrix matrix(layer.columns, std::vector<int>(layer.inputs));
    for (std::size_t n = 0; n < layer.columns; ++n)
        for (std::size_t k = 0; k < layer.inputs; ++k)
            matrix[n][k] = layer.weights[n * layer.inputs + k];
    return matrix;
}

/// Often so sparse, and of so few different values, that tiles are empty or equal.
cost::unfolded_layer random_unfolded_layer(support::random_source& random)
{
    cost::unfolded_layer layer;
    layer.rows = random.between_unsigned(1, 40);
    layer.inputs = random.chance(1, 3) ? 64 * random.between_unsigned(1, 4) : random.between_unsigned(1, 260);
    layer.columns = random.between_unsigned(1, 40);
    layer.timesteps = random.between_unsigned(1, 16);
    const unsigned spike_share = random.pick({0u, 1u, 5u, 50u, 300u, 1000u}); // of 1000
    const unsigned weight_share = random.pick({0u, 1u, 5u, 50u, 300u, 1000u});
    const bool one_value = random.chance(1, 2);
    for (std::size_t m = 0; m < layer.rows; ++m) {
        const bool empty = random.chance(1, 8);
        for (std::size_t k = 0; k < layer.inputs; ++k) {
            const std::uint64_t word = one_value ? 1 : 1 + random.below((1u << layer.timesteps) - 1);
            const bool silent = empty || !random.chance(spike_share, 1000);
            layer.spikes.push_back(silent ? std::uint16_t{0} : static_cast<std::uint16_t>(word));
        }
    }
    for (std::size_t i = 0; i < layer.columns * layer.inputs; ++i) {
        const std::int64_t value = one_value ? -1 : random.between(-128, 127);
        layer.weights.push_back(random.chance(weight_share, 1000) ? static_cast<std::int8_t>(value) : std::int8_t{0});
    }
    return layer;
}

cost::published_design random_design(support::random_source& random)
{
    cost::published_design design = support::accounting_of(random.chance(1, 2) ? "loas" : "loas-nmtk");
    if (random.chance(3, 4)) {
        design.tile.rows = random.pick({1u, 3u, 16u, 32u});
        design.tile.inputs = random.pick({64u, 128u, 192u});
        design.tile.columns = random.pick({1u, 3u, 16u, 32u});
        design.pe_owns = random.chance(1, 2) ? cost::axis::row : cost::axis::column;
        design.input_buffer_items = random.pick({0u, 1u, 5u, 20u, 100u, 1000u});
        design.weight_buffer_items = random.pick({0u, 1u, 5u, 20u, 100u, 1000u});
    }
    return design;
}

} // namespace

// Matches: tile of rows 0 and 1 with column 0: 1 and 1 in chunk 0, 0 and 1 in chunk 1; with column 1: 2 and 1 in chunk
// 0.
TEST(published_traffic, a_row_for_each_pe_by_hand)
{
    cost::published_design design = support::accounting_of("loas");
    design.tile = {2, 64, 1};
    const cost::published_traffic t = cost::count_published_traffic(small_layer(), design);
    EXPECT_EQ(t.cycles, 1u + 1 + 2);
    EXPECT_EQ(t.matches, 6u);

    EXPECT_EQ(t.inputs.item_bits, 4u);
    EXPECT_EQ(t.inputs.visited_items, 2u * (3 + 1) + 2 * (0 + 1)); // every tile of rows meets two columns
    EXPECT_EQ(t.inputs.missed_tiles, 4u);
    EXPECT_EQ(t.inputs.hit_items(), 6);
    EXPECT_EQ(t.inputs.dram_items, 5u);
    EXPECT_EQ(t.inputs.dram_index_bits, 3u * 66);
    EXPECT_EQ(t.inputs.sram_items, 5u + 6); // fills, and one for each match
    EXPECT_EQ(t.inputs.sram_index_bits, 3u * 66 + 2 * 3 * 66);

    EXPECT_EQ(t.weights.item_bits, 8u);
    EXPECT_EQ(t.weights.visited_items, 2u * 4);
    EXPECT_EQ(t.weights.missed_tiles, 4u);
    EXPECT_EQ(t.weights.dram_items, 4u);
    EXPECT_EQ(t.weights.dram_index_bits, 2u * 66);
    EXPECT_EQ(t.weights.sram_items, 4u + 2 * 4);
    EXPECT_EQ(t.weights.sram_index_bits, 2u * 66 + 2 * 2 * 66);

    EXPECT_EQ(t.written_back_items, 5u);
    EXPECT_EQ(t.written_back_index_bits, 3u * 66);
    EXPECT_EQ(t.dram_bits(), 4u * 8 + 132 + 2 * (5 * 4 + 198));
    EXPECT_EQ(t.sram_bits(), 12u * 8 + 396 + 11 * 4 + 594);
    EXPECT_EQ(t.dram_bytes(), 75);
}

TEST(published_traffic, a_column_for_each_pe_by_hand)
{
    cost::published_design design = support::accounting_of("loas-nmtk");
    design.tile = {2, 64, 2};
    const cost::published_traffic t = cost::count_published_traffic(small_layer(), design);
    EXPECT_EQ(t.cycles, 3u + 1); // column 1 in chunk 0, column 0 in chunk 1
    EXPECT_EQ(t.matches, 6u);
    EXPECT_EQ(t.inputs.missed_tiles, 4u);
    EXPECT_EQ(t.inputs.hit_items(), 1);
    EXPECT_EQ(t.inputs.sram_items, 5u + 5);
    EXPECT_EQ(t.inputs.sram_index_bits, 198u + 198);
    EXPECT_EQ(t.weights.missed_tiles, 2u); // and hit for the second tile of rows
    EXPECT_EQ(t.weights.hit_items(), 6);
    EXPECT_EQ(t.weights.sram_items, 4u + 6);
    EXPECT_EQ(t.weights.sram_index_bits, 132u + 2 * 132);
}

// Weight tiles of 1, 1, 2 and 0 items, visited twice: four fit; with room for three the one that is wanted next has
// always just left, and so has the zero tile, which takes no room but stands in line.
TEST(published_traffic, buffers_drop_the_oldest_tile)
{
    cost::published_design design = support::accounting_of("loas");
    design.tile = {2, 64, 1};
    design.weight_buffer_items = 4;
    EXPECT_EQ(cost::count_published_traffic(small_layer(), design).weights.missed_tiles, 4u);
    design.weight_buffer_items = 3;
    EXPECT_EQ(cost::count_published_traffic(small_layer(), design).weights.missed_tiles, 8u);
    design.weight_buffer_items = 0;
    EXPECT_EQ(cost::count_published_traffic(small_layer(), design).weights.missed_tiles, 8u);
}

TEST(published_traffic, tiles_are_found_by_content)
{
    cost::unfolded_layer layer;
    layer.rows = 2;
    layer.inputs = 128;
    layer.columns = 2;
    layer.spikes.assign(256, 0);
    layer.weights.assign(256, 0);
    cost::published_design design = support::accounting_of("loas-nmtk");
    design.tile = {1, 64, 1};
    cost::published_traffic t = cost::count_published_traffic(layer, design);
    EXPECT_EQ(t.weights.missed_tiles, 1u); // all zero tiles are one
    EXPECT_EQ(t.weights.hit_items(), -1);
    EXPECT_EQ(t.weights.sram_index_bits, 64u + 64); // one fill, and one read: it never changes
    EXPECT_EQ(t.inputs.missed_tiles, 1u);
    EXPECT_EQ(t.inputs.sram_index_bits, 64u + 8 * 64);

    layer.spikes[3] = 0b0101;
    layer.spikes[128 + 64 + 3] = 0b0110; // as many spikes at the same place of a tile: the same content
    t = cost::count_published_traffic(layer, design);
    EXPECT_EQ(t.inputs.missed_tiles, 2u);
    layer.spikes[128 + 64 + 3] = 0b0111;
    t = cost::count_published_traffic(layer, design);
    EXPECT_EQ(t.inputs.missed_tiles, 3u);
    layer.weights[3] = 7;
    layer.weights[128 + 3] = -7;
    t = cost::count_published_traffic(layer, design);
    EXPECT_EQ(t.weights.missed_tiles, 3u);

    layer.inputs = 127; // the zero tiles of the second chunk have another shape
    layer.spikes.assign(254, 0);
    layer.weights.assign(254, 0);
    t = cost::count_published_traffic(layer, design);
    EXPECT_EQ(t.weights.missed_tiles, 2u);
    EXPECT_EQ(t.inputs.missed_tiles, 2u);
}

TEST(published_traffic, totals_over_layers)
{
    const cost::published_design design = support::accounting_of("loas");
    const cost::published_traffic one = cost::count_published_traffic(small_layer(), design);
    cost::published_traffic sum;
    sum.add(one);
    sum.add(one);
    const auto once = cost::in_published_terms(one, design), twice = cost::in_published_terms(sum, design);
    for (std::size_t i = 0; i < once.size(); ++i) {
        const bool rate = once[i].name.find("rate") != std::string::npos;
        EXPECT_EQ(twice[i].value, (rate ? 1 : 2) * once[i].value) << once[i].name;
    }
}

TEST(published_traffic, single_spikes_are_dropped)
{
    std::vector<std::uint16_t> spikes{0, 1, 0x8000, 3, 0xFFFF};
    functional::silence_single_spikes(spikes);
    EXPECT_EQ(spikes, (std::vector<std::uint16_t>{0, 0, 0, 3, 0xFFFF}));
}

TEST(published_traffic, equals_golden_on_random_layers)
{
    for (std::uint64_t seed = 0; seed < 600; ++seed) {
        support::random_source random(seed);
        const cost::unfolded_layer layer = random_unfolded_layer(random);
        const cost::published_design design = random_design(random);
        golden::traffic_rules rules;
        rules.tile_rows = design.tile.rows;
        rules.tile_k = design.tile.inputs;
        rules.tile_columns = design.tile.columns;
        rules.columns_outermost = design.order.front() == cost::axis::column;
        rules.column_in_a_lane = design.pe_owns == cost::axis::column;
        rules.input_buffer = design.input_buffer_items;
        rules.weight_buffer = design.weight_buffer_items;
        std::map<std::string, double> expected =
            golden::published_traffic(spike_counts_of(layer), weights_of(layer), layer.timesteps, rules);
        for (const cost::published_counter& counter :
             cost::in_published_terms(cost::count_published_traffic(layer, design), design))
            ASSERT_EQ(counter.value, expected[counter.name]) << "seed " << seed << ": " << counter.name;
    }
}
