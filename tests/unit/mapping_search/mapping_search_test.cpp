// The search against the definition of what it says: least of all, unbeaten, bounded, in the budget; and what it writes.
#include "platform/mapping_search/mapping_search.h"

#include "platform/config/options.h"
#include "platform/dataflow_page/dataflow_page.h"
#include "platform/study/compare.h"
#include "platform/text/user_error.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

using namespace loas;
using mapping_search::candidate;
using mapping_search::objective;

namespace
{

config::scenario small_layer()
{
    return config::default_scenario({"workload.kind=layer", "layer.height=3", "layer.width=3", "layer.channels=20",
                                     "layer.out_channels=12", "layer.weight_sparsity=0.7", "layer.silent_ratio=0.4",
                                     "layer.spike_sparsity=0.7", "tppe.count=4", "workload.timesteps=4"});
}

mapping_search::request asking(const std::string& least, const std::string& capacities)
{
    mapping_search::request asked;
    asked.least = least;
    asked.explored.capacities = capacities;
    return asked;
}

std::string problem_of(const mapping_search::request& asked)
{
    try {
        mapping_search::search(small_layer(), asked);
    } catch (const text::user_error& problem) {
        return problem.what();
    }
    return "none";
}

/// Another way to the same: the figures of one point, summed by hand, with the words of the command line.
double dram_bytes_of(const candidate& of)
{
    explorer::request asked;
    asked.orders = of.point.order.word();
    asked.spatial = of.spatial;
    asked.format = of.format;
    asked.tile = of.point.tiles.text();
    asked.capacities = std::to_string(of.capacity_kib);
    const explorer::exploration explored = explorer::explore(small_layer(), asked);
    return explored.figures(0, 0, of.capacity_kib).dram_bytes.total();
}

} // namespace

TEST(mapping_search, looks_at_all_of_a_small_space_and_sorts_it)
{
    const mapping_search::found found = mapping_search::search(small_layer(), asking("", "1,2,64"));
    EXPECT_TRUE(found.exhaustive());
    // Three loops in space; 24 orders with words of 1 and of 2 timesteps, 6 with all; five formats; three buffers; whole, or
    // in tiles of 64 of the 180 inputs. Designs may stand elsewhere.
    EXPECT_GE(found.looked_at, 2u * 3u * (24 + 24 + 6) * 5 * 3);
    EXPECT_EQ(found.within.size(), found.looked_at);
    const candidate& best = found.within.front();
    for (const candidate& each : found.within) {
        EXPECT_GE(each.of(objective::dram_bytes), best.of(objective::dram_bytes));
        for (std::size_t i = 0; i < mapping_search::objectives; ++i)
            EXPECT_GE(each.figures[i], found.bound[i]) << each.point.order.word() << ' ' << each.spatial << ' ' << i;
    }
    for (const std::size_t i : {std::size_t{0}, found.within.size() / 2, found.within.size() - 1})
        EXPECT_EQ(found.within[i].of(objective::dram_bytes), dram_bytes_of(found.within[i]));
    EXPECT_EQ(found.within.back().capacity_kib, 1u);
    ASSERT_NE(found.runnable(), nullptr);
    EXPECT_FALSE(found.runnable()->point.machine.empty());
}

// Weights of inputs that never spike are in no bound: nothing fetches them by coordinates.
TEST(mapping_search, nothing_is_below_the_bounds_where_inputs_are_silent)
{
    for (const char* silent : {"0", "0.5", "0.9", "1"})
        for (const char* seed : {"1", "2", "3"}) {
            const config::scenario layer = config::overridden(
                small_layer(), {"layer.height=1", "layer.width=1", "layer.channels=100", "layer.kernel=1", "layer.padding=0",
                                std::string("layer.silent_ratio=") + silent,
                                std::string(silent) == "1" ? "layer.spike_sparsity=1" : "layer.spike_sparsity=0.95",
                                std::string("workload.seed=") + seed});
            for (const char* least : {"dram_bytes", "cycles", "energy_pj"}) {
                const mapping_search::found found = mapping_search::search(layer, asking(least, "1,64"));
                for (const candidate& each : found.within)
                    for (std::size_t i = 0; i < mapping_search::objectives; ++i)
                        ASSERT_GE(each.figures[i], found.bound[i]) << silent << ' ' << seed << ' ' << each.point.order.word() << ' ' << i;
            }
        }
}

