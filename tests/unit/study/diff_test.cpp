// What differs between two result files, by hand: signs of percentages, what only one of them has, tolerances.
#include "platform/results/result.h"
#include "platform/study/diff.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <stdlib.h>

using namespace loas;
using observe::counter;

namespace
{

class diff : public testing::Test
{
protected:
    diff() { m_folder = mkdtemp(m_pattern); }
    ~diff() override { std::filesystem::remove_all(m_folder); }

    /// A result of layers with so many cycles and matches each.
    std::filesystem::path result(const std::string& name, const std::vector<std::pair<std::string, std::uint64_t>>& of,
                                 const std::vector<std::string>& overrides = {},
                                 const std::function<void(results::run_result&)>& change = [](results::run_result&) {})
    {
        results::run_result run;
        run.scenario = "example";
        run.timing = "at";
        const config::scenario scenario = config::default_scenario(overrides);
        run.configuration = config::effective_values(scenario);
        run.accelerator = scenario.accelerator;
        run.fidelity = "literal";
        run.take_conditions(scenario);
        for (const auto& [layer, cycles] : of) {
            run.layers.emplace_back();
            run.layers.back().name = layer;
            run.layers.back().counters[counter::cycles] = cycles;
        }
        change(run);
        std::filesystem::create_directory(m_folder / name);
        results::write_file(m_folder / name / results::result_file, results::to_json(run));
        return m_folder / name;
    }

    static const study::changed_value* find(const std::vector<study::changed_value>& in, const std::string& key)
    {
        const auto found = std::find_if(in.begin(), in.end(), [&key](const auto& each) { return each.key == key; });
        return found == in.end() ? nullptr : &*found;
    }

    void expect_figure(const study::result_diff& of, const std::string& key, const std::string& before,
                       const std::string& after, double percent)
    {
        const study::changed_value* found = find(of.figures, key);
        ASSERT_NE(found, nullptr) << key;
        EXPECT_EQ(found->before, before) << key;
        EXPECT_EQ(found->after, after) << key;
        EXPECT_DOUBLE_EQ(found->percent, percent) << key;
    }

private:
    char m_pattern[32] = "/tmp/loas_diff_test_XXXXXX";
    std::filesystem::path m_folder;
};

} // namespace

TEST_F(diff, percentages_are_of_the_value_before_and_have_its_sign)
{
    const auto one = result("one", {{"up", 400}, {"down", 500}, {"from_0", 0}, {"same", 7}}),
               two = result("two", {{"up", 500}, {"down", 400}, {"from_0", 3}, {"same", 7}});
    const study::result_diff there = study::diff(one, two, 0), back = study::diff(two, one, 0);
    expect_figure(there, "layers.up.cycles", "400", "500", 25);
    expect_figure(there, "layers.down.cycles", "500", "400", -20);
    expect_figure(there, "layers.from_0.cycles", "0", "3", 0);
    expect_figure(there, "totals.cycles", "907", "910", 100 * 3.0 / 907);
    EXPECT_EQ(find(there.figures, "layers.same.cycles"), nullptr);
    expect_figure(back, "layers.up.cycles", "500", "400", -20);
    expect_figure(back, "layers.from_0.cycles", "3", "0", -100);
    const std::string text = to_text(there, false);
    for (const char* words : {" 400  ", " +25.00\n", " -20.00\n", " +0.33\n"})
        EXPECT_NE(text.find(words), std::string::npos) << words << "in\n" << text;
    EXPECT_LT(find(there.figures, "totals.cycles"), find(there.figures, "layers.up.cycles")) << "first what all of it is";
    const nlohmann::json json = nlohmann::json::parse(to_json(there));
    for (const nlohmann::json& each : json["figures"])
        if (each["key"] == "layers.down.cycles") {
            EXPECT_EQ(each.dump(), R"({"after":"400","before":"500","key":"layers.down.cycles","percent":-20.0})");
        }
    for (const nlohmann::json& each : json["configuration"])
        EXPECT_TRUE(each["percent"].is_null() || each["percent"] != 0.0) << each;
    EXPECT_EQ(json["compared"], there.compared);
}

TEST_F(diff, tells_of_figures_that_only_one_of_the_two_has)
{
    const auto one = result("one", {{"both", 10}, {"gone", 20}}), two = result("two", {{"both", 10}, {"new", 20}});
    const study::result_diff of = study::diff(one, two, 0);
    expect_figure(of, "layers.gone.cycles", "20", "-", 0);
    expect_figure(of, "layers.new.cycles", "-", "20", 0);
    EXPECT_EQ(find(of.figures, "layers.both.cycles"), nullptr);
    std::size_t before = 0, after = 0;
    for (const study::changed_value& each : of.figures) {
        before += each.after == "-";
        after += each.before == "-";
    }
    EXPECT_EQ(before, after);
    EXPECT_EQ(before + after, of.figures.size());
    const study::result_diff same = study::diff(one, one, 0);
    EXPECT_EQ(of.compared, same.compared + after) << "each is compared once";
    EXPECT_TRUE(same.figures.empty());
    EXPECT_NE(to_text(of, false).find("layers.gone.cycles"), std::string::npos);
}

