// The memory system under a whole accelerator: what it must never do to cycles and traffic, whatever its parameters.
#include "models/memory/memory_system.h"
#include "tests/integration/harness.h"

#include "tests/golden/join_machine.h"
#include "tests/support/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

using namespace loas;
using namespace loas::integration;
using observe::counter;
using observe::operand;

namespace
{

reference::reference_layer random_matrix(std::uint64_t seed, unsigned m, unsigned k, unsigned n)
{
    support::random_source random(seed);
    reference::reference_layer layer = matrix(m, k, n);
    for (auto& word : layer.spikes)
        word = static_cast<std::uint16_t>(random.chance(1, 4) ? random.below(16) : 0);
    for (auto& weight : layer.weights)
        weight = static_cast<std::int8_t>(random.chance(1, 12) ? random.between(-128, 127) : 0);
    layer.threshold = 40;
    layer.bias.assign(n, 1);
    return layer;
}

/// Cycles of the tiles alone: for each group of 16 rows and each column the slowest row, stepped clock by clock by the
/// reference machine of the inner join.
std::uint64_t compute_cycles(const reference::reference_layer& layer)
{
    const std::size_t m = layer.in_height, k = layer.in_channels, n = layer.out_channels;
    std::uint64_t total = 0;
    for (std::size_t first = 0; first < m; first += 16)
        for (std::size_t column = 0; column < n; ++column) {
            std::uint64_t slowest = 0;
            for (std::size_t row = first; row < std::min(first + 16, m); ++row) {
                std::vector<golden::chunk> chunks;
                for (std::size_t start = 0; start < k; start += 128) {
                    golden::chunk chunk;
                    unsigned offset = 0;
                    for (std::size_t i = start; i < std::min(start + 128, k); ++i) {
                        if (layer.weights[column * k + i] == 0)
                            continue;
                        if (layer.spikes[row * k + i] != 0)
                            chunk.weight_offsets.push_back(offset);
                        ++offset;
                    }
                    chunks.push_back(chunk);
                }
                chunks.back().drain_after = true;
                slowest = std::max(slowest, golden::run_join_machine({}, chunks).done_cycles[0]);
            }
            total += slowest;
        }
    return total;
}

const std::vector<std::string> tiles_alone = {"plif.latency=0", "compressor.adders=0"};

std::vector<std::string> with(std::vector<std::string> base, const std::vector<std::string>& more)
{
    base.insert(base.end(), more.begin(), more.end());
    return base;
}

/// Lines of `line` bytes that [address, address + bytes) touches.
void touch(std::set<std::uint64_t>& lines, std::uint64_t address, std::uint64_t bytes, std::uint64_t line)
{
    for (std::uint64_t at = address / line; bytes > 0 && at <= (address + bytes - 1) / line; ++at)
        lines.insert(at);
}

} // namespace

class ideal_memory : public testing::TestWithParam<std::uint64_t>
{
};

TEST_P(ideal_memory, takes_the_cycles_of_the_compute_model_alone)
{
    support::random_source random(GetParam());
    const reference::reference_layer layer = random_matrix(
        GetParam(), random.between_unsigned(1, 50), random.between_unsigned(1, 500), random.between_unsigned(1, 60));
    machine_run run(with(tiles_alone, {"memory.backend=ideal"}));
    EXPECT_EQ(counters_of(run, layer)[counter::cycles], compute_cycles(layer));
}

INSTANTIATE_TEST_SUITE_P(seeds, ideal_memory, testing::Range(std::uint64_t{0}, std::uint64_t{8}));

// With every part of the memory ideal, nothing is left of it. The write-back takes no time either.
TEST(memory_parts, all_ideal_are_an_ideal_memory)
{
    const reference::reference_layer layer = random_matrix(5, 40, 400, 30);
    machine_run run(with(tiles_alone, {"cache.ideal=true", "xbar.ideal=true", "dram.ideal=true"}));
    EXPECT_EQ(counters_of(run, layer)[counter::cycles], compute_cycles(layer));
}

