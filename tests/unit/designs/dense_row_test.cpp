// A row of the dense array, by hand.
#include "tests/unit/compute/recorder.h"

#include "models/compute/serial_lif.h"
#include "models/designs/dense/dense_row.h"
#include "models/kernel/link_monitor.h"

using namespace loas;
using namespace loas::parts_test;
using designs::address_of_row;
using designs::address_of_step;
using observe::counter;

namespace
{

struct row_and_neurons {
    kernel::links wires{true};
    designs::dense_row row{"row", 5, 3, one_ghz};
    writer scheduler{"scheduler"};
    recorder neurons{"neurons"};
    designs::weight_block block;

    row_and_neurons()
    {
        wires.connect("scheduler", scheduler.out, row.broadcast_in);
        wires.connect("neurons", row.sums_out, neurons.in);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
    ~row_and_neurons() { EXPECT_EQ(wires.violations(), std::vector<std::string>()); }

    std::uint64_t step(unsigned timestep, std::uint64_t first_column, std::uint64_t cycle)
    {
        const auto* bytes = static_cast<const std::uint8_t*>(block.data());
        return scheduler.write(address_of_step(timestep, first_column, block.columns()),
                               std::vector<std::uint8_t>(bytes, bytes + block.bytes()), cycle);
    }

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
    r.row.begin_layer(70);
    r.scheduler.write(address_of_row, std::vector<std::uint64_t>{9, 1 << 5, 8, 0});
    r.block.reset(3, 70);
    std::fill_n(r.block.weights(), 3 * 70, std::int8_t{0});
    r.block.weights()[0] = 100;
    r.block.weights()[69] = -128;
    r.block.weights()[70 + 3] = 7;
    r.block.weights()[70 + 5] = 1;
    r.block.complete();
    EXPECT_EQ(r.step(0, 8, 100), 170u);
    EXPECT_EQ(r.counted()[counter::busy_cycles], 3u);
    EXPECT_EQ(r.counted()[counter::stall_zero_operand], 67u);
    EXPECT_EQ(r.counted()[counter::matches], 3u);
    EXPECT_EQ(r.step(1, 8, 170), 240u);
    EXPECT_EQ(r.counted()[counter::busy_cycles], 4u);
    EXPECT_EQ(r.counted()[counter::stall_zero_operand], 136u);
    EXPECT_EQ(r.counted()[counter::matches], 4u);
    EXPECT_EQ(r.counted()[counter::sram_read_a_mask], 140u);
    EXPECT_EQ(r.counted()[counter::stall_packing], 0u);
    ASSERT_EQ(r.neurons.seen.size(), 2u);
    EXPECT_EQ(r.neurons.seen[0].address, compute::address_of_sums(0, 5, 8, false));
    EXPECT_EQ(r.neurons.seen[0].as<std::int32_t>(), (std::vector<std::int32_t>{-28, 7, 0}));
    EXPECT_EQ(r.neurons.seen[0].cycle, 170u);
    EXPECT_EQ(r.neurons.seen[1].address, compute::address_of_sums(1, 5, 8, false));
    EXPECT_EQ(r.neurons.seen[1].as<std::int32_t>(), (std::vector<std::int32_t>{0, 7, 0}));
}

// Two columns that add the same input, and two that add different ones: a cycle is busy once.
TEST(dense_row, is_busy_when_at_least_one_pe_adds)
{
    row_and_neurons r;
    r.row.begin_layer(4);
    r.scheduler.write(address_of_row, std::vector<std::uint64_t>{0xF});
    r.block.reset(2, 4);
    const std::int8_t weights[] = {1, 2, 0, 0, 3, 0, 4, 0};
    std::copy(std::begin(weights), std::end(weights), r.block.weights());
    r.block.complete();
    EXPECT_EQ(r.step(0, 0, 0), 4u);
    EXPECT_EQ(r.counted()[counter::busy_cycles], 3u);
    EXPECT_EQ(r.counted()[counter::matches], 4u);
    EXPECT_EQ(r.neurons.seen.at(0).as<std::int32_t>(), (std::vector<std::int32_t>{3, 7}));
}

// The neurons take these sums 6 cycles late.
TEST(dense_row, waits_for_neurons_that_have_not_begun_to_take_the_sums)
{
    row_and_neurons r;
    r.neurons.latency = 6;
    r.row.begin_layer(1);
    r.scheduler.write(address_of_row, std::vector<std::uint64_t>{0});
    r.block.reset(1, 1);
    r.block.weights()[0] = 1;
    r.block.complete();
    EXPECT_EQ(r.step(0, 0, 20), 27u);
    EXPECT_EQ(r.counted()[counter::stall_zero_operand], 1u);
    EXPECT_EQ(r.counted()[counter::stall_packing], 6u);
    EXPECT_EQ(r.scheduler.read(), tlm::TLM_COMMAND_ERROR_RESPONSE);
}
