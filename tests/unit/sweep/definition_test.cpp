// Sweep files: axes, zips, seeds, workloads, and every mistake a user can make.
#include "tests/unit/sweep/sweep_files.h"

#include "platform/kept_sweep/kept_sweep.h"

#include "platform/config/options.h"

namespace
{

using namespace sweep_test;
using sweep::definition;

class sweep_definition : public sweep_files
{
protected:
    /// The values of the axis of the given text, as TOML.
    std::string values(const std::string& axis) const
    {
        std::string out;
        const definition d = read("[axes]\n" + axis);
        for (const config::value& each : d.dimensions.at(0).columns.at(0).values)
            out += (out.empty() ? "" : " ") + config::to_toml(each);
        return out;
    }
    void expect_mistake(const std::string& text, const std::string& told) const
    {
        const std::string got = mistake(text);
        EXPECT_NE(got.find(told), std::string::npos) << "of: " << text << "\ntold: " << got;
    }
};

TEST_F(sweep_definition, lists_and_ranges)
{
    EXPECT_EQ(values("tppe.count = [4, 16, 8]"), "4 16 8");
    EXPECT_EQ(values("\"tppe.count\" = [4]"), "4");
    EXPECT_EQ(values("tppe.count = { from = 2, to = 9, step = 3 }"), "2 5 8");
    EXPECT_EQ(values("tppe.count = { from = 8, to = 2, step = -3 }"), "8 5 2");
    EXPECT_EQ(values("tppe.count = { from = 4, to = 16, count = 4 }"), "4 8 12 16");
    EXPECT_EQ(values("tppe.count = { from = 3, to = 30, factor = 2 }"), "3 6 12 24");
    EXPECT_EQ(values("cache.size_kib = { from = 64, to = 256, factor = 2 }"), "64 128 256");
    EXPECT_EQ(values("layer.weight_sparsity = { from = 0.1, to = 0.4, step = 0.1 }"), "0.1 0.2 0.3 0.4");
    EXPECT_EQ(values("layer.weight_sparsity = { from = 0, to = 1, count = 3 }"), "0.0 0.5 1.0");
    EXPECT_EQ(values("tppe.laggy_pipelined = [false, true]"), "false true");
    EXPECT_EQ(values("cache.policy = ['lru', 'random']"), "\"lru\" \"random\"");
}

TEST_F(sweep_definition, dimensions_stand_in_the_order_of_the_file)
{
    write("w1.toml", "layer.channels = 8");
    const definition d =
        read("seeds = 2\nworkloads = ['w1.toml']\n[[zip]]\ntppe.count = [1, 2]\ntppe.laggy_adders = [4, 8]\n"
             "[axes]\nxbar.latency = [1]\ncache.ways = [2, 4]\n");
    ASSERT_EQ(d.dimensions.size(), 5U);
    EXPECT_EQ(d.dimensions[0].columns[0].key, "workload");
    EXPECT_EQ(d.dimensions[1].columns[0].key, "xbar.latency");
    EXPECT_EQ(d.dimensions[2].columns[0].key, "cache.ways");
    EXPECT_EQ(d.dimensions[3].columns.size(), 2U);
    EXPECT_EQ(d.dimensions[4].columns[0].key, "seed");
}

TEST_F(sweep_definition, mistakes_of_axes)
{
    expect_mistake("[axes]\ntppe.cuont = [1]", "case.toml:3: unknown key 'tppe.cuont'; did you mean 'tppe.count'?");
    expect_mistake("[axes]\ntpe.count = [1]", "did you mean 'tppe.count'?");
    expect_mistake("[axes]\ntppe.count = 4", "case.toml:3: tppe.count: expected a list [...] or a range");
    expect_mistake("[axes]\ntppe.count = []", "the list is empty");
    expect_mistake("[axes]\ntppe.count = [4, 'x']", "expected an integer, found the text \"x\"");
    expect_mistake("[axes]\ntppe.count = [0]", "tppe.count = 0 is out of range; allowed: ");
    expect_mistake("[axes]\ntppe.count = [4, 4]", "tppe.count: 4 stands twice");
    expect_mistake("[axes]\ncache.size_kib = { from = 64, to = 256, step = 64 }",
                   "cache.size_kib = 192 is out of range");
    expect_mistake("[axes]\ntppe.count = { from = 4, to = 8 }", "needs from, to and one of step, count and factor");
    expect_mistake("[axes]\ntppe.count = { from = 4, to = 8, stpe = 1 }", "did you mean 'step'?");
    expect_mistake("[axes]\ntppe.count = { from = 4, to = 8, step = 1, count = 3 }",
                   "only one of step, count and factor");
    expect_mistake("[axes]\ntppe.count = { from = 4, to = 8, step = 0 }", "one does not come from 4 to 8");
    expect_mistake("[axes]\ntppe.count = { from = 4, to = 8, step = -1 }", "one does not come from 4 to 8");
    expect_mistake("[axes]\ntppe.count = { from = 4, to = 8, count = 4 }", "not all integers");
    expect_mistake("[axes]\ntppe.count = { from = 4, to = 8, count = 1 }",
                   "a count of 2 or more between different ends");
    expect_mistake("[axes]\ntppe.count = { from = 4, to = 4, count = 3 }",
                   "a count of 2 or more between different ends");
    expect_mistake("[axes]\ntppe.count = { from = 4, to = 8, factor = 1 }", "a factor of more than 1");
    expect_mistake("[axes]\ntppe.count = { from = 4, to = 8, factor = 1.5 }", "factor: expected an integer");
    expect_mistake("[axes]\nlayer.seed = { from = 1, to = 2000000, step = 1 }", "more than 1000000 values");
    expect_mistake("[axes]\nlayer.weight_sparsity = { from = nan, to = 1, count = 3 }", "out of range");
    expect_mistake("[axes]\ncache.policy = { from = 1, to = 2, step = 1 }", "here a list [...] is needed");
    expect_mistake("axes = 3", "'axes' is a table");
}

TEST_F(sweep_definition, mistakes_of_the_rest)
{
    expect_mistake("axis = 1", "case.toml:2: unknown key 'axis'; did you mean 'axes'?");
    expect_mistake("clock_mhz = 1", "what varies stands under [axes]");
    expect_mistake("[[zip]]\ntppe.count = [1, 2]\ntppe.laggy_adders = [4]",
                   "case.toml:4: zip: tppe.laggy_adders has 1 values");
    expect_mistake("[axes]\ntppe.count = [1]\n[[zip]]\ntppe.count = [1]", "tppe.count varies twice");
    expect_mistake("seeds = 0", "seeds: expected a number of seeds");
    expect_mistake("seeds = 2\n[axes]\nlayer.seed = [1]", "seeds and layer.seed: only one");
    expect_mistake("workloads = ['none.toml']", "case.toml:2: workloads: no such scenario file: 'none.toml'");
    fs::create_directories(m_folder / "result");
    expect_mistake("workloads = ['result']", "case.toml:2: workloads: not a scenario file, nor a folder of a result: 'result'");
    write("result/scenario.toml", "[workload]\nkind = 'layer'\n");
    EXPECT_EQ(mistake("workloads = ['result']"), "") << "a result's folder stands for its scenario, as for loas-vp run";
    expect_mistake("workloads = [3]", "expected a text in quotes");
    expect_mistake("base = 'x'", "base"); // given twice
    expect_mistake("constraints = ['tppe.count < 3']", "'tppe.count' is neither an axis nor a figure of a result");
    expect_mistake("constraints = [\n'tppe.coun < 3',\n]\n[axes]\ntppe.count=[1]",
                   "case.toml:3: \"tppe.coun < 3\": 'tppe.coun' is neither an axis nor a figure of a result; did you mean "
                   "'tppe.count'?");
    expect_mistake("constraints = ['cache.policy < 3']\n[axes]\ncache.policy=['lru']",
                   "the values of cache.policy are no numbers");
    expect_mistake("constraints = ['1 +']", "column 4");
    expect_mistake("constraints = ['tppe.count > 3']\n[axes]\ntppe.count=[1, 2]",
                   "case.toml:2: the constraints leave no point of 2");
    expect_mistake("[derived]\nx = 'total.cycles'", "did you mean 'totals.cycles'?");
    expect_mistake("[derived]\nx = 'cycles'", "did you mean 'totals.cycles'?");
    expect_mistake("[derived]\nx = 3", "derived.x: expected a text in quotes");
    expect_mistake("keys = ['totals.cycle']",
                   "keys: 'totals.cycle' is no figure of a result; did you mean 'totals.cycles'?");
    expect_mistake("[axes]\nlayer.seed = {from=1, to=2000, step=1}\nworkload.seed = {from=1, to=2000, step=1}",
                   "at most 1000000 can be swept");
    expect_mistake("not toml", "case.toml:2:");
    EXPECT_EQ(mistake("keys = [\"layers.a.b.cycles\"]\n[derived]\nx = \"'layers.V-L8.cycles' / totals.cycles\""), "");
    EXPECT_THROW(read("", {"nonsense"}), text::user_error);
    EXPECT_THROW(sweep::read_definition(m_folder, {}), text::user_error);
    EXPECT_THROW(sweep::read_definition(m_folder / "none", {}), text::user_error);
    EXPECT_THROW(sweep::read_definition("/dev/zero", {}), text::user_error);
}

TEST_F(sweep_definition, at_most_ten_mistakes_are_told_in_the_order_of_the_file)
{
    std::string text = "[axes]\n";
    for (char c = 'a'; c <= 'm'; ++c)
        text += std::string("tppe.") + c + "zzzzzz = [1]\n";
    const std::string told = mistake(text);
    EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 10);
    EXPECT_NE(told.find("... and 3 more"), std::string::npos);
    EXPECT_LT(told.find("case.toml:3"), told.find("case.toml:4"));
}

