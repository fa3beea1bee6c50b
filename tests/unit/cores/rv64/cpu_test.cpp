// The hart in a simulation: a timer that somebody schedules, devices that take time, wfi, and RAM with and without
// pointers. The same happens at the same time for every quantum.
#include "models/cores/rv64/cpu/rv64_cpu.h"
#include "models/kernel/access_check.h"
#include "tests/unit/cores/rv64/assembler.h"

#include <gtest/gtest.h>

#include <cstring>
#include <tlm_utils/simple_target_socket.h>

namespace
{

using namespace loas;
using namespace loas::test::rv64_code;
using rv64::interrupt_line;
namespace csr = rv64::csr;

constexpr std::uint64_t ram_base = 0x80000000, ram_bytes = 1 << 20, device = 0x10000000;
constexpr std::uint64_t handler = ram_base + 0x400, data = ram_base + 0x8000;

/// RAM, and a device: a write of n to `device` raises the timer line in n ns, one of 0 takes it back; a write to
/// device + 8 is kept with its time; device + 16 stops; device + 24 answers with an error.
struct machine : sc_core::sc_module {
    tlm_utils::simple_target_socket<machine> in{"in"};
    cores::rv64_cpu cpu;
    std::vector<std::uint8_t> ram = std::vector<std::uint8_t>(ram_bytes);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> kept; ///< time in ps, value
    bool pointers;
    unsigned transactions = 0, granted = 0;
    sc_core::sc_event alarm{"alarm"};

    SC_HAS_PROCESS(machine);
    machine(const sc_core::sc_module_name& name, std::uint64_t quantum, bool with_pointers)
        : sc_module(name), cpu("cpu", parameters(quantum)), pointers(with_pointers)
    {
        in.register_b_transport(this, &machine::b_transport);
        in.register_transport_dbg(this, &machine::transport_dbg);
        in.register_get_direct_mem_ptr(this, &machine::get_direct_mem_ptr);
        cpu.bus_out.bind(in);
        SC_METHOD(ring);
        sensitive << alarm;
        dont_initialize();
    }
    static cores::rv64_cpu_parameters parameters(std::uint64_t quantum)
    {
        cores::rv64_cpu_parameters to;
        to.clock = kernel::clock::of_period_ps(1250);
        to.quantum_cycles = quantum;
        to.reset_pc = ram_base;
        to.memory = {{ram_base, ram_bytes}};
        return to;
    }
    void put(std::uint64_t address, const std::vector<word>& code)
    {
        std::memcpy(&ram[address - ram_base], code.data(), code.size() * 4);
    }

    void ring() { cpu.set_interrupt(interrupt_line::timer, true); }
    void b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
    {
        ++transactions;
        const std::uint64_t address = access.get_address();
        access.set_response_status(tlm::TLM_OK_RESPONSE);
        if (address >= ram_base) {
            move(access);
            return; // RAM takes no time here, so pointers change nothing
        }
        std::uint64_t value = 0;
        if (access.is_write())
            std::memcpy(&value, access.get_data_ptr(), access.get_data_length());
        const std::uint64_t time_ps = kernel::kernel_ps() + delay.value();
        if (address == device && value == 0)
            cpu.set_interrupt(interrupt_line::timer, false);
        else if (address == device)
            alarm.notify(delay + sc_core::sc_time(static_cast<double>(value), sc_core::SC_NS));
        else if (address == device + 8)
            kept.emplace_back(time_ps, value);
        else if (address == device + 16)
            cpu.stop();
        else
            access.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        delay += sc_core::sc_time(10, sc_core::SC_NS);
    }
    void move(tlm::tlm_generic_payload& access)
    {
        unsigned char* at = &ram[access.get_address() - ram_base];
        if (access.is_read())
            std::memcpy(access.get_data_ptr(), at, access.get_data_length());
        else
            std::memcpy(at, access.get_data_ptr(), access.get_data_length());
    }
    unsigned transport_dbg(tlm::tlm_generic_payload& access)
    {
        move(access);
        return access.get_data_length();
    }
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi)
    {
        if (!pointers)
            return false;
        ++granted;
        dmi.set_dmi_ptr(ram.data());
        dmi.set_start_address(ram_base);
        dmi.set_end_address(ram_base + ram_bytes - 1);
        dmi.allow_read_write();
        return true;
    }
};

