#include "models/control/command_ring.h"

#include "models/control/ring_registers.h"

#include <cmath>
#include <sstream>

namespace loas::control
{

command_ring::command_ring(const sc_core::sc_module_name& name, const ring_parameters& parameters,
                           ring_surroundings& around)
    : register_device(name, ring_registers(), parameters.register_latency), m_clock(parameters.clock_mhz),
      m_around(around)
{
    reads_run_ahead();
    set_capabilities(parameters);
    attach_effects();
    attach_counters();
}

void command_ring::set_capabilities(const ring_parameters& parameters)
{
    const auto is = [this](std::uint64_t offset, std::uint32_t value) { registers().set_reset_value(offset, value); };
    is(LOAS_REG_ACCELERATOR, parameters.accelerator);
    is(LOAS_REG_FEATURES, parameters.limits.features);
    is(LOAS_REG_TILES, parameters.limits.tiles);
    is(LOAS_REG_MAX_TIMESTEPS, parameters.limits.max_timesteps);
    is(LOAS_REG_CHUNK_BITS, parameters.chunk_bits);
    is(LOAS_REG_CLOCK_KHZ, static_cast<std::uint32_t>(std::lround(parameters.clock_mhz * 1000)));
    is(LOAS_REG_FORMATS, parameters.limits.formats);
    is(LOAS_REG_RINGS, parameters.rings);
}

void command_ring::attach_effects()
{
    kernel::register_bank& bank = registers();
    bank.set_effects(LOAS_REG_STATUS, {[this] { return status(); }, {}, {}});
    bank.set_effects(LOAS_REG_QUEUE_HEAD, {[this] { return m_head; }, {}, {}});
    bank.set_effects(LOAS_REG_CONTROL, {{}, [this](std::uint32_t value) { return write_control(value); }, {}});
    bank.set_effects(LOAS_REG_QUEUE_TAIL, {{}, [this](std::uint32_t tail) { return ring_doorbell(tail); }, {}});
    const auto interrupt = [this] { drive_interrupt(); };
    bank.set_effects(LOAS_REG_IRQ_STATUS, {{}, {}, {}, interrupt});
    bank.set_effects(LOAS_REG_IRQ_ENABLE, {{}, {}, {}, interrupt});
    const auto set_up = [this](std::uint32_t) { return enabled() || m_busy ? verdict::refuse : verdict::keep; };
    for (const kernel::register_row& row : bank.table().rows)
        if (row.has(kernel::while_disabled))
            bank.set_effects(row.offset, {{}, set_up, {}});
}

void command_ring::attach_counters()
{
    for (unsigned i = 0; i < LOAS_COUNTER_COUNT; ++i) {
        const auto low = [this, i] { return static_cast<std::uint32_t>(counter_value(i)); };
        const auto high = [this, i] { return static_cast<std::uint32_t>(counter_value(i) >> 32); };
        const auto latch = [this, i, high] {
            m_latched_high = high();
            m_latched_counter = i;
        };
        // Without a read of the low half before, there is nothing latched: the half of the moment.
        const auto latched = [this, i, high] { return m_latched_counter == i ? m_latched_high : high(); };
        registers().set_effects(LOAS_REG_COUNTERS + 8 * i, {low, {}, latch});
        registers().set_effects(LOAS_REG_COUNTERS_HI + 8 * i, {latched, {}, {}});
    }
}

std::uint64_t command_ring::counter_value(unsigned index) const
{
    return index == LOAS_COUNTER_CYCLES ? m_clock.to_cycles(sc_core::sc_time::from_value(access_ps()) - m_reset_time)
                                        : m_counters.at(index);
}

std::uint64_t command_ring::address_register(std::uint64_t low_offset) const
{
    return registers().value(low_offset) | static_cast<std::uint64_t>(registers().value(low_offset + 4)) << 32;
}

std::uint32_t command_ring::status() const
{
    const bool waiting = enabled() && !m_halted && m_head != registers().value(LOAS_REG_QUEUE_TAIL);
    return (m_busy ? LOAS_STATE_BUSY : 0U) | (m_halted ? LOAS_STATE_HALTED : 0U) |
           (!m_busy && !waiting ? LOAS_STATE_IDLE : 0U);
}

command_ring::verdict command_ring::write_control(std::uint32_t value)
{
    if ((value & LOAS_CONTROL_SOFT_RESET) != 0) {
        soft_reset();
        return verdict::drop;
    }
    if ((value & LOAS_CONTROL_ENABLE) != 0 && !enabled()) {
        if (m_busy)
            return verdict::refuse; // the descriptor in flight belongs to the rings of before
        if (!enable())
            return verdict::drop; // reported by error register and interrupt
    }
    if ((value & LOAS_CONTROL_RESUME) != 0) {
        m_halted = false;
        clear_error();
    }
    m_around.wake();
    return verdict::keep;
}

void command_ring::clear_error()
{
    for (const std::uint64_t offset :
         {LOAS_REG_ERROR_CODE, LOAS_REG_ERROR_INDEX, LOAS_REG_ERROR_ADDRESS_LO, LOAS_REG_ERROR_ADDRESS_HI})
        registers().set(offset, 0);
}

bool command_ring::enable()
{
    const std::uint32_t size = registers().value(LOAS_REG_QUEUE_SIZE);
    const std::uint64_t queue = address_register(LOAS_REG_QUEUE_BASE_LO);
    const std::uint64_t completions = address_register(LOAS_REG_COMPLETION_BASE_LO);
    if (size < LOAS_MIN_QUEUE_ENTRIES || size > LOAS_MAX_QUEUE_ENTRIES || (size & (size - 1)) != 0) {
        fail(LOAS_STATUS_BAD_QUEUE, 0, 0);
        return false;
    }
    for (const auto& [base, entry_bytes] :
         {std::pair{queue, sizeof(loas_descriptor)}, {completions, sizeof(loas_completion)}})
        if (base % entry_bytes != 0 || base + (size * entry_bytes - 1) < base) {
            fail(LOAS_STATUS_BAD_QUEUE, 0, base);
            return false;
        }
    m_head = 0;
    m_sequence = 0;
    registers().set(LOAS_REG_QUEUE_TAIL, 0);
    return true;
}

command_ring::verdict command_ring::ring_doorbell(std::uint32_t tail)
{
    if (tail >= registers().value(LOAS_REG_QUEUE_SIZE)) {
        fail(LOAS_STATUS_BAD_QUEUE, m_head, 0);
        return verdict::drop;
    }
    m_around.wake();
    return verdict::keep;
}

void command_ring::soft_reset()
{
    ++m_resets;
    if (m_busy)
        m_around.abort();
    registers().reset();
    m_head = 0;
    m_sequence = 0;
    m_halted = false;
    m_counters = {};
    m_reset_time = sc_core::sc_time_stamp();
    m_latched_counter = LOAS_COUNTER_COUNT;
    drive_interrupt();
    m_around.wake();
}

std::vector<address_range> command_ring::memory() const
{
    if (!enabled() && !m_busy)
        return {};
    const std::uint64_t size = registers().value(LOAS_REG_QUEUE_SIZE);
    return {{address_register(LOAS_REG_QUEUE_BASE_LO), size * sizeof(loas_descriptor)},
            {address_register(LOAS_REG_COMPLETION_BASE_LO), size * sizeof(loas_completion)}};
}

ring_work command_ring::fetch()
{
    ring_work work;
    work.index = m_head;
    work.life = m_resets;
    work.start_cycle = m_clock.to_cycles(sc_core::sc_time_stamp());
    m_busy = true;
    const std::uint64_t address = address_register(LOAS_REG_QUEUE_BASE_LO) + work.index * sizeof work.descriptor;
    if (!m_around.transfer(tlm::TLM_READ_COMMAND, address, &work.descriptor, sizeof work.descriptor)) {
        work.outcome.status = LOAS_STATUS_BUS_ERROR;
        work.outcome.error_address = address;
    }
    return work;
}

void command_ring::count(const observe::layer_outcome& outcome)
{
    using observe::counter;
    ++m_counters[LOAS_COUNTER_LAYERS];
    m_counters[LOAS_COUNTER_BUSY_CYCLES] += outcome.counters[counter::cycles];
    m_counters[LOAS_COUNTER_JOINS] += outcome.counters[counter::joins];
    m_counters[LOAS_COUNTER_MATCHES] += outcome.counters[counter::matches];
    m_counters[LOAS_COUNTER_CORRECTIONS] += outcome.counters[counter::corrections];
}

void command_ring::finish(const ring_work& work)
{
    if (wants(work))
        complete(work);
    m_busy = false; // busy until all is told: record, registers, interrupt
}

void command_ring::complete(const ring_work& work)
{
    ++m_counters[LOAS_COUNTER_DESCRIPTORS];
    m_head = (work.index + 1) & (registers().value(LOAS_REG_QUEUE_SIZE) - 1);
    loas_completion record{};
    record.cookie = work.descriptor.cookie;
    record.status = static_cast<std::uint16_t>(work.outcome.status);
    record.index = static_cast<std::uint16_t>(work.index);
    record.cycles = m_clock.to_cycles(sc_core::sc_time_stamp()) - work.start_cycle;
    record.error_address = work.outcome.error_address;
    record.sequence = ++m_sequence;
    const std::uint64_t address = address_register(LOAS_REG_COMPLETION_BASE_LO) + work.index * sizeof record;
    const bool written = m_around.transfer(tlm::TLM_WRITE_COMMAND, address, &record, sizeof record);
    if (!wants(work))
        return;
    if (work.outcome.status != LOAS_STATUS_OK)
        fail(work.outcome.status, work.index, work.outcome.error_address);
    else if (!written)
        fail(LOAS_STATUS_BUS_ERROR, work.index, address);
    else if ((work.descriptor.flags & LOAS_FLAG_INTERRUPT) != 0)
        raise(LOAS_IRQ_COMPLETION);
}

void command_ring::fail(loas_status status, std::uint32_t index, std::uint64_t address)
{
    ++m_counters[LOAS_COUNTER_ERRORS];
    m_halted = true;
    if (registers().value(LOAS_REG_ERROR_CODE) == LOAS_STATUS_OK) { // the first error is the one to look at
        registers().set(LOAS_REG_ERROR_CODE, status);
        registers().set(LOAS_REG_ERROR_INDEX, index);
        registers().set(LOAS_REG_ERROR_ADDRESS_LO, static_cast<std::uint32_t>(address));
        registers().set(LOAS_REG_ERROR_ADDRESS_HI, static_cast<std::uint32_t>(address >> 32));
    }
    raise(LOAS_IRQ_ERROR);
}

void command_ring::raise(std::uint32_t interrupt)
{
    registers().set(LOAS_REG_IRQ_STATUS, registers().value(LOAS_REG_IRQ_STATUS) | interrupt);
    drive_interrupt();
}

void command_ring::drive_interrupt()
{
    interrupt_out.drive((registers().value(LOAS_REG_IRQ_STATUS) & registers().value(LOAS_REG_IRQ_ENABLE)) != 0);
}

std::string command_ring::describe() const
{
    std::ostringstream text;
    text << "head " << m_head << ", tail " << registers().value(LOAS_REG_QUEUE_TAIL) << " of "
         << registers().value(LOAS_REG_QUEUE_SIZE) << " entries, "
         << (m_halted ? "halted by an error"
             : m_busy ? "a descriptor in flight"
                      : "nothing in flight");
    return text.str();
}

} // namespace loas::control
