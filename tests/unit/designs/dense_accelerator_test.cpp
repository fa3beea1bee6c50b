// The dense accelerator alone, with a memory that answers after a fixed number of cycles: cycles, traffic, faults and
// resets. What it computes is held against the golden model in the tests of the whole machine.
#include "tests/unit/designs/design_alone.h"

#include "models/designs/dense/dense_accelerator.h"

#include <map>
#include <utility>

using namespace loas;
using namespace loas::parts_test;
using designs::dense_accelerator;
using designs::dense_parameters;
using observe::counter;
using observe::layer_outcome;
using observe::operand;

namespace
{

using array_parameters = parameters_of<dense_parameters>;

array_parameters small(unsigned rows, unsigned columns, unsigned lif_latency)
{
    array_parameters parameters;
    parameters.all.clock_mhz = 1000;
    parameters.all.tppe.count = rows;
    parameters.all.plif.latency = lif_latency;
    parameters.own.columns = columns;
    return parameters;
}

using alone = design_alone<dense_accelerator, array_parameters>;

struct shape {
    unsigned m, k, n, timesteps, rows, columns;
};

} // namespace

class dense_cycles : public testing::TestWithParam<shape>
{
};

// Without waits for memory or neurons: every group of rows and of columns takes all inputs in all timesteps.
TEST_P(dense_cycles, have_a_closed_formula)
{
    const shape s = GetParam();
    alone(small(s.rows, s.columns, 0), [&](alone& a) {
        const layer_outcome done = a.array.execute(layer_of(s.m, s.k, s.n, s.timesteps));
        EXPECT_EQ(done.status, LOAS_STATUS_OK);
        const std::uint64_t row_groups = ceiling(s.m, s.rows);
        const std::uint64_t cycles = row_groups * ceiling(s.n, s.columns) * s.timesteps * s.k;
        EXPECT_EQ(done.counters[counter::cycles], cycles);
        EXPECT_EQ(done.counters[counter::scheduler_broadcasting], cycles);
        EXPECT_EQ(done.counters[counter::stall_zero_operand], cycles / row_groups * s.m); // the memory is all zero
        EXPECT_EQ(done.counters[counter::stall_idle], cycles / row_groups * (row_groups * s.rows - s.m));
        EXPECT_EQ(a.requested(operand::a_mask), s.m * s.timesteps * ceiling(s.k, 64) * 8); // once
        EXPECT_EQ(a.requested(operand::b_weights), row_groups * s.n * s.k);                // once a row group
        EXPECT_EQ(a.requested(operand::bias), 4 * s.n);
        EXPECT_EQ(a.requested(operand::c_mask), s.m * s.timesteps * ceiling(s.n, 64) * 8);
        EXPECT_EQ(done.counters[counter::sram_read_a_mask], s.m * ceiling(s.n, s.columns) * s.timesteps * s.k);
        EXPECT_EQ(done.counters[counter::sram_read_b_weights], 8 * row_groups * s.timesteps * s.n * s.k);
    });
}

INSTANTIATE_TEST_SUITE_P(shapes, dense_cycles,
                         testing::Values(shape{16, 128, 4, 1, 16, 4}, shape{17, 65, 5, 4, 16, 4},
                                         shape{1, 1, 1, 16, 16, 4}, shape{70, 333, 70, 3, 16, 4},
                                         shape{7, 64, 9, 2, 1, 1}, shape{5, 100, 3, 5, 64, 100}));

// The lane of a row takes 4 sums in 4 cycles. They overlap the next step, of 50 cycles; those of the last step do not,
// and come out one cycle (latency 2) after they were taken.
TEST(dense_neurons, overlap_the_next_step)
{
    alone(small(2, 4, 2), [](alone& a) {
        const layer_outcome done = a.array.execute(layer_of(3, 50, 8, 3));
        EXPECT_EQ(done.counters[counter::cycles], 2u * 2 * 3 * 50 + 4 + 1);
        EXPECT_EQ(done.counters[counter::stall_packing], 5u);
    });
}

