// GoSPA-SNN: cycles by hand and by the published accounting, traffic by formula.
#include "tests/integration/harness.h"

#include "models/cost/published_traffic.h"
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

std::vector<std::string> gospa(std::vector<std::string> more)
{
    for (const char* each : {"accelerator=gospa-snn", "plif.latency=0", "compressor.adders=0"})
        more.emplace_back(each);
    return more;
}

/// Compute side only: no time for memory, neurons and compressor.
observe::counter_set run_bare(const reference::reference_layer& layer, const std::vector<std::string>& overrides)
{
    std::vector<std::string> all = gospa(overrides);
    all.insert(all.end(), {"memory.backend=ideal", "tppe.count=2"});
    machine_run run(all);
    return counters_of(run, layer);
}

/// Eight spikes; column 0 has a weight for each, column 1 for the last one.
reference::reference_layer eight_spikes()
{
    reference::reference_layer layer = matrix(1, 64, 2, 1);
    std::fill_n(layer.spikes.begin(), 8, std::uint16_t{1});
    std::fill_n(layer.weights.begin(), 8, std::int8_t{1});
    layer.weights[64 + 7] = 1;
    return layer;
}

reference::reference_layer random_layer(std::uint64_t seed, reference::reference_layer layer)
{
    support::random_source random(seed);
    const std::size_t words = std::size_t{layer.in_height} * layer.in_width * layer.in_channels;
    layer.spikes.assign(words, 0);
    for (auto& word : layer.spikes)
        word = static_cast<std::uint16_t>(random.chance(1, 3) ? random.below(std::uint64_t{1} << layer.timesteps) : 0);
    layer.weights.assign(std::size_t{layer.kernel_h} * layer.kernel_w * layer.in_channels * layer.out_channels, 0);
    for (auto& weight : layer.weights)
        weight = static_cast<std::int8_t>(random.chance(1, 8) ? random.between(-128, 127) : 0);
    layer.threshold = 40;
    return layer;
}

std::uint64_t requested(const observe::counter_set& counters, operand kind)
{
    return counters[of(counter::request_bytes, kind)];
}

} // namespace

struct stream_case {
    const char* name;
    std::vector<std::string> overrides;
    std::uint64_t cycles, stall_stream, stall_synchronisation;
};

class gospa_stream : public testing::TestWithParam<stream_case>
{
};

TEST_P(gospa_stream, by_hand)
{
    const observe::counter_set counters = run_bare(eight_spikes(), GetParam().overrides);
    EXPECT_EQ(counters[counter::cycles], GetParam().cycles);
    EXPECT_EQ(counters[counter::matches], 9u);
    EXPECT_EQ(counters[counter::busy_cycles], 9u);
    EXPECT_EQ(counters[counter::stall_stream], GetParam().stall_stream);
    EXPECT_EQ(counters[counter::stall_synchronisation], GetParam().stall_synchronisation);
    EXPECT_EQ(counters[counter::sram_read_a_words], 8u * 8);
    EXPECT_EQ(counters[counter::sram_read_b_weights], 9u * 8);
    EXPECT_EQ(counters[counter::sram_read_b_mask], 2u * 64);
}

INSTANTIATE_TEST_SUITE_P(widths, gospa_stream,
                         testing::Values(
                             // The last spike passes in cycle 1: PE 1 waits for it one cycle and is done in 2.
                             stream_case{"four_a_cycle", {"gospa.stream_width=4"}, 8, 1, 6},
                             // In cycle 7.
                             stream_case{"one_a_cycle", {"gospa.stream_width=1"}, 8, 7, 0},
                             // PE 0 takes a spike a cycle and holds one: the last one passes in cycle 6.
                             stream_case{"full_fifo", {"gospa.stream_width=4", "gospa.fifo_depth=1"}, 8, 6, 1},
                             stream_case{"all_at_once", {"gospa.stream_width=0", "gospa.fifo_depth=0"}, 8, 0, 7}),
                         [](const auto& each) { return each.param.name; });

// Spikes that match nothing take their place in the stream: nine of them three cycles, for both PEs.
TEST(gospa, spikes_without_a_match_pass)
{
    reference::reference_layer layer = matrix(1, 64, 2, 1);
    std::fill_n(layer.spikes.begin(), 9, std::uint16_t{1});
    const observe::counter_set counters = run_bare(layer, {"gospa.stream_width=4"});
    EXPECT_EQ(counters[counter::cycles], 3u);
    EXPECT_EQ(counters[counter::stall_stream], 6u);
}

// Row 0 has three matches for PE 0 in the first tile, row 1 three for PE 1 in the second. They overlap where both rows
// are in a block and both ranges in a tile.
class gospa_meets : public testing::TestWithParam<std::pair<std::vector<std::string>, std::uint64_t>>
{
};

