// Golden equality as a property: random layers of every kind on machines of every kind, through the driver.
#include "tests/integration/harness.h"

#include "platform/config/options.h"
#include "platform/config/rules.h"
#include "platform/designs/design.h"
#include "platform/run/layer_audit.h"
#include "tests/support/random.h"
#include "tests/support/random_layer.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace loas;
using namespace loas::integration;

namespace
{

constexpr std::uint64_t layers_per_machine = 20;

struct machine_case {
    std::string accelerator;
    std::uint64_t seed;
};

/// Of each design as many, so that a further design takes no more time of all.
std::vector<machine_case> machines()
{
    constexpr std::uint64_t of_all = 156;
    const std::uint64_t count = of_all / designs::all().size();
    std::vector<machine_case> all;
    for (const designs::design* each : designs::all())
        for (std::uint64_t seed = 0; seed < count; ++seed)
            all.push_back({std::string(each->word), seed});
    return all;
}

/// The least number from `wanted` on with which the design can be built, with these parameters.
unsigned tiles_for(const std::string& accelerator, unsigned wanted, std::vector<std::string> overrides)
{
    overrides.push_back("accelerator=" + accelerator);
    const auto rules = [&] {
        std::vector<std::string> all = overrides;
        all.push_back("tppe.count=" + std::to_string(wanted));
        return config::broken_rules(config::overridden(config::scenario(), all));
    };
    while (!rules().empty())
        ++wanted;
    return wanted;
}

/// Parameters that only one design has: the least value, the default, or one that is not large.
std::vector<std::string> random_design(std::uint64_t seed)
{
    support::random_source random(5000 + seed);
    config::scenario defaults;
    config::option_table own;
    for (const designs::design* each : designs::all())
        if (each->describe != nullptr)
            each->describe(defaults.own, own);
    std::vector<std::string> overrides;
    for (const config::option& row : own.take()) {
        if (!row.words.empty()) {
            overrides.push_back(std::string(row.key) + "=" + std::string(row.words[random.below(row.words.size())]));
            continue;
        }
        if (row.is_flag()) {
            overrides.push_back(std::string(row.key) + (random.chance(1, 2) ? "=true" : "=false"));
            continue;
        }
        const auto least = static_cast<unsigned>(row.minimum), most = static_cast<unsigned>(row.maximum);
        const auto usual = static_cast<unsigned>(std::get<std::int64_t>(row.get()));
        const unsigned other = row.power_of_two ? std::min(most, least << random.between_unsigned(0, 4))
                                                : random.between_unsigned(least, std::min(most, least + 70));
        overrides.push_back(std::string(row.key) + "=" + std::to_string(random.pick({least, usual, other, other})));
    }
    return overrides;
}

/// A machine in which every parameter may differ from its default, the same for the same seed.
std::vector<std::string> random_machine(const machine_case& which)
{
    const std::uint64_t seed = which.seed;
    support::random_source random(1000 + seed);
    const auto set = [](const std::string& key, auto value) { return key + "=" + std::to_string(value); };
    const unsigned chunk_bits = random.pick({64u, 128u, 256u});
    const std::vector<std::string> own = seed < 6 ? std::vector<std::string>() : random_design(seed);
    const unsigned sets = random.chance(1, 2) ? 1 : random.between_unsigned(2, 40);
    std::vector<std::string> overrides = {
        "accelerator=" + which.accelerator,
        seed % 2 == 0 ? "fidelity=literal" : "fidelity=published",
        set("tppe.count", tiles_for(which.accelerator, seed < 8 ? 1U << seed % 7 : random.between_unsigned(1, 64), own)),
        set("tppe.chunk_bits", chunk_bits),
        "tppe.max_timesteps=16",
    };
    if (seed < 6)
        return overrides; // the presets as they are
    overrides.insert(overrides.end(), {set("clock_mhz", random.between_unsigned(100, 3000)),
                                       set("tppe.weight_buffer_bytes", random.pick({1u, 7u, 64u, 128u, 4096u})),
                                       set("tppe.fast_latency", random.between_unsigned(1, 4)),
                                       set("tppe.laggy_adders", random.between_unsigned(1, chunk_bits)),
                                       std::string("tppe.laggy_pipelined=") + (random.chance(1, 2) ? "true" : "false"),
                                       std::string("tppe.laggy_ideal=") + (random.chance(1, 5) ? "true" : "false"),
                                       set("tppe.fifo_depth", random.between_unsigned(1, 16)),
                                       set("tppe.acc_bits", random.between_unsigned(2, 32)),
                                       set("tppe.corr_bits", random.between_unsigned(2, 32)),
                                       std::string("tppe.overflow=") + random.pick({"ideal", "wrap", "saturate"}),
                                       set("tppe.accumulator_sets", sets),
                                       set("tppe.columns_per_sync", random.between_unsigned(0, sets == 1 ? 20 : sets)),
                                       set("tppe.empty_join_cycles", random.between_unsigned(0, 2)),
                                       set("plif.latency", random.between_unsigned(0, 5)),
                                       set("compressor.adders", random.between_unsigned(0, 64)),
                                       set("scheduler.prefetch_rows", random.between_unsigned(0, 3)),
                                       set("scheduler.prefetch_columns", random.between_unsigned(0, 20)),
                                       std::string("memory.backend=") + random.pick({"ideal", "fixed", "dram", "dram"}),
                                       std::string("timing=") + (random.chance(1, 5) ? "lt" : "at"),
                                       set("memory.latency_ns", random.between_unsigned(0, 300)),
                                       set("memory.bandwidth_gb_per_s", random.between_unsigned(1, 512)),
                                       set("cpu.quantum_ns", random.between_unsigned(1, 5000))});
    overrides.insert(overrides.end(), own.begin(), own.end());
    const unsigned line_bytes = random.pick({8u, 16u, 32u, 64u, 128u});
    const unsigned banks = random.pick({1u, 2u, 8u, 16u, 32u});
    const unsigned size_kib = random.pick({4u, 8u, 32u, 256u, 1024u});
    const unsigned most_ways =
        std::min(65536U, size_kib * 1024 / line_bytes / banks); // 1: direct-mapped; most: fully associative
    const auto flag = [&](const char* key, unsigned of) {
        return std::string(key) + (random.chance(1, of) ? "=true" : "=false");
    };
    overrides.insert(
        overrides.end(),
        {set("cache.line_bytes", line_bytes),
         set("cache.banks", banks),
         set("cache.size_kib", size_kib),
         set("cache.ways", random.chance(1, 4) ? most_ways : std::min(most_ways, random.pick({1u, 2u, 4u, 16u}))),
         std::string("cache.policy=") + random.pick({"lru", "a-first", "random"}),
         set("cache.bank_ports", random.pick({1u, 1u, 2u})),
         set("cache.hit_latency", random.between_unsigned(0, 4)),
         set("cache.mshrs", random.pick({1u, 2u, 16u, 64u})),
         set("cache.write_buffers", random.pick({1u, 3u, 64u})),
         flag("cache.ideal", 8),
         std::string("xbar.arbitration=") + random.pick({"round-robin", "fixed-priority"}),
         set("xbar.latency", random.between_unsigned(0, 3)),
         flag("xbar.ideal", 5),
         flag("dram.ideal", 8),
         set("dram.channels", random.pick({1u, 2u, 4u, 16u, 32u})),
         set("dram.channel_bits", random.pick({16u, 64u})),
         set("dram.burst_beats", random.pick({4u, 8u, 16u})),
         set("dram.bank_groups", random.pick({1u, 2u, 4u})),
         set("dram.banks_per_group", random.pick({1u, 2u, 4u})),
         flag("dram.channel_hash", 2),
         std::string("dram.mapping=") +
             random.pick({"row-bank-column-bankgroup-channel", "row-column-bank-bankgroup-channel",
                          "row-bank-bankgroup-column-channel", "row-channel-bank-bankgroup-column"}),
         std::string("dram.page_policy=") + random.pick({"open", "closed"}),
         std::string("dram.scheduler=") + random.pick({"fr-fcfs", "fcfs"}),
         set("dram.t_refi_ns", random.pick({0u, 1000u, 3900u})),
         set("dram.t_rfc_ns", random.pick({100u, 260u}))});
    overrides.push_back(set("dense.columns", random.between_unsigned(1, 40)));
    overrides.push_back(std::string("scheduler.spread=") + random.pick({"rows", "columns", "columns", "auto"}));
    return overrides;
}

} // namespace

