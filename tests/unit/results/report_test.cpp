#include "platform/report/page.h"
#include "platform/results/result.h"
#include "platform/summary/summary.h"
#include "platform/results/tree.h"
#include "platform/text/user_error.h"
#include "tests/unit/results/example_result.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <functional>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace loas;
using observe::counter;
using test::example;

namespace
{

/// The same with all that a run has.
results::run_result complete_example()
{
    results::run_result result = example();
    config::scenario defaults;
    result.configuration = config::effective_values(defaults);
    result.take_conditions(defaults);
    for (results::layer_result& layer : result.layers) {
        layer.published.written_back_items = 9;
        layer.utilisation.record(0, 300, 90);
        layer.memory.access_latency_cycles[3] = 11;
        layer.memory.channels.resize(2);
        layer.memory.channels[0].reads = 7;
        layer.memory.channels[0].active_clocks = 3;
        layer.memory.channels[1].writes = 5;
        layer.memory.channels[1].queue_depth[2] = 1;
    }
    result.dram_channels = result.totals().memory.channels;
    result.timing = "at";
    return result;
}

} // namespace

TEST(result, ratios_by_hand)
{
    const results::layer_result layer = example().layers[0];
    EXPECT_DOUBLE_EQ(layer.spike_sparsity(), 1 - 60.0 / (2 * 100 * 4 * 3));
    EXPECT_DOUBLE_EQ(layer.silent_ratio(), 1 - 30.0 / (2 * 100 * 3));
    EXPECT_DOUBLE_EQ(layer.weight_sparsity(), 0.9);
    results::layer_result half = layer;
    half.counters[counter::cycles] = 10;
    half.counters[counter::busy_cycles] = 20;
    EXPECT_DOUBLE_EQ(results::utilisation(half, 4), 0.5);
    EXPECT_DOUBLE_EQ(results::utilisation({}, 4), 0.0);
}

TEST(result, json_holds_every_counter_and_totals_add_up)
{
    const nlohmann::json json = nlohmann::json::parse(results::to_json(example()));
    EXPECT_EQ(json["schema"], results::result_schema);
    EXPECT_EQ(json["golden"], "equal");
    EXPECT_EQ(json["simulated_ns"], 1234);
    EXPECT_EQ(json["accuracy"]["images"], 3);
    EXPECT_EQ(json["accuracy"]["correct"], 2);
    ASSERT_EQ(json["layers"].size(), 2u);
    for (std::size_t i = 0; i < observe::counter_count; ++i) {
        const observe::counter_info& info = observe::info_of(static_cast<counter>(i));
        const auto find = [&](const nlohmann::json& in) {
            return info.group.empty() ? in.at(std::string(info.name))
                                      : in.at(std::string(info.group)).at(std::string(info.name));
        };
        const auto one = find(json["layers"][0]).get<std::uint64_t>();
        EXPECT_EQ(one, 1000000007ULL * (i + 1));
        const std::uint64_t factor = info.rule == observe::merge::sum ? 2 : 1;
        EXPECT_EQ(find(json["totals"]).get<std::uint64_t>(), factor * one) << info.name;
    }
    EXPECT_EQ(json["totals"]["published_cycles"], 80);
    const nlohmann::json& stored = json["layers"][0]["stored"];
    EXPECT_EQ(stored["spikes"]["format"], "packed");
    EXPECT_EQ(stored["spikes"]["bytes"], 20);
    EXPECT_EQ(stored["spikes"]["dense_bytes"], 100);
    EXPECT_EQ(stored["spikes"]["efficiency"], 0.25);
    EXPECT_EQ(stored["weights"]["format"], "rows");
    EXPECT_EQ(json["totals"]["stored"]["weights"]["bytes"], 1400);
    EXPECT_EQ(json["totals"]["stored"]["weights"]["efficiency"], 4000.0 / 5600);
    const nlohmann::json& published = json["layers"][0]["published_traffic"];
    EXPECT_EQ(published["dram_bits"]["a"], 12);
    EXPECT_EQ(published["dram_bits"]["written_back_index"], 5);
    EXPECT_EQ(published["dram_bytes"], 17.0 / 8);
    EXPECT_EQ(published["sram_bytes"], 6.0 / 8);
    EXPECT_EQ(json["totals"]["published_traffic"]["dram_bits"]["a"], 24);
    EXPECT_EQ(json["totals"]["published_traffic"]["sram_bits"]["partial_sums"], 12);
    EXPECT_EQ(json["configuration"]["tppe.count"], 4);
    EXPECT_EQ(results::to_json(example()), results::to_json(example()));
}

