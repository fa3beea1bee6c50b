#include "models/memory/global_cache.h"

#include "models/kernel/access_check.h"
#include "models/memory/copy_bytes.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace loas::memory
{

using cache::cache_array;
using observe::counter;
using observe::operand;

global_cache::global_cache(const sc_core::sc_module_name& name, const global_cache_parameters& parameters,
                           const kernel::clock& clock, kernel::event_wheel& wheel)
    : sc_module(name), m_parameters(parameters), m_lines(parameters.geometry),
      m_memory("memory_out", wheel, clock, *this), m_miss_of(parameters.geometry.lines()),
      m_misses_in_bank(parameters.geometry.banks),
      m_buffers(std::size_t{parameters.write_buffers} * parameters.geometry.line_bytes), m_step_ps(clock.period_ps())
{
    m_memory.work_for({kernel::unit::cache, 0, 0});
    for (std::uint32_t i = parameters.write_buffers; i-- > 0;)
        m_free_buffers.push_back(i);
}

line_answer global_cache::access(const line_access& access, std::uint64_t time_ps)
{
    const line_index at = m_lines.find(access.line_number);
    if (at == cache_array::none)
        return start_miss(access, time_ps);
    if (m_lines.pinned(at)) { // on its way: wait for it with the others
        m_misses[m_miss_of[at]].others.push_back(access);
        ++m_counters[counter::mshr_merges];
    } else if (apply(access, at)) {
        m_lines.invalidate(at);
    }
    if (access.kind != operand::count)
        ++m_counters[of(counter::cache_hits, access.kind)];
    return m_lines.pinned(at) ? line_answer::pending : line_answer::ready;
}

line_answer global_cache::start_miss(const line_access& access, std::uint64_t time_ps)
{
    const unsigned bank = m_lines.bank_of(access.line_number);
    const bool covered = access.write && access.bytes == m_parameters.geometry.line_bytes;
    const bool fetch = !covered && !m_parameters.ideal;
    if (fetch && m_misses_in_bank[bank] >= m_parameters.mshrs)
        return line_answer::blocked;
    if (fetch && !accepts_read(access.line_number, time_ps))
        return line_answer::no_room;
    line_index at = cache_array::none;
    if (!make_room(access, time_ps, at)) // buffers may be full of what memory does not take
        return m_free_buffers.empty() && !m_held.empty() ? line_answer::no_room : line_answer::blocked;
    if (access.kind != operand::count) // nothing is ever missed in an ideal cache
        ++m_counters[of(m_parameters.ideal ? counter::cache_hits : counter::cache_misses, access.kind)];
    // A line that memory does not have is fetched all the same, so that memory refuses it.
    if (!fetch && move_without_time(tlm::TLM_READ_COMMAND, access.line_number, m_lines.data(at))) {
        apply(access, at);
        return line_answer::ready;
    }
    if (m_free_misses.empty()) {
        m_free_misses.push_back(static_cast<std::uint32_t>(m_misses.size()));
        m_misses.emplace_back();
    }
    const std::uint32_t entry = m_free_misses.back();
    m_free_misses.pop_back();
    m_misses[entry].at = at;
    m_miss_of[at] = entry;
    m_misses[entry].first = access;
    m_lines.pin(at, true);
    ++m_misses_in_bank[bank];
    m_counters[counter::sram_write_fills] += std::uint64_t{8} * m_parameters.geometry.line_bytes;
    fetch_line(entry, access, time_ps);
    return line_answer::pending;
}

/// Alone, or as the next of a run.
void global_cache::fetch_line(std::uint32_t entry, const line_access& access, std::uint64_t time_ps)
{
    if (m_run.lines != 0) {
        if (access.line_number == m_run.first_line + m_run.lines && access.kind == m_run.kind &&
            time_ps == m_run.begin_ps + m_run.lines * m_step_ps && m_run.lines < kernel::line_run::most_lines &&
            time_ps < m_run.quiet_until_ps) {
            m_run.misses[m_run.lines++] = entry;
            return;
        }
        start_run();
    }
    m_run.lines = 1;
    m_run.first_line = access.line_number;
    m_run.kind = access.kind;
    m_run.begin_ps = time_ps;
    m_run.misses[0] = entry;
    m_run.quiet_until_ps = time_ps + (m_room == nullptr ? 0 : m_room->quiet_ps());
    m_run.step_ps = m_step_ps;
    if (m_run.quiet_until_ps <= time_ps + m_step_ps) { // the next line would be too late
        m_run.step_ps = 0;
        start_run();
    }
}

void global_cache::start_run()
{
    const std::size_t line_bytes = m_parameters.geometry.line_bytes;
    if (m_free_runs.empty()) {
        m_free_runs.push_back(static_cast<std::uint32_t>(m_runs.size()));
        m_runs.emplace_back().data.resize(kernel::line_run::most_lines * line_bytes);
    }
    const std::uint32_t index = m_free_runs.back();
    m_free_runs.pop_back();
    started_run& started = m_runs[index];
    started.misses = m_run.misses;
    started.lines_left = m_run.lines;
    const std::uint32_t lines = std::exchange(m_run.lines, 0);
    m_memory.start_run(address_of(m_run.first_line), started.data.data(), lines * line_bytes, lines, m_run.step_ps,
                       m_run.kind, m_run.begin_ps, index);
}

bool global_cache::accepts_read(std::uint64_t line_number, std::uint64_t time_ps)
{
    if (m_room == nullptr || m_room->accepts_lines(m_run.lines + 1, m_parameters.geometry.line_bytes))
        return true;
    flush();
    return accepts(line_number, false, time_ps);
}

/// A place for the line of the access. False: none now.
bool global_cache::make_room(const line_access& access, std::uint64_t time_ps, line_index& at)
{
    if (m_free_buffers.empty())
        return false; // the victim may have to be written
    const cache_array::eviction gone = m_lines.allocate(access.line_number, is_a(access.kind));
    if (gone.at == cache_array::none)
        return false;
    at = gone.at;
    if (m_listener != nullptr)
        m_listener->line_taken(address_of(access.line_number), m_parameters.geometry.line_bytes);
    m_counters[counter::evictions] += gone.valid;
    if (gone.dirty)
        write_line(at, gone.line_number, static_cast<operand>(gone.owner), time_ps);
    return true;
}

/// The line's data go to memory by way of a buffer, so that its place is free at once.
void global_cache::write_line(line_index at, std::uint64_t line_number, operand kind, std::uint64_t time_ps)
{
    if (m_parameters.ideal) {
        move_without_time(tlm::TLM_WRITE_COMMAND, line_number, m_lines.data(at));
        return;
    }
    const held_write write{line_number, kind, m_free_buffers.back()};
    m_free_buffers.pop_back();
    std::memcpy(buffer_data(write.buffer), m_lines.data(at), m_parameters.geometry.line_bytes);
    ++m_counters[counter::write_backs];
    flush(); // what was asked for before
    if (m_held.empty() && accepts(line_number, true, time_ps)) {
        start_write(write, time_ps);
        return;
    }
    // Who reads or writes there meanwhile finds the data where they belong; only the time is still to come.
    move_without_time(tlm::TLM_WRITE_COMMAND, line_number, buffer_data(write.buffer));
    m_held.push_back(write);
}

bool global_cache::accepts(std::uint64_t line_number, bool write, std::uint64_t time_ps)
{
    return m_room == nullptr ||
           m_room->accepts(address_of(line_number), m_parameters.geometry.line_bytes, write, time_ps);
}

std::uint8_t* global_cache::buffer_data(std::uint32_t buffer)
{
    return m_buffers.data() + std::size_t{buffer} * m_parameters.geometry.line_bytes;
}

void global_cache::start_write(const held_write& write, std::uint64_t time_ps)
{
    m_memory.start(tlm::TLM_WRITE_COMMAND, address_of(write.line_number), buffer_data(write.buffer),
                   m_parameters.geometry.line_bytes, write.kind, time_ps, is_write_back | write.buffer);
}

void global_cache::memory_has_room(std::uint64_t time_ps)
{
    flush();
    while (!m_held.empty() && accepts(m_held.front().line_number, true, time_ps)) {
        const held_write write = m_held.front();
        m_held.pop_front();
        move_without_time(tlm::TLM_READ_COMMAND, write.line_number, buffer_data(write.buffer)); // as it is by now
        start_write(write, time_ps);
    }
    m_client->line_unblocked(time_ps);
}

/// True: the line's data were given up, and unless it is written again it must not stay: memory never had them.
bool global_cache::apply(const line_access& access, line_index at)
{
    m_lines.use(at, is_a(access.kind));
    std::uint8_t* here = m_lines.data(at) + access.first;
    if (access.write) {
        copy_bytes(here, access.data, access.bytes);
        m_lines.set_dirty(at, static_cast<std::uint8_t>(access.kind));
        return false;
    }
    copy_bytes(access.data, here, access.bytes);
    if (!access.last_use || access.bytes != m_parameters.geometry.line_bytes) // others may need the rest
        return false;
    const bool given_up = m_lines.dirty(at);
    m_lines.clean(at);
    return given_up;
}

void global_cache::access_finished(const kernel::access_done& done)
{
    if ((done.tag & is_write_back) != 0) {
        m_free_buffers.push_back(static_cast<std::uint32_t>(done.tag & ~is_write_back));
        m_write_back_refresh_ps = std::max(m_write_back_refresh_ps, done.refresh_ps);
        continue_write_back(done.time_ps);
        m_client->line_unblocked(done.time_ps);
        return;
    }
    started_run& of = m_runs[done.tag];
    const std::uint32_t entry = of.misses[done.line];
    miss& filled = m_misses[entry];
    const line_index at = filled.at;
    const std::size_t line_bytes = m_parameters.geometry.line_bytes;
    copy_bytes(m_lines.data(at), of.data.data() + done.line * line_bytes, line_bytes);
    if (--of.lines_left == 0)
        m_free_runs.push_back(static_cast<std::uint32_t>(done.tag));
    m_lines.pin(at, false);
    --m_misses_in_bank[m_lines.bank_of(m_lines.line_number(at))];
    // What was written there meanwhile must not be lost under a changed line. And a run may lie in memory in part.
    const bool again = filled.dropped || !done.ok;
    const bool there = !again || move_without_time(tlm::TLM_READ_COMMAND, m_lines.line_number(at), m_lines.data(at));
    const tlm::tlm_response_status status = there ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE;
    bool given_up = false;
    const auto answer = [&](const line_access& waiting) {
        if (there)
            given_up = apply(waiting, at) || given_up;
        m_client->line_arrived(waiting.transaction, done.time_ps, done.refresh_ps, status);
    };
    answer(filled.first);
    for (const line_access& waiting : filled.others)
        answer(waiting);
    if (!there || ((filled.dropped || given_up) && !m_lines.dirty(at)))
        m_lines.invalidate(at);
    filled.dropped = false;
    filled.others.clear();
    m_free_misses.push_back(entry);
    m_client->line_unblocked(done.time_ps);
}

void global_cache::begin_write_back(std::uint64_t time_ps)
{
    m_write_back_refresh_ps = 0;
    m_write_back_left = m_lines.dirty_lines();
    std::reverse(m_write_back_left.begin(), m_write_back_left.end());
    continue_write_back(time_ps);
}

// As many lines at a time as there are buffers: memory is slower than the banks, which could read a line a cycle each.
void global_cache::continue_write_back(std::uint64_t time_ps)
{
    while (!m_write_back_left.empty() && !m_free_buffers.empty()) {
        const line_index at = m_write_back_left.back();
        m_write_back_left.pop_back();
        if (!m_lines.dirty(at))
            continue;
        write_line(at, m_lines.line_number(at), static_cast<operand>(m_lines.owner(at)), time_ps);
        m_lines.clean(at);
    }
}

void global_cache::discard_changes()
{
    m_write_back_left.clear();
    if (m_shared)
        return;
    for (const line_index at : m_lines.dirty_lines())
        m_lines.invalidate(at);
}

void global_cache::snoop(std::uint64_t address, std::uint64_t bytes, bool write)
{
    if (bytes == 0)
        return;
    const std::uint64_t last = (address + bytes - 1) / m_parameters.geometry.line_bytes;
    for (std::uint64_t line = address / m_parameters.geometry.line_bytes; line <= last; ++line) {
        const line_index at = m_lines.find(line);
        if (at == cache_array::none)
            continue;
        if (m_lines.pinned(at)) {
            miss& under_way = m_misses[m_miss_of[at]];
            under_way.dropped = under_way.dropped || write;
            continue;
        }
        if (m_lines.dirty(at)) {
            move_without_time(tlm::TLM_WRITE_COMMAND, line, m_lines.data(at));
            m_lines.clean(at);
        }
        if (write)
            m_lines.invalidate(at);
    }
}

/// From the end: who writes a buffer from its beginning makes its lines leave in that order.
bool global_cache::holds(std::uint64_t address, std::uint64_t bytes) const
{
    const std::uint64_t first = address / m_parameters.geometry.line_bytes;
    for (std::uint64_t line = (address + bytes - 1) / m_parameters.geometry.line_bytes + 1; line-- > first;)
        if (m_lines.find(line) != cache_array::none)
            return true;
    return false;
}

bool global_cache::move_without_time(tlm::tlm_command command, std::uint64_t line_number, std::uint8_t* data)
{
    const unsigned bytes = m_parameters.geometry.line_bytes;
    tlm::tlm_generic_payload access;
    kernel::prepare(access, command, address_of(line_number), data, bytes);
    return m_memory.socket->transport_dbg(access) == bytes;
}

std::vector<std::uint64_t> global_cache::stale_lines()
{
    std::vector<std::uint64_t> found;
    std::vector<std::uint8_t> there(m_parameters.geometry.line_bytes);
    for (line_index at = 0; at < m_lines.shape().lines(); ++at)
        if (m_lines.valid(at) && !m_lines.pinned(at) && !m_lines.dirty(at) &&
            (!move_without_time(tlm::TLM_READ_COMMAND, m_lines.line_number(at), there.data()) ||
             std::memcmp(there.data(), m_lines.data(at), there.size()) != 0))
            found.push_back(address_of(m_lines.line_number(at)));
    return found;
}

void global_cache::refuse(tlm::tlm_generic_payload& access)
{
    sc_core::sc_time ignored;
    m_memory.socket->b_transport(access, ignored);
}

// Not a snoop: that would store changed lines without their traffic. What is cached is read and written where it is.
unsigned global_cache::debug(tlm::tlm_generic_payload& access)
{
    const std::uint64_t bytes = m_memory.socket->transport_dbg(access);
    const std::uint64_t line_bytes = m_parameters.geometry.line_bytes;
    for (std::uint64_t done = 0; done < bytes;) {
        const std::uint64_t address = access.get_address() + done;
        const std::uint64_t first = address % line_bytes;
        const std::uint64_t part = std::min(line_bytes - first, bytes - done);
        const line_index at = m_lines.find(address / line_bytes);
        if (at != cache_array::none && m_lines.pinned(at))
            m_misses[m_miss_of[at]].dropped |= access.is_write();
        else if (at != cache_array::none && access.is_write())
            std::memcpy(m_lines.data(at) + first, access.get_data_ptr() + done, part);
        else if (at != cache_array::none)
            std::memcpy(access.get_data_ptr() + done, m_lines.data(at) + first, part);
        done += part;
    }
    return static_cast<unsigned>(bytes);
}

} // namespace loas::memory