TEST(mapping_search, unbeaten_is_what_nothing_else_beats)
{
    const mapping_search::found found = mapping_search::search(small_layer(), asking("cycles", "2"));
    const auto beats = [](const candidate& a, const candidate& b) {
        bool better = false, worse = false;
        for (std::size_t i = 0; i < mapping_search::objectives; ++i) {
            better = better || a.figures[i] < b.figures[i];
            worse = worse || a.figures[i] > b.figures[i];
        }
        return better && !worse;
    };
    std::size_t unbeaten = 0;
    for (const candidate& each : found.within) {
        const bool beaten =
            std::any_of(found.within.begin(), found.within.end(), [&](const candidate& other) { return beats(other, each); });
        EXPECT_EQ(each.unbeaten, !beaten);
        unbeaten += each.unbeaten;
    }
    EXPECT_GT(unbeaten, 1u);
    EXPECT_LT(unbeaten, found.within.size());
    const auto json = nlohmann::json::parse(to_json(found));
    EXPECT_EQ(json["pareto"].size(), unbeaten);
    EXPECT_EQ(json["best"]["cycles"], found.within.front().of(objective::cycles));
    for (const char* figure : {"dram_bytes", "cycles", "energy_pj", "live_sums"})
        EXPECT_GT(json["bounds"][figure], 0) << figure;
}

TEST(mapping_search, walks_through_a_large_space_to_a_place_that_no_step_betters)
{
    const mapping_search::found all = mapping_search::search(small_layer(), asking("energy_pj", "2"));
    mapping_search::request asked = asking("energy_pj", "2");
    asked.exhaustive_work = 0;
    const mapping_search::found some = mapping_search::search(small_layer(), asked), again = mapping_search::search(small_layer(), asked);
    EXPECT_FALSE(some.exhaustive());
    EXPECT_EQ(some.space, all.space);
    EXPECT_LT(some.looked_at, all.looked_at);
    EXPECT_EQ(to_json(some), to_json(again));
    const candidate &best = some.within.front(), &least = all.within.front();
    EXPECT_GE(best.of(objective::energy_pj), least.of(objective::energy_pj));
    EXPECT_LT(best.of(objective::energy_pj), some.within.back().of(objective::energy_pj));
    for (const candidate& each : all.within) { // what differs in one coordinate
        const bool order = each.point.order.loops != best.point.order.loops, space = each.spatial != best.spatial,
                   format = each.format != best.format, tiles = !(each.point.tiles == best.point.tiles);
        EXPECT_TRUE(order + space + format + tiles != 1 || each.of(objective::energy_pj) >= best.of(objective::energy_pj))
            << each.point.order.word();
    }
}

// Per number of units, of those that have a row or column, and not of the largest array that is out of the budget.
TEST(mapping_search, bounds_cycles_by_the_units_of_points_that_there_are)
{
    mapping_search::request asked = asking("cycles", "64");
    const mapping_search::found any = mapping_search::search(small_layer(), asked);
    const explorer::exploration explored = explorer::explore(small_layer(), {"mnkt", "m4,t", "", "", "64"});
    const double matches = static_cast<double>(explored.layers[0].points[0].work.matches);
    EXPECT_EQ(any.bound[1], matches / 4);
    EXPECT_LT(any.within.front().of(objective::cycles), 2 * any.bound[1]);
    // With t in time, each spike by itself.
    asked.explored.spatial = "m4";
    asked.most_area_mm2 = "";
    for (const candidate& each : mapping_search::search(small_layer(), asked).within)
        EXPECT_GE(each.of(objective::cycles), any.bound[1]);
    // One row alone: units over rows have a single one at work.
    const config::scenario row = config::overridden(small_layer(), {"layer.height=1", "layer.width=1", "layer.kernel=1", "layer.padding=0"});
    asked.explored.spatial = "m4,t";
    asked.explored.orders = "mnkt";
    asked.explored.format = "bitmask";
    const mapping_search::found alone = mapping_search::search(row, asked);
    for (const candidate& each : alone.within)
        EXPECT_GE(each.of(objective::cycles), alone.bound[1]) << each.point.machine << ' ' << each.spatial;
    // A budget that leaves dense arrays of one column: no zero is skipped, and four units are at work.
    mapping_search::request small = asking("cycles", "64");
    double least = 1e9;
    for (const candidate& each : any.within)
        if (!each.point.machine.empty() && each.point.format.dense())
            least = std::min(least, each.area_mm2);
    small.most_area_mm2 = std::to_string(least + 1e-6);
    const mapping_search::found dense = mapping_search::search(small_layer(), small);
    for (const candidate& each : dense.within)
        EXPECT_GE(each.of(objective::cycles), dense.bound[1]) << each.point.machine << ' ' << each.spatial;
    EXPECT_GT(dense.bound[1], any.bound[1]);
}

