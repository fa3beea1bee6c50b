// PEs of the designs that take a column each: what a call does, by hand, and what is refused.
#include "tests/unit/compute/recorder.h"

#include "models/designs/gospa/gospa_pe.h"
#include "models/designs/sparten/sparten_pe.h"

using namespace loas;
using namespace loas::parts_test;
using designs::matched_spike;
using observe::counter;

namespace
{

designs::sparten_pe_parameters small_pe()
{
    compute::tppe_parameters of_all;
    of_all.chunk_bits = 64;
    of_all.fast_latency = 2;
    of_all.empty_join_cycles = 1;
    designs::sparten_parameters own;
    own.rows = 3;
    return {of_all, own};
}

struct sparten_pe_and_neurons {
    designs::sparten_pe pe{"pe", small_pe(), 7};
    sums_recorder neurons;

    sparten_pe_and_neurons()
    {
        pe.sums_out.bind(neurons);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        pe.begin_layer();
    }
    void load(std::vector<std::uint64_t> mask, std::vector<std::int8_t> weights) { pe.load_column({mask, weights}); }
    /// spikes: of each input, a bit a row.
    std::uint64_t join(const std::vector<std::uint32_t>& spikes, std::size_t rows, bool first, std::uint64_t cycle)
    {
        return pe.join({spikes, {}}, rows, first, cycle);
    }
};

} // namespace

// Weights 5 at input 1 and -3 at input 63. Rows 0 and 2 spike at 1, row 2 at 63, row 1 nowhere: 3 matches, an empty
// join, and a cycle more for the prefix-sum. The second chunk adds 5 to row 1.
TEST(sparten_pe, adds_the_chunks_of_a_column)
{
    sparten_pe_and_neurons of;
    of.load({std::uint64_t{1} << 63 | 2}, {5, -3});
    std::vector<std::uint32_t> spikes(64);
    spikes[1] = 0b101;
    spikes[63] = 0b100;
    EXPECT_EQ(of.join(spikes, 3, true, 10), 10u + 3 + 1 + 1);
    spikes.assign(64, 0);
    spikes[1] = 0b010;
    EXPECT_EQ(of.join(spikes, 3, false, 20), 20u + 1 + 2 + 1);
    of.neurons.latency = 4;
    EXPECT_EQ(of.pe.drain(1, 3, 30), 34u);
    ASSERT_EQ(of.neurons.seen.size(), 1u);
    EXPECT_EQ(of.neurons.seen[0].sums, (std::vector<std::int32_t>{5, 5, 2}));
    EXPECT_EQ(of.neurons.seen[0].block.lane, 7u);
    EXPECT_EQ(of.neurons.seen[0].block.column, 7u);
    EXPECT_EQ(of.neurons.seen[0].block.timestep, 1u);
    EXPECT_TRUE(of.neurons.seen[0].block.along_rows);
    observe::counter_set counters;
    of.pe.collect(counters);
    EXPECT_EQ(counters[counter::matches], 4u);
    EXPECT_EQ(counters[counter::empty_joins], 3u);
}

// The same with bytes: 5 x 255 in rows 0 and 2, and -3 x 7 in row 2, of which a value is read for each match.
TEST(sparten_pe, multiplies_the_bytes_of_rows)
{
    sparten_pe_and_neurons of;
    of.load({std::uint64_t{1} << 63 | 2}, {5, -3});
    std::vector<std::uint32_t> masks(64);
    std::vector<std::uint8_t> bytes(64 * 32);
    masks[1] = 0b101;
    masks[63] = 0b100;
    bytes[1 * 32 + 0] = bytes[1 * 32 + 2] = 255;
    bytes[63 * 32 + 2] = 7;
    EXPECT_EQ(of.pe.join({masks, bytes}, 3, true, 10), 10u + 3 + 1 + 1);
    of.pe.drain(0, 3, 30);
    ASSERT_EQ(of.neurons.seen.size(), 1u);
    EXPECT_EQ(of.neurons.seen[0].sums, (std::vector<std::int32_t>{1275, 0, 1254}));
    observe::counter_set counters;
    of.pe.collect(counters);
    EXPECT_EQ(counters[counter::matches], 3u);
    EXPECT_EQ(counters[counter::sram_read_a_words], 3u * 8);
    EXPECT_REFUSED(of.pe.join({masks, {bytes.data(), 64}}, 3, true, 0));
}

TEST(sparten_pe, refuses_chunks_and_blocks_of_another_length)
{
    sparten_pe_and_neurons of;
    EXPECT_REFUSED(of.load({1, 0}, {1}));
    EXPECT_REFUSED(of.load({3}, {1}));
    EXPECT_REFUSED(of.load({1}, {1, 2}));
    of.load({1}, {1});
    EXPECT_REFUSED(of.join(std::vector<std::uint32_t>(63), 3, true, 0));
    EXPECT_REFUSED(of.join(std::vector<std::uint32_t>(64), 4, true, 0));
    EXPECT_REFUSED(of.join(std::vector<std::uint32_t>(64), 0, true, 0));
    EXPECT_REFUSED(of.pe.drain(0, 4, 0));
    EXPECT_TRUE(of.neurons.seen.empty());
}

// Sums 100 and 0. Spikes of weight 1 in cycle 0, weights 0 and 1 in cycle 5; the stream ends in cycle 9.
TEST(gospa_pe, adds_the_weights_of_spikes_to_the_sums_of_their_rows)
{
    designs::gospa_pe pe("pe", 2, 64);
    pe.begin_layer();
    pe.load_weights(std::vector<std::int8_t>{7, -2});
    pe.load_sums(std::vector<std::int32_t>{100, 0});
    const std::vector<matched_spike> spikes = {{0, 0, 1}, {5, 1, 0}, {5, 0, 1}, {9, 0, 0}};
    EXPECT_EQ(pe.take(spikes, 1000), 1009u);
    std::vector<std::int32_t> sums(2);
    pe.read_sums(sums);
    EXPECT_EQ(sums, (std::vector<std::int32_t>{96, 7}));
    observe::counter_set counters;
    pe.collect(counters);
    EXPECT_EQ(counters[counter::busy_cycles], 3u);
    EXPECT_EQ(counters[counter::stall_stream], 6u);
}

TEST(gospa_pe, refuses_more_than_it_has_registers_for)
{
    designs::gospa_pe pe("pe", 2, 64);
    std::vector<std::int32_t> three(3);
    EXPECT_REFUSED(pe.load_weights(std::vector<std::int8_t>(65)));
    EXPECT_REFUSED(pe.load_sums(three));
    EXPECT_REFUSED(pe.read_sums(three));
    EXPECT_REFUSED(pe.take({}, 0)); // not even the end of the stream
}
