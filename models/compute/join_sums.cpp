#include "models/compute/join_lanes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/compute/join_sums.cpp"
#include <hwy/foreach_target.h> // reads this file once for each kind of vector unit

#include <hwy/highway.h>

#include "models/functional/bits.h"

#include <algorithm>
#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace loas::compute::join_lanes::HWY_NAMESPACE
{

using functional::low_bits;
using functional::popcount;
namespace hn = hwy::HWY_NAMESPACE;

// What a weight on an input means for all tiles of a block together, in the parts of 64 bits: matches, words that miss
// a spike, missing spikes. Those of 2^15 weights may be added up.
constexpr std::uint64_t counts_of(std::uint64_t matches, std::uint64_t corrections, std::uint64_t correction_adds)
{
    return matches | corrections << 20 | correction_adds << 40;
}
constexpr std::size_t safe_additions = 1U << 15;

/// 16-bit numbers as those of `tag`.
template <class Tag, class Vector> HWY_INLINE hn::Vec<Tag> widened(Tag tag, Vector numbers)
{
    if constexpr (sizeof(hn::TFromD<Tag>) == sizeof(std::int16_t))
        return numbers;
    else
        return hn::PromoteTo(tag, numbers);
}

/// Sums of a column's weights of the lanes from `first` on, as many as a vector has; number: of the sums, 16 or 32
/// bits; fours: timesteps in fours. Corrections of two timesteps are together where a vector has twice the lanes. One
/// loop, whose end is the only branch: how many weights lie in a word or a chunk cannot be foretold. Nor is anything of
/// a chunk kept there: what was just stored would have to be waited for.
template <class number, unsigned fours>
HWY_INLINE void add_weights(const column_walk& w, std::size_t first, weight_counts& all_counts)
{
    const hn::CappedTag<number, lanes> sum_tag;
    const hn::CappedTag<number, 2 * lanes> correction_tag;
    const hn::Rebind<std::int16_t, decltype(sum_tag)> match_tag;
    const hn::Rebind<std::int16_t, decltype(correction_tag)> missing_tag;
    using sum_lanes = hn::Vec<decltype(sum_tag)>;
    using correction_lanes = hn::Vec<decltype(correction_tag)>;
    constexpr std::size_t together = MaxLanes(correction_tag) / MaxLanes(sum_tag), parts = 4 * fours / together;
    constexpr std::size_t input_step = lanes * (input_misses + 4 * fours);

    sum_lanes pseudo = hn::Zero(sum_tag), low = pseudo, high = pseudo;
    correction_lanes lowest = hn::Zero(correction_tag), highest = lowest, corrections[parts];
    for (correction_lanes& each : corrections)
        each = lowest;
    auto matched = hn::Zero(match_tag);

    const std::uint32_t* inputs = w.inputs;
    const std::int8_t* column = w.weights;
    const std::int16_t* where = w.where;
    auto* matches = reinterpret_cast<std::int16_t*>(w.matches); // null if there are no weights
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
            const auto here = hn::LoadU(match_tag, input + input_matches * lanes + first);
            matched = hn::Sub(matched, here);
            hn::StoreU(matched, match_tag, matches + i * lanes + first);
            pseudo = hn::Add(pseudo, hn::And(widened(sum_tag, here), hn::Set(sum_tag, weight)));
            low = hn::Min(low, pseudo);
            high = hn::Max(high, pseudo);
            for (std::size_t part = 0; part < parts; ++part) {
                const auto missing = hn::LoadU(missing_tag, input + (input_misses + part * together) * lanes + first);
                corrections[part] = hn::Add(corrections[part],
                                            hn::And(widened(correction_tag, missing), hn::Set(correction_tag, weight)));
                lowest = hn::Min(lowest, corrections[part]);
                highest = hn::Max(highest, corrections[part]);
            }
        }
        all_counts.matches += counted & low_bits(20);
        all_counts.corrections += counted >> 20 & low_bits(20);
        all_counts.correction_adds += counted >> 40;
    }

    const auto set = [sums = w.sums, first](std::size_t at) {
        return reinterpret_cast<number*>(sums + at * lanes) + first;
    };
    hn::StoreU(pseudo, sum_tag, set(pseudo_sum));
    hn::StoreU(low, sum_tag, set(pseudo_low));
    hn::StoreU(high, sum_tag, set(pseudo_high));
    if constexpr (together == 1) {
        hn::StoreU(lowest, sum_tag, set(correction_low));
        hn::StoreU(highest, sum_tag, set(correction_high));
        for (std::size_t t = 0; t < parts; ++t)
            hn::StoreU(corrections[t], sum_tag, set(correction_sums + t));
    } else {
        const auto even = [&](correction_lanes both) HWY_ATTR { return hn::LowerHalf(sum_tag, both); };
        const auto odd = [&](correction_lanes both) HWY_ATTR { return hn::UpperHalf(sum_tag, both); };
        hn::StoreU(hn::Min(even(lowest), odd(lowest)), sum_tag, set(correction_low));
        hn::StoreU(hn::Max(even(highest), odd(highest)), sum_tag, set(correction_high));
        for (std::size_t part = 0; part < parts; ++part) {
            hn::StoreU(even(corrections[part]), sum_tag, set(correction_sums + 2 * part));
            hn::StoreU(odd(corrections[part]), sum_tag, set(correction_sums + 2 * part + 1));
        }
    }
}

