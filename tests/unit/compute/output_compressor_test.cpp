// What the compressor writes, byte by byte, in the formats of the designs with timesteps in sequence; by hand.
#include "tests/unit/compute/recorder.h"

#include "models/compute/output_compressor.h"
#include "models/kernel/protocol_checker.h"

using namespace loas;
using namespace loas::parts_test;
using observe::counter;
using observe::operand;

namespace
{

constexpr std::uint64_t output_address = 0x1000;

struct compressing {
    kernel::event_wheel wheel;
    kernel::checked_links wires{true};
    kernel::memory_fault fault;
    compute::output_compressor compressor;
    recorder memory{"memory"};
    functional::layer_shape shape;

    explicit compressing(loas_spike_format format, unsigned timesteps, std::uint64_t columns, unsigned pixels = 1)
        : compressor("compressor", {16}, 128, one_ghz, wheel, 4, fault)
    {
        wires.connect("memory", compressor.memory_out.socket, memory.in);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        shape.spike_format = format;
        shape.timesteps = timesteps;
        shape.n = columns;
        shape.pool = 1;
        shape.m = shape.out_height = shape.pooled_height = pixels;
        shape.out_width = shape.pooled_width = 1;
    }
    ~compressing() { EXPECT_EQ(wires.violations(), std::vector<std::string>()); }

    /// 4 rows become one pixel.
    void pool_2_by_2()
    {
        shape.pool = 2;
        shape.out_height = shape.out_width = 2;
        shape.m = 4;
        shape.pooled_height = shape.pooled_width = 1;
    }

    void begin(bool single_spike_mask = false) { compressor.begin_layer(shape, single_spike_mask, output_address); }

    /// A spike word of each column of the range, of one row of the group.
    void row(std::uint64_t index, const std::vector<std::uint16_t>& words, std::uint64_t cycle = 0,
             std::uint64_t first_column = 0)
    {
        compressor.take_words({index, 1, first_column, words.size()}, words, cycle);
    }

    void finish()
    {
        compressor.finish_rows();
        EXPECT_TRUE(wheel.run_until([this] { return compressor.writes_done(); }));
        EXPECT_FALSE(fault.happened);
    }

    void expect_write(std::size_t i, std::uint64_t offset, const std::vector<std::uint8_t>& data, operand kind)
    {
        ASSERT_LT(i, memory.seen.size());
        EXPECT_EQ(memory.seen[i].address, output_address + offset) << i;
        EXPECT_EQ(memory.seen[i].data, data) << i;
        EXPECT_EQ(memory.seen[i].kind, kind) << i;
    }

    observe::counter_set counted() const
    {
        observe::counter_set counters;
        compressor.collect(counters);
        return counters;
    }
};

std::vector<std::uint16_t> words_of(std::size_t columns, std::initializer_list<std::pair<std::size_t, int>> set)
{
    std::vector<std::uint16_t> words(columns);
    for (const auto& each : set)
        words[each.first] = static_cast<std::uint16_t>(each.second);
    return words;
}

} // namespace

// Pixel 1 of 3, 10 columns in masks of 8 bytes, two timesteps: fibers 1 and 4. Columns 0 and 9.
TEST(output_bitmap, has_a_mask_for_each_timestep)
{
    compressing c(LOAS_SPIKES_BITMAP, 2, 10, 3);
    c.begin();
    c.compressor.begin_rows({1});
    c.row(0, words_of(10, {{0, 1}, {9, 3}}), 5);
    EXPECT_EQ(c.compressor.columns_done(10, 5), 5u);
    c.finish();
    ASSERT_EQ(c.memory.seen.size(), 2u);
    c.expect_write(0, 1 * 8, {1, 2, 0, 0, 0, 0, 0, 0}, operand::c_mask);
    c.expect_write(1, 4 * 8, {0, 2, 0, 0, 0, 0, 0, 0}, operand::c_mask);
    EXPECT_EQ(c.compressor.packed_cycle(), 5u); // bitmaps need no prefix-sum: when the last word has come
    EXPECT_EQ(c.counted()[counter::output_spikes], 3u);
    EXPECT_EQ(c.counted()[counter::silent_outputs], 8u);
}

