// Gamma-SNN: its cycles by hand, against a machine stepped clock by clock, and by the published accounting; partial
// rows; tensors that it must refuse.
#include "tests/integration/harness.h"

#include "models/cost/published_traffic.h"
#include "tests/golden/merge_machine.h"
#include "tests/support/accounting.h"
#include "tests/support/published_case.h"
#include "tests/support/random.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace loas;
using namespace loas::integration;
using observe::counter;
using observe::operand;

namespace
{

/// Compute side only: no time for memory and compressor, and for neurons unless asked for.
observe::counter_set run_bare(const reference::reference_layer& layer, std::vector<std::string> overrides)
{
    for (const char* each : {"accelerator=gamma-snn", "memory.backend=ideal", "compressor.adders=0"})
        overrides.emplace_back(each);
    if (std::find(overrides.begin(), overrides.end(), "plif.latency=1") == overrides.end())
        overrides.emplace_back("plif.latency=0");
    machine_run run(overrides);
    return counters_of(run, layer);
}

/// Rows of A with so many spikes in the only timestep; every row of B has weights in the first `weights` columns.
reference::reference_layer rows_of_spikes(const std::vector<unsigned>& spikes, unsigned columns, unsigned weights)
{
    const unsigned inputs = std::max(1U, *std::max_element(spikes.begin(), spikes.end()));
    reference::reference_layer layer = matrix(static_cast<unsigned>(spikes.size()), inputs, columns, 1);
    for (std::size_t row = 0; row < spikes.size(); ++row)
        for (unsigned i = 0; i < spikes[row]; ++i)
            layer.spikes[row * inputs + i] = 1;
    std::fill_n(layer.weights.begin(), std::size_t{weights} * inputs, std::int8_t{1});
    return layer;
}

} // namespace

struct hand_case {
    const char* name;
    reference::reference_layer layer;
    std::vector<std::string> overrides;
    std::uint64_t cycles;
};

class gamma_by_hand : public testing::TestWithParam<hand_case>
{
};

TEST_P(gamma_by_hand, takes_these_cycles)
{
    EXPECT_EQ(run_bare(GetParam().layer, GetParam().overrides)[counter::cycles], GetParam().cycles);
}

INSTANTIATE_TEST_SUITE_P(
    cases, gamma_by_hand,
    testing::Values(
        // An element a cycle, and the merger fills and drains once.
        hand_case{"one_round", rows_of_spikes({5}, 8, 2), {}, 5 * 2 + 6},
        hand_case{"as_many_as_ways", rows_of_spikes({64}, 8, 2), {}, 64 * 2 + 6},
        // One fiber too many: two are merged first, what they give is merged once more.
        hand_case{"one_more", rows_of_spikes({65}, 8, 2), {}, 65 * 2 + 2 + 2 * 6},
        hand_case{"radix_2", rows_of_spikes({4}, 8, 3), {"gamma.radix=2"}, 4 * 3 + 2 * 3 + 3 * 6},
        hand_case{"nothing", rows_of_spikes({0}, 8, 2), {}, 0},
        // The neurons take the zeros too.
        hand_case{"neurons", rows_of_spikes({0}, 8, 2), {"plif.latency=1"}, 8},
        hand_case{"neurons_last", rows_of_spikes({5}, 8, 2), {"plif.latency=1"}, 5 * 2 + 6 + 8},
        // 4 x 1 + 6 cycles a row, then it waits for the neurons: 10, 20, 40, 60, and the last row's 20.
        hand_case{"slow_neurons", rows_of_spikes({4, 4, 4}, 20, 1), {"plif.latency=1", "tppe.count=1"}, 10 + 3 * 20},
        // A PE takes the next row when it is free: 26 cycles; 8, 16 and 24 for the three short rows.
        hand_case{"dispatch", rows_of_spikes({20, 2, 2, 2}, 8, 1), {"tppe.count=2", "scheduler.prefetch_rows=0"}, 26},
        // A row taken early is not given back: 26 + 8.
        hand_case{"taken_early", rows_of_spikes({20, 2, 2, 2}, 8, 1), {"tppe.count=2"}, 26 + 8}),
    [](const auto& each) { return each.param.name; });

