// Cycles of whole layers: against the published rule where the two must agree, by hand where they must not.
#include "tests/integration/harness.h"

#include "models/cost/published_rule.h"
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

// Compute side only: no memory, P-LIF or compressor time.
const std::vector<std::string> bare = {"memory.backend=ideal", "plif.latency=0", "compressor.adders=0"};

} // namespace

// A plain matrix has the same k order in memory and in the publication, so preset and rule must agree to the cycle.
class published_preset : public testing::TestWithParam<unsigned>
{
};

TEST_P(published_preset, equals_the_published_rule)
{
    support::random_source random(GetParam());
    reference::reference_layer layer =
        matrix(random.between_unsigned(1, 70), random.between_unsigned(1, 700), random.between_unsigned(1, 150));
    for (auto& word : layer.spikes)
        word = static_cast<std::uint16_t>(random.chance(1, 3) ? random.below(16) : 0);
    for (auto& weight : layer.weights)
        weight = static_cast<std::int8_t>(random.chance(1, 10) ? random.between(-128, 127) : 0);
    machine_run run({"fidelity=published"});
    const observe::counter_set counters = counters_of(run, layer);

    loas_descriptor d{};
    d.timesteps = 4;
    d.in_height = static_cast<std::uint16_t>(layer.in_height);
    d.in_channels = static_cast<std::uint16_t>(layer.in_channels);
    d.out_channels = static_cast<std::uint16_t>(layer.out_channels);
    d.in_width = d.kernel_h = d.kernel_w = d.stride_h = d.stride_w = d.pool = 1;
    const functional::layer_shape shape(d);
    const functional::bit_matrix columns =
        cost::unfold_columns(shape, functional::non_zeros_of(layer.weights, shape.n, shape.k));
    EXPECT_EQ(counters[counter::cycles],
              cost::join_tiles(cost::unfold_rows(shape, layer.spikes).masks, columns, {}).cycles);
}

INSTANTIATE_TEST_SUITE_P(seeds, published_preset, testing::Range(0u, 12u));

class nmtk_published : public testing::TestWithParam<unsigned>
{
};

// Also what the tiles read: rows that stream by, a weight for each match.
TEST_P(nmtk_published, equals_the_accounting)
{
    const support::published_case of = support::random_published_case(GetParam());
    machine_run run({"accelerator=loas-nmtk", "fidelity=published", "tppe.max_timesteps=16"});
    const observe::counter_set counters = counters_of(run, of.layer);
    const cost::published_traffic expected =
        cost::count_published_traffic(of.unfolded, support::accounting_of("loas-nmtk"));
    EXPECT_EQ(counters[counter::cycles], expected.cycles);
    EXPECT_EQ(counters[counter::matches], expected.matches);
    EXPECT_EQ(counters[counter::busy_cycles], expected.matches);
    EXPECT_EQ(counters[counter::sram_read_a_words], expected.inputs.visited_items * of.layer.timesteps);
    EXPECT_EQ(counters[counter::sram_read_b_weights], expected.matches * 8);
    const std::uint64_t blocks = (of.unfolded.columns + 15) / 16;
    EXPECT_EQ(counters[counter::sram_read_a_mask],
              blocks * of.unfolded.rows * 128 * functional::chunks_of(of.unfolded.inputs, 128)); // whole chunks
}

INSTANTIATE_TEST_SUITE_P(seeds, nmtk_published, testing::Range(0u, 12u));

