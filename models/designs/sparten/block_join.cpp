#include "models/designs/sparten/block_join.h"

#include "models/functional/lanes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/designs/sparten/block_join.cpp"
#include <hwy/foreach_target.h> // reads this file once for each kind of vector unit

#include <hwy/highway.h>

#include "models/functional/bits.h"

#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace loas::designs::HWY_NAMESPACE
{

namespace hn = hwy::HWY_NAMESPACE;

std::uint64_t join_rows(const chunk_weight* weights, std::size_t count, const std::uint32_t* spikes, std::int32_t* sums,
                        std::uint32_t& matched)
{
    const hn::CappedTag<std::int32_t, rows_of_word> tag;
    constexpr std::size_t together = MaxLanes(tag), parts = rows_of_word / together;
    const auto own_bit = hn::Shl(hn::Set(tag, 1), hn::Iota(tag, 0));
    hn::Vec<decltype(tag)> of[parts];
    for (std::size_t part = 0; part < parts; ++part)
        of[part] = hn::LoadU(tag, sums + part * together);
    matched = 0;
    std::uint64_t matches = 0;
    for (const chunk_weight* each = weights; each != weights + count; ++each) {
        const std::uint32_t spiking = spikes[each->input];
        matches += functional::popcount(spiking);
        matched |= spiking;
        const auto weight = hn::Set(tag, each->weight); // K x 127 is below 2^31
        for (std::size_t part = 0; part < parts; ++part) {
            const auto rows = hn::Set(tag, static_cast<std::int32_t>(spiking >> part * together));
            of[part] = hn::Add(of[part], hn::IfThenElseZero(hn::TestBit(rows, own_bit), weight));
        }
    }
    for (std::size_t part = 0; part < parts; ++part)
        hn::StoreU(of[part], tag, sums + part * together);
    return matches;
}

std::uint64_t join_bytes(const chunk_weight* weights, std::size_t count, const std::uint32_t* there,
                         const std::uint8_t* values, std::int32_t* sums, std::uint32_t& matched)
{
    const hn::CappedTag<std::int32_t, rows_of_word> tag;
    const hn::Rebind<std::uint8_t, decltype(tag)> byte_tag;
    constexpr std::size_t together = MaxLanes(tag), parts = rows_of_word / together;
    hn::Vec<decltype(tag)> of[parts];
    for (std::size_t part = 0; part < parts; ++part)
        of[part] = hn::LoadU(tag, sums + part * together);
    matched = 0;
    std::uint64_t matches = 0;
    for (const chunk_weight* each = weights; each != weights + count; ++each) {
        const std::uint32_t rows = there[each->input];
        matches += functional::popcount(rows);
        matched |= rows;
        const auto weight = hn::Set(tag, each->weight);
        const std::uint8_t* of_input = values + rows_of_word * each->input;
        for (std::size_t part = 0; part < parts; ++part)
            of[part] = hn::Add(
                of[part], hn::Mul(weight, hn::PromoteTo(tag, hn::LoadU(byte_tag, of_input + part * together))));
    }
    for (std::size_t part = 0; part < parts; ++part)
        hn::StoreU(of[part], tag, sums + part * together);
    return matches;
}

} // namespace loas::designs::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace loas::designs
{

HWY_EXPORT(join_rows);
HWY_EXPORT(join_bytes);

/// Transposes all 32 x 32 squares of bits that lie side by side, by swapping ever smaller squares across the diagonal;
/// then puts these squares one behind the other.
LOAS_FOR_ALL_VECTOR_UNITS void transpose_blocks(std::uint32_t* bits, std::size_t words)
{
    std::uint32_t mask = 0xFFFF;
    for (std::size_t size = 16; size != 0; size /= 2, mask ^= mask << size)
        for (std::size_t row = 0; row < rows_of_word; row = (row + size + 1) & ~size) {
            std::uint32_t *upper = bits + row * words, *lower = bits + (row + size) * words;
            for (std::size_t word = 0; word < words; ++word) {
                const std::uint32_t swapped = (upper[word] >> size ^ lower[word]) & mask;
                upper[word] ^= swapped << size;
                lower[word] ^= swapped;
            }
        }
    std::uint32_t turned[rows_of_word * max_words];
    for (std::size_t word = 0; word < words; ++word)
        for (std::size_t input = 0; input < rows_of_word; ++input)
            turned[word * rows_of_word + input] = bits[input * words + word];
    std::memcpy(bits, turned, rows_of_word * words * sizeof turned[0]);
}

std::uint64_t join_rows(const chunk_weight* weights, std::size_t count, const std::uint32_t* spikes, std::int32_t* sums,
                        std::uint32_t& matched)
{
    return HWY_DYNAMIC_DISPATCH(join_rows)(weights, count, spikes, sums, matched);
}

std::uint64_t join_rows(const chunk_weight* weights, std::size_t count, const std::uint32_t* there,
                        const std::uint8_t* values, std::int32_t* sums, std::uint32_t& matched)
{
    return HWY_DYNAMIC_DISPATCH(join_bytes)(weights, count, there, values, sums, matched);
}

} // namespace loas::designs
#endif
