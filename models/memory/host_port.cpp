#include "models/memory/host_port.h"

#include "models/kernel/access_check.h"

namespace loas::memory
{

using kernel::kernel_ps;

host_port::host_port(const sc_core::sc_module_name& name, const kernel::clock& clock, kernel::event_wheel& wheel)
    : sc_module(name), m_memory("memory_out", wheel, clock, *this), m_host(wheel), m_dispatcher(wheel)
{
    m_dispatcher.rest_until(kernel::event_wheel::never);
    bus_in.register_b_transport(this, &host_port::b_transport);
    bus_in.register_transport_dbg(this, &host_port::transport_dbg);
}

void host_port::b_transport(int, tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    if (kernel::check_access(access, {~std::uint64_t{0}}) != tlm::TLM_OK_RESPONSE) {
        m_memory.socket->b_transport(access, delay); // is refused there
        return;
    }
    const kernel::requester by = kernel::traffic::requester_of(access);
    kernel::agent& who = by.what == kernel::unit::dispatcher ? m_dispatcher : m_host;
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    delay = sc_core::SC_ZERO_TIME;
    who.catch_up();
    who.run_before(kernel_ps());

    open_access open;
    m_memory.work_for(by);
    m_memory.start(access.get_command(), access.get_address(), access.get_data_ptr(), access.get_data_length(),
                   observe::operand::count, kernel_ps(), reinterpret_cast<std::uintptr_t>(&open));
    if (!who.run_until([&] { return open.done; })) {
        access.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE); // it will never be answered
        return;
    }
    access.set_response_status(open.ok ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
    if (open.time_ps <= kernel_ps())
        return;
    const bool rests = &who == &m_dispatcher; // it has nothing to do before the host or the accelerator says so
    who.rest_until(open.time_ps);
    sc_core::wait(sc_core::sc_time::from_value(open.time_ps - kernel_ps()));
    if (rests)
        who.rest_until(kernel::event_wheel::never);
}

unsigned host_port::transport_dbg(int, tlm::tlm_generic_payload& access)
{
    return m_memory.socket->transport_dbg(access);
}

// The tag comes back as it was given, and orders nothing.
void host_port::access_finished(const kernel::access_done& done)
{
    auto& open = *reinterpret_cast<open_access*>(static_cast<std::uintptr_t>(done.tag));
    open = {true, done.ok, done.time_ps};
}

} // namespace loas::memory
