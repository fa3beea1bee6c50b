#include "models/compute/join_lanes.h"

#include "models/functional/bits.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace loas::compute::join_lanes
{
namespace
{

using functional::low_bits;
using functional::popcount;

// A number for each tile of a block; 32-bit ones for half of them: compilers take vectors that are longer than the
// machine's apart, lane by lane.
using short_lanes = std::int16_t __attribute__((vector_size(32)));
using short_pairs = std::int16_t __attribute__((vector_size(64))); // of two timesteps
using half_shorts = std::int16_t __attribute__((vector_size(16)));
using half_ints = std::int32_t __attribute__((vector_size(32)));
constexpr std::size_t half = lanes / 2;

/// Not as a result: how a vector is returned depends on the vector unit.
template <class To, class From> LOAS_INLINE void load(To& lanes, const From* from)
{
    std::memcpy(&lanes, from, sizeof lanes);
}

// What a weight on an input means for all tiles of a block together, in the parts of 64 bits: matches, words that miss
// a spike, missing spikes. Those of 2^15 weights may be added up.
constexpr std::uint64_t counts_of(std::uint64_t matches, std::uint64_t corrections, std::uint64_t correction_adds)
{
    return matches | corrections << 20 | correction_adds << 40;
}
constexpr std::size_t safe_additions = 1U << 15;

/// Sums of a column's weights of as many tiles as sum_lanes has; correction_lanes: the same of one timestep or of two.
/// fours: timesteps in fours. One loop, whose end is the only branch: how many weights lie in a word or a chunk cannot
/// be foretold. Nor is anything of a chunk kept there: what was just stored would have to be waited for.
template <class sum_lanes, class match_lanes, class correction_lanes, unsigned fours>
LOAS_INLINE void add_weights(const column_walk& w, weight_counts& all_counts)
{
    constexpr std::size_t together = sizeof(correction_lanes) / sizeof(sum_lanes), parts = 4 * fours / together;
    constexpr std::size_t set_step = lanes, input_step = set_step * (input_misses + 4 * fours);
    constexpr bool converts = sizeof(sum_lanes) != sizeof(match_lanes);
    using number = std::conditional_t<converts, std::int32_t, std::int16_t>;
    using missing_lanes = std::conditional_t<converts, match_lanes, correction_lanes>;
    sum_lanes pseudo{}, low{}, high{};
    correction_lanes lowest{}, highest{}, corrections[parts] = {};
    match_lanes matched{};

    const std::uint32_t* inputs = w.inputs;
    const std::int8_t* column = w.weights;
    const std::int16_t* where = w.where;
    std::uint16_t* matches = w.matches;
    const std::size_t weight_count = w.weight_count;
    for (std::size_t i = 0; i < weight_count;) {
        const std::size_t end = std::min(i + safe_additions, weight_count);
        std::uint64_t counted = 0;
        for (; i < end; ++i) {
            const std::int16_t* input = where + inputs[i] * input_step;
            const auto weight = static_cast<number>(column[i]);
            std::uint64_t counts;
            std::memcpy(&counts, input + input_counts * lanes, sizeof counts);
            counted += counts;
            match_lanes here;
            load(here, input + input_matches * lanes);
            matched -= here;
            std::memcpy(matches + i * lanes, &matched, sizeof matched);
            pseudo += __builtin_convertvector(here, sum_lanes) & (sum_lanes{} + weight);
            low = low < pseudo ? low : pseudo;
            high = high > pseudo ? high : pseudo;
            for (std::size_t part = 0; part < parts; ++part) {
                missing_lanes missing;
                load(missing, input + (input_misses + part * together) * lanes);
                corrections[part] += __builtin_convertvector(missing, correction_lanes) & (correction_lanes{} + weight);
                lowest = lowest < corrections[part] ? lowest : corrections[part];
                highest = highest > corrections[part] ? highest : corrections[part];
            }
        }
        all_counts.matches += counted & low_bits(20);
        all_counts.corrections += counted >> 20 & low_bits(20);
        all_counts.correction_adds += counted >> 40;
    }

    std::int32_t* sums = w.sums;
    const auto keep = [sums](const void* lanes, std::size_t at) {
        std::memcpy(sums + at * set_step, lanes, sizeof(sum_lanes));
    };
    const auto of_timestep = [](const correction_lanes& lanes, std::size_t t) { // of those that are together
        return reinterpret_cast<const char*>(&lanes) + t % together * sizeof(sum_lanes);
    };
    keep(&pseudo, pseudo_sum);
    keep(&low, pseudo_low);
    keep(&high, pseudo_high);
    sum_lanes of_even, of_odd;
    load(of_even, of_timestep(lowest, 0));
    load(of_odd, of_timestep(lowest, 1));
    of_even = of_even < of_odd ? of_even : of_odd;
    keep(&of_even, correction_low);
    load(of_even, of_timestep(highest, 0));
    load(of_odd, of_timestep(highest, 1));
    of_even = of_even > of_odd ? of_even : of_odd;
    keep(&of_even, correction_high);
    for (std::size_t t = 0; t < 4 * fours; ++t) {
        const correction_lanes done = corrections[t / together]; // what has an address stays in memory
        keep(of_timestep(done, t), correction_sums + t);
    }
}

// One for each width and number of timesteps that is worth it, for each kind of vector unit. A single form for all (16
// bits, folded into 32 every 255 weights, a pass for every four timesteps, no pairs) was measured on these sums alone,
// with AVX-512: with 4 timesteps 30 to 55 % slower at 75 to 400 weights, with 16 timesteps less than half as fast at 75;
// but with sums that need 32 bits, two to three times as fast.
LOAS_FOR_ALL_VECTOR_UNITS void add_4_short(const column_walk& w, weight_counts& counts)
{
    add_weights<short_lanes, short_lanes, short_lanes, 1>(w, counts);
}
LOAS_FOR_ALL_VECTOR_UNITS void add_16_short(const column_walk& w, weight_counts& counts)
{
    add_weights<short_lanes, short_lanes, short_lanes, 4>(w, counts);
}
LOAS_FOR_ALL_VECTOR_UNITS void add_4_int(const column_walk& w, weight_counts& counts)
{
    add_weights<half_ints, half_shorts, half_ints, 1>(w, counts);
}
LOAS_FOR_ALL_VECTOR_UNITS void add_16_int(const column_walk& w, weight_counts& counts)
{
    add_weights<half_ints, half_shorts, half_ints, 4>(w, counts);
}
LOAS_FOR_512_BITS void add_4_short_paired(const column_walk& w, weight_counts& counts)
{
    add_weights<short_lanes, short_lanes, short_pairs, 1>(w, counts);
}
LOAS_FOR_512_BITS void add_16_short_paired(const column_walk& w, weight_counts& counts)
{
    add_weights<short_lanes, short_lanes, short_pairs, 4>(w, counts);
}

} // namespace

void add_column(const column_walk& walk, unsigned fours, bool wide, weight_counts& counts, bool with_512_bits)
{
    if (!wide) {
        const auto paired = fours == 1 ? add_4_short_paired : add_16_short_paired;
        const auto single = fours == 1 ? add_4_short : add_16_short;
        (with_512_bits ? paired : single)(walk, counts);
        return;
    }
    const auto add = fours == 1 ? add_4_int : add_16_int;
    add(walk, counts);
    column_walk other = walk;
    other.where += half;
    other.sums += half;
    other.matches += half;
    weight_counts counted; // what an input counts is of all lanes
    add(other, counted);
}

void add_column_plain(const column_walk& walk, unsigned fours, weight_counts& counts)
{
    const std::size_t timesteps = 4 * std::size_t{fours};
    const auto add = [&](std::size_t sum, std::size_t low, std::size_t lane, std::int32_t weight) {
        std::int32_t& now = walk.sums[sum * lanes + lane] += weight;
        walk.sums[low * lanes + lane] = std::min(walk.sums[low * lanes + lane], now);
        walk.sums[(low + 1) * lanes + lane] = std::max(walk.sums[(low + 1) * lanes + lane], now);
    };
    std::fill_n(walk.sums, lanes * (correction_sums + timesteps), 0);
    for (std::size_t lane = 0; lane < lanes; ++lane)
        for (std::size_t i = 0, matched = 0; i < walk.weight_count; ++i) {
            const std::int16_t* input = walk.where + walk.inputs[i] * lanes * (input_misses + timesteps) + lane;
            if (input[input_matches * lanes] != 0) {
                ++matched;
                ++counts.matches;
                add(pseudo_sum, pseudo_low, lane, walk.weights[i]);
                unsigned missing = 0;
                for (std::size_t t = 0; t < timesteps; ++t)
                    if (input[(input_misses + t) * lanes] != 0) {
                        ++missing;
                        add(correction_sums + t, correction_low, lane, walk.weights[i]);
                    }
                counts.corrections += missing != 0;
                counts.correction_adds += missing;
            }
            walk.matches[i * lanes + lane] = static_cast<std::uint16_t>(matched);
        }
}

LOAS_FOR_ALL_VECTOR_UNITS void spread_inputs(std::uint16_t* words, std::size_t inputs, unsigned timesteps,
                                             std::size_t vectors, std::int16_t* where)
{
    constexpr short_lanes silence{};
    const auto ones = [](const short_lanes& lanes) {
        std::uint64_t quarters[4];
        std::memcpy(quarters, &lanes, sizeof quarters);
        return popcount(quarters[0]) + popcount(quarters[1]) + popcount(quarters[2]) + popcount(quarters[3]);
    };
    const auto all_ones = static_cast<std::int16_t>((1U << timesteps) - 1);
    for (std::size_t i = 0; i < inputs; ++i, words += lanes, where += vectors * lanes) {
        short_lanes word;
        load(word, words);
        std::memcpy(words, &silence, sizeof silence);
        const short_lanes matching = word != 0;
        std::memcpy(where + input_matches * lanes, &matching, sizeof matching);
        for (unsigned t = 0; t < timesteps; ++t) {
            const short_lanes missing = matching & (word << static_cast<short>(15 - t) >= 0);
            std::memcpy(where + (input_misses + t) * lanes, &missing, sizeof missing);
        }
        for (std::size_t unused = input_misses + timesteps; unused < vectors; ++unused)
            std::memcpy(where + unused * lanes, &silence, sizeof silence);
        const unsigned matches = ones(matching) / 16;
        const std::uint64_t counts =
            counts_of(matches, matches - ones(word == all_ones) / 16, matches * timesteps - ones(word));
        std::memcpy(where + input_counts * lanes, &counts, sizeof counts);
    }
}

LOAS_FOR_ALL_VECTOR_UNITS void find_inputs(const std::uint64_t* mask, std::size_t words, std::uint32_t* to)
{
    for (std::size_t word = 0; word < words; ++word) {
        std::uint64_t left = mask[word];
        const unsigned count = popcount(left);
        for (unsigned first = 0; first < count; first += spare_inputs)
            for (unsigned i = first; i < first + spare_inputs; ++i, left &= left - 1)
                to[i] = static_cast<std::uint32_t>(64 * word) +
                        static_cast<std::uint32_t>(__builtin_ctzll(left | std::uint64_t{1} << 63));
        to += count;
    }
}

LOAS_FOR_ALL_VECTOR_UNITS void split_matches(const std::uint16_t* matches, const std::uint32_t* ranks, std::size_t step,
                                             std::size_t chunks, std::size_t weight_count, std::uint16_t* of_chunks)
{
    short_lanes before{};
    for (std::size_t chunk = 0; chunk < chunks; ++chunk, of_chunks += lanes) {
        const std::size_t end = chunk + 1 < chunks ? ranks[(chunk + 1) * step] : weight_count;
        short_lanes now{};
        if (end != 0)
            load(now, matches + (end - 1) * lanes);
        const short_lanes here = now - before;
        std::memcpy(of_chunks, &here, sizeof here);
        before = now;
    }
}

LOAS_FOR_ALL_VECTOR_UNITS void count_chunks(const std::uint16_t* matches, std::size_t columns, std::size_t column_step,
                                            std::size_t chunks, std::uint32_t* all, std::uint32_t* with_matches)
{
    for (std::size_t first = 0; first < lanes; first += half) {
        half_ints sum{}, any{};
        for (std::size_t column = 0; column < columns; ++column)
            for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
                half_shorts seen;
                load(seen, matches + column * column_step + chunk * lanes + first);
                sum += __builtin_convertvector(seen, half_ints);
                any -= __builtin_convertvector(half_shorts(seen != 0), half_ints);
            }
        std::memcpy(all + first, &sum, sizeof sum);
        std::memcpy(with_matches + first, &any, sizeof any);
    }
}

