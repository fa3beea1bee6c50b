// Neurons that take the timesteps one after another: words, currents and times by hand.
#include "tests/unit/compute/recorder.h"

#include "models/compute/serial_lif.h"

#include <limits>

using namespace loas;
using namespace loas::parts_test;
using compute::sums_block;

namespace
{

/// The lanes of two tiles.
struct neurons {
    compute::serial_lif lif;
    results_recorder out;
    functional::layer_shape shape;
    std::vector<std::int32_t> bias;

    explicit neurons(unsigned latency, unsigned timesteps = 2, bool currents = false) : lif("lif", latency, 2)
    {
        lif.results_out.bind(out);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        shape.timesteps = timesteps;
        shape.currents = currents;
        shape.n = 4;
        bias = {0, 0, 0, 0};
    }

    void begin(std::size_t rows, std::uint64_t first_column, std::size_t columns,
               const functional::neuron_parameters& neuron = {5, 128})
    {
        lif.begin_layer(shape, neuron, bias);
        lif.begin_group(rows, first_column, columns);
    }
    /// Of row 0, column 0, unless said otherwise.
    std::uint64_t take(unsigned timestep, std::vector<std::int32_t> sums, std::uint64_t cycle = 0)
    {
        return lif.take_sums({0, timestep, 0, 0, false}, sums, cycle);
    }
    std::uint64_t take(const sums_block& block, std::vector<std::int32_t> sums, std::uint64_t cycle = 0)
    {
        return lif.take_sums(block, sums, cycle);
    }
};

} // namespace

// Threshold 5, half of the potential stays. Column 0: 4 + 1 = 5 does not fire, leaves 2; 3 + 1 + 2 = 6 fires. Column 1:
// 6 fires, leaves 0; 0 does not.
TEST(serial_lif, carries_potentials_from_one_timestep_to_the_next)
{
    neurons n(1);
    n.bias = {1, 0};
    n.begin(1, 0, 2);
    n.take(0, {4, 6});
    EXPECT_TRUE(n.out.seen.empty()); // nothing goes on before the last timestep
    n.take(1, {3, 0});
    ASSERT_EQ(n.out.seen.size(), 1u);
    expect_block(n.out.seen[0].block, 0, 1, 0, 2);
    EXPECT_EQ(n.out.seen[0].words, (std::vector<std::uint16_t>{2, 1}));
    observe::counter_set counters;
    n.lif.collect(counters);
    EXPECT_EQ(counters[observe::counter::lif_updates], 2u); // a neuron counts once, not once a timestep
}

TEST(serial_lif, soft_reset_keeps_what_is_above_the_threshold)
{
    neurons n(1);
    n.begin(1, 0, 1, {5, 256, functional::neuron_reset::soft});
    n.take(0, {9}); // fires, leaves 4
    n.take(1, {2}); // 6: fires
    EXPECT_EQ(n.out.seen.at(0).words, std::vector<std::uint16_t>{3});
}

TEST(serial_lif, spikes_once_where_neurons_do)
{
    neurons n(2, 3);
    n.begin(1, 0, 1, {5, 256, functional::neuron_reset::soft, false, true});
    n.take(0, {2});
    n.take(1, {9}); // 11: fires, leaves 6
    n.take(2, {2}); // 8 would fire
    EXPECT_EQ(n.out.seen.at(0).words, std::vector<std::uint16_t>{2});
}

// Sums of columns 2 and 3 of the layer for rows 0 and 1 of the group, given column by column.
// T = 2: v = 2 x (3 + 1) + 5 + 1 = 14 in column 0: 2 x 5 and, of the rest of 4, none; in column 1 2 x -3 + 12 = 6: one of 5.
// A cycle for each neuron and timestep that comes, and one for each in which it may spike.
TEST(serial_lif, few_spikes_come_when_all_timesteps_have_been_added_up)
{
    neurons n(1);
    n.bias = {1, 0};
    functional::neuron_parameters few{5, 128};
    few.few_spikes = true;
    n.begin(1, 0, 2, few);
    EXPECT_EQ(n.take(0, {3, -3}, 10), 10u);
    EXPECT_EQ(n.take(1, {5, 12}, 10), 12u);
    ASSERT_EQ(n.out.seen.size(), 1u);
    EXPECT_EQ(n.out.seen[0].words, (std::vector<std::uint16_t>{1, 2}));
    EXPECT_EQ(n.lif.done_cycle(), 12u + 2 + 4);
    n.shape.currents = true;
    n.begin(1, 0, 2, few);
    n.take(0, {3, -3}, 20);
    n.take(1, {5, 12}, 20);
    EXPECT_EQ(n.out.seen.back().currents, (std::vector<std::int32_t>{8, 6, -6, 12}));
    EXPECT_EQ(n.lif.done_cycle(), 24u);
}

TEST(serial_lif, takes_sums_along_rows_and_biases_from_the_first_column_on)
{
    neurons n(1, 1);
    n.bias = {0, 0, 10, 20};
    n.begin(2, 2, 2, {15, 0});
    n.take(sums_block{1, 0, 0, 1, true}, {-5, -4}); // column 3: 15, 16
    n.take(sums_block{1, 0, 0, 0, true}, {6, 5});   // column 2: 16, 15
    ASSERT_EQ(n.out.seen.size(), 2u);
    expect_block(n.out.seen[0].block, 0, 2, 3, 1);
    EXPECT_EQ(n.out.seen[0].words, (std::vector<std::uint16_t>{0, 1}));
    expect_block(n.out.seen[1].block, 0, 2, 2, 1);
    EXPECT_EQ(n.out.seen[1].words, (std::vector<std::uint16_t>{1, 0}));
}

