#include "models/compute/column_timing.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/compute/column_timing.cpp"
#include <hwy/foreach_target.h> // reads this file once for each kind of vector unit

#include <hwy/highway.h>

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace loas::compute::HWY_NAMESPACE
{

namespace hn = hwy::HWY_NAMESPACE;

/// Cycles count from the start of the column. See join_pipeline.h for the rules, and chunk_timing::chunk for the same
/// with one unit.
void join_short(const join_parameters& parameters, const std::uint16_t* matches, std::size_t chunks,
                column_timing::result& into)
{
    constexpr std::size_t all = column_timing::lanes;
    const hn::CappedTag<std::int16_t, all> tag;
    using lanes = hn::Vec<decltype(tag)>;
    const auto each = [&](std::uint64_t number) HWY_ATTR { return hn::Set(tag, static_cast<std::int16_t>(number)); };
    const lanes depth = each(parameters.fifo_depth), latency = each(parameters.laggy_latency),
                interval = each(parameters.laggy_interval), prefix = each(parameters.fast_latency - 1),
                empty_join = each(parameters.empty_join_cycles), zero = each(0), one = each(1);
    std::int16_t cycles[all], cycles_full[all];
    for (std::size_t first = 0; first < all; first += MaxLanes(tag)) {
        lanes issue = zero, laggy_free = zero, fifo_full = zero;
        // The latest two chunks with matches: the cycle after their last pop, and their entries.
        lanes popped = zero, entries = zero, popped_before = zero, entries_before = zero;
        for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
            const lanes m = hn::LoadU(tag, reinterpret_cast<const std::int16_t*>(matches) + chunk * all + first);
            const auto joins = m > zero;

            const lanes laggy_start = hn::Max(issue, laggy_free), first_issue = issue + prefix;
            // When the slot of the first entry became free, and that of the last one: at the pop, fifo_depth entries
            // before.
            const lanes both = entries + entries_before, popped_entry = popped_before + one + entries;
            const lanes first_slot = hn::IfThenElse(
                depth > entries, hn::IfThenZeroElse(depth > both, popped_entry - depth), popped - depth + one);
            const lanes first_push = hn::Max(first_issue, first_slot) + one;
            const lanes first_pop = hn::Max(hn::Max(laggy_start + latency, first_push), popped) + one;
            const lanes back = depth - (m - one); // from the latest entry before the chunk; 0 and less: in the chunk
            const lanes last_slot =
                hn::IfThenElse(back > zero,
                               hn::IfThenElse(back > entries, hn::IfThenZeroElse(back > both, popped_entry - back),
                                              popped - back + one),
                               first_pop - back);
            const lanes unhindered = first_issue + m - one, last_push = hn::Max(unhindered, last_slot);
            fifo_full += hn::IfThenElseZero(joins, last_push - unhindered);
            issue = hn::IfThenElse(joins, hn::Max(last_push, laggy_start) + one, issue + empty_join);
            laggy_free = hn::IfThenElse(joins, laggy_start + interval, laggy_free);
            popped_before = hn::IfThenElse(joins, popped, popped_before);
            entries_before = hn::IfThenElse(joins, entries, entries_before);
            popped = hn::IfThenElse(joins, first_pop + m - one, popped);
            entries = hn::IfThenElse(joins, m, entries);
        }
        hn::StoreU(hn::Max(issue, popped), tag, cycles + first);
        hn::StoreU(fifo_full, tag, cycles_full + first);
    }
    std::copy_n(cycles, all, into.cycles);
    std::copy_n(cycles_full, all, into.fifo_full);
}

} // namespace loas::compute::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace loas::compute
{

HWY_EXPORT(join_short);

void column_timing::join(const std::uint16_t* matches, std::size_t chunks, unsigned chunk_bits, result& into) const
{
    // Every chunk takes no longer than its matches, one after another, behind a prefix-sum, all corrections behind
    // them. Where that might not fit 16 bits, which takes a K beyond ten thousand, each unit on its own.
    const join_parameters& p = m_parameters;
    const std::uint64_t longest = (chunks + 1) * (std::uint64_t{p.fast_latency} + p.laggy_latency + p.laggy_interval +
                                                  p.fifo_depth + p.empty_join_cycles + 2 * std::uint64_t{chunk_bits});
    if (longest < 0x7FFF) {
        HWY_DYNAMIC_DISPATCH(join_short)(m_parameters, matches, chunks, into);
        return;
    }
    join_plain(matches, chunks, into);
}

void column_timing::join_plain(const std::uint16_t* matches, std::size_t chunks, result& into) const
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        join_pipeline unit(m_parameters);
        {
            chunk_timing timing(unit);
            std::uint64_t empty = 0;
            for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
                const std::uint64_t here = matches[chunk * lanes + lane];
                if (here != 0)
                    timing.chunk(empty, here);
                empty = here != 0 ? 0 : empty + 1;
            }
            timing.finish(chunks, empty);
        }
        into.cycles[lane] = static_cast<std::uint32_t>(unit.drain());
        into.fifo_full[lane] = static_cast<std::uint32_t>(unit.cycles().fifo_full);
    }
}

} // namespace loas::compute
#endif