TEST(mapping_search, says_which_rule_a_design_breaks_and_merges_what_looks_alike)
{
    const mapping_search::found found = mapping_search::search(small_layer(), asking("", "1,64"));
    ASSERT_EQ(found.not_built.size(), 1u);
    EXPECT_EQ(found.not_built.front().find("with 1 KiB the designs cannot be built: cache.banks"), 0u) << found.not_built.front();
    std::istringstream lines(to_text(found));
    std::string line, last;
    for (unsigned in_table = 0; std::getline(lines, line); last = line) {
        EXPECT_LE(line.size(), 100u) << line;
        in_table = line.rfind("order ", 0) == 0 ? 1 : line.empty() ? 0 : in_table + (in_table > 0);
        EXPECT_TRUE(in_table < 2 || line != last) << line;
    }
    const auto json = nlohmann::json::parse(to_json(found));
    EXPECT_EQ(json["not_built"].size(), 1u);
    EXPECT_TRUE(json["best"].contains("machine"));
}

TEST(mapping_search, keeps_the_budget_and_tells_mistakes)
{
    mapping_search::request asked = asking("", "16,4096");
    asked.most_area_mm2 = "2.5";
    for (const candidate& each : mapping_search::search(small_layer(), asked).within)
        EXPECT_EQ(each.capacity_kib, 16u);
    asked.most_area_mm2 = "0.1";
    EXPECT_NE(problem_of(asked).find("the smallest of these chips has"), std::string::npos) << problem_of(asked);
    asked.most_area_mm2 = "2.5mm2";
    EXPECT_EQ(problem_of(asked), "--area: '2.5mm2' is no area in mm2");
    EXPECT_NE(problem_of(asking("cycle", "")).find("did you mean 'cycles'?"), std::string::npos);
}

// Designs' own keys are coordinates of the points that can be run: GoSPA's tiles, blocks of timesteps, chunks.
TEST(mapping_search, saves_keys_with_which_a_design_has_the_point)
{
    const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "mapping_search_keys";
    std::filesystem::create_directories(folder);
    const config::scenario base = config::overridden(small_layer(), {"layer.channels=40"}); // K 360
    const mapping_search::found found = mapping_search::search(base, asking("energy_pj", "64"));
    std::map<std::string, const candidate*> last; // of each design, the dearest one with keys of its own
    for (const candidate& each : found.within)
        if (!each.overrides.empty())
            last[each.point.machine] = &each;
    ASSERT_EQ(last.count("gospa-snn"), 1u);
    ASSERT_EQ(last.count("dense-snn"), 1u);
    ASSERT_EQ(last.count("loas"), 1u);
    for (const auto& [design, each] : last) {
        const std::string file = folder / (design + ".toml");
        std::ofstream(file) << mapping_search::scenario_of(base, *each);
        const config::scenario saved = config::load_scenario(file);
        EXPECT_EQ(saved.accelerator, design);
        const dataflow::mapping point = explorer::machine_point(designs::design_called(design), saved);
        EXPECT_EQ(point.tiles.text(), each->point.tiles.text());
        EXPECT_TRUE(point.space == each->point.space);
        const study::comparison compared = study::compare(study::comparison_request{
            file, {}, {design, design == "loas" ? "loas-nmtk" : "loas"}, {}, false, 0, true});
        EXPECT_TRUE(compared.golden_equal()) << design;
        EXPECT_EQ(compared.results.front().accelerator, design);
    }
    std::filesystem::remove_all(folder);
}

