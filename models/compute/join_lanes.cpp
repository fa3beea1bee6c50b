#include "models/compute/join_lanes.h"

#include "models/functional/bits.h"

#include <algorithm>
#include <cstring>

namespace loas::compute::join_lanes
{

using functional::popcount;

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

void saturate(const column_walk& walk, unsigned fours, const accumulators& in)
{
    const std::size_t timesteps = 4 * std::size_t{fours};
    const auto limit_of = [](unsigned bits) { return std::int64_t{1} << (bits - 1); };
    const std::int64_t pseudo_limit = limit_of(in.pseudo_bits), correction_limit = limit_of(in.correction_bits);
    const auto add = [](std::int32_t& sum, std::int64_t limit, std::int32_t weight) {
        sum = static_cast<std::int32_t>(std::clamp(sum + std::int64_t{weight}, -limit, limit - 1));
    };
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const auto at = [&](std::size_t vector) -> std::int32_t& { return walk.sums[vector * lanes + lane]; };
        if (at(pseudo_low) >= -pseudo_limit && at(pseudo_high) < pseudo_limit &&
            at(correction_low) >= -correction_limit && at(correction_high) < correction_limit)
            continue;
        at(pseudo_sum) = 0;
        for (std::size_t t = 0; t < timesteps; ++t)
            at(correction_sums + t) = 0;
        for (std::size_t i = 0; i < walk.weight_count; ++i) {
            const std::int16_t* input = walk.where + walk.inputs[i] * lanes * (input_misses + timesteps) + lane;
            if (input[input_matches * lanes] == 0)
                continue;
            add(at(pseudo_sum), pseudo_limit, walk.weights[i]);
            for (std::size_t t = 0; t < timesteps; ++t)
                if (input[(input_misses + t) * lanes] != 0)
                    add(at(correction_sums + t), correction_limit, walk.weights[i]);
        }
    }
}

void wrap(std::int32_t* sums, unsigned timesteps, const accumulators& in)
{
    const auto wrap_vector = [sums](std::size_t vector, unsigned bits) {
        const unsigned unused = 32 - bits; // the sign's bit goes to the top and back
        for (std::size_t i = vector * lanes; i < (vector + 1) * lanes; ++i)
            sums[i] = static_cast<std::int32_t>(static_cast<std::uint32_t>(sums[i]) << unused) >> unused;
    };
    wrap_vector(pseudo_sum, in.pseudo_bits);
    for (unsigned t = 0; t < timesteps; ++t)
        wrap_vector(correction_sums + t, in.correction_bits);
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
                                             std::size_t chunks, std::size_t weight_count,
                                             std::uint16_t* __restrict of_chunks)
{
    constexpr std::uint16_t none[lanes] = {};
    const std::uint16_t* before = none;
    for (std::size_t chunk = 0; chunk < chunks; ++chunk, of_chunks += lanes) {
        const std::size_t end = chunk + 1 < chunks ? ranks[(chunk + 1) * step] : weight_count;
        const std::uint16_t* now = end != 0 ? matches + (end - 1) * lanes : none;
        for (std::size_t lane = 0; lane < lanes; ++lane)
            of_chunks[lane] = static_cast<std::uint16_t>(now[lane] - before[lane]);
        before = now;
    }
}

LOAS_FOR_ALL_VECTOR_UNITS void widen(std::int32_t* sums, std::size_t vectors)
{
    for (std::size_t i = 0; i < vectors; ++i, sums += lanes) {
        std::int16_t narrow[lanes];
        std::memcpy(narrow, sums, sizeof narrow);
        std::copy_n(narrow, lanes, sums);
    }
}

LOAS_FOR_ALL_VECTOR_UNITS void read_currents(const std::int32_t* sums, unsigned timesteps, std::int32_t bias,
                                             std::int32_t* __restrict currents, std::size_t step)
{
    const auto wrap = [](std::int32_t sum) { return static_cast<std::uint32_t>(sum); }; // as 32-bit adders do
    const std::int32_t* pseudo = sums + pseudo_sum * lanes;
    for (unsigned t = 0; t < timesteps; ++t) {
        const std::int32_t* correction = sums + (correction_sums + t) * lanes;
        for (std::size_t lane = 0; lane < lanes; ++lane)
            currents[t * step + lane] =
                static_cast<std::int32_t>(wrap(pseudo[lane]) + wrap(bias) - wrap(correction[lane]));
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
