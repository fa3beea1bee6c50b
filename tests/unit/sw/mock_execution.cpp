// What the mock device does with descriptors: decodes tensors, computes on dense arrays, encodes the result.
#include "mock_device.h"

#include <algorithm>

#include "dense_layer.h"

namespace loas_test
{

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
