// PTB: its lines and its array by hand, and the design alone with a memory that answers after a fixed number of cycles:
// closed forms, traffic, faults and resets.
#include "tests/unit/designs/design_alone.h"

#include "models/designs/ptb/ptb_accelerator.h"

using namespace loas;
using namespace loas::parts_test;
using designs::line;
using designs::line_step;
using designs::ptb_accelerator;
using designs::ptb_line;
using designs::ptb_parameters;
using observe::counter;
using observe::layer_outcome;
using observe::operand;

namespace
{

ptb_parameters windows_of(unsigned columns, unsigned window, unsigned pair_distance,
                          ptb_line line_cycles = ptb_line::active)
{
    ptb_parameters of;
    of.columns = columns;
    of.window = window;
    of.pair_distance = pair_distance;
    of.line_cycles = line_cycles;
    return of;
}

/// Of each step the inputs, 99 for none, and its cycles.
std::vector<std::vector<unsigned>> steps_of(const std::vector<line>& lines, const ptb_parameters& array)
{
    std::vector<line_step> steps;
    pair_lines(lines, array, steps);
    std::vector<std::vector<unsigned>> all;
    for (const line_step& each : steps)
        all.push_back({each.first.input, each.second.spikes == 0 ? 99 : each.second.input, each.cycles});
    return all;
}

struct array_and_neurons {
    ptb_parameters own;
    designs::ptb_array array;
    sums_recorder neurons;

    explicit array_and_neurons(const ptb_parameters& of) : own(of), array("array", 3, of)
    {
        array.sums_out.bind(neurons);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        array.begin_layer();
    }
    observe::counter_set tile(std::size_t which) const
    {
        observe::counter_set counters;
        array.collect_tile(which, counters);
        return counters;
    }
};

using parameters = parameters_of<ptb_parameters>;
using alone = design_alone<ptb_accelerator, parameters>;

parameters small(unsigned rows, const ptb_parameters& own)
{
    parameters of;
    of.all.clock_mhz = 1000;
    of.all.tppe.count = rows;
    of.all.plif.latency = 0;
    of.own = own;
    return of;
}

void fill_inputs(alone& a, std::uint8_t byte)
{
    a.memory.fill = [byte](std::uint64_t address) { return address < weights ? byte : std::uint8_t{0}; };
}

struct shape {
    unsigned m, k, n, timesteps, rows, columns, window;
};

} // namespace

// K = 70, T = 3: input 0 at t = 0 and 2, input 3 at 1, input 69 at 2.
TEST(ptb_lines, are_the_inputs_that_spike_in_the_round)
{
    const std::vector<std::uint64_t> bitmaps = {1, 0, 8, 0, 1, 1 << 5};
    std::vector<line> lines;
    find_lines(bitmaps, 70, 0, 3, lines);
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(lines[0].spikes, 5u);
    EXPECT_EQ(lines[1].input, 3u);
    EXPECT_EQ(lines[1].spikes, 2u);
    EXPECT_EQ(lines[2].input, 69u);
    EXPECT_EQ(lines[2].spikes, 4u);
    find_lines(bitmaps, 70, 1, 2, lines);
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(lines[0].spikes, 2u) << "of the round that begins with timestep 1";
    find_lines(bitmaps, 70, 1, 1, lines);
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0].input, 3u);
}

