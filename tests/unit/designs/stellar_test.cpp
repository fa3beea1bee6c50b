// Stellar: its steps and its array by hand, and the design alone with a memory that answers after a fixed number of
// cycles: closed forms, traffic, faults and resets.
#include "tests/unit/designs/design_alone.h"

#include "models/designs/stellar/stellar_accelerator.h"

using namespace loas;
using namespace loas::parts_test;
using designs::quad_steps;
using designs::stellar_accelerator;
using designs::stellar_parameters;
using observe::counter;
using observe::layer_outcome;
using observe::operand;

namespace
{

using parameters = parameters_of<stellar_parameters>;
using alone = design_alone<stellar_accelerator, parameters>;

parameters array_of(unsigned pixels, unsigned channels, unsigned timesteps, bool dense = false)
{
    parameters of;
    of.all.clock_mhz = 1000;
    of.all.tppe.count = pixels * channels;
    of.all.plif.latency = 0;
    of.own.pixels = pixels;
    of.own.timesteps = timesteps;
    of.own.dense = dense;
    return of;
}

/// Some bits that look random, a quarter of them 1.
std::uint8_t bits_at(std::uint64_t address)
{
    const std::uint64_t mixed = (address + 1) * 0x9E3779B97F4A7C15U;
    return static_cast<std::uint8_t>(mixed >> 56 & mixed >> 40);
}

struct shape {
    unsigned m, k, n, timesteps, pixels, channels, at_once;

    /// The tensor of bitmaps: [T][M][words of 64 bits].
    bool spikes(unsigned pixel, unsigned input, unsigned t) const
    {
        const std::uint64_t word = (std::uint64_t{t} * m + pixel) * ceiling(k, 64) + input / 64;
        return (bits_at(8 * word + input % 64 / 8) >> input % 8 & 1) != 0;
    }
    std::uint64_t rounds() const { return ceiling(timesteps, at_once); }
    /// Quads never share pixels of two groups.
    std::uint64_t quads() const
    {
        return m / (pixels * channels) * channels + ceiling(m % (pixels * channels), pixels);
    }
    /// Inputs with a spike in any pixel of a quad and any timestep of a round.
    std::uint64_t in_union() const
    {
        std::uint64_t count = 0;
        for (unsigned first = 0; first < m; first += pixels)
            for (unsigned t = 0; t < timesteps; t += at_once)
                for (unsigned input = 0; input < k; ++input) {
                    bool any = false;
                    for (unsigned pixel = first; pixel < std::min(m, first + pixels); ++pixel)
                        for (unsigned step = t; step < std::min(timesteps, t + at_once); ++step)
                            any = any || spikes(pixel, input, step);
                    count += any;
                }
        return count;
    }
};

} // namespace

// Two pixels, K = 70, T = 3. Pixel 0: input 0 at t = 0 and 2; pixel 1: input 0 at 1, input 69 at 2.
TEST(stellar_steps, are_the_inputs_that_spike_in_any_pixel)
{
    const std::vector<std::vector<std::uint64_t>> bitmaps = {{1, 0, 0, 0, 1, 0}, {0, 0, 1, 0, 0, 1 << 5}};
    quad_steps steps;
    find_steps(bitmaps, {0, 2, 70, 0, 3}, false, steps);
    EXPECT_EQ(steps.inputs, (std::vector<std::uint32_t>{0, 69}));
    EXPECT_EQ(steps.spikes, (std::vector<std::uint16_t>{5, 2, 0, 4}));
    find_steps(bitmaps, {1, 1, 70, 1, 2}, false, steps);
    EXPECT_EQ(steps.inputs, (std::vector<std::uint32_t>{0, 69}));
    EXPECT_EQ(steps.spikes, (std::vector<std::uint16_t>{1, 2})) << "of the round that begins with timestep 1";
    find_steps(bitmaps, {0, 1, 70, 1, 1}, false, steps);
    EXPECT_TRUE(steps.inputs.empty());
    find_steps(bitmaps, {0, 1, 70, 1, 1}, true, steps);
    EXPECT_EQ(steps.inputs.size(), 70u);
    EXPECT_EQ(steps.inputs.back(), 69u);
}

