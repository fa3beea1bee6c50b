// The initiator's side of the data plane: starts accesses that overlap, and tells its owner when each one is done.
//
// Approximately timed, base protocol: nb_transport_fw with BEGIN_REQ, answered at once by END_REQ or by TLM_COMPLETED
// with a delay; BEGIN_RESP comes on the backward path when it is known when the data are there, with that delay, and
// TLM_COMPLETED ends it. The owner is told at that time. The port keeps a pool of payloads: every one comes home, or
// outstanding() tells that it has not.
#pragma once

#include "models/kernel/clock.h"
#include "models/kernel/event_wheel.h"
#include "models/kernel/traffic.h"

#include <cstdint>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

namespace loas::kernel
{

struct access_done {
    std::uint64_t tag;     ///< as given at the start
    std::uint64_t time_ps; ///< an edge of the port's clock
    std::uint64_t refresh_ps;
    bool ok;
    std::uint64_t address;  ///< of the whole access
    std::uint32_t line = 0; ///< of a run, from 0
};

class memory_port : public tlm::tlm_mm_interface
{
public:
    class owner
    {
    public:
        /// In order of time; may start further accesses at that time.
        virtual void access_finished(const access_done& access) = 0;

    protected:
        ~owner() = default;
    };

    tlm_utils::simple_initiator_socket<memory_port> socket;

    /// broadcast: what its accesses read goes to all tiles.
    memory_port(const char* name, event_wheel& wheel, const clock& clock, owner& owner, bool broadcast = false);
    memory_port(const memory_port&) = delete;
    memory_port& operator=(const memory_port&) = delete;

    /// Starts an access at time_ps, at or after the wheel's and the kernel's time. `data` is the caller's until it is
    /// done.
    void start(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes, observe::operand kind,
               std::uint64_t time_ps, std::uint64_t tag, bool last_use = false);

    /// The same of a run of lines, at most line_run::most_lines; the owner is told of each line.
    void start_run(std::uint64_t address, void* data, std::size_t bytes, std::uint32_t lines, std::uint64_t step_ps,
                   observe::operand kind, std::uint64_t time_ps, std::uint64_t tag);

    /// Who wants what is started from now on.
    void work_for(const requester& by) { m_by = by; }

    /// What is read goes to so many ports before this one and behind it, too, in the same cycle: of what is started
    /// from now on.
    void share_with(std::uint16_t before, std::uint16_t behind)
    {
        m_before = before;
        m_behind = behind;
    }

    /// Accesses started and not done.
    std::size_t outstanding() const { return m_outstanding; }

    /// One access that is not done, in words, for the watchdog; "" when there is none.
    std::string describe() const;

    void free(tlm::tlm_generic_payload* payload) override;

private:
    friend event_wheel; // happen()

    struct transfer : described_payload {
        std::uint64_t tag = 0;
        std::uint64_t number = 0; ///< in order of their starts
        bool under_way = false;
        std::uint32_t index = 0;
        std::uint32_t planned = 0; ///< of a run: lines whose owner will be told
        std::uint32_t lines_left = 0;
    };

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& access, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
    void happen(std::uint64_t now_ps, std::uint64_t what);
    void send(transfer& next, tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes,
              std::uint64_t time_ps);
    void plan(const transfer& done, std::uint64_t time_ps, std::uint32_t line = 0);
    void plan_ready_lines(transfer& of);
    void finish(transfer& done, std::uint64_t time_ps, std::uint32_t line);
    transfer& take(observe::operand kind, std::uint64_t tag, std::uint32_t lines);

    event_wheel& m_wheel;
    clock m_clock;
    owner& m_owner;
    bool m_broadcast;
    std::uint16_t m_before = 0, m_behind = 0; ///< ports that get the same
    requester m_by;
    std::vector<std::unique_ptr<transfer>> m_transfers;
    std::vector<std::uint32_t> m_free;
    std::size_t m_outstanding = 0;
    std::uint64_t m_place; ///< in the wheel's order
    std::uint64_t m_started = 0;
};

/// Ports of an accelerator's unit: one for each tile, then those that tiles share.
inline void name_requesters(const std::vector<std::unique_ptr<memory_port>>& ports, std::size_t tiles)
{
    for (std::size_t i = 0; i < ports.size(); ++i)
        ports[i]->work_for(
            {i < tiles ? unit::tile : unit::shared, static_cast<std::uint16_t>(i < tiles ? i : i - tiles), 0});
}

/// Absolute time of a delay annotated now.
inline std::uint64_t absolute_ps(const sc_core::sc_time& delay)
{
    return kernel_ps() + delay.value();
}

/// The annotation for an absolute time, which is not past.
inline sc_core::sc_time delay_to(std::uint64_t time_ps)
{
    return sc_core::sc_time::from_value(time_ps - kernel_ps());
}

} // namespace loas::kernel