// One tile row, K = 256, three columns. Column 0 empty: two empty chunks, 2 cycles. Column 1 one match in the first
// chunk: pushed in 0, popped in 8, done in 9; the empty chunk in between. Column 2 one match in each chunk: laggy sums
// in 0..7 and 8..15, last pop 16, done in 17. Sum 28.
TEST(tile_timing, one_row_by_hand)
{
    reference::reference_layer layer = matrix(1, 256, 3);
    layer.spikes[3] = 15;
    layer.spikes[200] = 1;
    layer.weights[256 + 3] = 1;
    layer.weights[512 + 3] = 2;
    layer.weights[512 + 200] = 3;
    machine_run run(bare);
    const observe::counter_set counters = counters_of(run, layer);
    EXPECT_EQ(counters[counter::cycles], 28u);
    EXPECT_EQ(counters[counter::joins], 6u);
    EXPECT_EQ(counters[counter::empty_joins], 3u);
    EXPECT_EQ(counters[counter::matches], 3u);
    EXPECT_EQ(counters[counter::corrections], 1u);     // the all-ones word needs none
    EXPECT_EQ(counters[counter::correction_adds], 3u); // word 1 lacks three timesteps
    EXPECT_EQ(counters[counter::discarded_entries], 2u);
    EXPECT_EQ(counters[counter::busy_cycles], 3u);
    EXPECT_EQ(counters[counter::stall_empty_join], 3u);
    EXPECT_EQ(counters[counter::stall_laggy], 22u);
    EXPECT_EQ(counters[counter::stall_idle], 28u * 15);
}

// Two rows that meet at each column: row 0 matches in column 0 only, row 1 in column 1 only; each waits for the other.
TEST(tile_timing, tiles_meet_at_every_column)
{
    reference::reference_layer layer = matrix(2, 64, 2);
    layer.spikes[0] = 1;
    layer.spikes[64 + 1] = 1;
    layer.weights[0] = 1;      // column 0 matches input 0
    layer.weights[64 + 1] = 1; // column 1 matches input 1
    machine_run run(bare);
    const observe::counter_set counters = counters_of(run, layer);
    EXPECT_EQ(counters[counter::cycles], 18u);
    EXPECT_EQ(counters[counter::stall_synchronisation], 16u); // 9 - 1 for each
}

// The same rows meeting only after both columns run past each other: 9 + 1 cycles in one order, 1 + 9 in the other.
TEST(tile_timing, columns_per_sync_lets_tiles_run_ahead)
{
    reference::reference_layer layer = matrix(2, 64, 2);
    layer.spikes[0] = 1;
    layer.spikes[64 + 1] = 1;
    layer.weights[0] = 1;
    layer.weights[64 + 1] = 1;
    std::vector<std::string> overrides = bare;
    overrides.emplace_back("tppe.columns_per_sync=2");
    machine_run run(overrides);
    const observe::counter_set counters = counters_of(run, layer);
    EXPECT_EQ(counters[counter::cycles], 10u);
    EXPECT_EQ(counters[counter::stall_synchronisation], 0u);
}

// Memory with 10 ns = 8 cycles latency and no prefetch: the one row (mask and pointer, then words) arrives after 16
// cycles, each column after another 16 once the one before is done.
TEST(tile_timing, nothing_overlaps_without_prefetch)
{
    reference::reference_layer layer = matrix(1, 64, 2);
    layer.spikes[0] = 15;
    layer.weights[0] = 1;
    layer.weights[64] = 1;
    machine_run run({"memory.backend=fixed", "memory.latency_ns=10", "memory.bandwidth_gb_per_s=100000",
                     "scheduler.prefetch_columns=0", "scheduler.prefetch_rows=0", "plif.latency=0",
                     "compressor.adders=0"});
    const observe::counter_set counters = counters_of(run, layer);
    // Row and first column are asked for at once, each access a cycle longer by its transfer time; the writes of the
    // output (mask, pointer, word) are under way together at the end.
    EXPECT_EQ(counters[counter::stall_waiting_a] + counters[counter::stall_waiting_b], 2u * 18);
    EXPECT_EQ(counters[counter::busy_cycles], 2u);
    EXPECT_EQ(counters[counter::stall_laggy], 16u);
    EXPECT_EQ(counters[counter::stall_write_back], 9u);
    EXPECT_EQ(counters[counter::cycles], 36u + 18 + 9);
}

// Latency of an access 8 cycles, 9 with its transfer; mask and pointer, then values: a fiber takes 18. Three columns of
// one match each (9 cycles), the row and the columns within the depth are asked for at 0, another at each column's
// start: depth 0: 18+9, 45+9, 72+9; depth 1: columns 0 and 1 until 36, column 2 asked for at 27 is there at 45; depth
// 2: no wait. Then the write of the output, 9.
class prefetch_columns : public testing::TestWithParam<std::pair<unsigned, unsigned>>
{
};