TEST(result, json_has_the_timeline_of_what_recorded_one)
{
    results::run_result run = example();
    run.layers[0].utilisation.record(0, 100, 90);
    run.layers[0].utilisation.record(100, 200, 30);
    const nlohmann::json json = nlohmann::json::parse(results::to_json(run));
    const nlohmann::json& item = json["layers"][0]["utilisation"];
    EXPECT_EQ(item["cycles"], 200);
    EXPECT_EQ(item["slice_cycles"], 2);
    ASSERT_EQ(item["busy_tile_cycles"].size(), 100u);
    std::uint64_t sum = 0;
    for (const nlohmann::json& slice : item["busy_tile_cycles"])
        sum += slice.get<std::uint64_t>();
    EXPECT_EQ(sum, 120u);
    EXPECT_FALSE(json["layers"][1].contains("utilisation"));
    EXPECT_FALSE(json["totals"].contains("utilisation"));
}

// What is read is what was written: the same text again, with every value in it.
TEST(result, is_read_as_it_was_written)
{
    results::run_result run = complete_example();
    const std::string text = results::to_json(run);
    const results::run_result again = results::from_json_tree(nlohmann::ordered_json::parse(text));
    EXPECT_EQ(results::to_json(again), text);
    EXPECT_EQ(again.tiles, 16u);
    EXPECT_EQ(again.runs, 3u);
    EXPECT_EQ(again.layers[1].counters[counter::matches], run.layers[1].counters[counter::matches]);
    run.accuracy.labelled = false;
    run.golden_differences = {"here"};
    const std::string other = results::to_json(run);
    EXPECT_NE(other, text);
    EXPECT_EQ(results::to_json(results::from_json_tree(nlohmann::ordered_json::parse(other))), other);
}

// Each key is needed, and each must hold what it holds; the one to blame is named.
TEST(result, a_missing_or_wrong_key_is_named)
{
    const nlohmann::ordered_json whole = results::to_json_tree(complete_example());
    const auto problem = [](const nlohmann::ordered_json& tree) -> std::string {
        try {
            results::from_json_tree(tree);
        } catch (const results::tree_error& error) {
            return error.what();
        }
        return "";
    };
    ASSERT_EQ(problem(whole), "");
    std::size_t objects = 0;
    const std::function<void(const nlohmann::ordered_json::json_pointer&, const std::string&)> visit =
        [&](const nlohmann::ordered_json::json_pointer& at, const std::string& path) {
            ++objects;
            for (const auto& [key, value] : whole[at].items()) {
                const std::string name = path.empty() ? key : path + '.' + key;
                const bool optional = key == "published_traffic" || key == "utilisation" ||
                                      (path == "area_mm2.one_tile" && key != "total");
                nlohmann::ordered_json damaged = whole;
                damaged[at].erase(key);
                if (!optional) {
                    EXPECT_EQ(problem(damaged), name + " is missing");
                }
                damaged[at][key] = {{"an", "object"}};
                EXPECT_NE(problem(damaged).find(name), std::string::npos) << problem(damaged);
                if (value.is_object())
                    visit(at / key, name);
            }
        };
    visit(nlohmann::ordered_json::json_pointer(), "");
    visit(nlohmann::ordered_json::json_pointer("/layers/0"), "layers[0]");
    visit(nlohmann::ordered_json::json_pointer("/totals/dram_channels/1"), "totals.dram_channels[1]");
    EXPECT_GT(objects, 30u);
}

