// Accesses that belong to an arrival: when it is there, what starts further ones, and what a refused one does.
#include "tests/unit/compute/recorder.h"

#include "models/designs/base/block_ports.h"
#include "models/kernel/protocol_checker.h"

using namespace loas;
using namespace loas::parts_test;
using kernel::arrival;
using observe::operand;

namespace
{

struct ports_and_memory {
    kernel::event_wheel wheel;
    kernel::checked_links wires{true};
    kernel::memory_fault fault;
    designs::block_ports ports;
    recorder memory{"memory"};
    std::uint64_t data[8] = {};

    ports_and_memory() : ports("ports", one_ghz, wheel, 2, 1, true, fault)
    {
        for (kernel::memory_port* each : ports.ports())
            wires.connect("port", each->socket, memory.in);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        memory.latency = 10;
    }
    ~ports_and_memory() { EXPECT_EQ(wires.violations(), std::vector<std::string>()); }

    void run()
    {
        wheel.run_until([] { return false; });
    }
};

/// Starts one more read of the arrival when its first accesses are done, as values on their pointers.
struct follow_pointer : kernel::arrival_listener {
    ports_and_memory& of;
    unsigned calls = 0;

    explicit follow_pointer(ports_and_memory& ports) : of(ports) {}
    void arrived(arrival& what) override
    {
        if (++calls == 1)
            of.ports.read(0, 0x40, &of.data[4], 8, operand::a_words, what.ready_cycle, what);
    }
};

} // namespace

TEST(block_ports, an_arrival_is_there_with_the_last_of_its_accesses)
{
    ports_and_memory p;
    arrival rows, weights;
    rows.begin(0);
    weights.begin(0);
    EXPECT_TRUE(rows.complete()); // nothing was asked for
    p.ports.read(0, 0x00, &p.data[0], 8, operand::a_mask, 0, rows);
    p.ports.read(1, 0x08, &p.data[1], 8, operand::a_mask, 3, rows);
    p.ports.write(p.ports.shared_port(0), 0x10, &p.data[2], 16, operand::partial_sums, 1, weights);
    EXPECT_FALSE(p.ports.at_rest());
    EXPECT_NE(p.ports.describe(), "");
    p.wheel.run_until([&] { return weights.complete(); });
    EXPECT_EQ(weights.ready_cycle, 11u);
    EXPECT_FALSE(rows.complete());
    p.run();
    EXPECT_TRUE(rows.complete());
    EXPECT_EQ(rows.ready_cycle, 13u);
    EXPECT_TRUE(p.ports.at_rest());
    EXPECT_EQ(p.ports.describe(), "");
    ASSERT_EQ(p.memory.seen.size(), 3u);
    EXPECT_EQ(p.memory.seen[0].kind, operand::a_mask);
    EXPECT_FALSE(p.memory.seen[0].broadcast);
    EXPECT_EQ(p.memory.seen[2].kind, operand::partial_sums);
    EXPECT_EQ(p.memory.seen[2].data.size(), 16u);
    EXPECT_TRUE(p.memory.seen[2].broadcast); // shared ports, as asked for
}

TEST(block_ports, an_arrival_has_waited_for_a_refresh_as_long_as_the_slowest_of_its_accesses)
{
    ports_and_memory p;
    p.memory.refreshes = {{0x00, 2}, {0x08, 6}, {0x10, 1}, {0x40, 3}};
    arrival rows, others;
    rows.begin(0);
    others.begin(0);
    for (const std::uint64_t address : {0x00u, 0x08u, 0x10u})
        p.ports.read(0, address, &p.data[0], 8, operand::a_mask, 0, rows);
    p.ports.write(1, 0x40, &p.data[1], 8, operand::partial_sums, 0, others);
    p.run();
    EXPECT_EQ(rows.refresh_cycles, 6u);
    EXPECT_EQ(others.refresh_cycles, 3u);
    rows.begin(20); // used again
    EXPECT_EQ(rows.refresh_cycles, 0u);
    p.ports.read(0, 0x10, &p.data[0], 8, operand::a_mask, 20, rows);
    p.run();
    EXPECT_EQ(rows.refresh_cycles, 1u);
    rows.begin(40);
    p.ports.read(0, 0x18, &p.data[0], 8, operand::a_mask, 40, rows);
    p.run();
    EXPECT_EQ(rows.refresh_cycles, 0u) << "of an earlier access";
}

TEST(block_ports, a_listener_may_go_on_with_the_same_arrival)
{
    ports_and_memory p;
    follow_pointer listener(p);
    arrival fiber;
    fiber.begin(0);
    fiber.then = &listener;
    p.ports.read(0, 0, &p.data[0], 8, operand::a_pointers, 2, fiber);
    p.ports.read(0, 8, &p.data[1], 8, operand::a_mask, 5, fiber);
    p.wheel.run_until([&] { return fiber.complete(); });
    EXPECT_EQ(fiber.ready_cycle, 25u); // 5 + 10, then the values
    EXPECT_EQ(listener.calls, 2u);
    ASSERT_EQ(p.memory.seen.size(), 3u);
    EXPECT_EQ(p.memory.seen[2].cycle, 15u);
}

TEST(block_ports, nothing_is_started_for_0_bytes)
{
    ports_and_memory p;
    arrival nothing;
    nothing.begin(7);
    p.ports.read(0, 0, p.data, 0, operand::a_mask, 7, nothing);
    EXPECT_TRUE(nothing.complete());
    EXPECT_EQ(nothing.ready_cycle, 7u);
    EXPECT_TRUE(p.memory.seen.empty());
}

TEST(block_ports, a_refused_access_is_the_fault_of_the_layer_and_nothing_follows_it)
{
    ports_and_memory p;
    p.memory.broken = 0x20;
    follow_pointer listener(p);
    arrival fiber;
    fiber.begin(0);
    fiber.then = &listener;
    p.ports.read(0, 0x20, &p.data[0], 8, operand::a_pointers, 0, fiber);
    p.run();
    EXPECT_TRUE(p.fault.happened);
    EXPECT_EQ(p.fault.status, LOAS_STATUS_BUS_ERROR);
    EXPECT_EQ(p.fault.address, 0x20u);
    EXPECT_EQ(listener.calls, 0u);
    p.ports.read(0, 0, &p.data[0], 8, operand::a_mask, 20, fiber);
    EXPECT_EQ(p.memory.seen.size(), 1u);
    EXPECT_TRUE(p.ports.at_rest());
}
