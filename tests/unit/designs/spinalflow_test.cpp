// SpinalFlow: its filter buffer and its PEs by hand, and the design alone with a memory that answers after a fixed number
// of cycles: cycles and traffic by formula, faults and resets.
#include "tests/unit/designs/design_alone.h"

#include "models/designs/spinalflow/spinalflow_accelerator.h"

using namespace loas;
using namespace loas::parts_test;
using designs::spinalflow_accelerator;
using observe::counter;
using observe::layer_outcome;
using observe::operand;

namespace
{

/// 6 columns of 3 inputs from input 10 on; tiles have 4 columns.
designs::dense_weights some_filters()
{
    designs::dense_weights filters;
    filters.reset(6, 10, 3, 4);
    const std::int8_t columns[6][3] = {{1, 0, 0}, {2, 0, 5}, {0, 0, 0}, {-128, 0, 0}, {0, 7, 0}, {3, 127, 0}};
    std::copy_n(&columns[0][0], 18, filters.arriving());
    filters.complete();
    return filters;
}

struct pes_and_neurons {
    designs::pe_array pes{"pes", 3, 8};
    sums_recorder neurons;

    pes_and_neurons()
    {
        pes.sums_out.bind(neurons);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        pes.begin_layer();
    }
    std::uint64_t add(const std::vector<std::uint32_t>& inputs, const designs::dense_weights& filters, std::uint64_t cycle)
    {
        return pes.add(inputs, filters, cycle);
    }
    observe::counter_set tile(std::size_t which) const
    {
        observe::counter_set counters;
        pes.collect_tile(which, counters);
        return counters;
    }
};

using parameters = parameters_of<designs::spinalflow_parameters>;
using alone = design_alone<spinalflow_accelerator, parameters>;

parameters small(unsigned tiles, unsigned pes, unsigned filter_kib = 576)
{
    parameters of;
    of.all.clock_mhz = 1000;
    of.all.tppe.count = tiles;
    of.all.plif.latency = 0;
    of.own.pes = pes;
    of.own.filter_kib = filter_kib;
    return of;
}

struct shape {
    unsigned m, k, n, timesteps, tiles, pes;
};

/// Every bit of the bitmaps is set: M x T x K spikes.
void all_ones(alone& a)
{
    a.memory.fill = [](std::uint64_t address) { return address < weights ? std::uint8_t{0xFF} : std::uint8_t{0}; };
}

} // namespace

TEST(dense_weights, have_a_weight_for_each_column_of_an_input)
{
    const designs::dense_weights filters = some_filters();
    EXPECT_EQ(std::vector<int>(filters.weights(10), filters.weights(10) + 6), (std::vector<int>{1, 2, 0, -128, 0, 3}));
    EXPECT_EQ(std::vector<int>(filters.weights(12), filters.weights(12) + 6), (std::vector<int>{0, 5, 0, 0, 0, 0}));
    EXPECT_EQ(filters.tiles(), 2u);
    EXPECT_EQ(filters.non_zeros(10), 4u);
    EXPECT_EQ(filters.non_zeros(11), 2u);
    EXPECT_EQ(int{filters.tiles_with_weights(10)[0]}, 1);
    EXPECT_EQ(int{filters.tiles_with_weights(11)[0]}, 0);
    EXPECT_EQ(int{filters.tiles_with_weights(11)[1]}, 1);
    EXPECT_EQ(int{filters.tiles_with_weights(12)[1]}, 0);
}

