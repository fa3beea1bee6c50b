// Area, power and energy of the designs' tiles: against the authors' tables, and a layer by hand for each; and their
// constants of the published rule.
#include "models/cost/energy.h"
#include "platform/config/options.h"
#include "platform/designs/design.h"

#include <gtest/gtest.h>

using namespace loas;
using cost::energy_part;
using observe::counter;

namespace
{

config::scenario scenario_of(const std::string& word, const std::string& change = "fidelity=literal")
{
    return config::default_scenario({"accelerator=" + word, change});
}

cost::tile_table tile_of(const config::scenario& scenario)
{
    return designs::design_of(scenario).tile_table(scenario);
}

cost::component sum_of(const config::scenario& scenario)
{
    cost::component sum{};
    for (const cost::component& part : tile_of(scenario).components) {
        sum.area_mm2 += part.area_mm2;
        sum.dynamic_mw += part.dynamic_mw;
        sum.leakage_mw += part.leakage_mw;
    }
    return sum;
}

/// Enough of everything, at T = 4, 200 columns and 800 MHz.
observe::counter_set busy_layer()
{
    observe::counter_set counters;
    counters[counter::cycles] = 1000;
    counters[counter::joins] = 8000;
    counters[counter::matches] = 9000;
    counters[counter::busy_cycles] = 9000;
    counters[counter::stall_merging] = 700;
    counters[counter::stall_zero_operand] = 500;
    counters[counter::sram_read_b_mask] = 128 * 300;
    return counters;
}

} // namespace

// Totals of the tables: of a PE; GoSPA's is of all 16.
TEST(tile_tables, add_up_to_the_published_pes)
{
    const struct {
        const char* design;
        unsigned pes;
        double area_mm2, dynamic_mw, leakage_mw;
    } rows[] = {
        {"sparten-snn", 1, 0.036606, 2.459723, 0.498413},
        {"gospa-snn", 16, 0.38621, 31.518842, 7.711707},
        {"gamma-snn", 1, 0.019422, 1.995042, 0.321292},
        {"dense-snn", 1, 4 * 0.000719, 4 * 0.089336, 4 * 0.016462}, // a tile is a row of four
    };
    for (const auto& row : rows) {
        const cost::component sum = sum_of(scenario_of(row.design));
        EXPECT_NEAR(row.pes * sum.area_mm2, row.area_mm2, 2e-6);
        EXPECT_NEAR(row.pes * sum.dynamic_mw, row.dynamic_mw, 4e-6);
        EXPECT_NEAR(row.pes * sum.leakage_mw, row.leakage_mw, 4e-6);
    }
}

TEST(tile_tables, grow_with_their_parameters)
{
    const std::pair<const char*, const char*> grows[] = {
        {"sparten-snn", "tppe.chunk_bits=256"}, {"gospa-snn", "gospa.rows=128"},  {"gospa-snn", "gospa.fifo_depth=16"},
        {"gamma-snn", "gamma.radix=128"},       {"dense-snn", "dense.columns=8"}, {"loas", "tppe.accumulator_sets=2"},
        {"loas-nmtk", "nmtk.rows=16"},
    };
    for (const auto& [design, change] : grows) {
        const cost::component before = sum_of(scenario_of(design)), after = sum_of(scenario_of(design, change));
        EXPECT_GT(after.area_mm2, before.area_mm2);
        EXPECT_GT(after.dynamic_mw, before.dynamic_mw);
        EXPECT_GT(after.leakage_mw, before.leakage_mw);
    }
}

