// The tables of a run, and the sentences around them.
#include "platform/summary/summary.h"
#include "tests/unit/results/example_result.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <sstream>
#include <utility>

using namespace loas;
using observe::counter;
using test::example;

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

// Every column, of numbers that are no two alike. 1,234 cycles of 4 tiles at 800 MHz are 4,936 and 1,542.5 ns.
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
