// The way from a scenario's parameters to the energy of a run.
#include "models/cost/buffers.h"
#include "platform/config/options.h"
#include "platform/designs/design.h"
#include "platform/energy_account/energy.h"

#include <gtest/gtest.h>

#include <stdexcept>

using namespace loas;

namespace
{

/// Something of everything in it; without channels of DRAM, like a run without contention.
results::run_result finished_run()
{
    results::run_result result;
    result.clock_mhz = 800;
    result.dram_burst_bytes = 32;
    result.dram_clock_ns = 2;
    results::layer_result layer;
    layer.timesteps = 4;
    layer.n = 10;
    for (std::size_t i = 0; i < observe::counter_count; ++i)
        layer.counters[static_cast<observe::counter>(i)] = 1000;
    layer.counters[observe::counter::empty_joins] = 10;
    layer.memory.channels.resize(1);
    layer.memory.channels[0].reads = layer.memory.channels[0].activates = 100;
    layer.memory.channels[0].refreshes = layer.memory.channels[0].open_clocks = 100;
    result.layers = {layer, layer};
    return result;
}

double total_pj(const config::scenario& scenario)
{
    results::run_result result = finished_run();
    energy_account::account_energy(result, scenario);
    return result.totals().energy.total_pj();
}

double area_mm2(const config::scenario& scenario)
{
    results::run_result result = finished_run();
    energy_account::account_energy(result, scenario);
    return result.area.total_mm2();
}

} // namespace

TEST(energy_options, defaults_are_those_of_the_model)
{
    const config::scenario scenario = config::default_scenario();
    results::run_result result = finished_run();
    energy_account::account_energy(result, scenario);
    const results::layer_result& layer = result.layers[0];
    cost::tile_table tile = cost::tppe_tile({}, {});
    cost::add_column_buffers(tile, 8, {});
    cost::add_row_store(tile, {}, 1, {});
    const cost::layer_energy expected =
        cost::physical_energy({layer.counters, layer.memory, 4, 10, 800, 32, 16, 2}, {{}, {}, tile}, {});
    EXPECT_EQ(layer.energy.parts_pj, expected.parts_pj);
    EXPECT_NEAR(result.area.row_stores_mm2, 16 * 0.0176, 1e-9);
    EXPECT_NEAR(result.area.total_mm2() - result.area.row_stores_mm2, 2.08, 1e-9);
    EXPECT_DOUBLE_EQ(result.cache_leakage.published_mw, 124.5);
    EXPECT_NEAR(result.cache_leakage.cacti_mw, 126.3, 0.05);
    EXPECT_GT(layer.published_energy.total(), 0);
    EXPECT_DOUBLE_EQ(result.totals().published_energy.total(), 2 * layer.published_energy.total());
}

TEST(energy_options, each_constant_counts)
{
    config::scenario scenario = config::default_scenario();
    const double before = total_pj(scenario);
    for (const config::option& option : config::options_of(scenario))
        if (option.table_name() == "energy" && option.is_number()) {
            const config::value was = option.get();
            option.set(2 * std::get<double>(was));
            EXPECT_GT(total_pj(scenario), before) << option.key;
            option.set(was);
        }
}

TEST(energy_options, sizes_count)
{
    for (const char* change :
         {"tppe.count=32", "tppe.max_timesteps=8", "tppe.chunk_bits=256", "tppe.laggy_adders=32", "tppe.fifo_depth=16",
          "tppe.weight_buffer_bytes=256", "tppe.acc_bits=16", "tppe.corr_bits=12", "tppe.accumulator_sets=2",
          "cache.size_kib=512", "cache.banks=32", "cache.bank_ports=2", "cache.mshrs=32", "cache.write_buffers=128",
          "scheduler.prefetch_columns=16", "scheduler.prefetch_rows=2"}) {
        EXPECT_GT(area_mm2(config::default_scenario({change})), area_mm2(config::default_scenario())) << change;
        EXPECT_GT(total_pj(config::default_scenario({change})), total_pj(config::default_scenario())) << change;
    }
    // The preset's idealisations are not built; what the user sets is.
    const auto area_of = [](const std::vector<std::string>& overrides) {
        return area_mm2(config::default_scenario(overrides));
    };
    EXPECT_NEAR(area_of({"fidelity=published"}), 2.08, 1e-9);
    EXPECT_GT(area_of({"fidelity=published", "tppe.accumulator_sets=8"}), 2.081);
    EXPECT_NEAR(area_of({"accelerator=loas-nmtk", "fidelity=published"}), 2.08, 1e-9);
    EXPECT_GT(area_of({"accelerator=loas-nmtk", "fidelity=published", "nmtk.rows=8"}), 2.081);
    // Rows are broadcast to tiles that hold columns.
    EXPECT_NEAR(area_of({"accelerator=loas-nmtk", "nmtk.rows=0"}), 2.08 + 16 * 0.0176, 1e-9);
    EXPECT_EQ(energy_account::hardware_size_of(config::default_scenario({"accelerator=loas-nmtk", "nmtk.rows=8"}))
                  .tile.row_store.area_mm2,
              0);
    EXPECT_GT(total_pj(config::default_scenario({"energy.cache_leakage=cacti"})), total_pj(config::default_scenario()));
    results::run_result result = finished_run();
    result.take_conditions(config::default_scenario({"energy.rule=published"}));
    EXPECT_EQ(result.energy_rule, "published");
}

// Nobody is charged for another one's tiles because it says nothing.
TEST(energy_options, a_design_must_say_what_its_tiles_are)
{
    designs::design mute = *designs::all().front();
    EXPECT_NO_THROW(designs::require_complete(mute));
    mute.tile_table = nullptr;
    EXPECT_THROW(designs::require_complete(mute), std::logic_error);
    mute = *designs::all().front();
    mute.build = nullptr;
    EXPECT_THROW(designs::require_complete(mute), std::logic_error);
}

// Each design is charged for its own PEs, in the sizes of its own parameters.
TEST(energy_options, designs_have_their_own_tiles)
{
    const struct {
        const char* accelerator;
        double tile_mm2; ///< of the authors' tables; of the dense design a row of four PEs
        std::vector<const char*> grows;
    } rows[] = {
        {"loas", 0.037466, {}},
        {"loas-nmtk", 0.037466, {"nmtk.rows=32"}},
        {"sparten-snn", 0.036606, {"tppe.chunk_bits=256"}},
        {"gospa-snn", 0.38621 / 16, {"gospa.rows=128", "gospa.fifo_depth=16"}},
        {"gamma-snn", 0.019422, {"gamma.radix=128"}},
        {"dense-snn", 4 * 0.000719, {"dense.columns=8"}},
        {"ptb", 4 * 0.000719, {"ptb.columns=8"}},
        {"stellar", 4 * 0.000719, {"stellar.timesteps=8"}},
        {"spinalflow", 8 * 0.000719 + 4 * 0.658344 / 16, {"spinalflow.pes=256", "spinalflow.filter_kib=1024"}}, // CACTI: 144 KiB
    };
    for (const auto& row : rows) {
        const std::string accelerator = std::string("accelerator=") + row.accelerator;
        results::run_result result = finished_run();
        energy_account::account_energy(result, config::default_scenario({accelerator}));
        EXPECT_NEAR(result.area.tile_mm2, row.tile_mm2, 2e-6) << row.accelerator;
        for (const char* change : row.grows)
            EXPECT_GT(area_mm2(config::default_scenario({accelerator, change})),
                      area_mm2(config::default_scenario({accelerator})))
                << change;
    }
}
