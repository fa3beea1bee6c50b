#include "mock_device.h"

#include <algorithm>
#include <cstring>

#include "dense_layer.h"

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
        const int result = self.register_write(address - register_base, value);
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

template <typename T> T mock_device::device_load(uint64_t address) const
{
    T value;
    std::memcpy(&value, &m_device.at(address - memory_base), sizeof value);
    return value;
}

template <typename T> void mock_device::device_store(uint64_t address, T value)
{
    std::memcpy(&m_device.at(address - memory_base), &value, sizeof value);
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
        {LOAS_REG_MAX_TIMESTEPS, max_timesteps},
        {LOAS_REG_CHUNK_BITS, 128},
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

// ---------------------------------------------------------------- execution

void mock_device::start_next()
{
    const bool enabled = m_registers[LOAS_REG_CONTROL] & LOAS_CONTROL_ENABLE;
    if (enabled && !m_busy && !m_halted && m_head != m_registers[LOAS_REG_QUEUE_TAIL]) {
        m_busy = true;
        m_done_at = m_now + descriptor_ns;
    }
}

void mock_device::advance(uint64_t ns)
{
    const uint64_t end = m_now + ns;
    while (m_busy && !stuck && m_done_at <= end) {
        m_now = std::max(m_now, m_done_at);
        complete();
        start_next();
    }
    m_now = end;
}

void mock_device::complete()
{
    const auto base = [&](uint32_t low) { return uint64_t(m_registers[low + 4]) << 32 | m_registers[low]; };
    const uint64_t ring = base(LOAS_REG_QUEUE_BASE_LO) + m_head * sizeof(loas_descriptor);
    const uint64_t records = base(LOAS_REG_COMPLETION_BASE_LO) + m_head * sizeof(loas_completion);
    loas_completion record = {};
    uint16_t status = LOAS_STATUS_BUS_ERROR;
    uint8_t flags = 0;
    if (is_live(ring, sizeof(loas_descriptor))) {
        const auto d = device_load<loas_descriptor>(ring);
        executed.push_back(d.cookie);
        record.cookie = d.cookie;
        flags = d.flags;
        status = execute(d, record.error_address);
    }
    record.status = status;
    record.index = uint16_t(m_head);
    record.cycles = 1000;
    record.sequence = ++m_sequence;
    if (!is_live(records, sizeof record)) {
        logs.push_back("BUG: the device wrote to memory that was freed");
    } else {
        device_store(records, record);
    }
    if (status != LOAS_STATUS_OK) {
        halt(status, m_head, record.error_address);
    } else if (flags & LOAS_FLAG_INTERRUPT) {
        m_irq_status |= LOAS_IRQ_COMPLETION;
        interrupts_raised++;
    }
    m_busy = false;
    m_head = (m_head + 1) & (m_registers[LOAS_REG_QUEUE_SIZE] - 1);
}

uint16_t mock_device::execute(const loas_descriptor& d, uint64_t& address)
{
    if (const auto found = fail_with.find(d.cookie); found != fail_with.end()) {
        address = d.input_address;
        return found->second;
    }
    if (d.opcode > LOAS_OP_RUN_LAYER) {
        return LOAS_STATUS_BAD_OPCODE;
    }
    return d.opcode == LOAS_OP_RUN_LAYER ? run_layer(d, address) : uint16_t(LOAS_STATUS_OK);
}

uint16_t mock_device::run_layer(const loas_descriptor& d, uint64_t& address)
{
    dense_layer layer;
    layer.in_h = d.in_height;
    layer.in_w = d.in_width;
    layer.in_c = d.in_channels;
    layer.out_c = d.out_channels;
    layer.kernel_h = d.kernel_h;
    layer.kernel_w = d.kernel_w;
    layer.stride_h = d.stride_h;
    layer.stride_w = d.stride_w;
    layer.pad_h = d.pad_h;
    layer.pad_w = d.pad_w;
    layer.pool = d.pool;
    layer.timesteps = d.timesteps;
    layer.soft_reset = d.neuron & LOAS_NEURON_SOFT_RESET;
    layer.mask_single = d.flags & LOAS_FLAG_SINGLE_SPIKE_MASK;
    layer.leak_q8 = d.leak_q8;
    layer.threshold = d.threshold;

    const uint64_t inputs = uint64_t(d.kernel_h) * d.kernel_w * d.in_channels;
    const uint64_t pixels = uint64_t(d.in_height) * d.in_width, rows = uint64_t(layer.out_h()) * layer.out_w();
    const uint64_t pooled = uint64_t(layer.out_h() / d.pool) * (layer.out_w() / d.pool);
    const auto in = loas_spike_layout(pixels, d.in_channels, d.timesteps);
    const auto weight = loas_weight_layout(d.out_channels, inputs);
    const auto out = loas_spike_layout(pooled, d.out_channels, d.timesteps);
    const bool currents = d.neuron & LOAS_NEURON_CURRENTS;
    const uint64_t out_bytes = currents ? rows * d.out_channels * d.timesteps * 4 : out.total_bytes;
    for (const auto& [start, bytes] : std::vector<std::pair<uint64_t, uint64_t>>{{d.input_address, in.total_bytes},
                                                                                 {d.weight_address, weight.total_bytes},
                                                                                 {d.output_address, out_bytes}}) {
        address = start;
        if (start % LOAS_TENSOR_ALIGN != 0) {
            return LOAS_STATUS_MISALIGNED;
        }
        if (!is_live(start, bytes)) {
            return LOAS_STATUS_UNMAPPED;
        }
    }
    address = 0;

    const auto mask_bit = [&](uint64_t base, const loas_tensor_layout& layout, uint64_t f, uint64_t i) {
        return device_load<uint8_t>(base + f * layout.mask_stride + i / 8) >> i % 8 & 1;
    };
    const auto values_of = [&](uint64_t base, const loas_tensor_layout& layout, uint64_t f) {
        return base + layout.values_offset + device_load<uint32_t>(base + layout.pointer_offset + 4 * f);
    };
    std::vector<uint16_t> words;
    for (uint64_t f = 0; f < pixels; f++) {
        uint64_t bit = 8 * values_of(d.input_address, in, f);
        for (uint64_t c = 0; c < d.in_channels; c++) {
            uint16_t word = 0;
            for (unsigned t = 0; mask_bit(d.input_address, in, f, c) && t < d.timesteps; t++, bit++) {
                word = uint16_t(word | (device_load<uint8_t>(bit / 8) >> bit % 8 & 1) << t);
            }
            words.push_back(word);
        }
    }
    for (uint64_t f = 0; f < d.out_channels; f++) {
        uint64_t value = values_of(d.weight_address, weight, f);
        for (uint64_t k = 0; k < inputs; k++) {
            layer.weights.push_back(mask_bit(d.weight_address, weight, f, k) ? device_load<int8_t>(value++) : 0);
        }
        if (d.bias_address != 0) {
            layer.bias.push_back(device_load<int32_t>(d.bias_address + 4 * f));
        }
    }

    const auto result = layer.currents_of_words(words);
    if (currents) {
        for (size_t i = 0; i < result.size(); i++) {
            device_store(d.output_address + 4 * i, int32_t(result[i]));
        }
        return LOAS_STATUS_OK;
    }
    const auto spikes = layer.spikes(result);
    for (uint64_t f = 0; f < pooled; f++) {
        uint64_t bit = 8 * (d.output_address + out.values_offset + f * out.slot_bytes);
        device_store(d.output_address + out.pointer_offset + 4 * f, uint32_t(f * out.slot_bytes));
        for (uint64_t i = 0; i < out.mask_stride; i++) {
            device_store(d.output_address + f * out.mask_stride + i, uint8_t(0));
        }
        for (uint64_t n = 0; n < d.out_channels; n++) {
            const uint16_t word = spikes[f * d.out_channels + n];
            const uint64_t mask = d.output_address + f * out.mask_stride + n / 8;
            if (word != 0) {
                device_store(mask, uint8_t(device_load<uint8_t>(mask) | 1 << n % 8));
            }
            for (unsigned t = 0; word != 0 && t < d.timesteps; t++, bit++) {
                const unsigned old = device_load<uint8_t>(bit / 8) & ~(1u << bit % 8);
                device_store(bit / 8, uint8_t(old | (word >> t & 1u) << bit % 8));
            }
        }
    }
    return LOAS_STATUS_OK;
}

} // namespace loas_test
