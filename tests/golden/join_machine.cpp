#include "tests/golden/join_machine.h"

#include <cstddef>
#include <deque>
#include <stdexcept>

namespace loas::golden
{

namespace
{

class join_machine
{
public:
    join_machine(const join_machine_config& config, const std::vector<chunk>& chunks)
        : m_config(config), m_chunks(chunks), m_offsets(chunks.size())
    {
    }

    join_machine_result run()
    {
        for (m_cycle = 0;; ++m_cycle) {
            load();
            if (finished())
                return m_result;
            start_laggy();
            // Sampled before this cycle's pop: a slot that is popped now can only be refilled in the next cycle.
            const bool fifo_was_full = m_fifo.size() >= m_config.fifo_depth;
            step_fast_side(fifo_was_full);
            pop();
            release();
        }
    }

private:
    /// What the laggy unit knows about a chunk.
    struct offsets_state {
        bool started = false;
        std::uint64_t ready_cycle = 0; ///< first cycle in which an entry of the chunk can be popped
    };

    struct fifo_entry {
        std::size_t chunk_index;
        std::uint64_t push_cycle;
    };

    /// The chunk in the mask register and how far the fast side is with it.
    struct mask_register {
        bool occupied = false;
        std::size_t chunk_index = 0;
        unsigned prefix_cycles_left = 0;
        unsigned empty_cycles_left = 0;
        std::size_t next_match = 0;
        unsigned buffer_full = 0; ///< which buffer-full of weights is present
    };

    const chunk& current() const { return m_chunks[m_register.chunk_index]; }
    bool current_is_empty() const { return current().weight_offsets.empty(); }
    bool all_pushed() const { return m_register.next_match == current().weight_offsets.size(); }

    /// A loop, because chunks that cost nothing and drains that find the FIFO empty take no cycle.
    void load()
    {
        while (!m_register.occupied) {
            if (m_draining) {
                if (!m_fifo.empty())
                    return;
                m_draining = false;
                m_result.done_cycles.push_back(m_cycle);
            }
            if (m_next_chunk == m_chunks.size())
                return;
            m_register = mask_register();
            m_register.occupied = true;
            m_register.chunk_index = m_next_chunk++;
            m_register.prefix_cycles_left = m_config.fast_latency - 1;
            m_register.empty_cycles_left = m_config.empty_join_cycles;
            if (current_is_empty() && m_config.empty_join_cycles == 0)
                free_register();
        }
    }

    void free_register()
    {
        m_register.occupied = false;
        m_draining = current().drain_after;
    }

    bool finished() const { return !m_register.occupied && !m_draining && m_next_chunk == m_chunks.size(); }

    void start_laggy()
    {
        if (m_config.laggy_ideal || !m_register.occupied || current_is_empty())
            return;
        offsets_state& offsets = m_offsets[m_register.chunk_index];
        if (offsets.started || m_cycle < m_laggy_free_cycle)
            return;
        offsets.started = true;
        offsets.ready_cycle = m_cycle + m_config.laggy_latency;
        m_laggy_free_cycle = m_cycle + m_config.laggy_interval;
    }

    /// Spends this cycle on exactly one thing, and counts it.
    void step_fast_side(bool fifo_was_full)
    {
        if (!m_register.occupied) { // waiting for the FIFO to drain
            ++m_result.laggy_wait;
            return;
        }
        if (current_is_empty()) {
            --m_register.empty_cycles_left;
            ++m_result.empty_join;
            return;
        }
        if (m_register.prefix_cycles_left > 0) {
            --m_register.prefix_cycles_left;
            ++m_result.prefix_wait;
            return;
        }
        if (all_pushed()) { // the laggy unit has not started on the chunk before this cycle
            ++m_result.laggy_wait;
            return;
        }
        const unsigned offset = current().weight_offsets[m_register.next_match];
        if (offset / m_config.weight_buffer_bytes > m_register.buffer_full) {
            ++m_register.buffer_full;
            ++m_result.weights_late;
            return;
        }
        if (!m_config.laggy_ideal && fifo_was_full) {
            ++m_result.fifo_full;
            return;
        }
        if (!m_config.laggy_ideal)
            m_fifo.push_back({m_register.chunk_index, m_cycle});
        ++m_register.next_match;
        ++m_result.busy;
    }

    void pop()
    {
        if (m_fifo.empty())
            return;
        const fifo_entry& oldest = m_fifo.front();
        const offsets_state& offsets = m_offsets[oldest.chunk_index];
        if (oldest.push_cycle < m_cycle && offsets.started && offsets.ready_cycle <= m_cycle)
            m_fifo.pop_front();
    }

    /// At the end of a cycle: the register is free from the next cycle on when nothing needs the chunk any more.
    void release()
    {
        if (!m_register.occupied)
            return;
        if (current_is_empty()) {
            if (m_register.empty_cycles_left == 0)
                free_register();
        } else if (all_pushed() && (m_config.laggy_ideal || m_offsets[m_register.chunk_index].started)) {
            free_register();
        }
    }

    const join_machine_config& m_config;
    const std::vector<chunk>& m_chunks;
    std::vector<offsets_state> m_offsets; ///< per chunk
    std::deque<fifo_entry> m_fifo;
    mask_register m_register;
    std::size_t m_next_chunk = 0;
    bool m_draining = false;
    std::uint64_t m_laggy_free_cycle = 0;
    std::uint64_t m_cycle = 0;
    join_machine_result m_result;
};

} // namespace

join_machine_result run_join_machine(const join_machine_config& config, const std::vector<chunk>& chunks)
{
    if (config.fast_latency == 0 || config.weight_buffer_bytes == 0 || (config.fifo_depth == 0 && !config.laggy_ideal))
        throw std::invalid_argument("join machine: a latency, buffer or queue of 0");
    if (!chunks.empty() && !chunks.back().drain_after)
        throw std::invalid_argument("join machine: the last chunk must drain");
    return join_machine(config, chunks).run();
}

} // namespace loas::golden
