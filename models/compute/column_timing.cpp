#include "models/compute/column_timing.h"

#include <cstring>

namespace loas::compute
{
namespace
{

// Sixteen lanes of 16 bits.
using lanes = std::int16_t __attribute__((vector_size(32)));
using number = std::int16_t;

/// To the later one. Not as a result: how a vector is returned depends on the vector unit.
LOAS_INLINE void delay(lanes& cycle, const lanes& until)
{
    cycle = cycle > until ? cycle : until;
}

/// Cycles count from the start of the column. See join_pipeline.h for the rules, and chunk_timing::chunk for the same
/// with one unit.
LOAS_FOR_ALL_VECTOR_UNITS void join_short(const join_parameters& parameters, const std::uint16_t* matches,
                                          std::size_t chunks, column_timing::result& into)
{
    const auto depth = static_cast<number>(parameters.fifo_depth),
               latency = static_cast<number>(parameters.laggy_latency),
               interval = static_cast<number>(parameters.laggy_interval),
               prefix = static_cast<number>(parameters.fast_latency - 1),
               empty_join = static_cast<number>(parameters.empty_join_cycles);
    constexpr number one = 1;
    lanes issue{}, laggy_free{}, fifo_full{};
    // The latest two chunks with matches: the cycle after their last pop, and their entries.
    lanes popped{}, entries{}, popped_before{}, entries_before{};
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
        lanes m;
        std::memcpy(&m, matches + chunk * column_timing::lanes, sizeof m);
        const lanes joins = m > 0;

        lanes laggy_start = issue;
        delay(laggy_start, laggy_free);
        const lanes first_issue = issue + prefix;
        // When the slot of the first entry became free, and that of the last one: at the pop, fifo_depth entries
        // before.
        const lanes both = entries + entries_before;
        const lanes first_slot = entries >= depth ? popped - depth + one
                                 : both >= depth  ? popped_before - depth + one + entries
                                                  : lanes{};
        lanes first_push = first_issue, first_pop = laggy_start + latency;
        delay(first_push, first_slot);
        first_push += one;
        delay(first_pop, first_push);
        delay(first_pop, popped);
        first_pop += one;
        const lanes back = depth - (m - one); // from the latest entry before the chunk; 0 and less: in the chunk
        const lanes last_slot = back <= 0         ? first_pop - back
                                : entries >= back ? popped - back + one
                                : both >= back    ? popped_before - back + one + entries
                                                  : lanes{};
        const lanes unhindered = first_issue + m - one;
        lanes done = unhindered;
        delay(done, last_slot);
        fifo_full += joins & (done - unhindered);
        delay(done, laggy_start);
        issue = joins ? done + one : issue + empty_join;
        laggy_free = joins ? laggy_start + interval : laggy_free;
        popped_before = joins ? popped : popped_before;
        entries_before = joins ? entries : entries_before;
        popped = joins ? first_pop + m - one : popped;
        entries = joins ? m : entries;
    }
    delay(issue, popped);
    for (std::size_t lane = 0; lane < column_timing::lanes; ++lane) {
        into.cycles[lane] = static_cast<std::uint32_t>(issue[lane]);
        into.fifo_full[lane] = static_cast<std::uint32_t>(fifo_full[lane]);
    }
}

} // namespace

void column_timing::join(const std::uint16_t* matches, std::size_t chunks, unsigned chunk_bits, result& into) const
{
    // Every chunk takes no longer than its matches, one after another, behind a prefix-sum, all corrections behind
    // them. Where that might not fit 16 bits, which takes a K beyond ten thousand, each unit on its own.
    const join_parameters& p = m_parameters;
    const std::uint64_t longest = (chunks + 1) * (std::uint64_t{p.fast_latency} + p.laggy_latency + p.laggy_interval +
                                                  p.fifo_depth + p.empty_join_cycles + 2 * std::uint64_t{chunk_bits});
    if (longest < 0x7FFF) {
        join_short(m_parameters, matches, chunks, into);
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
