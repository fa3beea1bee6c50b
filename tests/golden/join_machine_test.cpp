// The stepped join unit against schedules worked out by hand. Notation: p push, w wait, numbers are clock cycles.
#include "tests/golden/join_machine.h"
#include "tests/support/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace loas::golden
{

namespace
{

using cycles = std::vector<std::uint64_t>;

chunk matches(unsigned count, bool drain)
{
    chunk made;
    made.weight_offsets.resize(count);
    std::iota(made.weight_offsets.begin(), made.weight_offsets.end(), 0u);
    made.drain_after = drain;
    return made;
}

std::uint64_t sum_of_counters(const join_machine_result& result)
{
    return result.busy + result.empty_join + result.laggy_wait + result.fifo_full + result.weights_late +
           result.prefix_wait;
}

/// Runs, and checks what holds for every run.
join_machine_result run(const join_machine_config& config, const std::vector<chunk>& chunks)
{
    const join_machine_result result = run_join_machine(config, chunks);
    EXPECT_FALSE(result.done_cycles.empty());
    EXPECT_EQ(sum_of_counters(result), result.done_cycles.back());
    return result;
}

} // namespace

TEST(join_machine, empty_chunk)
{
    join_machine_config config;
    EXPECT_EQ(run(config, {matches(0, true)}).done_cycles, cycles{1});
    config.empty_join_cycles = 3;
    EXPECT_EQ(run(config, {matches(0, true)}).empty_join, 3u);
    config.empty_join_cycles = 0;
    EXPECT_EQ(run(config, {matches(0, true), matches(0, false), matches(0, true)}).done_cycles, (cycles{0, 0}));
}

TEST(join_machine, one_match)
{
    // p 0, laggy unit starts 0, offsets ready 8, pop 8.
    const join_machine_result result = run({}, {matches(1, true)});
    EXPECT_EQ(result.done_cycles, cycles{9});
    EXPECT_EQ(result.busy, 1u);
    EXPECT_EQ(result.laggy_wait, 8u);
}

TEST(join_machine, more_matches_than_the_fifo_holds)
{
    // p 0-7; full in 8, in which the first pop happens; p 9 and 10; pops 8-17; w 11-17.
    join_machine_config config;
    join_machine_result result = run(config, {matches(10, true)});
    EXPECT_EQ(result.done_cycles, cycles{18});
    EXPECT_EQ(result.busy, 10u);
    EXPECT_EQ(result.fifo_full, 1u);
    EXPECT_EQ(result.laggy_wait, 7u);

    // One slot: p 0; full 1-8, pop 8; p 9; pop and w 10.
    config.fifo_depth = 1;
    result = run(config, {matches(2, true)});
    EXPECT_EQ(result.done_cycles, cycles{11});
    EXPECT_EQ(result.fifo_full, 8u);
    EXPECT_EQ(result.laggy_wait, 1u);

    // One slot and offsets ready at once: an entry leaves at the earliest in the cycle after its push, so p 0; pop 1,
    // full; p 2; pop 3, full; p 4; pop and w 5.
    config.laggy_latency = 0;
    result = run(config, {matches(3, true)});
    EXPECT_EQ(result.done_cycles, cycles{6});
    EXPECT_EQ(result.fifo_full, 2u);
}

TEST(join_machine, back_to_back_chunks_wait_for_an_unpipelined_laggy_unit)
{
    // p 0 and 1; the unit starts 0 and 8; w 2-8 for the start, then for the pop in 16.
    join_machine_config config;
    join_machine_result result = run(config, {matches(1, false), matches(1, true)});
    EXPECT_EQ(result.done_cycles, cycles{17});
    EXPECT_EQ(result.laggy_wait, 15u);

    // Pipelined: starts 0 and 1, pops 8 and 9.
    config.laggy_interval = 1;
    result = run(config, {matches(1, false), matches(1, true)});
    EXPECT_EQ(result.done_cycles, cycles{10});
    EXPECT_EQ(result.laggy_wait, 8u);
}

TEST(join_machine, third_chunk_loads_after_the_second_started)
{
    // p 0 and 1; starts 0, 8 and 16. The register frees in 9: p 9, w 10-16, and w 17-24 until the pop in 24.
    const join_machine_result result = run({}, {matches(1, false), matches(1, false), matches(1, true)});
    EXPECT_EQ(result.done_cycles, cycles{25});
    EXPECT_EQ(result.busy, 3u);
    EXPECT_EQ(result.laggy_wait, 22u);
}

TEST(join_machine, full_chunks_overlap_with_the_laggy_unit)
{
    // First: p 0-7, start 0, pops 8-15. Second: loads and starts 8, full in 8, p 9-16, pops 16-23, w 17-23.
    const join_machine_result result = run({}, {matches(8, false), matches(8, true)});
    EXPECT_EQ(result.done_cycles, cycles{24});
    EXPECT_EQ(result.busy, 16u);
    EXPECT_EQ(result.fifo_full, 1u);
    EXPECT_EQ(result.laggy_wait, 7u);
}

TEST(join_machine, empty_chunks_do_not_involve_the_laggy_unit)
{
    // Empty 0; p and start 1; pop 9.
    join_machine_config config;
    EXPECT_EQ(run(config, {matches(0, false), matches(1, true)}).done_cycles, cycles{10});
    // p 0; empty 1; the drain ends with the pop in 8.
    join_machine_result result = run(config, {matches(1, false), matches(0, true)});
    EXPECT_EQ(result.done_cycles, cycles{9});
    EXPECT_EQ(result.empty_join, 1u);
    EXPECT_EQ(result.laggy_wait, 7u);
    // Free ones change nothing: as the two chunks back to back.
    config.empty_join_cycles = 0;
    result =
        run(config, {matches(0, false), matches(1, false), matches(0, false), matches(0, false), matches(1, true)});
    EXPECT_EQ(result.done_cycles, cycles{17});
    EXPECT_EQ(result.empty_join, 0u);
}

TEST(join_machine, next_chunk_loads_in_the_cycle_that_ends_a_drain)
{
    // p 0, pop 8, done 9; p and start 9, pop 17, done 18.
    EXPECT_EQ(run({}, {matches(1, true), matches(1, true)}).done_cycles, (cycles{9, 18}));
    // The laggy unit can outlast a drain: with an interval of 20 it starts 0 and 20; pops 8 and 28.
    join_machine_config config;
    config.laggy_interval = 20;
    EXPECT_EQ(run(config, {matches(1, true), matches(1, true)}).done_cycles, (cycles{9, 29}));
}

TEST(join_machine, ideal_corrections_leave_the_fast_side_alone)
{
    join_machine_config config;
    config.laggy_ideal = true;
    config.fifo_depth = 0;
    const join_machine_result result = run(config, {matches(10, false), matches(0, false), matches(3, true)});
    EXPECT_EQ(result.done_cycles, cycles{14});
    EXPECT_EQ(result.busy, 13u);
    EXPECT_EQ(result.empty_join, 1u);
}

TEST(join_machine, weight_buffer_and_fast_latency)
{
    join_machine_config config;
    config.laggy_ideal = true;
    config.fast_latency = 3;
    const chunk sparse = {{0, 127, 128, 400}, true};
    // Two cycles of latency, p 2 and 3, buffer-full 1 in 4, p 5, buffer-fulls 2 and 3 in 6 and 7, p 8.
    const join_machine_result result = run(config, {sparse, {{300}, true}});
    // The second chunk begins with buffer-full 0 again: latency 9 and 10, 300 / 128 = 2: two refills, p 13.
    EXPECT_EQ(result.done_cycles, (cycles{9, 14}));
    EXPECT_EQ(result.prefix_wait, 4u);
    EXPECT_EQ(result.weights_late, 5u);
    EXPECT_EQ(result.busy, 5u);
}

TEST(join_machine, weights_are_refilled_before_the_fifo_is_looked_at)
{
    // p 0; refill 1, although the FIFO is full; full 2-8, pop 8; p 9; pop and w 10.
    join_machine_config config;
    config.fifo_depth = 1;
    const join_machine_result result = run(config, {{{0, 128}, true}});
    EXPECT_EQ(result.done_cycles, cycles{11});
    EXPECT_EQ(result.weights_late, 1u);
    EXPECT_EQ(result.fifo_full, 7u);
    EXPECT_EQ(result.laggy_wait, 1u);
}

TEST(join_machine, refuses_machines_that_never_finish)
{
    join_machine_config config;
    EXPECT_THROW(run_join_machine(config, {matches(1, false)}), std::invalid_argument);
    config.fifo_depth = 0;
    EXPECT_THROW(run_join_machine(config, {matches(1, true)}), std::invalid_argument);
    EXPECT_TRUE(run_join_machine({}, {}).done_cycles.empty());
}

TEST(join_machine, every_cycle_is_counted_once_and_every_match_is_pushed)
{
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        support::random_source random(seed);
        join_machine_config config;
        config.fast_latency = random.between_unsigned(1, 4);
        config.laggy_latency = random.between_unsigned(0, 10);
        config.laggy_interval = random.chance(1, 2) ? 1 : config.laggy_latency;
        config.fifo_depth = random.between_unsigned(1, 10);
        config.weight_buffer_bytes = random.between_unsigned(1, 40);
        config.empty_join_cycles = random.between_unsigned(0, 2);
        std::vector<chunk> chunks;
        std::uint64_t pushed = 0, drains = 0;
        const unsigned count = random.between_unsigned(1, 12);
        for (unsigned i = 0; i < count; ++i) {
            chunk made;
            const unsigned density = random.between_unsigned(0, 50) * (random.chance(1, 4) ? 0u : 1u);
            for (unsigned offset = 0; offset < 64; ++offset) {
                if (random.chance(density, 100))
                    made.weight_offsets.push_back(offset);
            }
            made.drain_after = i + 1 == count || random.chance(1, 3);
            pushed += made.weight_offsets.size();
            drains += made.drain_after ? 1u : 0u;
            chunks.push_back(made);
        }
        SCOPED_TRACE(seed);
        const join_machine_result real = run(config, chunks);
        EXPECT_EQ(real.busy, pushed);
        EXPECT_EQ(real.done_cycles.size(), drains);
        EXPECT_TRUE(std::is_sorted(real.done_cycles.begin(), real.done_cycles.end()));

        // What depends on the chunks alone must not change when corrections become free, and nothing gets slower.
        config.laggy_ideal = true;
        const join_machine_result ideal = run(config, chunks);
        EXPECT_EQ(ideal.weights_late, real.weights_late);
        EXPECT_EQ(ideal.prefix_wait, real.prefix_wait);
        EXPECT_EQ(ideal.empty_join, real.empty_join);
        EXPECT_EQ(ideal.fifo_full + ideal.laggy_wait, 0u);
        EXPECT_LE(ideal.done_cycles.back(), real.done_cycles.back());
    }
}

} // namespace loas::golden