/// Counts in memory; the timer interrupts it every 300 ns, ten times, and the handler notes count and cycle; then it
/// waits with wfi for three more, and reports mcycle.
void load(machine& to)
{
    std::vector<word> code;
    load_constant(code, 5, handler);
    load_constant(code, 2, data);
    code.insert(code.end(), {csrrw(0, csr::mtvec, 5), lui(1, device >> 12), addi(6, 0, 0x80), csrrw(0, csr::mie, 6),
                             addi(7, 0, 300), addi(8, 0, 10), sw(7, 1, 0), csrrsi(0, csr::mstatus, 8)});
    // count until ten interrupts
    code.insert(code.end(), {ld(9, 2, 0), addi(9, 9, 1), sd(9, 2, 0), mul(10, 9, 9), bne(8, 0, -16)});
    code.insert(code.end(),
                {addi(8, 0, 3), wfi, bne(8, 0, -4), csrrs(11, csr::mcycle, 0), sd(11, 1, 8), sw(0, 1, 16), jal(0, 0)});
    to.put(ram_base, code);
    to.put(handler,
           {sw(0, 1, 0), addi(8, 8, -1), sd(9, 1, 8), csrrs(12, csr::mcycle, 0), sd(12, 1, 8), sw(7, 1, 0), mret});
}

} // namespace

TEST(rv64_cpu, same_history_for_every_quantum_with_and_without_pointers)
{
    std::vector<std::unique_ptr<machine>> machines;
    for (const std::uint64_t quantum : {1U, 100U, 10000U, 10000U})
        machines.push_back(
            std::make_unique<machine>(("m" + std::to_string(machines.size())).c_str(), quantum, machines.size() != 3));
    for (const auto& each : machines)
        load(*each);
    sc_core::sc_start(1, sc_core::SC_MS);
    const machine& first = *machines[0];
    ASSERT_EQ(first.kept.size(), 2 * 13 + 1u);
    for (const auto& each : machines) {
        EXPECT_EQ(each->kept, first.kept) << each->name();
        EXPECT_EQ(each->cpu.hart().instret(), const_cast<machine&>(first).cpu.hart().instret());
        EXPECT_EQ(each->cpu.hart().cycle(), const_cast<machine&>(first).cpu.hart().cycle());
        EXPECT_EQ(each->cpu.time_spent().wfi, first.cpu.time_spent().wfi);
        EXPECT_EQ(each->cpu.time_spent().accesses, 8 * (1 + 13 * 4 + 2)); // 10 ns each
    }
    EXPECT_GT(first.cpu.time_spent().wfi, 3 * 200u); // most of 300 ns, three times
    EXPECT_GT(first.granted, 0u);
    EXPECT_EQ(machines[3]->granted, 0u);
    EXPECT_GT(machines[3]->transactions, machines[2]->transactions + 100);
    // The counter is simulated time: the last report was stored in the cycle after that it tells, and csr takes 3.
    EXPECT_EQ(first.kept.back().first / 1250, first.kept.back().second + 3);
    EXPECT_NE(first.cpu.describe().find("has stopped"), std::string::npos);
}

TEST(rv64_cpu, interrupts_are_taken_by_the_next_instruction)
{
    machine one("one", 10000, true);
    // A long loop of single cycles; the alarm comes 1000 ns after the end of the store's begin.
    std::vector<word> code;
    load_constant(code, 5, handler);
    code.insert(code.end(), {csrrw(0, csr::mtvec, 5), lui(1, device >> 12), addi(6, 0, 0x80), csrrw(0, csr::mie, 6),
                             addi(7, 0, 1000), csrrsi(0, csr::mstatus, 8), csrrs(13, csr::mcycle, 0), sw(7, 1, 0)});
    for (int i = 0; i < 8; ++i)
        code.push_back(addi(9, 9, 1));
    code.push_back(jal(0, -32));
    one.put(ram_base, code);
    one.put(handler, {csrrs(12, csr::mcycle, 0), sw(0, 1, 16)});
    sc_core::sc_start(1, sc_core::SC_MS);
    const std::uint64_t store = one.cpu.hart().x(13) + 3, taken = one.cpu.hart().x(12);
    EXPECT_GE(taken, store + 800); // 1000 ns
    EXPECT_LE(taken, store + 801); // the instruction under way takes up to 2
}

TEST(rv64_cpu, bus_errors_and_a_wfi_that_nothing_ends)
{
    machine one("one", 10000, true);
    one.put(ram_base,
            {auipc(5, 0), addi(5, 5, 0x400), csrrw(0, csr::mtvec, 5), lui(1, device >> 12), lw(6, 1, 24), nop});
    one.put(handler, {wfi, jal(0, 0)});
    sc_core::sc_start(1, sc_core::SC_MS);
    std::uint64_t cause = 0, value = 0;
    one.cpu.hart().read_csr(csr::mcause, cause);
    one.cpu.hart().read_csr(csr::mtval, value);
    EXPECT_EQ(cause, std::uint64_t{rv64::cause::load_access});
    EXPECT_EQ(value, device + 24);
    EXPECT_EQ(one.cpu.describe(), "CPU: waits for an interrupt (wfi) at pc 0x80000404, mie 0x0, mip 0x0");
    EXPECT_LT(one.cpu.hart().cycle(), 100u);
    EXPECT_FALSE(sc_core::sc_pending_activity());
}