// Never faster than the compute model alone, whatever is made better; the harness adds: never above the DRAM's peak.
class memory_kinds : public testing::TestWithParam<std::vector<std::string>>
{
};

TEST_P(memory_kinds, are_never_faster_than_compute_alone)
{
    const reference::reference_layer layer = random_matrix(7, 40, 700, 50);
    machine_run run(with(tiles_alone, GetParam()));
    EXPECT_GE(counters_of(run, layer)[counter::cycles], compute_cycles(layer));
    const observe::channel_statistics dram = run.outcomes.at(0).memory.all_channels();
    EXPECT_GE(run.machine().memory().commands_checked(), dram.reads + dram.writes); // all were watched
}

INSTANTIATE_TEST_SUITE_P(
    kinds, memory_kinds,
    testing::Values(std::vector<std::string>{}, std::vector<std::string>{"memory.backend=fixed"},
                    std::vector<std::string>{"timing=lt"}, std::vector<std::string>{"dram.ideal=true"},
                    std::vector<std::string>{"cache.ideal=true"}, std::vector<std::string>{"xbar.ideal=true"},
                    std::vector<std::string>{"dram.channels=1", "cache.size_kib=8", "cache.ways=4"},
                    std::vector<std::string>{"scheduler.prefetch_rows=4", "scheduler.prefetch_columns=64"},
                    std::vector<std::string>{"cache.banks=1", "cache.mshrs=1", "cache.write_buffers=1"}));

// Cold and large enough, the cache reads each line of each operand once: the footprint, in whole lines.
TEST(traffic, of_a_cold_cache_is_the_footprint)
{
    const reference::reference_layer layer = random_matrix(11, 70, 500, 40);
    machine_run run({"cache.size_kib=4096"});
    std::set<std::uint64_t> lines[observe::read_operand_count];
    const auto kind_lines = [&](operand kind) -> std::set<std::uint64_t>& {
        return lines[static_cast<std::size_t>(kind)];
    };
    observe::counter_set counters;
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_descriptor d = loaded.descriptor();
        const loas_hal& hal = *device.hal;
        run_good(device, loaded, layer);
        counters = run.outcomes.at(0).counters;
        const loas_tensor_layout a = loas_spike_layout(LOAS_SPIKES_PACKED, 70, 500, 4),
                                 b = loas_weight_layout(LOAS_WEIGHTS_COLUMNS, 40, 500);
        const auto walk = [&](std::uint64_t tensor, const loas_tensor_layout& layout, unsigned fibers, operand mask,
                              operand pointer, operand values, unsigned value_bits) {
            for (unsigned i = 0; i < fibers; ++i) {
                std::uint64_t words[8] = {};
                std::uint32_t offset = 0;
                ASSERT_EQ(hal.dma_read(hal.context, words, tensor + i * layout.mask_stride, layout.mask_stride),
                          LOAS_OK);
                ASSERT_EQ(hal.dma_read(hal.context, &offset, tensor + layout.pointer_offset + 4 * i, 4), LOAS_OK);
                std::uint64_t count = 0;
                for (const std::uint64_t word : words)
                    count += static_cast<std::uint64_t>(__builtin_popcountll(word));
                touch(kind_lines(mask), tensor + i * layout.mask_stride, layout.mask_stride, 32);
                touch(kind_lines(pointer), tensor + layout.pointer_offset + 4 * i, 4, 32);
                touch(kind_lines(values), tensor + layout.values_offset + offset, (count * value_bits + 7) / 8, 32);
            }
        };
        walk(d.input_address, a, 70, operand::a_mask, operand::a_pointers, operand::a_words, 4);
        walk(d.weight_address, b, 40, operand::b_mask, operand::b_pointers, operand::b_weights, 8);
        touch(kind_lines(operand::bias), d.bias_address, 4 * 40, 32);
    }));
    // A line that two kinds share (the last masks and the first pointers) counts for whoever came first.
    std::uint64_t read = 0, footprint = 0;
    std::set<std::uint64_t> all;
    for (std::size_t i = 0; i < observe::read_operand_count; ++i) {
        const auto kind = static_cast<operand>(i);
        const std::uint64_t misses = counters[of(counter::cache_misses, kind)];
        EXPECT_LE(misses, lines[i].size()) << "kind " << i;
        EXPECT_GE(misses + 2, lines[i].size()) << "kind " << i;
        EXPECT_GE(counters[of(counter::request_bytes, kind)] + 31, lines[i].empty() ? 31 : 32) << "kind " << i;
        read += counters[of(counter::dram_read, kind)];
        all.insert(lines[i].begin(), lines[i].end());
    }
    footprint = all.size() * 32;
    EXPECT_EQ(read, footprint);
    EXPECT_EQ(counters[counter::evictions], 0u);
}