// mW of the table x 2.5 ns.
TEST(tile_energy, a_layer_by_hand)
{
    const observe::counter_set counters = busy_layer();
    const auto energy_of = [&](const char* design) {
        const config::scenario scenario = scenario_of(design);
        return cost::physical_energy({counters, {}, 4, 200, 800, 32, 16, 2},
                                     {scenario.tppe, scenario.cache, tile_of(scenario)}, {});
    };
    const auto expect = [](const cost::layer_energy& energy, energy_part part, double pj) {
        EXPECT_NEAR(energy[part], pj, 1e-5 * pj) << cost::info_of(part).name; // the tables are rounded
    };
    const auto sparten = energy_of("sparten-snn");
    expect(sparten, energy_part::fast_prefix, 8000 * 1.173427 * 2.5);
    expect(sparten, energy_part::masks, (8000 + 300) * 0.240665 * 2.5); // a row's of each join, the column's of a chunk
    expect(sparten, energy_part::weight_buffer, (9000 + 300) * 0.053802 * 2.5);
    expect(sparten, energy_part::pseudo_accumulator, 9000 * 0.02917 * 2.5);
    expect(sparten, energy_part::tile_leakage, 16 * 0.498413 * 1250);

    const auto gospa = energy_of("gospa-snn");
    expect(gospa, energy_part::position_fifo, 2 * 9000 * 1.618666 / 16 * 2.5);
    expect(gospa, energy_part::weight_buffer, 9000 * 0.030083 / 16 * 2.5);
    expect(gospa, energy_part::pseudo_accumulator, 9000 * 0.02917 * 2.5);
    expect(gospa, energy_part::tile_leakage, 7.711707 * 1250);

    const auto gamma = energy_of("gamma-snn");
    expect(gamma, energy_part::merger, 9700 * 0.131716 * 2.5); // elements of partial rows too
    expect(gamma, energy_part::element_buffers, 9700 * (0.120332 + 0.962659 + 0.721994) * 2.5);
    expect(gamma, energy_part::pseudo_accumulator, 9000 * 0.05834 * 2.5);
    expect(gamma, energy_part::tile_leakage, 16 * 0.321292 * 1250);

    const auto dense = energy_of("dense-snn");
    expect(dense, energy_part::pe_registers, 9500 * 4 * 0.060166 / 2 * 2.5);
    expect(dense, energy_part::pseudo_accumulator, 9000 * 0.02917 * 2.5);
    expect(dense, energy_part::tile_leakage, 16 * 4 * 0.016462 * 1250);
    for (const cost::layer_energy* energy : {&sparten, &gospa, &gamma, &dense}) {
        EXPECT_EQ((*energy)[energy_part::laggy_prefix], 0.0);
        EXPECT_EQ((*energy)[energy_part::correction_accumulators], 0.0);
        EXPECT_EQ((*energy)[energy_part::weight_fifo], 0.0);
    }
}

// Counters and energies as published by the authors (result files of RuokaiYin/LoAS, MIT licence; traffic in KB).
TEST(published_energy, of_the_authors_counters)
{
    const struct {
        const char* network;
        const char* design;
        std::uint64_t cycles, matches;
        double dram_kib, sram_kib, energy;
    } rows[] = {
        {"AlexNet, LoAS", "loas", 46871, 459478, 1293.870117, 3182.320801, 6736488.753625},
        {"AlexNet, LoAS-FT", "loas", 41259, 393769, 1266.515625, 3136.559082, 6270076.752925},
        {"AlexNet, SparTen", "sparten-snn", 365589, 1341122, 4691.132812, 12336.822266, 23096103.340125},
        {"AlexNet, GoSPA", "gospa-snn", 291189, 1341122, 5689.572144, 9007.309937, 19925260.854288},
        {"AlexNet, Gamma", "gamma-snn", 155618, 1341122, 2737.338257, 27098.456787, 15056436.559675},
        {"VGG16, LoAS", "loas", 592069, 6608896, 5376.960938, 13945.548828, 55364000.459725},
        {"VGG16, LoAS-FT", "loas", 481560, 5187330, 5288.991211, 13207.439941, 46788946.91085},
        {"VGG16, SparTen", "sparten-snn", 2415640, 17877020, 11754.289062, 47129.316406, 148513127.761},
        {"VGG16, GoSPA", "gospa-snn", 2133430, 17877020, 14727.458862, 29022.031006, 77377619.558975},
        {"VGG16, Gamma", "gamma-snn", 1841493, 17877020, 9309.671265, 203516.502197, 108950183.460525},
    };
    for (const auto& row : rows) {
        const cost::published_energy energy =
            cost::energy_by_published_rule({row.cycles, row.dram_kib * 1024, row.sram_kib * 1024, row.matches},
                                           designs::design_called(row.design).constants.value());
        EXPECT_NEAR(energy.total() / row.energy, 1, 1e-6) << row.network; // asked for: within 2 %
        EXPECT_DOUBLE_EQ(energy.total(), energy.leakage + energy.dram + energy.sram + energy.compute);
    }
}
