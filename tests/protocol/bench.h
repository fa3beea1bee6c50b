// Every target of the platform that takes accesses by address, each behind an initiator of its own, with a monitor in
// every link. Where a target needs something behind it, that is the bus with a RAM in the middle of the address space
// and another one at its top.
#pragma once

#include "models/devices/ram.h"
#include "models/kernel/access_check.h"
#include "models/kernel/memory_port.h"
#include "models/kernel/protocol_checker.h"
#include "models/kernel/register_device.h"
#include "models/kernel/router.h"
#include "models/memory/coherence_point.h"
#include "models/memory/crossbar.h"
#include "models/memory/dram_controller.h"
#include "models/memory/fixed_memory.h"
#include "models/memory/global_cache.h"

#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <functional>
#include <list>
#include <string>
#include <vector>

namespace loas::protocol
{

using sc_core::sc_time;

constexpr std::uint64_t ram_bytes = 0x1000;
constexpr std::uint64_t ram_base = 0x8000;
constexpr std::uint64_t registers_base = 0x2000;
constexpr std::uint64_t top_base = 0xFFFFFFFFFFFFF000;

inline sc_time ns(double value)
{
    return {value, sc_core::SC_NS};
}

/// A payload that may go by nb_transport.
struct managed_access : tlm::tlm_generic_payload {
    managed_access()
    {
        static struct keeper : tlm::tlm_mm_interface {
            void free(tlm::tlm_generic_payload*) override {}
        } manager;
        set_mm(&manager);
        acquire();
    }
};

using change = std::function<void(tlm::tlm_generic_payload&)>;

/// Makes accesses from a thread, by either interface, one at a time; it comes back when the access is over.
class initiator : public sc_core::sc_module
{
public:
    tlm_utils::simple_initiator_socket<initiator> out{"out"};
    sc_time took;            ///< the last access
    bool dmi_hint = false;   ///< what the target said to it
    unsigned taken_back = 0; ///< how often pointers were

    initiator(const sc_core::sc_module_name& name, kernel::event_wheel& wheel) : sc_module(name), m_wheel(wheel)
    {
        out.register_nb_transport_bw(this, &initiator::nb_transport_bw);
        out.register_invalidate_direct_mem_ptr(this, &initiator::invalidate_direct_mem_ptr);
    }

    tlm::tlm_response_status block(tlm::tlm_command command, std::uint64_t address, void* data, unsigned bytes,
                                   const change& spoil = {})
    {
        tlm::tlm_generic_payload access;
        begin(access, command, address, data, bytes, spoil);
        sc_time delay;
        out->b_transport(access, delay);
        return end(access, address, delay);
    }

    tlm::tlm_response_status non_blocking(tlm::tlm_command command, std::uint64_t address, void* data, unsigned bytes,
                                          const change& spoil = {})
    {
        managed_access access;
        begin(access, command, address, data, bytes, spoil);
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_time delay;
        m_answered = false;
        const tlm::tlm_sync_enum answer = out->nb_transport_fw(access, phase, delay);
        if (answer != tlm::TLM_COMPLETED) {
            EXPECT_EQ(answer, tlm::TLM_UPDATED);
            EXPECT_EQ(phase, tlm::END_REQ);
            EXPECT_TRUE(m_wheel.run_until([this] { return m_answered; }));
            delay = m_answered_at - sc_core::sc_time_stamp();
        }
        EXPECT_EQ(access.get_ref_count(), 1) << "the target must give the payload back";
        return end(access, address, delay);
    }

    unsigned debug(tlm::tlm_command command, std::uint64_t address, void* data, unsigned bytes)
    {
        tlm::tlm_generic_payload access;
        kernel::prepare(access, command, address, data, bytes);
        const sc_time before = sc_core::sc_time_stamp();
        const unsigned done = out->transport_dbg(access);
        EXPECT_EQ(sc_core::sc_time_stamp(), before) << "debug accesses take no time";
        EXPECT_EQ(access.get_address(), address);
        return done;
    }

    bool direct_pointer(std::uint64_t address, tlm::tlm_dmi& dmi)
    {
        std::uint32_t value = 0;
        tlm::tlm_generic_payload access;
        kernel::prepare(access, tlm::TLM_READ_COMMAND, address, &value, 4);
        return out->get_direct_mem_ptr(access, dmi);
    }

private:
    void invalidate_direct_mem_ptr(sc_dt::uint64 /*first*/, sc_dt::uint64 /*last*/) { ++taken_back; }
    static void begin(tlm::tlm_generic_payload& access, tlm::tlm_command command, std::uint64_t address, void* data,
                      unsigned bytes, const change& spoil)
    {
        const sc_time grid = ns(10); // of all clocks here, so that durations can be compared
        sc_core::wait(sc_time::from_value(grid.value() - sc_core::sc_time_stamp().value() % grid.value()));
        kernel::prepare(access, command, address, data, bytes);
        if (spoil)
            spoil(access);
    }

