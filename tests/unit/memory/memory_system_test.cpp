// The memory side put together: what is in it, and what it says of a layer.
#include "models/memory/memory_system.h"

#include "models/devices/ram.h"
#include "models/kernel/memory_port.h"
#include "models/kernel/protocol_checker.h"
#include "models/kernel/router.h"

#include <gtest/gtest.h>

using namespace loas::memory;
using loas::observe::counter;
using loas::observe::operand;

namespace
{

struct system_bench : sc_core::sc_module, private loas::kernel::memory_port::owner {
    loas::kernel::event_wheel wheel;
    loas::kernel::checked_links wires{true};
    loas::kernel::router storage{"storage"};
    loas::devices::ram ram{"ram", 0x10000, sc_core::SC_ZERO_TIME};
    tlm_utils::simple_initiator_socket<system_bench> host_out{"host_out"};
    memory_system memory;
    loas::kernel::memory_port port;
    std::uint64_t done = 0;

    system_bench(const sc_core::sc_module_name& name, const memory_system_parameters& parameters)
        : sc_module(name), memory("memory", parameters, wheel, wires),
          port("port", wheel, loas::kernel::clock(800), *this)
    {
        memory.connect("port", port.socket);
        memory.connect_host("host", host_out);
        wires.connect("storage_to_ram", storage.map("to_ram", 0, 0x10000), ram.bus_in);
        memory.connect_storage(storage.bus_in);
    }

    void run()
    {
        while (wheel.step()) {
        }
    }

    /// A layer that reads `lines` lines and writes one.
    loas::observe::layer_outcome layer(std::uint64_t lines)
    {
        std::vector<std::uint8_t> data(lines * 32);
        loas::observe::layer_outcome outcome;
        memory.begin_layer();
        port.start(tlm::TLM_READ_COMMAND, m_next, data.data(), data.size(), operand::a_words, wheel.now_ps(), 0);
        run();
        port.start(tlm::TLM_WRITE_COMMAND, 0x8000, data.data(), 32, operand::c_words, wheel.now_ps(), 0);
        run();
        if (memory.cache_control() != nullptr)
            memory.cache_control()->begin_write_back(wheel.now_ps());
        run();
        memory.end_layer(outcome);
        m_next += lines * 32;
        return outcome;
    }

private:
    void access_finished(const loas::kernel::access_done& access) override { done += access.ok ? 1 : 0; }

    std::uint64_t m_next = 0;
};

} // namespace

TEST(memory_system, counts_each_layer_for_itself_whatever_is_in_it)
{
    memory_system_parameters parameters(loas::kernel::clock(800));
    parameters.behind.check_commands = true;
    system_bench dram("dram", parameters);
    parameters.dram_ideal = true;
    system_bench ideal("ideal", parameters);
    parameters.cached = false;
    parameters.make = loas::memory::make_fixed;
    parameters.behind.latency = sc_core::sc_time(50, sc_core::SC_NS);
    parameters.behind.bandwidth_bytes_per_ns = 64;
    system_bench fixed("fixed", parameters);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    for (system_bench* each : {&dram, &ideal, &fixed}) {
        SCOPED_TRACE(each->name());
        const bool cached = each != &fixed;
        EXPECT_EQ(each->memory.cache_control() != nullptr, cached);
        for (const std::uint64_t lines : {10u, 3u}) {
            const auto outcome = each->layer(lines);
            EXPECT_EQ(outcome.counters[of(counter::dram_read, operand::a_words)], lines * 32);
            EXPECT_EQ(outcome.counters[of(counter::dram_write, operand::c_words)], 32u);
            EXPECT_EQ(outcome.counters[counter::sram_write_fills], 8 * lines * 32) << "once, whoever counts them";
            EXPECT_EQ(outcome.counters[of(counter::cache_misses, operand::a_words)], cached ? lines : 0);
            EXPECT_EQ(outcome.counters[counter::write_backs], cached ? 1u : 0u);
            ASSERT_EQ(outcome.memory.channels.size(), each == &dram ? 16u : 0u);
            EXPECT_EQ(outcome.memory.all_channels().reads, each == &dram ? lines : 0u);
        }
        EXPECT_EQ(each->done, 4u);
        EXPECT_EQ(each->memory.describe(), "");
        EXPECT_TRUE(each->memory.violations().empty());
        EXPECT_EQ(each->memory.commands_checked() > 0, each == &dram);
        EXPECT_EQ(each->wires.violation_count(), 0u) << testing::PrintToString(each->wires.violations());
    }
}

TEST(memory_system, tells_the_watchdog_who_waits_for_what)
{
    memory_system_parameters parameters(loas::kernel::clock(800));
    parameters.behind.lose_response = 1;
    system_bench b("b", parameters);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    std::uint8_t data[8];
    b.port.start(tlm::TLM_READ_COMMAND, 0x48, data, 8, operand::bias, 0, 0);
    b.run();
    EXPECT_EQ(b.done, 0u);
    EXPECT_EQ(b.memory.describe(),
              "crossbar: port 0 waits for 1 line from 0x48; cache waits for a read of 32 bytes at 0x40; dram has not "
              "answered a read at 0x40");
    EXPECT_EQ(b.wires.open().size(), 2u);
    EXPECT_FALSE(b.memory.cache_control()->quiet());
}
