// The timing of the inner join: by hand case for case, and at random against the machine that
// steps every cycle.
#include "models/compute/join_pipeline.h"

#include "tests/golden/join_machine.h"
#include "tests/support/random.h"

#include <gtest/gtest.h>

#include <numeric>

using namespace loas;
using compute::chunk_timing;
using compute::join_parameters;
using compute::join_pipeline;

namespace
{

/// Chunks with the given weight offsets of their matches, all in one go. by_count: whose offsets do not matter.
void join(join_pipeline& pipeline, const std::vector<std::vector<unsigned>>& chunks, bool by_count = false)
{
    chunk_timing timing(pipeline);
    std::uint64_t empty = 0, with_matches = 0;
    for (const std::vector<unsigned>& offsets : chunks) {
        if (offsets.empty()) {
            ++empty;
            continue;
        }
        ++with_matches;
        if (by_count) {
            timing.chunk(empty, offsets.size());
            empty = 0;
            continue;
        }
        timing.begin_chunk(empty);
        empty = 0;
        for (const unsigned offset : offsets)
            timing.match(offset);
    }
    EXPECT_EQ(timing.chunks(), with_matches);
    timing.finish(chunks.size(), empty);
}

/// `counts` matches per chunk, then a drain; returns the cycle in which the accumulator can be read.
std::uint64_t run(join_pipeline& pipeline, const std::vector<unsigned>& counts)
{
    for (const unsigned matches : counts) {
        std::vector<unsigned> offsets(matches);
        std::iota(offsets.begin(), offsets.end(), 0U);
        join(pipeline, {offsets});
    }
    return pipeline.drain();
}

std::uint64_t cycles(const join_parameters& parameters, const std::vector<unsigned>& counts)
{
    join_pipeline pipeline(parameters);
    return run(pipeline, counts);
}

} // namespace

TEST(join_pipeline, empty_chunk_takes_one_cycle_and_no_laggy_sum)
{
    EXPECT_EQ(cycles({}, {0}), 1u);
    EXPECT_EQ(cycles({}, {0, 0, 0}), 3u);
    join_parameters free_joins;
    free_joins.empty_join_cycles = 0;
    EXPECT_EQ(cycles(free_joins, {0, 0, 0}), 0u);
}

TEST(join_pipeline, one_match_waits_for_the_laggy_sum)
{
    // Pushed in cycle 0, offsets after cycles 0..7, popped in cycle 8: done in 9.
    join_pipeline pipeline{join_parameters{}};
    EXPECT_EQ(run(pipeline, {1}), 9u);
    EXPECT_EQ(pipeline.cycles().busy, 1u);
    EXPECT_EQ(pipeline.cycles().laggy, 8u);
}

TEST(join_pipeline, more_matches_than_the_fifo_holds)
{
    // Pushes in 0..7 fill the FIFO; the first pop is in cycle 8, so push 8 waits for cycle 9, then one a cycle: push 19
    // in cycle 20. Pops in 8..27: done in 28.
    join_pipeline pipeline{join_parameters{}};
    EXPECT_EQ(run(pipeline, std::vector<unsigned>{20}), 28u);
    EXPECT_EQ(pipeline.cycles().busy, 20u);
    EXPECT_EQ(pipeline.cycles().fifo_full, 1u);
    EXPECT_EQ(pipeline.cycles().laggy, 7u);
}

TEST(join_pipeline, back_to_back_chunks_wait_for_the_unit)
{
    // Laggy starts in 0 and 8 (and the third in 16): the last pop is in 16 + 8 = 24.
    EXPECT_EQ(cycles({}, {1, 1, 1}), 25u);
    // A mask of its own is held until the laggy unit has taken it: chunk 1 loads in 1, is taken in 8, chunk 2 loads
    // in 9.
    join_parameters pipelined;
    pipelined.laggy_interval = 1;
    EXPECT_EQ(cycles(pipelined, {1, 1, 1}), 11u); // starts in 0, 1, 2; last offsets in 10
}