TEST_F(diff, long_names_are_cut_to_46_characters)
{
    const std::string name(60, 'x'), fits(32, 'y'); // "layers.", the name, ".cycles"
    const std::string text =
        to_text(study::diff(result("one", {{name, 1}, {fits, 1}}), result("two", {{name, 2}, {fits, 2}}), 0), false);
    EXPECT_NE(text.find("layers." + name.substr(0, 37) + "..  "), std::string::npos) << text;
    EXPECT_NE(text.find("layers." + fits + ".cycles  "), std::string::npos) << text;
}

TEST_F(diff, a_figure_differs_beyond_the_tolerance_of_the_larger_one)
{
    const auto one = result("one", {{"a", 400}}), two = result("two", {{"a", 500}}, {"tppe.count=8"});
    for (const auto& [before, after] : {std::pair(one, two), std::pair(two, one)}) {
        EXPECT_NE(find(study::diff(before, after, 19.9).figures, "layers.a.cycles"), nullptr);
        const study::result_diff none = study::diff(before, after, 20);
        EXPECT_EQ(find(none.figures, "layers.a.cycles"), nullptr); // off by 20 % of 500
        ASSERT_NE(find(none.configuration, "tppe.count"), nullptr) << "parameters have none";
    }
    const study::changed_value tiles = *find(study::diff(one, two, 20).configuration, "tppe.count");
    EXPECT_EQ(tiles.before + " " + tiles.after, "16 8");
}

TEST_F(diff, shows_cycles_energy_power_area_accuracy_and_layers_in_this_order)
{
    const auto one = result("one", {{"a", 400}});
    const auto two = result("two", {{"a", 500}}, {}, [](results::run_result& of) {
        of.simulated_ns = 9;
        of.layers[0].energy[cost::energy_part::masks] = 9;
        of.area.tiles_mm2 = 9;
        of.accuracy.images = 9;
    });
    const study::result_diff of = study::diff(one, two, 0);
    std::size_t before = 0;
    for (const char* key : {"totals.cycles", "totals.energy_pj.total", "power_mw.on_chip", "area_mm2.total",
                            "accuracy.images", "layers.a.cycles", "simulated_ns", "performance.accelerator_ns"}) {
        const study::changed_value* at = find(of.figures, key);
        ASSERT_NE(at, nullptr) << key;
        const std::size_t place = static_cast<std::size_t>(at - of.figures.data()) + 1;
        EXPECT_GT(place, before) << key;
        before = place;
    }
    EXPECT_EQ(to_text(of, false).find("simulated_ns"), std::string::npos) << "on request";
    EXPECT_NE(to_text(of, true).find("simulated_ns"), std::string::npos);
}

TEST_F(diff, figures_are_rounded_where_that_tells_them_apart)
{
    study::result_diff of;
    of.figures = {{"totals.cycles", "65417978", "65417979.25", 1}, {"power_mw.x", "16.169068", "0.00012", 1},
                  {"power_mw.y", "16.169068", "16.169069", 1}, {"golden", "equal", "not checked", 0}};
    of.configuration = {{"tppe.count", "16000", "32000", 100}};
    const std::string text = to_text(of, true);
    for (const char* words : {"65,417,978   65,417,979 ", " 16.17      0.00012 ", " 16.169068    16.169069 ", " equal  not checked", "16000",
                              "and 1 parameter.\n"})
        EXPECT_NE(text.find(words), std::string::npos) << words << "in\n" << text;
}

TEST_F(diff, the_last_digits_of_a_floating_figure_are_no_change)
{
    constexpr std::uint64_t long_time = std::uint64_t{1} << 52;
    const auto differ = [&](double mm2, std::uint64_t ns) {
        const auto with = [&](const char* name, double area_mm2, std::uint64_t simulated_ns) {
            return result(name, {{"a", 400}}, {}, [&](results::run_result& of) {
                of.area.cache_cacti_mm2 = area_mm2; // no other figure follows from it
                of.simulated_ns = simulated_ns;
            });
        };
        return study::diff(with("one", 123.1, long_time), with("two", mm2, ns), 0).figures.size();
    };
    EXPECT_EQ(differ(123.1 * (1 + 1e-14), long_time), 0u);
    EXPECT_EQ(differ(123.1 * (1 + 1e-11), long_time), 1u);
    EXPECT_EQ(differ(123.1, long_time + 1), 1u) << "counts are exact";
}
