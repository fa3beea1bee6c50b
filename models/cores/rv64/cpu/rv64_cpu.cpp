#include "models/cores/rv64/cpu/rv64_cpu.h"

#include "models/kernel/access_check.h"

#include <algorithm>
#include <cstdio>

namespace loas::cores
{

rv64_cpu::rv64_cpu(const sc_core::sc_module_name& name, const rv64_cpu_parameters& parameters)
    : sc_module(name), m_parameters(parameters), m_hart(*this, parameters.hart)
{
    bus_out.register_invalidate_direct_mem_ptr(this, &rv64_cpu::invalidate_direct_mem_ptr);
    m_hart.reset(parameters.reset_pc);
    SC_THREAD(run);
    set_stack_size(1U << 20); // what an ebreak asks for may open files
}

void rv64_cpu::run()
{
    while (!m_stopped) {
        m_hart.advance_to(m_parameters.clock.cycle_of(kernel::kernel_ps()));
        run_slice();
        synchronise();
        if (m_hart.waiting() && !m_stopped)
            wait_for_interrupt();
    }
    rest(~std::uint64_t{0});
    if (m_on_stopped)
        m_on_stopped();
}

void rv64_cpu::run_slice()
{
    const std::uint64_t end = m_hart.cycle() + m_parameters.quantum_cycles;
    std::uint64_t until = std::min(end, next_event_cycle());
    while (!m_stopped && m_hart.cycle() < until) {
        m_payload.about.served_ahead = false;
        const rv64::hart::stop why = m_hart.run(until);
        // Looked up again after what may have scheduled something. An instruction that reads a device accesses nothing
        // else, so the word of the last access holds for the run.
        if (!m_payload.about.served_ahead)
            until = std::min(end, next_event_cycle());
        if (why == rv64::hart::stop::waiting)
            return;
        m_lost = why == rv64::hart::stop::lost;
        m_stopped |= m_lost;
    }
}

/// The first cycle that begins when somebody else does something, or later. At a time at which others have still
/// something to do, one cycle on: instructions begin one by one until they have done it.
std::uint64_t rv64_cpu::next_event_cycle()
{
    const std::uint64_t now_ps = kernel::kernel_ps();
    const std::uint64_t away_ps = sc_core::sc_time_to_pending_activity().value();
    const std::uint64_t at_ps = now_ps + std::min(away_ps, ~std::uint64_t{0} - now_ps - m_parameters.clock.period_ps());
    m_payload.about.nothing_before = away_ps != 0;
    return away_ps == 0 ? m_parameters.clock.cycle_of(now_ps) + 1 : m_parameters.clock.cycle_of(at_ps);
}

void rv64_cpu::synchronise()
{
    const std::uint64_t now_ps = kernel::kernel_ps(), to_ps = local_ps();
    rest(std::max(to_ps, now_ps));
    wait(sc_core::sc_time::from_value(to_ps > now_ps ? to_ps - now_ps : 0));
    // Who has something to do at this time too does it first, whatever the order of the kernel's processes.
    if (to_ps > now_ps)
        wait(sc_core::SC_ZERO_TIME);
}

void rv64_cpu::wait_for_interrupt()
{
    if ((m_hart.mip() & m_hart.mie()) != 0)
        return;
    rest(~std::uint64_t{0});
    const std::uint64_t before = m_hart.cycle();
    do
        wait(m_interrupted);
    while ((m_hart.mip() & m_hart.mie()) == 0);
    rest(kernel::kernel_ps());
    m_hart.advance_to(m_parameters.clock.cycle_of(kernel::kernel_ps()));
    m_time.wfi += m_hart.cycle() - before;
}

void rv64_cpu::set_interrupt(rv64::interrupt_line line, bool high)
{
    m_hart.set_line(line, high);
    if (high)
        m_interrupted.notify();
}

void rv64_cpu::rest(std::uint64_t time_ps)
{
    if (m_parameters.rests_until)
        m_parameters.rests_until(time_ps);
}

std::string rv64_cpu::describe() const
{
    char text[160];
    std::snprintf(text, sizeof text, "CPU: %s at pc 0x%llx, mie 0x%llx, mip 0x%llx",
                  m_stopped          ? "has stopped"
                  : m_hart.waiting() ? "waits for an interrupt (wfi)"
                                     : "running",
                  static_cast<unsigned long long>(m_hart.pc()), static_cast<unsigned long long>(m_hart.mie()),
                  static_cast<unsigned long long>(m_hart.mip()));
    return text;
}

bool rv64_cpu::is_memory(std::uint64_t address) const
{
    return std::any_of(m_parameters.memory.begin(), m_parameters.memory.end(),
                       [&](const auto& each) { return address - each.base < each.bytes; });
}

rv64::page rv64_cpu::find_page(std::uint64_t address)
{
    rv64::page where;
    where.is_memory = is_memory(address);
    tlm::tlm_dmi grant;
    kernel::prepare(m_payload, tlm::TLM_READ_COMMAND, address, nullptr, 0);
    const bool granted = where.is_memory && m_parameters.pointers && bus_out->get_direct_mem_ptr(m_payload, grant);
    // Only whole pages: what a pointer is good for is looked at once.
    if (granted && grant.is_read_allowed() && grant.get_start_address() <= address &&
        grant.get_end_address() - address >= rv64::page_bytes - 1) {
        where.bytes = grant.get_dmi_ptr() + (address - grant.get_start_address());
        where.writable = grant.is_write_allowed();
    }
    return where;
}

void rv64_cpu::note(std::uint64_t address, std::size_t bytes, bool write)
{
    access& last = m_last_access;
    const bool again = last.address == address && last.bytes == bytes && last.write == write;
    last = {address, bytes, write, again ? last.in_a_row + 1 : 1};
}

rv64::access_end rv64_cpu::transfer(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes)
{
    const bool memory = is_memory(address);
    kernel::prepare(m_payload, command, address, data, bytes);
    const std::uint64_t begin_ps = std::max(local_ps(), kernel::kernel_ps());
    sc_core::sc_time delay = sc_core::sc_time::from_value(begin_ps - kernel::kernel_ps());
    rest(begin_ps);
    if (!memory)
        note(address, bytes, command == tlm::TLM_WRITE_COMMAND);
    bus_out->b_transport(m_payload, delay); // may wait
    if (memory && m_payload.is_dmi_allowed())
        m_hart.forget_pages(address, address); // it may have a pointer from now on
    if (memory && !m_parameters.memory_timed)
        return {m_payload.is_response_ok(), 0};
    const std::uint64_t cycles = m_parameters.clock.cycle_of(kernel::kernel_ps() + delay.value()) - m_hart.cycle();
    m_time.accesses += cycles;
    return {m_payload.is_response_ok(), cycles};
}

rv64::access_end rv64_cpu::read(std::uint64_t address, void* to, std::size_t bytes)
{
    return transfer(tlm::TLM_READ_COMMAND, address, to, bytes);
}

rv64::access_end rv64_cpu::write(std::uint64_t address, const void* from, std::size_t bytes)
{
    // TLM has one data pointer for both directions; a write only reads through it.
    return transfer(tlm::TLM_WRITE_COMMAND, address, const_cast<void*>(from), bytes);
}

bool rv64_cpu::fetch(std::uint64_t address, void* to, std::size_t bytes)
{
    kernel::prepare(m_payload, tlm::TLM_READ_COMMAND, address, to, bytes);
    return bus_out->transport_dbg(m_payload) == bytes;
}

std::uint64_t rv64_cpu::time()
{
    return m_parameters.counter ? m_parameters.counter(local_ps()) : local_ps() / 1000;
}

bool rv64_cpu::breakpoint(rv64::hart& of)
{
    return m_breakpoint && m_breakpoint(of);
}

} // namespace loas::cores