// Two timesteps of a row: inputs 10 and 11, then 12 in a second call. The third tile has no column.
TEST(pe_array, takes_a_spike_a_cycle_and_hands_a_sum_to_each_neuron)
{
    pes_and_neurons p;
    const designs::dense_weights filters = some_filters();
    EXPECT_EQ(p.add({10, 11}, filters, 100), 102u);
    EXPECT_EQ(p.add({12}, filters, 102), 103u);
    EXPECT_EQ(p.pes.end_timestep(5, 0, filters, 103), 103u);
    ASSERT_EQ(p.neurons.seen.size(), 6u);
    const std::int32_t sums[] = {1, 7, 0, -128, 7, 130};
    for (std::size_t pe = 0; pe < 6; ++pe) {
        const sums_recorder::received& seen = p.neurons.seen[pe];
        EXPECT_EQ(seen.sums, std::vector<std::int32_t>{sums[pe]});
        EXPECT_EQ(seen.block.lane, pe);
        EXPECT_EQ(seen.block.column, pe);
        EXPECT_EQ(seen.block.row, 5u);
        EXPECT_EQ(seen.block.timestep, 0u);
        EXPECT_EQ(seen.cycle, 103u);
    }
    EXPECT_EQ(p.add({11}, filters, 103), 104u);
    EXPECT_EQ(p.pes.fill(9, filters, 104), 113u);
    p.pes.end_timestep(5, 1, filters, 113);
    EXPECT_EQ(p.neurons.seen.at(6 + 5).sums, std::vector<std::int32_t>{127}) << "sums begin with 0 again";
    EXPECT_EQ(p.tile(0)[counter::busy_cycles], 2u); // 10 and 12
    EXPECT_EQ(p.tile(0)[counter::stall_zero_operand], 2u);
    EXPECT_EQ(p.tile(1)[counter::busy_cycles], 3u); // 10, and 11 twice
    EXPECT_EQ(p.tile(1)[counter::stall_zero_operand], 1u);
    EXPECT_EQ(p.tile(1)[counter::stall_fill], 9u);
    EXPECT_EQ(p.tile(2).group_total("stall_cycles"), 0u);
    observe::counter_set all;
    p.pes.collect(all);
    EXPECT_EQ(all[counter::inputs_taken], 4u);
    EXPECT_EQ(all[counter::matches], 4u + 2 + 1 + 2);
    EXPECT_EQ(all[counter::zero_weights_added], 4u * 6 - 9);
    EXPECT_EQ(all[counter::sram_read_b_weights], 4u * 6 * 8);
}

TEST(pe_array, waits_for_neurons_that_have_not_begun_to_take_the_sums)
{
    pes_and_neurons p;
    p.neurons.latency = 6;
    EXPECT_EQ(p.pes.end_timestep(0, 0, some_filters(), 20), 26u);
    EXPECT_EQ(p.tile(0)[counter::stall_packing], 6u);
}

TEST(pe_array, refuses_spikes_whose_weights_are_not_there)
{
    pes_and_neurons p;
    EXPECT_REFUSED(p.add({9}, some_filters(), 0));
    EXPECT_REFUSED(p.add({13}, some_filters(), 0));
    designs::dense_weights wide;
    wide.reset(9, 0, 1, 4);
    wide.complete();
    EXPECT_REFUSED(p.add({0}, wide, 0));
}

class spinalflow_cycles : public testing::TestWithParam<shape>
{
};

// Spikes x passes, and the mergers' fill in each pass; nothing without spikes. The memory takes no time. All weights are
// zero, which takes as long as any other.
TEST_P(spinalflow_cycles, have_a_closed_formula)
{
    const shape s = GetParam();
    alone(small(s.tiles, s.pes), [&](alone& a) {
        const std::uint64_t passes = ceiling(s.n, s.pes), fills = 2 * passes, inputs = std::uint64_t{s.m} * s.timesteps * s.k;
        for (const bool silent : {true, false}) {
            if (!silent)
                all_ones(a);
            a.memory.seen.clear();
            const layer_outcome done = a.array.execute(layer_of(s.m, s.k, s.n, s.timesteps));
            EXPECT_EQ(done.status, LOAS_STATUS_OK);
            const std::uint64_t spikes = silent ? 0 : inputs;
            const observe::counter_set& seen = done.counters;
            EXPECT_EQ(seen[counter::cycles], spikes * passes + fills);
            EXPECT_EQ(seen[counter::scheduler_broadcasting], spikes * passes + fills);
            EXPECT_EQ(seen[counter::inputs_taken], spikes * passes);
            EXPECT_EQ(seen[counter::inputs_skipped], (inputs - spikes) * passes);
            EXPECT_EQ(seen[counter::zero_weights_added], spikes * s.n);
            EXPECT_EQ(seen[counter::sram_read_b_weights], 8 * spikes * s.n);
            EXPECT_EQ(seen[counter::sram_read_a_mask], inputs * passes);
            EXPECT_EQ(a.requested(operand::a_mask), passes * s.m * s.timesteps * ceiling(s.k, 64) * 8);
            EXPECT_EQ(a.requested(operand::b_weights), std::uint64_t{s.n} * s.k); // once
            EXPECT_EQ(a.requested(operand::bias), 4 * s.n);
            EXPECT_EQ(a.requested(operand::c_mask), s.m * s.timesteps * ceiling(s.n, 64) * 8);
        }
    });
}