TEST(gamma, names_its_cycles)
{
    const observe::counter_set counters = run_bare(rows_of_spikes({65, 3}, 8, 2), {"tppe.count=3"});
    EXPECT_EQ(counters[counter::cycles], 144u);
    EXPECT_EQ(counters[counter::busy_cycles], 68u * 2);
    EXPECT_EQ(counters[counter::matches], 68u * 2);
    EXPECT_EQ(counters[counter::stall_merging], 2u);
    EXPECT_EQ(counters[counter::stall_fill], 3u * 6);
    EXPECT_EQ(counters[counter::stall_idle], 144u + 144 - 12);
    EXPECT_EQ(counters[counter::partial_sums_written], 2u);
    EXPECT_EQ(counters[counter::partial_sums_read], 2u);
    EXPECT_EQ(counters[counter::sram_write_partial_sums], 2u * 5 * 8);
    EXPECT_EQ(counters[counter::sram_read_partial_sums], 2u * 5 * 8);
    EXPECT_EQ(counters[of(counter::request_bytes, operand::partial_sums)], 2u * 2 * 5);
    EXPECT_EQ(counters[counter::sram_read_a_words], 68u * 8);
    EXPECT_EQ(counters[counter::sram_read_b_weights], 68u * 2 * 16);
}

// An access takes 9 cycles: 8 of latency, and its transfer. The row of A comes in 18, head first, then the row of B in
// 18; two elements; the output, head and coordinates together, is written in 9.
TEST(gamma, names_what_it_waits_for)
{
    machine_run run({"accelerator=gamma-snn", "tppe.count=1", "plif.latency=0", "compressor.adders=0",
                     "gamma.merger_latency=0", "memory.backend=fixed", "memory.latency_ns=10",
                     "memory.bandwidth_gb_per_s=100000"});
    const observe::counter_set counters = counters_of(run, rows_of_spikes({1}, 8, 2));
    EXPECT_EQ(counters[counter::stall_waiting_a], 18u);
    EXPECT_EQ(counters[counter::stall_waiting_b], 18u);
    EXPECT_EQ(counters[counter::busy_cycles], 2u);
    EXPECT_EQ(counters[counter::stall_write_back], 9u);
    EXPECT_EQ(counters[counter::cycles], 18u + 18 + 2 + 9);
}

// A refresh that meets the row of A, the row of B, or the write of the output; 0: none. What it costs has its name, and
// nothing else gets longer, but for the clock of the DRAM, which is slower than the accelerator's. Only the last one
// also holds the scheduler, which does not see what a PE waits for.
class gamma_refresh : public testing::TestWithParam<unsigned>
{
};

TEST_P(gamma_refresh, has_a_name)
{
    machine_run run({"accelerator=gamma-snn", "tppe.count=1", "plif.latency=0", "compressor.adders=0",
                     "gamma.merger_latency=0", "dram.t_rfc_ns=60", "dram.t_refi_ns=" + std::to_string(GetParam())});
    const observe::counter_set counters = counters_of(run, rows_of_spikes({1}, 8, 2));
    const std::uint64_t refresh = counters[counter::stall_dram_refresh];
    EXPECT_NEAR(static_cast<double>(counters[counter::stall_waiting_a]), 59, 2);
    EXPECT_NEAR(static_cast<double>(counters[counter::stall_waiting_b]), 58, 2);
    EXPECT_NEAR(static_cast<double>(counters[counter::stall_write_back]), 38, 2);
    EXPECT_NEAR(static_cast<double>(counters[counter::cycles]), static_cast<double>(59 + 58 + 2 + 38 + refresh), 3);
    EXPECT_EQ(counters[counter::scheduler_dram_refresh], GetParam() == 628 ? refresh : 0);
    if (GetParam() == 0)
        EXPECT_EQ(refresh, 0u);
    else
        EXPECT_GE(refresh, 24u);
}

INSTANTIATE_TEST_SUITE_P(intervals_ns, gamma_refresh, testing::Values(0u, 508u, 588u, 628u));

class gamma_stepped : public testing::TestWithParam<unsigned>
{
};

