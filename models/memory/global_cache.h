// The global cache (FiberCache): lines with data, misses under way, write-back. Which port gets a bank when is the
// crossbar's business; it asks line by line.
//
// - A read that misses takes a miss register of its bank and fetches the line. Further accesses to a line on its way
//   wait for it and count as hits; mshr_merges tells how many.
// - A write that covers its line needs no fetch. One that covers a part fetches the line and is applied when it is
// here.
// - A changed line is written to memory when it makes room for another, and at the end of a layer, so that the host
//   finds it; it stays in the cache, unchanged. Lines of operands stay until they are evicted or the host writes there.
// - A changed line that is read as a whole for the last time is given up: neither written nor kept, for memory would not
//   know its data.
// - Misses of neighbouring lines in successive cycles are one access to memory (kernel::line_run), as long as memory
//   cannot answer any of them meanwhile: each line is asked for and comes at its own time all the same.
// - Hits pass misses. No miss register, way or write buffer free, or no place in memory's queue: the access is blocked
//   until there is. A changed line that memory has no place for waits in its write buffer.
#pragma once

#include "models/kernel/cache_control.h"
#include "models/kernel/memory_port.h"
#include "models/memory/cache/cache_array.h"
#include "models/memory/line_cache.h"
#include "models/memory/memory_room.h"
#include "models/observe/counters.h"

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <systemc>
#include <vector>