TEST(dataflow_page, saves_what_a_design_runs_as_a_scenario_of_that_design)
{
    const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "mapping_search";
    std::filesystem::create_directories(folder);
    const std::string scenario = (folder / "layer.toml").string();
    std::ofstream(scenario) << config::dump(small_layer());
    dataflow_page::question asked{scenario, "", {}, asking("dram_bytes", "1,64"), true, true, false, "", folder / "best.toml"};
    const auto json = nlohmann::json::parse(dataflow_page::answer(asked).text);
    const config::scenario saved = config::load_scenario(folder / "best.toml");
    EXPECT_EQ(saved.accelerator, json["best_of_designs"]["machine"].get<std::string>());
    EXPECT_EQ(saved.cache.size_kib, json["best_of_designs"]["capacity_kib"].get<unsigned>());
    EXPECT_EQ(saved.layer.channels, small_layer().layer.channels);

    // No design has a cache of 1 KiB: the answer is there, the file is not.
    dataflow_page::question small{scenario, "", {}, asking("", "1"), true, false, false, "", folder / "none.toml"};
    const dataflow_page::reply reply = dataflow_page::answer(small);
    EXPECT_NE(reply.text.find("No simulated design can be built with these buffers."), std::string::npos);
    EXPECT_NE(reply.problem.find("with 1 KiB the designs cannot be built: cache.banks"), std::string::npos) << reply.problem;
    EXPECT_FALSE(std::filesystem::exists(folder / "none.toml"));

    asked.searches = false;
    EXPECT_THROW(dataflow_page::answer(asked), text::user_error); // --save is of the search
    dataflow_page::question page{scenario, "", {}, {}, false, false, false, folder / "page.html", ""};
    dataflow_page::answer(page);
    std::ostringstream text;
    text << std::ifstream(folder / "page.html").rdbuf();
    EXPECT_NE(text.str().find("\"capacities_kib\":[4,8,16,32,64,128,256,512,1024,4096]"), std::string::npos);
    std::filesystem::remove_all(folder);
}

TEST(dataflow_page, has_all_figures_in_a_table_for_spreadsheets)
{
    const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "csv_layer.toml";
    std::ofstream(file) << config::dump(small_layer());
    dataflow_page::question asked{file, "", {}, asking("", "1,64"), false, false, true, "", ""};
    std::istringstream lines(dataflow_page::answer(asked).text);
    asked.as_csv = false;
    asked.as_json = true;
    const auto layer = nlohmann::json::parse(dataflow_page::answer(asked).text)["layers"][0];
    const auto cells_of = [](const std::string& line) {
        std::vector<std::string> cells(1);
        bool quoted = false;
        for (const char each : line)
            if (each == '"')
                quoted = !quoted;
            else if (each == ',' && !quoted)
                cells.emplace_back();
            else
                cells.back() += each;
        return cells;
    };
    std::string line;
    std::getline(lines, line);
    const std::vector<std::string> names = cells_of(line);
    const auto column = [&](const char* name) { return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin()); };
    for (const auto& order : layer["orders"])
        for (const auto& buffer : order["buffers"]) {
            ASSERT_TRUE(std::getline(lines, line));
            const std::vector<std::string> cells = cells_of(line);
            ASSERT_EQ(cells.size(), names.size()) << line;
            EXPECT_EQ(cells.at(column("order")), order["order"].get<std::string>());
            EXPECT_EQ(cells.at(column("format")), order["format"].get<std::string>());
            EXPECT_EQ(cells.at(column("tiles")), order.value("tiles", ""));
            EXPECT_EQ(std::stod(cells.at(column("dram_bytes_total"))), buffer["dram_bytes"]["total"].get<double>());
            EXPECT_EQ(cells.at(column("capacity_kib")), buffer["capacity_kib"].dump());
        }
    EXPECT_FALSE(std::getline(lines, line));
    std::filesystem::remove(file);
}
