// At the points that designs say, what is counted without a machine is what the simulated machine counts.
#include "platform/designs/design.h"
#include "platform/explorer/explore.h"
#include "platform/explorer/reasons.h"
#include "platform/run/rerun.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

namespace loas::explorer
{
namespace
{

using observe::counter;

/// So that tiles of 16 and of 64 rows just fit.
const std::vector<unsigned> capacities_kib = {1, 4};
const std::vector<std::uint64_t> capacities_bits = curve_capacities_bits(capacities_kib);

/// What a design's point is, whatever its name.
enum class kind { any, words, masks, outer, rows, dense };
kind kind_of(const point_counts& of)
{
    if (of.point.format.dense())
        return kind::dense;
    if (class_of(of.point.order) == order_class::inner_product)
        return of.word_timesteps > 1 ? kind::words : kind::masks;
    return class_of(of.point.order) == order_class::outer_product ? kind::outer : kind::rows;
}

struct equality {
    kind of;
    const char* figure;
    std::uint64_t (*counted)(const point_counts& of);
    std::uint64_t (*simulated)(const results::layer_result& of);
};

/// In a buffer that holds the sums of one tile: each of them passes its edge once for each tile of inputs.
std::uint64_t sums_of_tiles(const point_counts& of)
{
    std::uint64_t elements = 1;
    for (const dataflow::tiling::tile& each : of.point.tiles.tiles)
        if (each.of != loop::k)
            elements *= std::min(each.size, of.sizes.of(each.of));
    const auto at = std::lower_bound(capacities_bits.begin(), capacities_bits.end(), elements * dataflow::sum_bits) - capacities_bits.begin();
    return of.o.lru_bits[static_cast<std::size_t>(at)] / dataflow::sum_bits;
}

/// Which figure is which counter, by definition. Not here is what a machine does beside its order:
/// - bytes of requests and of DRAM: lines of a cache, pointers;
/// - SparTen reads the mask of a column once for each block of rows that it keeps sums of; GoSPA streams every spike past
///   every group of columns, also those in which none has a weight;
/// - cycles: latencies, prefix-sums and waits, so that they are never fewer. loas-nmtk is literal here, a row a tile, and so counts as loas does.
const equality equalities[] = {
    {kind::any, "neurons", [](const point_counts& of) { return of.sizes.m * of.sizes.n * of.runs; },
     [](const results::layer_result& of) {
         return of.counters[counter::lif_updates] > 0 ? of.counters[counter::lif_updates] : of.m * of.n * of.runs;
     }},
    {kind::words, "matches of words", [](const point_counts& of) { return of.work.matches; },
     [](const results::layer_result& of) { return of.counters[counter::matches]; }},
    {kind::words, "words fetched, one a match", [](const point_counts& of) { return of.fetches.a; },
     [](const results::layer_result& of) { return of.counters[counter::sram_read_a_words] / of.timesteps; }},
    {kind::words, "joins", [](const point_counts& of) { return of.work.joins; },
     [](const results::layer_result& of) { return of.counters[counter::joins]; }},
    {kind::words, "joins without a match", [](const point_counts& of) { return of.work.empty_joins; },
     [](const results::layer_result& of) { return of.counters[counter::empty_joins]; }},
    {kind::words, "timesteps of words to be corrected",
     [](const point_counts& of) { return of.work.matches * of.word_timesteps - of.spike_matches; },
     [](const results::layer_result& of) { return of.counters[counter::correction_adds]; }},
    {kind::masks, "matches of spikes", [](const point_counts& of) { return of.work.matches; },
     [](const results::layer_result& of) { return of.counters[counter::matches]; }},
    {kind::masks, "weights fetched, one a match", [](const point_counts& of) { return of.fetches.b; },
     [](const results::layer_result& of) { return of.counters[counter::sram_read_b_weights] / 8; }},
    {kind::masks, "joins", [](const point_counts& of) { return of.work.joins; },
     [](const results::layer_result& of) { return of.counters[counter::joins]; }},
    {kind::masks, "joins without a match", [](const point_counts& of) { return of.work.empty_joins; },
     [](const results::layer_result& of) { return of.counters[counter::empty_joins]; }},
    {kind::outer, "matches of spikes", [](const point_counts& of) { return of.work.matches; },
     [](const results::layer_result& of) { return of.counters[counter::matches]; }},
    {kind::outer, "updates of sums, each with a weight read", [](const point_counts& of) { return of.fetches.o; },
     [](const results::layer_result& of) { return of.counters[counter::sram_read_b_weights] / 8; }},
    {kind::rows, "matches of spikes", [](const point_counts& of) { return of.work.matches; },
     [](const results::layer_result& of) { return of.counters[counter::matches]; }},
    {kind::rows, "elements of rows of B, with their columns", [](const point_counts& of) { return of.fetches.o; },
     [](const results::layer_result& of) { return of.counters[counter::sram_read_b_weights] / (of.n <= 256 ? 16 : 24); }},
    {kind::rows, "elements that are merged once more", [](const point_counts& of) { return of.work.merged_elements; },
     [](const results::layer_result& of) { return of.counters[counter::partial_sums_read]; }},
    {kind::outer, "partial sums that leave, once for each tile of inputs", &sums_of_tiles,
     [](const results::layer_result& of) { return of.counters[counter::partial_sums_written]; }},
    {kind::outer, "partial sums that come, for a tile or to their neurons", &sums_of_tiles,
     [](const results::layer_result& of) { return of.counters[counter::partial_sums_read]; }},
    {kind::dense, "bits of rows at each step, zeros too, for an array's columns at a time",
     [](const point_counts& of) { return of.fetches.a; },
     [](const results::layer_result& of) { return of.counters[counter::sram_read_a_mask]; }},
    {kind::dense, "additions", [](const point_counts& of) { return of.work.matches; },
     [](const results::layer_result& of) { return of.counters[counter::matches]; }},
    {kind::dense, "weights fetched, one for all rows", [](const point_counts& of) { return of.fetches.b; },
     [](const results::layer_result& of) { return of.counters[counter::sram_read_b_weights] / 8; }},
};

/// Returns a row of each machine and layer: latency and simulated cycles.
std::vector<std::string> expect_equal(const char* file, const std::vector<std::string>& overrides)
{
    const std::string path = std::string(LOAS_SOURCE_DIR "/scenarios/") + file;
    const exploration explored = explore(scenario_of(path, "", overrides), {"mnkt", "", "", "", "1,4"});
    std::vector<config::scenario> scenarios;
    std::vector<std::size_t> points;
    for (std::size_t i = 0; i < explored.points.size(); ++i)
        if (!explored.points[i].machine.empty()) {
            std::vector<std::string> with = overrides;
            with.push_back("accelerator=" + explored.points[i].machine);
            scenarios.push_back(config::load_scenario(path, with));
            points.push_back(i);
        }
    const std::vector<results::run_result> runs = run::rerun(scenarios, 0);
    std::map<const equality*, unsigned> looked_at;
    std::vector<std::string> compared;
    for (std::size_t i = 0; i < runs.size(); ++i)
        for (std::size_t layer = 0; layer < explored.layers.size(); ++layer) {
            const point_counts& counts = explored.layers[layer].points[points[i]];
            EXPECT_EQ(runs[i].layers[layer].name, explored.layers[layer].name);
            for (const equality& each : equalities)
                if (each.of == kind::any || each.of == kind_of(counts)) {
                    ++looked_at[&each];
                    EXPECT_EQ(each.counted(counts), each.simulated(runs[i].layers[layer]))
                        << file << ", " << counts.point.machine << ", " << explored.layers[layer].name << ": " << each.figure;
                }
            const std::uint64_t latency = counts.work.latency_cycles, cycles = runs[i].layers[layer].counters[counter::cycles];
            EXPECT_LE(latency, cycles) << file << ", " << counts.point.machine << ", " << explored.layers[layer].name;
            compared.push_back(fmt::format("| {} | {}, {} | {} | {} | {:.2f} |", counts.point.machine, counts.point.order.word(),
                                           counts.point.spatial_text(explored.layers[layer].t), results::grouped(latency),
                                           results::grouped(cycles), static_cast<double>(cycles) / static_cast<double>(latency)));
        }
    EXPECT_EQ(looked_at.size(), std::size(equalities));
    return compared;
}

TEST(Machines, CountOnVL8WhatTheirPointSays)
{
    std::ifstream page(LOAS_SOURCE_DIR "/platform/explorer/README.md");
    const std::string text{std::istreambuf_iterator<char>(page), {}};
    for (const std::string& row : expect_equal("layers/v_l8.toml", {}))
        EXPECT_NE(text.find(row), std::string::npos) << "platform/explorer/README.md has not: " << row;
}

TEST(Machines, CountOnTheDigitsNetworkWhatTheirPointSays)
{
    expect_equal("quickstart/digits.toml", {"workload.max_images=2"});
}

// Without latencies, and with FIFOs of any depth, nothing but their order is left of an array, and of machines whose units meet
// where a tile of their point ends.
TEST(Machines, TakeAsPublishedTheLatencyOfTheirPoint)
{
    const std::string path = LOAS_SOURCE_DIR "/scenarios/layers/v_l8.toml";
    std::vector<config::scenario> scenarios;
    std::vector<std::uint64_t> latencies;
    for (const designs::design* design : designs::all()) {
        if (design->dataflow == nullptr)
            continue;
        scenarios.push_back(scenario_of(path, "", {"fidelity=published", fmt::format("accelerator={}", design->word)}));
        const exploration explored = explore(scenarios.back(), {machine_point(*design, scenarios.back())}, {256});
        latencies.push_back(explored.layers[0].points[0].work.latency_cycles);
    }
    const std::vector<results::run_result> runs = run::rerun(scenarios, 0);
    unsigned equal = 0;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const std::uint64_t cycles = runs[i].layers[0].counters[counter::cycles];
        EXPECT_LE(latencies[i], cycles) << scenarios[i].accelerator;
        equal += latencies[i] == cycles;
    }
    EXPECT_EQ(equal, 5u); // dense-snn, gamma-snn, gospa-snn, loas, loas-nmtk
}

TEST(Machines, MergeAsManyRowsAtATimeAsTheScenarioSays)
{
    const config::scenario scenario = scenario_of(LOAS_SOURCE_DIR "/scenarios/layers/v_l8.toml", "", {"gamma.radix=100", "accelerator=gamma-snn"});
    const exploration explored = explore(scenario, {machine_point(designs::design_of(scenario), scenario)}, {256});
    const results::layer_result simulated = run::rerun({scenario}, 0).front().layers.front();
    EXPECT_EQ(explored.layers[0].points[0].work.merged_elements, simulated.counters[counter::partial_sums_read]);
    EXPECT_LE(explored.layers[0].points[0].work.latency_cycles, simulated.counters[counter::cycles]);
}

// Whatever is set: which units meet where, and what is merged at a time, are in the point as they are in the machine.
TEST(Machines, TakeNoFewerCyclesThanTheirPoint)
{
    const std::vector<std::string> often = {"layer.height=5", "tppe.columns_per_sync=4", "tppe.laggy_ideal=true", "memory.backend=ideal"};
    const std::vector<std::pair<const char*, std::vector<std::string>>> all = {
        {"gamma-snn", {"gamma.tile_inputs=64", "gamma.radix=8"}}, {"gamma-snn", {"gamma.tile_inputs=128", "gamma.radix=8"}},
        {"loas", often}, {"loas-nmtk", often}, {"loas", {"fidelity=published", "layer.out_channels=24"}},
        {"loas-nmtk", {"fidelity=published", "layer.out_channels=24"}},
        {"loas-nmtk", {"tppe.columns_per_sync=5", "tppe.laggy_ideal=true"}},
        {"loas-nmtk", {"tppe.accumulator_sets=3", "tppe.laggy_ideal=true"}},
        {"loas", {"tppe.accumulator_sets=8", "tppe.columns_per_sync=3", "tppe.laggy_ideal=true"}}};
    for (const auto& [word, overrides] : all) {
        std::vector<std::string> with = overrides;
        with.push_back(fmt::format("accelerator={}", word));
        const config::scenario scenario = scenario_of(LOAS_SOURCE_DIR "/scenarios/layers/v_l8.toml", "", with);
        const mapping point = machine_point(designs::design_of(scenario), scenario);
        const exploration explored = explore(scenario, {point}, {256});
        EXPECT_LE(explored.layers[0].points[0].work.latency_cycles, run::rerun({scenario}, 0).front().layers.front().counters[counter::cycles])
            << word << ' ' << point.spatial_text(4) << ' ' << overrides.front();
    }
}

TEST(Figures, OfALayerAreNoLessThanItsLeastThoughWeightsStay)
{
    const config::scenario scenario = scenario_of(LOAS_SOURCE_DIR "/scenarios/quickstart/digits.toml", "", {"workload.max_images=3"});
    request asked{"", "", "", "", "1,2,4,6,8,12,16,24,32,48,64,128,256", true};
    const exploration explored = explore(scenario, asked);
    for (std::size_t layer = 0; layer < explored.layers.size(); ++layer)
        for (std::size_t point = 0; point < explored.points.size(); ++point)
            for (const unsigned kib : explored.capacities_kib) {
                const buffered_figures& at = explored.figures(layer, point, kib);
                EXPECT_LE(at.least_dram_bytes, at.dram_bytes.total()) << explored.points[point].order.word() << ' ' << kib;
            }
    // Inputs of the border each begin with an empty buffer, which is said: it is not the layer as the table has it.
    const std::vector<std::string> why = reasons_of(explored, explored.layers.size() - 1), all = reasons_of_network(explored);
    EXPECT_NE(why.back().find("each input with a buffer that is empty at first"), std::string::npos) << why.back();
    EXPECT_EQ(why.back().find("as it is"), std::string::npos) << why.back();
    EXPECT_NE(all.back().find("all layers have one and the same order"), std::string::npos) << all.back();
}

TEST(Machines, KeepWeightsFromInputToInput)
{
    const auto dram_of_b = [](unsigned images) {
        const config::scenario scenario = scenario_of(LOAS_SOURCE_DIR "/scenarios/quickstart/digits.toml", "",
                                                      {fmt::format("workload.max_images={}", images)});
        const exploration explored = explore(scenario, {machine_point(designs::design_of(scenario), scenario)}, {1, 256});
        std::array<double, 2> bytes{};
        for (std::size_t layer = 0; layer < explored.layers.size(); ++layer) {
            bytes[0] += explored.figures(layer, 0, 1).dram_bytes.b;
            bytes[1] += explored.figures(layer, 0, 256).dram_bytes.b;
        }
        return bytes;
    };
    const std::array<double, 2> one = dram_of_b(1), three = dram_of_b(3);
    EXPECT_DOUBLE_EQ(three[0], 3 * one[0]); // no room for all layers
    EXPECT_DOUBLE_EQ(three[1], one[1]);
    const std::vector<results::run_result> runs =
        run::rerun({config::load_scenario(LOAS_SOURCE_DIR "/scenarios/quickstart/digits.toml", {"workload.max_images=3"})}, 0);
    double simulated = 0;
    for (const results::layer_result& layer : runs.front().layers)
        for (const observe::operand each : {observe::operand::b_mask, observe::operand::b_weights})
            simulated += static_cast<double>(layer.counters[of(counter::dram_read, each)]);
    EXPECT_GE(simulated, three[1]);
    EXPECT_LE(simulated, 1.1 * three[1]); // masks end with a word of 64 bits, and what is read with a line
}

} // namespace
} // namespace loas::explorer