TEST(page, names_of_others_cannot_break_it)
{
    const std::string evil = "</script><script>alert(1)</script><!-- @SCRIPT@ @DATA@ & \"";
    nlohmann::ordered_json data;
    data["names"] = report::names_json();
    data["runs"] = {{{"label", evil + "\xff"}}}; // not even UTF-8
    const std::string page = report::to_page(evil, data);
    EXPECT_EQ(page, report::to_page(evil, data));
    const auto count = [&page](const std::string& text) {
        std::size_t found = 0;
        for (std::size_t at = page.find(text); at != std::string::npos; at = page.find(text, at + 1))
            ++found;
        return found;
    };
    EXPECT_EQ(count("<script"), 3u); // data, Chart.js and the page's own
    EXPECT_EQ(count("</script"), 3u);
    EXPECT_EQ(count("alert(1)"), 2u); // title and data, as texts
    EXPECT_EQ(count("@SCRIPT@"), 2u);
    EXPECT_EQ(count("@STYLE@"), 0u);
    EXPECT_EQ(count("<link"), 0u);
    EXPECT_GE(count("Released under the MIT License"), 1u); // Chart.js keeps its notice
    const std::size_t begin = page.find("id=\"data\">") + 10;
    const nlohmann::json back = nlohmann::json::parse(page.substr(begin, page.find("</script", begin) - begin));
    EXPECT_EQ(back["runs"][0]["label"].get<std::string>().substr(0, evil.size()), evil);
    EXPECT_EQ(back["names"]["counters"]["cycles"]["unit"], "cycles");
    EXPECT_EQ(back["names"]["energy"]["sram_read"]["group"], "SRAM");
}

TEST(result, json_has_energy_by_both_rules_area_and_power)
{
    results::run_result run = example();
    for (results::layer_result& layer : run.layers)
        layer.counters[counter::cycles] = 400; // 500 ns
    const nlohmann::json json = nlohmann::json::parse(results::to_json(run));
    const nlohmann::json& energy = json["layers"][0]["energy_pj"];
    double sum = 0;
    for (std::size_t i = 0; i < cost::energy_part_count; ++i) {
        const std::string name(cost::info_of(static_cast<cost::energy_part>(i)).name);
        EXPECT_EQ(energy.at(name), 1e6 * static_cast<double>(i + 1)) << name;
        EXPECT_EQ(json["totals"]["energy_pj"].at(name), 2e6 * static_cast<double>(i + 1)) << name;
        sum += energy.at(name).get<double>();
    }
    EXPECT_EQ(energy.size(), cost::energy_part_count + 1);
    EXPECT_DOUBLE_EQ(energy["total"], sum);
    EXPECT_EQ(json["layers"][1]["published_energy"].dump(),
              R"({"compute":4000.0,"dram":20.0,"leakage":1.0,"sram":300.0,"total":4321.0})");
    EXPECT_DOUBLE_EQ(json["totals"]["published_energy"]["total"], 2 * 4321);
    const nlohmann::json& area = json["area_mm2"];
    double all_of_it = 0;
    for (const char* part : {"tiles", "cache", "row_stores", "buffers", "rest"}) {
        EXPECT_GT(area[part].get<double>(), 0) << part;
        all_of_it += area[part].get<double>();
    }
    EXPECT_NEAR(all_of_it, area["total"], 1e-12);
    EXPECT_EQ(json["cache_leakage_mw"].dump(), R"({"cacti":126.5,"published":124.25})");
    EXPECT_NE(summary::to_table(run).find("Leakage of the cache: 124.2 mW as published, 126.5 by CACTI"),
              std::string::npos);
    const nlohmann::json& power = json["power_mw"];
    EXPECT_NEAR(power["on_chip"].get<double>() + power["dram"].get<double>(), 2 * sum / 1000, 1e-6 * sum);
    EXPECT_EQ(results::mean_power_mw(0, 0, 800), 0.0);
}