// K = 1: sums in cycle 1, 2 and 6; the lane takes them from 1, 5 and 9 on. The row stands from 2 to 5, from 6 to 9, and
// at the end until 13.
TEST(dense_neurons, hold_a_row_that_is_faster)
{
    alone(small(1, 4, 1), [](alone& a) {
        const layer_outcome done = a.array.execute(layer_of(1, 1, 4, 3));
        EXPECT_EQ(done.counters[counter::cycles], 13u);
        EXPECT_EQ(done.counters[counter::stall_zero_operand], 3u);
        EXPECT_EQ(done.counters[counter::stall_packing], 10u);
    });
}

// Answers after 10 cycles: only the first rows and weights and the last write are waited for when a step is longer.
// With K = 4 and T = 2 the weights of each of the 3 column groups come 10 cycles after the 8-cycle step before began.
TEST(dense_prefetch, hides_the_memory_behind_a_step)
{
    alone(small(4, 4, 0), [](alone& a) {
        a.memory.latency = 10;
        const layer_outcome long_steps = a.array.execute(layer_of(9, 20, 12, 2));
        EXPECT_EQ(long_steps.counters[counter::cycles], 10u + 3 * 3 * 2 * 20 + 10);
        EXPECT_EQ(long_steps.counters[counter::scheduler_waiting_a], 10u);
        EXPECT_EQ(long_steps.counters[counter::scheduler_waiting_b], 0u);
        EXPECT_EQ(long_steps.counters[counter::scheduler_write_back], 10u);
        const layer_outcome short_steps = a.array.execute(layer_of(4, 4, 12, 2));
        EXPECT_EQ(short_steps.counters[counter::cycles], 10u + 3 * 8 + 2 * 2 + 10);
        EXPECT_EQ(short_steps.counters[counter::scheduler_waiting_b], 4u);
    });
}

// The short layer of above: rows and first weights are waited for 10 cycles by 4 tiles, then twice 2 cycles for weights,
// and 10 for the last output. A refresh takes as much of each wait as it took of the latency, at most all of it, and
// the layer takes as long as before. What one layer waited for is not told of the next.
TEST(dense_refresh, takes_its_part_of_each_wait_and_no_more)
{
    alone(small(4, 4, 0), [](alone& a) {
        a.memory.latency = 10;
        const auto run = [&a](std::map<operand, std::uint64_t> refreshes) {
            a.memory.refreshes_of_kind = std::move(refreshes);
            return a.array.execute(layer_of(4, 4, 12, 2)).counters;
        };
        const auto expect = [](const observe::counter_set& counters, std::uint64_t rows, std::uint64_t weights,
                               std::uint64_t output) {
            EXPECT_EQ(counters[counter::cycles], 48u);
            const std::uint64_t refresh = rows + weights + output;
            EXPECT_EQ(counters[counter::scheduler_waiting_a], 10 - rows);
            EXPECT_EQ(counters[counter::scheduler_waiting_b], 4 - weights);
            EXPECT_EQ(counters[counter::scheduler_write_back], 10 - output);
            EXPECT_EQ(counters[counter::scheduler_dram_refresh], refresh);
            EXPECT_EQ(counters[counter::stall_waiting_a], 4 * (10 - rows));
            EXPECT_EQ(counters[counter::stall_waiting_b], 4 * (4 - weights));
            EXPECT_EQ(counters[counter::stall_write_back], 4 * (10 - output));
            EXPECT_EQ(counters[counter::stall_dram_refresh], 4 * refresh);
        };
        expect(run({}), 0, 0, 0);
        expect(run({{operand::a_mask, 4}}), 4, 0, 0);
        expect(run({{operand::b_weights, 1}}), 0, 2, 0);
        expect(run({{operand::b_weights, 3}}), 0, 4, 0); // of 2 cycles that are waited
        expect(run({{operand::c_mask, 6}}), 0, 0, 6);
        expect(run({{operand::a_mask, 10}, {operand::b_weights, 1}, {operand::c_mask, 9}}), 10, 2, 9);
        expect(run({{operand::bias, 10}}), 0, 0, 0); // there with the rows
        expect(run({}), 0, 0, 0);
    });
}

