// Tiles that a group of rows leaves free, by hand: which stream has which column, and LoAS alone with a memory that
// answers at once. What it computes is held against the golden model in the tests of the whole machine.
#include "tests/unit/compute/recorder.h"

#include "models/designs/loas/loas_accelerator.h"
#include "models/kernel/protocol_checker.h"

#include <map>
#include <utility>

using namespace loas;
using namespace loas::parts_test;
using designs::column_streams;
using designs::spread;
using observe::counter;
using observe::operand;

namespace
{

std::vector<std::size_t> streams_of(const column_streams& of)
{
    std::vector<std::size_t> all;
    for (std::uint64_t column = 0; column < of.columns; ++column)
        all.push_back(of.stream_of(column));
    return all;
}

constexpr std::uint64_t input = 0, weights = 0x1000, bias = 0x2000, output = 0x3000;

loas_descriptor layer_of(unsigned m, unsigned n)
{
    loas_descriptor d{};
    d.timesteps = 1;
    d.in_height = static_cast<std::uint16_t>(m);
    d.in_channels = 128;
    d.out_channels = static_cast<std::uint16_t>(n);
    d.in_width = 1;
    d.kernel_h = d.kernel_w = d.stride_h = d.stride_w = d.pool = 1;
    d.formats = LOAS_SPIKES_PACKED | LOAS_WEIGHTS_COLUMNS << LOAS_FORMATS_WEIGHTS_SHIFT;
    d.input_address = input;
    d.weight_address = weights;
    d.bias_address = bias;
    d.output_address = output;
    return d;
}

/// A memory that is there at once. Each mask has 32 of 128 inputs. So a column takes 40 cycles: 32 matches; the
/// first one is popped in cycle 8, when the offsets are ready, and each further one a cycle later.
class instant_memory : public sc_core::sc_module
{
public:
    tlm_utils::multi_passthrough_target_socket<instant_memory> in{"in"};
    std::map<operand, std::uint64_t> bytes; ///< read
    unsigned most_shared = 0; ///< ports that get a read beside the one that asked

    explicit instant_memory(const sc_core::sc_module_name& name) : sc_module(name)
    {
        in.register_nb_transport_fw(this, &instant_memory::nb_transport_fw);
    }

private:
    tlm::tlm_sync_enum nb_transport_fw(int, tlm::tlm_generic_payload& payload, tlm::tlm_phase&,
                                       sc_core::sc_time&)
    {
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
        if (!payload.is_read())
            return tlm::TLM_COMPLETED;
        const operand kind = kernel::traffic::kind_of(payload);
        const bool pointers = kind == operand::a_pointers || kind == operand::b_pointers || kind == operand::bias;
        const std::uint8_t value = pointers ? 0 : kind == operand::a_words ? 0xFF : 0x88; // all inputs of the mask spike
        std::fill_n(payload.get_data_ptr(), payload.get_data_length(), value);
        bytes[kind] += payload.get_data_length();
        const auto* about = payload.get_extension<kernel::traffic>();
        most_shared = std::max<unsigned>(most_shared, about->ports_before + about->ports_behind);
        return tlm::TLM_COMPLETED;
    }
};

/// Four tiles at 1 GHz, whose outputs take no time.
class alone : public sc_core::sc_module
{
public:
    SC_HAS_PROCESS(alone);
    kernel::event_wheel wheel;
    kernel::checked_links wires{true};
    designs::loas_accelerator loas;
    instant_memory memory{"memory"};
    std::vector<observe::layer_outcome> outcomes;

    static designs::accelerator_parameters parameters(spread how)
    {
        designs::accelerator_parameters of;
        of.clock_mhz = 1000;
        of.tppe.count = 4;
        of.tppe.max_timesteps = 1;
        of.plif.latency = 0;
        of.compressor.adders = 0;
        of.scheduler.spread = how;
        return of;
    }

    alone(spread how, std::vector<loas_descriptor> layers)
        : sc_module(sc_core::sc_module_name("alone")), loas("loas", parameters(how), designs::loas_order(), wheel),
          m_layers(std::move(layers))
    {
        for (kernel::memory_port* each : loas.memory_ports())
            wires.connect("memory", each->socket, memory.in);
        SC_THREAD(run);
        sc_core::sc_start();
        EXPECT_EQ(outcomes.size(), m_layers.size());
        EXPECT_EQ(wires.violations(), std::vector<std::string>());
    }

private:
    void run()
    {
        for (const loas_descriptor& each : m_layers)
            outcomes.push_back(loas.execute(each));
    }

    std::vector<loas_descriptor> m_layers;
};

} // namespace