// Names and definitions stand in the page as in the program.
TEST(result, readme_lists_the_parts_of_the_energy)
{
    std::ifstream file(LOAS_SOURCE_DIR "/platform/results/README.md");
    std::stringstream page;
    page << file.rdbuf();
    for (std::size_t i = 0; i < cost::energy_part_count; ++i) {
        const cost::energy_part_info& info = cost::info_of(static_cast<cost::energy_part>(i));
        const std::string row = "| `" + std::string(info.name) + "` | " + std::string(info.definition) + " |";
        EXPECT_NE(page.str().find(row), std::string::npos) << "missing row: " << row;
    }
    for (const cost::component& part : cost::published_tppe())
        EXPECT_NE(page.str().find("`" + std::string(part.name) + "`"), std::string::npos) << part.name;
}

TEST(result, a_difference_is_said)
{
    results::run_result result = example();
    result.golden_differences = {"b, run 2: pixel 0, channel 1: spikes 0x1 instead of 0x2"};
    EXPECT_EQ(result.golden(), "different");
    EXPECT_NE(summary::to_table(result).find("0x1 instead of 0x2"), std::string::npos);
    EXPECT_TRUE(result.golden_failed());
    result.golden_checked = false;
    EXPECT_EQ(result.golden(), "not checked");
    EXPECT_FALSE(result.golden_failed());
    result.accuracy.labelled = false;
    EXPECT_TRUE(nlohmann::json::parse(results::to_json(result))["accuracy"]["correct"].is_null());
}

TEST(result, what_could_not_be_compared_is_no_difference_and_not_equal)
{
    results::run_result result = complete_example();
    EXPECT_EQ(result.golden(), "equal");
    EXPECT_FALSE(result.golden_failed());
    results::run_result part = example();
    part.golden_unchecked = {"layer with cookie 3: too large"};
    result.append(part);
    EXPECT_EQ(result.golden(), "incomplete");
    EXPECT_TRUE(result.golden_failed());
    const std::string text = results::to_json(result);
    EXPECT_EQ(results::to_json(results::from_json_tree(nlohmann::ordered_json::parse(text))), text);
    EXPECT_NE(summary::to_table(result).find(
                  "Golden model: incomplete\n  could not be compared: layer with cookie 3: too large\n"),
              std::string::npos);
}

TEST(result, ten_differences_of_runs_together_are_kept)
{
    results::run_result all;
    for (const int of_run : {6, 5, 1}) {
        results::run_result run;
        run.golden_differences.assign(static_cast<std::size_t>(of_run), std::to_string(of_run));
        all.append(run);
    }
    EXPECT_EQ(all.golden_differences, (std::vector<std::string>{"6", "6", "6", "6", "6", "6", "5", "5", "5", "5"}));
}

TEST(write_file, replaces_whole_or_not_at_all)
{
    char pattern[] = "/tmp/loas_report_test_XXXXXX";
    const std::filesystem::path folder = mkdtemp(pattern);
    results::write_file(folder / "a", "first");
    results::write_file(folder / "a", "second");
    std::ifstream file(folder / "a");
    std::string text;
    file >> text;
    EXPECT_EQ(text, "second");
    struct stat about {
    };
    ASSERT_EQ(::stat((folder / "a").c_str(), &about), 0);
    const ::mode_t mask = ::umask(0);
    ::umask(mask);
    EXPECT_EQ(about.st_mode & 07777, 0666 & ~mask) << "a file like any other";
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
    EXPECT_THROW(results::write_file(folder / "missing" / "a", "x"), text::user_error);
    EXPECT_THROW(results::write_file("/dev/full/x", "x"), text::user_error);
    // What cannot take the place of a folder leaves nothing beside it.
    std::filesystem::create_directory(folder / "b");
    EXPECT_THROW(results::write_file(folder / "b", "x"), text::user_error);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 2);
    // Nor does one that replaces what somebody killed has left.
    results::write_file(folder / ("a." + std::to_string(::getpid())), "left");
    results::write_file(folder / "a", "third");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 2);
    std::filesystem::remove_all(folder);
}
