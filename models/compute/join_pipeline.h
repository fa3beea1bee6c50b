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
    explicit join_pipeline(const join_parameters& parameters)
        : m_parameters(parameters), m_slot_free(parameters.fifo_depth, 0)
    {
    }

    /// The unit does nothing before this cycle.
    void advance_to(std::uint64_t cycle) { m_issue = std::max(m_issue, cycle); }

    /// First cycle in which the fast side can do something new.
    std::uint64_t issue_cycle() const { return m_issue; }

    void empty_chunk()
    {
        m_issue += m_parameters.empty_join_cycles;
        m_cycles.empty_join += m_parameters.empty_join_cycles;
    }

    void begin_chunk()
    {
        m_laggy_start = std::max(m_issue, m_laggy_free);
        m_laggy_free = m_laggy_start + m_parameters.laggy_interval;
        m_offsets_ready = m_laggy_start + m_parameters.laggy_latency;
        m_issue += m_parameters.fast_latency - 1;
        m_cycles.prefix += m_parameters.fast_latency - 1;
        m_buffer_end = m_parameters.weight_buffer_bytes;
    }

    /// weight_offset: of the matched weight among the chunk's weights, ascending within a chunk.
    void match(std::uint64_t weight_offset)
    {
        for (; weight_offset >= m_buffer_end; m_buffer_end += m_parameters.weight_buffer_bytes) {
            ++m_issue;
            ++m_cycles.weights_late;
        }
        if (!m_parameters.laggy_ideal) {
            std::uint64_t& slot_free = m_slot_free[m_slot];
            if (slot_free > m_issue) {
                m_cycles.fifo_full += slot_free - m_issue;
                m_issue = slot_free;
            }
            m_next_pop = std::max({m_offsets_ready, m_issue + 1, m_next_pop}) + 1;
            slot_free = m_next_pop; // the cycle after the pop
            m_slot = m_slot + 1 == m_slot_free.size() ? 0 : m_slot + 1;
        }
        ++m_issue;
        ++m_cycles.busy;
    }

    void end_chunk()
    {
        if (!m_parameters.laggy_ideal)
            wait_for_laggy(m_laggy_start + 1);
    }

    /// All corrections applied: returns the first cycle in which the accumulators can be read and reused.
    std::uint64_t drain()
    {
        wait_for_laggy(m_next_pop);
        return m_issue;
    }

    const join_cycles& cycles() const { return m_cycles; }

private:
    void wait_for_laggy(std::uint64_t cycle)
    {
        if (cycle > m_issue) {
            m_cycles.laggy += cycle - m_issue;
            m_issue = cycle;
        }
    }

    join_parameters m_parameters;
    std::vector<std::uint64_t> m_slot_free; // ring: for each FIFO slot the first cycle in which it can be pushed
    std::size_t m_slot = 0;
    std::uint64_t m_issue = 0;
    std::uint64_t m_laggy_start = 0;
    std::uint64_t m_laggy_free = 0;
    std::uint64_t m_offsets_ready = 0;
    std::uint64_t m_next_pop = 0;
    std::uint64_t m_buffer_end = 0;
    join_cycles m_cycles;
};

} // namespace loas::compute
