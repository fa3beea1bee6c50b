// What every memory-mapped target must do with accesses it cannot take, and with those it can.
#include "control/register_block.h"
#include "devices/interrupt_controller.h"
#include "devices/ram.h"
#include "memory/fixed_memory.h"
#include "tlm/access_check.h"
#include "tlm/router.h"

#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <functional>
#include <numeric>

using namespace loas;
using sc_core::sc_time;

namespace
{

constexpr std::uint64_t ram_bytes = 0x1000;
constexpr std::uint64_t ram_base = 0x8000;
constexpr std::uint64_t registers_base = 0x2000;
constexpr std::uint64_t interrupts_base = 0x4000;
constexpr std::uint64_t top_base = 0xFFFFFFFFFFFFF000;

class bench : public sc_core::sc_module
{
public:
    SC_HAS_PROCESS(bench);
    tlm_utils::simple_initiator_socket<bench> out{"out"};
    tlm_utils::simple_initiator_socket<bench> memory_out{"memory_out"};
    tlm_blocks::router bus{"bus"};
    devices::ram ram{"ram", ram_bytes, sc_time(20, sc_core::SC_NS)};
    devices::ram top{"top", ram_bytes, sc_time(20, sc_core::SC_NS)};
    control::register_block registers{"registers", sc_time(10, sc_core::SC_NS)};
    devices::interrupt_controller interrupts{"interrupts", 2, sc_time(10, sc_core::SC_NS)};
    memory::fixed_memory memory{"memory", {sc_time(50, sc_core::SC_NS), 64.0}};
    sc_core::sc_signal<bool> line0{"line0"}, line1{"line1"}, cpu{"cpu"};

    bench(const sc_core::sc_module_name& name, std::function<void(bench&)> body)
        : sc_module(name), m_body(std::move(body))
    {
        bus.map("to_ram", ram_base, ram_bytes).bind(ram.bus_in);
        bus.map("to_top", top_base, ram_bytes).bind(top.bus_in);
        bus.map("to_registers", registers_base, LOAS_REGISTER_BLOCK_BYTES).bind(registers.registers_in);
        bus.map("to_interrupts", interrupts_base, devices::interrupt_controller::size_bytes).bind(interrupts.bus_in);
        out.bind(bus.bus_in);
        memory.storage_out.bind(bus.bus_in);
        memory_out.bind(memory.memory_in);
        interrupts.interrupts_in[0].bind(line0);
        interrupts.interrupts_in[1].bind(line1);
        interrupts.interrupt_out.bind(cpu);
        registers.declare(0x0, {"CONSTANT", control::access_right::read_only, 7, {}, {}, {}});
        registers.declare(0x8, {"VALUE", control::access_right::read_write, 5, {}, {}, {}});
        SC_THREAD(run);
    }

    tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t address, void* data, unsigned bytes,
                                    const std::function<void(tlm::tlm_generic_payload&)>& change = {})
    {
        tlm::tlm_generic_payload payload;
        tlm_blocks::prepare(payload, command, address, data, bytes);
        if (change)
            change(payload);
        delay = sc_core::SC_ZERO_TIME;
        out->b_transport(payload, delay);
        EXPECT_EQ(payload.get_address(), address) << "the router must restore the address";
        return payload.get_response_status();
    }

    sc_time delay;

private:
    void run()
    {
        m_body(*this);
        sc_core::sc_stop();
    }

    std::function<void(bench&)> m_body;
};

void run_bench(const std::function<void(bench&)>& body)
{
    bool ran = false;
    bench test("bench", [&](bench& b) {
        body(b);
        ran = true;
    });
    sc_core::sc_start();
    ASSERT_TRUE(ran);
}

} // namespace

