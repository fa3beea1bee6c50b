// Area and power by part: the sum is the published system's, and a result's parts are its energy over its time.
#include "platform/study/cost_table.h"

#include "platform/config/options.h"
#include "platform/designs/design.h"
#include "platform/results/result.h"
#include "platform/text/user_error.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

using namespace loas;

namespace
{

study::cost_table table_of(const std::vector<std::string>& overrides)
{
    return study::make_cost_table(LOAS_SOURCE_DIR "/scenarios/quickstart/digits.toml", overrides);
}

const study::cost_row& part(const study::cost_table& table, const std::string& name)
{
    return *std::find_if(table.parts.begin(), table.parts.end(),
                         [&](const study::cost_row& each) { return each.name == name; });
}

} // namespace

// 188.9 mW and 2.08 mm2 with 2.5 ns a cycle; the published power of the cache is its leakage alone.
TEST(cost_table, the_published_system)
{
    const study::cost_table table = table_of({"fidelity=published", "clock_mhz=400"});
    const study::cost_row total = table.total();
    EXPECT_NEAR(total.area_mm2, 2.08, 1e-9);
    EXPECT_NEAR(total.leakage_mw + total.dynamic_mw - part(table, "cache").dynamic_mw, 188.9, 1e-6);
    EXPECT_NEAR(part(table, "fast_prefix").dynamic_mw, 16 * 1.173427, 1e-6);
    EXPECT_NEAR(part(table, "cache").dynamic_mw, 16 * 64.8 * 0.4, 1e-6);
    EXPECT_NEAR(table_of({"fidelity=published"}).total().dynamic_mw, 2 * total.dynamic_mw, 1e-9) << "800 MHz";
}

TEST(cost_table, what_is_there_once_a_timestep_grows)
{
    const study::cost_table four = table_of({}), sixteen = table_of({"tppe.max_timesteps=16"});
    for (const char* each : {"plif", "correction_accumulators"}) {
        EXPECT_NEAR(part(sixteen, each).area_mm2, 4 * part(four, each).area_mm2, 1e-9) << each;
        EXPECT_NEAR(part(sixteen, each).dynamic_mw, 4 * part(four, each).dynamic_mw, 1e-9) << each;
        EXPECT_NEAR(part(sixteen, each).leakage_mw, 4 * part(four, each).leakage_mw, 1e-9) << each;
    }
    EXPECT_NEAR(part(sixteen, "row_store").area_mm2, 17.0 / 5 * part(four, "row_store").area_mm2, 1e-9);
    // A memory: an access costs with the root of its size, here as in the energy of a run.
    EXPECT_NEAR(part(sixteen, "row_store").dynamic_mw, std::sqrt(17.0 / 5) * part(four, "row_store").dynamic_mw, 1e-9);
    EXPECT_NEAR(part(four, "row_store").dynamic_mw, 16 * 1.91 * 0.8, 1e-9) << "a read a cycle of 800 MHz";
    EXPECT_NEAR(part(sixteen, "rest").area_mm2, part(four, "rest").area_mm2, 1e-9);
    EXPECT_NEAR(part(sixteen, "fast_prefix").area_mm2, part(four, "fast_prefix").area_mm2, 1e-9);
}

TEST(cost_table, fits_the_screen_and_is_json)
{
    for (const designs::design* each : designs::all()) {
        const std::string design(each->word);
        const study::cost_table table = table_of({"workload.kind=layer", "accelerator=" + design, "tppe.count=32"});
        std::istringstream lines(study::to_text(table));
        for (std::string line; std::getline(lines, line);)
            EXPECT_LE(line.size(), 100u) << line;
        const auto json = nlohmann::json::parse(study::to_json(table));
        EXPECT_NEAR(json["total"]["area_mm2"], table.total().area_mm2, 1e-12) << design;
        EXPECT_EQ(json["parts"]["plif"]["number"], 32) << design;
        EXPECT_FALSE(json.contains("used"));
    }
}

// 3,000 and 2,000 cycles of 1.25 ns; 500 nJ in 6.25 us are 80 mW.
TEST(cost_table, of_a_result_has_the_power_that_it_used)
{
    char pattern[] = "/tmp/loas_cost_test_XXXXXX";
    const std::filesystem::path folder = mkdtemp(pattern);
    const config::scenario scenario = config::default_scenario();
    results::write_file(folder / results::scenario_file, config::dump(scenario));
    results::run_result run;
    run.configuration = config::effective_values(scenario);
    run.accelerator = scenario.accelerator;
    run.fidelity = "literal";
    run.timing = "at";
    run.take_conditions(scenario);
    for (const unsigned cycles : {3000U, 2000U}) {
        run.layers.emplace_back();
        run.layers.back().name = std::to_string(cycles);
        run.layers.back().counters[observe::counter::cycles] = cycles;
        run.layers.back().energy[cost::energy_part::plif] = 250e3;
    }
    results::write_file(folder / results::result_file, results::to_json(run));
    const study::cost_table table = study::make_cost_table(folder, {});
    EXPECT_EQ(table.cycles, 5000u);
    ASSERT_EQ(table.used.size(), 1u);
    EXPECT_EQ(table.used[0].name, "plif");
    EXPECT_DOUBLE_EQ(table.used[0].mw, 80);
    EXPECT_NE(study::to_text(table).find("used it, mean over 5000 cycles"), std::string::npos);
    EXPECT_EQ(nlohmann::json::parse(study::to_json(table))["used"]["cycles"], 5000);
    EXPECT_THROW(study::make_cost_table(folder, {"tppe.count=4"}), text::user_error);
    std::filesystem::remove_all(folder);
}

TEST(cost_table, mistakes)
{
    EXPECT_THROW(study::make_cost_table("none.toml", {}), text::user_error);
    EXPECT_THROW(study::make_cost_table("none.json", {}), text::user_error);
    EXPECT_THROW(study::make_cost_table("none.json", {"tppe.count=4"}), text::user_error);
}