TEST_F(sweep_definition, written_out_it_is_the_same_sweep)
{
    write("w1.toml", "layer.channels = 8");
    fs::create_directory(m_folder / "other");
    sweep::points first(
        read("seeds = 2\nworkloads = ['w1.toml']\nkeys = ['totals.cycles']\nconstraints = ['seed != 3']\n"
             "[[zip]]\ntppe.count = [1, 1]\ntppe.laggy_adders = [4, 8]\n[axes]\n"
             "layer.weight_sparsity = {from=0.1, to=0.3, step=0.1}\ncache.policy=['lru', 'random']\n"
             "[derived]\n\"a b\" = 'totals.cycles / tppe.count'\n"));
    const fs::path again = m_folder / "other" / "again.toml";
    std::ofstream(again) << to_toml(first.sweep());
    sweep::points second(sweep::read_definition(again, {"totals.cycles"}));
    ASSERT_EQ(first.size(), 24U);
    ASSERT_EQ(second.size(), first.size());
    EXPECT_EQ(second.fingerprint("x"), first.fingerprint("x"));
    EXPECT_NE(second.fingerprint("x"), first.fingerprint("y"));
    for (std::size_t i = 0; i < first.size(); ++i) {
        EXPECT_EQ(first.scenario(i), second.scenario(i));
        EXPECT_EQ(first.axes(i), second.axes(i));
    }
}

