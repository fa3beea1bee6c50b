// Timing of one inner-join unit, in cycles: fast and laggy prefix-sum, FIFOs, mask register. No SystemC.
//
// The publication gives the units and their latencies; how they meet is this project's reading:
// - One mask register pair. The next chunk loads in the cycle after the last match of the chunk was pushed and the mask
//   of A was taken by the laggy prefix-sum, whichever is later.
// - A chunk without a match needs neither prefix-sum: empty_join_cycles and it is gone.
// - The fast prefix-sum yields the first match in the load cycle (fast_latency 1) or fast_latency - 1 cycles later,
//   and one match in each further cycle; a push waits while the FIFO is full at the start of the cycle.
// - The laggy prefix-sum starts on a chunk with matches in its load cycle, or as soon as it is free; offsets are ready
//   laggy_latency cycles after the start; then one entry a cycle is popped, not in the cycle in which it was pushed. It
//   takes the next chunk laggy_interval cycles after the start (1 when pipelined, laggy_latency when not).
// - The weight buffer holds the chunk's first weights when the chunk loads; each further buffer-full takes a cycle.
// - Before an accumulator is read the FIFO drains.
// tests/golden/join_machine.h steps the same rules cycle by cycle; a test holds this arithmetic against it.
#pragma once

#include "models/compute/parameters.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace loas::compute
{

/// What the unit takes of tppe_parameters, the latencies in cycles; whoever says nothing else gets those of its
/// defaults.
struct join_parameters {
    unsigned fast_latency = tppe_parameters{}.fast_latency;       ///< cycles
    unsigned laggy_latency = tppe_parameters{}.laggy_latency();   ///< cycles
    unsigned laggy_interval = tppe_parameters{}.laggy_interval(); ///< cycles from start to start
    bool laggy_ideal = tppe_parameters{}.laggy_ideal;             ///< no FIFO, no laggy prefix-sum
    unsigned fifo_depth = tppe_parameters{}.fifo_depth;           ///< entries
    unsigned weight_buffer_bytes = tppe_parameters{}.weight_buffer_bytes;
    unsigned empty_join_cycles = tppe_parameters{}.empty_join_cycles;

    /// Whether the time of a chunk depends on nothing but the number of its matches: no weight of it is late, and pops
    /// follow one another.
    bool counts_do(unsigned chunk_bits) const
    {
        return weight_buffer_bytes >= chunk_bits && (fifo_depth >= 2 || laggy_ideal);
    }
};

inline join_parameters join_parameters_of(const tppe_parameters& from)
{
    join_parameters to;
    to.fast_latency = from.fast_latency;
    to.laggy_latency = from.laggy_latency();
    to.laggy_interval = from.laggy_interval();
    to.laggy_ideal = from.laggy_ideal;
    to.fifo_depth = from.fifo_depth;
    to.weight_buffer_bytes = from.weight_buffer_bytes;
    to.empty_join_cycles = from.empty_join_cycles;
    return to;
}

/// Where the cycles of a tile went; the names are those of observe::counter.
struct join_cycles {
    std::uint64_t busy = 0;
    std::uint64_t empty_join = 0;
    std::uint64_t laggy = 0;
    std::uint64_t fifo_full = 0;
    std::uint64_t weights_late = 0;
    std::uint64_t prefix = 0;
};

class join_pipeline
{
public:
    explicit join_pipeline(const join_parameters& parameters) : m_parameters(parameters)
    {
        if (parameters.laggy_ideal) { // corrections are applied as they are pushed, and nothing waits for them
            m_parameters.laggy_latency = m_parameters.laggy_interval = 0;
            m_parameters.fifo_depth = std::max(parameters.fifo_depth, 2U);
        }
        m_pops.resize(2 * std::size_t{m_parameters.fifo_depth} + pop_space);
        m_next_entry = m_parameters.fifo_depth;
    }

    /// The unit does nothing before this cycle.
    void advance_to(std::uint64_t cycle) { m_issue = std::max(m_issue, cycle); }

    /// First cycle in which the fast side can do something new.
    std::uint64_t issue_cycle() const { return m_issue; }

    /// Whether the order of chunks does not matter, since no correction takes time; weights must not be late either.
    /// Then it is enough to count them.
    bool only_counts() const { return m_parameters.laggy_ideal; }
    void count_chunks(std::uint64_t with_matches, std::uint64_t without, std::uint64_t matches)
    {
        const std::uint64_t prefix = with_matches * (m_parameters.fast_latency - 1);
        const std::uint64_t empty = without * m_parameters.empty_join_cycles;
        m_issue += matches + prefix + empty;
        m_cycles.busy += matches;
        m_cycles.prefix += prefix;
        m_cycles.empty_join += empty;
    }

    /// All corrections applied: returns the first cycle in which the accumulators can be read and reused.
    std::uint64_t drain()
    {
        if (!m_parameters.laggy_ideal && m_next_pop > m_issue) {
            m_cycles.laggy += m_next_pop - m_issue;
            m_issue = m_next_pop;
        }
        return m_issue;
    }

    const join_cycles& cycles() const { return m_cycles; }

private:
    friend class chunk_timing;

    static constexpr std::size_t pop_space = 1024; ///< so that the latest pops must rarely move to the front

    join_parameters m_parameters;
    std::vector<std::uint64_t> m_pops; ///< for the latest entries the cycle after the pop, at least fifo_depth of them
    std::size_t m_next_entry;          ///< behind the latest
    std::uint64_t m_issue = 0;
    std::uint64_t m_laggy_free = 0;
    std::uint64_t m_next_pop = 0;
    join_cycles m_cycles;
};

/// The pipeline while it joins chunks. Simulations spend much of their time in here, so what changes with each chunk is
/// in members of its own, which a loop keeps in registers, and what can be counted afterwards is.
class chunk_timing
{
public:
    explicit chunk_timing(join_pipeline& of)
        : m_of(of), m_parameters(of.m_parameters), m_pops(of.m_pops.data()), m_next_entry(of.m_next_entry),
          m_issue(of.m_issue), m_laggy_start(of.m_issue - 1), m_laggy_free(of.m_laggy_free), m_next_pop(of.m_next_pop)
    {
    }

    /// A chunk that has matches, after some that have none, if counts_do. Then its pops follow one another: the first
    /// one waits for the offsets, and each push is over before the pop before its own (fifo_depth >= 2). So is the FIFO
    /// full at the latest for the last push, if for any: slots become free one a cycle or slower.
    void chunk(std::uint64_t empty_chunks_before, std::uint64_t matches)
    {
        begin_chunk(empty_chunks_before);
        const std::uint64_t depth = m_parameters.fifo_depth;
        const std::uint64_t first_push = std::max(m_issue, m_pops[m_next_entry - depth]);
        const std::uint64_t offsets_ready = m_laggy_start + m_parameters.laggy_latency;
        const std::uint64_t first_pop = std::max(std::max(offsets_ready, first_push + 1), m_next_pop) + 1;
        const std::uint64_t unhindered = m_issue + matches - 1;
        const std::uint64_t slot_free =
            matches <= depth ? m_pops[m_next_entry - depth + matches - 1] : first_pop + (matches - 1 - depth);
        m_issue = std::max(unhindered, slot_free);
        m_fifo_full += m_issue - unhindered;
        ++m_issue;
        m_busy += matches;
        m_next_pop = first_pop + matches - 1;

        const std::uint64_t kept = std::min(matches, depth); // entries before them will not be asked for
        make_room(kept);
        two_pops pops = first_pop + (matches - kept) + two_pops{0, 1};
        for (std::uint64_t *to = m_pops + m_next_entry, *end = to + kept; to < end;
             to += 8) // too many: faster than to look
            for (unsigned i = 0; i < 8; i += 2, pops += 2)
                std::memcpy(to + i, &pops, sizeof pops);
        m_next_entry += kept;
    }

    /// The same match by match, for whatever chunk: begin_chunk(), then match() for each.
    void begin_chunk(std::uint64_t empty_chunks_before)
    {
        end_chunk();
        m_issue += empty_chunks_before * m_parameters.empty_join_cycles;
        m_laggy_start = std::max(m_issue, m_laggy_free);
        m_laggy_free = m_laggy_start + m_parameters.laggy_interval;
        m_issue += m_parameters.fast_latency - 1;
        m_buffer_end = m_parameters.weight_buffer_bytes;
        ++m_chunks;
    }

    /// weight_offset: of the matched weight among the chunk's weights, ascending within a chunk.
    void match(std::uint64_t weight_offset)
    {
        for (; weight_offset >= m_buffer_end; m_buffer_end += m_parameters.weight_buffer_bytes) {
            ++m_issue;
            ++m_weights_late;
        }
        const std::uint64_t slot_free = m_pops[m_next_entry - m_parameters.fifo_depth];
        if (slot_free > m_issue) {
            m_fifo_full += slot_free - m_issue;
            m_issue = slot_free;
        }
        const std::uint64_t offsets_ready = m_laggy_start + m_parameters.laggy_latency;
        m_next_pop = std::max(std::max(offsets_ready, m_issue + 1), m_next_pop) + 1;
        make_room(1);
        m_pops[m_next_entry++] = m_next_pop;
        ++m_busy;
        ++m_issue;
    }

    std::uint64_t chunks() const { return m_chunks; } ///< that had matches

    /// Hands back to the pipeline, after further chunks without a match. chunks: all, with matches or without.
    void finish(std::uint64_t chunks, std::uint64_t empty_chunks_after)
    {
        end_chunk();
        m_issue += empty_chunks_after * m_parameters.empty_join_cycles;
        join_cycles passed;
        passed.busy = m_busy;
        passed.empty_join = (chunks - m_chunks) * m_parameters.empty_join_cycles;
        passed.fifo_full = m_fifo_full;
        passed.weights_late = m_weights_late;
        passed.prefix = m_chunks * (m_parameters.fast_latency - 1);
        passed.laggy = m_issue - m_of.m_issue -
                       (passed.busy + passed.empty_join + passed.fifo_full + passed.weights_late + passed.prefix);
        m_of.m_cycles.busy += passed.busy;
        m_of.m_cycles.empty_join += passed.empty_join;
        m_of.m_cycles.laggy += passed.laggy;
        m_of.m_cycles.fifo_full += passed.fifo_full;
        m_of.m_cycles.weights_late += passed.weights_late;
        m_of.m_cycles.prefix += passed.prefix;
        m_of.m_next_entry = m_next_entry;
        m_of.m_issue = m_issue;
        m_of.m_laggy_free = m_laggy_free;
        m_of.m_next_pop = m_next_pop;
    }

private:
    using two_pops = std::uint64_t __attribute__((vector_size(16)));

    void end_chunk() { m_issue = std::max(m_issue, m_laggy_start + 1); }

    /// For `entries` more, and what is written behind them.
    void make_room(std::uint64_t entries)
    {
        if (m_next_entry + entries + 8 <= m_of.m_pops.size())
            return;
        const std::size_t depth = m_parameters.fifo_depth;
        std::copy(m_pops + m_next_entry - depth, m_pops + m_next_entry, m_pops);
        m_next_entry = depth;
    }

    join_pipeline& m_of;
    const join_parameters m_parameters;
    std::uint64_t* const m_pops;
    std::size_t m_next_entry;
    std::uint64_t m_issue, m_laggy_start, m_laggy_free, m_next_pop;
    std::uint64_t m_buffer_end = 0, m_busy = 0, m_fifo_full = 0, m_weights_late = 0, m_chunks = 0;
};

} // namespace loas::compute
