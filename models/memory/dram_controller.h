// DRAM behind an accelerator: an access, or each line of a run, is cut into bursts, the address mapping spreads them
// over channels, banks and rows, and each channel's scheduler (dram/channel.h) says when their data move. What they
// decide is looked at when somebody might see an answer of it, not in each clock (channel_group.h): one event for all
// channels. The data themselves lie in the storage and are read or written when the access arrives, so they are in the
// order of arrival.
#pragma once

#include "models/kernel/transaction_table.h"
#include "models/memory/dram/burst_observer.h"
#include "models/memory/dram/channel_group.h"
#include "models/memory/dram/command_checker.h"
#include "models/memory/dram/mapping.h"
#include "models/memory/memory_backend.h"

#include <array>
#include <cstdint>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <vector>

namespace loas::memory
{

class dram_controller : public memory_backend
{
public:
    tlm_utils::multi_passthrough_target_socket<dram_controller> memory_in{"memory_in"};

    /// lose_response: fault injection, the access of that number (from 1) is never answered; 0: none.
    dram_controller(const sc_core::sc_module_name& name, const dram::parameters& parameters, kernel::event_wheel& wheel,
                    std::uint64_t lose_response = 0);

    tlm_utils::multi_target_base<>& target() override { return memory_in; }
    bool accepts(std::uint64_t address, std::uint64_t bytes, bool write, std::uint64_t time_ps) override;
    bool accepts_lines(std::size_t lines, std::uint64_t bytes) override
    {
        return m_bursts_left + lines * ((bytes >> m_burst_shift) + 1) < m_sure_places;
    }
    std::uint64_t quiet_ps() const override
    {
        return m_at_once || m_refused || m_sure_places == 0 || m_writes_left != 0 ? 0 : m_lead_ps;
    }
    /// An idle channel else does its refreshes later.
    void idle_until(std::uint64_t time_ps) override;
    std::uint64_t posted_until_ps() override;
    /// Who asks sees answers at edges of this clock only, so it is enough to have them by then.
    void answer_at_edges_of(const kernel::clock& clock) override { m_answer_clock = clock; }

    /// The plain form, for tests: each clock is decided when it is over, and nothing is known before.
    void decide_at_once() { m_at_once = true; }

    void set_observer(dram::command_observer* observer);
    /// nullptr: nobody. For all time from now on.
    void set_burst_observer(dram::burst_observer* observer) { m_burst_observer = observer; }
    /// From now on each command is held against the timing rules of these parameters.
    void check_commands(const dram::parameters& parameters);
    void collect(observe::counter_set& counters, observe::memory_statistics& statistics) const override;
    std::vector<std::string> violations() const override;
    std::uint64_t commands_checked() const override { return m_checker ? m_checker->commands() : 0; }
    std::string describe() const override;

private:
    friend kernel::event_wheel; // happen()

    struct transaction : kernel::open_transaction {
        std::uint64_t end_ps = 0;
        std::uint64_t first_number = 0;                                       ///< of its bursts, for an observer
        std::uint32_t bursts = 0;                                             ///< of all lines
        std::uint32_t bursts_left = 0;                                        ///< without an answer
        std::uint32_t bursts_of_line = 0;                                     ///< of a run; 0: it is none
        std::uint32_t lost_line = ~0U;                                        ///< never answered
        bool touched = false;                                                 ///< in m_touched
        std::array<std::uint32_t, kernel::line_run::most_lines> left_of_line; ///< bursts without an answer
    };

    void b_transport(int source, tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    tlm::tlm_sync_enum nb_transport_fw(int source, tlm::tlm_generic_payload& access, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
    unsigned transport_dbg(int source, tlm::tlm_generic_payload& access);

    std::uint32_t begin(int source, tlm::tlm_generic_payload& access, std::uint64_t time_ps);
    void happen(std::uint64_t now_ps, std::uint64_t what);
    void run_group(std::size_t index, std::uint64_t now_ps);
    std::uint64_t due_ps(std::size_t index);
    void refuse_until_room(std::uint64_t time_ps);
    void look_again(std::size_t index);
    void plan(std::uint64_t due_ps);
    void ask(std::uint32_t entry, std::uint64_t address, std::uint64_t bytes, std::uint64_t clock);
    void burst_done(const dram::completion& done, std::uint64_t now_ps);
    void answer(std::uint32_t entry, std::uint64_t now_ps);
    /// When the commands of a clock are chosen: after all requests of that clock, whatever their order.
    std::uint64_t decided_ps(std::uint64_t clock) const { return clock * m_clock_ps + 1; }

    dram::address_mapping m_mapping;
    kernel::event_wheel& m_wheel;
    unsigned m_burst_shift; ///< address to number of the burst
    kernel::clock m_clock;
    std::uint64_t m_clock_ps;
    kernel::clock m_answer_clock;
    unsigned m_group_shift; ///< channel to group
    std::vector<dram::channel_group> m_groups;
    std::unique_ptr<dram::command_checker> m_checker;
    std::vector<std::uint64_t> m_due_ps; ///< of each group: when what it decides until then has to be known
    std::uint64_t m_planned_ps = kernel::event_wheel::never; ///< the next event that looks at groups
    bool m_posted;
    std::uint64_t m_lead_ps;   ///< from the clock of a column command to its answer, at least
    std::size_t m_sure_places; ///< no queue is full while fewer bursts wait for their answers; 0: that says nothing
    std::vector<std::size_t> m_left_of_channel; ///< bursts without an answer
    std::size_t m_bursts_left = 0;              ///< without an answer
    std::size_t m_writes_left = 0;              ///< of them
    std::vector<std::uint32_t> m_touched;       ///< runs of which lines are ready that nobody was told of
    kernel::transaction_table<transaction> m_transactions;
    std::vector<dram::completion> m_done;
    std::uint64_t m_accesses = 0;
    bool m_at_once = false;
    bool m_refused = false; ///< somebody waits for a place: every clock in which one may come free is looked at
    dram::burst_observer* m_burst_observer = nullptr;
    std::uint64_t m_bursts = 0; ///< asked for
    std::uint64_t m_lose_response;
    observe::counter_set m_counters;
};

} // namespace loas::memory
