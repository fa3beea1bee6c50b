// The front that software talks to, the same for every accelerator: registers, descriptor ring, completion ring,
// interrupt. It fetches descriptors from memory, checks them, has the accelerator run them one after another, and
// writes completion records. An error halts the queue until software resumes or resets it.
#pragma once

#include "abi/loas_abi.h"
#include "models/control/descriptor_check.h"
#include "models/control/register_block.h"
#include "models/kernel/clock.h"
#include "models/kernel/layer_executor.h"
#include "models/kernel/traffic.h"

#include <array>
#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

namespace loas::control
{

struct command_queue_parameters {
    ::loas_accelerator accelerator = LOAS_ACCELERATOR_LOAS;
    device_limits limits;
    unsigned chunk_bits = 128;
    double clock_mhz = 800;
    sc_core::sc_time register_latency;
};

class command_queue : public sc_core::sc_module
{
public:
    register_block registers;
    tlm_utils::simple_initiator_socket<command_queue> dma_out{"dma_out"};
    sc_core::sc_port<kernel::layer_executor> executor{"executor"};
    sc_core::sc_out<bool> interrupt_out{"interrupt_out"};

    command_queue(const sc_core::sc_module_name& name, const command_queue_parameters& parameters);

    void set_observer(observe::layer_observer* observer) { m_observer = observer; }
    /// Who counts beside the accelerator; before the simulation starts.
    void set_meter(observe::layer_meter* meter) { m_meter = meter; }

    /// For the watchdog: what the queue is doing, in words.
    std::string describe() const;

private:
    SC_HAS_PROCESS(command_queue);

    void declare_registers();
    void declare_counters();
    bool write_control(std::uint32_t value);
    bool ring_doorbell(std::uint32_t tail);
    bool write_while_disabled(std::uint64_t offset, std::uint32_t value);
    bool enable();
    void soft_reset();
    std::uint32_t status() const;
    std::uint64_t counter_value(unsigned index) const;
    std::uint64_t address_register(std::uint64_t low_offset) const;

    void run();
    void run_descriptor();
    void complete(const loas_descriptor& descriptor, const observe::layer_outcome& outcome, std::uint32_t index,
                  std::uint64_t start_cycle);
    observe::layer_outcome dispatch(const loas_descriptor& descriptor);
    bool transfer(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes);
    void fail(loas_status status, std::uint32_t index, std::uint64_t address);
    void raise(std::uint32_t interrupt);
    bool set_interrupts(std::uint64_t offset, std::uint32_t bits);
    void drive_interrupt();

    command_queue_parameters m_parameters;
    kernel::clock m_clock;
    observe::layer_observer* m_observer = nullptr;
    observe::layer_meter* m_meter = nullptr;
    std::uint32_t m_head = 0;
    std::uint32_t m_sequence = 0;
    bool m_busy = false;
    bool m_halted = false;
    unsigned m_resets = 0; ///< tells a thread that waited whether the world it knew is gone
    sc_core::sc_time m_reset_time;
    std::array<std::uint64_t, LOAS_COUNTER_COUNT> m_counters{};
    std::uint32_t m_latched_high = 0;
    unsigned m_latched_counter = 0;
    sc_core::sc_event m_work{"work"};
    sc_core::sc_event m_interrupt_changed{"interrupt_changed"};
    kernel::described_payload m_payload{{kernel::unit::queue, 0, 0}};
};

} // namespace loas::control
