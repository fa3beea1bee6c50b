#include "models/kernel/memory_port.h"

#include "models/kernel/access_check.h"

#include <sstream>

namespace loas::kernel
{

memory_port::memory_port(const char* name, event_wheel& wheel, const clock& clock, owner& owner, bool broadcast)
    : socket(name), m_wheel(wheel), m_clock(clock), m_owner(owner), m_broadcast(broadcast)
{
    socket.register_nb_transport_bw(this, &memory_port::nb_transport_bw);
}

void memory_port::start(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes,
                        observe::operand kind, std::uint64_t time_ps, std::uint64_t tag, bool last_use)
{
    transfer& next = take();
    prepare(next, command, address, data, bytes);
    next.about.by = m_by;
    next.about.kind = kind;
    next.about.last_use = last_use;
    next.about.refresh_ps = 0;
    next.tag = tag;
    next.under_way = true;
    ++m_outstanding;
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
        // Known at once, but it happens later: in its turn.
        m_wheel.at(m_clock.align_up(absolute_ps(delay)), *this, next.index);
    }
}

tlm::tlm_sync_enum memory_port::nb_transport_bw(tlm::tlm_generic_payload& access, tlm::tlm_phase& phase,
                                                sc_core::sc_time& delay)
{
    if (phase != tlm::BEGIN_RESP)
        return tlm::TLM_ACCEPTED;
    // The owner is told from the wheel: it may start the next access, and no forward call may be made from a backward
    // one.
    m_wheel.at(m_clock.align_up(absolute_ps(delay)), *this, static_cast<transfer&>(access).index);
    return tlm::TLM_COMPLETED;
}

void memory_port::happen(std::uint64_t now_ps, std::uint64_t what)
{
    finish(*m_transfers[what], now_ps);
}

void memory_port::finish(transfer& done, std::uint64_t time_ps)
{
    const access_done told{done.tag, time_ps, done.about.refresh_ps, done.is_response_ok(), done.get_address()};
    done.under_way = false;
    --m_outstanding;
    done.release();
    m_owner.access_finished(told);
}

memory_port::transfer& memory_port::take()
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
