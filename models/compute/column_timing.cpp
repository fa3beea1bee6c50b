#include "models/compute/column_timing.h"

#include <cstring>

namespace loas::compute
{
namespace
{

// Sixteen lanes of 16 bits where all cycles of a column fit, else eight at a time: compilers take vectors that are
// longer than the machine's apart, lane by lane.
using short_lanes = std::int16_t __attribute__((vector_size(32)));
using half_shorts = std::uint16_t __attribute__((vector_size(16)));
using half_ints = std::int32_t __attribute__((vector_size(32)));

/// To the later one. Not as a result: how a vector is returned depends on the vector unit.
template <class lanes> LOAS_INLINE void delay(lanes& cycle, const lanes& until)
{
    cycle = cycle > until ? cycle : until;
}

/// Cycles count from the start of the column. See join_pipeline.h for the rules, and chunk_timing::chunk for the same
/// with one unit. number: of a lane.
template <class lanes, class match_lanes, class number>
LOAS_INLINE void join_column(const join_parameters& parameters, const std::uint16_t* matches, std::size_t chunks,
                             lanes& cycles, lanes& fifo_full)
{
    const auto depth = static_cast<number>(parameters.fifo_depth),
               latency = static_cast<number>(parameters.laggy_latency),
               interval = static_cast<number>(parameters.laggy_interval),
               prefix = static_cast<number>(parameters.fast_latency - 1),
               empty_join = static_cast<number>(parameters.empty_join_cycles);
    constexpr number one = 1;
    lanes issue{}, laggy_free{};
    fifo_full = lanes{};
    // The latest two chunks with matches: the cycle after their last pop, and their entries.
    lanes popped{}, entries{}, popped_before{}, entries_before{};
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
        match_lanes narrow;
        std::memcpy(&narrow, matches + chunk * column_timing::lanes, sizeof narrow);
        const lanes m = __builtin_convertvector(narrow, lanes);
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
    cycles = issue;
}

LOAS_FOR_ALL_VECTOR_UNITS void join_short(const join_parameters& parameters, const std::uint16_t* matches,
                                          std::size_t chunks, column_timing::result& into)
{
    short_lanes cycles, fifo_full;
    join_column<short_lanes, short_lanes, std::int16_t>(parameters, matches, chunks, cycles, fifo_full);
    for (std::size_t lane = 0; lane < column_timing::lanes; ++lane) {
        into.cycles[lane] = static_cast<std::uint32_t>(cycles[lane]);
        into.fifo_full[lane] = static_cast<std::uint32_t>(fifo_full[lane]);
    }
}

LOAS_FOR_ALL_VECTOR_UNITS void join_long(const join_parameters& parameters, const std::uint16_t* matches,
                                         std::size_t chunks, std::size_t first, column_timing::result& into)
{
    half_ints cycles, fifo_full;
    join_column<half_ints, half_shorts, std::int32_t>(parameters, matches + first, chunks, cycles, fifo_full);
    std::memcpy(into.cycles + first, &cycles, sizeof cycles);
    std::memcpy(into.fifo_full + first, &fifo_full, sizeof fifo_full);
}

} // namespace

void column_timing::join(const std::uint16_t* matches, std::size_t chunks, unsigned chunk_bits, result& into) const
{
    // Every chunk takes no longer than its matches, one after another, behind a prefix-sum, all corrections behind
    // them.
    const join_parameters& p = m_parameters;
    const std::uint64_t longest = (chunks + 1) * (std::uint64_t{p.fast_latency} + p.laggy_latency + p.laggy_interval +
                                                  p.fifo_depth + p.empty_join_cycles + 2 * std::uint64_t{chunk_bits});
    if (longest < 0x7FFF) {
        join_short(m_parameters, matches, chunks, into);
        return;
    }
    for (std::size_t first = 0; first < lanes; first += lanes / 2)
        join_long(m_parameters, matches, chunks, first, into);
}

} // namespace loas::compute