LOAS_FOR_ALL_VECTOR_UNITS void widen(std::int32_t* sums, std::size_t vectors)
{
    for (std::size_t i = 0; i < vectors; ++i, sums += lanes) {
        half_shorts narrow[2];
        std::memcpy(narrow, sums, sizeof narrow);
        for (std::size_t h = 0; h < 2; ++h) {
            const half_ints wide = __builtin_convertvector(narrow[h], half_ints);
            std::memcpy(sums + h * half, &wide, sizeof wide);
        }
    }
}

LOAS_FOR_ALL_VECTOR_UNITS void read_currents(const std::int32_t* sums, unsigned timesteps, std::int32_t bias,
                                             std::int32_t* currents, std::size_t step)
{
    using bits = std::uint32_t __attribute__((vector_size(32))); // 32-bit adders wrap
    for (std::size_t first = 0; first < lanes; first += half) {
        bits pseudo;
        load(pseudo, sums + pseudo_sum * lanes + first);
        pseudo += static_cast<std::uint32_t>(bias);
        for (unsigned t = 0; t < timesteps; ++t) {
            bits correction;
            load(correction, sums + (correction_sums + t) * lanes + first);
            correction = pseudo - correction;
            std::memcpy(currents + t * step + first, &correction, sizeof correction);
        }
    }
}

LOAS_FOR_ALL_VECTOR_UNITS void check_width(const std::int32_t* low, const std::int32_t* high, unsigned bits,
                                           std::uint64_t& overflows, std::uint64_t& max_abs)
{
    const std::int32_t limit = bits < 32 ? std::int32_t{1} << (bits - 1) : 0;
    std::uint32_t largest = 0, beyond = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        largest =
            std::max({largest, 0 - static_cast<std::uint32_t>(low[lane]), static_cast<std::uint32_t>(high[lane])});
        beyond += static_cast<std::uint32_t>(low[lane] < -limit) | static_cast<std::uint32_t>(high[lane] >= limit);
    }
    if (limit != 0)
        overflows += beyond;
    max_abs = std::max<std::uint64_t>(max_abs, largest);
}

} // namespace loas::compute::join_lanes