// Two pixels x two channels of an array of four x one; inputs 0 and 2. Channel 0 has weights for both, channel 1 for 2.
TEST(stellar_array, adds_in_all_timesteps_and_counts_what_is_zero)
{
    stellar_parameters own;
    own.pixels = 2;
    own.timesteps = 2;
    designs::stellar_array array("array", 4, own);
    sums_recorder neurons;
    array.sums_out.bind(neurons);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    array.begin_layer();
    designs::dense_weights weights;
    weights.reset(2, 0, 3, 1);
    const std::int8_t columns[2][3] = {{5, 1, -128}, {0, 1, 7}};
    std::copy_n(&columns[0][0], 6, weights.arriving());
    weights.complete();
    const quad_steps steps = {{0, 2}, {3, 0, 2, 1}}; // input 0: pixel 0 at both; input 2: pixel 0 at 1, pixel 1 at 0
    EXPECT_EQ(array.take(steps, 2, weights, 100), 102u);
    neurons.latency = 6;
    EXPECT_EQ(array.end_round({4, 2, 3, 8, 2}, 16, 2, 102), 108u);
    const std::int32_t sums[4][2] = {{5, 5 - 128}, {0, 7}, {-128, 0}, {7, 0}}; // [pixel x 2 + channel][t]
    ASSERT_EQ(neurons.seen.size(), 8u);
    for (unsigned pe = 0; pe < 4; ++pe)
        for (unsigned t = 0; t < 2; ++t) {
            const sums_recorder::received& seen = neurons.seen[pe * 2 + t];
            EXPECT_EQ(seen.sums, std::vector<std::int32_t>{sums[pe][t]});
            EXPECT_EQ(seen.block.lane, pe);
            EXPECT_EQ(seen.block.row, 4 + pe / 2);
            EXPECT_EQ(seen.block.column, 16 + pe % 2);
            EXPECT_EQ(seen.block.timestep, 8 + t);
        }
    const unsigned busy[4] = {2, 1, 1, 1};
    for (unsigned pe = 0; pe < 4; ++pe) {
        observe::counter_set tile;
        array.collect_tile(pe, tile);
        EXPECT_EQ(tile[counter::busy_cycles], busy[pe]);
        EXPECT_EQ(tile[counter::stall_zero_operand], 2 - busy[pe]);
        EXPECT_EQ(tile[counter::stall_packing], 6u);
    }
    observe::counter_set all;
    array.collect(all);
    EXPECT_EQ(all[counter::matches], 2u + 2 + 2); // input 0: two spikes at a weight; input 2: two at two each
    EXPECT_EQ(all[counter::zero_weights_added], 2u);
    EXPECT_EQ(all[counter::inputs_taken], 2u);
    EXPECT_EQ(all[counter::sram_read_b_weights], 2u * 2 * 8);
    EXPECT_REFUSED(array.take({{0}, {1, 1, 1}}, 3, weights, 0));
    EXPECT_REFUSED(array.take({{0}, {1}}, 2, weights, 0));
}

class stellar_cycles : public testing::TestWithParam<shape>
{
};

// The memory takes no time, and all weights are zero, which take as long as any other.
TEST_P(stellar_cycles, are_the_union_of_the_pixels_of_a_quad)
{
    const shape s = GetParam();
    alone(array_of(s.pixels, s.channels, s.at_once), [&](alone& a) {
        a.memory.fill = [](std::uint64_t address) { return address < weights ? bits_at(address) : std::uint8_t{0}; };
        const layer_outcome done = a.array.execute(layer_of(s.m, s.k, s.n, s.timesteps));
        const std::uint64_t groups = ceiling(s.m, s.pixels * s.channels), passes = ceiling(s.n, s.channels);
        EXPECT_EQ(done.status, LOAS_STATUS_OK);
        const observe::counter_set& seen = done.counters;
        EXPECT_EQ(seen[counter::cycles], passes * (s.in_union() + groups * (s.pixels + s.channels - 2)));
        EXPECT_EQ(seen[counter::inputs_taken], passes * s.in_union());
        EXPECT_EQ(seen[counter::inputs_skipped], passes * (s.quads() * s.rounds() * s.k - s.in_union()));
        EXPECT_EQ(seen[counter::matches], 0u);
        EXPECT_EQ(a.requested(operand::a_mask), s.m * s.timesteps * ceiling(s.k, 64) * 8); // once
        EXPECT_EQ(a.requested(operand::b_weights), groups * s.n * s.k);                    // once a group of pixels
        EXPECT_EQ(a.requested(operand::c_mask), s.m * s.timesteps * ceiling(s.n, 64) * 8);
    });
}

