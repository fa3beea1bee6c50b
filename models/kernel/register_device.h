// A device that software meets through its registers: the bank behind a target socket, with the checks that every
// target makes. Devices derive from it and attach what their registers do.
#pragma once

#include "models/kernel/register_bank.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

namespace loas::kernel
{

class register_device : public sc_core::sc_module
{
public:
    tlm_utils::simple_target_socket<register_device> bus_in{"bus_in"};

    /// table: as for register_bank. latency: of an access.
    register_device(const sc_core::sc_module_name& name, const register_table& table, const sc_core::sc_time& latency);

    register_bank& registers() { return m_registers; }
    const register_bank& registers() const { return m_registers; }

protected:
    /// In the constructor: reads schedule nothing and ask for the time by access_ps() only, so they may be served ahead of
    /// the kernel's time to whoever knows that nothing is scheduled before (kernel::traffic).
    void reads_run_ahead() { m_reads_run_ahead = true; }
    /// The time of the access that is being served, else the kernel's.
    std::uint64_t access_ps() const;

private:
    tlm::tlm_response_status access_registers(tlm::tlm_generic_payload& access, bool debug);
    register_bank::answer access_register(bool read, std::uint64_t offset, unsigned char* data, bool debug);
    void b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& access);

    register_bank m_registers;
    sc_core::sc_time m_latency;
    bool m_reads_run_ahead = false;
    std::uint64_t m_ahead_ps = 0;
};

} // namespace loas::kernel