TEST(column_streams, as_many_as_free_tiles_can_take_and_none_that_saves_no_round)
{
    EXPECT_EQ(designs::streams_for(16, 16, 512), 1u);
    EXPECT_EQ(designs::streams_for(9, 16, 512), 1u); // less than half of them are free
    EXPECT_EQ(designs::streams_for(8, 16, 512), 2u);
    EXPECT_EQ(designs::streams_for(5, 16, 512), 3u);
    EXPECT_EQ(designs::streams_for(1, 16, 512), 16u);
    EXPECT_EQ(designs::streams_for(1, 16, 10), 10u); // no more than columns
    EXPECT_EQ(designs::streams_for(1, 16, 20), 10u); // two rounds of ten, and not of sixteen and four
    EXPECT_EQ(designs::streams_for(1, 1, 7), 1u);
}

TEST(column_streams, columns_go_to_them_in_turn)
{
    EXPECT_EQ(streams_of({1, 1, 1, 4}), (std::vector<std::size_t>{0, 0, 0, 0}));
    EXPECT_EQ(streams_of({3, 1, 1, 7}), (std::vector<std::size_t>{0, 1, 2, 0, 1, 2, 0}));
    // Four sums a tile, two of them a step: six columns a step, twelve a tile of columns. Of the five that are left each
    // stream has at most two.
    EXPECT_EQ(streams_of({3, 4, 2, 17}),
              (std::vector<std::size_t>{0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2}));
    const column_streams of{3, 4, 2, 17};
    EXPECT_EQ(of.tile_columns(), 12u);
    EXPECT_EQ(of.step_columns(0, 12), 6u);
    EXPECT_EQ(of.step_columns(6, 12), 6u);
    EXPECT_EQ(of.step_columns(0, 5), 5u);
    EXPECT_EQ(of.streams_with_columns(12), 3u);
    EXPECT_EQ(of.streams_with_columns(3), 3u);
    EXPECT_EQ(of.streams_with_columns(2), 2u);
    // Seven: three a stream, of which two in the first step, and then one in the second.
    EXPECT_EQ(of.step_columns(0, 7), 6u);
    EXPECT_EQ(of.step_columns(6, 7), 1u);
}

/// Of a layer: columns one after another, streams of them, and tiles without work while so many columns pass.
struct expected_layer {
    std::uint64_t rounds, streams, idle;
};

struct spread_case {
    spread how;
    std::vector<expected_layer> layers; ///< of 1, 2, 3, 4 and 5 rows by 8 columns, and 1 row by 3 columns
    std::uint64_t rows_fetched;         ///< by tiles
    unsigned neighbours;                ///< that share a column with the port that asked for it
};

class loas_spread : public testing::TestWithParam<spread_case>
{
};

TEST_P(loas_spread, takes_columns_side_by_side_where_it_shall)
{
    constexpr std::uint64_t column_cycles = 40;
    const std::vector<loas_descriptor> layers = {layer_of(1, 8), layer_of(2, 8), layer_of(3, 8),
                                                 layer_of(4, 8), layer_of(5, 8), layer_of(1, 3)};
    alone with(GetParam().how, layers);
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const observe::layer_outcome& seen = with.outcomes.at(i);
        const expected_layer& expected = GetParam().layers[i];
        EXPECT_EQ(seen.status, LOAS_STATUS_OK);
        EXPECT_EQ(seen.counters[counter::cycles], expected.rounds * column_cycles) << i;
        EXPECT_EQ(seen.column_streams, expected.streams) << i;
        EXPECT_EQ(seen.counters[counter::stall_idle], expected.idle * column_cycles) << i;
        EXPECT_EQ(seen.counters[counter::matches], 32u * layers[i].in_height * layers[i].out_channels) << i;
    }
    EXPECT_EQ(with.memory.bytes[operand::a_mask], 16 * GetParam().rows_fetched);
    EXPECT_EQ(with.memory.bytes[operand::b_mask], 16u * (8 + 8 + 8 + 8 + 16 + 3)); // whatever they are joined with
    EXPECT_EQ(with.memory.most_shared, GetParam().neighbours);
}

INSTANTIATE_TEST_SUITE_P(
    ways, loas_spread,
    testing::Values(
        spread_case{spread::rows, {{8, 0, 24}, {8, 0, 16}, {8, 0, 8}, {8, 0, 0}, {16, 0, 24}, {3, 0, 9}}, 16, 0},
        // The fifth row is a group of its own: two rounds of four columns.
        spread_case{spread::columns, {{2, 4, 0}, {4, 2, 0}, {8, 1, 8}, {8, 1, 0}, {10, 4, 0}, {1, 3, 1}}, 26, 1},
        spread_case{spread::by_rows, {{2, 4, 0}, {4, 2, 0}, {8, 1, 8}, {8, 1, 0}, {16, 1, 24}, {1, 3, 1}}, 23, 1}));
