// The machine: host CPU, memory, interrupt controller and accelerator, built from a scenario and wired by sockets.
#pragma once

#include "models/control/dispatcher.h"
#include "models/cores/native/native_cpu.h"
#include "models/designs/base/accelerator.h"
#include "models/devices/interrupt_controller.h"
#include "models/devices/ram.h"
#include "models/kernel/protocol_checker.h"
#include "models/kernel/router.h"
#include "models/memory/memory_system.h"
#include "platform/config/scenario.h"
#include "platform/machine/board.h"

#include <cstdint>
#include <memory>
#include <systemc>

namespace loas::machine
{

class machine : public sc_core::sc_module
{
public:
    /// log: messages of the driver; may be empty. observers: of all TLM links that they want.
    machine(const sc_core::sc_module_name& name, const config::scenario& scenario,
            std::function<void(loas_log_level, const char*)> log,
            const std::vector<kernel::observer_maker>& observers = {});

    cores::native_cpu& host() { return m_cpu; }
    control::dispatcher& queue() { return m_queue; }

    /// Memory as software sees it at this moment, the cache's changes included, without time passing. False: not memory.
    bool debug_read(std::uint64_t address, void* data, std::size_t bytes);

    /// For the watchdog: who is doing what, and who waits for whom.
    std::string describe() const;

    /// Something waits for what can never happen.
    bool stuck() const { return m_accelerator->stuck(); }

    /// Breaches of the TLM base protocol and of the DRAM's timing, in words; empty when nothing is checked.
    std::vector<std::string> violations() const;

    const kernel::checked_links& links() const { return m_links; }
    const memory::memory_system& memory() const { return m_memory; }

private:
    void connect_rings();

    kernel::checked_links m_links;
    kernel::event_wheel m_wheel;
    kernel::router m_bus{"bus"};
    kernel::router m_storage{"storage"}; ///< where memory models find the data
    devices::ram m_ram;
    devices::interrupt_controller m_interrupts;
    cores::native_cpu m_cpu;
    control::dispatcher m_queue;
    std::unique_ptr<designs::accelerator> m_accelerator;
    memory::memory_system m_memory;
    tlm_utils::simple_initiator_socket<machine> m_debug_out{"debug_out"};
    sc_core::sc_vector<sc_core::sc_signal<bool>> m_ring_interrupts; ///< one a ring
    sc_core::sc_signal<bool> m_cpu_interrupt{"cpu_interrupt"};
};

} // namespace loas::machine
