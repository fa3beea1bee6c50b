#include "models/memory/coherence_point.h"

namespace loas::memory
{

coherence_point::coherence_point(const sc_core::sc_module_name& name) : sc_module(name)
{
    bus_in.register_b_transport(this, &coherence_point::b_transport);
    bus_in.register_transport_dbg(this, &coherence_point::transport_dbg);
    bus_in.register_get_direct_mem_ptr(this, &coherence_point::get_direct_mem_ptr);
}

bool coherence_point::is_free(std::uint64_t page) const
{
    return m_cache == nullptr || !m_cache->holds(page, page_bytes);
}

void coherence_point::b_transport(int, tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    if (m_cache != nullptr)
        m_cache->snoop(access.get_address(), access.get_data_length(), access.is_write());
    bus_out->b_transport(access, delay);
    // A hint for who has asked for a pointer once and did not get it.
    const std::uint64_t page = access.get_address() / page_bytes * page_bytes;
    access.set_dmi_allowed(m_asked && access.is_dmi_allowed() && m_given.count(page) == 0 && is_free(page));
}

unsigned coherence_point::transport_dbg(int, tlm::tlm_generic_payload& access)
{
    return m_cache != nullptr ? m_cache->debug(access) : bus_out->transport_dbg(access);
}

bool coherence_point::get_direct_mem_ptr(int, tlm::tlm_generic_payload& access, tlm::tlm_dmi& dmi)
{
    m_asked = true;
    const std::uint64_t page = access.get_address() / page_bytes * page_bytes;
    const bool granted = bus_out->get_direct_mem_ptr(access, dmi) && dmi.get_start_address() <= page &&
                         dmi.get_end_address() - page >= page_bytes - 1 && is_free(page);
    if (granted) {
        dmi.set_dmi_ptr(dmi.get_dmi_ptr() + (page - dmi.get_start_address()));
        m_given.insert(page);
    }
    dmi.set_start_address(page);
    dmi.set_end_address(page + page_bytes - 1);
    return granted;
}

void coherence_point::line_taken(std::uint64_t address, std::uint64_t bytes)
{
    if (m_given.empty())
        return;
    for (std::uint64_t page = address / page_bytes * page_bytes; page < address + bytes; page += page_bytes)
        if (m_given.erase(page) != 0)
            for (int i = 0; i < static_cast<int>(bus_in.size()); ++i)
                bus_in[i]->invalidate_direct_mem_ptr(page, page + page_bytes - 1);
}

} // namespace loas::memory