TEST_P(gamma_stepped, equals_the_stepped_machine)
{
    support::random_source random(GetParam());
    golden::merge_rules rules;
    rules.radix = random.pick({8u, 16u, 64u});
    rules.latency = random.between_unsigned(0, 9);
    rules.columns = random.pick({1u, 7u, 40u, 300u});
    const unsigned inputs = random.between_unsigned(1, rules.radix == 8 ? 57 : 230), rows = 12;
    reference::reference_layer layer = matrix(rows, inputs, rules.columns, 2);
    for (auto& word : layer.spikes)
        word = static_cast<std::uint16_t>(random.chance(3, 4) ? random.below(4) : 0);
    for (auto& weight : layer.weights)
        weight = static_cast<std::int8_t>(random.chance(1, 6) ? random.between(-128, 127) : 0);
    std::vector<golden::merge_step> steps;
    for (unsigned row = 0; row < rows; ++row)
        for (unsigned t = 0; t < 2; ++t) {
            steps.emplace_back();
            for (unsigned k = 0; k < inputs; ++k) {
                if ((layer.spikes[row * inputs + k] >> t & 1) == 0)
                    continue;
                steps.back().emplace_back();
                for (unsigned n = 0; n < rules.columns; ++n)
                    if (layer.weights[n * inputs + k] != 0)
                        steps.back().back().insert(n);
            }
        }
    const golden::merge_times expected = run_merge_machine(rules, steps);
    const observe::counter_set counters =
        run_bare(layer, {"tppe.count=1", "plif.latency=1", "gamma.radix=" + std::to_string(rules.radix),
                         "gamma.merger_latency=" + std::to_string(rules.latency)});
    EXPECT_EQ(counters[counter::cycles], expected.cycles);
    EXPECT_EQ(counters[counter::busy_cycles], expected.busy);
    EXPECT_EQ(counters[counter::stall_merging], expected.merging);
    EXPECT_EQ(counters[counter::stall_fill], expected.fill);
    EXPECT_EQ(counters[counter::stall_neurons], expected.neurons);
    EXPECT_EQ(counters[counter::partial_sums_written], expected.partial_elements);
    EXPECT_EQ(counters[counter::partial_sums_read], expected.partial_elements);
    EXPECT_EQ(counters[of(counter::request_bytes, operand::partial_sums)],
              2 * expected.partial_elements * (rules.columns > 256 ? 6 : 5));
}

INSTANTIATE_TEST_SUITE_P(seeds, gamma_stepped, testing::Range(0u, 12u));

class gamma_published : public testing::TestWithParam<unsigned>
{
};

TEST_P(gamma_published, equals_the_accounting)
{
    const support::published_case of = support::random_published_case(GetParam());
    machine_run run({"accelerator=gamma-snn", "fidelity=published", "tppe.max_timesteps=16"});
    const observe::counter_set counters = counters_of(run, of.layer);
    const cost::published_traffic expected =
        cost::count_published_traffic(of.unfolded, support::accounting_of("gamma-snn"));
    EXPECT_EQ(counters[counter::cycles], expected.cycles);
    EXPECT_EQ(counters[counter::matches], expected.matches);
}

INSTANTIATE_TEST_SUITE_P(seeds, gamma_published, testing::Range(0u, 12u));

// Whatever memory does, the work is the same, and every partial sum that is written is read once: 5, 1, 4, 0 and 5
// rounds.
TEST(gamma, memory_changes_no_work)
{
    machine_run run({"accelerator=gamma-snn", "cache.size_kib=4", "cache.ways=4", "dram.channels=1"});
    const observe::counter_set counters = counters_of(run, rows_of_spikes({300, 10, 200, 0, 299}, 300, 9));
    EXPECT_EQ(counters[counter::busy_cycles], 809u * 9);
    EXPECT_EQ(counters[counter::matches], 809u * 9);
    EXPECT_EQ(counters[counter::stall_fill], 15u * 6);
    EXPECT_EQ(counters[counter::stall_merging], 11u * 9);
    EXPECT_EQ(counters[counter::partial_sums_written], 11u * 9);
    EXPECT_EQ(counters[counter::partial_sums_read], 11u * 9);
    EXPECT_EQ(counters[of(counter::request_bytes, operand::partial_sums)], 2u * 11 * 9 * 6);
    EXPECT_GT(counters[counter::stall_partial_sums], 0u);
}

// A partial row that has been merged again is not written to memory, but for the rest of its last line: 1250 bytes are
// 39 lines and 2 bytes, in at most 4 places in each of 3 PEs.
TEST(gamma, dead_partial_rows_stay_in_the_cache)
{
    machine_run run({"accelerator=gamma-snn"});
    const observe::counter_set counters = counters_of(run, rows_of_spikes({300, 10, 200, 0, 299}, 300, 250));
    EXPECT_EQ(counters[counter::partial_sums_read], 11u * 250);
    EXPECT_LE(counters[of(counter::dram_write, operand::partial_sums)], 3u * 4 * 32);
}