const std::vector<std::string> slow_memory = {"memory.backend=fixed", "memory.latency_ns=10",
                                              "memory.bandwidth_gb_per_s=100000", "plif.latency=0",
                                              "compressor.adders=0"};

TEST_P(prefetch_columns, hide_the_latency)
{
    reference::reference_layer layer = matrix(1, 64, 3);
    layer.spikes[0] = 15;
    layer.weights[0] = layer.weights[64] = layer.weights[128] = 1;
    std::vector<std::string> overrides = slow_memory;
    overrides.push_back("scheduler.prefetch_columns=" + std::to_string(GetParam().first));
    machine_run run(overrides);
    EXPECT_EQ(counters_of(run, layer)[counter::cycles], GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(depths, prefetch_columns,
                         testing::Values(std::pair(0U, 90U), std::pair(1U, 63U), std::pair(2U, 54U)));

// One tile, two rows, one column. Depth 0: the second row is asked for at 27 and there at 45. Depth 1: at 0.
class prefetch_rows : public testing::TestWithParam<std::pair<unsigned, unsigned>>
{
};

TEST_P(prefetch_rows, hide_the_latency)
{
    reference::reference_layer layer = matrix(2, 64, 1);
    layer.spikes[0] = layer.spikes[64] = 15;
    layer.weights[0] = 1;
    std::vector<std::string> overrides = slow_memory;
    overrides.push_back("tppe.count=1");
    overrides.push_back("scheduler.prefetch_rows=" + std::to_string(GetParam().first));
    machine_run run(overrides);
    EXPECT_EQ(counters_of(run, layer)[counter::cycles], GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(depths, prefetch_rows, testing::Values(std::pair(0U, 63U), std::pair(1U, 45U)));

// An empty join takes cycle 0; its neuron leaves the P-LIF 7 cycles later, and only then can it be written.
TEST(tile_timing, plif_latency_delays_the_output)
{
    machine_run run({"memory.backend=ideal", "plif.latency=7", "compressor.adders=0"});
    const observe::counter_set counters = counters_of(run, matrix(1, 64, 1));
    EXPECT_EQ(counters[counter::cycles], 8u);
    EXPECT_EQ(counters[counter::stall_packing], 7u);
}

// Chunks of 64, one adder: a block of 64 columns of 2 rows takes 128 cycles to pack. Empty joins fill block 0 in 64
// cycles; block 1 is full in cycle 128, but the compressor has block 0 until 192, then block 1 until 320.
TEST(tile_timing, compressor_holds_the_tiles)
{
    machine_run run({"memory.backend=ideal", "plif.latency=0", "compressor.adders=1", "tppe.chunk_bits=64"});
    const observe::counter_set counters = counters_of(run, matrix(2, 64, 128));
    EXPECT_EQ(counters[counter::cycles], 320u);
    EXPECT_EQ(counters[counter::stall_empty_join], 2u * 128);
    EXPECT_EQ(counters[counter::stall_packing], 2u * (64 + 128));
}

TEST(tile_timing, traffic_by_kind)
{
    // M = 2, K = 70, N = 3, T = 4. Fibers: row 0 has 3 words (12 bits: 2 bytes), row 1 none; columns 2, 0, 1 weights.
    reference::reference_layer layer = matrix(2, 70, 3);
    layer.spikes[0] = layer.spikes[1] = layer.spikes[69] = 3;
    layer.weights[0] = layer.weights[69] = 100;
    layer.weights[140] = 100;
    layer.threshold = 0;
    layer.leak_q8 = 0;
    layer.bias = {0, 0, 0};
    machine_run run({"memory.backend=fixed"});
    const observe::counter_set counters = counters_of(run, layer);
    EXPECT_EQ(counters[of(counter::dram_read, operand::a_mask)], 2u * 16);
    EXPECT_EQ(counters[of(counter::dram_read, operand::a_pointers)], 2u * 4);
    EXPECT_EQ(counters[of(counter::dram_read, operand::a_words)], 2u);
    EXPECT_EQ(counters[of(counter::dram_read, operand::b_mask)], 3u * 16);
    EXPECT_EQ(counters[of(counter::dram_read, operand::b_pointers)], 3u * 4);
    EXPECT_EQ(counters[of(counter::dram_read, operand::b_weights)], 3u);
    EXPECT_EQ(counters[of(counter::dram_read, operand::bias)], 12u);
    EXPECT_EQ(counters[of(counter::dram_write, operand::c_mask)], 2u * 8);
    EXPECT_EQ(counters[of(counter::dram_write, operand::c_pointers)], 2u * 4);
    EXPECT_EQ(counters[of(counter::dram_write, operand::c_words)], 1u); // row 0: columns 0 and 2 spike, 2 x 4 bits
    EXPECT_EQ(counters[counter::sram_read_a_words], 3u * 4);            // one word a match
    EXPECT_EQ(counters[counter::sram_read_b_mask], 3u * 70);
    EXPECT_EQ(counters[counter::sram_read_b_weights], 3u * 8);
    EXPECT_EQ(counters[counter::output_spikes], 4u);
    EXPECT_EQ(counters[counter::silent_outputs], 4u);
    EXPECT_EQ(counters[counter::lif_updates], 6u);
}
// A layer of the shape and sparsity of the publication's A-L4 (AlexNet layer 3: M 64, K 3456, N 256, 63.19 % of the
// inputs silent, 98.87 % of the weights zero). An estimate made apart from this model says: about 19.6 thousand cycles
// by the published accounting, 31 to 34 thousand when every join takes a cycle, over 100 thousand when the laggy
// prefix-sum is not pipelined. Placed uniformly, as here, it has a tenth more matches than the published layer: hence
// the upper bounds 7 % and 2 % above the estimate.
struct estimate {
    const char* name;
    std::vector<std::string> overrides;
    std::uint64_t least_cycles, most_cycles;
};

class a_l4 : public testing::TestWithParam<estimate>
{
};

TEST_P(a_l4, is_as_estimated)
{
    support::random_source random(4);
    reference::reference_layer layer = matrix(64, 3456, 256);
    for (auto& word : layer.spikes)
        word = static_cast<std::uint16_t>(random.chance(3681, 10000) ? random.between(1, 15) : 0);
    for (auto& weight : layer.weights)
        weight = static_cast<std::int8_t>(random.chance(113, 10000) ? random.between(1, 127) : 0);
    machine_run run(GetParam().overrides);
    const std::uint64_t cycles = counters_of(run, layer)[counter::cycles];
    RecordProperty("cycles", std::to_string(cycles));
    EXPECT_GE(cycles, GetParam().least_cycles);
    EXPECT_LE(cycles, GetParam().most_cycles);
}

INSTANTIATE_TEST_SUITE_P(ways, a_l4,
                         testing::Values(estimate{"published", {"fidelity=published"}, 18600, 21000},
                                         estimate{"a_cycle_per_join",
                                                  {"memory.backend=ideal", "tppe.laggy_ideal=true", "plif.latency=0",
                                                   "compressor.adders=0"},
                                                  31000,
                                                  34700},
                                         estimate{"laggy_not_pipelined", {"memory.backend=ideal"}, 100000, 200000}),
                         [](const auto& way) { return std::string(way.param.name); });

// 127 + 127 + ... in one neuron: 40 weights leave 12 bits (2047) with the 17th; 10 bits of correction (511) with the
// 5th.
TEST(tile_timing, accumulator_ranges)
{
    reference::reference_layer layer = matrix(1, 40, 2);
    std::fill(layer.spikes.begin(), layer.spikes.end(), std::uint16_t{1});
    std::fill(layer.weights.begin(), layer.weights.begin() + 40, std::int8_t{127});
    layer.weights[40] = -128;
    machine_run run({});
    const observe::counter_set counters = counters_of(run, layer);
    EXPECT_EQ(counters[counter::max_abs_pseudo], 40u * 127);
    EXPECT_EQ(counters[counter::max_abs_correction], 40u * 127);
    EXPECT_EQ(counters[counter::pseudo_overflows], 1u);
    EXPECT_EQ(counters[counter::correction_overflows], 1u);
}
