#include "models/designs/base/block_ports.h"

#include <algorithm>

namespace loas::designs
{

block_ports::block_ports(const sc_core::sc_module_name& name, const kernel::clock& clock, kernel::event_wheel& wheel,
                         std::size_t tiles, std::size_t shared, bool broadcast, kernel::memory_fault& fault)
    : sc_module(name), m_clock(clock), m_tiles(tiles), m_fault(fault)
{
    for (std::size_t i = 0; i < tiles; ++i)
        m_ports.emplace_back(
            new kernel::memory_port(("tile_" + std::to_string(i) + "_out").c_str(), wheel, clock, *this));
    for (std::size_t i = 0; i < shared; ++i)
        m_ports.emplace_back(
            new kernel::memory_port(("shared_" + std::to_string(i) + "_out").c_str(), wheel, clock, *this, broadcast));
    kernel::name_requesters(m_ports, tiles);
}

std::vector<kernel::memory_port*> block_ports::ports() const
{
    std::vector<kernel::memory_port*> all;
    for (const auto& each : m_ports)
        all.push_back(each.get());
    return all;
}

void block_ports::read(std::size_t port, std::uint64_t address, void* data, std::size_t bytes, observe::operand kind,
                       std::uint64_t cycle, kernel::arrival& of, bool last_use)
{
    start(tlm::TLM_READ_COMMAND, port, address, data, bytes, kind, cycle, of, last_use);
}

void block_ports::write(std::size_t port, std::uint64_t address, const void* data, std::size_t bytes,
                        observe::operand kind, std::uint64_t cycle, kernel::arrival& of)
{
    start(tlm::TLM_WRITE_COMMAND, port, address, const_cast<void*>(data), bytes, kind, cycle, of, false); // only read
}

void block_ports::start(tlm::tlm_command command, std::size_t port, std::uint64_t address, void* data,
                        std::size_t bytes, observe::operand kind, std::uint64_t cycle, kernel::arrival& of,
                        bool last_use)
{
    if (bytes == 0 || m_fault.happened)
        return;
    ++of.accesses_missing;
    m_ports[port]->start(command, address, data, bytes, kind, cycle * m_clock.period_ps(),
                         reinterpret_cast<std::uintptr_t>(&of), // comes back as it is, and orders nothing
                         last_use);
}

void block_ports::access_finished(const kernel::access_done& done)
{
    auto& of = *reinterpret_cast<kernel::arrival*>(static_cast<std::uintptr_t>(done.tag));
    if (!done.ok)
        m_fault.note(LOAS_STATUS_BUS_ERROR, done.address);
    of.refresh_cycles = std::max(of.refresh_cycles, m_clock.cycles_in(done.refresh_ps));
    of.ready_cycle = std::max(of.ready_cycle, m_clock.cycles_in(done.time_ps));
    if (--of.accesses_missing == 0 && of.then != nullptr && !m_fault.happened)
        of.then->arrived(of);
}

bool block_ports::at_rest() const
{
    return std::all_of(m_ports.begin(), m_ports.end(), [](const auto& each) { return each->outstanding() == 0; });
}

std::string block_ports::describe() const
{
    for (const auto& each : m_ports)
        if (each->outstanding() > 0)
            return each->describe();
    return {};
}

} // namespace loas::designs
