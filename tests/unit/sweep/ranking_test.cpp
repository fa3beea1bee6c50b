// Budgets, what is best, seeds taken together; and what a line must have so that nothing wrong is called best.
#include "tests/unit/sweep/sweep_files.h"

#include "platform/results/tree.h"
#include "platform/findings/ranking.h"
#include "platform/findings/shown_points.h"
#include "platform/sweep/store.h"

#include <cmath>

namespace
{

using namespace sweep_test;
using findings::point_ranking;
using sweep::point_record;
using findings::ranking;
using text::expression;

point_record point(std::uint64_t index, unsigned tiles, unsigned seed, std::uint64_t cycles, double energy_pj)
{
    point_record made;
    made.index = index;
    made.axes = {{"tppe.count", tiles}, {"seed", seed}};
    made.status = "ok";
    for (const sweep::kept_figure& each : sweep::kept_figures)
        made.figures.emplace_back(each.name, 1);
    for (auto& [name, value] : made.figures) {
        if (name == "totals.cycles")
            value = cycles;
        if (name == "totals.energy_pj.total")
            value = energy_pj;
    }
    return made;
}

point_ranking ranked(const std::vector<std::string>& budgets, const std::string& objective, bool most = false)
{
    ranking wanted;
    for (const std::string& each : budgets)
        wanted.add({expression(each, expression::kind::comparison), "a.toml:3: constraints"});
    wanted.objective = expression(objective, expression::kind::figure);
    wanted.objective_place = "--least";
    wanted.most = most;
    point_ranking all(wanted);
    all.add(point(0, 4, 1, 100, 7));
    all.add(point(1, 4, 2, 300, 9));
    all.add(point(2, 8, 1, 150, 20));
    all.add(point(3, 8, 2, 150, 40));
    all.finish();
    return all;
}

std::vector<std::uint64_t> indices(const point_ranking& of)
{
    std::vector<std::uint64_t> all;
    for (const findings::point_group& each : of.best())
        all.push_back(each.first.index);
    return all;
}

TEST(sweep_ranking, spread_over_seeds_by_hand)
{
    findings::seed_statistics of;
    for (const double value : {2, 4, 4, 4, 5, 5, 7, 9})
        of.add(value);
    EXPECT_DOUBLE_EQ(of.mean(), 5);
    EXPECT_NEAR(of.deviation(), std::sqrt(32.0 / 7), 1e-12);
    EXPECT_NEAR(of.half_interval(), 2.3646242515927866 * std::sqrt(32.0 / 7) / std::sqrt(8), 1e-9); // Student, 7 degrees
    findings::seed_statistics one;
    one.add(3);
    EXPECT_EQ(one.deviation(), 0);
    EXPECT_TRUE(std::isinf(one.half_interval()));
}

TEST(sweep_ranking, the_best_are_means_over_seeds)
{
    EXPECT_EQ(indices(ranked({}, "totals.cycles")), (std::vector<std::uint64_t>{2, 0})); // 150 and 200
    EXPECT_EQ(indices(ranked({}, "totals.cycles", true)), (std::vector<std::uint64_t>{0, 2}));
    EXPECT_EQ(indices(ranked({}, "totals.energy_pj.total / tppe.count")), (std::vector<std::uint64_t>{0, 2}));
    const point_ranking all = ranked({}, "totals.cycles");
    EXPECT_EQ(all.groups(), 2U);
    const nlohmann::ordered_json first = all.to_json()[1];
    EXPECT_EQ(first["points"], 2);
    EXPECT_EQ(first["mean"], 200);
    EXPECT_NEAR(first["deviation"].get<double>(), std::sqrt(20000.0), 1e-9);
    EXPECT_NEAR(first["interval_95"][1].get<double>(), 200 + 12.706204736432095 * 100, 1e-6); // 1 degree of freedom
    EXPECT_EQ(first["axes"].dump(), R"({"tppe.count":4})");
    EXPECT_NE(all.table().find("deviation"), std::string::npos);
}

TEST(sweep_ranking, budgets_leave_out_what_breaks_them)
{
    const point_ranking cheap = ranked({"totals.energy_pj.total < 9"}, "totals.cycles"); // means 8 and 30
    EXPECT_EQ(indices(cheap), std::vector<std::uint64_t>{0});
    EXPECT_EQ(cheap.outside(), 1U);
    EXPECT_EQ(indices(ranked({"totals.cycles <= 200", "tppe.count > 4"}, "totals.cycles")), std::vector<std::uint64_t>{2});
    EXPECT_EQ(ranked({"no.such < 3"}, "totals.cycles").outside(), 2U) << "what is not known keeps no budget";
}

TEST(sweep_ranking, single_seeds_are_asked_for_before_they_are_taken_together)
{
    const point_ranking first = ranked({"seed == 1"}, "totals.cycles"); // 100 and 150 cycles, not 200 and 150
    EXPECT_EQ(indices(first), (std::vector<std::uint64_t>{0, 2}));
    EXPECT_EQ(first.best()[0].objective.mean(), 100);
    EXPECT_EQ(first.groups(), 2U);
    EXPECT_EQ(first.outside_in_words(), "2 points are left out, of seeds that are not wanted: seed == 1\n");
    EXPECT_EQ(indices(ranked({"seed < 2", "totals.cycles > 120"}, "totals.cycles")), std::vector<std::uint64_t>{2});
    EXPECT_EQ(indices(ranked({"totals.energy_pj.total < 9 * seed"}, "totals.cycles")), std::vector<std::uint64_t>{0});
    EXPECT_TRUE(ranked({"seed == 3"}, "totals.cycles").best().empty());
}

TEST(sweep_ranking, a_division_by_0_is_told_and_never_best)
{
    const point_ranking all = ranked({"1 / (tppe.count - 4) > 0"}, "totals.cycles / (totals.cycles - 150)");
    EXPECT_TRUE(all.best().empty());
    EXPECT_EQ(all.mistakes(),
              (std::vector<std::string>{
                  "a.toml:3: constraints: point 0 (tppe.count=4): \"1 / (tppe.count - 4) > 0\" divides by 0",
                  "--least: point 2 (tppe.count=8 seed=1) and 1 more: \"totals.cycles / (totals.cycles - 150)\" divides "
                  "by 0"}));
}

TEST(sweep_ranking, a_figure_that_is_null_is_told)
{
    ranking wanted;
    wanted.budgets.push_back({expression("accuracy.correct > 1", expression::kind::comparison), "--where"});
    wanted.objective = expression("totals.published_cycles", expression::kind::figure);
    wanted.objective_place = "--most";
    const auto asked = [&](bool accounted) {
        point_ranking all(wanted);
        for (unsigned i = 0; i < 2; ++i) {
            point_record each = point(i, 4U << i, 1, 100, 7);
            for (auto& [name, value] : each.figures)
                if (name == (i == 0 || !accounted ? "totals.published_cycles" : "accuracy.correct"))
                    value = nullptr;
                else if (name == "accuracy.correct")
                    value = 5;
            all.add(each);
        }
        all.finish();
        return all;
    };
    const point_ranking some = asked(true), none = asked(false);
    EXPECT_TRUE(some.mistakes().empty()) << "one design has an accounting, another has none";
    EXPECT_EQ(some.remarks(),
              (std::vector<std::string>{
                  "--most: point 0 (tppe.count=4): totals.published_cycles is null, so \"totals.published_cycles\" is "
                  "nothing",
                  "--where: point 1 (tppe.count=8): accuracy.correct is null, so \"accuracy.correct > 1\" is nothing"}));
    EXPECT_EQ(none.mistakes(),
              std::vector<std::string>{"--most: point 0 (tppe.count=4) and 1 more: totals.published_cycles is null, so "
                                       "\"totals.published_cycles\" is nothing"});
}

TEST(sweep_ranking, a_line_without_its_figures_is_none)
{
    const auto mistake = [](const std::string& figure, const nlohmann::ordered_json& value) {
        point_record damaged = point(0, 4, 1, 100, 7);
        for (auto& [name, kept] : damaged.figures)
            if (name == figure)
                kept = value;
        try {
            sweep::read_point(damaged.to_line());
        } catch (const results::tree_error& told) {
            return std::string(told.what());
        }
        return std::string();
    };
    EXPECT_EQ(mistake("totals.cycles", nullptr), "figures.totals.cycles is null, a count is needed");
    EXPECT_EQ(mistake("totals.cycles", -5), "figures.totals.cycles is -5, a count is needed");
    EXPECT_EQ(mistake("area_mm2.total", "x"), "figures.area_mm2.total is \"x\", a number is needed");
    EXPECT_EQ(mistake("totals.cache_hit_share", nullptr), "figures.totals.cache_hit_share is null, a number is needed");
    EXPECT_EQ(mistake("accuracy.correct", nullptr), "") << "nobody knew the right classes";
    EXPECT_EQ(mistake("accuracy.correct", 3), "");
}

class sweep_budgets : public sweep_files
{
};

TEST_F(sweep_budgets, area_leaves_points_out_before_they_run)
{
    const std::string axes = "[axes]\ntppe.count = [4, 16, 64]\n";
    sweep::points all(read("constraints = ['area_mm2.total < 2.5', 'tppe.count != 4']\n" + axes));
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all.axes(0).dump(), R"({"tppe.count":16})");
    EXPECT_NE(mistake("constraints = ['area_mm2.total < 0.1']\n" + axes).find("the constraints leave no point of 3"),
              std::string::npos);
    EXPECT_EQ(mistake("constraints = ['1 / (area_mm2.total * 0) > 1']\n" + axes),
              "case.toml:2: constraints: \"1 / (area_mm2.total * 0) > 1\" divides by 0");
}

