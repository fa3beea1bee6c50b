// The publication's accounting for SparTen, GoSPA and Gamma: by hand, and against the golden one.
#include "models/cost/published_traffic.h"

#include "tests/golden/published_rivals.h"
#include "tests/support/accounting.h"
#include "tests/support/random.h"

#include <gtest/gtest.h>

#include <set>

using namespace loas;

namespace
{

/// Three rows, K = 66, two columns, two timesteps: two chunks of 64, the second of two inputs. Timestep 0: (0, 0),
/// (1, 0), (1, 65). Timestep 1: (0, 0), (1, 65), (2, 64).
cost::unfolded_layer small_layer()
{
    cost::unfolded_layer layer;
    layer.rows = 3;
    layer.inputs = 66;
    layer.columns = 2;
    layer.timesteps = 2;
    layer.spikes.resize(3 * 66);
    layer.weights.resize(2 * 66);
    layer.spikes[0] = layer.spikes[66 + 65] = 0b11;
    layer.spikes[66] = 0b01;
    layer.spikes[2 * 66 + 64] = 0b10;
    layer.weights[0] = 5;
    layer.weights[65] = -3;
    layer.weights[66] = 1;
    layer.weights[66 + 1] = 2;
    return layer;
}

cost::unfolded_layer random_unfolded_layer(support::random_source& random)
{
    cost::unfolded_layer layer;
    layer.rows = random.between_unsigned(1, 40);
    layer.inputs = random.chance(1, 3) ? 64 * random.between_unsigned(1, 4) : random.between_unsigned(1, 300);
    layer.columns = random.between_unsigned(1, 70);
    layer.timesteps = random.chance(1, 2) ? 4 : random.between_unsigned(1, 8);
    const unsigned spike_share = random.pick({0u, 1u, 5u, 50u, 300u, 1000u}); // of 1000
    const unsigned weight_share = random.pick({0u, 1u, 5u, 50u, 300u, 1000u});
    const bool same_timesteps = random.chance(1, 4); // whose tiles are equal
    const std::uint64_t all = (1u << layer.timesteps) - 1;
    for (std::size_t i = 0; i < layer.rows * layer.inputs; ++i) {
        const std::uint64_t word = same_timesteps ? all : 1 + random.below(all);
        layer.spikes.push_back(random.chance(spike_share, 1000) ? static_cast<std::uint16_t>(word) : std::uint16_t{0});
    }
    for (std::size_t i = 0; i < layer.columns * layer.inputs; ++i) {
        const std::int64_t value = same_timesteps ? -1 : random.between(-128, 127);
        layer.weights.push_back(random.chance(weight_share, 1000) ? static_cast<std::int8_t>(value) : std::int8_t{0});
    }
    return layer;
}

std::vector<golden::number_matrix> spikes_of(const cost::unfolded_layer& layer)
{
    std::vector<golden::number_matrix> steps(layer.timesteps,
                                             golden::number_matrix(layer.rows, std::vector<int>(layer.inputs)));
    for (unsigned t = 0; t < layer.timesteps; ++t)
        for (std::size_t i = 0; i < layer.spikes.size(); ++i)
            steps[t][i / layer.inputs][i % layer.inputs] = layer.spikes[i] >> t & 1;
    return steps;
}

golden::number_matrix weights_of(const cost::unfolded_layer& layer)
{
    golden::number_matrix matrix(layer.columns, std::vector<int>(layer.inputs));
    for (std::size_t i = 0; i < layer.weights.size(); ++i)
        matrix[i / layer.inputs][i % layer.inputs] = layer.weights[i];
    return matrix;
}

struct both {
    golden::rival machine;
    cost::published_design design;
};
const std::vector<both>& rivals()
{
    static const std::vector<both> all = {{golden::rival::sparten, support::accounting_of("sparten-snn")},
                                          {golden::rival::gospa, support::accounting_of("gospa-snn")},
                                          {golden::rival::gamma, support::accounting_of("gamma-snn")}};
    return all;
}

void expect_golden(const cost::unfolded_layer& layer, const cost::published_design& design, golden::rival machine,
                   const golden::rival_rules& rules, std::uint64_t seed)
{
    const std::map<std::string, double> expected =
        golden::published_rival_traffic(machine, rules, spikes_of(layer), weights_of(layer));
    std::set<std::string> names;
    for (const cost::published_counter& counter :
         cost::in_published_terms(cost::count_published_traffic(layer, design), design)) {
        ASSERT_EQ(expected.count(counter.name), 1u) << counter.name;
        ASSERT_EQ(counter.value, expected.at(counter.name))
            << "seed " << seed << ", machine " << static_cast<int>(machine) << ": " << counter.name;
        names.insert(counter.name);
    }
    ASSERT_EQ(names.size(), expected.size());
}

} // namespace