TEST_P(stellar_cycles, of_folds_are_those_of_the_accounting_before_its_fifth)
{
    const shape s = GetParam();
    alone(array_of(s.pixels, s.channels, s.at_once, true), [&](alone& a) {
        const std::uint64_t folds = s.quads() * ceiling(s.n, s.channels) * s.rounds();
        const unsigned fill = s.pixels + s.channels - 2;
        for (const int byte : {0x00, 0x41, 0xFF}) {
            a.memory.fill = [byte](std::uint64_t address) {
                return static_cast<std::uint8_t>(address < weights ? byte : 0);
            };
            const layer_outcome done = a.array.execute(layer_of(s.m, s.k, s.n, s.timesteps));
            EXPECT_EQ(done.counters[counter::cycles], folds * (s.k + fill) - (fill > 0));
            EXPECT_EQ(done.counters[counter::inputs_taken], folds * s.k);
            EXPECT_EQ(done.counters[counter::inputs_skipped], 0u);
        }
    });
}

INSTANTIATE_TEST_SUITE_P(shapes, stellar_cycles,
                         testing::Values(shape{16, 128, 16, 4, 4, 4, 4}, shape{17, 65, 33, 4, 4, 4, 4},
                                         shape{1, 1, 1, 16, 4, 4, 4}, shape{30, 70, 20, 3, 2, 8, 1},
                                         shape{7, 64, 9, 7, 1, 1, 3}, shape{41, 100, 40, 16, 8, 4, 16}));

// Weights of the next channels come while these are used; bitmaps of the next pixels, too. 10 cycles for the first of
// both, and for the last outputs.
TEST(stellar_prefetch, hides_the_memory_behind_the_steps)
{
    alone(array_of(2, 2, 2), [](alone& a) {
        a.memory.latency = 10;
        a.memory.fill = [](std::uint64_t address) { return address < weights ? std::uint8_t{0xFF} : std::uint8_t{0}; };
        const layer_outcome done = a.array.execute(layer_of(9, 20, 6, 2));
        EXPECT_EQ(done.counters[counter::cycles], 10u + 3 * (3 * 2 + 5 * 20) + 10);
        EXPECT_EQ(done.counters[counter::scheduler_waiting_a], 10u);
        EXPECT_EQ(done.counters[counter::scheduler_waiting_b], 0u);
        EXPECT_EQ(done.counters[counter::scheduler_write_back], 10u);
    });
}

class stellar_faults : public testing::TestWithParam<bool>
{
};

TEST_P(stellar_faults, end_the_layer_with_the_address)
{
    alone(array_of(2, 1, 4, GetParam()), [](alone& a) {
        a.memory.latency = 7;
        const loas_descriptor layer = layer_of(5, 70, 5, 2);
        expect_that_refusals_end(a, layer);
    });
}

INSTANTIATE_TEST_SUITE_P(folds, stellar_faults, testing::Bool());

// Whenever a reset comes, the layer ends within a quad and nothing is on its way any more.
TEST(stellar_reset, ends_the_layer_at_the_next_quad)
{
    alone(array_of(2, 2, 4), [](alone& a) {
        a.memory.latency = 7;
        a.memory.fill = [](std::uint64_t address) { return address < weights ? std::uint8_t{0xFF} : std::uint8_t{0}; };
        const loas_descriptor layer = layer_of(5, 70, 6, 2);
        expect_that_resets_end(a, layer, 70 + 2 * 7);
    });
}
