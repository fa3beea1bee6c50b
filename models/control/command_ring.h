// One ring of descriptors as software sees it: registers, descriptor ring, completion ring, interrupt line. It fetches
// its next descriptor, and writes the completion record when the dispatcher has run it. An error halts the ring until
// software resumes or resets it; other rings go on.
#pragma once

#include "models/control/descriptor_check.h"
#include "models/kernel/clock.h"
#include "models/kernel/interrupt_line.h"
#include "models/kernel/register_device.h"
#include "models/observe/layer_observer.h"

#include <array>
#include <cstdint>
#include <string>
#include <systemc>
#include <tlm>

namespace loas::control
{

/// What rings tell software of the machine, and how they are built. There are no defaults: the machine says all.
struct ring_parameters {
    ::loas_accelerator accelerator{}; ///< none
    device_limits limits;
    unsigned chunk_bits = 0;
    double clock_mhz = 0;
    unsigned rings = 0; ///< 1..LOAS_MAX_RINGS
    sc_core::sc_time register_latency;
};

/// What a ring asks of the machine around it; the dispatcher answers.
class ring_surroundings
{
public:
    /// There may be work.
    virtual void wake() = 0;
    /// The descriptor in flight is not wanted any more.
    virtual void abort() = 0;
    /// Moves memory, in simulated time. False: memory answered with an error.
    virtual bool transfer(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes) = 0;

protected:
    ~ring_surroundings() = default;
};

/// A descriptor on its way through the machine.
struct ring_work {
    std::uint32_t index = 0;
    std::uint64_t start_cycle = 0;
    unsigned life = 0; ///< of the ring, which a soft reset ends
    loas_descriptor descriptor{};
    observe::layer_outcome outcome;
};

class command_ring : public kernel::register_device
{
public:
    kernel::interrupt_line interrupt_out;

    /// around must outlive the ring.
    command_ring(const sc_core::sc_module_name& name, const ring_parameters& parameters, ring_surroundings& around);

    /// A descriptor waits and may be taken.
    bool ready() const { return (status() & LOAS_STATE_IDLE) == 0 && !m_busy; }
    /// Takes it. An outcome that is not LOAS_STATUS_OK: it could not be read.
    ring_work fetch();
    /// False: a soft reset has come in between, nothing of this is wanted any more.
    bool wants(const ring_work& work) const { return work.life == m_resets; }
    /// A layer has run without error.
    void count(const observe::layer_outcome& outcome);
    /// Ends what fetch() began: record, registers, interrupt, as far as the work is still wanted.
    void finish(const ring_work& work);

    /// Memory that belongs to the device while the ring runs; empty while it does not.
    std::vector<address_range> memory() const;

    /// For the watchdog: what the ring is doing, in words.
    std::string describe() const;

private:
    using verdict = kernel::register_bank::verdict;

    void set_capabilities(const ring_parameters& parameters);
    void attach_effects();
    void attach_counters();
    verdict write_control(std::uint32_t value);
    verdict ring_doorbell(std::uint32_t tail);
    bool enabled() const { return (registers().value(LOAS_REG_CONTROL) & LOAS_CONTROL_ENABLE) != 0; }
    bool enable();
    void soft_reset();
    void clear_error();
    std::uint32_t status() const;
    std::uint64_t counter_value(unsigned index) const;
    std::uint64_t address_register(std::uint64_t low_offset) const;

    void complete(const ring_work& work);
    void fail(loas_status status, std::uint32_t index, std::uint64_t address);
    void raise(std::uint32_t interrupt);
    void drive_interrupt();

    kernel::clock m_clock;
    ring_surroundings& m_around;
    std::uint32_t m_head = 0;
    std::uint32_t m_sequence = 0;
    bool m_busy = false;
    bool m_halted = false;
    unsigned m_resets = 0;
    sc_core::sc_time m_reset_time;
    std::array<std::uint64_t, LOAS_COUNTER_COUNT> m_counters{};
    std::uint32_t m_latched_high = 0;
    unsigned m_latched_counter = LOAS_COUNTER_COUNT; ///< none
};

} // namespace loas::control
