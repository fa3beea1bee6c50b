// Crossbar, global cache and memory with ports that a test works by hand. Every link is watched, and the test itself
// turns the wheel, so times are exact and no process runs.
#pragma once

#include "models/devices/ram.h"
#include "models/kernel/memory_port.h"
#include "models/kernel/protocol_checker.h"
#include "models/kernel/router.h"
#include "models/memory/crossbar.h"
#include "models/memory/dram/command_checker.h"
#include "models/memory/dram_controller.h"
#include "models/memory/fixed_memory.h"
#include "models/memory/global_cache.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace loas::memory
{

using kernel::access_done;
using observe::counter;
using observe::operand;

/// An initiator of the data plane: remembers what was done, in order.
class test_port : public sc_core::sc_module, private kernel::memory_port::owner
{
public:
    kernel::memory_port out;
    std::vector<access_done> done;
    std::function<void(const access_done&)> then = [](const access_done&) {};

    test_port(const sc_core::sc_module_name& name, kernel::event_wheel& wheel, const kernel::clock& clock,
              bool broadcast)
        : sc_module(name), out("out", wheel, clock, *this, broadcast), m_clock(clock)
    {
    }

    void read(std::uint64_t address, void* data, std::size_t bytes, std::uint64_t cycle, std::uint64_t tag = 0,
              operand kind = operand::b_weights, bool last_use = false)
    {
        out.start(tlm::TLM_READ_COMMAND, address, data, bytes, kind, cycle * m_clock.period_ps(), tag, last_use);
    }
    void write(std::uint64_t address, const void* data, std::size_t bytes, std::uint64_t cycle, std::uint64_t tag = 0,
               operand kind = operand::c_words)
    {
        out.start(tlm::TLM_WRITE_COMMAND, address, const_cast<void*>(data), bytes, kind, cycle * m_clock.period_ps(),
                  tag);
    }

    /// Cycles in which accesses were done, in the order in which they were.
    std::vector<std::uint64_t> cycles() const
    {
        std::vector<std::uint64_t> all;
        for (const access_done& each : done)
            all.push_back(each.time_ps / m_clock.period_ps());
        return all;
    }

private:
    void access_finished(const access_done& access) override
    {
        done.push_back(access);
        then(access);
    }

    kernel::clock m_clock;
};

struct bench_parameters {
    unsigned ports = 2;
    bool broadcast = false; ///< one more port, the last one, whose reads go to all
    crossbar_parameters xbar{kernel::clock(800)};
    global_cache_parameters cache;
    bool dram = false;              ///< else a fixed memory without limit of bandwidth
    std::uint64_t fixed_cycles = 0; ///< its latency
    bool decide_at_once = false;    ///< the DRAM's plain form
    dram::parameters timing;
    std::uint64_t lose_response = 0;
    std::uint64_t storage_bytes = 0x10000;
};

class memory_bench : public sc_core::sc_module
{
public:
    const bench_parameters parameters;
    kernel::event_wheel wheel;
    kernel::checked_links wires{true};
    kernel::router bus{"bus"};
    devices::ram ram;
    dram::command_checker checker;
    std::unique_ptr<fixed_memory> fixed;
    std::unique_ptr<dram_controller> dram;
    global_cache cache;
    crossbar xbar;
    std::vector<std::unique_ptr<test_port>> ports;
    std::uint8_t* storage = nullptr;

    memory_bench(const sc_core::sc_module_name& name, const bench_parameters& from)
        : sc_module(name), parameters(from), ram("ram", from.storage_bytes, sc_core::SC_ZERO_TIME),
          checker(from.timing), cache("cache", from.cache, from.xbar.clock, wheel), xbar("xbar", from.xbar, wheel)
    {
        wires.connect("bus_to_ram", bus.map("to_ram", 0, from.storage_bytes), ram.bus_in);
        if (from.dram) {
            dram = std::make_unique<dram_controller>("dram", from.timing, wheel, from.lose_response);
            dram->set_observer(&checker);
            dram->answer_at_edges_of(from.xbar.clock);
            if (from.decide_at_once)
                dram->decide_at_once();
            cache.set_room(*dram);
            wires.connect("cache_to_dram", cache.memory_out(), dram->memory_in);
            wires.connect("dram_to_bus", dram->storage.socket, bus.bus_in);
        } else {
            const fixed_memory_parameters latency{from.xbar.clock.to_time(from.fixed_cycles), 0, false};
            fixed = std::make_unique<fixed_memory>("fixed", latency);
            wires.connect("cache_to_fixed", cache.memory_out(), fixed->memory_in);
            wires.connect("fixed_to_bus", fixed->storage.socket, bus.bus_in);
        }
        xbar.cache.bind(cache);
        for (unsigned i = 0; i < from.ports + (from.broadcast ? 1 : 0); ++i) {
            const std::string port = "port" + std::to_string(i);
            ports.push_back(std::make_unique<test_port>(port.c_str(), wheel, from.xbar.clock, i == from.ports));
            wires.connect(port, ports.back()->out.socket, xbar.ports_in);
        }
        m_debug_out.bind(bus.bus_in);
    }

    /// After the last bench is built. The storage then holds 0, 1, 2, ...
    void elaborate()
    {
        if ((sc_core::sc_get_status() & sc_core::SC_ELABORATION) != 0)
            sc_core::sc_start(sc_core::SC_ZERO_TIME);
        tlm::tlm_generic_payload access;
        tlm::tlm_dmi dmi;
        ASSERT_TRUE(m_debug_out->get_direct_mem_ptr(access, dmi));
        storage = dmi.get_dmi_ptr();
        std::iota(storage, storage + parameters.storage_bytes, std::uint8_t{0});
    }

    test_port& port(std::size_t index) { return *ports[index]; }

    /// Everything that was begun comes to its end. Returns the next cycle.
    std::uint64_t settle()
    {
        while (wheel.step()) {
        }
        return wheel.now_ps() / parameters.xbar.clock.period_ps() + 1;
    }

    /// Reads lines so that they are in the cache. Returns the next cycle.
    std::uint64_t warm(std::uint64_t address, std::size_t bytes, std::uint64_t cycle = 0)
    {
        std::vector<std::uint8_t> data(bytes);
        port(0).read(address, data.data(), bytes, cycle);
        const std::uint64_t next = settle();
        port(0).done.clear();
        return next;
    }

    observe::counter_set counters() const
    {
        observe::counter_set all;
        observe::memory_statistics statistics;
        xbar.collect(all, statistics);
        cache.collect(all);
        if (dram)
            dram->collect(all, statistics);
        if (fixed)
            fixed->collect(all, statistics);
        return all;
    }

    /// Since the last call.
    std::uint64_t counted(counter which)
    {
        const std::uint64_t now = counters()[which];
        return now - std::exchange(m_counted[which], now);
    }

    /// Nothing is left over anywhere, and no link saw a breach.
    void expect_clean() const
    {
        for (const auto& each : ports)
            EXPECT_EQ(each->out.outstanding(), 0u) << each->out.describe();
        EXPECT_TRUE(cache.quiet());
        EXPECT_EQ(xbar.describe() + cache.describe() + (dram ? dram->describe() : ""), "");
        EXPECT_EQ(wires.violation_count(), 0u) << testing::PrintToString(wires.violations());
        EXPECT_TRUE(wires.open().empty()) << testing::PrintToString(wires.open());
        EXPECT_TRUE(checker.clean()) << testing::PrintToString(checker.violations());
    }

private:
    tlm_utils::simple_initiator_socket<memory_bench> m_debug_out{"debug_out"};
    observe::counter_set m_counted;
};

using cycle_list = std::vector<std::uint64_t>;

} // namespace loas::memory