// Five groups of rows want all columns each: a cache that cannot hold them reads them again for every group.
TEST(traffic, of_a_small_cache_repeats_what_does_not_fit)
{
    const reference::reference_layer layer = random_matrix(12, 70, 700, 60);
    machine_run run({"cache.size_kib=4", "cache.ways=4", "cache.policy=lru"});
    const std::uint64_t misses = counters_of(run, layer)[of(counter::cache_misses, operand::b_mask)];
    EXPECT_EQ(misses, 5u * 60 * 88 / 32); // 60 masks of 88 bytes: none survives until the next group
}

TEST(prefetch, of_depth_0_overlaps_nothing)
{
    const reference::reference_layer layer = random_matrix(13, 16, 512, 20);
    machine_run run(with(tiles_alone, {"scheduler.prefetch_rows=0", "scheduler.prefetch_columns=0", "dram.t_refi_ns=0",
                                       "dram.channel_hash=false"}));
    const observe::counter_set counters = counters_of(run, layer);
    // What the tiles do and what they wait for add up to the layer: no fetch is hidden behind a join.
    EXPECT_EQ(counters[counter::scheduler_broadcasting], compute_cycles(layer));
    EXPECT_GE(counters[counter::scheduler_waiting_b], 20u * 10); // each column at least two dependent accesses
}

TEST(refresh, that_is_seen_has_a_name)
{
    const reference::reference_layer layer = random_matrix(14, 64, 700, 100);
    machine_run run(
        {"dram.t_refi_ns=1000", "dram.t_rfc_ns=300", "cache.size_kib=8", "cache.ways=4", "dram.channels=2"});
    const observe::counter_set counters = counters_of(run, layer);
    EXPECT_GT(counters[counter::stall_dram_refresh], 0u);
    EXPECT_GT(counters[counter::scheduler_dram_refresh], 0u);
    EXPECT_GT(run.outcomes.at(0).memory.all_channels().refreshes, 0u);
}

TEST(refresh, that_does_not_happen_is_not_seen)
{
    const reference::reference_layer layer = random_matrix(14, 64, 700, 100);
    machine_run run({"dram.t_refi_ns=0"});
    const observe::counter_set counters = counters_of(run, layer);
    EXPECT_EQ(counters[counter::stall_dram_refresh], 0u);
    EXPECT_EQ(run.outcomes.at(0).memory.all_channels().refreshes, 0u);
}

// B is asked for once for all tiles, A once for each row.
TEST(broadcast, asks_for_a_column_once_a_row_group)
{
    const reference::reference_layer layer = random_matrix(15, 40, 128, 10);
    machine_run run({});
    const observe::counter_set counters = counters_of(run, layer);
    EXPECT_EQ(counters[of(counter::request_bytes, operand::b_mask)], 3u * 10 * 16); // three groups of rows
    EXPECT_EQ(counters[of(counter::request_bytes, operand::a_mask)], 40u * 16);
    EXPECT_EQ(counters[of(counter::request_bytes, operand::b_pointers)], 3u * 10 * 4);
}