TEST_F(sweep_budgets, of_results_are_asked_of_finished_points)
{
    const std::string axes = "[axes]\ntppe.count = [4, 16]\n[derived]\nper_tile = 'totals.cycles / tppe.count'\n";
    const std::string text = "constraints = ['totals.busy_cycles < 9', 'per_tile > 1']\nmost = 'per_tile'\n";
    sweep::points all(read(text + axes));
    EXPECT_EQ(all.size(), 2U) << "nothing is known before they run";
    EXPECT_EQ(all.sweep().keys, std::vector<std::string>{"totals.busy_cycles"});
    // What is wanted of the same points may change.
    EXPECT_EQ(sweep::points(read("constraints = ['totals.busy_cycles < 3']\n" + axes)).fingerprint(""),
              all.fingerprint(""));
    const fs::path out = m_folder / "out";
    sweep::store(out, {to_toml(all.sweep()), all.size(), "abc"}, false);
    const ranking found = findings::read_ranking(out);
    ASSERT_EQ(found.budgets.size(), 2U);
    EXPECT_EQ(found.budgets[1].place, (out / "sweep.toml:3: constraints").string());
    EXPECT_EQ(found.objective_place, (out / "sweep.toml:4: most").string());
    EXPECT_EQ(found.title(), "most per_tile");
}