TEST(every_target, refuses_what_it_cannot_do)
{
    run_bench([](bench& b) {
        std::uint32_t value = 0;
        unsigned char enables[4] = {0xFF, 0xFF, 0xFF, 0xFF};
        for (const std::uint64_t base : {ram_base, registers_base, interrupts_base, top_base}) {
            EXPECT_EQ(b.access(tlm::TLM_IGNORE_COMMAND, base, &value, 4), tlm::TLM_COMMAND_ERROR_RESPONSE);
            EXPECT_EQ(b.access(tlm::TLM_READ_COMMAND, base, &value, 4,
                               [&](auto& p) { p.set_byte_enable_ptr(enables), p.set_byte_enable_length(4); }),
                      tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
            EXPECT_EQ(b.access(tlm::TLM_READ_COMMAND, base, &value, 4, [](auto& p) { p.set_streaming_width(2); }),
                      tlm::TLM_BURST_ERROR_RESPONSE);
            EXPECT_EQ(b.access(tlm::TLM_READ_COMMAND, base, &value, 0), tlm::TLM_BURST_ERROR_RESPONSE);
            EXPECT_EQ(b.access(tlm::TLM_READ_COMMAND, base, nullptr, 4), tlm::TLM_BURST_ERROR_RESPONSE);
            // Across the end, and around the end of the address space.
            EXPECT_EQ(b.access(tlm::TLM_READ_COMMAND, base + 0xFFE, &value, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
            EXPECT_EQ(b.access(tlm::TLM_READ_COMMAND, base + 4, &value, 0xFFFFFFFF), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        }
        EXPECT_EQ(b.access(tlm::TLM_READ_COMMAND, 0x100, &value, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        for (const std::uint64_t base : {registers_base, interrupts_base}) {
            EXPECT_EQ(b.access(tlm::TLM_READ_COMMAND, base, &value, 2), tlm::TLM_BURST_ERROR_RESPONSE);
            EXPECT_EQ(b.access(tlm::TLM_READ_COMMAND, base + 2, &value, 4), tlm::TLM_BURST_ERROR_RESPONSE);
            EXPECT_EQ(b.access(tlm::TLM_READ_COMMAND, base + 0x800, &value, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
            EXPECT_EQ(b.access(tlm::TLM_WRITE_COMMAND, base, &value, 4), tlm::TLM_COMMAND_ERROR_RESPONSE);
        }
    });
}

TEST(every_target, debug_transport_takes_no_time_and_has_no_effect_on_registers)
{
    run_bench([](bench& b) {
        std::uint32_t value = 0x12345678, back = 0;
        tlm::tlm_generic_payload payload;
        tlm_blocks::prepare(payload, tlm::TLM_WRITE_COMMAND, ram_base + 8, &value, 4);
        EXPECT_EQ(b.out->transport_dbg(payload), 4u);
        tlm_blocks::prepare(payload, tlm::TLM_READ_COMMAND, ram_base + 8, &back, 4);
        EXPECT_EQ(b.out->transport_dbg(payload), 4u);
        EXPECT_EQ(back, value);
        for (const std::uint64_t address : {registers_base + 8, interrupts_base + 4}) {
            tlm_blocks::prepare(payload, tlm::TLM_WRITE_COMMAND, address, &value, 4);
            EXPECT_EQ(b.out->transport_dbg(payload), 0u);
            tlm_blocks::prepare(payload, tlm::TLM_READ_COMMAND, address, &back, 4);
            EXPECT_EQ(b.out->transport_dbg(payload), 4u);
            EXPECT_EQ(back, address == registers_base + 8 ? 5u : 0u);
        }
        tlm_blocks::prepare(payload, tlm::TLM_READ_COMMAND, 0x100, &back, 4);
        EXPECT_EQ(b.out->transport_dbg(payload), 0u);
        EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
    });
}

TEST(every_target, dmi_comes_from_memories_only_and_names_their_range)
{
    run_bench([](bench& b) {
        tlm::tlm_generic_payload payload;
        tlm::tlm_dmi dmi;
        std::uint32_t value = 0;
        tlm_blocks::prepare(payload, tlm::TLM_READ_COMMAND, ram_base + 16, &value, 4);
        ASSERT_TRUE(b.out->get_direct_mem_ptr(payload, dmi));
        EXPECT_EQ(dmi.get_start_address(), ram_base);
        EXPECT_EQ(dmi.get_end_address(), ram_base + ram_bytes - 1);
        dmi.get_dmi_ptr()[16] = 0xAB;
        EXPECT_EQ(b.access(tlm::TLM_READ_COMMAND, ram_base + 16, &value, 4), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(value, 0xABu);
        tlm_blocks::prepare(payload, tlm::TLM_READ_COMMAND, registers_base, &value, 4);
        EXPECT_FALSE(b.out->get_direct_mem_ptr(payload, dmi));
        tlm_blocks::prepare(payload, tlm::TLM_READ_COMMAND, 0, &value, 4);
        EXPECT_FALSE(b.memory_out->get_direct_mem_ptr(payload, dmi)); // it would bypass the timing
    });
}

TEST(ram, adds_its_latency_and_keeps_every_byte)
{
    run_bench([](bench& b) {
        std::vector<unsigned char> in(ram_bytes), back(ram_bytes);
        std::iota(in.begin(), in.end(), static_cast<unsigned char>(3));
        EXPECT_EQ(b.access(tlm::TLM_WRITE_COMMAND, top_base, in.data(), ram_bytes), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.delay, sc_time(20, sc_core::SC_NS));
        EXPECT_EQ(b.access(tlm::TLM_READ_COMMAND, top_base, back.data(), ram_bytes), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(in, back);
    });
}

TEST(register_block, synchronises_an_initiator_that_ran_ahead)
{
    run_bench([](bench& b) {
        std::uint32_t value = 99;
        tlm::tlm_generic_payload payload;
        tlm_blocks::prepare(payload, tlm::TLM_WRITE_COMMAND, registers_base + 8, &value, 4);
        sc_time delay(300, sc_core::SC_NS);
        b.out->b_transport(payload, delay);
        EXPECT_EQ(sc_core::sc_time_stamp(), sc_time(300, sc_core::SC_NS));
        EXPECT_EQ(delay, sc_time(10, sc_core::SC_NS));
        EXPECT_EQ(b.registers.value(8), 99u);
        b.registers.reset();
        EXPECT_EQ(b.registers.value(8), 5u);
    });
}

TEST(interrupt_controller, level_in_enable_and_line_out)
{
    run_bench([](bench& b) {
        std::uint32_t value = 0;
        b.line1.write(true);
        sc_core::wait(1, sc_core::SC_NS);
        EXPECT_FALSE(b.cpu.read());
        EXPECT_EQ(b.access(tlm::TLM_READ_COMMAND, interrupts_base, &value, 4), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(value, 2u);
        value = 2;
        EXPECT_EQ(b.access(tlm::TLM_WRITE_COMMAND, interrupts_base + 4, &value, 4), tlm::TLM_OK_RESPONSE);
        sc_core::wait(1, sc_core::SC_NS);
        EXPECT_TRUE(b.cpu.read());
        b.line1.write(false);
        sc_core::wait(1, sc_core::SC_NS);
        EXPECT_FALSE(b.cpu.read());
    });
}

// 64 bytes at 64 bytes/ns take 1 ns on the channel, then 50 ns: the second waits for the channel, not for the latency.
TEST(fixed_memory, latency_and_shared_bandwidth)
{
    run_bench([](bench& b) {
        unsigned char data[64] = {};
        const sc_time expected[] = {sc_time(51, sc_core::SC_NS), sc_time(52, sc_core::SC_NS)};
        for (const sc_time& at : expected) {
            tlm::tlm_generic_payload payload;
            tlm_blocks::prepare(payload, tlm::TLM_READ_COMMAND, ram_base, data, sizeof data);
            sc_time delay;
            b.memory_out->b_transport(payload, delay);
            EXPECT_TRUE(payload.is_response_ok());
            EXPECT_EQ(delay, at);
        }
        tlm::tlm_generic_payload payload;
        tlm_blocks::prepare(payload, tlm::TLM_READ_COMMAND, 0x100, data, sizeof data);
        sc_time delay;
        b.memory_out->b_transport(payload, delay);
        EXPECT_EQ(payload.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    });
}
