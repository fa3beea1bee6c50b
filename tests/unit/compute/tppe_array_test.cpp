// The tiles on their broadcast bus: currents, ranges and counts against the plain sum over the inputs, one after
// another; cycles against the machine that steps every cycle. All of it for random rows, columns and parameters.
#include "tests/unit/compute/recorder.h"

#include "models/compute/plif_array.h"
#include "models/compute/tppe_array.h"
#include "tests/golden/join_machine.h"
#include "tests/support/random.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>

using namespace loas;
using namespace loas::parts_test;
using observe::counter;

namespace
{

class random_tiles
{
public:
    random_tiles(support::random_source& random, int number) : m_random(random)
    {
        m_tiles = random.pick({1U, 3U, 16U, 17U, 40U});
        m_parameters.chunk_bits = random.pick({64U, 128U, 256U});
        m_parameters.accumulator_sets = random.pick({1U, 1U, 3U});
        m_parameters.accumulators = {10, 9};
        compute::join_parameters& timing = m_parameters.timing;
        timing.laggy_latency = timing.laggy_interval = random.between_unsigned(1, 12);
        if (random.chance(1, 3))
            timing.laggy_interval = 1;
        timing.fast_latency = random.between_unsigned(1, 3);
        timing.laggy_ideal = random.chance(1, 6);
        timing.fifo_depth = random.between_unsigned(1, 10);
        timing.empty_join_cycles = random.between_unsigned(0, 2);
        timing.weight_buffer_bytes = random.chance(1, 4) ? random.between_unsigned(1, 40) : 512;
        m_timesteps = random.pick({1U, 3U, 4U, 5U, 16U});
        m_inputs = random.between_unsigned(1, 700);
        const std::string name = std::to_string(number);
        m_array = std::make_unique<compute::tppe_array>(("tppes_" + name).c_str(), m_tiles, m_parameters);
        m_array->currents_out.bind(m_neurons);
    }

    void run()
    {
        const std::size_t chunk_words = m_parameters.chunk_bits / 64;
        m_chunks = functional::chunks_of(m_inputs, m_parameters.chunk_bits);
        m_mask_words = m_chunks * chunk_words;
        m_array->begin_layer(m_timesteps, m_inputs);
        run_group(m_tiles);
        run_group(m_random.between_unsigned(1, m_tiles)); // tiles without a row must not remember the one before
        for (unsigned tile = 0; tile < m_tiles; ++tile)
            m_array->collect_tile(tile, m_seen);
        m_array->collect_joins(m_seen);
        m_expected[counter::discarded_entries] = m_expected[counter::matches] - m_expected[counter::corrections];
        m_expected[counter::sram_read_a_words] = m_expected[counter::matches] * m_timesteps;
        for (unsigned i = 0; i < observe::counter_count; ++i)
            EXPECT_EQ(m_seen[static_cast<counter>(i)], m_expected[static_cast<counter>(i)])
                << observe::info_of(static_cast<counter>(i)).name;
    }

private:
    void run_group(unsigned rows)
    {
        const unsigned all_ones = (1U << m_timesteps) - 1;
        const std::uint64_t spikes_percent = m_random.pick({0U, 5U, 60U, 100U});
        m_rows.assign(rows, std::vector<std::uint16_t>(m_inputs));
        m_held.clear();
        for (unsigned tile = 0; tile < rows; ++tile) {
            for (std::uint16_t& word : m_rows[tile])
                if (m_random.chance(spikes_percent, 100))
                    word = static_cast<std::uint16_t>(m_random.between_unsigned(1, all_ones));
            m_array->load_row(tile, pack(tile, m_rows[tile], m_mask_words).look());
        }
        for (int tile_of_columns = 0; tile_of_columns < 3; ++tile_of_columns)
            run_columns();
    }