// Windows of one timestep: 10 in 0 and 1; 11 in 1; 12 in 2; 13 in 0 and 3; 14 in all.
TEST(ptb_lines, share_a_step_where_no_window_needs_both)
{
    const std::vector<line> lines = {{10, 3}, {11, 2}, {12, 4}, {13, 9}, {14, 15}};
    using steps = std::vector<std::vector<unsigned>>;
    EXPECT_EQ(steps_of(lines, windows_of(4, 1, 0)),
              (steps{{10, 99, 1}, {11, 99, 1}, {12, 99, 1}, {13, 99, 1}, {14, 99, 1}}));
    EXPECT_EQ(steps_of(lines, windows_of(4, 1, 1)), (steps{{10, 99, 1}, {11, 12, 1}, {13, 99, 1}, {14, 99, 1}}));
    EXPECT_EQ(steps_of(lines, windows_of(4, 1, 2)), (steps{{10, 12, 1}, {11, 13, 1}, {14, 99, 1}}));
    EXPECT_EQ(steps_of(lines, windows_of(4, 1, 65535)), (steps{{10, 12, 1}, {11, 13, 1}, {14, 99, 1}}));
    // Windows of two timesteps: 0 1 and 2 3. 11 has the first, 12 the second, 10 the first.
    EXPECT_EQ(steps_of(lines, windows_of(2, 2, 16)),
              (steps{{10, 12, 2}, {11, 99, 1}, {13, 99, 1}, {14, 99, 2}}));
    EXPECT_EQ(steps_of(lines, windows_of(2, 2, 16, ptb_line::one)),
              (steps{{10, 12, 1}, {11, 99, 1}, {13, 99, 1}, {14, 99, 1}}));
    EXPECT_EQ(steps_of(lines, windows_of(2, 2, 16, ptb_line::window)),
              (steps{{10, 12, 2}, {11, 99, 2}, {13, 99, 2}, {14, 99, 2}}));
}

// Three rows, windows of two timesteps. Lines 0 (spikes at 0, 1) and 1 (at 2) share a step of two cycles, line 2 (at 1
// and 3) has one of one. Row 0 has weights for 0 and 2, row 1 for 1, row 2 none.
TEST(ptb_array, adds_in_each_window_and_counts_what_is_zero)
{
    array_and_neurons a(windows_of(2, 2, 16));
    designs::dense_weights rows;
    rows.reset(3, 0, 3, 1);
    const std::int8_t columns[3][3] = {{5, 0, -128}, {0, 7, 0}, {0, 0, 0}};
    std::copy_n(&columns[0][0], 9, rows.arriving());
    rows.complete();
    const std::vector<line_step> steps = {{{0, 3}, {1, 4}, 2}, {{2, 10}, {}, 1}};
    EXPECT_EQ(a.array.take(steps, rows, 100), 103u);
    EXPECT_EQ(a.array.end_round(4, 16, 8, 4, rows, 103), 103u);
    ASSERT_EQ(a.neurons.seen.size(), 12u);
    const std::int32_t sums[3][4] = {{5, 5 - 128, 0, -128}, {0, 0, 7, 0}, {0, 0, 0, 0}};
    for (unsigned row = 0; row < 3; ++row)
        for (unsigned t = 0; t < 4; ++t) {
            const sums_recorder::received& seen = a.neurons.seen[row * 4 + t];
            EXPECT_EQ(seen.sums, std::vector<std::int32_t>{sums[row][t]});
            EXPECT_EQ(seen.block.lane, row);
            EXPECT_EQ(seen.block.row, 4u);
            EXPECT_EQ(seen.block.column, 16 + row);
            EXPECT_EQ(seen.block.timestep, 8 + t);
        }
    EXPECT_EQ(a.tile(0)[counter::busy_cycles], 3u); // two spikes of line 0, one of line 2
    EXPECT_EQ(a.tile(1)[counter::busy_cycles], 1u);
    EXPECT_EQ(a.tile(1)[counter::stall_zero_operand], 2u);
    EXPECT_EQ(a.tile(2)[counter::stall_zero_operand], 3u);
    observe::counter_set all;
    a.array.collect(all);
    EXPECT_EQ(all[counter::matches], 2u + 1 + 2);
    EXPECT_EQ(all[counter::zero_weights_added], 5u * 3 - 5);
    EXPECT_EQ(all[counter::inputs_taken], 3u);
    EXPECT_EQ(all[counter::inputs_paired], 1u);
    EXPECT_EQ(all[counter::sram_read_b_weights], 3u * 3 * 8);
}

TEST(ptb_array, waits_for_neurons_that_have_not_begun_to_take_the_sums)
{
    array_and_neurons a(windows_of(4, 1, 16));
    a.neurons.latency = 6;
    designs::dense_weights rows;
    rows.reset(3, 0, 1, 1);
    rows.complete();
    EXPECT_EQ(a.array.end_round(0, 0, 0, 4, rows, 20), 26u);
    EXPECT_EQ(a.tile(2)[counter::stall_packing], 6u);
    rows.reset(4, 0, 1, 1);
    EXPECT_REFUSED(a.array.take({}, rows, 0));
}