// In SparTen's order rows come once for each block of as many columns as there are tiles, and columns as before; words
// of two bytes wait in memory until their row is whole.
TEST(broadcast, asks_for_rows_once_a_block_of_columns)
{
    const reference::reference_layer layer = random_matrix(15, 40, 128, 40);
    machine_run run({"accelerator=loas-nmtk"});
    const observe::counter_set counters = counters_of(run, layer);
    EXPECT_EQ(counters[of(counter::request_bytes, operand::b_mask)], 3u * 40 * 16);
    EXPECT_EQ(counters[of(counter::request_bytes, operand::a_mask)], 3u * 40 * 16); // 16, 16 and 8 columns
    EXPECT_EQ(counters[of(counter::request_bytes, operand::partial_sums)], 2u * 40 * 40 * 2);
}

// The second run of a layer finds weights in the cache; what the host writes in between is read anew.
TEST(cache, keeps_lines_between_layers_but_not_what_the_host_wrote)
{
    reference::reference_layer layer = random_matrix(16, 5, 200, 20);
    machine_run run({});
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        run_good(device, loaded, layer);
        run_good(device, loaded, layer);
        EXPECT_EQ(run.outcomes.at(1).counters.group_total("dram_read_bytes"), 0u);
        // One bit of a weight changes behind the accelerator's back, through the host's path.
        const loas_hal& hal = *device.hal;
        const std::uint64_t values =
            loaded.descriptor().weight_address + loas_weight_layout(LOAS_WEIGHTS_COLUMNS, 20, 200).values_offset;
        std::int8_t weight = 0;
        ASSERT_EQ(hal.dma_read(hal.context, &weight, values, 1), LOAS_OK);
        const auto first =
            std::find_if(layer.weights.begin(), layer.weights.end(), [](std::int8_t w) { return w != 0; });
        ASSERT_EQ(weight, *first);
        *first = weight = static_cast<std::int8_t>(weight == 100 ? 99 : 100);
        ASSERT_EQ(hal.dma_write(hal.context, values, &weight, 1), LOAS_OK);
        run_good(device, loaded, layer);
        EXPECT_GT(run.outcomes.at(2).counters.group_total("dram_read_bytes"), 0u);
    }));
}

class lost_answer : public testing::TestWithParam<const char*>
{
};

// An answer that never comes stops the machine at once, and it says who waits for whom.
TEST_P(lost_answer, tells_who_waits_for_whom)
{
    const reference::reference_layer layer = random_matrix(17, 20, 300, 20);
    machine_run run({"dram.lose_response=30", std::string("accelerator=") + GetParam()});
    EXPECT_FALSE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_descriptor descriptor = loaded.descriptor();
        std::uint32_t ticket = 0;
        ASSERT_EQ(loas_submit(&device, &descriptor, &ticket), LOAS_OK);
        loas_wait(&device, ticket, LOAS_WAIT_POLL, second_ns, nullptr);
        FAIL() << "the driver came back";
    }));
    EXPECT_TRUE(run.machine().stuck());
    const std::string text = run.machine().describe();
    for (const char* part :
         {"a descriptor in flight", "stuck", "waits for a read", "crossbar: port", "has not answered"})
        EXPECT_NE(text.find(part), std::string::npos) << part << " is missing in: " << text;
    EXPECT_LT(sc_core::sc_time_stamp(), sc_core::sc_time(1, sc_core::SC_MS)); // not after a time-out
}

// Tiles that all meet, and tiles that each go on by themselves.
INSTANTIATE_TEST_SUITE_P(designs, lost_answer, testing::Values("loas", "gamma-snn"));

TEST(watchdog, tells_of_results_that_do_not_arrive)
{
    reference::reference_layer layer = random_matrix(18, 16, 64, 600);
    layer.threshold = -1; // every neuron spikes: plenty of output
    machine_run run({"dram.lose_response=480"});
    EXPECT_FALSE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_descriptor descriptor = loaded.descriptor();
        std::uint32_t ticket = 0;
        ASSERT_EQ(loas_submit(&device, &descriptor, &ticket), LOAS_OK);
        loas_wait(&device, ticket, LOAS_WAIT_INTERRUPT, second_ns, nullptr);
    }));
    const std::string text = run.machine().describe();
    EXPECT_NE(text.find("stuck"), std::string::npos) << text;
    EXPECT_NE(text.find("has not answered a write"), std::string::npos) << text;
}