TEST_F(sweep_budgets, mistakes_name_the_expression_and_the_place)
{
    EXPECT_EQ(mistake("least = 'totals.cycle'\n"),
              "case.toml:2: \"totals.cycle\": 'totals.cycle' is neither an axis nor a figure of a result; did you mean "
              "'totals.cycles'?");
    EXPECT_NE(mistake("least = 'totals.cycles'\nmost = 'totals.cycles'\n").find("only one of them"), std::string::npos);
    EXPECT_NE(mistake("least = 3\n").find("least: expected a text in quotes"), std::string::npos);
    for (const std::string key : {"constraints = ['1 < 2']", "least = 'totals.cycles'"}) {
        const std::string hint = "; it belongs to no table: it stands above the first one";
        EXPECT_NE(mistake("[axes]\ntppe.count = [1]\n" + key).find("case.toml:4: unknown key '" +
                                                                  key.substr(0, key.find(' ')) + "'" + hint),
                  std::string::npos);
        EXPECT_NE(mistake("[derived]\nx = '1'\n" + key).find("case.toml:4: derived." + key.substr(0, key.find(' ')) +
                                                            ": no name for a figure" + hint),
                  std::string::npos);
    }
    EXPECT_EQ(mistake("[axes]\nplif.latency = [1, 0]\n[derived]\nx = '1 / plif.latency'\n"),
              "case.toml:5: point 1 (plif.latency = 0): derived.x: \"1 / plif.latency\" divides by 0");
}

TEST(SweepTable, ShowsEveryAxisOfEachPoint)
{
    point_record one = point(1, 8, 3, 100, 1), two = point(2, 16, 3, 90, 1);
    const std::vector<std::vector<std::string>> rows = {{"fewest cycles", "point"}, {"", "2"}, {"", "1"}};
    EXPECT_EQ(findings::table_of_points({&two, &one}, rows), "fewest cycles  point\n"
                                                             "tppe.count=16      2\n"
                                                             "tppe.count=8       1\n"
                                                             "In all of these seed=3.\n\n");
    for (point_record* each : {&one, &two})
        each->axes.emplace_back("layer.weights_file", std::string(80, each == &one ? 'a' : 'b'));
    EXPECT_EQ(findings::table_of_points({&two, &one}, rows), "fewest cycles  point\n"
                                                             "                   2\n"
                                                             "  tppe.count=16\n  layer.weights_file=" + std::string(79, 'b') + "\n  b\n"
                                                             "                   1\n"
                                                             "  tppe.count=8\n  layer.weights_file=" + std::string(79, 'a') + "\n  a\n"
                                                             "In all of these seed=3.\n\n");
    EXPECT_EQ(findings::table_of_points({&one}, {{"x"}, {""}}).find("In all"), std::string::npos);
}

} // namespace
