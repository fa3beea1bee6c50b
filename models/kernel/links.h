// Where links are connected, and with them whoever observes links. Without an observer a link is a binding and no more.
#pragma once

#include "models/kernel/link_observer.h"

#include <array>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

namespace loas::kernel
{

/// Sits in a link that is observed and passes every call on as it is: same payload, phase and delay, at once.
class link_tap : public sc_core::sc_module
{
public:
    // Not a simple_target_socket, which brings processes and queues for conversions that must not happen here.
    tlm_utils::passthrough_target_socket<link_tap> from{"from"};
    tlm_utils::simple_initiator_socket<link_tap> to{"to"};

    link_tap(const sc_core::sc_module_name& name, std::vector<std::unique_ptr<link_observer>> observers);

private:
    static constexpr std::size_t most_observers = 4; ///< of a link
    using tokens = std::array<std::uint64_t, most_observers>;

    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& payload);
    bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
    void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end);

    tokens tell_called(const link_call& call);
    void tell_returned(const link_call& given, const link_call& back, const tokens& from_called);

    std::vector<std::unique_ptr<link_observer>> m_observers;
};

/// Wires initiators to targets. Lives as long as the modules it wires.
class links
{
public:
    links() = default;
    links(const links&) = delete;
    links& operator=(const links&) = delete;

    /// Of all links that are connected from now on.
    void observe(observer_maker maker) { m_makers.push_back(std::move(maker)); }

    /// While modules are built; a target with several initiators numbers them in the order of these calls.
    template <typename initiator_socket, typename target_socket>
    void connect(const std::string& name, initiator_socket& initiator, target_socket& target)
    {
        link_tap* tap = tap_of({name, initiator.name(), target.name()});
        if (tap == nullptr) {
            initiator.bind(target);
            return;
        }
        initiator.bind(tap->from);
        tap->to.bind(target);
    }

private:
    /// nullptr: nobody observes that link.
    link_tap* tap_of(const link_ends& link);

    std::vector<observer_maker> m_makers;
    std::vector<std::unique_ptr<link_tap>> m_taps;
};

} // namespace loas::kernel