class ptb_cycles : public testing::TestWithParam<shape>
{
};

// All inputs spike in all timesteps: nothing is skipped and nothing shares a step. No input spikes: fills alone. The
// memory takes no time, and all weights are zero, which take as long as any other.
TEST_P(ptb_cycles, have_a_closed_formula_with_all_spikes_and_with_none)
{
    const shape s = GetParam();
    alone(small(s.rows, windows_of(s.columns, s.window, 16)), [&](alone& a) {
        const std::uint64_t groups = ceiling(s.m, s.rows), column_groups = ceiling(s.n, s.rows);
        const std::uint64_t fills = groups * column_groups * (s.rows + s.columns - 2);
        const std::uint64_t rounds = ceiling(s.timesteps, s.columns * s.window);
        std::uint64_t line = 0; // cycles of an input in all rounds: of each the spikes of its first window
        for (std::uint64_t round = 0; round < rounds; ++round)
            line += std::min<std::uint64_t>(s.window, s.timesteps - round * s.columns * s.window);
        for (const bool silent : {true, false}) {
            fill_inputs(a, silent ? 0 : 0xFF);
            a.memory.seen.clear();
            const layer_outcome done = a.array.execute(layer_of(s.m, s.k, s.n, s.timesteps));
            EXPECT_EQ(done.status, LOAS_STATUS_OK);
            const observe::counter_set& seen = done.counters;
            const std::uint64_t inputs = std::uint64_t{s.m} * column_groups * s.k;
            EXPECT_EQ(seen[counter::cycles], (silent ? 0 : inputs * line) + fills);
            EXPECT_EQ(seen[counter::inputs_taken], silent ? 0 : inputs * rounds);
            EXPECT_EQ(seen[counter::inputs_skipped], silent ? inputs * rounds : 0);
            EXPECT_EQ(seen[counter::inputs_paired], 0u);
            EXPECT_EQ(seen[counter::zero_weights_added],
                      silent ? 0 : std::uint64_t{s.m} * s.n * s.k * s.timesteps);
            EXPECT_EQ(a.requested(operand::a_mask), s.m * s.timesteps * ceiling(s.k, 64) * 8); // once
            EXPECT_EQ(a.requested(operand::b_weights), groups * s.n * s.k);                    // once a group of pixels
            EXPECT_EQ(a.requested(operand::c_mask), s.m * s.timesteps * ceiling(s.n, 64) * 8);
        }
    });
}

// The accounting: folds of as many pixels as the array has rows x 1 channel, all inputs whether they spike or not.
TEST_P(ptb_cycles, of_folds_are_those_of_the_accounting)
{
    const shape s = GetParam();
    ptb_parameters own = windows_of(s.columns, s.window, 16);
    own.dense = true;
    alone(small(s.rows, own), [&](alone& a) {
        const std::uint64_t rounds = ceiling(s.timesteps, s.columns * s.window);
        const std::uint64_t folds = ceiling(s.m, s.rows) * s.n * rounds;
        for (const int byte : {0x00, 0x41, 0xFF}) {
            fill_inputs(a, static_cast<std::uint8_t>(byte));
            const layer_outcome done = a.array.execute(layer_of(s.m, s.k, s.n, s.timesteps));
            EXPECT_EQ(done.counters[counter::cycles], folds * (s.k + s.rows - 1) - (s.rows > 1));
            EXPECT_EQ(done.counters[counter::inputs_taken], folds * s.k);
            EXPECT_EQ(done.counters[counter::inputs_skipped], 0u);
        }
    });
}

INSTANTIATE_TEST_SUITE_P(shapes, ptb_cycles,
                         testing::Values(shape{16, 128, 16, 4, 16, 4, 1}, shape{17, 65, 33, 4, 16, 4, 1},
                                         shape{1, 1, 1, 16, 16, 4, 1}, shape{30, 70, 20, 3, 8, 2, 1},
                                         shape{7, 64, 9, 7, 1, 3, 2}, shape{5, 100, 40, 16, 4, 8, 4}));

