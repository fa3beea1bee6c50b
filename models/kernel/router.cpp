#include "models/kernel/router.h"

#include <algorithm>

namespace loas::kernel
{

router::router(const sc_core::sc_module_name& name) : sc_module(name)
{
    bus_in.register_b_transport(this, &router::b_transport);
    bus_in.register_transport_dbg(this, &router::transport_dbg);
    bus_in.register_get_direct_mem_ptr(this, &router::get_direct_mem_ptr);
}

router::port& router::map(const std::string& name, std::uint64_t base, std::uint64_t size_bytes, addresses seen)
{
    if (size_bytes == 0 || base + (size_bytes - 1) < base)
        SC_REPORT_FATAL(this->name(), ("empty or wrapping address range for " + name).c_str());
    for (const window& other : m_windows)
        if (base <= other.base + (other.size_bytes - 1) && other.base <= base + (size_bytes - 1))
            SC_REPORT_FATAL(this->name(), ("address range of " + name + " overlaps another").c_str());
    const int index = static_cast<int>(m_windows.size());
    m_windows.emplace_back(name, base, size_bytes, seen == addresses::whole ? base : 0);
    m_windows.back().socket.register_invalidate_direct_mem_ptr(this, &router::invalidate_direct_mem_ptr, index);
    return m_windows.back().socket;
}

std::pair<std::uint64_t, std::uint64_t> router::window::whole(std::uint64_t first, std::uint64_t last) const
{
    const std::uint64_t end = start + (size_bytes - 1);
    const std::uint64_t from = first > start && first <= end ? first - start : 0;
    return {base + from, base + (last >= start && last < end ? last - start : size_bytes - 1)};
}

router::window* router::find(std::uint64_t address, std::uint64_t bytes)
{
    const auto has = [address](const window& each) { return address - each.base < each.size_bytes; };
    if (m_last == nullptr || !has(*m_last)) {
        const auto found = std::find_if(m_windows.begin(), m_windows.end(), has);
        if (found == m_windows.end())
            return nullptr;
        m_last = &*found;
    }
    return bytes <= m_last->size_bytes - (address - m_last->base) ? m_last : nullptr;
}

void router::b_transport(int, tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    const std::uint64_t address = access.get_address();
    window* target = find(address, access.get_data_length());
    if (target == nullptr) {
        access.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    access.set_address(address - target->base + target->start);
    target->socket->b_transport(access, delay);
    access.set_address(address); // the initiator's view again
}

unsigned router::transport_dbg(int, tlm::tlm_generic_payload& access)
{
    const std::uint64_t address = access.get_address();
    window* target = find(address, access.get_data_length());
    if (target == nullptr)
        return 0;
    access.set_address(address - target->base + target->start);
    const unsigned done = target->socket->transport_dbg(access);
    access.set_address(address);
    return done;
}

bool router::get_direct_mem_ptr(int, tlm::tlm_generic_payload& access, tlm::tlm_dmi& dmi)
{
    const std::uint64_t address = access.get_address();
    window* target = find(address, 1);
    if (target == nullptr)
        return false;
    access.set_address(address - target->base + target->start);
    const bool granted = target->socket->get_direct_mem_ptr(access, dmi);
    access.set_address(address);
    // The target spoke of its own addresses; a refusal names a range too.
    const auto [first, last] = target->whole(dmi.get_start_address(), dmi.get_end_address());
    dmi.set_start_address(first);
    dmi.set_end_address(last);
    return granted;
}

void router::invalidate_direct_mem_ptr(int window_index, sc_dt::uint64 start, sc_dt::uint64 end)
{
    auto source = m_windows.begin();
    std::advance(source, window_index);
    const auto [first, last] = source->whole(start, end);
    for (int i = 0; i < static_cast<int>(bus_in.size()); ++i)
        bus_in[i]->invalidate_direct_mem_ptr(first, last);
}

} // namespace loas::kernel
