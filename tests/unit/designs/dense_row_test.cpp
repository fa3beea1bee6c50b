// A row of the dense array, by hand.
#include "tests/unit/compute/recorder.h"

#include "models/designs/dense/dense_row.h"

using namespace loas;
using namespace loas::parts_test;
using observe::counter;

namespace
{

struct row_and_neurons {
    designs::dense_row row{"row", 5, 3};
    sums_recorder neurons;
    designs::weight_block block;

    row_and_neurons()
    {
        row.sums_out.bind(neurons);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }

    void load(std::vector<std::uint64_t> bitmaps) { row.load_row(bitmaps); }

    observe::counter_set counted() const
    {
        observe::counter_set counters;
        row.collect(counters);
        return counters;
    }
};

} // namespace

// K = 70. Spikes at t = 0: inputs 0, 3, 69; at t = 1: input 3. Column 0 has weights at 0 and 69, column 1 at 3 and 5,
// column 2 none. t = 0: 100 - 128 and 7, in three cycles; t = 1: 0 and 7, in one.
TEST(dense_row, takes_all_inputs_and_adds_where_both_are_non_zero)
{
    row_and_neurons r;
    r.row.begin_layer(2, 70);
    r.load({9, 1 << 5, 8, 0});
    r.block.reset(3, 70);
    std::fill_n(r.block.weights(), 3 * 70, std::int8_t{0});
    r.block.weights()[0] = 100;
    r.block.weights()[69] = -128;
    r.block.weights()[70 + 3] = 7;
    r.block.weights()[70 + 5] = 1;
    r.block.complete();
    EXPECT_EQ(r.row.step(0, 8, r.block, 100), 170u);
    EXPECT_EQ(r.counted()[counter::busy_cycles], 3u);
    EXPECT_EQ(r.counted()[counter::stall_zero_operand], 67u);
    EXPECT_EQ(r.counted()[counter::matches], 3u);
    EXPECT_EQ(r.row.step(1, 8, r.block, 170), 240u);
    EXPECT_EQ(r.counted()[counter::busy_cycles], 4u);
    EXPECT_EQ(r.counted()[counter::stall_zero_operand], 136u);
    EXPECT_EQ(r.counted()[counter::matches], 4u);
    EXPECT_EQ(r.counted()[counter::sram_read_a_mask], 140u);
    EXPECT_EQ(r.counted()[counter::stall_packing], 0u);
    ASSERT_EQ(r.neurons.seen.size(), 2u);
    EXPECT_EQ(r.neurons.seen[0].block.lane, 5u);
    EXPECT_EQ(r.neurons.seen[0].block.row, 5u);
    EXPECT_EQ(r.neurons.seen[0].block.column, 8u);
    EXPECT_FALSE(r.neurons.seen[0].block.along_rows);
    EXPECT_EQ(r.neurons.seen[0].sums, (std::vector<std::int32_t>{-28, 7, 0}));
    EXPECT_EQ(r.neurons.seen[0].cycle, 170u);
    EXPECT_EQ(r.neurons.seen[0].block.timestep, 0u);
    EXPECT_EQ(r.neurons.seen[1].block.timestep, 1u);
    EXPECT_EQ(r.neurons.seen[1].sums, (std::vector<std::int32_t>{0, 7, 0}));
}

// Two columns that add the same input, and two that add different ones: a cycle is busy once.
TEST(dense_row, is_busy_when_at_least_one_pe_adds)
{
    row_and_neurons r;
    r.row.begin_layer(1, 4);
    r.load({0xF});
    r.block.reset(2, 4);
    const std::int8_t weights[] = {1, 2, 0, 0, 3, 0, 4, 0};
    std::copy(std::begin(weights), std::end(weights), r.block.weights());
    r.block.complete();
    EXPECT_EQ(r.row.step(0, 0, r.block, 0), 4u);
    EXPECT_EQ(r.counted()[counter::busy_cycles], 3u);
    EXPECT_EQ(r.counted()[counter::matches], 4u);
    EXPECT_EQ(r.neurons.seen.at(0).sums, (std::vector<std::int32_t>{3, 7}));
}

// The neurons take these sums 6 cycles late.
TEST(dense_row, waits_for_neurons_that_have_not_begun_to_take_the_sums)
{
    row_and_neurons r;
    r.neurons.latency = 6;
    r.row.begin_layer(1, 1);
    r.load({0});
    r.block.reset(1, 1);
    r.block.weights()[0] = 1;
    r.block.complete();
    EXPECT_EQ(r.row.step(0, 0, r.block, 20), 27u);
    EXPECT_EQ(r.counted()[counter::stall_zero_operand], 1u);
    EXPECT_EQ(r.counted()[counter::stall_packing], 6u);
}

TEST(dense_row, refuses_rows_and_steps_that_are_not_the_layers)
{
    row_and_neurons r;
    r.block.reset(2, 70);
    std::fill_n(r.block.weights(), 2 * 70, std::int8_t{1});
    r.block.complete();
    EXPECT_REFUSED(r.load({0, 0})); // no layer has begun
    r.row.begin_layer(2, 70);
    EXPECT_REFUSED(r.row.step(0, 0, r.block, 0)); // without a row
    EXPECT_REFUSED(r.load({0, 0}));               // of one timestep
    r.load({0, 0, 0, 0});
    EXPECT_REFUSED(r.row.step(2, 0, r.block, 0)); // T = 2
    designs::weight_block other;
    for (const auto& [columns, inputs] : {std::pair{4, 70}, {2, 71}}) { // three PEs
        other.reset(static_cast<std::size_t>(columns), static_cast<std::size_t>(inputs));
        other.complete();
        EXPECT_REFUSED(r.row.step(0, 0, other, 0));
    }
    EXPECT_TRUE(r.neurons.seen.empty());
    EXPECT_EQ(r.row.step(0, 0, r.block, 0), 70u);
    r.row.begin_layer(2, 70);
    EXPECT_REFUSED(r.row.step(0, 0, r.block, 0)); // the row was one of the layer before
}