class random_layers : public testing::TestWithParam<machine_case>
{
};

TEST_P(random_layers, equal_golden)
{
    machine_run machine(random_machine(GetParam()));
    ASSERT_TRUE(machine.run([&](const loas_hal& hal) {
        loas_device device{};
        open_device(hal, device);
        for (std::uint64_t i = 0; i < layers_per_machine; ++i) {
            const std::uint64_t seed = GetParam().seed * layers_per_machine + i;
            reference::reference_layer layer = support::random_layer(seed);
            layer.accumulators = run::accumulators_of(machine.scenario());
            const designs::design& design = designs::design_of(machine.scenario());
            if (design.carries_potentials && i % 2 == 0)
                support::draw_potentials(seed, layer);
            layer.first_spike = (design.neuron_modes & LOAS_NEURON_FIRST_SPIKE) != 0 && i % 2 == 1 && !layer.currents;
            if ((design.neuron_modes & LOAS_NEURON_FEW_SPIKES) != 0 && i % 2 == 1) {
                layer.few_spikes = true;
                layer.reset = reference::neuron_reset::hard;
            }
            if (design.bytes)
                support::make_bytes(seed, layer);
            else if (i % 3 == 0)
                support::draw_thresholds(seed, layer);
            loaded_layer loaded(device, layer);
            std::uint32_t ticket = 0;
            const loas_descriptor descriptor = loaded.descriptor();
            ASSERT_EQ(loas_submit(&device, &descriptor, &ticket), LOAS_OK);
            loas_completion record{};
            ASSERT_EQ(
                loas_wait(&device, ticket, i % 2 == 0 ? LOAS_WAIT_INTERRUPT : LOAS_WAIT_POLL, 1000000000, &record),
                LOAS_OK)
                << "seed " << seed << ": " << loas_status_text(record.status);
            const reference::reference_output expected = reference::run_reference(layer);
            const reference::reference_output found = loaded.read_output();
            ASSERT_EQ(found.spikes, expected.spikes) << "seed " << seed;
            ASSERT_EQ(found.currents, expected.currents) << "seed " << seed;
            ASSERT_EQ(found.potentials, expected.potentials) << "seed " << seed;
        }
        ASSERT_EQ(loas_queue_close(&device), LOAS_OK);
    }));
    EXPECT_EQ(machine.outcomes.size(), layers_per_machine);
}