// Columns 2 and 3 of thresholds 5 and 2: 5 + 1 leaves 1, 4 + 1 + 1 fires again; 3 leaves 1, 1 + 1 does not fire.
TEST(serial_lif, thresholds_of_columns_lie_behind_the_bias)
{
    neurons n(1);
    n.shape.thresholds = true;
    n.bias = {0, 0, 1, 0, 0, 0, 5, 2};
    n.begin(1, 2, 2, {99, 256, functional::neuron_reset::soft});
    n.take(0, {5, 3});
    n.take(1, {4, 1});
    EXPECT_EQ(n.out.seen.at(0).words, (std::vector<std::uint16_t>{3, 1}));
}

TEST(serial_lif, a_new_group_begins_at_rest)
{
    neurons n(1);
    n.begin(1, 0, 1, {5, 256});
    n.take(0, {5});
    n.take(1, {5}); // 10: fires
    n.lif.begin_group(1, 0, 1);
    n.take(0, {5});
    n.take(1, {0}); // 5: does not
    EXPECT_EQ(n.out.seen.at(0).words, std::vector<std::uint16_t>{2});
    EXPECT_EQ(n.out.seen.at(1).words, std::vector<std::uint16_t>{0});
}

TEST(serial_lif, currents_of_all_timesteps_go_on_together_and_wrap)
{
    const std::int32_t largest = std::numeric_limits<std::int32_t>::max();
    neurons n(1, 3, true);
    n.bias = {1};
    n.begin(1, 0, 1);
    for (unsigned t = 0; t < 3; ++t)
        n.take(t, {t == 1 ? largest : 7});
    ASSERT_EQ(n.out.seen.size(), 1u);
    EXPECT_EQ(n.out.seen[0].currents, (std::vector<std::int32_t>{8, std::numeric_limits<std::int32_t>::min(), 8}));
    observe::counter_set counters;
    n.lif.collect(counters);
    EXPECT_EQ(counters[observe::counter::lif_updates], 0u);
}

// Currents of two rows in one column, T = 2: [row][T].
TEST(serial_lif, currents_along_rows_are_those_of_each_row)
{
    neurons n(1, 2, true);
    n.begin(3, 1, 2);
    n.take(sums_block{0, 0, 1, 1, true}, {10, 20});
    n.take(sums_block{0, 1, 1, 1, true}, {11, 21});
    ASSERT_EQ(n.out.seen.size(), 1u);
    expect_block(n.out.seen[0].block, 1, 2, 2, 1);
    EXPECT_EQ(n.out.seen[0].currents, (std::vector<std::int32_t>{10, 11, 20, 21}));
}

// Two sums in cycle 10 keep the lane until 12. Those of cycle 11 are taken from 12 on, in 12 and 13; a neuron of
// latency 3 comes out 3 cycles after it was taken, the last one in 16. The other lane is free.
TEST(serial_lif, a_lane_takes_one_neuron_a_cycle)
{
    neurons n(3);
    n.begin(2, 0, 2);
    EXPECT_EQ(n.take(0, {9, 9}, 10), 10u);
    EXPECT_EQ(n.take(1, {9, 9}, 11), 12u);
    EXPECT_EQ(n.lif.done_cycle(), 14u);
    ASSERT_EQ(n.out.seen.size(), 1u);
    EXPECT_EQ(n.out.seen[0].cycle, 16u);
    EXPECT_EQ(n.take(sums_block{1, 0, 1, 0, false}, {9, 9}, 11), 11u);
}

TEST(serial_lif, of_latency_0_takes_no_time)
{
    neurons n(0, 1);
    n.begin(1, 0, 2);
    EXPECT_EQ(n.take(0, {9, 9}, 10), 10u);
    EXPECT_EQ(n.lif.done_cycle(), 10u);
    EXPECT_EQ(n.out.seen.at(0).cycle, 10u);
}

TEST(serial_lif, refuses_what_lies_outside_the_group_or_comes_out_of_order)
{
    neurons n(1);
    n.lif.begin_layer(n.shape, {}, n.bias);
    EXPECT_REFUSED(n.take(0, {1}));             // no group has begun
    EXPECT_REFUSED(n.lif.begin_group(1, 3, 2)); // of 4 columns
    n.begin(2, 0, 2);
    EXPECT_REFUSED(n.take(0, {}));
    EXPECT_REFUSED(n.take(0, {1, 2, 3}));
    EXPECT_REFUSED(n.take(sums_block{0, 0, 1, 0, true}, {1, 2}));
    EXPECT_REFUSED(n.take(sums_block{2, 0, 0, 0, false}, {1}));
    EXPECT_REFUSED(n.take(1, {1, 2})); // timestep 0 comes first
    n.take(0, {1, 2});
    EXPECT_REFUSED(n.take(0, {1, 2}));
    EXPECT_REFUSED(n.take(1, {1})); // not the same block
    EXPECT_REFUSED(n.take(sums_block{0, 1, 1, 0, false}, {1, 2}));
    EXPECT_TRUE(n.out.seen.empty());
    n.take(1, {1, 2});
    EXPECT_REFUSED(n.take(2, {1, 2})); // T = 2
    EXPECT_EQ(n.out.seen.size(), 1u);
}
