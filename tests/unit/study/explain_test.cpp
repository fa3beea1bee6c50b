// What could be ideal, of every design: parameters that the design has, causes that the result file has.
#include "platform/study/explain.h"

#include "platform/text/user_error.h"

#include "models/observe/counters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace loas;

namespace
{

std::vector<study::bound> bounds_of(const std::string& accelerator, const std::string& fidelity = "literal")
{
    return study::bounds_of(config::default_scenario({"accelerator=" + accelerator, "fidelity=" + fidelity}));
}

std::set<std::string> names_of(const std::vector<study::bound>& bounds)
{
    std::set<std::string> names;
    for (const study::bound& each : bounds)
        names.insert(each.name);
    return names;
}

const std::set<std::string> of_memory = {"crossbars", "DRAM", "cache misses", "memory as a whole", "all of these"};

} // namespace

TEST(explain, each_design_has_bounds_of_its_own)
{
    const std::map<std::string, std::set<std::string>> expected = {
        {"loas", {"laggy prefix-sum", "empty joins", "imbalance between rows", "idle tiles", "output compressor"}},
        {"loas-nmtk", {"laggy prefix-sum", "empty joins", "imbalance between rows", "idle tiles", "output compressor"}},
        {"sparten-snn", {"empty joins", "chunk buffers", "neurons and compressor"}},
        {"gospa-snn", {"stream of spikes", "imbalance between PEs", "neurons and compressor"}},
        {"gamma-snn", {"fill of the merger", "rounds of merging", "neurons and compressor"}},
        {"dense-snn", {"neurons and compressor"}},
        {"spinalflow", {"fill of the mergers", "neurons and compressor"}},
        {"ptb", {"neurons and compressor"}},
        {"stellar", {"neurons and compressor"}},
    };
    for (auto [accelerator, names] : expected) {
        names.insert(of_memory.begin(), of_memory.end());
        EXPECT_EQ(names_of(bounds_of(accelerator)), names) << accelerator;
    }
    EXPECT_EQ(names_of(bounds_of("gamma-snn", "published")),
              (std::set<std::string>{"imbalance between rows", "all of these"}));
    EXPECT_EQ(names_of(bounds_of("loas-nmtk", "published")),
              (std::set<std::string>{"imbalance between columns", "all of these"}));
    const auto of_spread = [](const std::string& word) {
        return names_of(study::bounds_of(config::default_scenario({"scheduler.spread=" + word}))).count("idle tiles");
    };
    EXPECT_EQ(of_spread("auto"), 1u); // larger layers are left as they are
    EXPECT_EQ(of_spread("columns"), 0u);
}

TEST(explain, bounds_name_causes_and_parameters_that_exist)
{
    for (const designs::design* each_design : designs::all()) {
        const std::string accelerator(each_design->word);
        const config::scenario base = config::default_scenario({"accelerator=" + accelerator});
        for (const study::bound& each : study::bounds_of(base)) {
            EXPECT_NO_THROW(config::overridden(base, each.overrides)) << accelerator << ": " << each.name;
            for (const std::string& cause : each.causes) {
                bool known = false;
                for (std::size_t i = 0; i < observe::counter_count; ++i) {
                    const observe::counter_info& info = observe::info_of(static_cast<observe::counter>(i));
                    known = known || (info.group == "stall_cycles" && info.name == cause);
                }
                EXPECT_TRUE(known) << accelerator << ": " << cause;
            }
        }
    }
}

namespace
{

using observe::counter;

results::run_result of_cycles(std::uint64_t cycles)
{
    results::run_result result;
    result.scenario = "example";
    result.timing = "at";
    result.golden_checked = true;
    result.layers.resize(1);
    result.layers[0].name = "one";
    result.layers[0].counters[counter::cycles] = cycles;
    return result;
}

/// 2 tiles, 100 cycles: shares are of 200.
results::run_result finished_run()
{
    results::run_result result = of_cycles(100);
    observe::counter_set& of = result.layers[0].counters;
    of[counter::busy_cycles] = 80;
    of[counter::stall_idle] = 10;
    of[counter::stall_waiting_a] = 20;
    of[counter::stall_waiting_b] = 30;
    of[counter::stall_write_back] = 4;
    of[counter::stall_dram_refresh] = 6;
    of[counter::stall_partial_sums] = 50;
    of[counter::cache_hits_a_mask] = 30;
    of[counter::cache_misses_a_mask] = 10;
    of[counter::cache_hits_a_words] = 10;
    of[counter::cache_hits_b_weights] = 1;
    of[counter::cache_misses_b_weights] = 3;
    of[counter::cache_hits_bias] = 1000; // no row and no column
    of[counter::cache_hits_partial_sums] = 9;
    of[counter::cache_misses_partial_sums] = 1;
    return result;
}

const std::vector<study::bound> two_bounds = {{"operands", "", {}, {"waiting_a", "waiting_b"}},
                                              {"outputs", "", {}, {"write_back"}},
                                              {"all of these", "", {}, {}}};

study::explanation explained_by_hand(const std::vector<std::uint64_t>& cycles)
{
    std::vector<results::run_result> reruns;
    for (const std::uint64_t each : cycles)
        reruns.push_back(of_cycles(each));
    return study::explained_by(config::default_scenario({"accelerator=gamma-snn", "tppe.count=2"}), two_bounds,
                               finished_run(), reruns);
}

} // namespace