TEST_P(gospa_meets, at_blocks_and_tiles)
{
    reference::reference_layer layer = matrix(2, 128, 2, 1);
    for (std::size_t i = 0; i < 3; ++i) {
        layer.spikes[i] = layer.spikes[128 + 64 + i] = 1;
        layer.weights[i] = layer.weights[128 + 64 + i] = 1;
    }
    std::vector<std::string> overrides = GetParam().first;
    overrides.emplace_back("gospa.stream_width=0");
    EXPECT_EQ(run_bare(layer, overrides)[counter::cycles], GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(
    sizes, gospa_meets,
    testing::Values(std::pair(std::vector<std::string>{"gospa.rows=2", "gospa.tile_inputs=128"}, 3U),
                    std::pair(std::vector<std::string>{"gospa.rows=1", "gospa.tile_inputs=128"}, 6U),
                    std::pair(std::vector<std::string>{"gospa.rows=2", "gospa.tile_inputs=64"}, 6U)));

class gospa_published : public testing::TestWithParam<unsigned>
{
};

TEST_P(gospa_published, equals_the_accounting)
{
    const support::published_case of = support::random_published_case(GetParam());
    machine_run run({"accelerator=gospa-snn", "fidelity=published", "tppe.max_timesteps=16"});
    const observe::counter_set counters = counters_of(run, of.layer);
    const cost::published_traffic expected =
        cost::count_published_traffic(of.unfolded, support::accounting_of("gospa-snn"));
    EXPECT_EQ(counters[counter::cycles], expected.cycles);
    EXPECT_EQ(counters[counter::matches], expected.matches);
    // As many partial sums too; the publication has them in 8 bits.
    EXPECT_EQ(8 * (counters[counter::partial_sums_written] + counters[counter::partial_sums_read]),
              expected.partial_sum_dram_bits);
}

INSTANTIATE_TEST_SUITE_P(seeds, gospa_published, testing::Range(0u, 12u));

// An access takes 9 cycles: 8 of latency, and its transfer. Spikes and weights come in 18, head or mask first; one
// match; the sum is taken up again in 9, and the output, head and coordinate together, is written in 9.
TEST(gospa, one_match_with_a_slow_memory)
{
    reference::reference_layer layer = matrix(1, 64, 1, 1);
    layer.spikes[3] = 1;
    layer.weights[3] = 5;
    machine_run run(gospa({"memory.backend=fixed", "memory.latency_ns=10", "memory.bandwidth_gb_per_s=100000"}));
    const observe::counter_set counters = counters_of(run, layer);
    EXPECT_EQ(counters[counter::stall_waiting_a] + counters[counter::stall_waiting_b], 18u);
    EXPECT_EQ(counters[counter::busy_cycles], 1u);
    EXPECT_EQ(counters[counter::stall_partial_sums], 9u);
    EXPECT_EQ(counters[counter::stall_write_back], 9u);
    EXPECT_EQ(counters[counter::cycles], 18u + 1 + 9 + 9);
}

// Two blocks of twenty spikes, one a cycle. Ahead, the second comes while the first streams; else it takes its 18
// cycles.
class gospa_prefetch : public testing::TestWithParam<std::pair<unsigned, unsigned>>
{
};

TEST_P(gospa_prefetch, hides_the_next_block)
{
    reference::reference_layer layer = matrix(2, 64, 1, 1);
    std::fill_n(layer.spikes.begin(), 20, std::uint16_t{1});
    std::fill_n(layer.spikes.begin() + 64, 20, std::uint16_t{1});
    machine_run run(
        gospa({"memory.backend=fixed", "memory.latency_ns=10", "memory.bandwidth_gb_per_s=100000", "gospa.rows=1",
               "gospa.stream_width=1", "scheduler.prefetch_rows=" + std::to_string(GetParam().first)}));
    const observe::counter_set counters = counters_of(run, layer);
    EXPECT_EQ(counters[counter::scheduler_waiting_a] + counters[counter::scheduler_waiting_b], GetParam().second);
    EXPECT_EQ(counters[counter::scheduler_broadcasting], 40u);
}

INSTANTIATE_TEST_SUITE_P(depths, gospa_prefetch, testing::Values(std::pair(0U, 36U), std::pair(1U, 18U)));

// Three groups of one column each: ahead, masks and weights of the next come while twenty spikes stream, one a cycle;
// else they take their 18 cycles each time.
class gospa_prefetch_columns : public testing::TestWithParam<std::pair<unsigned, unsigned>>
{
};

TEST_P(gospa_prefetch_columns, hides_the_next_group)
{
    reference::reference_layer layer = matrix(1, 64, 3, 1);
    std::fill_n(layer.spikes.begin(), 20, std::uint16_t{1});
    for (std::size_t n = 0; n < 3; ++n)
        layer.weights[64 * n] = 1;
    machine_run run(
        gospa({"memory.backend=fixed", "memory.latency_ns=10", "memory.bandwidth_gb_per_s=100000", "tppe.count=1",
               "gospa.stream_width=1", "scheduler.prefetch_columns=" + std::to_string(GetParam().first)}));
    const observe::counter_set counters = counters_of(run, layer);
    EXPECT_EQ(counters[counter::scheduler_waiting_a] + counters[counter::scheduler_waiting_b], GetParam().second);
    EXPECT_EQ(counters[counter::scheduler_broadcasting], 60u);
}

INSTANTIATE_TEST_SUITE_P(depths, gospa_prefetch_columns, testing::Values(std::pair(0U, 54U), std::pair(1U, 18U)));

struct traffic_case {
    const char* name;
    unsigned height, width, channels, columns, kernel, pad, pool, timesteps;
    std::uint64_t rows; ///< computed
    std::vector<std::string> overrides;
};

class gospa_traffic : public testing::TestWithParam<traffic_case>
{
};

// Sums go and come once for each tile of K. Masks are fetched once for each tile and column, pointers and weights once.
TEST_P(gospa_traffic, by_formula)
{
    const traffic_case& c = GetParam();
    reference::reference_layer layer = matrix(c.height, c.channels, c.columns, c.timesteps);
    layer.in_width = c.width;
    layer.kernel_h = layer.kernel_w = c.kernel;
    layer.pad_h = layer.pad_w = c.pad;
    layer.pool = c.pool;
    layer = random_layer(3, layer);
    std::vector<std::string> overrides = c.overrides;
    overrides.insert(overrides.end(), {"accelerator=gospa-snn", "tppe.max_timesteps=16"});
    machine_run run(overrides);
    const observe::counter_set counters = counters_of(run, layer);
    const std::uint64_t k = std::uint64_t{c.kernel} * c.kernel * c.channels, n = c.columns;
    const std::uint64_t tiles = (k + 63) / 64, sums = c.timesteps * c.rows * n * tiles;
    EXPECT_EQ(counters[counter::partial_sums_written], sums);
    EXPECT_EQ(counters[counter::partial_sums_read], sums);
    EXPECT_EQ(requested(counters, operand::partial_sums), 2 * 4 * sums);
    EXPECT_EQ(counters[counter::sram_read_partial_sums], 32 * sums);
    EXPECT_EQ(counters[counter::sram_write_partial_sums], 32 * sums);
    EXPECT_EQ(requested(counters, operand::b_pointers), 4 * n);
    EXPECT_EQ(requested(counters, operand::b_mask), (k + 63) / 64 * 8 * n);
    EXPECT_EQ(requested(counters, operand::b_weights),
              static_cast<std::uint64_t>(layer.weights.size()) -
                  static_cast<std::uint64_t>(std::count(layer.weights.begin(), layer.weights.end(), 0)));
    EXPECT_EQ(counters[counter::joins], 0u);
    EXPECT_EQ(counters[counter::busy_cycles], counters[counter::matches]);
}

INSTANTIATE_TEST_SUITE_P(
    layers, gospa_traffic,
    testing::Values(
        traffic_case{"plain", 37, 1, 300, 21, 1, 0, 1, 4, 37, {"gospa.tile_inputs=64"}},
        traffic_case{"ideal", 37, 1, 300, 21, 1, 0, 1, 4, 37, {"gospa.tile_inputs=64", "memory.backend=ideal"}},
        traffic_case{"one_tile", 5, 1, 64, 3, 1, 0, 1, 1, 5, {"gospa.tile_inputs=64", "gospa.rows=2"}},
        traffic_case{"pooled", 7, 9, 20, 35, 3, 1, 2, 5, 6 * 8, {"gospa.tile_inputs=64", "gospa.rows=10"}},
        traffic_case{"all_timesteps", 3, 3, 10, 70, 2, 0, 1, 16, 4, {"gospa.tile_inputs=64", "tppe.count=64"}}),
    [](const auto& each) { return each.param.name; });

// Coordinates of a plain matrix. Lists that a tile does not cut are read once for each group of columns. Of lists that
// are cut, the first group reads at most as many as the tile has inputs, the others what lies in the tile.
class gospa_coordinates : public testing::TestWithParam<unsigned>
{
};

TEST_P(gospa_coordinates, by_formula)
{
    const unsigned m = 19, k = GetParam(), n = 40, groups = 3, timesteps = 3;
    const reference::reference_layer layer = random_layer(8, matrix(m, k, n, timesteps));
    machine_run run({"accelerator=gospa-snn", "gospa.rows=8"});
    const observe::counter_set counters = counters_of(run, layer);
    const std::uint64_t tiles = (k + 255) / 256, width = k <= 256 ? 1 : 2;
    std::uint64_t all = 0, first = 0;
    for (unsigned t = 0; t < timesteps; ++t)
        for (unsigned row = 0; row < m; ++row) {
            const auto spikes = [&](unsigned from, unsigned to) {
                std::uint64_t count = 0;
                for (unsigned i = from; i < std::min(to, k); ++i)
                    count += layer.spikes[row * k + i] >> t & 1U;
                return count;
            };
            all += spikes(0, k);
            for (unsigned from = 0; from < k; from += 256)
                first += from + 256 >= k ? spikes(from, k) : std::min<std::uint64_t>(256, spikes(from, k));
        }
    EXPECT_EQ(requested(counters, operand::a_pointers), std::uint64_t{8} * timesteps * m * tiles * groups);
    EXPECT_EQ(requested(counters, operand::a_words), width * (first + (groups - 1) * all));
    EXPECT_EQ(counters[counter::sram_read_a_words], 8 * groups * all);
}

INSTANTIATE_TEST_SUITE_P(inputs, gospa_coordinates, testing::Values(100u, 256u, 700u, 2000u));

// A block of 3 x 3 windows over 6 x 6 pixels has all 36 pixels, each with its list once.
TEST(gospa, reads_a_pixel_once_for_a_block)
{
    reference::reference_layer layer = matrix(6, 10, 5, 2);
    layer.in_width = 6;
    layer.kernel_h = layer.kernel_w = 3;
    layer = random_layer(4, layer);
    machine_run run({"accelerator=gospa-snn"});
    const observe::counter_set counters = counters_of(run, layer);
    std::uint64_t spikes = 0;
    for (const std::uint16_t word : layer.spikes)
        spikes += static_cast<std::uint64_t>(__builtin_popcount(word));
    EXPECT_EQ(requested(counters, operand::a_pointers), 8u * 2 * 36);
    EXPECT_EQ(requested(counters, operand::a_words), spikes);
    EXPECT_GT(counters[counter::sram_read_a_words], 8 * spikes); // but they stream for each window
}

// A cache that holds all sums keeps them; one that does not sends them to memory and back.
TEST(gospa, partial_sums_stay_in_a_large_cache)
{
    const reference::reference_layer layer = random_layer(5, matrix(64, 1024, 64, 4)); // sums of 64 KiB
    machine_run run({"accelerator=gospa-snn", "cache.size_kib=1024"});
    const observe::counter_set counters = counters_of(run, layer);
    EXPECT_EQ(counters[of(counter::dram_read, operand::partial_sums)], 0u);
    EXPECT_EQ(counters[of(counter::dram_write, operand::partial_sums)], 65536u); // at the end of the layer
}

TEST(gospa, partial_sums_fall_out_of_a_small_cache)
{
    const reference::reference_layer layer = random_layer(5, matrix(64, 1024, 64, 4));
    machine_run run({"accelerator=gospa-snn", "cache.size_kib=16"});
    const observe::counter_set counters = counters_of(run, layer);
    EXPECT_EQ(counters[of(counter::dram_read, operand::partial_sums)], 4u * 65536);
    EXPECT_EQ(counters[of(counter::dram_write, operand::partial_sums)], 4u * 65536);
}

// Kernels of many positions with few channels, in tiles that begin and end within a pixel, whatever the number of PEs.
class gospa_cut_pixels : public testing::TestWithParam<unsigned>
{
};

TEST_P(gospa_cut_pixels, equal_golden)
{
    reference::reference_layer layer = matrix(9, 27, 33, 6);
    layer.in_width = 7;
    layer.kernel_h = 5;
    layer.kernel_w = 3;
    layer.stride_w = 2;
    layer.pad_h = 2;
    layer.pad_w = 1;
    layer = random_layer(GetParam(), layer);
    machine_run run({"accelerator=gospa-snn", "tppe.max_timesteps=16", "tppe.count=" + std::to_string(GetParam()),
                     "gospa.tile_inputs=64", "gospa.rows=5", "scheduler.prefetch_rows=64", "cache.size_kib=4",
                     "cache.ways=2"});
    EXPECT_GT(counters_of(run, layer)[counter::matches], 0u); // compares with the golden model
}

INSTANTIATE_TEST_SUITE_P(pes, gospa_cut_pixels, testing::Values(1u, 3u, 16u, 64u));
