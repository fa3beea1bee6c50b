// Tiles that hold a column each, by hand.
#include "tests/unit/compute/recorder.h"

#include "models/designs/loas/column_tiles.h"

using namespace loas;
using namespace loas::parts_test;
using compute::column_fiber;
using compute::column_view;
using observe::counter;

namespace
{

template <class T> compute::fiber<T> fiber(std::uint32_t id, const std::vector<std::pair<unsigned, T>>& non_zeros)
{
    std::vector<T> dense(128);
    for (const auto& [at, value] : non_zeros)
        dense[at] = value;
    return pack(id, dense, 2);
}

compute::tile_parameters parameters_of(unsigned empty_join_cycles)
{
    compute::tile_parameters parameters;
    parameters.chunk_bits = 64;
    parameters.accumulator_sets = 2;
    parameters.timing.empty_join_cycles = empty_join_cycles;
    return parameters;
}

/// Two tiles, three rows, chunks of 64 inputs; T = 2, K = 128. Row 0 spikes at 0, 1 and 70, row 1 at 1, row 2 nowhere.
struct tiles_and_neurons {
    designs::column_tiles tiles;
    currents_recorder neurons;

    explicit tiles_and_neurons(unsigned empty_join_cycles) : tiles("tiles", 2, 3, parameters_of(empty_join_cycles))
    {
        tiles.currents_out.bind(neurons);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        begin_layer();
    }

    void begin_layer()
    {
        tiles.begin_layer(2, 128);
        neurons.seen.clear();
        tiles.load_row(0, fiber<std::uint16_t>(0, {{0, 3}, {1, 1}, {70, 2}}).look());
        tiles.load_row(1, fiber<std::uint16_t>(1, {{1, 3}}).look());
        tiles.load_row(2, fiber<std::uint16_t>(2, {}).look());
    }

    /// Until when the tiles work that begin at 10 with a chunk of the two columns.
    std::vector<std::uint64_t> join(std::vector<column_view>& columns, std::uint32_t chunk)
    {
        std::vector<std::uint64_t> cycles(2, 10);
        tiles.join({columns, 0, chunk, 1, chunk == 1, 3, cycles});
        return cycles;
    }
};

} // namespace

// Column 0 has weights at 0 and 1, column 1 at 70. Chunk 0: tile 0 takes two matches of row 0 and one of row 1, tile 1
// none. Chunk 1: tile 1 takes one of row 0.
TEST(column_tiles, take_the_matches_of_all_rows_one_after_another)
{
    tiles_and_neurons of(0);
    const column_fiber first = fiber<std::int8_t>(4, {{0, 10}, {1, -3}});
    column_fiber second = fiber<std::int8_t>(5, {{70, 7}});
    second.set_bias(100);
    std::vector<column_view> columns = {first.look(), second.look()};
    EXPECT_EQ(of.join(columns, 0), (std::vector<std::uint64_t>{13, 10}));
    EXPECT_TRUE(of.neurons.seen.empty());
    EXPECT_EQ(of.join(columns, 1), (std::vector<std::uint64_t>{10, 11}));

    // [column][T][lane]: a lane for each row.
    ASSERT_EQ(of.neurons.seen.size(), 1u);
    expect_block(of.neurons.seen[0].block, 0, 3, 4, 2);
    EXPECT_EQ(of.neurons.seen[0].cycle, 11u);
    const std::vector<std::int32_t>& currents = of.neurons.seen[0].currents;
    ASSERT_EQ(currents.size(), 2u * 2 * 16);
    const std::int32_t expected[2][2][3] = {{{7, -3, 0}, {10, -3, 0}}, {{100, 100, 100}, {107, 100, 100}}};
    for (unsigned column = 0; column < 2; ++column)
        for (unsigned t = 0; t < 2; ++t)
            for (unsigned row = 0; row < 3; ++row)
                EXPECT_EQ(currents[(column * 2 + t) * 16 + row], expected[column][t][row]) << column << t << row;

    observe::counter_set tile;
    of.tiles.collect_tile(0, tile);
    EXPECT_EQ(tile[counter::busy_cycles], 3u);
    EXPECT_EQ(tile[counter::joins], 6u);
    EXPECT_EQ(tile[counter::empty_joins], 4u);
    EXPECT_EQ(tile[counter::stall_empty_join], 0u);
    EXPECT_EQ(tile[counter::sram_read_b_weights], 3u * 8);
    observe::counter_set all;
    of.tiles.collect_joins(all);
    EXPECT_EQ(all[counter::matches], 4u);
    EXPECT_EQ(all[counter::sram_read_a_mask], 3u * 128);
    EXPECT_EQ(all[counter::sram_read_a_words], 4u * 2);
}

TEST(column_tiles, a_row_without_a_match_can_take_time)
{
    tiles_and_neurons of(2);
    const column_fiber first = fiber<std::int8_t>(4, {{0, 10}, {1, -3}}), second = fiber<std::int8_t>(5, {{70, 7}});
    std::vector<column_view> columns = {first.look(), second.look()};
    EXPECT_EQ(of.join(columns, 0), (std::vector<std::uint64_t>{10 + 3 + 2, 10 + 3 * 2}));
    EXPECT_EQ(of.join(columns, 1), (std::vector<std::uint64_t>{10 + 3 * 2, 10 + 1 + 2 * 2}));
    observe::counter_set tile;
    of.tiles.collect_tile(1, tile);
    EXPECT_EQ(tile[counter::busy_cycles], 1u);
    EXPECT_EQ(tile[counter::stall_empty_join], 5u * 2);
}

// Both chunks in one step, and the columns one after another: the neurons have both at the end, the first one's number
// tells which. Of the layer before nothing is left.
TEST(column_tiles, whole_columns_in_a_layer_after_another)
{
    tiles_and_neurons of(0);
    for (unsigned layer = 0; layer < 2; ++layer) {
        of.begin_layer();
        const column_fiber first = fiber<std::int8_t>(4, {{0, 10}, {1, -3}}), second = fiber<std::int8_t>(5, {{70, 7}});
        std::vector<column_view> views = {first.look(), second.look()};
        std::vector<std::uint64_t> cycles = {10};
        for (std::uint32_t column = 0; column < 2; ++column) {
            of.tiles.join({{&views[column], 1}, column, 0, 2, column == 1, 3, cycles});
            EXPECT_EQ(cycles[0], column == 0 ? 13u : 14u);
        }
        ASSERT_EQ(of.neurons.seen.size(), 1u);
        expect_block(of.neurons.seen[0].block, 0, 3, 4, 2);
        observe::counter_set all;
        of.tiles.collect_tile(0, all);
        of.tiles.collect_tile(1, all);
        EXPECT_EQ(all[counter::busy_cycles], 4u);
        EXPECT_EQ(all[counter::joins], 12u);
        of.tiles.collect_joins(all);
        EXPECT_EQ(all[counter::sram_read_a_mask], 3u * 128);
        EXPECT_EQ(all[counter::sram_read_a_words], 4u * 2);
    }
}