TEST(explain, shares_by_hand)
{
    const study::explanation explained = explained_by_hand({100, 90, 70, 60});
    ASSERT_EQ(explained.layers.size(), 1u);
    const study::layer_explanation& of = explained.layers[0];
    EXPECT_EQ(of.cycles, 100u);
    EXPECT_DOUBLE_EQ(of.busy_share, 0.4);
    EXPECT_DOUBLE_EQ(of.idle_share, 0.05);
    EXPECT_EQ(of.zero_share, 0);
    using shares = std::vector<std::pair<std::string, double>>;
    EXPECT_EQ(of.waits,
              (shares{{"A", 0.1}, {"B", 0.15}, {"write-back", 0.02}, {"DRAM refresh", 0.03}, {"sums", 0.25}}));
    EXPECT_EQ(of.misses, (shares{{"A", 0.2}, {"B", 0.75}, {"C", 0}, {"sums", 0.1}}));
    ASSERT_EQ(of.bounds.size(), 2u);
    EXPECT_EQ(of.bounds[0].name, "outputs"); // what costs most comes first
    EXPECT_EQ(of.bounds[0].cycles_without, 70u);
    EXPECT_DOUBLE_EQ(of.bounds[0].lost_share, 0.02);
    EXPECT_EQ(of.bounds[1].cycles_without, 90u);
    EXPECT_DOUBLE_EQ(of.bounds[1].lost_share, 0.25);
    EXPECT_EQ(of.cycles_without_all, 60u);

    const std::string text = to_text(explained);
    for (const char* line :
         {"\none: 100 cycles, bound by outputs\n", "add matches in 40.0 % of their cycles; 5.0 % pass in tiles without",
          "They wait for memory: A 10.0 %, B 15.0 %, write-back 2.0 %, DRAM refresh 3.0 %, sums 25.0 %.\n",
          "Of the accesses to the cache miss: A 20.0 %, B 75.0 %, C 0.0 %, sums 10.0 %.\n",
          "  outputs                  2.0 % of the tiles' cycles; ideal, it takes          70 (30.0 % less)\n",
          "  operands                25.0 % of the tiles' cycles; ideal, it takes          90 (10.0 % less)\n"})
        EXPECT_NE(text.find(line), std::string::npos) << line << "in\n" << text;
}

TEST(explain, what_no_ideal_unit_makes_faster_is_bound_by_its_matches)
{
    const std::string text = to_text(explained_by_hand({100, 104, 100, 99}));
    EXPECT_NE(text.find("bound by its matches alone (compute)"), std::string::npos) << text;
    EXPECT_NE(text.find("it takes         104 (4.0 % more)"), std::string::npos) << text;
    EXPECT_EQ(text.find("  outputs "), std::string::npos) << "nothing to tell of\n" << text;
    EXPECT_NE(text.find("all of these ideal"), std::string::npos);
}

TEST(explain, another_run_is_refused)
{
    EXPECT_THROW(explained_by_hand({101, 90, 70, 60}), text::user_error);
}

TEST(explain, tells_how_far_sums_went)
{
    study::explanation explained{"x", "at", "equal", {}};
    explained.layers.emplace_back().ranges = {{"sums", 2048, 12, 3}};
    EXPECT_NE(
        study::to_text(explained).find("Largest of the sums: 2,048 of the 2,047 that 12 bits hold; 3 neurons leave"),
        std::string::npos);
    EXPECT_NE(study::to_json(explained).find("\"neurons_beyond\": 3"), std::string::npos);
}
