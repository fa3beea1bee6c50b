// Timing of one inner-join unit, in cycles: fast and laggy prefix-sum, FIFOs, mask register. No SystemC.
//
// The publication gives the units and their latencies (loas.md section 4); how they meet is this project's reading:
// - One mask register pair. The next chunk loads in the cycle after the last match of the chunk was pushed and the
// laggy
//   prefix-sum has taken the mask of A, whichever is later.
// - A chunk without a match needs neither prefix-sum: empty_join_cycles and it is gone.
// - The fast prefix-sum yields the first match in the load cycle (fast_latency 1) or fast_latency - 1 cycles later,
// then
//   one match a cycle; a push waits while the FIFO is full at the start of the cycle.
// - The laggy prefix-sum starts on a chunk with matches in its load cycle, or as soon as it is free; offsets are ready
//   laggy_latency cycles after the start; then one entry a cycle is popped, not in the cycle in which it was pushed. It
//   takes the next chunk laggy_interval cycles after the start (1 when pipelined, laggy_latency when not).
// - The weight buffer holds the chunk's first weights when the chunk loads; each further buffer-full takes a cycle.
// - Before an accumulator is read the FIFO drains.
// tests/golden/join_machine.h steps the same rules cycle by cycle; a test holds this arithmetic against it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace loas::compute
{

struct join_parameters {
    unsigned fast_latency = 1;   ///< cycles
    unsigned laggy_latency = 8;  ///< cycles: mask bits of a chunk / adders, rounded up
    unsigned laggy_interval = 8; ///< cycles from start to start
    bool laggy_ideal = false;    ///< corrections take no time: no FIFO, no laggy prefix-sum
    unsigned fifo_depth = 8;     ///< entries
    unsigned weight_buffer_bytes = 128;
    unsigned empty_join_cycles = 1;
};

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
        std::size_t slots = 1;
        while (slots < m_parameters.fifo_depth)
            slots *= 2;
        m_pops.resize(slots);
    }

    /// The unit does nothing before this cycle.
    void advance_to(std::uint64_t cycle) { m_issue = std::max(m_issue, cycle); }

    /// First cycle in which the fast side can do something new.
    std::uint64_t issue_cycle() const { return m_issue; }

    void empty_chunks(std::uint64_t count)
    {
        m_issue += count * m_parameters.empty_join_cycles;
        m_cycles.empty_join += count * m_parameters.empty_join_cycles;
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

    join_parameters m_parameters;
    std::vector<std::uint64_t> m_pops; ///< ring, a power of two: for each entry the cycle after its pop
    std::uint64_t m_pushed = 0;        ///< entries so far
    std::uint64_t m_issue = 0;
    std::uint64_t m_laggy_free = 0;
    std::uint64_t m_next_pop = 0;
    join_cycles m_cycles;
};

/// The pipeline while it joins chunks. Simulations spend much of their time in here, so what changes with each match is
/// in members of its own, which a loop keeps in registers, and what can be counted afterwards is.
class chunk_timing
{
public:
    explicit chunk_timing(join_pipeline& of)
        : m_of(of), m_parameters(of.m_parameters), m_pops(of.m_pops.data()), m_ring_mask(of.m_pops.size() - 1),
          m_pushed(of.m_pushed), m_issue(of.m_issue), m_laggy_start(of.m_issue - 1), m_laggy_free(of.m_laggy_free),
          m_next_pop(of.m_next_pop)
    {
    }

    /// A chunk that has matches, after some that have none.
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
        const std::uint64_t slot_free = m_pops[(m_pushed - m_parameters.fifo_depth) & m_ring_mask];
        if (slot_free > m_issue) {
            m_fifo_full += slot_free - m_issue;
            m_issue = slot_free;
        }
        const std::uint64_t offsets_ready = m_laggy_start + m_parameters.laggy_latency;
        m_next_pop = std::max(std::max(offsets_ready, m_issue + 1), m_next_pop) + 1;
        m_pops[m_pushed & m_ring_mask] = m_next_pop;
        ++m_pushed;
        ++m_issue;
    }

    std::uint64_t chunks() const { return m_chunks; } ///< that had matches

    /// Hands back to the pipeline, after further chunks without a match. chunks: all, with matches or without.
    void finish(std::uint64_t chunks, std::uint64_t empty_chunks_after)
    {
        end_chunk();
        m_issue += empty_chunks_after * m_parameters.empty_join_cycles;
        join_cycles passed;
        passed.busy = m_pushed - m_of.m_pushed;
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
        m_of.m_pushed = m_pushed;
        m_of.m_issue = m_issue;
        m_of.m_laggy_free = m_laggy_free;
        m_of.m_next_pop = m_next_pop;
    }

private:
    void end_chunk() { m_issue = std::max(m_issue, m_laggy_start + 1); }

    join_pipeline& m_of;
    const join_parameters m_parameters;
    std::uint64_t* const m_pops;
    const std::uint64_t m_ring_mask;
    std::uint64_t m_pushed, m_issue, m_laggy_start, m_laggy_free, m_next_pop;
    std::uint64_t m_buffer_end = 0, m_fifo_full = 0, m_weights_late = 0, m_chunks = 0;
};

} // namespace loas::compute
