// Cycles of SparTen-SNN: by hand, and by the published accounting where the two must agree.
#include "tests/integration/harness.h"

#include "models/cost/published_traffic.h"
#include "tests/support/accounting.h"
#include "tests/support/published_case.h"
#include "tests/support/random.h"

#include <gtest/gtest.h>

using namespace loas;
using namespace loas::integration;
using observe::counter;
using observe::operand;

namespace
{

/// Compute side only: no time for memory, neurons and compressor.
observe::counter_set run_bare(const reference::reference_layer& layer, std::vector<std::string> overrides)
{
    for (const char* each : {"accelerator=sparten-snn", "tppe.count=8", "memory.backend=ideal", "plif.latency=0"})
        overrides.emplace_back(each);
    machine_run run(overrides);
    return counters_of(run, layer);
}

/// A row of spikes in every timestep; column n has matches[n][chunk] weights in each chunk of 128 inputs.
reference::reference_layer chunks(const std::vector<std::vector<unsigned>>& matches, unsigned rows = 1,
                                  unsigned timesteps = 1)
{
    const auto inputs = static_cast<unsigned>(128 * matches[0].size());
    reference::reference_layer layer = matrix(rows, inputs, static_cast<unsigned>(matches.size()), timesteps);
    for (auto& word : layer.spikes)
        word = static_cast<std::uint16_t>((1U << timesteps) - 1);
    for (std::size_t n = 0; n < matches.size(); ++n)
        for (std::size_t chunk = 0; chunk < matches[n].size(); ++chunk)
            for (unsigned i = 0; i < matches[n][chunk]; ++i)
                layer.weights[n * inputs + chunk * 128 + i] = 1;
    return layer;
}

} // namespace

// A match a cycle; a row without one takes a cycle too. Seven PEs wait for the one with three matches.
TEST(sparten, a_match_a_cycle)
{
    const observe::counter_set counters = run_bare(chunks({{3}, {0}, {1}, {1}, {1}, {1}, {1}, {1}}), {});
    EXPECT_EQ(counters[counter::cycles], 3u);
    EXPECT_EQ(counters[counter::busy_cycles], 9u);
    EXPECT_EQ(counters[counter::stall_empty_join], 1u);
    EXPECT_EQ(counters[counter::stall_synchronisation], 7u * 2);
    EXPECT_EQ(counters[counter::joins], 8u);
    EXPECT_EQ(counters[counter::empty_joins], 1u);
}

struct hand_case {
    const char* name;
    reference::reference_layer layer;
    std::vector<std::string> overrides;
    std::uint64_t cycles;
};

class sparten_by_hand : public testing::TestWithParam<hand_case>
{
};

TEST_P(sparten_by_hand, takes_these_cycles)
{
    EXPECT_EQ(run_bare(GetParam().layer, GetParam().overrides)[counter::cycles], GetParam().cycles);
}

INSTANTIATE_TEST_SUITE_P(
    cases, sparten_by_hand,
    testing::Values(
        // A match a cycle, row after row and chunk after chunk.
        hand_case{"rows", chunks({{2, 2}}, 5), {}, 5 * 4},
        // The latency of the prefix-sum beyond its first cycle is paid once a chunk, whatever the number of rows.
        hand_case{"prefix", chunks({{2, 2}}, 5), {"tppe.fast_latency=4"}, 5 * 4 + 2 * 3},
        // Timesteps one after another.
        hand_case{"one_timestep", chunks({{6}}, 3, 1), {}, 6 * 3},
        hand_case{"all_timesteps", chunks({{6}}, 3, 16), {"tppe.max_timesteps=16"}, 6 * 3 * 16},
        // With one buffer the PEs meet at each chunk; with two one of them may be a chunk ahead.
        hand_case{"one_buffer", chunks({{5, 1}, {1, 5}}), {"sparten.chunk_buffers=1"}, 5 + 5},
        hand_case{"two_buffers", chunks({{5, 1}, {1, 5}}), {"sparten.chunk_buffers=2"}, 6},
        hand_case{"free_empty_joins", chunks({{0, 3}}, 5), {"tppe.empty_join_cycles=0"}, 5 * 3}),
    [](const auto& each) { return each.param.name; });

// The third chunk's rows come when the first PE has left the first chunk, in cycle 5: the second waits for that from
// cycle 2, and ends in 10; the first ends in 11.
TEST(sparten, rows_wait_for_the_slowest_pe)
{
    const observe::counter_set counters = run_bare(chunks({{5, 5, 1}, {1, 1, 5}}), {});
    EXPECT_EQ(counters[counter::cycles], 11u);
    EXPECT_EQ(counters[counter::stall_synchronisation], 3u + 1);
    EXPECT_EQ(counters[counter::stall_idle], 6u * 11);
}

// Blocks of rows: a PE's column is joined anew with each.
TEST(sparten, blocks_of_rows_meet)
{
    const reference::reference_layer layer = chunks({{2}, {1}}, 5);
    const observe::counter_set counters = run_bare(layer, {"sparten.rows=2"});
    EXPECT_EQ(counters[counter::cycles], 2u * 5);
    EXPECT_EQ(counters[counter::sram_read_b_mask], 3u * 2 * 128);
    EXPECT_EQ(counters[counter::sram_read_a_mask], 5u * 128);
    EXPECT_EQ(counters[counter::sram_read_b_weights], 5u * 3 * 8);
}