INSTANTIATE_TEST_SUITE_P(shapes, spinalflow_cycles,
                         testing::Values(shape{16, 128, 128, 1, 16, 128}, shape{17, 65, 129, 4, 16, 128},
                                         shape{1, 1, 1, 16, 16, 128}, shape{30, 333, 70, 3, 16, 8},
                                         shape{7, 64, 300, 2, 1, 16}, shape{5, 100, 64, 5, 64, 32}));

// The load of the filters, 10 cycles a pass, is not hidden; rows are, behind it and behind the rows before. The last
// outputs are waited for.
TEST(spinalflow_memory, loads_filters_before_each_pass)
{
    alone(small(4, 8), [](alone& a) {
        a.memory.latency = 10;
        all_ones(a);
        const layer_outcome done = a.array.execute(layer_of(9, 20, 24, 2));
        EXPECT_EQ(done.counters[counter::cycles], 3u * (10 + 2 + 9 * 2 * 20) + 10);
        EXPECT_EQ(done.counters[counter::scheduler_waiting_b], 30u);
        EXPECT_EQ(done.counters[counter::scheduler_waiting_a], 0u);
        EXPECT_EQ(done.counters[counter::scheduler_write_back], 10u);
    });
}

// 1 KiB for 128 PEs: of 100 inputs 8 columns fit, of 60 inputs 16. Of 300 inputs 8 columns do not: parts of 128, 128 and
// 44, which are read anew in each timestep of each row.
TEST(spinalflow_filters, that_do_not_fit_take_more_passes_or_are_read_in_parts)
{
    alone(small(4, 128, 1), [](alone& a) {
        all_ones(a);
        EXPECT_EQ(a.array.execute(layer_of(3, 100, 24, 2)).counters[counter::cycles], 3u * (3 * 2 * 100 + 2));
        EXPECT_EQ(a.array.execute(layer_of(3, 60, 24, 2)).counters[counter::cycles], 2u * (3 * 2 * 60 + 2));
        a.memory.seen.clear();
        a.memory.latency = 10;
        const layer_outcome done = a.array.execute(layer_of(3, 300, 12, 2));
        // In each pass the first part, which is read before the fill, once more.
        EXPECT_EQ(done.counters[counter::cycles], 2u * (10 + 2 + 3 * 2 * (300 + 3 * 10)) + 10);
        EXPECT_EQ(done.counters[counter::inputs_taken], 2u * 3 * 2 * 300);
        EXPECT_EQ(a.requested(operand::b_weights), 12u * (128 + 3 * 2 * 300));
    });
}

// A field of 9 x 9 pixels in two rounds: the mergers fill twice in each of 3 timesteps.
TEST(spinalflow_mergers, take_64_lists_at_a_time)
{
    alone(small(4, 8), [](alone& a) {
        loas_descriptor layer = layer_of(9, 4, 8, 3);
        layer.in_width = 9;
        layer.kernel_h = layer.kernel_w = 9;
        EXPECT_EQ(a.array.execute(layer).counters[counter::cycles], 2u + 3 * 2 * 2);
        layer.kernel_h = layer.kernel_w = 8; // 4 rows of 64 pixels
        EXPECT_EQ(a.array.execute(layer).counters[counter::cycles], 2u);
    });
}

// A neuron takes a timestep a cycle. Of 4 timesteps without a spike the first sum waits for nobody, and each further one
// for the one before; the last is out in cycle 4, one later (latency 2) its result.
TEST(spinalflow_neurons, take_a_timestep_a_cycle)
{
    parameters of = small(1, 8);
    of.all.plif.latency = 2;
    alone(of, [](alone& a) {
        EXPECT_EQ(a.array.execute(layer_of(1, 5, 8, 4)).counters[counter::cycles], 2u + 4 + 1);
        all_ones(a);
        EXPECT_EQ(a.array.execute(layer_of(1, 5, 8, 4)).counters[counter::cycles], 2u + 4 * 5 + 1 + 1);
    });
}

TEST(spinalflow_faults, end_the_layer_with_the_address)
{
    alone(small(2, 8, 1), [](alone& a) {
        a.memory.latency = 7;
        const loas_descriptor layer = layer_of(3, 150, 10, 2);
        expect_that_refusals_end(a, layer);
    });
}

// Whenever a reset comes, the layer ends within a row and nothing is on its way any more.
TEST(spinalflow_reset, ends_the_layer_at_the_next_row)
{
    alone(small(2, 8), [](alone& a) {
        a.memory.latency = 7;
        all_ones(a);
        const loas_descriptor layer = layer_of(5, 70, 20, 2);
        expect_that_resets_end(a, layer, 2 * 70 + 2 * 7);
    });
}
