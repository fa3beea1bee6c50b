#include "models/kernel/memory_port.h"

#include "models/kernel/access_check.h"

#include <sstream>

namespace loas::kernel
{

memory_port::memory_port(const char* name, event_wheel& wheel, const clock& clock, owner& owner, bool broadcast)
    : socket(name), m_wheel(wheel), m_clock(clock), m_owner(owner), m_broadcast(broadcast), m_place(wheel.take_place())
{
    socket.register_nb_transport_bw(this, &memory_port::nb_transport_bw);
}

void memory_port::start(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes,
                        observe::operand kind, std::uint64_t time_ps, std::uint64_t tag, bool last_use)
{
    transfer& next = take(kind, tag, 1);
    next.about.last_use = last_use;
    send(next, command, address, data, bytes, time_ps);
}

void memory_port::start_run(std::uint64_t address, void* data, std::size_t bytes, std::uint32_t lines,
                            std::uint64_t step_ps, observe::operand kind, std::uint64_t time_ps, std::uint64_t tag)
{
    transfer& next = take(kind, tag, lines);
    next.about.last_use = false;
    next.about.run.step_ps = step_ps;
    send(next, tlm::TLM_READ_COMMAND, address, data, bytes, time_ps);
}

void memory_port::send(transfer& next, tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes,
                       std::uint64_t time_ps)
{
    prepare(next, command, address, data, bytes);
    next.acquire();
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = delay_to(time_ps);
    const tlm::tlm_sync_enum answer = socket->nb_transport_fw(next, phase, delay);
    if (answer == tlm::TLM_COMPLETED || (answer == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP)) {
        if (answer == tlm::TLM_UPDATED) {
            phase = tlm::END_RESP;
            sc_core::sc_time at = delay;
            socket->nb_transport_fw(next, phase, at);
        }
        // Known at once, but it happens later: in its turn. Of a run, after all of its lines have been asked for.
        const line_run& run = next.about.run;
        for (std::uint32_t line = 0; line < run.lines; ++line)
            plan(next, absolute_ps(delay) + run.lines * run.step_ps, line);
    }
}

tlm::tlm_sync_enum memory_port::nb_transport_bw(tlm::tlm_generic_payload& access, tlm::tlm_phase& phase,
                                                sc_core::sc_time& delay)
{
    // The owner is told from the wheel: it may start the next access, and no forward call may be made from a backward
    // one.
    auto& of = static_cast<transfer&>(access);
    line_run& run = of.about.run;
    if (phase == tlm::BEGIN_RESP) {
        if (run.lines == 1) {
            plan(of, absolute_ps(delay));
            return tlm::TLM_COMPLETED;
        }
        for (std::uint32_t line = 0; line < run.lines; ++line)
            if ((run.ready >> line & 1) == 0) {
                run.ready_ps[line] = absolute_ps(delay);
                run.refresh_ps[line] = of.about.refresh_ps;
            }
        run.ready = (1U << run.lines) - 1;
        plan_ready_lines(of);
        return tlm::TLM_COMPLETED;
    }
    if (phase == lines_ready())
        plan_ready_lines(of);
    return tlm::TLM_ACCEPTED;
}

void memory_port::plan(const transfer& done, std::uint64_t time_ps, std::uint32_t line)
{
    m_wheel.at(m_clock.align_up(time_ps), *this, done.index | std::uint64_t{line} << 32,
               event_wheel::order_of(event_wheel::turn::ports, m_place, done.number + line));
}

void memory_port::plan_ready_lines(transfer& of)
{
    const line_run& run = of.about.run;
    for (std::uint32_t left = run.ready & ~of.planned; left != 0; left &= left - 1) {
        const auto line = static_cast<std::uint32_t>(__builtin_ctz(left));
        plan(of, run.ready_ps[line], line);
    }
    of.planned = run.ready;
}

void memory_port::happen(std::uint64_t now_ps, std::uint64_t what)
{
    finish(*m_transfers[what & 0xFFFFFFFF], now_ps, static_cast<std::uint32_t>(what >> 32));
}

void memory_port::finish(transfer& done, std::uint64_t time_ps, std::uint32_t line)
{
    const traffic& about = done.about;
    const access_done told{done.tag,
                           time_ps,
                           about.run.lines == 1 ? about.refresh_ps : about.run.refresh_ps[line],
                           done.is_response_ok(),
                           done.get_address(),
                           line};
    if (--done.lines_left == 0) {
        done.under_way = false;
        --m_outstanding;
        done.release();
    }
    m_owner.access_finished(told);
}

memory_port::transfer& memory_port::take(observe::operand kind, std::uint64_t tag, std::uint32_t lines)
{
    if (m_free.empty()) {
        auto added = std::make_unique<transfer>();
        added->index = static_cast<std::uint32_t>(m_transfers.size());
        added->set_mm(this);
        added->about.broadcast = m_broadcast;
        m_free.push_back(added->index);
        m_transfers.push_back(std::move(added));
    }
    transfer& next = *m_transfers[m_free.back()];
    m_free.pop_back();
    next.about.by = m_by;
    next.about.kind = kind;
    next.about.ports_before = m_before;
    next.about.ports_behind = m_behind;
    next.about.refresh_ps = 0;
    next.about.run.lines = lines;
    next.about.run.step_ps = 0;
    next.about.run.ready = 0;
    next.tag = tag;
    next.number = m_started;
    next.planned = 0;
    next.lines_left = lines;
    next.under_way = true;
    m_started += lines;
    ++m_outstanding;
    return next;
}

void memory_port::free(tlm::tlm_generic_payload* payload)
{
    m_free.push_back(static_cast<transfer*>(payload)->index);
}

std::string memory_port::describe() const
{
    for (const auto& each : m_transfers)
        if (each->under_way) {
            std::ostringstream text;
            if (m_by.what == unit::unknown)
                text << socket.get_base_port().name();
            else
                text << name_of(m_by);
            text << " waits for a " << (each->is_read() ? "read" : "write") << " of " << each->get_data_length()
                 << " bytes at 0x" << std::hex << each->get_address();
            if (m_outstanding > 1)
                text << std::dec << " and " << m_outstanding - 1 << " other accesses";
            return text.str();
        }
    return {};
}

} // namespace loas::kernel