// The neurons take a sum a cycle while the PEs go on: a block of four rows without a match takes four cycles to join
// and four to take, so only the last one's shows.
TEST(sparten, neurons_overlap)
{
    const reference::reference_layer layer = chunks({{0}}, 4, 2);
    machine_run run({"accelerator=sparten-snn", "tppe.count=8", "memory.backend=ideal", "plif.latency=1"});
    const observe::counter_set counters = counters_of(run, layer);
    EXPECT_EQ(counters[counter::cycles], 4u + 4 + 4);
    EXPECT_EQ(counters[counter::lif_updates], 4u);
}

// Rows are fetched for each group of columns, columns for each block of rows; both anew in each timestep.
TEST(sparten, traffic_by_formula)
{
    const std::uint64_t m = 37, k = 300, n = 21, timesteps = 3, groups = 3, blocks = 4, chunks = 3;
    reference::reference_layer layer = matrix(m, k, n, timesteps);
    support::random_source random(6);
    std::uint64_t weights = 0;
    for (auto& word : layer.spikes)
        word = static_cast<std::uint16_t>(random.chance(1, 3) ? random.below(8) : 0);
    for (auto& weight : layer.weights)
        if (random.chance(1, 8)) {
            weight = static_cast<std::int8_t>(random.between(1, 127));
            ++weights;
        }
    machine_run run({"accelerator=sparten-snn", "tppe.count=8", "sparten.rows=10"});
    const observe::counter_set counters = counters_of(run, layer);
    const auto requested = [&](operand kind) { return counters[of(counter::request_bytes, kind)]; };
    EXPECT_EQ(requested(operand::a_mask), groups * m * timesteps * 38); // 300 bits
    EXPECT_EQ(requested(operand::b_mask), n * blocks * timesteps * 40); // in words of 64
    EXPECT_EQ(requested(operand::b_weights), weights * blocks * timesteps);
    EXPECT_EQ(requested(operand::b_pointers), 4 * n);
    EXPECT_EQ(requested(operand::partial_sums), 0u);
    EXPECT_EQ(counters[counter::sram_read_a_mask], groups * m * timesteps * chunks * 128);
    EXPECT_EQ(counters[counter::sram_read_b_mask], n * blocks * timesteps * chunks * 128);
    EXPECT_EQ(counters[counter::sram_read_b_weights], 8 * counters[counter::matches]);
    EXPECT_EQ(counters[counter::joins], n * m * timesteps * chunks);
    EXPECT_EQ(counters[counter::busy_cycles], counters[counter::matches]);
    EXPECT_EQ(counters[counter::stall_empty_join], counters[counter::empty_joins]);
    EXPECT_GT(counters[counter::empty_joins], 100u);
}

// An access takes 9 cycles: 8 of latency, and its transfer. Pointer, then mask and row, then weight: 27 for B. Then the
// match, and 9 for the output.
TEST(sparten, one_match_with_a_slow_memory)
{
    machine_run run({"accelerator=sparten-snn", "tppe.count=8", "plif.latency=0", "compressor.adders=0",
                     "memory.backend=fixed", "memory.latency_ns=10", "memory.bandwidth_gb_per_s=100000"});
    const observe::counter_set counters = counters_of(run, chunks({{1}}));
    EXPECT_EQ(counters[counter::stall_waiting_b], 27u);
    EXPECT_EQ(counters[counter::stall_waiting_a], 0u);
    EXPECT_EQ(counters[counter::stall_write_back], 9u);
    EXPECT_EQ(counters[counter::cycles], 27u + 1 + 9);
}

// 16 bytes take 1 ns on the way, then 8 cycles of 1.25 ns. The pointer comes in cycle 9; then two chunks of 20 rows and
// a mask each are asked for, and the first one's mask comes last, after 11.25 + 21 + 10 ns: in cycle 34. The third
// chunk is asked for when a buffer is free, in cycle 54; its rows come last, after 67.5 + 21 + 10 ns: in cycle 79, when
// the PE has waited since 74.
TEST(sparten, names_what_it_waits_for)
{
    machine_run run({"accelerator=sparten-snn", "tppe.count=8", "plif.latency=0", "compressor.adders=0",
                     "memory.backend=fixed", "memory.latency_ns=10", "memory.bandwidth_gb_per_s=16"});
    const observe::counter_set counters = counters_of(run, chunks({{0, 0, 0}}, 20));
    EXPECT_EQ(counters[counter::stall_waiting_b], 34u);
    EXPECT_EQ(counters[counter::stall_waiting_a], 79u - 74);
    EXPECT_EQ(counters[counter::stall_empty_join], 3u * 20);
    EXPECT_EQ(counters[counter::cycles] - counters[counter::stall_write_back], 79u + 20);
}

class sparten_published : public testing::TestWithParam<unsigned>
{
};

TEST_P(sparten_published, equals_the_accounting)
{
    const support::published_case of = support::random_published_case(GetParam());
    machine_run run({"accelerator=sparten-snn", "fidelity=published", "tppe.max_timesteps=16"});
    EXPECT_EQ(counters_of(run, of.layer)[counter::cycles],
              cost::count_published_traffic(of.unfolded, support::accounting_of("sparten-snn")).cycles);
}

INSTANTIATE_TEST_SUITE_P(seeds, sparten_published, testing::Range(0u, 12u));
