// The machine: host CPU, memory, interrupt controller and accelerator, built from a scenario and wired by sockets.
#pragma once

#include "hal/loas_hal.h"
#include "models/kernel/link_observer.h"
#include "models/observe/layer_observer.h"
#include "platform/config/scenario.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace loas::cores
{
class native_cpu;
class rv64_cpu;
} // namespace loas::cores
namespace loas::kernel
{
class checked_links;
} // namespace loas::kernel
namespace loas::memory
{
class memory_system;
} // namespace loas::memory
namespace loas::dram
{
class burst_observer;
} // namespace loas::dram

namespace loas::machine
{

/// What devices of the board have to do with the world outside; each may be empty.
struct outside {
    std::function<void(unsigned char)> uart_sends;
    std::function<int()> uart_receives;          ///< the next byte; -1: none now, -2: no more
    std::function<void(unsigned code)> finished; ///< by the finisher, with the program's exit code
    std::function<void()> watchdog_bites;
    std::function<void(unsigned input, bool high)> interrupt_changes; ///< of an input of the PLIC
    std::function<void(const char* line, bool high)> cpu_line_changes;
};

/// A program has ended itself, by a device or a call, and not by returning.
struct program_end {
    std::uint32_t code = 0; ///< 0: all is well
    std::string by;         ///< in words
};

/// Where the time of the CPU has gone; the native one computes in none.
struct cpu_time {
    std::uint64_t running_ps = 0, devices_ps = 0, waiting_ps = 0; ///< waiting: for an interrupt
    std::uint64_t instructions = 0;                               ///< 0: native
};

/// Its modules are known to machine.cpp only: what includes their headers takes long to compile.
class machine
{
public:
    /// log: messages of the driver; may be empty. observers: of all TLM links that they want. bursts: of what a DRAM is
    /// asked for, if there is one; nullptr: nobody.
    machine(const char* name, const config::scenario& scenario, std::function<void(loas_log_level, const char*)> log,
            const std::vector<kernel::observer_maker>& observers = {}, dram::burst_observer* bursts = nullptr);
    ~machine();
    machine(const machine&) = delete;
    machine& operator=(const machine&) = delete;

    /// The host CPU: one of them; the other is nullptr.
    cores::rv64_cpu* rv64();
    cores::native_cpu* native();

    /// What runs on the native CPU. ended: called when it has returned or thrown; whether the simulation ends then is
    /// the caller's business.
    void set_program(std::function<void(const loas_hal& hal)> program, std::function<void()> ended);
    /// The RV64 CPU begins at `entry`, in machine mode. load: called before, puts the program into memory by
    /// debug_write. ended: as above.
    void start_program(std::uint64_t entry, std::function<void()> load, std::function<void()> ended);
    /// The program ends, as soon as the access or the instruction under way has.
    void end_program(const program_end& how);
    const std::optional<program_end>& ended_by_itself() const;
    bool program_finished() const;
    /// Before the simulation starts.
    void connect(const outside& to);
    cpu_time time_of_cpu() const;
    /// Throws again what the program threw.
    void rethrow() const;
    /// Is told of every layer; must outlive the machine.
    void set_observer(observe::layer_observer* observer);

    /// Memory as software sees it at this moment, the cache's changes included, without time passing. False: not
    /// memory. From the start of the simulation on.
    bool debug_read(std::uint64_t address, void* data, std::size_t bytes);
    bool debug_write(std::uint64_t address, const void* data, std::size_t bytes);

    /// For the watchdog: who is doing what, and who waits for whom.
    std::string describe() const;

    /// Something waits for what can never happen.
    bool stuck() const;

    /// Breaches of the TLM base protocol and of the DRAM's timing, in words; empty when nothing is checked.
    std::vector<std::string> violations() const;

    const kernel::checked_links& links() const;
    const memory::memory_system& memory() const;

private:
    struct modules;
    std::unique_ptr<modules> m_modules;
};

} // namespace loas::machine