template <class number, unsigned fours> void add_all_weights(const column_walk& walk, weight_counts& counts)
{
    add_weights<number, fours>(walk, 0, counts);
    weight_counts counted; // what an input counts is of all lanes
    constexpr std::size_t step = MaxLanes(hn::CappedTag<number, lanes>());
    for (std::size_t first = step; first < lanes; first += step)
        add_weights<number, fours>(walk, first, counted);
}

// One for each width and number of timesteps that is worth it: a single form for all (16 bits, folded into 32 every 255
// weights, a pass for every four timesteps) is slower by far, see tests/bench/README.md.
void add_column(const column_walk& walk, unsigned fours, bool wide, weight_counts& counts)
{
    if (wide)
        (fours == 1 ? add_all_weights<std::int32_t, 1> : add_all_weights<std::int32_t, 4>)(walk, counts);
    else
        (fours == 1 ? add_all_weights<std::int16_t, 1> : add_all_weights<std::int16_t, 4>)(walk, counts);
}

void spread_inputs(std::uint16_t* all_words, std::size_t inputs, unsigned timesteps, std::size_t vectors,
                   std::int16_t* where)
{
    const hn::CappedTag<std::int16_t, lanes> tag;
    const auto silence = hn::Zero(tag);
    const auto all_ones = hn::Set(tag, static_cast<std::int16_t>((1U << timesteps) - 1));
    auto* words = reinterpret_cast<std::int16_t*>(all_words);
    for (std::size_t i = 0; i < inputs; ++i, words += lanes, where += vectors * lanes) {
        std::uint64_t quarters[4];
        std::memcpy(quarters, words, sizeof quarters);
        const std::uint64_t spikes =
            popcount(quarters[0]) + popcount(quarters[1]) + popcount(quarters[2]) + popcount(quarters[3]);
        std::uint64_t matches = 0, complete = 0;
        for (std::size_t first = 0; first < lanes; first += MaxLanes(tag)) {
            const auto word = hn::LoadU(tag, words + first);
            hn::StoreU(silence, tag, words + first);
            const auto matching = hn::Ne(word, silence);
            hn::StoreU(hn::VecFromMask(tag, matching), tag, where + input_matches * lanes + first);
            for (unsigned t = 0; t < timesteps; ++t) {
                const auto spiking = hn::TestBit(word, hn::Set(tag, static_cast<std::int16_t>(1U << t)));
                hn::StoreU(hn::VecFromMask(tag, hn::AndNot(spiking, matching)), tag,
                           where + (input_misses + t) * lanes + first);
            }
            matches += hn::CountTrue(tag, matching);
            complete += hn::CountTrue(tag, hn::Eq(word, all_ones));
        }
        std::fill(where + (input_misses + timesteps) * lanes, where + vectors * lanes, std::int16_t{0});
        const std::uint64_t counts = counts_of(matches, matches - complete, matches * timesteps - spikes);
        std::memcpy(where + input_counts * lanes, &counts, sizeof counts);
    }
}

void count_chunks(const std::uint16_t* matches, std::size_t columns, std::size_t column_step, std::size_t chunks,
                  std::uint32_t* all, std::uint32_t* with_matches)
{
    const hn::CappedTag<std::uint32_t, lanes> tag;
    const hn::Rebind<std::uint16_t, decltype(tag)> match_tag;
    const auto zero = hn::Zero(tag);
    for (std::size_t first = 0; first < lanes; first += MaxLanes(tag)) {
        auto sum = zero, any = zero;
        for (std::size_t column = 0; column < columns; ++column)
            for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
                const auto seen =
                    hn::PromoteTo(tag, hn::LoadU(match_tag, matches + column * column_step + chunk * lanes + first));
                sum = hn::Add(sum, seen);
                any = hn::Sub(any, hn::VecFromMask(tag, hn::Ne(seen, zero)));
            }
        hn::StoreU(sum, tag, all + first);
        hn::StoreU(any, tag, with_matches + first);
    }
}

} // namespace loas::compute::join_lanes::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace loas::compute::join_lanes
{

HWY_EXPORT(add_column);
HWY_EXPORT(spread_inputs);
HWY_EXPORT(count_chunks);

void add_column(const column_walk& walk, unsigned fours, bool wide, weight_counts& counts)
{
    HWY_DYNAMIC_DISPATCH(add_column)(walk, fours, wide, counts);
}

void spread_inputs(std::uint16_t* words, std::size_t inputs, unsigned timesteps, std::size_t vectors,
                   std::int16_t* where)
{
    HWY_DYNAMIC_DISPATCH(spread_inputs)(words, inputs, timesteps, vectors, where);
}

void count_chunks(const std::uint16_t* matches, std::size_t columns, std::size_t column_step, std::size_t chunks,
                  std::uint32_t* all, std::uint32_t* with_matches)
{
    HWY_DYNAMIC_DISPATCH(count_chunks)(matches, columns, column_step, chunks, all, with_matches);
}

} // namespace loas::compute::join_lanes
#endif