TEST(join_pipeline, adders_from_4_to_128)
{
    for (const unsigned adders : {4u, 8u, 16u, 32u, 64u, 128u}) {
        join_parameters parameters;
        parameters.laggy_latency = parameters.laggy_interval = 128 / adders;
        EXPECT_EQ(cycles(parameters, {1}), 128 / adders + 1) << adders;
        EXPECT_EQ(cycles(parameters, {1, 1}), 2 * (128 / adders) + 1) << adders;
        parameters.laggy_interval = 1;
        EXPECT_EQ(cycles(parameters, {1, 1}), 128 / adders + 2) << adders;
    }
}

TEST(join_pipeline, laggy_ideal_costs_only_the_matches)
{
    join_parameters ideal;
    ideal.laggy_ideal = true;
    ideal.empty_join_cycles = 0;
    EXPECT_EQ(cycles(ideal, {20, 0, 3}), 23u);
}

TEST(join_pipeline, weight_buffer_refills_cost_a_cycle_each)
{
    join_parameters parameters;
    parameters.laggy_ideal = true;
    parameters.weight_buffer_bytes = 4;
    join_pipeline pipeline(parameters);
    join(pipeline, {{3, 13}}); // in the first buffer-full; two further on are skipped, the third is needed
    EXPECT_EQ(pipeline.drain(), 5u);
    EXPECT_EQ(pipeline.cycles().weights_late, 3u);
}

TEST(join_pipeline, fast_latency_delays_the_first_match_of_a_chunk)
{
    join_parameters parameters;
    parameters.laggy_ideal = true;
    parameters.fast_latency = 3;
    join_pipeline pipeline(parameters);
    EXPECT_EQ(run(pipeline, {2, 0, 1}), 8u); // 2 + 2, 1, 2 + 1
    EXPECT_EQ(pipeline.cycles().prefix, 4u);
}

TEST(join_pipeline, equals_the_stepped_machine)
{
    support::random_source random(11);
    for (int round = 0; round < 4000; ++round) {
        golden::join_machine_config config;
        config.fast_latency = random.between_unsigned(1, 4);
        config.laggy_latency = random.between_unsigned(1, 32);
        config.laggy_interval = random.chance(1, 2) ? 1 : config.laggy_latency;
        config.laggy_ideal = random.chance(1, 8);
        config.fifo_depth = random.between_unsigned(1, 20);
        config.weight_buffer_bytes = random.chance(1, 2) ? 512 : random.between_unsigned(1, 40);
        config.empty_join_cycles = random.between_unsigned(0, 3);

        std::vector<golden::chunk> chunks(random.between_unsigned(1, 30));
        const std::uint64_t most = random.pick({1u, 3u, 12u, 60u});
        for (golden::chunk& chunk : chunks) {
            unsigned offset = 0;
            if (!random.chance(1, 3))
                for (std::uint64_t i = random.below(most + 1); i > 0; --i, ++offset)
                    chunk.weight_offsets.push_back(offset += static_cast<unsigned>(random.below(4)));
            chunk.drain_after = random.chance(1, 4);
        }
        chunks.back().drain_after = true;
        const golden::join_machine_result expected = golden::run_join_machine(config, chunks);

        join_pipeline pipeline({config.fast_latency, config.laggy_latency, config.laggy_interval, config.laggy_ideal,
                                config.fifo_depth, config.weight_buffer_bytes, config.empty_join_cycles});
        const bool by_count = config.weight_buffer_bytes == 512 && (config.fifo_depth > 1 || config.laggy_ideal);
        std::vector<std::uint64_t> done;
        std::vector<std::vector<unsigned>> together; // some chunks at a time: it must make no difference
        for (const golden::chunk& chunk : chunks) {
            together.push_back(chunk.weight_offsets);
            if (!chunk.drain_after && !random.chance(1, 4))
                continue;
            join(pipeline, together, by_count);
            together.clear();
            if (chunk.drain_after)
                done.push_back(pipeline.drain());
        }
        ASSERT_EQ(done, expected.done_cycles) << "round " << round;
        const compute::join_cycles& seen = pipeline.cycles();
        ASSERT_EQ(seen.busy, expected.busy);
        ASSERT_EQ(seen.empty_join, expected.empty_join);
        ASSERT_EQ(seen.laggy, expected.laggy_wait);
        ASSERT_EQ(seen.fifo_full, expected.fifo_full);
        ASSERT_EQ(seen.weights_late, expected.weights_late);
        ASSERT_EQ(seen.prefix, expected.prefix_wait);
    }
}