class blocks_of_timesteps : public testing::TestWithParam<std::string>
{
};

std::vector<std::string> designs_that_carry()
{
    std::vector<std::string> words;
    for (const designs::design* each : designs::all())
        if (each->carries_potentials)
            words.emplace_back(each->word);
    return words;
}

// 16 timesteps as blocks of 5, 5, 5 and 1: each goes on where the one before has ended.
TEST_P(blocks_of_timesteps, give_what_all_at_once_do)
{
    machine_run machine({"accelerator=" + GetParam(), "tppe.max_timesteps=16", "tppe.count=4"});
    ASSERT_TRUE(machine.run([&](const loas_hal& hal) {
        loas_device device{};
        open_device(hal, device);
        for (std::uint64_t seed = 0, layers = 0; layers < 4; ++seed) {
            reference::reference_layer whole = support::random_layer(seed);
            if (whole.timesteps < 16 || whole.currents)
                continue;
            ++layers;
            whole.single_spike_mask = false; // it looks at words, and these are others
            const std::vector<std::uint16_t> expected = reference::run_reference(whole).spikes;
            std::vector<std::uint16_t> found(expected.size());
            reference::reference_layer block = whole;
            support::draw_potentials(seed, block); // for their number
            std::fill(block.potentials.begin(), block.potentials.end(), 0);
            for (unsigned first = 0; first < whole.timesteps; first += 5) {
                block.timesteps = std::min(5U, whole.timesteps - first);
                for (std::size_t i = 0; i < whole.spikes.size(); ++i)
                    block.spikes[i] =
                        static_cast<std::uint16_t>(whole.spikes[i] >> first & ((1U << block.timesteps) - 1));
                loaded_layer loaded(device, block);
                std::uint32_t ticket = 0;
                const loas_descriptor descriptor = loaded.descriptor();
                ASSERT_EQ(loas_submit(&device, &descriptor, &ticket), LOAS_OK);
                ASSERT_EQ(loas_wait(&device, ticket, LOAS_WAIT_INTERRUPT, second_ns, nullptr), LOAS_OK);
                const reference::reference_output output = loaded.read_output();
                for (std::size_t i = 0; i < found.size(); ++i)
                    found[i] = static_cast<std::uint16_t>(found[i] | output.spikes[i] << first);
                block.potentials = output.potentials;
            }
            EXPECT_EQ(found, expected) << "seed " << seed;
        }
        ASSERT_EQ(loas_queue_close(&device), LOAS_OK);
    }));
}

INSTANTIATE_TEST_SUITE_P(designs, blocks_of_timesteps, testing::ValuesIn(designs_that_carry()));

// Tests have names of their own, so that a design's can be run alone.
std::string name_of(const testing::TestParamInfo<machine_case>& each)
{
    std::string name = each.param.accelerator + "_" + std::to_string(each.param.seed);
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(designs, random_layers, testing::ValuesIn(machines()), name_of);