    tlm::tlm_response_status end(const tlm::tlm_generic_payload& access, std::uint64_t address, const sc_time& delay)
    {
        EXPECT_EQ(access.get_address(), address) << "a router must restore the address";
        took = delay;
        dmi_hint = access.is_dmi_allowed();
        sc_core::wait(delay);
        return access.get_response_status();
    }

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase& phase, sc_time& delay)
    {
        EXPECT_EQ(phase, tlm::BEGIN_RESP);
        EXPECT_FALSE(m_answered);
        m_answered = true;
        m_answered_at = sc_core::sc_time_stamp() + delay;
        return tlm::TLM_COMPLETED;
    }

    kernel::event_wheel& m_wheel;
    bool m_answered = false;
    sc_time m_answered_at;
};

/// What the suite has to know of a target.
struct target {
    std::string name;
    initiator* from;
    std::uint64_t base;
    std::uint64_t bytes;
    bool memory;           ///< any length anywhere; else words of 4 bytes
    bool direct;           ///< grants DMI
    bool non_blocking;     ///< takes nb_transport
    bool in_parts = false; ///< moves an access part by part, up to the one that is refused
};

inline memory::crossbar_parameters crossbar_of_1_ghz()
{
    return memory::crossbar_parameters(kernel::clock(1000));
}

inline dram::parameters dram_without_refresh()
{
    dram::parameters parameters;
    parameters.timing.t_refi = 0; // every hit takes the same time
    return parameters;
}

/// A constant, a value, and a register whose reads a device may count.
const kernel::register_table& bench_registers();

class bench : public sc_core::sc_module
{
public:
    SC_HAS_PROCESS(bench);
    kernel::event_wheel wheel;
    kernel::checked_links wires{true};
    kernel::router bus{"bus"};
    devices::ram ram{"ram", ram_bytes, ns(20)};
    devices::ram top{"top", ram_bytes, ns(20)};
    devices::ram alone{"alone", ram_bytes, ns(20)};
    kernel::register_device registers{"registers", bench_registers(), ns(10)},
        registers_alone{"registers_alone", bench_registers(), ns(10)};
    memory::fixed_memory fixed{"fixed", {ns(50), 64.0}};
    memory::dram_controller dram{"dram", dram_without_refresh(), wheel};
    memory::crossbar xbar_dram{"xbar_dram", crossbar_of_1_ghz(), wheel},
        xbar_ideal{"xbar_ideal", crossbar_of_1_ghz(), wheel};
    memory::global_cache cache_dram{"cache_dram", {}, crossbar_of_1_ghz().clock, wheel};
    memory::global_cache cache_ideal{"cache_ideal", {}, crossbar_of_1_ghz().clock, wheel};
    memory::dram_controller behind_cache{"behind_cache", dram_without_refresh(), wheel};
    memory::fixed_memory ideal_behind_cache{"ideal_behind_cache", {sc_core::SC_ZERO_TIME, 0}};
    memory::coherence_point coherence{"coherence"};
    std::list<initiator> initiators;
    std::vector<target> targets;

    bench(const sc_core::sc_module_name& name, std::function<void(bench&)> body);

    target& of(const std::string& name)
    {
        for (target& each : targets)
            if (each.name == name)
                return each;
        throw std::invalid_argument(name);
    }

    /// Breaches of the protocol on any link since the last call. A few cases here are breaches by the initiator itself,
    /// and every link that such an access passes tells so; those that say `allowed` are left out.
    std::vector<std::string> breaches(const std::string& allowed = "\n")
    {
        std::vector<std::string> found;
        for (; m_seen < wires.violations().size(); ++m_seen)
            if (wires.violations()[m_seen].find(allowed) == std::string::npos)
                found.push_back(wires.violations()[m_seen]);
        return found;
    }

private:
    void add(const std::string& name, const std::function<void(initiator&)>& bind, const std::vector<target>& windows);
    void run()
    {
        m_body(*this);
        EXPECT_TRUE(breaches().empty());
        EXPECT_TRUE(wires.open().empty()) << testing::PrintToString(wires.open());
        EXPECT_EQ(dram.describe() + behind_cache.describe() + xbar_dram.describe() + xbar_ideal.describe(), "");
        sc_core::sc_stop();
    }

    std::function<void(bench&)> m_body;
    std::size_t m_seen = 0;
};

void run_bench(const std::function<void(bench&)>& body);

} // namespace loas::protocol