// A cache behind the array is written back when the layer is done: here in 30 cycles, 12 of them because of a refresh.
// A layer that fails, or is abandoned, leaves nothing changed in it, and writes nothing back.
TEST(dense_cache, is_written_back_or_forgets_what_the_layer_changed)
{
    struct : kernel::cache_control {
        alone* of = nullptr;
        unsigned written_back = 0, discarded = 0;
        std::uint64_t began_ps = 0;
        bool busy = false;
        void begin_write_back(std::uint64_t time_ps) override
        {
            ++written_back;
            began_ps = time_ps;
            busy = true;
            of->wheel.at(time_ps + 30 * one_ghz.period_ps(), *this, 0, 0);
        }
        void happen(std::uint64_t, std::uint64_t) { busy = false; }
        bool quiet() const override { return !busy; }
        std::uint64_t write_back_refresh_ps() const override { return 12 * one_ghz.period_ps(); }
        void discard_changes() override { ++discarded; }
        void snoop(std::uint64_t, std::uint64_t, bool) override {}
        unsigned debug(tlm::tlm_generic_payload&) override { return 0; }
        bool holds(std::uint64_t, std::uint64_t) const override { return false; }
        void set_listener(kernel::line_listener*) override {}
        std::string describe() const override { return {}; }
    } cache;
    alone(small(4, 4, 0), [&cache](alone& a) {
        cache.of = &a;
        a.array.set_cache(&cache);
        a.memory.latency = 10;
        const observe::counter_set counters = a.array.execute(layer_of(4, 4, 12, 2)).counters;
        EXPECT_EQ(counters[counter::cycles], 48u + 30);
        EXPECT_EQ(counters[counter::scheduler_write_back], 10u + 30 - 12);
        EXPECT_EQ(counters[counter::scheduler_dram_refresh], 12u);
        EXPECT_EQ(counters[counter::stall_dram_refresh], 4u * 12);
        EXPECT_EQ(cache.began_ps, 48 * one_ghz.period_ps());
        EXPECT_EQ(cache.written_back, 1u);
        EXPECT_EQ(cache.discarded, 0u);
        a.memory.broken = output;
        EXPECT_EQ(a.array.execute(layer_of(4, 4, 12, 2)).status, LOAS_STATUS_BUS_ERROR);
        EXPECT_EQ(cache.written_back, 1u);
        EXPECT_EQ(cache.discarded, 1u);
        a.memory.broken = ~std::uint64_t{0};
        a.abort_in(20);
        a.array.execute(layer_of(4, 4, 12, 2));
        EXPECT_EQ(cache.written_back, 1u);
        EXPECT_EQ(cache.discarded, 2u);
        EXPECT_EQ(a.array.execute(layer_of(4, 4, 12, 2)).counters[counter::cycles], 48u + 30);
        EXPECT_EQ(cache.discarded, 2u);
    });
}

// An access that memory refuses ends the layer, whatever it was for; the next layer is as if nothing had happened.
TEST(dense_faults, end_the_layer_with_the_address)
{
    alone(small(2, 2, 1), [](alone& a) {
        a.memory.latency = 7;
        const loas_descriptor layer = layer_of(5, 70, 6, 2);
        const std::size_t accesses = 1 + 5 * 2 + 3 * 3 + 5 * 2; // bias, bitmaps, weights a row group, output
        EXPECT_EQ(expect_that_refusals_end(a, layer), accesses);
    });
}

// Whenever a reset comes, the layer ends within a step and nothing is on its way any more.
TEST(dense_reset, ends_the_layer_at_the_next_step)
{
    alone(small(2, 2, 1), [](alone& a) {
        a.memory.latency = 7;
        const loas_descriptor layer = layer_of(5, 70, 6, 2);
        expect_that_resets_end(a, layer, 70 + 2 * 7);
    });
}
