// DRAM behind an accelerator: an access is cut into bursts, the address mapping spreads them over channels, banks and
// rows, and each channel's scheduler (dram/channel.h) says when their data move. The data themselves lie in the storage
// and are read or written when the access arrives, so they are in the order of arrival.
#pragma once

#include "models/kernel/transaction_table.h"
#include "models/memory/dram/burst_observer.h"
#include "models/memory/dram/channel_group.h"
#include "models/memory/dram/command_checker.h"
#include "models/memory/dram/mapping.h"
#include "models/memory/memory_backend.h"

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
    bool accepts(std::uint64_t address, std::uint64_t bytes, bool write) override;
    /// An idle channel else does its refreshes later.
    void idle_until(std::uint64_t time_ps) override;

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
        std::uint32_t bursts_left = 0;
        std::uint64_t end_ps = 0;
        std::uint64_t first_number = 0; ///< of its bursts, for an observer
    };

    void b_transport(int source, tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    tlm::tlm_sync_enum nb_transport_fw(int source, tlm::tlm_generic_payload& access, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
    unsigned transport_dbg(int source, tlm::tlm_generic_payload& access);

    std::uint32_t begin(int source, tlm::tlm_generic_payload& access, std::uint64_t time_ps);
    void happen(std::uint64_t now_ps, std::uint64_t what);
    void run_group(std::size_t index, std::uint64_t now_ps);
    void plan(std::size_t index);
    /// When the commands of a clock are chosen: after all requests of that clock, whatever their order.
    std::uint64_t decided_ps(std::uint64_t clock) const { return clock * m_clock_ps + 1; }
    void respond(std::uint32_t entry, std::uint64_t now_ps);

    dram::address_mapping m_mapping;
    kernel::event_wheel& m_wheel;
    unsigned m_burst_shift; ///< address to number of the burst
    kernel::clock m_clock;
    std::uint64_t m_clock_ps;
    unsigned m_group_shift; ///< channel to group
    std::vector<dram::channel_group> m_groups;
    std::unique_ptr<dram::command_checker> m_checker;
    std::vector<std::uint64_t> m_planned_ps; ///< of each group: its next event in the wheel
    kernel::transaction_table<transaction> m_transactions;
    std::vector<dram::completion> m_done;
    std::uint64_t m_accesses = 0;
    bool m_refused = false; ///< somebody waits for a place
    dram::burst_observer* m_burst_observer = nullptr;
    std::uint64_t m_bursts = 0; ///< asked for
    std::uint64_t m_lose_response;
    observe::counter_set m_counters;
};

} // namespace loas::memory
