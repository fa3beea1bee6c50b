// A stand-in for accelerator and machine, in plain C++: memory, registers, rings, an interrupt line and a clock that
// advances with every callback. Strict where silicon would be: caches that need dma_sync, rings that may only be
// programmed while disabled, memory that is gone when it is freed. No model code is used.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "abi/loas_abi.h"
#include "abi/loas_board.h"
#include "abi/loas_devices.h"
#include "hal/loas_hal.h"

namespace loas_test
{

class mock_device
{
public:
    static constexpr uint64_t register_base = LOAS_BOARD_ACCELERATOR_BASE;
    static constexpr uint64_t memory_base = 0x180000000; // above 4 GiB: both halves of addresses matter
    static constexpr uint64_t memory_bytes = 1 << 19;

    mock_device();
    const loas_hal* hal() const { return &m_hal; }

    // what the device is; change before probing
    uint32_t id = LOAS_ID_VALUE;
    uint32_t version = LOAS_ABI_MAJOR << 16 | LOAS_ABI_MINOR;
    uint32_t features = 0x9F;
    uint32_t formats = 0; // LOAS_FORMATS_*
    uint32_t tiles = 16;
    uint32_t max_timesteps = 16;
    uint32_t rings = 1; // only the registers of the first answer
    uint64_t counters[LOAS_COUNTER_COUNT] = {};

    // misbehaviour
    int fail_call = -1;                     // index of the callback (of those that can fail) that answers LOAS_E_BUS
    bool fail_takes_effect = false;         // ... after having done what it was asked
    bool stuck = false;                     // takes descriptors, completes none
    bool reset_hangs = false;               // SOFT_RESET does not clear itself
    bool refuses_rings = false;             // halts with BAD_QUEUE when enabled
    int spurious_interrupts = 0;            // wait_interrupt returns that often without a cause ...
    uint64_t spurious_after_ns = 0;         // ... after this time, or at its time-out
    uint64_t descriptor_ns = 2000;          // duration of a descriptor
    std::map<uint32_t, uint16_t> fail_with; // status for the descriptor with this cookie

    // what happened
    int calls = 0; // callbacks that can fail
    int interrupt_waits = 0;
    uint64_t enabled_inputs = 0;    // of the interrupt controller, which has no part in the line here
    int interrupts_raised = 0;      // completions that set LOAS_IRQ_COMPLETION
    std::vector<uint32_t> executed; // cookies
    std::vector<std::string> logs;

    size_t live_allocations() const { return m_allocations.size(); }
    uint64_t now_ns() const { return m_now; }
    // what the device sees of memory
    std::vector<uint8_t> device_bytes(uint64_t address, size_t bytes) const;
    // writes behind the software's back, as the device would
    void poke(uint64_t address, const std::vector<uint8_t>& bytes);

private:
    int fault();
    int register_read(uint64_t offset, uint32_t& value);
    int register_write(uint64_t offset, uint32_t value);
    void control(uint32_t value);
    void soft_reset();
    void halt(uint16_t status, uint32_t index, uint64_t address);
    void advance(uint64_t ns);
    void start_next();
    void complete();
    uint16_t execute(const loas_descriptor& d, uint64_t& address);
    uint16_t run_layer(const loas_descriptor& d, uint64_t& address);
    // tensors in device memory; throws std::out_of_range or std::runtime_error when they are corrupt
    bool mask_bit(uint64_t mask, uint64_t position) const;
    template <typename Visit>
    void visit_coordinates(uint64_t tensor, const loas_tensor_layout& layout, uint64_t fiber, uint64_t length,
                           uint64_t behind, Visit visit) const;
    std::vector<uint16_t> load_spikes(unsigned format, uint64_t tensor, uint64_t pixels, uint64_t channels,
                                      unsigned timesteps) const;
    std::vector<int> load_weights(unsigned format, uint64_t tensor, uint64_t columns, uint64_t inputs) const;
    void store_packed(uint64_t tensor, const std::vector<uint16_t>& words, uint64_t pixels, uint64_t channels,
                      unsigned timesteps);
    void store_timesteps(unsigned format, uint64_t tensor, const std::vector<uint16_t>& words, uint64_t pixels,
                         uint64_t channels, unsigned timesteps);
    bool is_live(uint64_t address, uint64_t bytes) const;
    bool line() const { return (m_irq_status & m_registers.at(LOAS_REG_IRQ_ENABLE)) != 0; }
    template <typename T> T device_load(uint64_t address) const
    {
        T value;
        std::memcpy(&value, &m_device.at(address - memory_base), sizeof value);
        return value;
    }
    template <typename T> void device_store(uint64_t address, T value)
    {
        std::memcpy(&m_device.at(address - memory_base), &value, sizeof value);
    }

    loas_hal m_hal;
    std::vector<uint8_t> m_device, m_host; // memory as the device and as the software's caches see it
    std::map<uint64_t, uint64_t> m_allocations;
    uint64_t m_next = memory_base;
    uint64_t m_now = 0, m_done_at = 0;
    bool m_busy = false, m_halted = false;
    uint32_t m_head = 0, m_sequence = 0, m_irq_status = 0, m_latched_high = 0;
    std::map<uint32_t, uint32_t> m_registers; // plain RW
    uint32_t m_error_code = 0, m_error_index = 0;
    uint64_t m_error_address = 0;
};

} // namespace loas_test