    void run_columns()
    {
        const unsigned sets = m_parameters.accumulator_sets;
        const std::uint64_t weights_percent = m_random.pick({0U, 3U, 50U, 100U});
        const std::int8_t extreme = m_random.pick({std::int8_t{0}, std::int8_t{-128}});
        std::vector<std::vector<std::int8_t>> columns(sets, std::vector<std::int8_t>(m_inputs));
        std::vector<compute::column_fiber> fibers;
        std::vector<compute::column_view> views;
        std::vector<std::int32_t> bias;
        for (unsigned set = 0; set < sets; ++set) {
            for (std::int8_t& weight : columns[set])
                if (m_random.chance(weights_percent, 100))
                    weight = extreme != 0 ? extreme : static_cast<std::int8_t>(m_random.between(-128, 127));
            fibers.push_back(pack(40 + set, columns[set], m_mask_words));
            bias.push_back(static_cast<std::int32_t>(m_random.next()));
            fibers.back().set_bias(bias.back());
        }
        for (compute::column_fiber& fiber : fibers)
            views.push_back(fiber.look());

        std::vector<std::uint64_t> cycles(m_rows.size());
        for (std::uint64_t& cycle : cycles)
            cycle = m_cycle + m_random.below(20);
        const std::vector<std::uint64_t> starts = cycles;
        // Whole columns with one set, chunk by chunk with several: as the scheduler does.
        const auto together = static_cast<std::uint32_t>(sets == 1 ? m_chunks : 1);
        for (std::uint32_t chunk = 0; chunk < m_chunks; chunk += together)
            m_array->join({views, 0, chunk, together, chunk + together == m_chunks, m_rows.size(), cycles});
        ASSERT_FALSE(m_neurons.seen.empty());
        const currents_recorder::received& sent = m_neurons.seen.back();
        expect_block(sent.block, 0, m_rows.size(), 40, sets);
        EXPECT_EQ(sent.cycle, *std::max_element(cycles.begin(), cycles.end()));
        const std::vector<std::int32_t>& currents = sent.currents;
        const std::size_t lanes = currents.size() / sets / m_timesteps;
        ASSERT_GE(lanes, m_tiles);
        for (std::size_t tile = 0; tile < m_rows.size(); ++tile) {
            for (unsigned set = 0; set < sets; ++set) {
                const std::vector<std::int64_t> sums = add(m_rows[tile], columns[set]);
                for (unsigned t = 0; t < m_timesteps; ++t)
                    ASSERT_EQ(currents[(set * m_timesteps + t) * lanes + tile],
                              static_cast<std::int32_t>(static_cast<std::uint32_t>(sums[t] + bias[set])));
            }
            EXPECT_EQ(cycles[tile], starts[tile] + time(m_rows[tile], columns)) << "tile " << tile;
            m_cycle = std::max(m_cycle, cycles[tile]);
        }
    }

    /// O[t] without the bias; counts what an accumulator would have seen.
    std::vector<std::int64_t> add(const std::vector<std::uint16_t>& row, const std::vector<std::int8_t>& column)
    {
        const unsigned all_ones = (1U << m_timesteps) - 1;
        std::int64_t pseudo = 0, low = 0, high = 0, correction_low = 0, correction_high = 0;
        std::vector<std::int64_t> corrections(m_timesteps), currents(m_timesteps);
        for (unsigned k = 0; k < m_inputs; ++k) {
            const std::int64_t weight = column[k];
            if (weight == 0 || row[k] == 0)
                continue;
            ++m_expected[counter::matches];
            m_expected[counter::corrections] += row[k] != all_ones;
            pseudo += weight;
            low = std::min(low, pseudo);
            high = std::max(high, pseudo);
            for (unsigned t = 0; t < m_timesteps; ++t) {
                if ((row[k] >> t & 1) != 0) {
                    currents[t] += weight;
                    continue;
                }
                ++m_expected[counter::correction_adds];
                corrections[t] += weight;
                correction_low = std::min(correction_low, corrections[t]);
                correction_high = std::max(correction_high, corrections[t]);
            }
        }
        const auto raise = [&](counter which, std::int64_t value) {
            m_expected[which] = std::max(m_expected[which], static_cast<std::uint64_t>(value));
        };
        m_expected[counter::pseudo_overflows] += low < -512 || high > 511;
        m_expected[counter::correction_overflows] += correction_low < -256 || correction_high > 255;
        raise(counter::max_abs_pseudo, std::max(-low, high));
        raise(counter::max_abs_correction, std::max(-correction_low, correction_high));
        return currents;
    }

