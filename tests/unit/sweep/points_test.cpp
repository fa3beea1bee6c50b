#include "tests/unit/sweep/sweep_files.h"

#include <cmath>

namespace
{

using namespace sweep_test;
using sweep::points;

class sweep_points : public sweep_files
{
};

TEST_F(sweep_points, the_last_axis_runs_fastest_and_constraints_leave_no_gaps)
{
    points all(read("constraints = ['tppe.count * xbar.latency <= 8', 'xbar.latency != 3']\n"
                    "[axes]\ntppe.count = [4, 8]\nxbar.latency = [1, 2, 3]\n"));
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all.axes(0).dump(), R"({"tppe.count":4,"xbar.latency":1})");
    EXPECT_EQ(all.axes(1).dump(), R"({"tppe.count":4,"xbar.latency":2})");
    EXPECT_EQ(all.axes(2).dump(), R"({"tppe.count":8,"xbar.latency":1})");
    EXPECT_EQ(all.scenario(2).tppe.count, 8U);
    EXPECT_EQ(all.scenario(1).xbar.latency, 2U);
    EXPECT_EQ(all.axis_number(1, "xbar.latency"), 2);
    EXPECT_TRUE(std::isnan(all.axis_number(1, "totals.cycles")));
}

// 1429 ps a cycle.
TEST_F(sweep_points, a_clock_is_the_one_that_is_simulated)
{
    const sweep::definition sweep = read("[axes]\nclock_mhz = [700, 800]\n");
    points all(sweep);
    EXPECT_EQ(all.axes(0)["clock_mhz"], 1e6 / 1429);
    EXPECT_EQ(all.axis_number(0, "clock_mhz"), 1e6 / 1429);
    EXPECT_EQ(all.axes(0)["clock_mhz"], all.scenario(0).clock_mhz);
    EXPECT_EQ(all.axes(1)["clock_mhz"], 800.0);
    EXPECT_NE(to_toml(sweep).find("[699.79"), std::string::npos) << to_toml(sweep);
    const std::vector<std::string> told = all.without_effect();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_NE(told[0].find("case.toml:3: clock_mhz = 700 is 699.79"), std::string::npos) << told[0];
    EXPECT_EQ(mistake("[axes]\nclock_mhz = [9999, 10000]\n"),
              "case.toml:3: clock_mhz: 10000.0 stands twice: clock_mhz = 9999 is 10000: a cycle is a whole number of ps, "
              "here 100");
}

TEST_F(sweep_points, seeds_of_what_draws_nothing_are_named)
{
    const std::string drawn = "seeds = 2\n", files = "layer.spikes_file = 's.npy'\nlayer.weights_file = 'w.npy'\n";
    write("files.toml", files);
    EXPECT_TRUE(points(read(drawn)).without_effect().empty());
    EXPECT_TRUE(points(read(drawn + "workloads = ['base.toml', 'files.toml']\n")).without_effect().empty());
    const std::vector<std::string> told = points(read(drawn + "workloads = ['files.toml']\n")).without_effect();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_NE(told[0].find("case.toml:2: seeds has no effect: spikes and weights are those of files"), std::string::npos)
        << told[0];
}

TEST_F(sweep_points, a_sweep_without_axes_is_one_point)
{
    points all(read(""));
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all.scenario(0), config::load_scenario(m_folder / "base.toml"));
}

TEST_F(sweep_points, a_point_is_the_scenario_with_its_values_set)
{
    write("small.toml", "layer.channels = 8\nplif.latency = 3\n");
    write("large.toml", "layer.channels = 16\n");
    points all(read("workloads = ['small.toml', 'large.toml']\nseeds = 2\n[axes]\nfidelity = ['literal', 'published']\n"
                    "compressor.adders = [3, 4]\n"));
    ASSERT_EQ(all.size(), 16U);
    EXPECT_EQ(all.axes(0).dump(), R"({"workload":"small.toml","fidelity":"literal","compressor.adders":3,"seed":1})");
    write("include.toml", "include = ['base.toml', 'small.toml']\nname = 'base'\n");
    const std::vector<std::string> set = {"fidelity=published", "compressor.adders=4", "layer.seed=2"};
    EXPECT_EQ(all.scenario(7), config::load_scenario(m_folder / "include.toml", set));
    EXPECT_EQ(all.scenario(7).plif.latency, 3U);  // of the file, over the preset
    EXPECT_EQ(all.scenario(15).plif.latency, 0U); // of the preset
    EXPECT_TRUE(all.scenario(15).tppe.laggy_ideal);
    EXPECT_FALSE(all.scenario(8).tppe.laggy_ideal);
    EXPECT_EQ(all.scenario(8).layer.channels, 16U);
}

TEST_F(sweep_points, what_only_a_point_makes_right_is_right)
{
    write("wide.toml", "workload.timesteps = 8\n");
    EXPECT_EQ(mistake("workloads = ['wide.toml']\n[axes]\ntppe.max_timesteps = [8]\n"), "");
}