// Bits 0 and 6 of each byte at every timestep, T = 1, K = 80: 20 inputs of 80. Then one spike in all: byte 0 of pixel 2.
TEST(ptb_skipping, takes_as_many_steps_as_inputs_spike)
{
    alone(small(16, windows_of(4, 1, 0)), [](alone& a) {
        fill_inputs(a, 0x41);
        EXPECT_EQ(a.array.execute(layer_of(5, 80, 32, 1)).counters[counter::cycles], 2u * (18 + 5 * 20));
        const unsigned pixel_bytes = 16;
        a.memory.fill = [=](std::uint64_t address) { return std::uint8_t{address == 2 * pixel_bytes}; };
        const layer_outcome done = a.array.execute(layer_of(5, 80, 32, 4));
        EXPECT_EQ(done.counters[counter::cycles], 2u * (18 + 1));
        EXPECT_EQ(done.counters[counter::inputs_taken], 2u);
        EXPECT_EQ(done.counters[counter::inputs_skipped], 2u * (5 * 80 - 1));
    });
}

class ptb_pairs : public testing::TestWithParam<unsigned>
{
};

// Input 0 spikes at t = 0 of 4 and input 1 at t = 3: a step for both, or one for each.
TEST_P(ptb_pairs, share_a_step)
{
    const unsigned distance = GetParam();
    alone(small(4, windows_of(4, 1, distance)), [distance](alone& a) {
        a.memory.fill = [](std::uint64_t address) {
            return static_cast<std::uint8_t>(address == 0 ? 1 : address == 3 * 8 ? 2 : 0); // a pixel of 8 bytes
        };
        const layer_outcome done = a.array.execute(layer_of(1, 64, 4, 4));
        EXPECT_EQ(done.counters[counter::cycles], 6u + (distance == 0 ? 2 : 1));
        EXPECT_EQ(done.counters[counter::inputs_paired], distance);
    });
}

INSTANTIATE_TEST_SUITE_P(distances, ptb_pairs, testing::Values(0U, 1U));

// Weights of the next columns come while these are used; rows of the next pixels, too. 10 cycles for the first of both,
// and for the last outputs.
TEST(ptb_prefetch, hides_the_memory_behind_the_steps)
{
    alone(small(4, windows_of(4, 1, 16)), [](alone& a) {
        a.memory.latency = 10;
        fill_inputs(a, 0xFF);
        const layer_outcome done = a.array.execute(layer_of(9, 20, 12, 2));
        EXPECT_EQ(done.counters[counter::cycles], 10u + 3 * 3 * 6 + 3 * 9 * 20 + 10);
        EXPECT_EQ(done.counters[counter::scheduler_waiting_a], 10u);
        EXPECT_EQ(done.counters[counter::scheduler_waiting_b], 0u);
        EXPECT_EQ(done.counters[counter::scheduler_write_back], 10u);
    });
}

class ptb_faults : public testing::TestWithParam<bool>
{
};

TEST_P(ptb_faults, end_the_layer_with_the_address)
{
    ptb_parameters own = windows_of(4, 1, 16);
    own.dense = GetParam();
    alone(small(2, own), [](alone& a) {
        a.memory.latency = 7;
        const loas_descriptor layer = layer_of(5, 70, 5, 2);
        expect_that_refusals_end(a, layer);
    });
}

INSTANTIATE_TEST_SUITE_P(folds, ptb_faults, testing::Bool());

// Whenever a reset comes, the layer ends within a pixel and nothing is on its way any more.
TEST(ptb_reset, ends_the_layer_at_the_next_pixel)
{
    alone(small(2, windows_of(4, 1, 16)), [](alone& a) {
        a.memory.latency = 7;
        fill_inputs(a, 0xFF);
        const loas_descriptor layer = layer_of(5, 70, 6, 2);
        expect_that_resets_end(a, layer, 70 + 2 * 7);
    });
}
