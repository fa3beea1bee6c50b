#include "models/control/command_queue.h"

#include "models/kernel/access_check.h"

#include <cmath>
#include <sstream>

namespace loas::control
{

command_queue::command_queue(const sc_core::sc_module_name& name, const command_queue_parameters& parameters)
    : sc_module(name), registers("registers", parameters.register_latency), m_parameters(parameters),
      m_clock(parameters.clock_mhz)
{
    declare_registers();
    declare_counters();
    SC_THREAD(run);
    SC_METHOD(drive_interrupt);
    sensitive << m_interrupt_changed;
}

void command_queue::declare_registers()
{
    constexpr auto ro = access_right::read_only;
    constexpr auto rw = access_right::read_write;
    const auto constant = [&](std::uint64_t offset, const char* name, std::uint32_t value) {
        registers.declare(offset, {name, ro, value, {}, {}, {}});
    };
    constant(LOAS_REG_ID, "ID", LOAS_ID_VALUE);
    constant(LOAS_REG_VERSION, "VERSION", LOAS_ABI_MAJOR << 16 | LOAS_ABI_MINOR);
    constant(LOAS_REG_ACCELERATOR, "ACCELERATOR", m_parameters.accelerator);
    constant(LOAS_REG_FEATURES, "FEATURES", m_parameters.limits.features);
    constant(LOAS_REG_TILES, "TILES", m_parameters.limits.tiles);
    constant(LOAS_REG_MAX_TIMESTEPS, "MAX_TIMESTEPS", m_parameters.limits.max_timesteps);
    constant(LOAS_REG_CHUNK_BITS, "CHUNK_BITS", m_parameters.chunk_bits);
    constant(LOAS_REG_CLOCK_KHZ, "CLOCK_KHZ", static_cast<std::uint32_t>(std::lround(m_parameters.clock_mhz * 1000)));
    constant(LOAS_REG_FORMATS, "FORMATS", m_parameters.limits.formats);
    constant(LOAS_REG_ERROR_CODE, "ERROR_CODE", LOAS_STATUS_OK);
    constant(LOAS_REG_ERROR_INDEX, "ERROR_INDEX", 0);
    constant(LOAS_REG_ERROR_ADDRESS_LO, "ERROR_ADDRESS_LO", 0);
    constant(LOAS_REG_ERROR_ADDRESS_HI, "ERROR_ADDRESS_HI", 0);

    const auto computed = [&](std::uint64_t offset, const char* name, std::function<std::uint32_t()> read) {
        registers.declare(offset, {name, ro, 0, std::move(read), {}, {}});
    };
    computed(LOAS_REG_STATUS, "STATUS", [this] { return status(); });
    computed(LOAS_REG_QUEUE_HEAD, "QUEUE_HEAD", [this] { return m_head; });

    const auto writable = [&](std::uint64_t offset, const char* name, std::function<bool(std::uint32_t)> write) {
        registers.declare(offset, {name, rw, 0, {}, std::move(write), {}});
    };
    writable(LOAS_REG_CONTROL, "CONTROL", [this](std::uint32_t value) { return write_control(value); });
    writable(LOAS_REG_QUEUE_TAIL, "QUEUE_TAIL", [this](std::uint32_t tail) { return ring_doorbell(tail); });
    writable(LOAS_REG_IRQ_STATUS, "IRQ_STATUS", [this](std::uint32_t clear) {
        return set_interrupts(LOAS_REG_IRQ_STATUS, registers.value(LOAS_REG_IRQ_STATUS) & ~clear);
    });
    writable(LOAS_REG_IRQ_ENABLE, "IRQ_ENABLE", [this](std::uint32_t bits) {
        return set_interrupts(LOAS_REG_IRQ_ENABLE, bits & (LOAS_IRQ_COMPLETION | LOAS_IRQ_ERROR));
    });
    const std::pair<std::uint64_t, const char*> set_up[] = {
        {LOAS_REG_QUEUE_BASE_LO, "QUEUE_BASE_LO"},
        {LOAS_REG_QUEUE_BASE_HI, "QUEUE_BASE_HI"},
        {LOAS_REG_COMPLETION_BASE_LO, "COMPLETION_BASE_LO"},
        {LOAS_REG_COMPLETION_BASE_HI, "COMPLETION_BASE_HI"},
        {LOAS_REG_QUEUE_SIZE, "QUEUE_SIZE"},
    };
    for (const auto& [offset, name] : set_up)
        writable(offset, name, [this, at = offset](std::uint32_t value) { return write_while_disabled(at, value); });
}

void command_queue::declare_counters()
{
    for (unsigned i = 0; i < LOAS_COUNTER_COUNT; ++i) {
        const std::uint64_t offset = LOAS_REG_COUNTERS + 8 * i;
        const auto low = [this, i] { return static_cast<std::uint32_t>(counter_value(i)); };
        const auto high = [this, i] { return static_cast<std::uint32_t>(counter_value(i) >> 32); };
        const auto latch = [this, i, high] {
            m_latched_high = high();
            m_latched_counter = i;
        };
        // Without a read of the low half before, there is nothing latched: the half of the moment.
        const auto latched = [this, i, high] { return m_latched_counter == i ? m_latched_high : high(); };
        registers.declare(offset, {"COUNTER_LO", access_right::read_only, 0, low, {}, latch});
        registers.declare(offset + 4, {"COUNTER_HI", access_right::read_only, 0, latched, {}, {}});
    }
    m_latched_counter = LOAS_COUNTER_COUNT;
}

std::uint64_t command_queue::counter_value(unsigned index) const
{
    return index == LOAS_COUNTER_CYCLES ? m_clock.to_cycles(sc_core::sc_time_stamp() - m_reset_time)
                                        : m_counters.at(index);
}

std::uint64_t command_queue::address_register(std::uint64_t low_offset) const
{
    return registers.value(low_offset) | static_cast<std::uint64_t>(registers.value(low_offset + 4)) << 32;
}

std::uint32_t command_queue::status() const
{
    const bool enabled = (registers.value(LOAS_REG_CONTROL) & LOAS_CONTROL_ENABLE) != 0;
    const bool waiting = enabled && !m_halted && m_head != registers.value(LOAS_REG_QUEUE_TAIL);
    return (m_busy ? LOAS_STATE_BUSY : 0U) | (m_halted ? LOAS_STATE_HALTED : 0U) |
           (!m_busy && !waiting ? LOAS_STATE_IDLE : 0U);
}

bool command_queue::write_while_disabled(std::uint64_t offset, std::uint32_t value)
{
    if ((registers.value(LOAS_REG_CONTROL) & LOAS_CONTROL_ENABLE) != 0 || m_busy)
        return false;
    registers.set(offset, value);
    return true;
}

bool command_queue::write_control(std::uint32_t value)
{
    if ((value & ~(LOAS_CONTROL_ENABLE | LOAS_CONTROL_RESUME | LOAS_CONTROL_SOFT_RESET)) != 0)
        return false;
    if ((value & LOAS_CONTROL_SOFT_RESET) != 0) {
        soft_reset();
        return true;
    }
    const bool was_enabled = (registers.value(LOAS_REG_CONTROL) & LOAS_CONTROL_ENABLE) != 0;
    if ((value & LOAS_CONTROL_ENABLE) != 0 && !was_enabled) {
        if (m_busy)
            return false; // the descriptor in flight belongs to the rings of before
        if (!enable())
            return true; // reported by error register and interrupt
    }
    registers.set(LOAS_REG_CONTROL, value & LOAS_CONTROL_ENABLE);
    if ((value & LOAS_CONTROL_RESUME) != 0) {
        m_halted = false;
        registers.set(LOAS_REG_ERROR_CODE, LOAS_STATUS_OK);
        registers.set(LOAS_REG_ERROR_INDEX, 0);
        registers.set(LOAS_REG_ERROR_ADDRESS_LO, 0);
        registers.set(LOAS_REG_ERROR_ADDRESS_HI, 0);
    }
    m_work.notify(sc_core::SC_ZERO_TIME);
    return true;
}

bool command_queue::enable()
{
    const std::uint32_t size = registers.value(LOAS_REG_QUEUE_SIZE);
    const std::uint64_t queue = address_register(LOAS_REG_QUEUE_BASE_LO);
    const std::uint64_t completions = address_register(LOAS_REG_COMPLETION_BASE_LO);
    if (size < LOAS_MIN_QUEUE_ENTRIES || size > LOAS_MAX_QUEUE_ENTRIES || (size & (size - 1)) != 0) {
        fail(LOAS_STATUS_BAD_QUEUE, 0, 0);
        return false;
    }
    if (queue % sizeof(loas_descriptor) != 0 || completions % sizeof(loas_completion) != 0) {
        fail(LOAS_STATUS_BAD_QUEUE, 0, queue % sizeof(loas_descriptor) != 0 ? queue : completions);
        return false;
    }
    m_head = 0;
    m_sequence = 0;
    registers.set(LOAS_REG_QUEUE_TAIL, 0);
    return true;
}

bool command_queue::ring_doorbell(std::uint32_t tail)
{
    if (tail >= registers.value(LOAS_REG_QUEUE_SIZE)) {
        fail(LOAS_STATUS_BAD_QUEUE, m_head, 0);
        return true;
    }
    registers.set(LOAS_REG_QUEUE_TAIL, tail);
    m_work.notify(sc_core::SC_ZERO_TIME);
    return true;
}

void command_queue::soft_reset()
{
    ++m_resets;
    if (m_busy)
        executor->abort();
    registers.reset();
    m_head = 0;
    m_sequence = 0;
    m_halted = false;
    m_counters = {};
    m_reset_time = sc_core::sc_time_stamp();
    m_latched_counter = LOAS_COUNTER_COUNT;
    m_interrupt_changed.notify(sc_core::SC_ZERO_TIME);
    m_work.notify(sc_core::SC_ZERO_TIME);
}

void command_queue::run()
{
    for (;;) {
        if ((status() & LOAS_STATE_IDLE) != 0) // halted, disabled or nothing queued
            wait(m_work);
        else
            run_descriptor();
    }
}

void command_queue::run_descriptor()
{
    const unsigned resets = m_resets;
    const std::uint32_t index = m_head;
    const std::uint32_t size = registers.value(LOAS_REG_QUEUE_SIZE);
    const std::uint64_t queue = address_register(LOAS_REG_QUEUE_BASE_LO);
    const std::uint64_t completions = address_register(LOAS_REG_COMPLETION_BASE_LO);
    m_busy = true;
    const std::uint64_t start_cycle = m_clock.to_cycles(sc_core::sc_time_stamp());

    loas_descriptor descriptor{};
    observe::layer_outcome outcome;
    const std::uint64_t address = queue + index * sizeof descriptor;
    if (!transfer(tlm::TLM_READ_COMMAND, address, &descriptor, sizeof descriptor)) {
        outcome.status = LOAS_STATUS_BUS_ERROR;
        outcome.error_address = address;
    } else if (resets == m_resets) {
        const check_result check =
            check_descriptor(descriptor, m_parameters.limits,
                             {{queue, size * sizeof(loas_descriptor)}, {completions, size * sizeof(loas_completion)}});
        outcome.status = check.status;
        outcome.error_address = check.address;
        if (check.status == LOAS_STATUS_OK)
            outcome = dispatch(descriptor);
    }
    // A reset in between: nothing of this is wanted any more. Busy until all is told: record, registers, interrupt.
    if (resets == m_resets)
        complete(descriptor, outcome, index, start_cycle);
    m_busy = false;
}

void command_queue::complete(const loas_descriptor& descriptor, const observe::layer_outcome& outcome,
                             std::uint32_t index, std::uint64_t start_cycle)
{
    const unsigned resets = m_resets;
    const std::uint64_t cycles = m_clock.to_cycles(sc_core::sc_time_stamp()) - start_cycle;
    ++m_counters[LOAS_COUNTER_DESCRIPTORS];
    m_head = (index + 1) & (registers.value(LOAS_REG_QUEUE_SIZE) - 1);
    loas_completion record{};
    record.cookie = descriptor.cookie;
    record.status = static_cast<std::uint16_t>(outcome.status);
    record.index = static_cast<std::uint16_t>(index);
    record.cycles = cycles;
    record.error_address = outcome.error_address;
    record.sequence = ++m_sequence;
    const std::uint64_t record_address = address_register(LOAS_REG_COMPLETION_BASE_LO) + index * sizeof record;
    const bool written = transfer(tlm::TLM_WRITE_COMMAND, record_address, &record, sizeof record);
    if (resets != m_resets)
        return;
    if (outcome.status != LOAS_STATUS_OK)
        fail(outcome.status, index, outcome.error_address);
    else if (!written)
        fail(LOAS_STATUS_BUS_ERROR, index, record_address);
    else if ((descriptor.flags & LOAS_FLAG_INTERRUPT) != 0)
        raise(LOAS_IRQ_COMPLETION);
}

observe::layer_outcome command_queue::dispatch(const loas_descriptor& descriptor)
{
    if (descriptor.opcode != LOAS_OP_RUN_LAYER)
        return {}; // no-op; a fence has nothing to wait for, since descriptors run one after another
    const unsigned resets = m_resets;
    if (m_meter != nullptr)
        m_meter->begin_layer();
    observe::layer_outcome outcome = executor->execute(descriptor);
    if (m_meter != nullptr)
        m_meter->end_layer(outcome);
    if (resets != m_resets)
        return outcome;
    if (outcome.status == LOAS_STATUS_OK) {
        using observe::counter;
        ++m_counters[LOAS_COUNTER_LAYERS];
        m_counters[LOAS_COUNTER_BUSY_CYCLES] += outcome.counters[counter::cycles];
        m_counters[LOAS_COUNTER_JOINS] += outcome.counters[counter::joins];
        m_counters[LOAS_COUNTER_MATCHES] += outcome.counters[counter::matches];
        m_counters[LOAS_COUNTER_CORRECTIONS] += outcome.counters[counter::corrections];
    }
    if (m_observer != nullptr)
        m_observer->layer_finished(descriptor, outcome);
    return outcome;
}

bool command_queue::transfer(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes)
{
    kernel::prepare(m_payload, command, address, data, bytes);
    sc_core::sc_time delay;
    dma_out->b_transport(m_payload, delay);
    wait(delay);
    return m_payload.is_response_ok();
}

void command_queue::fail(loas_status status, std::uint32_t index, std::uint64_t address)
{
    ++m_counters[LOAS_COUNTER_ERRORS];
    m_halted = true;
    if (registers.value(LOAS_REG_ERROR_CODE) == LOAS_STATUS_OK) { // the first error is the one to look at
        registers.set(LOAS_REG_ERROR_CODE, status);
        registers.set(LOAS_REG_ERROR_INDEX, index);
        registers.set(LOAS_REG_ERROR_ADDRESS_LO, static_cast<std::uint32_t>(address));
        registers.set(LOAS_REG_ERROR_ADDRESS_HI, static_cast<std::uint32_t>(address >> 32));
    }
    raise(LOAS_IRQ_ERROR);
}

void command_queue::raise(std::uint32_t interrupt)
{
    set_interrupts(LOAS_REG_IRQ_STATUS, registers.value(LOAS_REG_IRQ_STATUS) | interrupt);
}

bool command_queue::set_interrupts(std::uint64_t offset, std::uint32_t bits)
{
    registers.set(offset, bits);
    m_interrupt_changed.notify(sc_core::SC_ZERO_TIME);
    return true;
}

void command_queue::drive_interrupt()
{
    interrupt_out.write((registers.value(LOAS_REG_IRQ_STATUS) & registers.value(LOAS_REG_IRQ_ENABLE)) != 0);
}

std::string command_queue::describe() const
{
    std::ostringstream text;
    text << "command queue: head " << m_head << ", tail " << registers.value(LOAS_REG_QUEUE_TAIL) << " of "
         << registers.value(LOAS_REG_QUEUE_SIZE) << " entries, "
         << (m_halted ? "halted by an error"
             : m_busy ? "a descriptor in flight"
                      : "nothing in flight");
    return text.str();
}

} // namespace loas::control