namespace loas::memory
{

/// What the cache takes of its parameters.
struct global_cache_parameters {
    cache::geometry geometry;
    unsigned mshrs = cache::parameters{}.mshrs;                 ///< lines on their way from memory, a bank
    unsigned write_buffers = cache::parameters{}.write_buffers; ///< lines on their way to memory
    bool ideal = cache::parameters{}.ideal; ///< a miss costs nothing and moves nothing: its data come without time
};

inline global_cache_parameters global_cache_parameters_of(const cache::parameters& from)
{
    global_cache_parameters to;
    to.geometry = cache::geometry_of(from);
    to.mshrs = from.mshrs;
    to.write_buffers = from.write_buffers;
    to.ideal = from.ideal;
    return to;
}

class global_cache : public sc_core::sc_module,
                     public line_cache,
                     public kernel::cache_control,
                     private kernel::memory_port::owner,
                     private memory_room::waiter
{
public:
    global_cache(const sc_core::sc_module_name& name, const global_cache_parameters& parameters,
                 const kernel::clock& clock, kernel::event_wheel& wheel);

    tlm_utils::simple_initiator_socket<kernel::memory_port>& memory_out() { return m_memory.socket; }

    void collect(observe::counter_set& counters) const { counters.merge_with(m_counters); }

    /// Before the start: others than the accelerator write here too, so changed lines are never forgotten.
    void share() { m_shared = true; }

    /// Before the start: who is asked before memory is. Without it, memory takes everything.
    void set_room(memory_room& room)
    {
        m_room = &room;
        room.set_waiter(*this);
    }

    void set_client(line_client& client) override { m_client = &client; }
    line_answer access(const line_access& access, std::uint64_t time_ps) override;
    void flush() override
    {
        if (m_run.lines != 0)
            start_run();
    }
    void flush_before(std::uint64_t time_ps) override
    {
        if (m_run.lines != 0 && time_ps >= m_run.quiet_until_ps)
            start_run();
    }
    void refuse(tlm::tlm_generic_payload& access) override;
    unsigned debug(tlm::tlm_generic_payload& access) override;

    void begin_write_back(std::uint64_t time_ps) override;
    bool quiet() const override
    {
        return m_memory.outstanding() == 0 && m_run.lines == 0 && m_held.empty() && m_write_back_left.empty();
    }
    std::uint64_t write_back_refresh_ps() const override { return m_write_back_refresh_ps; }
    void discard_changes() override;

    /// Invariant, while nothing is on its way: a line that counts as unchanged holds what memory holds. Addresses of
    /// those that do not.
    std::vector<std::uint64_t> stale_lines();
    void snoop(std::uint64_t address, std::uint64_t bytes, bool write) override;
    bool holds(std::uint64_t address, std::uint64_t bytes) const override;
    void set_listener(kernel::line_listener* listener) override { m_listener = listener; }
    std::string describe() const override { return m_memory.describe(); }

private:
    using line_index = cache::cache_array::line_index;
    static constexpr std::uint64_t is_write_back = std::uint64_t{1} << 32; ///< in the tag of an access to memory

    struct miss {
        line_index at = cache::cache_array::none;
        bool dropped = false;            ///< somebody wrote there meanwhile: not kept
        line_access first{};             ///< the access that missed ...
        std::vector<line_access> others; ///< ... and those that came meanwhile
    };

    /// Misses of lines that follow on each other, asked for in successive cycles: one access to memory.
    struct run {
        std::uint32_t lines = 0;
        std::uint64_t first_line = 0;
        observe::operand kind{};
        std::uint64_t begin_ps = 0;
        std::uint64_t step_ps = 0;
        std::uint64_t quiet_until_ps = 0;
        std::array<std::uint32_t, kernel::line_run::most_lines> misses{};
    };

    struct started_run {
        std::array<std::uint32_t, kernel::line_run::most_lines> misses{};
        std::uint32_t lines_left = 0;
        std::vector<std::uint8_t> data;
    };

    struct held_write { ///< in its buffer, without a place in memory's queue
        std::uint64_t line_number;
        observe::operand kind;
        std::uint32_t buffer;
    };

    bool accepts(std::uint64_t line_number, bool write, std::uint64_t time_ps);
    void start_write(const held_write& write, std::uint64_t time_ps);
    std::uint8_t* buffer_data(std::uint32_t buffer);
    void memory_has_room(std::uint64_t time_ps) override;

    std::uint64_t address_of(std::uint64_t line_number) const { return line_number * m_parameters.geometry.line_bytes; }
    bool accepts_read(std::uint64_t line_number, std::uint64_t time_ps);
    void fetch_line(std::uint32_t miss, const line_access& access, std::uint64_t time_ps);
    void start_run();
    line_answer start_miss(const line_access& access, std::uint64_t time_ps);
    bool make_room(const line_access& access, std::uint64_t time_ps, line_index& at);
    void write_line(line_index at, std::uint64_t line_number, observe::operand kind, std::uint64_t time_ps);
    bool apply(const line_access& access, line_index at);
    bool move_without_time(tlm::tlm_command command, std::uint64_t line_number, std::uint8_t* data);
    void continue_write_back(std::uint64_t time_ps);
    void access_finished(const kernel::access_done& done) override;

    global_cache_parameters m_parameters;
    cache::cache_array m_lines;
    kernel::memory_port m_memory;
    line_client* m_client = nullptr;
    kernel::line_listener* m_listener = nullptr;
    bool m_shared = false;
    std::vector<miss> m_misses;               ///< miss registers of all banks
    std::vector<std::uint32_t> m_free_misses; ///< entries of m_misses without a miss
    std::vector<std::uint32_t> m_miss_of;     ///< of each pinned line: its entry of m_misses
    std::vector<std::uint32_t> m_misses_in_bank;
    std::vector<std::uint8_t> m_buffers; ///< data of lines on their way to memory
    std::vector<std::uint32_t> m_free_buffers;
    std::deque<held_write> m_held;
    run m_run;                      ///< not started yet
    std::deque<started_run> m_runs; ///< under way, or free; they stay where they are
    std::vector<std::uint32_t> m_free_runs;
    std::uint64_t m_step_ps; ///< a cycle
    memory_room* m_room = nullptr;
    std::uint64_t m_write_back_refresh_ps = 0;
    std::vector<line_index> m_write_back_left; ///< of a write-back of everything, last first
    observe::counter_set m_counters;
};

} // namespace loas::memory