TEST_F(sweep_definition, kept_beside_its_points_it_can_be_moved)
{
    for (const char* folder : {"a", "b", "a/included"})
        fs::create_directory(m_folder / folder);
    write("a/included/more.toml", "fidelity = 'published'\n[workload]\nkind = 'layer'\n[layer]\nbias_file = 'bias.npy'\n");
    write("a/included/bias.npy", "of the base");
    write("a/own.toml", "include = 'included/more.toml'\nclock_mhz = 500\n");
    write("z.toml", "layer.channels = 8");
    write("b/a.toml", "layer.bias_file = 'bias.npy'");
    write("b/bias.npy", "of a workload");
    write("weights.npy", "x");
    write("a/weights2.npy", "y");
    write("sweep.toml", "base = 'a/own.toml'\nworkloads = ['z.toml', 'b/a.toml']\n[axes]\nfidelity = ['literal', 'published']\n"
                        "layer.weights_file = ['weights.npy', 'a/weights2.npy']\n");
    sweep::points first(sweep::read_definition(m_folder / "sweep.toml", {"totals.cycles"}));
    const std::string fingerprint = first.fingerprint("x"); // the bytes of all files included
    const fs::path out = m_folder / "out", mailed = m_folder / "mailed";
    fs::create_directory(out);
    const kept_sweep::copies kept(first.sweep());
    kept.write(out);
    std::ofstream(out / "sweep.toml") << kept.toml();
    fs::rename(out, mailed);
    for (const char* gone : {"a", "b", "z.toml", "weights.npy"})
        fs::remove_all(m_folder / gone);
    for (const fs::directory_entry& each : fs::recursive_directory_iterator(mailed))
        if (each.is_regular_file()) {
            EXPECT_EQ(text_of(each.path()).find(m_folder.string()), std::string::npos) << each.path();
        }
    sweep::points second(sweep::read_definition(mailed / "sweep.toml", {"totals.cycles"}));
    ASSERT_EQ(second.size(), 8U);
    EXPECT_EQ(second.fingerprint("x"), fingerprint);
    for (std::size_t i = 0; i < first.size(); ++i) {
        EXPECT_EQ(config::effective_values(first.scenario(i)), config::effective_values(second.scenario(i)));
        EXPECT_EQ(first.axes(i), second.axes(i));
    }
    EXPECT_EQ(text_of(second.scenario(6).layer.bias_file), "of a workload");
    EXPECT_EQ(text_of(second.scenario(0).layer.bias_file), "of the base");
    EXPECT_EQ(kept_sweep::copies(second.sweep()).toml(), kept.toml()) << "it may be swept into its own folder";
    kept_sweep::copy_kept(mailed, m_folder / "merged");
    EXPECT_EQ(text_of(m_folder / "merged/inputs/axes/layer.weights_file/weights2.npy"), "y");
}

} // namespace