// Matches of tiles of two rows, one column and 64 inputs. Timestep 0: rows 0-1 with column 0: 2 and 1 in the chunks,
// with column 1: 2 and 0; row 2: none. Timestep 1: 1 and 1; 1 and 0; row 2: none.
TEST(published_rivals, sparten_by_hand)
{
    cost::published_design design = support::accounting_of("sparten-snn");
    design.tile = {2, 64, 1};
    const cost::published_traffic t = cost::count_published_traffic(small_layer(), design);
    EXPECT_EQ(t.matches, 8u);
    EXPECT_EQ(t.cycles, 8u); // a tile has one column
    EXPECT_EQ(t.inputs.item_bits, 1u);
    EXPECT_EQ(t.inputs.visited_items, 2u * 6);
    // Rows 0-1: (chunk 0, t 0), (chunk 1, t 0), (chunk 0, t 1), the second again. Row 2: zero, zero of two inputs, zero
    // again, (chunk 1, t 1). Everything fits.
    EXPECT_EQ(t.inputs.missed_tiles, 6u);
    EXPECT_EQ(t.inputs.dram_items, 128u + 4 + 128 + 64 + 2 + 2);
    EXPECT_EQ(t.inputs.dram_index_bits, 0u);
    EXPECT_EQ(t.inputs.sram_items, 328u + 2 * 2 * 198); // each bit of each timestep for each column
    EXPECT_EQ(t.weights.missed_tiles, 4u);
    EXPECT_EQ(t.weights.sram_items, 4u + 8);
    EXPECT_EQ(t.weights.sram_index_bits, 132u + 2 * 2 * 132);
    EXPECT_EQ(t.written_back_items, 2u * 198);
    EXPECT_EQ(t.dram_bits(), 328u + 4 * 8 + 132 + 396);
    EXPECT_EQ(t.sram_bits(), 328u + 792 + 12 * 8 + 132 + 528);
}

TEST(published_rivals, gospa_by_hand)
{
    cost::published_design design = support::accounting_of("gospa-snn");
    design.tile = {2, 64, 2};
    const cost::published_traffic t = cost::count_published_traffic(small_layer(), design);
    EXPECT_EQ(t.matches, 8u);
    EXPECT_EQ(t.cycles, 2u + 1 + 1 + 1); // the busier of two columns
    EXPECT_EQ(t.inputs.visited_items, 6u);
    EXPECT_EQ(t.inputs.missed_tiles, 6u);
    EXPECT_EQ(t.inputs.dram_items, 5u); // one tile comes twice
    EXPECT_EQ(t.inputs.dram_index_bits, 5u * 8);
    EXPECT_EQ(t.inputs.sram_items, 5u + 6);
    EXPECT_EQ(t.inputs.sram_index_bits, 11u * 8);
    EXPECT_EQ(t.weights.missed_tiles, 2u);
    EXPECT_EQ(t.weights.sram_items, 4u + 2 * 2 * 4); // for two timesteps and two tiles of rows
    EXPECT_EQ(t.weights.sram_index_bits, 132u + 4 * 132);
    EXPECT_EQ(t.written_back_items, 0u);
    EXPECT_EQ(t.written_back_index_bits, 6u * 8);
    EXPECT_EQ(t.partial_sum_sram_bits, 0u);
    EXPECT_EQ(t.partial_sum_dram_bits, 2u * 8 * (2 * 3 * 2 * 2)); // timesteps, rows, columns, chunks
}

TEST(published_rivals, gamma_by_hand)
{
    cost::published_design design = support::accounting_of("gamma-snn");
    design.tile = {2, 64, 2};
    const cost::published_traffic t = cost::count_published_traffic(small_layer(), design);
    EXPECT_EQ(t.matches, 8u);
    EXPECT_EQ(t.cycles, 2u + 1 + 2 + 1); // the busier of two rows: (2, 2), (0, 1), (2, 0), (0, 1)
    EXPECT_EQ(t.inputs.missed_tiles, 6u);
    EXPECT_EQ(t.inputs.dram_index_bits, 5u * 6);
    EXPECT_EQ(t.inputs.sram_items, 5u + 6);
    EXPECT_EQ(t.weights.missed_tiles, 2u);
    EXPECT_EQ(t.weights.hit_items(), 4 * 4 - 2);
    EXPECT_EQ(t.weights.sram_items, 4u + 2 * 3 * 4); // for each row of each timestep
    EXPECT_EQ(t.weights.sram_index_bits, 28u * 6);
    EXPECT_EQ(t.weights.dram_index_bits, 4u * 6);
    EXPECT_EQ(t.partial_sum_sram_bits, 2u * 8 * (2 * 3 * (2 + 1))); // chunk 1 has a weight in one column only
    EXPECT_EQ(t.partial_sum_dram_bits, t.partial_sum_sram_bits / 4);
    EXPECT_EQ(t.written_back_index_bits, 6u * 6);
}

TEST(published_rivals, totals_over_layers)
{
    for (const auto& [machine, design] : rivals()) {
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
}

TEST(published_rivals, equal_golden_on_random_layers)
{
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        support::random_source random(seed);
        const cost::unfolded_layer layer = random_unfolded_layer(random);
        for (const auto& [machine, design] : rivals())
            expect_golden(layer, design, machine, golden::rules_of(machine), seed);
    }
}

TEST(published_rivals, equal_golden_with_other_tiles_and_buffers)
{
    for (std::uint64_t seed = 1000; seed < 1300; ++seed) {
        support::random_source random(seed);
        const cost::unfolded_layer layer = random_unfolded_layer(random);
        const auto& [machine, published] = rivals()[seed % 3];
        cost::published_design design = published;
        design.tile.rows = random.pick({1u, 3u, 16u, 32u});
        design.tile.inputs = random.pick({64u, 128u, 192u});
        design.tile.columns = random.pick({1u, 3u, 16u, 64u});
        design.input_buffer_items = random.pick({0u, 1u, 5u, 20u, 100u, 1000u});
        design.weight_buffer_items = random.pick({0u, 1u, 5u, 20u, 100u, 1000u});
        golden::rival_rules rules = golden::rules_of(machine);
        rules.tile_rows = design.tile.rows;
        rules.tile_k = design.tile.inputs;
        rules.tile_columns = design.tile.columns;
        rules.input_buffer = design.input_buffer_items;
        rules.weight_buffer = design.weight_buffer_items;
        expect_golden(layer, design, machine, rules, seed);
    }
}
