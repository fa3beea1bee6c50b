// The target's side of the data plane: transactions under way in a target that answers later, by an event of the wheel.
// Counterpart of memory_port.h.
#pragma once

#include "models/kernel/memory_port.h"

#include <cstdint>
#include <systemc>
#include <tlm>
#include <vector>

namespace loas::kernel
{

/// What every target keeps of a transaction; a target derives its own from it.
struct open_transaction {
    tlm::tlm_generic_payload* access = nullptr; ///< nullptr: the entry is free
    int source = 0;                             ///< index of the initiator
    bool* blocking_done = nullptr;              ///< of a caller that blocks
    traffic* about = nullptr;                   ///< what the initiator says of it; nullptr: nothing
    std::uint64_t refresh_ps = 0;               ///< waited for a DRAM refresh

    observe::operand kind() const { return about != nullptr ? about->kind : observe::operand::count; }
};

template <class transaction> class transaction_table
{
public:
    /// A new entry, as a transaction begins in it.
    std::uint32_t open(tlm::tlm_generic_payload& access, int source)
    {
        if (m_free.empty()) {
            m_free.push_back(static_cast<std::uint32_t>(m_entries.size()));
            m_entries.emplace_back();
        }
        const std::uint32_t entry = m_free.back();
        m_free.pop_back();
        m_entries[entry] = {};
        m_entries[entry].access = &access;
        m_entries[entry].source = source;
        m_entries[entry].about = access.get_extension<traffic>();
        return entry;
    }

    transaction& operator[](std::uint64_t entry) { return m_entries[entry]; }
    const transaction& operator[](std::uint64_t entry) const { return m_entries[entry]; }
    auto begin() const { return m_entries.begin(); }
    auto end() const { return m_entries.end(); }

    /// b_transport: entry = begin() starts the access, and the caller turns the wheel until it is answered; it must be
    /// the thread that would turn it anyway.
    template <class starter> void block(event_wheel& wheel, sc_core::sc_time& delay, starter begin)
    {
        bool done = false;
        const std::uint32_t entry = begin();
        m_entries[entry].blocking_done = &done;
        if (!wheel.run_until([&] { return done; })) {
            m_entries[entry].access->set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE); // it will never be answered
            m_entries[entry].access = nullptr;
        }
        delay = delay_to(wheel.now_ps());
    }

    /// nb_transport_fw with BEGIN_REQ: begin() starts the access, which is accepted at once.
    template <class starter>
    tlm::tlm_sync_enum accept(tlm::tlm_generic_payload& access, tlm::tlm_phase& phase, starter begin)
    {
        access.acquire();
        begin();
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
    }

    /// Answers and frees the entry; its response status is set.
    template <class socket> void respond(socket& target, std::uint32_t entry, std::uint64_t now_ps)
    {
        open_transaction& done = m_entries[entry];
        tlm::tlm_generic_payload& access = *done.access;
        done.access = nullptr;
        m_free.push_back(entry);
        if (done.blocking_done != nullptr) {
            *done.blocking_done = true;
            return;
        }
        if (done.about != nullptr)
            done.about->refresh_ps = done.refresh_ps;
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time delay = delay_to(now_ps);
        target[done.source]->nb_transport_bw(access, phase, delay);
        access.release();
    }

    /// A phase of its own on the way back; the transaction goes on.
    template <class socket> void tell(socket& target, std::uint32_t entry, tlm::tlm_phase phase, std::uint64_t now_ps)
    {
        sc_core::sc_time delay = delay_to(now_ps);
        target[m_entries[entry].source]->nb_transport_bw(*m_entries[entry].access, phase, delay);
    }

private:
    std::vector<transaction> m_entries;
    std::vector<std::uint32_t> m_free;
};

} // namespace loas::kernel