    /// Cycles of the stepped machine, which it also counts by cause.
    std::uint64_t time(const std::vector<std::uint16_t>& row, const std::vector<std::vector<std::int8_t>>& columns)
    {
        std::vector<golden::chunk> chunks;
        for (std::size_t chunk = 0; chunk < m_chunks; ++chunk)
            for (const std::vector<std::int8_t>& column : columns) {
                chunks.emplace_back();
                unsigned rank = 0;
                const std::size_t first = chunk * m_parameters.chunk_bits;
                for (std::size_t k = first; k < std::min<std::size_t>(first + m_parameters.chunk_bits, m_inputs); ++k) {
                    if (column[k] != 0 && row[k] != 0)
                        chunks.back().weight_offsets.push_back(rank);
                    rank += column[k] != 0;
                }
                ++m_expected[counter::joins];
                m_expected[counter::empty_joins] += chunks.back().weight_offsets.empty();
            }
        // One chunk after another from one register, or the same chunk for several columns.
        m_expected[counter::sram_read_a_mask] += m_chunks * m_parameters.chunk_bits;
        if (m_chunks == 1 && m_held[&row])
            m_expected[counter::sram_read_a_mask] -= m_parameters.chunk_bits;
        m_held[&row] = true;
        chunks.back().drain_after = true;
        const compute::join_parameters& timing = m_parameters.timing;
        const golden::join_machine_result result = golden::run_join_machine(
            {timing.fast_latency, timing.laggy_latency, timing.laggy_interval, timing.laggy_ideal, timing.fifo_depth,
             timing.weight_buffer_bytes, timing.empty_join_cycles},
            chunks);
        m_expected[counter::busy_cycles] += result.busy;
        m_expected[counter::stall_empty_join] += result.empty_join;
        m_expected[counter::stall_laggy] += result.laggy_wait;
        m_expected[counter::stall_fifo_full] += result.fifo_full;
        m_expected[counter::stall_weights_late] += result.weights_late;
        m_expected[counter::stall_prefix] += result.prefix_wait;
        return result.done_cycles.back();
    }

    support::random_source& m_random;
    unsigned m_tiles = 0, m_timesteps = 0, m_inputs = 0;
    compute::tile_parameters m_parameters;
    std::unique_ptr<compute::tppe_array> m_array;
    currents_recorder m_neurons;
    std::size_t m_chunks = 0, m_mask_words = 0;
    std::uint64_t m_cycle = 0;
    std::vector<std::vector<std::uint16_t>> m_rows;
    std::map<const void*, bool> m_held; ///< rows whose only chunk is in the mask register
    observe::counter_set m_seen, m_expected;
};

} // namespace

TEST(tppe_array, equals_sums_and_the_stepped_machine)
{
    support::random_source random(3);
    std::vector<std::unique_ptr<random_tiles>> all;
    for (int i = 0; i < 150; ++i)
        all.push_back(std::make_unique<random_tiles>(random, i));
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    for (std::size_t i = 0; i < all.size() && !HasFailure(); ++i) {
        SCOPED_TRACE("machine " + std::to_string(i));
        all[i]->run();
    }
}

// Columns come again and change; of so many not all inputs are kept.
TEST(join_array, finds_the_inputs_of_more_columns_than_it_keeps)
{
    constexpr std::size_t inputs = 16384, columns = 300; // 4.9 million weights
    compute::join_array joins(1, {});
    joins.configure(1, inputs);
    for (int round = 0; round < 3; ++round) {
        joins.load_row(0, pack(0, std::vector<std::uint16_t>(inputs, 1), inputs / 64).look());
        for (std::uint32_t id = 0; id < columns; ++id) {
            std::vector<std::int8_t> weights(inputs, 1);
            std::fill_n(weights.begin(), id, std::int8_t{0});
            if (round == 2 && id % 2 == 1)
                weights[inputs - 1] = 0;
            const compute::column_fiber fiber = pack(id, weights, inputs / 64);
            const compute::column_view column = fiber.look();
            joins.join({{&column, 1}, 0, 0, inputs / 128, true, 1, {}});
            const std::size_t expected = inputs - id - (round == 2 && id % 2 == 1);
            ASSERT_EQ(joins.all_matches()[0], expected) << "column " << id << ", round " << round;
            ASSERT_EQ(*joins.read(0, 1), static_cast<std::int32_t>(expected));
        }
    }
}

namespace
{

/// Two tiles of two accumulator sets, chunks of 64 inputs, before P-LIFs and a compressor that remembers; T = 2, K =
/// 128.
struct tiles_and_neurons {
    compute::tppe_array tiles;
    compute::plif_array plifs{"plifs", 2, 1};
    results_recorder out;
    std::vector<compute::column_fiber> fibers;
    std::vector<compute::column_view> columns;
    std::vector<std::uint64_t> cycles = {0, 0};