// 70 columns in masks of 16 bytes: columns 0..7 are byte 0; 8..69 the rest, with the bits that fill the mask up.
TEST(output_bitmap, can_be_written_in_ranges_of_columns)
{
    compressing c(LOAS_SPIKES_BITMAP, 2, 70);
    c.begin();
    c.compressor.begin_columns(0, 8);
    c.compressor.begin_rows({0});
    c.row(0, words_of(8, {{3, 2}, {7, 1}}));
    c.finish();
    c.compressor.begin_columns(8, 62);
    c.compressor.begin_rows({0});
    c.row(0, words_of(62, {{0, 1}, {61, 2}}), 0, 8); // columns 8 and 69
    c.finish();
    ASSERT_EQ(c.memory.seen.size(), 4u);
    c.expect_write(0, 0, {0x80}, operand::c_mask);
    c.expect_write(1, 16, {0x08}, operand::c_mask);
    c.expect_write(2, 1, {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, operand::c_mask);
    c.expect_write(3, 17, {0, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0, 0}, operand::c_mask);
}

// Two pixels, 10 columns, T = 2. Four heads of 8 bytes, values from 64 on in slots of 16 bytes (10, rounded up).
// Pixel 1 has fibers 1 and 3; the second one is empty, and its head says so.
TEST(output_coordinates, of_one_byte)
{
    compressing c(LOAS_SPIKES_COORDINATES, 2, 10, 2);
    c.begin();
    c.compressor.begin_rows({1});
    c.row(0, words_of(10, {{2, 1}, {9, 1}}));
    c.finish();
    ASSERT_EQ(c.memory.seen.size(), 3u);
    c.expect_write(0, 8, {16, 0, 0, 0, 2, 0, 0, 0}, operand::c_pointers);
    c.expect_write(1, 64 + 16, {2, 9}, operand::c_words);
    c.expect_write(2, 24, {48, 0, 0, 0, 0, 0, 0, 0}, operand::c_pointers);
}

// 257 columns: the last of them is the first that needs a second byte. Slots of 520 bytes.
TEST(output_coordinates, of_two_bytes)
{
    compressing c(LOAS_SPIKES_COORDINATES, 2, 257);
    c.begin();
    c.compressor.begin_rows({0});
    c.row(0, words_of(257, {{1, 3}, {256, 2}}));
    c.finish();
    ASSERT_EQ(c.memory.seen.size(), 4u);
    c.expect_write(0, 0, {0, 0, 0, 0, 1, 0, 0, 0}, operand::c_pointers);
    c.expect_write(1, 64, {1, 0}, operand::c_words);
    c.expect_write(2, 8, {0x08, 0x02, 0, 0, 2, 0, 0, 0}, operand::c_pointers);
    c.expect_write(3, 64 + 520, {1, 0, 0, 1}, operand::c_words);
}

TEST(output_coordinates, of_one_byte_reach_256_columns)
{
    compressing c(LOAS_SPIKES_COORDINATES, 1, 256);
    c.begin();
    c.compressor.begin_rows({0});
    c.row(0, words_of(256, {{255, 1}}));
    c.finish();
    c.expect_write(1, 64, {255}, operand::c_words);
}

// 16 adders take 8 cycles for a chunk of 128 columns, coordinates once a timestep: 16 for a row, 32 for the two of the
// group. The last word comes in cycle 7. The next group is full in cycle 20, but the compressor has the first until 39.
TEST(output_coordinates, take_a_pass_for_each_timestep)
{
    compressing c(LOAS_SPIKES_COORDINATES, 2, 10, 4);
    c.begin();
    c.compressor.begin_rows({0, 1});
    c.row(0, words_of(10, {}), 3);
    c.row(1, words_of(10, {}), 7);
    EXPECT_EQ(c.compressor.columns_done(10, 6), 6u);
    c.finish();
    EXPECT_EQ(c.compressor.packed_cycle(), 7u + 2 * 16);
    for (const recorder::access& each : c.memory.seen)
        EXPECT_EQ(each.cycle, 39u);
    c.compressor.begin_rows({2, 3});
    EXPECT_EQ(c.compressor.columns_done(10, 20), 39u);
}

// A 2 x 2 window in two groups of two rows: nothing is written before its last row, then the OR of all.
TEST(output_pooling, is_an_or_over_the_rows_of_a_window)
{
    compressing c(LOAS_SPIKES_BITMAP, 2, 3);
    c.pool_2_by_2();
    c.begin();
    c.compressor.begin_rows({0, 1});
    c.row(0, {1, 0, 0});
    c.row(1, {2, 0, 1});
    c.finish();
    EXPECT_TRUE(c.memory.seen.empty());
    c.compressor.begin_rows({2, 3});
    c.row(0, {0, 0, 1});
    c.row(1, {0, 0, 0});
    c.finish();
    ASSERT_EQ(c.memory.seen.size(), 2u);
    c.expect_write(0, 0, {5, 0, 0, 0, 0, 0, 0, 0}, operand::c_mask);
    c.expect_write(1, 8, {1, 0, 0, 0, 0, 0, 0, 0}, operand::c_mask);
    EXPECT_EQ(c.counted()[counter::output_spikes], 3u);
    EXPECT_EQ(c.counted()[counter::silent_outputs], 1u);
}

// After pooling: two single spikes in different timesteps make a word of two, which stays.
TEST(output_masking, silences_words_of_one_spike_after_pooling)
{
    compressing c(LOAS_SPIKES_COORDINATES, 2, 3);
    c.pool_2_by_2();
    c.begin(true);
    c.compressor.begin_rows({0, 1, 2, 3});
    c.row(0, {1, 2, 0});
    c.row(1, {2, 2, 0});
    c.row(2, {0, 0, 0});
    c.row(3, {0, 0, 0});
    c.finish();
    ASSERT_EQ(c.memory.seen.size(), 4u);
    c.expect_write(1, 64, {0}, operand::c_words);
    c.expect_write(3, 64 + 8, {0}, operand::c_words);
    EXPECT_EQ(c.counted()[counter::output_spikes], 2u);
    EXPECT_EQ(c.counted()[counter::silent_outputs], 2u);
}

// A window of bytes is its largest, and only those that are not 0 are stored: 200 of column 0, 3 of column 2.
void expect_pooled_bytes(loas_spike_format format)
{
    compressing c(format, 1, 3);
    c.pool_2_by_2();
    c.begin();
    c.compressor.begin_rows({0, 1, 2, 3});
    c.row(0, {200, 0, 1});
    c.row(1, {127, 0, 2});
    c.row(2, {0, 0, 3});
    c.row(3, {72, 0, 0});
    c.finish();
    if (format == LOAS_SPIKES_BYTE_PAIRS) {
        ASSERT_EQ(c.memory.seen.size(), 2u);
        c.expect_write(0, 0, {0, 0, 0, 0, 2, 0, 0, 0}, operand::c_pointers);
        c.expect_write(1, 64, {0, 200, 2, 3}, operand::c_words);
    } else {
        ASSERT_EQ(c.memory.seen.size(), 3u);
        c.expect_write(0, 0, {5, 0, 0, 0, 0, 0, 0, 0}, operand::c_mask);
        c.expect_write(1, 8, {0, 0, 0, 0}, operand::c_pointers);
        c.expect_write(2, 64, {200, 3}, operand::c_words);
    }
    EXPECT_EQ(c.counted()[counter::output_spikes], 2u);
    EXPECT_EQ(c.counted()[counter::silent_outputs], 1u);
}

TEST(output_bytes, are_pooled_by_their_maximum)
{
    expect_pooled_bytes(LOAS_SPIKES_BYTES);
}

TEST(output_byte_pairs, are_pooled_by_their_maximum)
{
    expect_pooled_bytes(LOAS_SPIKES_BYTE_PAIRS);
}

// Row 2 of 3, columns 4 and 5 of 6, T = 2: int32[M][N][T].
TEST(output_currents, can_be_written_in_ranges_of_columns)
{
    compressing c(LOAS_SPIKES_BITMAP, 2, 6, 3);
    c.shape.currents = true;
    c.begin();
    c.compressor.begin_columns(4, 2);
    c.compressor.begin_rows({2});
    c.compressor.take_currents({0, 1, 4, 2}, std::vector<std::int32_t>{1, -1, 256, 2}, 0);
    c.finish();
    ASSERT_EQ(c.memory.seen.size(), 1u);
    c.expect_write(0, (2 * 6 + 4) * 8, {1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 1, 0, 0, 2, 0, 0, 0}, operand::currents);
}

// Words of two rows at once, and of a column of both.
TEST(output_bitmap, takes_blocks_of_any_shape)
{
    compressing c(LOAS_SPIKES_BITMAP, 1, 3, 2);
    c.begin();
    c.compressor.begin_rows({0, 1});
    c.compressor.take_words({0, 2, 1, 2}, std::vector<std::uint16_t>{1, 0, 0, 1}, 0);
    c.compressor.take_words({0, 2, 0, 1}, std::vector<std::uint16_t>{0, 1}, 0);
    c.finish();
    ASSERT_EQ(c.memory.seen.size(), 2u);
    c.expect_write(0, 0, {2, 0, 0, 0, 0, 0, 0, 0}, operand::c_mask);
    c.expect_write(1, 8, {5, 0, 0, 0, 0, 0, 0, 0}, operand::c_mask);
}

// Of a group's two writes the one that waited longest for a refresh counts, in whatever order they come back; the next
// group has waited for none.
TEST(output_compressor, tells_how_long_the_writes_of_a_group_waited_for_a_refresh)
{
    compressing c(LOAS_SPIKES_BITMAP, 2, 10, 3);
    c.memory.latency = 20;
    c.begin();
    for (const std::uint64_t longest : {0u, 1u}) {
        c.memory.refreshes = {{output_address, 4}, {output_address + 3 * 8, 9}}; // pixel 0
        if (longest == 0)
            std::swap(c.memory.refreshes[output_address], c.memory.refreshes[output_address + 3 * 8]);
        c.compressor.begin_rows({0});
        c.row(0, words_of(10, {{0, 1}}));
        c.finish();
        EXPECT_EQ(c.compressor.refresh_cycles(), 9u);
        EXPECT_EQ(c.compressor.last_write_cycle(), 20 * (1 + 2 * longest));
        c.compressor.begin_rows({1});
        c.row(0, words_of(10, {{0, 1}}), 20 * (1 + 2 * longest));
        c.finish();
        EXPECT_EQ(c.compressor.refresh_cycles(), 0u);
    }
}

// 10 columns of 2 bytes, kept at 0x8000: those of row 1 at 0x8014. Taken up again they are an arrival, no output.
TEST(output_compressor, keeps_words_and_takes_them_up_again)
{
    compressing c(LOAS_SPIKES_PACKED, 2, 10, 3);
    c.memory.latency = 20;
    c.begin();
    c.compressor.begin_columns(4, 6);
    c.compressor.keep_words_at(0x8000);
    c.compressor.begin_rows({1});
    c.row(0, {1, 0, 3, 0, 0, 2}, 0, 4);
    c.memory.refreshes = {{0x8014 + 8, 5}};
    c.finish();
    ASSERT_EQ(c.memory.seen.size(), 1u);
    c.expect_write(0, 0x8014 + 8 - output_address, {1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 2, 0}, operand::partial_sums);
    EXPECT_EQ(c.compressor.refresh_cycles(), 5u);
    EXPECT_EQ(c.counted()[counter::partial_sums_written], 6u);
    EXPECT_EQ(c.counted()[counter::sram_write_partial_sums], 6u * 16);
    EXPECT_EQ(c.counted()[counter::sram_write_c], 0u) << "no part of the output";
    EXPECT_EQ(c.counted()[counter::sram_read_c], 0u);
    EXPECT_EQ(c.counted()[counter::partial_sums_read], 0u);

    const std::uint64_t written = c.compressor.last_write_cycle();
    c.memory.refreshes = {{0x8000, 7}, {0x8014, 3}};
    c.compressor.begin_columns(0, 10);
    const kernel::arrival& back = c.compressor.take_up_rows({0, 1}, 0x8000, 50);
    EXPECT_FALSE(back.complete());
    EXPECT_FALSE(c.compressor.at_rest());
    c.wheel.run_until([&] { return back.complete(); });
    EXPECT_EQ(back.ready_cycle, 70u);
    EXPECT_EQ(back.refresh_cycles, 7u);
    EXPECT_EQ(c.compressor.last_write_cycle(), written) << "what is read is no output";
    EXPECT_EQ(c.compressor.refresh_cycles(), 5u);
    EXPECT_EQ(c.counted()[counter::partial_sums_read], 20u);
    EXPECT_EQ(c.counted()[counter::sram_read_partial_sums], 20u * 16);
    EXPECT_EQ(c.compressor.take_up_rows({2}, 0x8000, 90).refresh_cycles, 0u);
    c.wheel.run_until([&] { return back.complete(); });
    ASSERT_EQ(c.memory.seen.size(), 4u);
    EXPECT_EQ(c.memory.seen[1].address, 0x8000u);
    EXPECT_EQ(c.memory.seen[2].address, 0x8014u);
    EXPECT_EQ(c.memory.seen[2].data.size(), 20u);
    EXPECT_EQ(back.refresh_cycles, 0u);
}

// 4 rows of 2 currents are all that the buffer of a group holds, however often it is filled.
TEST(output_compressor, fills_its_buffer_to_the_last_byte)
{
    compressing c(LOAS_SPIKES_BITMAP, 1, 2, 4);
    c.shape.currents = true;
    c.begin();
    for (int group = 0; group < 2; ++group) {
        c.memory.seen.clear();
        c.compressor.begin_rows({0, 1, 2, 3});
        c.compressor.take_currents({0, 4, 0, 2}, std::vector<std::int32_t>{1, 2, 3, 4, 5, 6, 7, -1}, 0);
        c.finish();
        ASSERT_EQ(c.memory.seen.size(), 4u);
        c.expect_write(0, 0, {1, 0, 0, 0, 2, 0, 0, 0}, operand::currents);
        c.expect_write(3, 24, {7, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF}, operand::currents);
    }
}

namespace
{

struct packed_rows : compute::output_compressor::row_listener {
    std::vector<std::vector<std::uint64_t>> seen; ///< tile, when packed, when told
    void row_packed(std::size_t tile, std::uint64_t packed_cycle, std::uint64_t cycle) override
    {
        seen.push_back({tile, packed_cycle, cycle});
    }
};

} // namespace

// 10 columns take 16 adders 8 cycles. Tile 1 is ready in cycle 5: packed in 13, written until 33. Tile 0 comes in 6 and
// is packed in 21, but the buffer is free in 33. Tile 1 again, in 60, finds nobody before it: 68.
TEST(output_compressor, packs_rows_one_after_another_in_the_order_of_the_queue)
{
    compressing c(LOAS_SPIKES_PACKED, 2, 10, 3);
    c.memory.latency = 20;
    c.begin();
    c.compressor.begin_rows({0, 0});
    packed_rows packed;
    c.row(1, words_of(10, {{3, 2}}), 5);
    c.compressor.queue_row(1, 2, 5, packed);
    c.row(0, words_of(10, {{9, 1}}), 6);
    c.compressor.queue_row(0, 1, 6, packed);
    EXPECT_FALSE(c.compressor.queue_empty());
    EXPECT_TRUE(c.wheel.run_until([&] { return c.compressor.at_rest(); }));
    c.row(1, words_of(10, {}), 60);
    c.compressor.queue_row(1, 0, 60, packed);
    EXPECT_TRUE(c.wheel.run_until([&] { return c.compressor.at_rest(); }));
    EXPECT_EQ(packed.seen, (std::vector<std::vector<std::uint64_t>>{{1, 13, 13}, {0, 21, 33}, {1, 68, 68}}));
    ASSERT_EQ(c.memory.seen.size(), 3u + 3 + 2); // mask, pointer and words; an empty row has none
    c.expect_write(0, 2 * 8, {8, 0, 0, 0, 0, 0, 0, 0}, operand::c_mask);
    EXPECT_EQ(c.memory.seen[0].cycle, 13u);
    c.expect_write(3, 1 * 8, {0, 2, 0, 0, 0, 0, 0, 0}, operand::c_mask);
    EXPECT_EQ(c.memory.seen[3].cycle, 33u);
    c.expect_write(6, 0, {0, 0, 0, 0, 0, 0, 0, 0}, operand::c_mask);
    EXPECT_EQ(c.compressor.packed_cycle(), 68u);
    EXPECT_EQ(c.compressor.last_write_cycle(), 88u);
    EXPECT_FALSE(c.fault.happened);
}

TEST(output_compressor, refuses_what_lies_outside_the_rows_and_columns_begun)
{
    compressing c(LOAS_SPIKES_BITMAP, 1, 24, 2);
    c.begin();
    const std::vector<std::uint16_t> words(16);
    EXPECT_REFUSED(c.compressor.take_words({0, 1, 0, 16}, words, 0)); // no rows have begun
    c.compressor.begin_columns(8, 16);
    c.compressor.begin_rows({0, 1});
    EXPECT_REFUSED(c.compressor.take_words({2, 1, 8, 16}, words, 0));
    EXPECT_REFUSED(c.compressor.take_words({1, 2, 8, 8}, words, 0));
    EXPECT_REFUSED(c.compressor.take_words({0, 1, 0, 16}, words, 0));
    EXPECT_REFUSED(c.compressor.take_words({0, 1, 16, 16}, words, 0));
    EXPECT_REFUSED(c.compressor.take_words({0, 1, 8, 15}, words, 0)); // another length
    EXPECT_REFUSED(c.compressor.take_currents({0, 1, 8, 16}, std::vector<std::int32_t>(16), 0));
    c.compressor.take_words({0, 1, 8, 16}, words, 0);
    c.compressor.finish_rows();
    EXPECT_REFUSED(c.compressor.finish_rows()); // those before are being written
    EXPECT_TRUE(c.wheel.run_until([&] { return c.compressor.writes_done(); }));
    c.begin();
    EXPECT_REFUSED(c.compressor.take_words({0, 1, 0, 16}, words, 0)); // rows of the layer before
    c.shape.currents = true;
    c.begin();
    c.compressor.begin_rows({0});
    EXPECT_REFUSED(c.compressor.take_words({0, 1, 8, 16}, words, 0));
}
