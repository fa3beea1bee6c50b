#include "models/kernel/links.h"

#include <cctype>

namespace loas::kernel
{

using way = link_call::way;

link_tap::link_tap(const sc_core::sc_module_name& name, std::vector<std::unique_ptr<link_observer>> observers)
    : sc_module(name), m_observers(std::move(observers))
{
    if (m_observers.size() > most_observers)
        SC_REPORT_FATAL(this->name(), "more observers than there is room for");
    from.register_b_transport(this, &link_tap::b_transport);
    from.register_nb_transport_fw(this, &link_tap::nb_transport_fw);
    from.register_transport_dbg(this, &link_tap::transport_dbg);
    from.register_get_direct_mem_ptr(this, &link_tap::get_direct_mem_ptr);
    to.register_nb_transport_bw(this, &link_tap::nb_transport_bw);
    to.register_invalidate_direct_mem_ptr(this, &link_tap::invalidate_direct_mem_ptr);
}

void link_tap::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay)
{
    const link_call given{way::blocking, payload, {}, delay};
    const tokens from_called = tell_called(given);
    try {
        to->b_transport(payload, delay);
    } catch (...) {
        for (std::size_t i = 0; i < m_observers.size(); ++i)
            m_observers[i]->abandoned(given, from_called[i]);
        throw;
    }
    tell_returned(given, {way::blocking, payload, {}, delay}, from_called);
}

tlm::tlm_sync_enum link_tap::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                             sc_core::sc_time& delay)
{
    const link_call given{way::forward, payload, phase, delay};
    const tokens from_called = tell_called(given);
    const tlm::tlm_sync_enum answer = to->nb_transport_fw(payload, phase, delay);
    tell_returned(given, {way::forward, payload, phase, delay, answer}, from_called);
    return answer;
}

tlm::tlm_sync_enum link_tap::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                             sc_core::sc_time& delay)
{
    const link_call given{way::backward, payload, phase, delay};
    const tokens from_called = tell_called(given);
    const tlm::tlm_sync_enum answer = from->nb_transport_bw(payload, phase, delay);
    tell_returned(given, {way::backward, payload, phase, delay, answer}, from_called);
    return answer;
}

unsigned link_tap::transport_dbg(tlm::tlm_generic_payload& payload)
{
    return to->transport_dbg(payload);
}

bool link_tap::get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi)
{
    return to->get_direct_mem_ptr(payload, dmi);
}

void link_tap::invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end)
{
    from->invalidate_direct_mem_ptr(start, end);
}

link_tap::tokens link_tap::tell_called(const link_call& call)
{
    tokens all{};
    for (std::size_t i = 0; i < m_observers.size(); ++i)
        all[i] = m_observers[i]->called(call);
    return all;
}

void link_tap::tell_returned(const link_call& given, const link_call& back, const tokens& from_called)
{
    for (std::size_t i = m_observers.size(); i-- > 0;)
        m_observers[i]->returned(given, back, from_called[i]);
}

link_tap* links::tap_of(const link_ends& link)
{
    std::vector<std::unique_ptr<link_observer>> observers;
    for (const observer_maker& make : m_makers)
        if (auto made = make(link))
            observers.push_back(std::move(made));
    if (observers.empty())
        return nullptr;
    std::string module_name = "link_" + link.name;
    for (char& letter : module_name)
        if (std::isalnum(static_cast<unsigned char>(letter)) == 0)
            letter = '_'; // what SystemC takes in a name
    m_taps.push_back(
        std::make_unique<link_tap>(sc_core::sc_gen_unique_name(module_name.c_str()), std::move(observers)));
    return m_taps.back().get();
}

} // namespace loas::kernel
