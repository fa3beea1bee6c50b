// The RV64 hart in a machine: an SC_THREAD that runs it up to the next thing that anybody has scheduled, and never
// further, so an interrupt is taken by the instruction by which it is there, whatever the quantum is.
//
// RAM is accessed through pointers where the bus grants them, else like devices by transactions of the executed size,
// with the hart's local time as their delay.
#pragma once

#include "models/cores/rv64/hart.h"
#include "models/kernel/clock.h"
#include "models/kernel/traffic.h"

#include <cstdint>
#include <functional>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

namespace loas::cores
{

struct rv64_cpu_parameters {
    struct range {
        std::uint64_t base;
        std::uint64_t bytes;
    };

    kernel::clock clock{1000.0};
    std::uint64_t quantum_cycles = 10000; ///< at most so far ahead of the simulation; 1 or more
    rv64::hart_settings hart;
    std::uint64_t reset_pc = 0;
    std::vector<range> memory; ///< what may be executed, and accessed at any alignment and atomically
    /// Loads and stores of memory take what their transactions take, too; else they take what their class takes, as
    /// with a cache that has everything.
    bool memory_timed = false;
    bool pointers = true; ///< to memory, where the bus grants them; nothing else changes with them
    /// The counter `time` at a simulated time; empty: nanoseconds.
    std::function<std::uint64_t(std::uint64_t time_ps)> counter;
    /// Told when it will access nothing before a time, and when it was woken earlier, with the time of that; may be
    /// empty.
    std::function<void(std::uint64_t time_ps)> rests_until;
};

/// Where the time of a CPU has gone, in cycles.
struct rv64_cpu_time {
    std::uint64_t accesses = 0; ///< waiting for the end of transactions
    std::uint64_t wfi = 0;      ///< what is left was running
};

class rv64_cpu : public sc_core::sc_module, private rv64::bus
{
public:
    tlm_utils::simple_initiator_socket<rv64_cpu> bus_out{"bus_out"};

    rv64_cpu(const sc_core::sc_module_name& name, const rv64_cpu_parameters& parameters);

    /// The level of an interrupt line, from now on: seen by the next instruction that has not begun.
    void set_interrupt(rv64::interrupt_line line, bool high);
    /// It runs no further instruction; for the finisher.
    void stop() { m_stopped = true; }
    /// Called when it has stopped, at the time at which it did. Before the start.
    void on_stopped(std::function<void()> handler) { m_on_stopped = std::move(handler); }
    /// What is done at an ebreak: see rv64::bus::breakpoint. Before the start.
    void on_breakpoint(std::function<bool(rv64::hart&)> handler) { m_breakpoint = std::move(handler); }
    /// Somebody else has written to memory. Without it, a program that changes code by others must execute fence.i.
    void memory_written(std::uint64_t address, std::uint64_t bytes) { m_hart.written_by_others(address, bytes); }

    /// Told of every exception, while pc() is where it is taken. Before the start.
    void on_trap(std::function<void(std::uint64_t cause, std::uint64_t value)> handler)
    {
        m_on_trap = std::move(handler);
    }

    rv64::hart& hart() { return m_hart; }
    /// It has stopped because it could only trap for ever; see rv64::hart::stop.
    bool lost() const { return m_lost; }
    std::uint64_t period_ps() const { return m_parameters.clock.period_ps(); }
    const rv64_cpu_time& time_spent() const { return m_time; }
    /// The last access that was a transaction to a device; bytes 0: none yet.
    struct access {
        std::uint64_t address = 0;
        std::uint64_t bytes = 0;
        bool write = false;
        std::uint64_t in_a_row = 0; ///< alike, the last one included
    };
    const access& last_access() const { return m_last_access; }
    /// For the watchdog.
    std::string describe() const;

private:
    SC_HAS_PROCESS(rv64_cpu);

    void run();
    void run_slice();
    void synchronise();
    void wait_for_interrupt();
    std::uint64_t next_event_cycle();
    std::uint64_t local_ps() const { return m_hart.cycle() * m_parameters.clock.period_ps(); }
    void rest(std::uint64_t time_ps);
    bool is_memory(std::uint64_t address) const;
    void note(std::uint64_t address, std::size_t bytes, bool write);
    rv64::access_end transfer(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes);
    void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) { m_hart.forget_pages(first, last); }

    rv64::page find_page(std::uint64_t address) override;
    rv64::access_end read(std::uint64_t address, void* to, std::size_t bytes) override;
    rv64::access_end write(std::uint64_t address, const void* from, std::size_t bytes) override;
    bool fetch(std::uint64_t address, void* to, std::size_t bytes) override;
    std::uint64_t time() override;
    bool breakpoint(rv64::hart& of) override;
    void trapped(const rv64::hart&, std::uint64_t cause, std::uint64_t value) override
    {
        if (m_on_trap)
            m_on_trap(cause, value);
    }

    const rv64_cpu_parameters m_parameters;
    rv64::hart m_hart;
    kernel::described_payload m_payload{{kernel::unit::host, 0, 0}};
    sc_core::sc_event m_interrupted;
    rv64_cpu_time m_time;
    access m_last_access;
    std::function<bool(rv64::hart&)> m_breakpoint;
    std::function<void()> m_on_stopped;
    std::function<void(std::uint64_t, std::uint64_t)> m_on_trap;
    bool m_stopped = false;
    bool m_lost = false;
};

} // namespace loas::cores
