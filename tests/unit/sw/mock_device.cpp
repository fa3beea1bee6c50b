#include "tests/unit/sw/mock_device.h"

#include <algorithm>
#include <cstring>

namespace loas_test
{

// ---------------------------------------------------------------- callbacks

mock_device::mock_device() : m_hal(), m_device(memory_bytes, 0xA5), m_host(memory_bytes, 0x5A)
{
    soft_reset();
    m_hal.context = this;
    m_hal.read32 = [](void* context, uint64_t address, uint32_t* value) {
        auto& self = *static_cast<mock_device*>(context);
        self.advance(50);
        const int failed = self.fault();
        if (failed && !self.fail_takes_effect) {
            return failed;
        }
        const int result = self.register_read(address - register_base, *value);
        return failed ? failed : result;
    };
    m_hal.write32 = [](void* context, uint64_t address, uint32_t value) {
        auto& self = *static_cast<mock_device*>(context);
        self.advance(50);
        const int failed = self.fault();
        if (failed && !self.fail_takes_effect) {
            return failed;
        }
        int result = LOAS_OK;
        const uint64_t word = (address - LOAS_BOARD_PLIC_BASE - LOAS_PLIC_REG_ENABLE) / 4;
        if (word < 2) {
            self.enabled_inputs = uint64_t{value} << (32 * word);
        } else {
            result = self.register_write(address - register_base, value);
        }
        return failed ? failed : result;
    };
    m_hal.dma_alloc = [](void* context, uint64_t bytes, uint64_t alignment, uint64_t* address) {
        auto& self = *static_cast<mock_device*>(context);
        if (self.fault()) {
            return int(LOAS_E_MEMORY);
        }
        // a gap, so that neighbours do not touch
        const uint64_t start = (self.m_next + 64 + alignment - 1) / alignment * alignment;
        if (start + bytes > memory_base + memory_bytes) {
            return int(LOAS_E_MEMORY);
        }
        self.m_next = start + bytes;
        self.m_allocations[start] = bytes;
        *address = start;
        return 0;
    };
    m_hal.dma_free = [](void* context, uint64_t address) {
        auto& self = *static_cast<mock_device*>(context);
        if (self.m_allocations.erase(address) == 0) {
            self.logs.push_back("BUG: freed what was not allocated");
        }
        // addresses, with what is left in memory, come again once all is free
        self.m_next = self.m_allocations.empty() ? memory_base : self.m_next;
    };
    m_hal.dma_write = [](void* context, uint64_t address, const void* source, size_t bytes) {
        auto& self = *static_cast<mock_device*>(context);
        const int failed = self.fault();
        if (failed || !self.is_live(address, bytes)) {
            return int(LOAS_E_BUS);
        }
        std::memcpy(&self.m_host[address - memory_base], source, bytes);
        return 0;
    };
    m_hal.dma_read = [](void* context, void* destination, uint64_t address, size_t bytes) {
        auto& self = *static_cast<mock_device*>(context);
        const int failed = self.fault();
        if (failed || !self.is_live(address, bytes)) {
            return int(LOAS_E_BUS);
        }
        std::memcpy(destination, &self.m_host[address - memory_base], bytes);
        return 0;
    };
    m_hal.dma_sync = [](void* context, uint64_t address, uint64_t bytes, loas_sync direction) {
        auto& self = *static_cast<mock_device*>(context);
        if (!self.is_live(address, bytes)) {
            self.logs.push_back("BUG: sync outside of an allocation");
            return;
        }
        auto& from = direction == LOAS_SYNC_TO_DEVICE ? self.m_host : self.m_device;
        auto& to = direction == LOAS_SYNC_TO_DEVICE ? self.m_device : self.m_host;
        std::copy_n(from.begin() + long(address - memory_base), bytes, to.begin() + long(address - memory_base));
    };
    m_hal.wait_interrupt = [](void* context, uint64_t timeout_ns) {
        auto& self = *static_cast<mock_device*>(context);
        self.interrupt_waits++;
        if (const int failed = self.fault()) {
            return failed;
        }
        if (self.spurious_interrupts > 0) {
            self.spurious_interrupts--;
            self.advance(std::min(self.spurious_after_ns, timeout_ns));
            return 0;
        }
        const uint64_t end = timeout_ns > UINT64_MAX - self.m_now ? UINT64_MAX : self.m_now + timeout_ns;
        while (!self.line()) {
            if (!self.m_busy || self.stuck || self.m_done_at > end) {
                self.advance(end - self.m_now);
                return int(LOAS_E_TIMEOUT);
            }
            self.advance(self.m_done_at - self.m_now);
        }
        return 0;
    };
    m_hal.time_ns = [](void* context) {
        auto& self = *static_cast<mock_device*>(context);
        self.advance(5);
        return self.m_now;
    };
    m_hal.log = [](void* context, loas_log_level, const char* text) {
        static_cast<mock_device*>(context)->logs.push_back(text);
    };
}

int mock_device::fault()
{
    return calls++ == fail_call ? int(LOAS_E_BUS) : 0;
}

bool mock_device::is_live(uint64_t address, uint64_t bytes) const
{
    auto after = m_allocations.upper_bound(address);
    if (after == m_allocations.begin()) {
        return false;
    }
    --after;
    return address - after->first <= after->second && bytes <= after->second - (address - after->first);
}

std::vector<uint8_t> mock_device::device_bytes(uint64_t address, size_t bytes) const
{
    const auto start = m_device.begin() + long(address - memory_base);
    return {start, start + long(bytes)};
}

void mock_device::poke(uint64_t address, const std::vector<uint8_t>& bytes)
{
    std::copy(bytes.begin(), bytes.end(), m_device.begin() + long(address - memory_base));
}

// ---------------------------------------------------------------- registers

void mock_device::soft_reset()
{
    for (uint32_t offset = LOAS_REG_QUEUE_BASE_LO; offset <= LOAS_REG_QUEUE_SIZE; offset += 4) {
        m_registers[offset] = 0;
    }
    m_registers[LOAS_REG_CONTROL] = m_registers[LOAS_REG_IRQ_ENABLE] = m_registers[LOAS_REG_QUEUE_TAIL] = 0;
    m_busy = m_halted = false;
    m_head = m_sequence = m_irq_status = m_error_code = m_error_index = 0;
    m_error_address = 0;
}

void mock_device::halt(uint16_t status, uint32_t index, uint64_t address)
{
    m_halted = true;
    m_irq_status |= LOAS_IRQ_ERROR;
    if (m_error_code == 0) {
        m_error_code = status;
        m_error_index = index;
        m_error_address = address;
    }
}

void mock_device::control(uint32_t value)
{
    if (value & LOAS_CONTROL_SOFT_RESET) {
        soft_reset();
        m_registers[LOAS_REG_CONTROL] = reset_hangs ? LOAS_CONTROL_SOFT_RESET : 0;
        return;
    }
    const bool was_enabled = m_registers[LOAS_REG_CONTROL] & LOAS_CONTROL_ENABLE;
    m_registers[LOAS_REG_CONTROL] = value & LOAS_CONTROL_ENABLE;
    if (value & LOAS_CONTROL_RESUME) {
        m_halted = false;
        m_error_code = m_error_index = 0;
        m_error_address = 0;
    }
    if (value & LOAS_CONTROL_ENABLE && !was_enabled) {
        const uint32_t size = m_registers[LOAS_REG_QUEUE_SIZE];
        m_head = m_registers[LOAS_REG_QUEUE_TAIL];
        m_sequence = 0;
        if (refuses_rings || size < 2 || size > 4096 || (size & (size - 1)) != 0) {
            halt(LOAS_STATUS_BAD_QUEUE, 0, 0);
        }
    }
    start_next();
}

int mock_device::register_read(uint64_t offset, uint32_t& value)
{
    if (offset >= LOAS_REG_COUNTERS && offset < LOAS_REG_COUNTERS + 8 * LOAS_COUNTER_COUNT && offset % 4 == 0) {
        const uint64_t counter = counters[(offset - LOAS_REG_COUNTERS) / 8];
        if (offset % 8 == 0) {
            m_latched_high = uint32_t(counter >> 32);
        }
        value = offset % 8 == 0 ? uint32_t(counter) : m_latched_high;
        return 0;
    }
    const std::map<uint64_t, uint32_t> read_only = {
        {LOAS_REG_ID, id},
        {LOAS_REG_VERSION, version},
        {LOAS_REG_ACCELERATOR, LOAS_ACCELERATOR_LOAS},
        {LOAS_REG_FEATURES, features},
        {LOAS_REG_TILES, tiles},
        {LOAS_REG_FORMATS, formats},
        {LOAS_REG_MAX_TIMESTEPS, max_timesteps},
        {LOAS_REG_CHUNK_BITS, 128},
        {LOAS_REG_RINGS, rings},
        {LOAS_REG_CLOCK_KHZ, 800000},
        {LOAS_REG_STATUS, m_halted ? LOAS_STATE_HALTED
                          : m_busy ? LOAS_STATE_BUSY
                                   : LOAS_STATE_IDLE},
        {LOAS_REG_IRQ_STATUS, m_irq_status},
        {LOAS_REG_QUEUE_HEAD, m_head},
        {LOAS_REG_ERROR_CODE, m_error_code},
        {LOAS_REG_ERROR_INDEX, m_error_index},
        {LOAS_REG_ERROR_ADDRESS_LO, uint32_t(m_error_address)},
        {LOAS_REG_ERROR_ADDRESS_HI, uint32_t(m_error_address >> 32)},
    };
    if (const auto found = read_only.find(offset); found != read_only.end()) {
        value = found->second;
        return 0;
    }
    if (const auto found = m_registers.find(uint32_t(offset)); found != m_registers.end()) {
        value = found->second;
        return 0;
    }
    return LOAS_E_BUS;
}

int mock_device::register_write(uint64_t offset, uint32_t value)
{
    const bool enabled = m_registers[LOAS_REG_CONTROL] & LOAS_CONTROL_ENABLE;
    if (offset == LOAS_REG_IRQ_STATUS) {
        m_irq_status &= ~value;
    } else if (offset == LOAS_REG_CONTROL) {
        control(value);
    } else if (m_registers.count(uint32_t(offset)) == 0 ||
               (enabled && offset >= LOAS_REG_QUEUE_BASE_LO && offset <= LOAS_REG_QUEUE_SIZE)) {
        return LOAS_E_BUS;
    } else {
        m_registers[uint32_t(offset)] = value;
        start_next();
    }
    return 0;
}

} // namespace loas_test
