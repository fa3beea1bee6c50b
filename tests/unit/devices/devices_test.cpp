// Timer, watchdog, finisher and dummy target, with times worked out by hand. An access has no time of its own here: its
// latency is the initiator's to spend.
#include "abi/loas_devices.h"
#include "models/devices/clint.h"
#include "models/devices/dummy_target.h"
#include "models/devices/finisher.h"
#include "models/devices/watchdog.h"
#include "tests/unit/devices/device_bench.h"

#include <vector>

using namespace loas;
using namespace loas::test;
using sc_core::wait;

TEST(clint, the_timer_interrupts_at_its_tick)
{
    devices::clint clint("clint", ns(10));
    std::vector<std::pair<std::uint64_t, bool>> edges;
    clint.timer_out.connect([&](bool high) { edges.emplace_back(now_ns(), high); });
    run_bench<devices::clint>(clint, [&](device_bench<devices::clint>& b) {
        wait(ns(1250));
        EXPECT_EQ(b.read<std::uint64_t>(LOAS_CLINT_REG_MTIME), 12u) << "ticks of 100 ns";
        EXPECT_EQ(b.read<std::uint64_t>(LOAS_CLINT_REG_MTIMECMP), ~std::uint64_t{0});
        b.write<std::uint64_t>(LOAS_CLINT_REG_MTIMECMP, 20);
        wait(ns(1000));
        b.write<std::uint64_t>(LOAS_CLINT_REG_MTIMECMP, 30); // at 2,250 ns
        wait(ns(500));
        b.write<std::uint64_t>(LOAS_CLINT_REG_MTIMECMP, ~std::uint64_t{0}); // before it
        wait(ns(500));
        b.write<std::uint64_t>(LOAS_CLINT_REG_MTIMECMP, 5); // long ago
    });
    const std::vector<std::pair<std::uint64_t, bool>> expected = {{2000, true}, {2250, false}, {3250, true}};
    EXPECT_EQ(edges, expected);
    EXPECT_EQ(now_ns(), 3250u) << "no event is left";
}

TEST(clint, halves_and_the_software_interrupt)
{
    devices::clint clint("clint", ns(10));
    run_bench<devices::clint>(clint, [&](device_bench<devices::clint>& b) {
        b.write(LOAS_CLINT_REG_MTIMECMP + 4, 1);
        b.write(LOAS_CLINT_REG_MTIMECMP, 0);
        EXPECT_EQ(b.read<std::uint64_t>(LOAS_CLINT_REG_MTIMECMP), std::uint64_t{1} << 32);
        b.write(LOAS_CLINT_REG_MTIMECMP, ~0U); // stays the alarm of the simulation's next 200 s
        b.write(LOAS_CLINT_REG_MTIMECMP + 4, ~0U);
        b.write(LOAS_CLINT_REG_MSIP, ~0U);
        EXPECT_EQ(b.read(LOAS_CLINT_REG_MSIP), 1u);
        EXPECT_TRUE(clint.software_out.high());
        b.write(LOAS_CLINT_REG_MSIP, 0);
        EXPECT_FALSE(clint.software_out.high());
        std::uint64_t value = 0;
        EXPECT_NE(b.access(tlm::TLM_READ_COMMAND, LOAS_CLINT_REG_MTIME - 4, &value, 8), tlm::TLM_OK_RESPONSE)
            << "not aligned";
        EXPECT_NE(b.access(tlm::TLM_READ_COMMAND, LOAS_CLINT_REG_MTIME, &value, 2), tlm::TLM_OK_RESPONSE);
        EXPECT_NE(b.access(tlm::TLM_WRITE_COMMAND, LOAS_CLINT_REG_MTIME, &value, 4), tlm::TLM_OK_RESPONSE);
    });
}

