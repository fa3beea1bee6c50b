#include "models/cores/native/native_cpu.h"

#include "abi/loas_devices.h"
#include "models/kernel/access_check.h"
#include "models/kernel/clock.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace loas::cores
{
namespace
{

// A CPU moves memory a cache line at a time.
constexpr std::uint64_t line_bytes = 64;

} // namespace

native_cpu::native_cpu(const sc_core::sc_module_name& name, const native_cpu_parameters& parameters)
    : sc_module(name), m_parameters(parameters)
{
    tlm_utils::tlm_quantumkeeper::set_global_quantum(parameters.quantum);
    SC_THREAD(run);
    set_stack_size(1U << 20); // the program's C code may keep scratch memory on the stack
}

void native_cpu::run()
{
    m_local_time.reset();
    const loas_hal hal = make_hal();
    start_plic();
    try {
        if (m_program)
            m_program(hal);
        synchronise();
        m_finished = true;
    } catch (const sc_core::sc_unwind_exception&) {
        throw; // the kernel's, not the program's
    } catch (...) {
        m_failure = std::current_exception();
        m_finished = true;
    }
    end();
}

void native_cpu::end()
{
    if (m_parameters.rests_until)
        m_parameters.rests_until(~std::uint64_t{0});
    if (m_ended)
        m_ended();
}

void native_cpu::rethrow() const
{
    if (m_failure)
        std::rethrow_exception(m_failure);
}

std::string native_cpu::describe() const
{
    return m_finished ? "CPU: its program has ended" : m_waiting ? "CPU: waits for an interrupt" : "CPU: running";
}

int native_cpu::transfer(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes)
{
    auto* at = static_cast<unsigned char*>(data);
    while (bytes > 0) {
        const std::size_t part = std::min<std::size_t>(bytes, line_bytes - address % line_bytes);
        kernel::prepare(m_payload, command, address, at, part);
        sc_core::sc_time delay = m_local_time.get_local_time();
        const std::uint64_t begin_ps = kernel::kernel_ps() + delay.value();
        bus_out->b_transport(m_payload, delay);
        m_accesses_ps += kernel::kernel_ps() + delay.value() - begin_ps;
        m_local_time.set(delay);
        if (m_local_time.need_sync() || m_stopped)
            synchronise();
        leave_if_stopped();
        if (!m_payload.is_response_ok())
            return LOAS_E_BUS;
        address += part;
        at += part;
        bytes -= part;
    }
    serve_between();
    return LOAS_OK;
}

/// Does not return if its program has been ended from outside.
void native_cpu::leave_if_stopped()
{
    if (!m_stopped)
        return;
    m_finished = true;
    end();
    for (;;)
        wait(sc_core::sc_event());
}

// First fit between the ranges in use: few and long-lived ones, so a list is enough.
int native_cpu::allocate(std::uint64_t bytes, std::uint64_t alignment, std::uint64_t* address)
{
    if (alignment == 0 || (alignment & (alignment - 1)) != 0 || bytes == 0)
        return LOAS_E_ARGUMENT;
    const std::uint64_t end = m_parameters.dma_base + m_parameters.dma_bytes;
    const auto aligned = [alignment](std::uint64_t at) { return (at + alignment - 1) & ~(alignment - 1); };
    std::uint64_t start = aligned(m_parameters.dma_base);
    for (const auto& used : m_allocated) {
        if (start <= used.first && bytes <= used.first - start)
            break;
        start = aligned(used.second);
    }
    if (start > end || bytes > end - start)
        return LOAS_E_MEMORY;
    m_allocated[start] = start + bytes;
    *address = start;
    return LOAS_OK;
}

void native_cpu::release(std::uint64_t address)
{
    m_allocated.erase(address);
}

// Its caller has dealt with what it was told of the last time: only now that is completed, and a line that is still up
// counts again.
int native_cpu::wait_interrupt(std::uint64_t timeout_ns)
{
    synchronise();
    for (const std::uint32_t input : std::exchange(m_claimed, {}))
        write_plic(LOAS_PLIC_REG_CLAIM, input);
    // Simulated time ends after 2^64 ps; a wait "for ever" is one for half of that.
    constexpr std::uint64_t longest_ns = (std::uint64_t{1} << 63) / 1000;
    const auto timeout = sc_core::sc_time::from_value(std::min(timeout_ns, longest_ns) * 1000);
    if (!m_interrupt && !m_handled) {
        m_waiting = true;
        rest(timeout);
        const std::uint64_t begin_ps = kernel::kernel_ps();
        wait(timeout, m_interrupted);
        m_waiting_ps += kernel::kernel_ps() - begin_ps;
        rest(sc_core::SC_ZERO_TIME);
        m_waiting = false;
        m_local_time.reset();
        leave_if_stopped();
    }
    const bool served = serve();
    return std::exchange(m_handled, false) || served ? LOAS_OK : LOAS_E_TIMEOUT;
}

void native_cpu::stop()
{
    m_stopped = true;
    m_interrupted.notify(); // it may be waiting
}

void native_cpu::set_interrupt(bool high)
{
    m_interrupt = high;
    if (high)
        m_interrupted.notify();
}

/// Claims what interrupts: calls its handler, or leaves it to the program. True: there was something.
bool native_cpu::serve()
{
    bool any = false;
    while (m_interrupt) {
        const std::uint32_t input = read_plic(LOAS_PLIC_REG_CLAIM);
        any = any || input != 0;
        const auto found = m_handlers.find(input);
        if (found == m_handlers.end()) {
            m_claimed.push_back(input);
            continue;
        }
        m_in_handler = true;
        found->second.call(found->second.context, input);
        m_in_handler = false;
        m_handled = true;
        write_plic(LOAS_PLIC_REG_CLAIM, input);
    }
    return any;
}

/// A program without handlers is interrupted while it waits, and not elsewhere.
void native_cpu::serve_between()
{
    if (m_interrupt && !m_handlers.empty() && !m_in_handler)
        serve();
}

int native_cpu::set_handler(std::uint32_t input, loas_interrupt_handler* handler, void* context)
{
    if (input == 0 || input >= m_parameters.plic_inputs)
        return LOAS_E_ARGUMENT;
    if (handler != nullptr)
        m_handlers[input] = {handler, context};
    else
        m_handlers.erase(input);
    return LOAS_OK;
}

void native_cpu::access_plic(tlm::tlm_command command, std::uint64_t offset, std::uint32_t& value)
{
    kernel::prepare(m_payload, command, m_parameters.plic_base + offset, &value, sizeof value);
    sc_core::sc_time not_counted;
    bus_out->b_transport(m_payload, not_counted);
}

std::uint32_t native_cpu::read_plic(std::uint64_t offset)
{
    std::uint32_t value = 0;
    access_plic(tlm::TLM_READ_COMMAND, offset, value);
    return value;
}

void native_cpu::write_plic(std::uint64_t offset, std::uint32_t value)
{
    access_plic(tlm::TLM_WRITE_COMMAND, offset, value);
}

void native_cpu::start_plic()
{
    for (unsigned input = 1; input < m_parameters.plic_inputs; ++input)
        write_plic(LOAS_PLIC_REG_PRIORITY + 4 * input, 1);
}

void native_cpu::synchronise()
{
    rest(m_local_time.get_local_time());
    m_local_time.sync();
}

void native_cpu::rest(const sc_core::sc_time& longest)
{
    if (m_parameters.rests_until)
        m_parameters.rests_until((sc_core::sc_time_stamp() + longest).value());
}

loas_hal native_cpu::make_hal()
{
    loas_hal hal{};
    hal.context = this;
    hal.read32 = [](void* context, std::uint64_t address, std::uint32_t* value) {
        return static_cast<native_cpu*>(context)->transfer(tlm::TLM_READ_COMMAND, address, value, sizeof *value);
    };
    hal.write32 = [](void* context, std::uint64_t address, std::uint32_t value) {
        return static_cast<native_cpu*>(context)->transfer(tlm::TLM_WRITE_COMMAND, address, &value, sizeof value);
    };
    hal.dma_alloc = [](void* context, std::uint64_t bytes, std::uint64_t alignment, std::uint64_t* address) {
        return static_cast<native_cpu*>(context)->allocate(bytes, alignment, address);
    };
    hal.dma_free = [](void* context, std::uint64_t address) { static_cast<native_cpu*>(context)->release(address); };
    hal.dma_write = [](void* context, std::uint64_t address, const void* source, std::size_t bytes) {
        // TLM has one data pointer for both directions; a write only reads through it.
        return static_cast<native_cpu*>(context)->transfer(tlm::TLM_WRITE_COMMAND, address, const_cast<void*>(source),
                                                           bytes);
    };
    hal.dma_read = [](void* context, void* destination, std::uint64_t address, std::size_t bytes) {
        return static_cast<native_cpu*>(context)->transfer(tlm::TLM_READ_COMMAND, address, destination, bytes);
    };
    hal.dma_sync = [](void*, std::uint64_t, std::uint64_t, loas_sync) {}; // no caches in front of this memory
    hal.wait_interrupt = [](void* context, std::uint64_t timeout_ns) {
        return static_cast<native_cpu*>(context)->wait_interrupt(timeout_ns);
    };
    hal.time_ns = [](void* context) {
        const auto* cpu = static_cast<native_cpu*>(context);
        return static_cast<std::uint64_t>(cpu->m_local_time.get_current_time().value() / 1000);
    };
    hal.log = [](void* context, loas_log_level level, const char* text) {
        const auto* cpu = static_cast<native_cpu*>(context);
        if (cpu->m_parameters.log)
            cpu->m_parameters.log(level, text);
    };
    hal.read8 = [](void* context, std::uint64_t address, std::uint8_t* value) {
        return static_cast<native_cpu*>(context)->transfer(tlm::TLM_READ_COMMAND, address, value, sizeof *value);
    };
    hal.write8 = [](void* context, std::uint64_t address, std::uint8_t value) {
        return static_cast<native_cpu*>(context)->transfer(tlm::TLM_WRITE_COMMAND, address, &value, sizeof value);
    };
    hal.set_handler = [](void* context, std::uint32_t input, loas_interrupt_handler* handler, void* handler_context) {
        return static_cast<native_cpu*>(context)->set_handler(input, handler, handler_context);
    };
    return hal;
}

} // namespace loas::cores
