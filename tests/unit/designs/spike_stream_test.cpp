// The stream of GoSPA: by hand, and at random against the machine that steps every cycle.
#include "models/designs/gospa/spike_stream.h"

#include "tests/golden/stream_machine.h"
#include "tests/support/random.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace loas;
using designs::matched_spike;
using designs::spike_block;
using designs::spike_stream;

namespace
{

/// One row, inputs in this order.
spike_block row_of(const std::vector<std::uint16_t>& inputs)
{
    return {inputs, {{static_cast<std::uint32_t>(inputs.size()), 0}}};
}

spike_stream stream_of(unsigned width, unsigned fifo_depth, std::size_t pes, std::size_t tile_inputs)
{
    designs::gospa_parameters parameters;
    parameters.stream_width = width;
    parameters.fifo_depth = fifo_depth;
    parameters.tile_inputs = static_cast<unsigned>(tile_inputs);
    return spike_stream(parameters, pes);
}

std::vector<matched_spike> matches_of(spike_stream& stream, std::size_t pe)
{
    const functional::span<const matched_spike> matches = stream.matches(pe);
    return {matches.begin(), matches.end()};
}

std::vector<std::uint32_t> cycles_of(const std::vector<matched_spike>& matches)
{
    std::vector<std::uint32_t> cycles;
    for (std::size_t i = 0; i + 1 < matches.size(); ++i) // the last one is the end of the stream
        cycles.push_back(matches[i].cycle);
    return cycles;
}

using list = std::vector<std::uint32_t>;

} // namespace

TEST(spike_stream, passes_so_many_spikes_a_cycle)
{
    const std::uint64_t mask = 0b10011;
    spike_stream stream = stream_of(2, 0, 1, 64);
    stream.load_masks(&mask, 1, 1);
    EXPECT_EQ(stream.pass(row_of({0, 1, 2, 3, 4})), 3u); // two, two, one
    EXPECT_EQ(cycles_of(matches_of(stream, 0)), (list{0, 0, 2}));
    EXPECT_EQ(matches_of(stream, 0)[1].weight, 1u);
    EXPECT_EQ(matches_of(stream, 0)[2].weight, 2u); // the third weight of the column
    EXPECT_EQ(matches_of(stream, 0).back().cycle, 3u);
    EXPECT_EQ(stream.pass(row_of({})), 0u);
    EXPECT_EQ(matches_of(stream, 0).size(), 1u); // nothing is left of the pass before
}

// Spikes 0 and 1 match PE 0. With a FIFO of one place: 0 is taken, 1 waits, 2 finds it full until cycle 1, and 3 for PE
// 1 comes behind it.
TEST(spike_stream, stops_before_a_full_fifo)
{
    const std::uint64_t masks[] = {0b0111, 0b1000};
    spike_stream stream = stream_of(4, 1, 2, 64);
    stream.load_masks(masks, 2, 1);
    EXPECT_EQ(stream.pass(row_of({0, 1, 2, 3})), 2u);
    EXPECT_EQ(cycles_of(matches_of(stream, 0)), (list{0, 0, 1}));
    EXPECT_EQ(cycles_of(matches_of(stream, 1)), (list{1}));
}

// What passes at once takes no cycles of the stream, only of the PEs.
TEST(spike_stream, of_any_width_takes_no_time)
{
    const std::uint64_t mask = 0b0111;
    spike_stream stream = stream_of(0, 0, 1, 64);
    stream.load_masks(&mask, 1, 1);
    EXPECT_EQ(stream.pass(row_of({0, 1, 2, 40, 41})), 0u);
    EXPECT_EQ(cycles_of(matches_of(stream, 0)), (list{0, 0, 0}));
}

TEST(spike_stream, equals_the_stepped_machine)
{
    support::random_source random(5);
    for (int round = 0; round < 3000; ++round) {
        golden::stream_machine_config config;
        config.width = random.pick({0u, 1u, 2u, 4u, 7u, 64u});
        config.fifo_depth = random.pick({0u, 1u, 2u, 3u, 8u});
        config.pes = random.between_unsigned(1, 20);
        const std::size_t inputs = 64 * random.between_unsigned(1, 4), words = inputs / 64;
        const unsigned weight_share = random.pick({1u, 10u, 50u, 100u}), spike_share = random.pick({2u, 20u, 100u});

        std::vector<std::uint64_t> masks(config.pes * words);
        std::vector<std::vector<std::size_t>> pes_of(inputs), ranks(config.pes, std::vector<std::size_t>(inputs));
        for (std::size_t pe = 0; pe < config.pes; ++pe)
            for (std::size_t input = 0, rank = 0; input < inputs; ++input)
                if (random.chance(weight_share, 100)) {
                    masks[pe * words + input / 64] |= std::uint64_t{1} << input % 64;
                    pes_of[input].push_back(pe);
                    ranks[pe][input] = rank++;
                }
        spike_block block;
        std::vector<std::vector<std::size_t>> passing;
        struct expected_match {
            std::uint32_t spike;
            std::size_t row, weight;
        };
        std::vector<std::vector<expected_match>> expected(config.pes);
        for (std::uint16_t row = 0; row < random.between_unsigned(1, 6); ++row) {
            for (std::size_t input = 0; input < inputs; ++input)
                if (random.chance(spike_share, 100)) {
                    for (const std::size_t pe : pes_of[input])
                        expected[pe].push_back({static_cast<std::uint32_t>(passing.size()), row, ranks[pe][input]});
                    block.inputs.push_back(static_cast<std::uint16_t>(input));
                    passing.push_back(pes_of[input]);
                }
            block.parts.push_back({static_cast<std::uint32_t>(block.inputs.size()), row});
        }
        const golden::stream_machine_result stepped = golden::run_stream_machine(config, passing);

        spike_stream stream = stream_of(config.width, config.fifo_depth, config.pes, inputs);
        stream.load_masks(masks.data(), config.pes, words);
        stream.pass(
            {{block.inputs.begin() + static_cast<std::ptrdiff_t>(block.inputs.size() / 4), block.inputs.end()},
             {{static_cast<std::uint32_t>(block.inputs.size() - block.inputs.size() / 4), 0}}}); // leaves nothing
        const std::uint32_t end = stream.pass(block);
        std::uint64_t stepped_end = 0;
        if (!passing.empty())
            stepped_end = stepped.pass_cycles.back() + (config.width == 0 ? 0 : 1);
        ASSERT_EQ(end, stepped_end) << "round " << round;
        for (std::size_t pe = 0; pe < config.pes; ++pe) {
            const std::vector<matched_spike> found = matches_of(stream, pe);
            ASSERT_EQ(found.size(), expected[pe].size() + 1);
            std::uint64_t taken = 0;
            for (std::size_t i = 0; i < expected[pe].size(); ++i) {
                ASSERT_EQ(found[i].cycle, stepped.pass_cycles[expected[pe][i].spike]) << "round " << round;
                ASSERT_EQ(found[i].row, expected[pe][i].row);
                ASSERT_EQ(found[i].weight, expected[pe][i].weight);
                taken = std::max<std::uint64_t>(taken, found[i].cycle) + 1;
            }
            ASSERT_EQ(taken, stepped.last_taken[pe]) << "round " << round; // one a cycle, as the PE counts
            ASSERT_EQ(found.back().cycle, end);
        }
    }
}