TEST(gamma, partial_rows_that_do_not_fit_come_back_from_memory)
{
    machine_run run({"accelerator=gamma-snn", "cache.size_kib=4", "cache.ways=4"});
    const observe::counter_set counters = counters_of(run, rows_of_spikes({300, 10, 200, 0, 299}, 300, 250));
    EXPECT_EQ(counters[counter::partial_sums_read], 11u * 250);
    EXPECT_GT(counters[of(counter::dram_write, operand::partial_sums)], 0u);
    EXPECT_GT(counters[of(counter::cache_misses, operand::partial_sums)], 0u);
}

// 48 rows of 64 inputs, 64 columns, nothing is 0: heads of 8 bytes, a coordinate and a value of a byte each.
TEST(gamma, as_an_ann_whose_weights_fit_into_the_cache_reads_everything_once)
{
    reference::reference_layer layer = matrix(48, 64, 64);
    std::fill(layer.spikes.begin(), layer.spikes.end(), std::uint16_t{1});
    std::fill(layer.weights.begin(), layer.weights.end(), std::int8_t{1});
    machine_run run({"accelerator=gamma-ann"});
    const observe::counter_set counters = counters_of(run, for_design("gamma-ann", layer));
    EXPECT_EQ(counters[of(counter::dram_read, operand::a_pointers)], 8u * 48);
    EXPECT_EQ(counters[of(counter::dram_read, operand::a_words)], 2u * 48 * 64);
    EXPECT_EQ(counters[of(counter::dram_read, operand::b_pointers)], 8u * 64);
    EXPECT_EQ(counters[of(counter::dram_read, operand::b_weights)], 2u * 64 * 64);
    EXPECT_EQ(counters[of(counter::dram_read, operand::partial_sums)], 0u);
}

struct spoiled {
    const char* name;
    bool weights;   ///< the tensor: B, else A
    unsigned fiber; ///< whose head is to blame
    int byte;       ///< of its values; below 0: -8 .. -1 of its head
    std::uint8_t value;
};

class gamma_bad_tensor : public testing::TestWithParam<spoiled>
{
};

// 5 x 70 inputs with random spikes, 9 columns; fibers with enough values.
TEST_P(gamma_bad_tensor, fails_the_layer)
{
    const reference::reference_layer layer = small_layer();
    machine_run run({"accelerator=gamma-snn", "memory.ram_mib=8"});
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_hal& hal = *device.hal;
        const loas_descriptor descriptor = loaded.descriptor();
        const std::uint64_t tensor = GetParam().weights ? descriptor.weight_address : descriptor.input_address;
        const loas_tensor_layout layout = GetParam().weights ? loas_weight_layout(LOAS_WEIGHTS_ROWS, 9, 70)
                                                             : loas_spike_layout(LOAS_SPIKES_COORDINATES, 5, 70, 4);
        const std::uint64_t head = tensor + layout.pointer_offset + std::uint64_t{LOAS_HEAD_BYTES} * GetParam().fiber;
        std::uint32_t offset = 0;
        ASSERT_EQ(hal.dma_read(hal.context, &offset, head, 4), LOAS_OK);
        const std::uint64_t at = GetParam().byte < 0
                                     ? head + 8 - static_cast<unsigned>(-GetParam().byte)
                                     : tensor + layout.values_offset + offset + static_cast<unsigned>(GetParam().byte);
        fail_with_bad_tensor(device, descriptor, at, {GetParam().value}, head);
        run_good(device, loaded, layer);
    }));
}

INSTANTIATE_TEST_SUITE_P(bytes, gamma_bad_tensor,
                         testing::Values(spoiled{"a_offset", false, 7, -5, 0xFF}, spoiled{"a_count", false, 19, -4, 71},
                                         spoiled{"a_channel", false, 3, 4, 70}, spoiled{"a_order", false, 0, 4, 0},
                                         spoiled{"b_offset", true, 69, -5, 0xFF}, spoiled{"b_count", true, 3, -4, 10},
                                         spoiled{"b_column", true, 3, 4, 9}, spoiled{"b_order", true, 4, 4, 0}),
                         [](const auto& each) { return each.param.name; });
