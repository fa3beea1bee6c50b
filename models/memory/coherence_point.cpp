#include "models/memory/coherence_point.h"

namespace loas::memory
{

// No direct pointers from here: what goes past by pointer could not be shown to the cache.
coherence_point::coherence_point(const sc_core::sc_module_name& name) : sc_module(name)
{
    bus_in.register_b_transport(this, &coherence_point::b_transport);
    bus_in.register_transport_dbg(this, &coherence_point::transport_dbg);
}

void coherence_point::b_transport(int, tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    if (m_cache != nullptr)
        m_cache->snoop(access.get_address(), access.get_data_length(), access.is_write());
    bus_out->b_transport(access, delay);
    access.set_dmi_allowed(false);
}

unsigned coherence_point::transport_dbg(int, tlm::tlm_generic_payload& access)
{
    return m_cache != nullptr ? m_cache->debug(access) : bus_out->transport_dbg(access);
}

} // namespace loas::memory
