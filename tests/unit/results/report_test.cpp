#include "platform/report/page.h"
#include "platform/results/result.h"
#include "platform/summary/summary.h"
#include "platform/results/tree.h"
#include "platform/text/user_error.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <functional>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace loas;
using observe::counter;

namespace
{

results::run_result example()
{
    results::run_result result;
    result.scenario = "example";
    result.accelerator = "loas";
    result.fidelity = "literal";
    result.tiles = 4;
    result.clock_mhz = 800;
    result.golden_checked = true;
    result.accuracy = {3, true, 2, {1, 0, 2}};
    result.simulated_ns = 1234;
    results::layer_result layer;
    layer.name = "a layer whose name somebody else chose to be very long indeed";
    layer.m = 2;
    layer.k = 100;
    layer.n = 50;
    layer.timesteps = 4;
    layer.runs = 3;
    layer.spikes = 60;
    layer.non_silent = 30;
    layer.weights = 500;
    layer.stored_spikes = {20, 800, 40};
    layer.stored_weights = {700, 40000, 4000};
    layer.weight_format = 1;
    layer.published.cycles = 40;
    layer.published.inputs.item_bits = 4;
    layer.published.inputs.dram_items = 3;
    layer.published.written_back_index_bits = 5;
    layer.published.partial_sum_sram_bits = 6;
    for (std::size_t i = 0; i < observe::counter_count; ++i)
        layer.counters[static_cast<counter>(i)] = 1000000007ULL * (i + 1);
    for (std::size_t i = 0; i < cost::energy_part_count; ++i)
        layer.energy[static_cast<cost::energy_part>(i)] = 1e6 * static_cast<double>(i + 1);
    layer.published_energy = {1, 20, 300, 4000};
    result.runs = 3;
    result.area = cost::area_of({{}, {}, cost::tppe_tile({}, {})});
    result.area.row_stores_mm2 = 0.25;
    result.area.buffers_mm2 = 0.125;
    result.cache_leakage = {124.25, 126.5};
    result.layers = {layer, layer};
    result.layers[1].name = "b";
    result.configuration = {{"tppe.count", std::int64_t{4}}, {"run.golden", true}, {"name", std::string("example")}};
    return result;
}

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

TEST(result, the_summary_shows_the_energy_of_the_rule_asked_for)
{
    results::run_result run = example();
    // 406 uJ a layer, twice, in three runs.
    EXPECT_NE(summary::to_table(run).find("\nEnergy 270.667 uJ an image;"), std::string::npos)
        << summary::to_table(run);
    EXPECT_NE(summary::to_table(run).find(" 406.000 "), std::string::npos);
    run.energy_rule = "published";
    EXPECT_NE(summary::to_table(run).find("\nEnergy by the published rule 2.881e+03 an image; dimensionless"),
              std::string::npos);
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

// Every column, of numbers that are no two alike. 1,234 cycles of 4 tiles at 800 MHz are 4,936 and 1,542.5 ns.
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

TEST(result, the_columns_of_the_table_by_hand)
{
    results::run_result run = example();
    results::layer_result& layer = run.layers[0];
    run.layers.resize(1);
    layer.name = "one";
    layer.counters = {};
    for (const auto& [which, value] : std::initializer_list<std::pair<counter, std::uint64_t>>{
             {counter::cycles, 1234},           {counter::busy_cycles, 1234},         {counter::joins, 3000},
             {counter::matches, 2000},          {counter::corrections, 1000},         {counter::sram_read_a_mask, 65536},
             {counter::sram_write_c, 8192},     {counter::request_bytes_a_mask, 3072}, {counter::request_bytes_c_words, 1024},
             {counter::cache_hits_a_mask, 3},   {counter::cache_misses_b_weights, 1}, {counter::dram_read_a_mask, 1536},
             {counter::dram_write_c_words, 512}, {counter::stall_waiting_a, 2715},    {counter::stall_packing, 494},
             {counter::stall_write_back, 493}})
        layer.counters[which] = value;
    layer.memory.channels.resize(2);
    layer.memory.channels[0].row_hits = 12;
    layer.memory.channels[0].row_misses = 5;
    layer.memory.channels[1].row_misses = 1;
    layer.memory.channels[1].row_conflicts = 2;
    layer.energy = {};
    layer.energy[cost::energy_part::plif] = 5e6;
    layer.energy[cost::energy_part::sram_read] = 4e6;
    layer.energy[cost::energy_part::dram_activate] = 10e6;
    layer.energy[cost::energy_part::cache_leakage] = 1e6;
    std::string text; // with a blank wherever there are several
    for (const char each : summary::to_table(run))
        if (each != ' ' || text.back() != ' ')
            text += each;
    for (const char* row : {
             "layer M K N T spikes 0 % silent % weights 0 % cycles published busy %\n"
             "one 2 100 50 4 97.5 95.0 90.0 1,234 40 25.0\ntotal 1,234 40 25.0\n",
             "layer spikes stored of dense % efficiency % weights stored of dense % efficiency %\n"
             "one 20 B 20.0 25.0 700 B 14.0 71.4\ntotal 20 B 20.0 25.0 700 B 14.0 71.4\n",
             "layer joins matches corrections SRAM DRAM\none 3,000 2,000 1,000 9.0 KiB 2.0 KiB\n",
             "layer requests hits % DRAM read written row hits % conflicts % GB/s\n"
             "one 4.0 KiB 75.0 1.5 KiB 512 B 60.0 10.0 1.33\ntotal 4.0 KiB 75.0 1.5 KiB 512 B 60.0 10.0 1.33\n",
             "layer energy uJ compute % SRAM % DRAM % leakage % published rule\n"
             "one 20.000 25.0 20.0 50.0 5.0 4.321e+03\n",
             "tile cycles % busy A late out\none 25.0 55.0 20.0\ntotal 25.0 55.0 20.0\n",
         })
        EXPECT_NE(text.find(row), std::string::npos) << row << "in\n" << text;
}

TEST(result, blocks_say_what_they_cost_and_what_wider_hardware_would_change)
{
    results::run_result run = example();
    run.layers.resize(1);
    run.layers[0].timesteps = 4;
    run.layers[0].runs = 10; // two inputs
    run.layers[0].counters[counter::cycles] = 12345;
    EXPECT_EQ(summary::to_table(run).find("blocks"), std::string::npos);
    run.blocks = {20, 5};
    const std::string text = summary::to_table(run);
    EXPECT_NE(text.find("20 timesteps ran in 5 blocks of 4, as the hardware holds no more at a time.\n"), std::string::npos);
    EXPECT_NE(text.find("A block of an input takes 1,234 cycles.\nWith tppe.max_timesteps = 10 it would be 2 blocks"),
              std::string::npos)
        << text;
    run.blocks = {13, 5};
    EXPECT_NE(summary::to_table(run).find("With tppe.max_timesteps = 13 it would be one block, and no"), std::string::npos);
    run.blocks = {20, 2};
    EXPECT_EQ(summary::to_table(run).find("it would be"), std::string::npos) << "there is no wider hardware";
}

TEST(result, table_fits_100_columns)
{
    results::run_result run = example();
    for (results::layer_result& layer : run.layers) // no design has all causes of waiting
        for (const counter of_others : {counter::stall_stream, counter::stall_zero_operand, counter::stall_fill,
                                        counter::stall_merging, counter::stall_partial_sums, counter::stall_neurons})
            layer.counters[of_others] = 0;
    std::istringstream lines(summary::to_table(run));
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(line.size(), 100u) << line;
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
