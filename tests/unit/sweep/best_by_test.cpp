// The best point for each value of an axis, and of two.
#include "tests/unit/sweep/sweep_files.h"

#include "platform/findings/best_by.h"

namespace
{

using namespace sweep_test;
using sweep::point_record;

/// Of two designs at two densities; the third axis goes with the density. Cycles of each, in the order of the points.
findings::best_by of_four(findings::ranking wanted, const std::vector<std::string>& axes,
                          const std::vector<double>& cycles)
{
    findings::best_by cells(std::move(wanted), axes);
    for (std::uint64_t i = 0; i < cycles.size(); ++i) {
        point_record point;
        point.index = i;
        point.axes = {{"design", i % 2 == 0 ? "a" : "b"}, {"density", i / 2 % 2 == 0 ? 0.5 : 0.25}, {"zipped", i / 2 % 2}};
        point.status = "ok";
        point.figures = {{"totals.cycles", cycles[i]}};
        cells.add(point);
    }
    cells.finish();
    return cells;
}

TEST(sweep_best_by, a_cell_has_what_varies_in_it_and_how_far_the_next_is)
{
    EXPECT_EQ(of_four({}, {"density"}, {100, 150, 90, 30}).table(), "| density |    best |\n"
                                                                    "|--------:|--------:|\n"
                                                                    "|     0.5 | a 1.50x |\n"
                                                                    "|    0.25 | b 3.00x |\n\n"
                                                                    "Best of design by fewest cycles; x: how many times "
                                                                    "more the next has.\n\n");
    findings::ranking most;
    most.most = true;
    EXPECT_NE(of_four(most, {"density"}, {100, 150, 90, 30}).table().find("|     0.5 | b 1.50x |\n|    0.25 | a 3.00x |\n"),
              std::string::npos);
}

TEST(sweep_best_by, a_tie_has_no_winner)
{
    const findings::best_by cells = of_four({}, {"density"}, {100, 100, 1000, 1001});
    EXPECT_NE(cells.table().find("|     0.5 |    a = b |\n|    0.25 | a <1.01x |\n"), std::string::npos) << cells.table();
    EXPECT_NE(cells.table().find("; =: a tie.\n"), std::string::npos) << cells.table();
    EXPECT_EQ(cells.to_json()[0]["lead"], 1);
}

TEST(sweep_best_by, two_axes_are_a_map)
{
    const findings::best_by map = of_four({}, {"design", "density"}, {100, 1500, 90, 30});
    EXPECT_EQ(map.table(), "| design |  0.5 | 0.25 |\n"
                           "|-------:|-----:|-----:|\n"
                           "|      a |  100 |   90 |\n"
                           "|      b | 1500 |   30 |\n\n"
                           "To the right: density. Each cell: fewest cycles.\n\n");
    const nlohmann::ordered_json cell = map.to_json()[1];
    EXPECT_EQ(cell["axes"], (nlohmann::ordered_json{{"design", "a"}, {"density", 0.25}}));
    EXPECT_EQ(cell["best"]["mean"], 90);
    EXPECT_TRUE(cell["lead"].is_null()) << "it is alone";
}

TEST(sweep_best_by, who_breaks_a_budget_is_in_no_cell)
{
    findings::ranking wanted;
    wanted.add({text::expression("totals.cycles < 95", text::expression::kind::comparison), "--where"});
    const findings::best_by cells = of_four(wanted, {"density"}, {100, 150, 90, 30});
    EXPECT_NE(cells.table().find("|     0.5 |       - |\n|    0.25 | b 3.00x |\n"), std::string::npos) << cells.table();
    EXPECT_TRUE(cells.to_json()[0]["best"].is_null());
}

TEST(sweep_best_by, axes_are_those_of_the_points)
{
    const auto mistake = [](const std::string& by) -> std::string {
        try {
            findings::axes_of(by, {"tppe.count", "cache.size_kib", "seed"});
        } catch (const text::user_error& said) {
            return said.what();
        }
        return "";
    };
    EXPECT_EQ(mistake("tppe.count"), "");
    EXPECT_EQ(mistake("tppe.count, cache.size_kib"), "");
    EXPECT_EQ(mistake("cache.size"), "--by: 'cache.size' is no axis of these points; did you mean 'cache.size_kib'?; there are "
                                     "tppe.count, cache.size_kib, seed");
    EXPECT_NE(mistake("seed").find("differ in their seed only"), std::string::npos);
    for (const char* each : {"", "tppe.count,tppe.count", "tppe.count,cache.size_kib,seed"})
        EXPECT_EQ(mistake(each), "--by: one axis is needed, or two with a comma between them");
}

} // namespace
