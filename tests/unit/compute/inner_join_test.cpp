// The inner-join unit against the plain sum over the inputs, one after another: currents, ranges and counts.
#include "compute/inner_join.h"

#include "support/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

using namespace loas;

namespace
{

template <class T> compute::fiber_packet pack(const std::vector<T>& dense, std::size_t mask_words)
{
    compute::fiber_packet fiber;
    fiber.reset(0, mask_words);
    std::vector<T> values;
    for (std::size_t k = 0; k < dense.size(); ++k)
        if (dense[k] != 0) {
            fiber.mask()[k / 64] |= std::uint64_t{1} << k % 64;
            values.push_back(dense[k]);
        }
    std::copy(values.begin(), values.end(), static_cast<T*>(fiber.allocate_values(values.size(), sizeof(T))));
    return fiber;
}

compute::fiber_packet::view view(compute::fiber_packet& fiber, std::size_t mask_words)
{
    return compute::fiber_packet::parse(static_cast<const unsigned char*>(fiber.data()), mask_words);
}

} // namespace

TEST(inner_join, equals_the_sum_over_the_inputs)
{
    support::random_source random(3);
    for (int round = 0; round < 300; ++round) {
        const unsigned chunk_bits = random.pick({64U, 128U, 192U}), sets = random.between_unsigned(1, 3);
        const unsigned timesteps = random.pick({1U, 3U, 4U, 5U, 16U});
        const unsigned inputs = random.between_unsigned(1, 700), all_ones = (1U << timesteps) - 1;
        const std::uint64_t spikes_percent = random.pick({0U, 5U, 60U, 100U}),
                            weights_percent = random.pick({0U, 3U, 50U});
        const compute::accumulator_widths widths{10, 9};
        compute::inner_join_unit unit({}, chunk_bits, sets, widths);
        unit.configure(timesteps, inputs);
        const std::size_t mask_words = unit.mask_words(), chunks = mask_words / (chunk_bits / 64);

        std::vector<std::uint16_t> row(inputs);
        for (std::uint16_t& word : row)
            if (random.chance(spikes_percent, 100))
                word = static_cast<std::uint16_t>(random.between_unsigned(1, all_ones));
        compute::fiber_packet row_fiber = pack(row, mask_words);
        unit.load_row(view(row_fiber, mask_words));
        std::vector<std::vector<std::int8_t>> columns(sets, std::vector<std::int8_t>(inputs));
        std::vector<compute::fiber_packet> fibers;
        for (auto& column : columns) {
            for (std::int8_t& weight : column)
                if (random.chance(weights_percent, 100))
                    weight = static_cast<std::int8_t>(random.between(-128, 127));
            fibers.push_back(pack(column, mask_words));
        }
        // Whole columns with one set, chunk by chunk with several: as the scheduler does.
        if (sets == 1)
            unit.join({0, 0, static_cast<std::uint32_t>(chunks), true}, view(fibers[0], mask_words));
        else
            for (std::uint32_t chunk = 0; chunk < chunks; ++chunk)
                for (unsigned set = 0; set < sets; ++set)
                    unit.join({set, chunk, 1, false}, view(fibers[set], mask_words));

        compute::join_statistics expected;
        expected.joins = chunks * sets;
        expected.a_mask_bits = chunks * chunk_bits;
        for (unsigned set = 0; set < sets; ++set) {
            std::int64_t pseudo = 0, low = 0, high = 0, correction_low = 0, correction_high = 0;
            std::vector<std::int64_t> corrections(timesteps), currents(timesteps);
            std::vector<bool> matched(chunks);
            for (unsigned k = 0; k < inputs; ++k) {
                const std::int64_t weight = columns[set][k];
                if (weight == 0 || row[k] == 0)
                    continue;
                matched[k / chunk_bits] = true;
                ++expected.matches;
                expected.corrections += row[k] != all_ones;
                pseudo += weight;
                low = std::min(low, pseudo);
                high = std::max(high, pseudo);
                for (unsigned t = 0; t < timesteps; ++t) {
                    if ((row[k] >> t & 1) != 0) {
                        currents[t] += weight;
                        continue;
                    }
                    ++expected.correction_adds;
                    corrections[t] += weight;
                    correction_low = std::min(correction_low, corrections[t]);
                    correction_high = std::max(correction_high, corrections[t]);
                }
            }
            expected.empty_joins += static_cast<std::uint64_t>(std::count(matched.begin(), matched.end(), false));
            expected.pseudo_overflows += low < -512 || high > 511;
            expected.correction_overflows += correction_low < -256 || correction_high > 255;
            expected.max_abs_pseudo =
                std::max(expected.max_abs_pseudo, static_cast<std::uint64_t>(std::max(-low, high)));
            expected.max_abs_correction = std::max(
                expected.max_abs_correction, static_cast<std::uint64_t>(std::max(-correction_low, correction_high)));
            std::int32_t found[compute::inner_join_unit::max_timesteps];
            unit.read(set, found);
            ASSERT_TRUE(std::equal(currents.begin(), currents.end(), found)) << "round " << round;
        }
        const compute::join_statistics& seen = unit.statistics();
        ASSERT_EQ(std::memcmp(&seen, &expected, sizeof seen), 0) << "round " << round;
    }
}