TEST_F(sweep_points, rules_are_checked_at_every_point_before_anything_runs)
{
    const std::string told = mistake("[axes]\nxbar.latency = [1, 2]\ntppe.laggy_adders = [64, 256]\n");
    EXPECT_NE(told.find("case.toml:4: point 1 (xbar.latency = 1, tppe.laggy_adders = 256) and 1 more: "
                        "tppe.laggy_adders = 256 is more than the 128 bits"),
              std::string::npos)
        << told;
    EXPECT_NE(mistake("[axes]\nworkload.kind = ['network', 'layer']\n").find("workload.network is missing"),
              std::string::npos);
    write("net.toml", "workload.kind = 'network'\nworkload.network = 'a.nir'\nworkload.images = 'a.npy'\n");
    EXPECT_NE(mistake("workloads = ['net.toml']\nseeds = 2\n").find("nothing is drawn"), std::string::npos);
    write("bad.toml", "tppe.cout = 3\n");
    EXPECT_NE(mistake("workloads = ['bad.toml']\n").find("bad.toml:1: unknown key 'tppe.cout'"), std::string::npos);
}

// SparTen wants a multiple of 8 tiles. As a point among others it is refused; alone it is a mistake.
TEST_F(sweep_points, what_one_accelerator_refuses_stops_no_others)
{
    points all(read("[axes]\naccelerator = [\"loas\", \"sparten-snn\"]\ntppe.count = [8, 12]\n"));
    EXPECT_EQ(all.refusal(0), "");
    EXPECT_EQ(all.refusal(1), "");
    EXPECT_EQ(all.refusal(2), "");
    EXPECT_NE(all.refusal(3).find("tppe.count = 12 is no multiple of 8"), std::string::npos) << all.refusal(3);
    const std::string told = mistake("[axes]\naccelerator = [\"sparten-snn\"]\ntppe.count = [9, 12]\n");
    EXPECT_NE(told.find("tppe.count = 9 is no multiple of 8"), std::string::npos) << told;
    EXPECT_NE(told.find("tppe.count = 12 is no multiple of 8"), std::string::npos) << told;
    write("net.toml", "workload.kind = 'network'\nworkload.network = 'a.nir'\nworkload.images = 'a.npy'\n");
    points blocks(read("workloads = ['net.toml']\n[axes]\naccelerator = ['loas', 'ptb']\nworkload.timesteps = [4, 8]\n"));
    EXPECT_EQ(blocks.refusal(1), ""); // in two blocks
    EXPECT_NE(blocks.refusal(3).find("ptb carries no potentials"), std::string::npos) << blocks.refusal(3);
}

TEST_F(sweep_points, paths_are_relative_to_the_sweep_and_shown_by_their_names)
{
    points all(read("[axes]\nlayer.spikes_file = ['a/x.npy', 'y.npy', '']\n"));
    EXPECT_EQ(all.scenario(0).layer.spikes_file, m_folder / "a" / "x.npy");
    EXPECT_EQ(all.axes(0).dump(), R"({"layer.spikes_file":"x.npy"})");
    EXPECT_TRUE(all.scenario(2).layer.spikes_file.empty());
}

TEST_F(sweep_points, the_fingerprint_knows_what_decides_on_the_results)
{
    const std::string text = "[axes]\ntppe.count = [4, 8]\n";
    const auto fingerprint = [&](const std::string& of) { return points(read(of)).fingerprint(""); };
    const std::string before = fingerprint(text);
    EXPECT_EQ(fingerprint("# as before\n" + text), before);
    EXPECT_NE(fingerprint("[axes]\ntppe.count = [4, 9]\n"), before);
    EXPECT_NE(fingerprint("keys = ['totals.cycles']\n" + text), before);
    EXPECT_NE(fingerprint(text + "[derived]\na = '1'\n"), before);
    write("base.toml", "[workload]\nkind = 'layer'\n[layer]\nchannels = 8\n");
    EXPECT_NE(fingerprint(text), before);
    write("base.toml", "[workload]\nkind = 'layers'\nlayers = 'net.toml'\n");
    write("net.toml", "layers = []\n");
    const std::string with_file = fingerprint(text);
    EXPECT_EQ(fingerprint(text), with_file);
    write("net.toml", "layers = [1]\n");
    EXPECT_NE(fingerprint(text), with_file);
    // Of several workloads the files of each.
    write("one.toml", "workload.layers = 'one_net.toml'\n");
    write("two.toml", "workload.layers = 'net.toml'\n");
    write("one_net.toml", "layers = []\n");
    const std::string of_two = fingerprint("workloads = ['one.toml', 'two.toml']\n" + text);
    write("one_net.toml", "layers = [1]\n");
    EXPECT_NE(fingerprint("workloads = ['one.toml', 'two.toml']\n" + text), of_two);
}

} // namespace
