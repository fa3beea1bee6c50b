// Neurons that take the timesteps one after another: words, currents and times by hand.
#include "tests/unit/compute/recorder.h"

#include "models/compute/serial_lif.h"
#include "models/kernel/link_monitor.h"

#include <limits>

using namespace loas;
using namespace loas::parts_test;
using compute::address_of_sums;

namespace
{

struct neurons {
    kernel::links wires{true};
    compute::serial_lif lif;
    writer first{"first"}, second{"second"}; ///< the lanes of two tiles
    recorder out{"out"};
    functional::layer_shape shape;
    std::vector<std::int32_t> bias;

    explicit neurons(unsigned latency, unsigned timesteps = 2, bool currents = false) : lif("lif", latency, one_ghz, 2)
    {
        wires.connect("first", first.out, lif.sums_in);
        wires.connect("second", second.out, lif.sums_in);
        wires.connect("out", lif.spikes_out, out.in);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        shape.timesteps = timesteps;
        shape.currents = currents;
        bias = {0, 0, 0, 0};
    }
    ~neurons() { EXPECT_EQ(wires.violations(), std::vector<std::string>()); }

    void begin(std::size_t rows, std::uint64_t first_column, std::size_t columns,
               const functional::neuron_parameters& neuron = {5, 128, false})
    {
        lif.begin_layer(shape, neuron, bias);
        lif.begin_group(rows, first_column, columns);
    }
    std::uint16_t word(std::size_t i) const { return out.seen.at(i).as<std::uint16_t>().at(0); }
};

} // namespace

// Threshold 5, half of the potential stays. Column 0: 4 + 1 = 5 does not fire, leaves 2; 3 + 1 + 2 = 6 fires. Column 1:
// 6 fires, leaves 0; 0 does not.
TEST(serial_lif, carries_potentials_from_one_timestep_to_the_next)
{
    neurons n(1);
    n.bias = {1, 0};
    n.begin(1, 0, 2);
    n.first.write(address_of_sums(0, 0, 0, false), std::vector<std::int32_t>{4, 6});
    EXPECT_TRUE(n.out.seen.empty()); // nothing goes on before the last timestep
    n.first.write(address_of_sums(1, 0, 0, false), std::vector<std::int32_t>{3, 0});
    ASSERT_EQ(n.out.seen.size(), 2u);
    EXPECT_EQ(n.out.seen[0].address, 0u);
    EXPECT_EQ(n.word(0), 2);
    EXPECT_EQ(n.out.seen[1].address, 1u);
    EXPECT_EQ(n.word(1), 1);
    observe::counter_set counters;
    n.lif.collect(counters);
    EXPECT_EQ(counters[observe::counter::lif_updates], 2u); // a neuron counts once, not once a timestep
}

TEST(serial_lif, soft_reset_keeps_what_is_above_the_threshold)
{
    neurons n(1);
    n.begin(1, 0, 1, {5, 256, true});
    n.first.write(address_of_sums(0, 0, 0, false), std::vector<std::int32_t>{9}); // fires, leaves 4
    n.first.write(address_of_sums(1, 0, 0, false), std::vector<std::int32_t>{2}); // 6: fires
    EXPECT_EQ(n.word(0), 3);
}

// Sums of columns 2 and 3 of the layer for rows 0 and 1 of the group, given column by column.
TEST(serial_lif, takes_sums_along_rows_and_biases_from_the_first_column_on)
{
    neurons n(1, 1);
    n.bias = {0, 0, 10, 20};
    n.begin(2, 2, 2, {15, 0, false});
    n.second.write(address_of_sums(0, 0, 1, true), std::vector<std::int32_t>{-5, -4}); // column 3: 15, 16
    n.second.write(address_of_sums(0, 0, 0, true), std::vector<std::int32_t>{6, 5});   // column 2: 16, 15
    ASSERT_EQ(n.out.seen.size(), 4u);
    const std::uint64_t row_1 = std::uint64_t{1} << 32;
    const std::uint64_t addresses[] = {3, row_1 + 3, 2, row_1 + 2};
    const std::uint16_t words[] = {0, 1, 1, 0};
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(n.out.seen[i].address, addresses[i]) << i;
        EXPECT_EQ(n.word(i), words[i]) << i;
    }
}

TEST(serial_lif, a_new_group_begins_at_rest)
{
    neurons n(1);
    n.begin(1, 0, 1, {5, 256, false});
    n.first.write(address_of_sums(0, 0, 0, false), std::vector<std::int32_t>{5});
    n.first.write(address_of_sums(1, 0, 0, false), std::vector<std::int32_t>{5}); // 10: fires
    n.lif.begin_group(1, 0, 1);
    n.first.write(address_of_sums(0, 0, 0, false), std::vector<std::int32_t>{5});
    n.first.write(address_of_sums(1, 0, 0, false), std::vector<std::int32_t>{0}); // 5: does not
    EXPECT_EQ(n.word(0), 2);
    EXPECT_EQ(n.word(1), 0);
}

TEST(serial_lif, currents_of_all_timesteps_go_on_together_and_wrap)
{
    const std::int32_t largest = std::numeric_limits<std::int32_t>::max();
    neurons n(1, 3, true);
    n.bias = {1};
    n.begin(1, 0, 1);
    for (unsigned t = 0; t < 3; ++t)
        n.first.write(address_of_sums(t, 0, 0, false), std::vector<std::int32_t>{t == 1 ? largest : 7});
    ASSERT_EQ(n.out.seen.size(), 1u);
    EXPECT_EQ(n.out.seen[0].as<std::int32_t>(),
              (std::vector<std::int32_t>{8, std::numeric_limits<std::int32_t>::min(), 8}));
    observe::counter_set counters;
    n.lif.collect(counters);
    EXPECT_EQ(counters[observe::counter::lif_updates], 0u);
}

// Two sums in cycle 10 keep the lane until 12. Those of cycle 11 are taken from 12 on, in 12 and 13; a neuron of
// latency 3 comes out 3 cycles after it was taken. The other lane is free.
TEST(serial_lif, a_lane_takes_one_neuron_a_cycle)
{
    neurons n(3);
    n.begin(2, 0, 2);
    EXPECT_EQ(n.first.write(address_of_sums(0, 0, 0, false), std::vector<std::int32_t>{9, 9}, 10), 10u);
    EXPECT_EQ(n.first.write(address_of_sums(1, 0, 0, false), std::vector<std::int32_t>{9, 9}, 11), 12u);
    EXPECT_EQ(n.lif.done_cycle(), 14u);
    ASSERT_EQ(n.out.seen.size(), 2u);
    EXPECT_EQ(n.out.seen[0].cycle, 15u);
    EXPECT_EQ(n.out.seen[1].cycle, 16u);
    EXPECT_EQ(n.second.write(address_of_sums(0, 1, 0, false), std::vector<std::int32_t>{9, 9}, 11), 11u);
}

TEST(serial_lif, of_latency_0_takes_no_time)
{
    neurons n(0, 1);
    n.begin(1, 0, 2);
    EXPECT_EQ(n.first.write(address_of_sums(0, 0, 0, false), std::vector<std::int32_t>{9, 9}, 10), 10u);
    EXPECT_EQ(n.lif.done_cycle(), 10u);
    EXPECT_EQ(n.out.seen.at(1).cycle, 10u);
}

TEST(serial_lif, refuses_reads)
{
    neurons n(1);
    EXPECT_EQ(n.first.read(), tlm::TLM_COMMAND_ERROR_RESPONSE);
}