    tiles_and_neurons() : tiles("tiles", 2, parameters())
    {
        tiles.currents_out.bind(plifs);
        plifs.results_out.bind(out);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        for (std::uint32_t id = 0; id < 3; ++id)
            fibers.push_back(pack(id, std::vector<std::int8_t>(128, 1), 2));
        for (const compute::column_fiber& fiber : fibers)
            columns.push_back(fiber.look());
    }
    static compute::tile_parameters parameters()
    {
        compute::tile_parameters of;
        of.chunk_bits = 64;
        of.accumulator_sets = 2;
        return of;
    }
    std::vector<std::int32_t> no_bias; ///< neurons see what their threshold is in it only
    void begin_layer()
    {
        functional::layer_shape shape;
        shape.timesteps = 2;
        tiles.begin_layer(2, 128);
        plifs.begin_layer(shape, {10, 0}, no_bias);
    }
    void load_row(std::size_t row, std::size_t inputs = 128)
    {
        tiles.load_row(row, pack(0, std::vector<std::uint16_t>(inputs, 3), inputs / 64).look());
    }
    void join(std::size_t first_column, std::size_t count, unsigned first_set, std::uint32_t first_chunk,
              std::uint32_t chunks, bool drain, std::size_t rows = 2)
    {
        tiles.join({{&columns[first_column], count}, first_set, first_chunk, chunks, drain, rows, cycles});
    }
};

} // namespace

TEST(tile_array, refuses_what_its_tiles_have_no_place_for)
{
    tiles_and_neurons of;
    EXPECT_REFUSED(of.load_row(0)); // no layer has begun
    EXPECT_REFUSED(of.join(0, 1, 0, 0, 2, true));
    EXPECT_REFUSED(of.tiles.begin_layer(17, 128));
    EXPECT_REFUSED(of.tiles.begin_layer(0, 128));
    of.begin_layer();
    EXPECT_REFUSED(of.load_row(2));
    EXPECT_REFUSED(of.load_row(0, 64));
    const compute::row_fiber row = pack(0, std::vector<std::uint16_t>(128, 3), 2);
    compute::row_view lacks_a_value = row.look();
    lacks_a_value.values = {lacks_a_value.values.data(), 127};
    EXPECT_REFUSED(of.tiles.load_row(0, lacks_a_value));
    of.load_row(0);
    of.load_row(1);
    EXPECT_REFUSED(of.join(0, 3, 0, 0, 2, true)); // two sets
    EXPECT_REFUSED(of.join(0, 0, 0, 0, 2, true));
    EXPECT_REFUSED(of.join(0, 1, 0, 0, 3, true)); // two chunks
    EXPECT_REFUSED(of.join(0, 1, 0, 0, 2, true, 3));
    of.cycles.resize(1);
    EXPECT_REFUSED(of.join(0, 1, 0, 0, 2, true));
    of.cycles.resize(2);
    of.columns[0].values = {of.columns[0].values.data(), 127};
    EXPECT_REFUSED(of.join(0, 1, 0, 0, 2, true));
    EXPECT_TRUE(of.out.seen.empty());
}

TEST(tile_array, refuses_chunks_and_rows_out_of_order)
{
    tiles_and_neurons of;
    of.begin_layer();
    of.load_row(0);
    of.load_row(1);
    EXPECT_REFUSED(of.join(0, 1, 0, 1, 1, false)); // chunk 0 comes first
    of.join(0, 2, 0, 0, 1, false);
    EXPECT_REFUSED(of.load_row(0));
    EXPECT_REFUSED(of.join(0, 1, 0, 0, 1, false)); // already under way
    of.join(0, 1, 0, 1, 1, false);
    of.begin_layer(); // a layer that was given up leaves nothing
    of.load_row(0);
    of.load_row(1);
    of.join(0, 2, 0, 0, 1, false);
    of.join(0, 2, 0, 1, 1, true);
    ASSERT_EQ(of.out.seen.size(), 1u);
    expect_block(of.out.seen[0].block, 0, 2, 0, 2);
    EXPECT_EQ(of.out.seen[0].words, std::vector<std::uint16_t>(4, 3));
    of.join(2, 1, 0, 0, 1, false);
    EXPECT_REFUSED(of.join(1, 1, 1, 0, 1, true)); // the first column lacks a chunk
}

TEST(plif_array, refuses_currents_of_another_length)
{
    tiles_and_neurons of;
    const std::vector<std::int32_t> currents(2 * 16, 1);
    EXPECT_REFUSED(of.plifs.take_currents({0, 2, 0, 1}, currents, 0)); // no layer has begun
    of.begin_layer();
    EXPECT_REFUSED(of.plifs.take_currents({0, 2, 0, 2}, currents, 0));
    EXPECT_REFUSED(of.plifs.take_currents({0, 17, 0, 1}, currents, 0));
    EXPECT_REFUSED(of.plifs.take_currents({0, 2, 0, 0}, {}, 0));
    of.plifs.take_currents({0, 2, 5, 1}, currents, 20);
    ASSERT_EQ(of.out.seen.size(), 1u);
    expect_block(of.out.seen[0].block, 0, 2, 5, 1);
    EXPECT_EQ(of.out.seen[0].cycle, 21u);
}
