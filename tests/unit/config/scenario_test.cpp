// Scenario files: order of precedence, includes, presets, and every mistake a user can make.
#include "tests/unit/config/scenario_files.h"

#include "platform/config/options.h"

#include <algorithm>
#include <string>
#include <vector>

namespace
{

using namespace config_test;

// --- what loads -------------------------------------------------------------------------------------------------

TEST_F(scenario_files, an_empty_file_gives_the_defaults_and_its_stem_as_name)
{
    scenario expected;
    expected.name = "case";
    EXPECT_EQ(load(""), expected);
    EXPECT_EQ(load("").tppe.count, 16U);
    EXPECT_EQ(load("name = 'mine'").name, "mine");
}

TEST_F(scenario_files, every_kind_of_value_is_read)
{
    const scenario s = load("clock_mhz = 1_000\n[tppe]\nlaggy_ideal = true\n[memory]\nbandwidth_gb_per_s = 64\n"
                            "backend = 'ideal'\n[workload]\ninput_scale = 0.25\n");
    EXPECT_EQ(s.clock_mhz, 1000);
    EXPECT_TRUE(s.tppe.laggy_ideal);
    EXPECT_EQ(s.memory.bandwidth_gb_per_s, 64.0);
    EXPECT_EQ(s.memory.backend, "ideal");
    EXPECT_EQ(s.workload.input_scale, 0.25);
    EXPECT_EQ(load("tppe.count = 8").tppe.count, 8U);
    EXPECT_EQ(load("tppe = { count = 8 }").tppe.count, 8U);
}

TEST_F(scenario_files, later_wins_default_preset_include_file_override)
{
    // plif.latency: default 1, preset 0; each layer adds one more change.
    write("base.toml", "[plif]\nlatency = 2\n[compressor]\nadders = 3\n[queue]\nentries = 8\n");
    EXPECT_EQ(load("").plif.latency, 1U);
    EXPECT_EQ(load("fidelity = 'published'").plif.latency, 0U);
    EXPECT_EQ(load("fidelity = 'published'\ninclude = 'base.toml'").plif.latency, 2U);
    const std::string file = "include = 'base.toml'\nfidelity = 'published'\n[plif]\nlatency = 4\n";
    EXPECT_EQ(load(file).plif.latency, 4U);
    EXPECT_EQ(load(file).compressor.adders, 3U);
    EXPECT_EQ(load(file, {"plif.latency=5", "plif.latency = 6"}).plif.latency, 6U);
    EXPECT_EQ(load(file).queue.entries, 8U);
}

TEST_F(scenario_files, the_preset_is_that_of_the_fidelity_in_force)
{
    const scenario p = load("fidelity = 'literal'", {"fidelity=published"});
    EXPECT_EQ(p.tppe.empty_join_cycles, 0U);
    EXPECT_TRUE(p.tppe.laggy_ideal);
    EXPECT_EQ(p.tppe.accumulator_sets, 32U);
    EXPECT_EQ(p.tppe.columns_per_sync, 0U);
    EXPECT_EQ(p.plif.latency, 0U);
    EXPECT_EQ(p.compressor.adders, 0U);
    EXPECT_EQ(p.memory.backend, "ideal");
    EXPECT_EQ(p.tppe.weight_buffer_bytes, 65536U);
    EXPECT_EQ(load("fidelity = 'published'", {"fidelity=literal"}).tppe.accumulator_sets, 1U);
    EXPECT_EQ(default_scenario({"fidelity=published"}).tppe.accumulator_sets, 32U);
    EXPECT_EQ(default_scenario().name, "default");
}

TEST_F(scenario_files, presets_have_allowed_values)
{
    scenario s;
    std::size_t preset = 0;
    for (const option& o : options_of(s)) {
        if (!o.published)
            continue;
        ++preset;
        EXPECT_EQ(o.get().index(), o.published->index()) << o.key;
        EXPECT_EQ(o.problem(*o.published), "") << o.key;
    }
    EXPECT_GT(preset, 10U);
}

TEST_F(scenario_files, paths_are_relative_to_the_file_in_which_they_stand)
{
    write("deep/er/base.toml", "[workload]\nnetwork = '../net.nir'\nlabels = '/abs/./l.npy'\n");
    const scenario s = load("include = 'deep/er/base.toml'\nworkload.images = 'x/../i.npy'");
    const fs::path here = fs::absolute(m_folder);
    EXPECT_EQ(s.workload.network, here / "deep/net.nir");
    EXPECT_EQ(s.workload.images, here / "i.npy");
    EXPECT_EQ(s.workload.labels, "/abs/l.npy");
    EXPECT_EQ(load("", {"workload.images=here.npy"}).workload.images, fs::current_path() / "here.npy");
    EXPECT_EQ(load("workload.images = 'a'", {"workload.images="}).workload.images, "");
}

TEST_F(scenario_files, includes_form_chains_arrays_and_diamonds)
{
    write("a.toml", "include = 'sub/b.toml'\n[tppe]\ncount = 2\n");
    write("sub/b.toml", "include = '../c.toml'\n[tppe]\ncount = 3\nfifo_depth = 3\n");
    write("c.toml", "[tppe]\ncount = 4\nfifo_depth = 4\nfast_latency = 4\n");
    const scenario s = load("include = ['c.toml', 'a.toml']");
    EXPECT_EQ(s.tppe.count, 2U);
    EXPECT_EQ(s.tppe.fifo_depth, 3U);
    EXPECT_EQ(s.tppe.fast_latency, 4U);
    EXPECT_EQ(load("include = ['a.toml', 'c.toml']").tppe.count, 4U); // the later include wins
    EXPECT_EQ(load("include = []").tppe.count, 16U);
}

// --- mistakes ---------------------------------------------------------------------------------------------------

TEST_F(scenario_files, syntax_errors_have_file_line_and_column)
{
    EXPECT_EQ(mistake("\n[tppe\n").rfind("case.toml:2:6: ", 0), 0U) << mistake("\n[tppe\n");
    const std::string twice = mistake("[tppe]\ncount = 1\ncount = 2\n");
    EXPECT_EQ(twice.rfind("case.toml:3:", 0), 0U) << twice;
    EXPECT_TRUE(contains(twice, "count")) << twice;
    EXPECT_EQ(mistake("name = \"\xff\"\n").rfind("case.toml:1:", 0), 0U);
}

TEST_F(scenario_files, unknown_keys_and_tables_name_the_nearest)
{
    EXPECT_EQ(mistake("[tppe]\n\ncuont = 3\n"), "case.toml:3: unknown key 'tppe.cuont'; did you mean 'tppe.count'?");
    EXPECT_EQ(mistake("[tpe]\ncount = 3\n"), "case.toml:1: unknown table 'tpe'; did you mean 'tppe'?");
    EXPECT_EQ(mistake("tpe.count = 3\n"), "case.toml:1: unknown table 'tpe'; did you mean 'tppe'?");
    EXPECT_EQ(mistake("[tppe]\nentries = 4"), "case.toml:2: unknown key 'tppe.entries'; did you mean 'queue.entries'?");
    EXPECT_EQ(mistake("fifo_depth = 4"), "case.toml:1: unknown key 'fifo_depth'; did you mean 'tppe.fifo_depth'?");
    EXPECT_EQ(mistake("clock = 4\n"), "case.toml:1: unknown key 'clock'; did you mean 'clock_mhz'?");
    EXPECT_EQ(mistake("memory.bandwidth = 4\n"),
              "case.toml:1: unknown key 'memory.bandwidth'; did you mean 'memory.bandwidth_gb_per_s'?");
    EXPECT_EQ(mistake("clok_mhz = 4\n"), "case.toml:1: unknown key 'clok_mhz'; did you mean 'clock_mhz'?");
    EXPECT_EQ(mistake("includes = 'x'\n"), "case.toml:1: unknown key 'includes'; did you mean 'include'?");
    EXPECT_EQ(mistake("\"tppe.count\" = 4\n"), "case.toml:1: unknown key '\"tppe.count\"'; did you mean 'tppe.count'?");
    EXPECT_EQ(mistake("[nothing_like_it]\nx = 1"),
              "case.toml:1: unknown table 'nothing_like_it'; the tables are "
              "workload, layer, tppe, plif, compressor, scheduler, "
              "nmtk, sparten, gospa, gamma, dense, spinalflow, ptb, stellar, memory, xbar, cache, dram, energy, cpu, uart, queue, run");
    EXPECT_EQ(mistake("[tppe.deep]\ncount = 1"), "case.toml:1: unknown key 'tppe.deep'");
    EXPECT_EQ(mistake("\"\" = 1"), "case.toml:1: unknown key '\"\"'");
}

TEST_F(scenario_files, wrong_types_say_what_was_expected_and_found)
{
    EXPECT_EQ(mistake("[tppe]\ncount = \"many\""),
              "case.toml:2: tppe.count: expected an integer, found the text \"many\"");
    EXPECT_EQ(mistake("tppe.count = 4.0"), "case.toml:1: tppe.count: expected an integer, found the number 4.0");
    EXPECT_EQ(mistake("run.golden = 1"), "case.toml:1: run.golden: expected true or false, found the integer 1");
    EXPECT_EQ(mistake("memory.bandwidth_gb_per_s = true"),
              "case.toml:1: memory.bandwidth_gb_per_s: expected a number, found true");
    EXPECT_EQ(mistake("name = [1]"), "case.toml:1: name: expected a text in quotes, found an array");
    EXPECT_EQ(mistake("name = 2024-01-01"), "case.toml:1: name: expected a text in quotes, found a date or time");
    EXPECT_EQ(mistake("[tppe.count]"), "case.toml:1: tppe.count: expected an integer, found a table");
    EXPECT_EQ(mistake("tppe = 3"), "case.toml:1: 'tppe' is a table, written [tppe]; found the integer 3");
    EXPECT_EQ(mistake("[[tppe]]"), "case.toml:1: 'tppe' is a table, written [tppe]; found an array");
}

TEST_F(scenario_files, values_out_of_range_say_range_and_unit)
{
    EXPECT_EQ(mistake("[tppe]\ncount = 0"), "case.toml:2: tppe.count = 0 is out of range; allowed: 1..1024 TPPEs");
    EXPECT_EQ(mistake("[queue]\nentries = 48"),
              "case.toml:2: queue.entries = 48 is out of range; allowed: power of two in 2..4096 entries");
    EXPECT_EQ(mistake("tppe.chunk_bits = 100"),
              "case.toml:1: tppe.chunk_bits = 100 is out of range; allowed: power of two in 64..512 bits");
    EXPECT_EQ(mistake("memory.bandwidth_gb_per_s = 0"),
              "case.toml:1: memory.bandwidth_gb_per_s = 0.0 is out of range; allowed: 0.001..100000 10^9 bytes/s");
    EXPECT_TRUE(contains(mistake("workload.input_scale = nan"), "nan is out of range"));
    EXPECT_TRUE(contains(mistake("workload.input_scale = -inf"), "-inf is out of range"));
    EXPECT_TRUE(contains(mistake("tppe.count = -9223372036854775808"), "is out of range; allowed: 1..1024"));
    EXPECT_TRUE(contains(mistake("name = \"a\\u0000b\""), "case.toml:1: name = \"a?b\" has a control character"));
}

TEST_F(scenario_files, wrong_words_list_the_allowed_ones)
{
    EXPECT_EQ(mistake("fidelity = 'litteral'"), "case.toml:1: fidelity = \"litteral\" is not known; "
                                                "allowed: literal, published; did you mean \"literal\"?");
    EXPECT_EQ(
        mistake("[memory]\nbackend = 'sram'"),
        "case.toml:2: memory.backend = \"sram\" is not known; allowed: dram, fixed, ideal; did you mean \"dram\"?");
}

TEST_F(scenario_files, overrides_are_checked_like_files)
{
    EXPECT_EQ(mistake("", {"tppe.count=abc"}), "--set tppe.count=abc: expected an integer, found 'abc'");
    EXPECT_EQ(mistake("", {"tppe.count="}), "--set tppe.count=: expected an integer, found ''");
    EXPECT_EQ(mistake("", {"tppe.count=3x"}), "--set tppe.count=3x: expected an integer, found '3x'");
    EXPECT_EQ(mistake("", {"run.golden=yes"}), "--set run.golden=yes: expected true or false, found 'yes'");
    EXPECT_EQ(mistake("", {"workload.time_step=1e"}), "--set workload.time_step=1e: expected a number, found '1e'");
    EXPECT_EQ(mistake("", {"tppe.cuont=3"}),
              "--set tppe.cuont=3: unknown key 'tppe.cuont'; did you mean 'tppe.count'?");
    EXPECT_EQ(mistake("", {"tppe.count"}), "--set tppe.count: expected key=value");
    EXPECT_EQ(mistake("", {"include=x.toml"}), "--set include=x.toml: include can stand only in a file");
    EXPECT_EQ(mistake("", {"tppe.count=0"}),
              "--set tppe.count=0: tppe.count = 0 is out of range; allowed: 1..1024 TPPEs");
    EXPECT_TRUE(contains(mistake("", {"tppe.count=99999999999999999999"}), "is out of range; allowed: 1..1024"));
    EXPECT_TRUE(contains(mistake("", {"name=\xff"}), "name is not valid UTF-8"));
    EXPECT_TRUE(contains(mistake("", {"cpu.completion=poling"}), "did you mean \"polling\"?"));
    EXPECT_EQ(load("", {" workload.time_step = 1e-4 "}).workload.time_step, 1e-4);
    EXPECT_EQ(load("", {"name=a=b"}).name, "a=b");
}

TEST_F(scenario_files, integers_are_written_as_in_toml)
{
    EXPECT_EQ(load("", {"layer.seed=0x1f"}).layer.seed, 31);
    EXPECT_EQ(load("", {"layer.seed=0b1_01"}).layer.seed, 5);
    EXPECT_EQ(load("", {"layer.seed=0o17"}).layer.seed, 15);
    EXPECT_EQ(load("", {"layer.threshold=-1_000"}).layer.threshold, -1000);
    for (const std::string wrong : {"0x", "0xg", "-0x1", "1__0", "_1", "1_", "0x_1", "+-1", "1f", "-"})
        EXPECT_EQ(mistake("", {"layer.seed=" + wrong}),
                  "--set layer.seed=" + wrong + ": expected an integer, found '" + wrong + "'");
    const std::string large = "0x1" + std::string(16, 'f'); // 65 bits
    EXPECT_EQ(mistake("", {"layer.seed=" + large}),
              "--set layer.seed=" + large + ": layer.seed = " + large + " is out of range; allowed: 0..4294967295");
    EXPECT_EQ(mistake("", {"layer.seed=0xfffffffff"}),
              "--set layer.seed=0xfffffffff: layer.seed = 0xfffffffff is out of range; allowed: 0..4294967295");
    const std::string in_file = mistake("layer.seed = " + large);
    EXPECT_TRUE(contains(in_file, "'" + large + "' is not representable in 64 bits")) << in_file;
    EXPECT_TRUE(contains(in_file, "-9223372036854775808..9223372036854775807")) << in_file;
}

TEST_F(scenario_files, another_option_is_named_as_it_was_typed)
{
    const auto by = [](const std::string& value) {
        return override_by("--host-timeout " + value, "run.host_timeout_s=" + value);
    };
    EXPECT_EQ(mistake("", {by("x")}), "--host-timeout x: expected a number, found 'x'");
    EXPECT_EQ(mistake("", {by("-1")}), "--host-timeout -1: -1 is out of range; allowed: 0..1000000000 s");
    EXPECT_EQ(mistake("", {by("1\n2")}), "--host-timeout 1?2: expected a number, found '1?2'");
    const scenario given = load("", {by("0.25")});
    EXPECT_EQ(given.run.host_timeout_s, 0.25);
    EXPECT_EQ(how_given(given, "run.host_timeout_s"), "--host-timeout 0.25");
    EXPECT_EQ(how_given(given, "tppe.count"), "tppe.count");
    EXPECT_TRUE(contains(how_given(load("run.host_timeout_s = 2"), "run.host_timeout_s"), "case.toml:1: run.host_timeout_s"));
    EXPECT_EQ(setting_of(by("3")), "run.host_timeout_s=3");
    EXPECT_EQ(setting_of("name=a\nb"), "name=a\nb");
}

TEST_F(scenario_files, include_mistakes_name_the_chain)
{
    EXPECT_EQ(mistake("\ninclude = 'gone.toml'"),
              "case.toml:2: no such scenario file: 'gone.toml' (included by case.toml -> gone.toml)");
    write("a.toml", "include = 'b.toml'");
    write("b.toml", "\n\ninclude = ['a.toml']");
    EXPECT_EQ(mistake_of(m_folder / "a.toml"), "b.toml:3: the files include each other: a.toml -> b.toml -> a.toml");
    EXPECT_EQ(mistake("include = './case.toml'"), "case.toml:1: the files include each other: case.toml -> case.toml");
    write("bad.toml", "x =");
    const std::string bad = mistake("include = 'bad.toml'");
    EXPECT_EQ(bad.rfind("bad.toml:1:", 0), 0U) << bad;
    EXPECT_TRUE(contains(bad, "(included by case.toml -> bad.toml)")) << bad;
    EXPECT_EQ(mistake("include = 3"),
              "case.toml:1: include: expected a file name in quotes, or an array of them, found the integer 3");
    EXPECT_TRUE(contains(mistake("include = ['']"), "case.toml:1: include: expected a file name"));
    EXPECT_TRUE(contains(mistake("include = \"a\\u0000\""), "case.toml:1: include: expected a file name"));
    EXPECT_TRUE(contains(mistake("include = '.'"), "is a folder"));
    // Two includes a level would be 2^20 files.
    for (int i = 0; i < 20; ++i) {
        const std::string next = "'n" + std::to_string(i + 1) + ".toml'";
        write("n" + std::to_string(i) + ".toml", "include = [" + next + ", " + next + "]");
    }
    write("n20.toml", "");
    EXPECT_TRUE(contains(mistake("include = 'n0.toml'"), "too many included files"));
}

TEST_F(scenario_files, unreadable_files_are_told_in_words)
{
    EXPECT_EQ(mistake_of(m_folder / "none.toml"), "no such scenario file: 'none.toml'");
    EXPECT_TRUE(contains(mistake_of(m_folder), "is a folder"));
    EXPECT_TRUE(contains(mistake_of(write("big.toml", std::string(2 << 20, '\n'))), "larger than any scenario"));
    EXPECT_TRUE(contains(mistake_of(std::string(5000, 'x')), "no such scenario file"));
    EXPECT_TRUE(contains(mistake_of(""), "no such scenario file"));
    EXPECT_TRUE(contains(mistake_of(write("results.json", " {\n}")), "results.json: JSON and no TOML; of a result"));
    EXPECT_TRUE(contains(mistake_of(write("big.npy", "\x93NUMPY" + std::string(2 << 20, ' '))), "an array of NumPy"));
}

TEST_F(scenario_files, rules_between_parameters)
{
    EXPECT_EQ(mistake("[workload]\ntimesteps = 8\nkind = 'layer'"),
              "case.toml:2: workload.timesteps = 8 is more than the hardware can hold (tppe.max_timesteps = 4); "
              "for wider hardware: --set tppe.max_timesteps=8");
    EXPECT_EQ(mistake("workload.timesteps = 8", {"tppe.max_timesteps=8"}), "");
    EXPECT_TRUE(contains(mistake("workload.kind = 'layer'", {"tppe.max_timesteps=2"}),
                         "--set tppe.max_timesteps=2: workload.timesteps = 4"));
    EXPECT_TRUE(contains(mistake("workload.kind = 'layer'", {"workload.timesteps=17"}), "only networks may have more than 16"));
    EXPECT_EQ(mistake("workload.timesteps = 256"), "") << "a network runs in blocks";
    EXPECT_TRUE(contains(mistake("workload.timesteps = 256", {"workload.single_spike_mask=true"}), "those of a block"));
    for (const design* each : designs()) {
        const std::string told = mistake("workload.timesteps = 17", {"accelerator=" + std::string(each->word)});
        EXPECT_EQ(told.empty(), each->carries_potentials || each->bytes) << told;
        EXPECT_TRUE(told.empty() || contains(told, "carries no potentials")) << told;
    }
    EXPECT_EQ(mistake("accelerator = 'sparten-ann'\nworkload.kind = 'layer'", {"tppe.max_timesteps=2"}), "") << "T is 1";
    EXPECT_TRUE(contains(mistake("accelerator = 'sparten-ann'\nworkload.network = 'n.nir'"),
                         "case.toml:1: sparten-ann runs layers of an ANN"));
    EXPECT_TRUE(contains(mistake("accelerator = 'sparten-ann'", {"workload.single_spike_mask=true"}), "takes bytes"));
    EXPECT_TRUE(contains(mistake("workload.timesteps = 0"), "allowed are 1..320"));
    EXPECT_TRUE(contains(mistake("[tppe]\nchunk_bits = 64\nlaggy_adders = 128"),
                         "case.toml:3: tppe.laggy_adders = 128 is more than the 64 bits of a chunk"));
    EXPECT_EQ(mistake("[tppe]\nchunk_bits = 128\nlaggy_adders = 128"), "");
    EXPECT_TRUE(contains(mistake("[tppe]\naccumulator_sets = 2\ncolumns_per_sync = 3"),
                         "case.toml:3: tppe.columns_per_sync = 3 is more than tppe.accumulator_sets = 2"));
    EXPECT_EQ(mistake("[tppe]\naccumulator_sets = 1\ncolumns_per_sync = 3"), "");
    EXPECT_TRUE(contains(mistake("fidelity = 'published'\n[tppe]\ncolumns_per_sync = 33"), "case.toml:3: "));
    EXPECT_TRUE(contains(mistake("[dram]\nwrite_low = 8\nwrite_high = 8"),
                         "case.toml:2: dram.write_low = 8 is more than what is below dram.write_high = 8"));
    EXPECT_EQ(mistake("[dram]\nwrite_low = 7\nwrite_high = 8\nread_window = 1"), "");
}

TEST_F(scenario_files, all_mistakes_are_told_at_once_top_down)
{
    write("base.toml", "[queue]\nentries = 3");
    EXPECT_EQ(mistake("include = 'base.toml'\n[tppe]\nfifo_depth = 0\ncount = 0\n[cpu]\nquantum = 1", {"x=1"}),
              "base.toml:2: queue.entries = 3 is out of range; allowed: power of two in 2..4096 entries\n"
              "case.toml:3: tppe.fifo_depth = 0 is out of range; allowed: 1..1024 entries\n"
              "case.toml:4: tppe.count = 0 is out of range; allowed: 1..1024 TPPEs\n"
              "case.toml:6: unknown key 'cpu.quantum'; did you mean 'cpu.quantum_ns'?\n"
              "--set x=1: unknown key 'x'");
    const std::string many = mistake("", std::vector<std::string>(25, "x=1"));
    EXPECT_EQ(std::count(many.begin(), many.end(), '\n'), 10);
    EXPECT_TRUE(contains(many, "\n... and 15 more"));
}

TEST_F(scenario_files, the_workload_can_be_required)
{
    EXPECT_NO_THROW(require_workload(load("workload = { network = 'n', images = 'i' }")));
    try {
        require_workload(load("workload.network = 'n'"));
        FAIL();
    } catch (const loas::text::user_error& e) {
        EXPECT_STREQ(e.what(), "scenario 'case': workload.images is missing: the input images (.npy); add it under "
                               "[workload], or --set workload.images=FILE");
    }
    EXPECT_THROW(require_workload(scenario{}), loas::text::user_error);
}

} // namespace