TEST(watchdog, interrupts_after_a_time_out_and_bites_after_a_second)
{
    std::uint64_t bitten_ns = 0;
    devices::watchdog watchdog("watchdog", ns(10), [&] { bitten_ns = now_ns(); });
    std::vector<std::uint64_t> rises;
    watchdog.interrupt_out.connect([&](bool high) {
        if (high)
            rises.push_back(now_ns());
    });
    run_bench<devices::watchdog>(watchdog, [&](device_bench<devices::watchdog>& b) {
        b.write(LOAS_WATCHDOG_REG_TIMEOUT_US, 5);
        b.write(LOAS_WATCHDOG_REG_CONTROL, LOAS_WATCHDOG_ENABLE);
        wait(ns(4000));
        EXPECT_EQ(b.read(LOAS_WATCHDOG_REG_LEFT_US), 1u);
        b.write(LOAS_WATCHDOG_REG_RESTART, 0); // at 4 us: expires at 9
        wait(ns(6000));
        EXPECT_EQ(b.read(LOAS_WATCHDOG_REG_STATUS), LOAS_WATCHDOG_EXPIRED);
        b.write(LOAS_WATCHDOG_REG_STATUS, LOAS_WATCHDOG_EXPIRED); // at 10 us, dealt with
        EXPECT_FALSE(watchdog.interrupt_out.high());
        wait(ns(8900)); // it has expired again at 14, and bites at 19
        EXPECT_EQ(bitten_ns, 0u);
    });
    EXPECT_EQ(rises, (std::vector<std::uint64_t>{9000, 14000}));
    EXPECT_EQ(bitten_ns, 19000u);
}

TEST(watchdog, does_nothing_while_stopped)
{
    devices::watchdog watchdog("watchdog", ns(10), [] { FAIL(); });
    run_bench<devices::watchdog>(watchdog, [&](device_bench<devices::watchdog>& b) {
        b.write(LOAS_WATCHDOG_REG_RESTART, 1);
        b.write(LOAS_WATCHDOG_REG_CONTROL, LOAS_WATCHDOG_ENABLE);
        wait(ns(500));
        b.write(LOAS_WATCHDOG_REG_CONTROL, 0);
        EXPECT_EQ(b.read(LOAS_WATCHDOG_REG_LEFT_US), 0u);
    });
    EXPECT_EQ(now_ns(), 500u) << "no event is left";
    EXPECT_FALSE(watchdog.interrupt_out.high());
}

TEST(finisher, tells_of_the_end_and_its_code)
{
    std::vector<unsigned> codes;
    devices::finisher finisher("finisher", ns(10), [&](unsigned code) { codes.push_back(code); });
    run_bench<devices::finisher>(finisher, [&](device_bench<devices::finisher>& b) {
        for (const std::uint32_t value : {0x5555U, 0x3333U | 7U << 16, 0x3333U, 0x7777U, 0U})
            b.write(LOAS_FINISHER_REG_END, value);
    });
    EXPECT_EQ(codes, (std::vector<unsigned>{0, 7, 1}));
}

TEST(dummy_target, takes_and_tells_of_everything)
{
    std::vector<std::string> told;
    devices::dummy_target dummy("dummy", 0x100, ns(10), [&](const devices::dummy_target::access& access) {
        told.push_back((access.write ? "w" : "r") + std::to_string(access.bytes) + "@" + std::to_string(access.offset) +
                       "=" + std::to_string(access.value));
    });
    run_bench<devices::dummy_target>(dummy, [&](device_bench<devices::dummy_target>& b) {
        b.write<std::uint16_t>(6, 258);
        EXPECT_EQ(b.read<std::uint64_t>(0xF8), 0u);
        EXPECT_EQ(b.look<std::uint64_t>(0), 0u);
        std::uint64_t value = 0;
        EXPECT_NE(b.access(tlm::TLM_READ_COMMAND, 0xFC, &value, 8), tlm::TLM_OK_RESPONSE);
    });
    EXPECT_EQ(told, (std::vector<std::string>{"w2@6=258", "r8@248=0"}));
}
