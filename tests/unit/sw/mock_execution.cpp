// What the mock device does with descriptors: decodes tensors, computes on dense arrays, encodes the result.
#include "tests/unit/sw/mock_device.h"

#include <algorithm>

#include "tests/unit/sw/dense_layer.h"

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
    if (d.formats != (formats & (LOAS_FORMATS_SPIKES_MASK | LOAS_FORMATS_WEIGHTS_MASK))) {
        return LOAS_STATUS_UNSUPPORTED;
    }
    const unsigned spike_format = d.formats & 0xF, weight_format = d.formats >> 4;
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
    layer.delayed_reset = d.neuron & LOAS_NEURON_DELAYED_RESET;
    layer.mask_single = d.flags & LOAS_FLAG_SINGLE_SPIKE_MASK;
    layer.leak_q8 = d.leak_q8;
    layer.threshold = d.threshold;

    const uint64_t inputs = uint64_t(d.kernel_h) * d.kernel_w * d.in_channels;
    const uint64_t pixels = uint64_t(d.in_height) * d.in_width, rows = uint64_t(layer.out_h() * layer.out_w());
    const uint64_t pooled = uint64_t((layer.out_h() / d.pool) * (layer.out_w() / d.pool));
    const auto in = loas_spike_layout(spike_format, pixels, d.in_channels, d.timesteps);
    const auto weight = loas_weight_layout(weight_format, d.out_channels, inputs);
    const auto out = loas_spike_layout(spike_format, pooled, d.out_channels, d.timesteps);
    const bool currents = d.neuron & LOAS_NEURON_CURRENTS;
    uint64_t out_bytes = currents ? rows * d.out_channels * d.timesteps * 4 : out.total_bytes;
    const uint64_t work = d.output_address + (out_bytes + 63) / 64 * 64;
    if (formats & LOAS_FORMATS_WORK_AREA) {
        out_bytes = work + loas_work_bytes(rows, d.out_channels, d.timesteps, tiles) - d.output_address;
    }
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
    for (uint64_t at = work; at < d.output_address + out_bytes; at++) { // scratch of the device
        device_store(at, uint8_t(0xEE));
    }

    const auto words = load_spikes(spike_format, d.input_address, pixels, d.in_channels, d.timesteps);
    layer.weights = load_weights(weight_format, d.weight_address, d.out_channels, inputs);
    for (uint64_t n = 0; d.bias_address != 0 && n < d.out_channels; n++) {
        layer.bias.push_back(device_load<int32_t>(d.bias_address + 4 * n));
    }
    for (uint64_t n = d.out_channels; n < 2u * d.out_channels && (d.neuron & LOAS_NEURON_THRESHOLDS); n++) {
        layer.thresholds.push_back(device_load<int32_t>(d.bias_address + 4 * n));
    }

    const auto result = layer.currents_of_words(words);
    if (currents) {
        for (size_t i = 0; i < result.size(); i++) {
            device_store(d.output_address + 4 * i, int32_t(result[i]));
        }
        return LOAS_STATUS_OK;
    }
    const auto spikes = layer.spikes(result);
    if (spike_format == LOAS_SPIKES_PACKED) {
        store_packed(d.output_address, spikes, pooled, d.out_channels, d.timesteps);
    } else {
        store_timesteps(spike_format, d.output_address, spikes, pooled, d.out_channels, d.timesteps);
    }
    return LOAS_STATUS_OK;
}

} // namespace loas_test
