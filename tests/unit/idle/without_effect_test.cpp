// What changes nothing is named with its reason, and is not charged either; what does something is not named.
#include "platform/designs/design.h"
#include "platform/idle/without_effect.h"
#include "platform/energy_account/energy.h"

#include <gtest/gtest.h>

using namespace loas;

namespace
{

/// Of a key=value that somebody sets.
std::string reason(const std::vector<std::string>& overrides)
{
    const std::string& last = overrides.back();
    std::vector<std::string> all = {"workload.kind=layer"};
    all.insert(all.end(), overrides.begin(), overrides.end());
    return idle::without_effect(config::default_scenario(all), last.substr(0, last.find('=')));
}

/// Area, and leakage of all that is not the cache.
std::pair<double, double> cost_of(const std::string& design, const std::string& change)
{
    const config::scenario scenario = config::default_scenario({"accelerator=" + design, change});
    const cost::hardware_size size = energy_account::hardware_size_of(scenario);
    observe::counter_set cycles;
    cycles[observe::counter::cycles] = cycles[observe::counter::lif_updates] = cycles[observe::counter::matches] = 1000;
    return {cost::area_of(size).total_mm2(),
            cost::physical_energy({cycles, {}, 4, 200, 800, 32, 16, 2}, size, {}).total_pj()};
}

} // namespace

TEST(without_effect, what_a_design_has_not_got_is_named_and_not_charged)
{
    const std::pair<std::string, std::string> changes[] = {
        {"tppe.acc_bits", "2"}, {"tppe.acc_bits", "32"}, {"scheduler.prefetch_rows", "9"}, {"scheduler.prefetch_columns", "99"}, {"scheduler.spread", "auto"}};
    for (const designs::design* each : designs::all())
        for (const auto& [key, value] : changes) {
            const std::string design(each->word), change = key + "=" + value;
            const bool goes_by = each->takes(key) && !(each->fetches_columns_or_none && key == "scheduler.prefetch_columns");
            EXPECT_EQ(reason({"accelerator=" + design, change}).empty(), goes_by) << design << ' ' << change;
            EXPECT_EQ(cost_of(design, change) == cost_of(design, "tppe.count=16"), !goes_by) << design << ' ' << change;
        }
    EXPECT_EQ(reason({"accelerator=gamma-snn", "tppe.acc_bits=8"}),
              "gamma-snn adds in 32 bits, and is charged as published; it is of loas, loas-nmtk");
    EXPECT_EQ(reason({"accelerator=gospa-snn", "scheduler.prefetch_columns=0"}), "");
    EXPECT_EQ(reason({"accelerator=dense-snn", "scheduler.spread=columns"}),
              "dense-snn has no rows to spread over free tiles; it is of loas, loas-nmtk");
    EXPECT_EQ(reason({"accelerator=loas-nmtk", "nmtk.rows=4", "scheduler.spread=columns"}),
              "nmtk.rows has a column in each tile, and rows pass by all of them");
}

TEST(without_effect, what_is_of_spikes_says_nothing_to_a_design_of_bytes)
{
    for (const designs::design* each : designs::all()) {
        const std::string design = "accelerator=" + std::string(each->word), kind = "workload.kind=layer";
        for (const char* key : {"workload.timesteps=2", "tppe.max_timesteps=8", "layer.leak_q8=3", "layer.threshold=3",
                                "layer.reset=soft", "layer.spike_sparsity=0.9"})
            EXPECT_NE(reason({design, kind, key}).empty(), each->bytes) << each->word << ' ' << key;
        EXPECT_EQ(reason({design, kind, "layer.shift=3"}).empty(), each->bytes) << each->word;
        EXPECT_EQ(reason({design, kind, "layer.silent_ratio=0.8"}), "") << each->word;
    }
    EXPECT_EQ(reason({"accelerator=sparten-ann", "workload.kind=layer", "layer.threshold=9"}),
              "sparten-ann has ReLU, with layer.shift");
}

// The defaults: tCK 2, tRAS 34, tRP 14, tRRD 4, bursts of two clocks.
TEST(without_effect, times_of_the_dram_that_others_hold_anyway)
{
    const char* named[] = {"dram.t_rc_ns=48", "dram.t_rc_ns=0", "dram.t_ccd_s_ns=3", "dram.t_ccd_l_ns=4",
                           "dram.t_rrd_l_ns=4", "dram.t_wtr_l_ns=1", "dram.t_faw_ns=16"};
    for (const char* each : named)
        EXPECT_NE(reason({each}).find(" as far apart anyway"), std::string::npos) << each;
    for (const char* each : {"dram.t_rc_ns=49", "dram.t_ccd_s_ns=5", "dram.t_ccd_l_ns=5", "dram.t_rrd_l_ns=5",
                             "dram.t_wtr_l_ns=9", "dram.t_faw_ns=17", "dram.t_ras_ns=10", "dram.t_rp_ns=1"})
        EXPECT_EQ(reason({each}), "") << each;
    EXPECT_EQ(reason({"dram.refresh=per-bank", "dram.t_faw_ns=16"}), "");
    EXPECT_NE(reason({"dram.refresh=per-bank", "dram.t_rfc_bank_ns=100", "dram.t_rfc_ns=200"}), "");
    EXPECT_EQ(reason({"dram.refresh=per-bank", "dram.t_rfc_ns=200"}), "");
    EXPECT_EQ(reason({"dram.t_refi_ns=0", "dram.t_rfc_ns=200"}), "dram.t_refi_ns = 0 refreshes nothing");
    EXPECT_EQ(reason({"dram.channels=1", "dram.channel_hash=false"}), "there is one channel");
    EXPECT_EQ(reason({"dram.channels=2", "dram.channel_hash=false"}), "");
    EXPECT_NE(reason({"dram.scheduler=fcfs", "dram.row_hit_cap=1"}), "");
    EXPECT_EQ(reason({"dram.row_hit_cap=1"}), "");
}

TEST(without_effect, what_an_ideal_unit_leaves_nothing_of)
{
    for (const char* each : {"dram.t_rcd_ns=20", "dram.mapping=row-bank-bankgroup-column-channel", "cache.hit_latency=9"})
        EXPECT_NE(reason({"cache.ideal=true", each}), "") << each;
    for (const char* each : {"dram.channels=8", "dram.t_refi_ns=2000", "cache.ways=8", "cache.mshrs=99", "xbar.latency=3"})
        EXPECT_EQ(reason({"cache.ideal=true", each}), "") << each; // some of them as area, or power, alone
    for (const char* each : {"xbar.latency=3", "xbar.arbitration=fixed-priority"}) {
        EXPECT_NE(reason({"xbar.ideal=true", each}), "") << each;
        EXPECT_EQ(reason({each}), "") << each;
    }
    EXPECT_NE(reason({"workload.timesteps=1", "layer.spike_sparsity=0.7652", "layer.leak_q8=9"}), "");
    EXPECT_EQ(reason({"layer.leak_q8=9"}), "");
}
