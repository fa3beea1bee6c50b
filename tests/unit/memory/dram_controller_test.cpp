// The DRAM through its socket: bandwidth, exact latencies, long accesses, and responses that get lost. A clock of 1 GHz
// makes cycles of the port ns.
#include "tests/unit/memory/memory_bench.h"

#include "models/kernel/access_check.h"
#include "models/kernel/protocol_checker.h"
#include "models/memory/dram/mapping.h"

using namespace loas::memory;

namespace
{

constexpr double clock_mhz = 1000;

/// Ports at the DRAM itself.
struct dram_bench : sc_core::sc_module {
    static constexpr std::uint64_t storage_bytes = std::uint64_t{8} << 20;

    loas::dram::parameters parameters;
    loas::kernel::event_wheel wheel;
    loas::kernel::checked_links wires{true};
    loas::devices::ram ram{"ram", storage_bytes, sc_core::SC_ZERO_TIME};
    loas::dram::command_checker checker;
    dram_controller dram;
    test_port port, other;

    explicit dram_bench(const sc_core::sc_module_name& name, const loas::dram::parameters& from = {},
                        std::uint64_t lose_response = 0)
        : sc_module(name), parameters(from), checker(from), dram("dram", from, wheel, lose_response),
          port("port", wheel, loas::kernel::clock(clock_mhz), false),
          other("other", wheel, loas::kernel::clock(clock_mhz), false)
    {
        dram.set_observer(&checker);
        wires.connect("port", port.out.socket, dram.memory_in);
        wires.connect("other", other.out.socket, dram.memory_in);
        wires.connect("dram_to_ram", dram.storage.socket, ram.bus_in);
    }

    static void elaborate() { sc_core::sc_start(sc_core::SC_ZERO_TIME); }

    void settle()
    {
        while (wheel.step()) {
        }
    }

    std::uint64_t read_ns(std::uint64_t address, std::size_t bytes, std::uint64_t start_ns)
    {
        std::vector<std::uint8_t> data(bytes);
        port.read(address, data.data(), bytes, start_ns);
        settle();
        return port.cycles().back() - start_ns;
    }

    loas::observe::memory_statistics statistics() const
    {
        loas::observe::counter_set counters;
        loas::observe::memory_statistics all;
        dram.collect(counters, all);
        return all;
    }

    void expect_clean() const
    {
        EXPECT_EQ(wires.violation_count(), 0u) << testing::PrintToString(wires.violations());
        EXPECT_TRUE(wires.open().empty()) << testing::PrintToString(wires.open());
        EXPECT_TRUE(checker.clean()) << testing::PrintToString(checker.violations());
        EXPECT_EQ(dram.describe(), "");
    }
};

/// An address in the same bank as address 0, but in another row, or in the same row at another column.
std::uint64_t partner_of_0(const loas::dram::parameters& parameters, bool other_row)
{
    const loas::dram::address_mapping mapping(parameters);
    const loas::dram::location zero = mapping.of(0);
    for (std::uint64_t burst = 1;; ++burst) {
        const loas::dram::location at = mapping.of(burst);
        if (at.channel == zero.channel && at.bank_group == zero.bank_group && at.bank == zero.bank &&
            (at.row != zero.row) == other_row)
            return burst * parameters.burst_bytes();
    }
}

} // namespace

TEST(dram_controller, latencies_of_single_reads_are_those_of_the_data_sheet)
{
    loas::dram::parameters parameters;
    parameters.timing.t_refi = 0;
    dram_bench b("bench", parameters);
    b.elaborate();
    const std::uint64_t same_row = partner_of_0(parameters, false), other_row = partner_of_0(parameters, true);
    EXPECT_EQ(b.read_ns(0, 32, 1000), 14u + 14 + 4);              // closed: tRCD + tCL + burst
    EXPECT_EQ(b.read_ns(same_row, 32, 2000), 14u + 4);            // open: tCL + burst
    EXPECT_EQ(b.read_ns(other_row, 32, 3000), 14u + 14 + 14 + 4); // conflict: tRP before
    EXPECT_EQ(b.read_ns(other_row, 32, 4001), 1u + 14 + 4);       // the command clock ticks every 2 ns
    EXPECT_EQ(b.read_ns(other_row, 1, 5000), 14u + 4);            // a burst is a burst
    const auto seen = b.statistics().all_channels();
    EXPECT_EQ(seen.reads, 5u);
    EXPECT_EQ(seen.row_misses, 1u);
    EXPECT_EQ(seen.row_conflicts, 1u);
    EXPECT_EQ(seen.row_hits, 3u);
    b.expect_clean();
}

TEST(dram_controller, with_closed_pages_every_row_is_closed)
{
    loas::dram::parameters parameters;
    parameters.timing.t_refi = 0;
    parameters.page = loas::dram::page_policy::closed;
    dram_bench b("bench", parameters);
    b.elaborate();
    EXPECT_EQ(b.read_ns(0, 32, 1000), 32u);
    EXPECT_EQ(b.read_ns(partner_of_0(parameters, false), 32, 2000), 32u);
    EXPECT_EQ(b.read_ns(partner_of_0(parameters, true), 32, 3000), 32u);
    b.expect_clean();
}

TEST(dram_controller, an_access_that_waits_for_a_refresh_says_so)
{
    dram_bench b("bench");
    b.elaborate();
    // Due after 3900 ns, for 260 ns.
    EXPECT_EQ(b.read_ns(0, 32, 4000), 3900 + 260 - 4000u + 32);
    EXPECT_EQ(b.port.done.back().refresh_ps, (3900 + 260 - 4000) * 1000u);
    EXPECT_EQ(b.read_ns(0, 32, 4500), 18u);
    EXPECT_EQ(b.port.done.back().refresh_ps, 0u);
    b.expect_clean();
}

TEST(dram_controller, long_accesses_are_spread_over_channels)
{
    loas::dram::parameters parameters;
    parameters.timing.t_refi = 0;
    dram_bench b("bench", parameters);
    b.elaborate();
    // One burst a channel; the second channel on a bus activates two clocks, 4 ns, after the first.
    EXPECT_EQ(b.read_ns(0, 16 * 32, 1000), 32u + 4);
    const auto channels = b.statistics().channels;
    ASSERT_EQ(channels.size(), 16u);
    for (const auto& each : channels)
        EXPECT_EQ(each.reads, 1u);
    b.read_ns(16, 32, 2000); // not on a border: two bursts
    EXPECT_EQ(b.statistics().all_channels().reads, 18u);
    std::vector<std::uint8_t> out(10000), back(10000);
    std::iota(out.begin(), out.end(), std::uint8_t{7});
    b.port.write(0x12345, out.data(), out.size(), 3000);
    b.port.read(0x12345, back.data(), back.size(), 3001); // announced later: sees it, though the bursts may overtake
    b.settle();
    EXPECT_EQ(out, back);
    b.port.read(dram_bench::storage_bytes - 16, back.data(), 32, 10000); // across the end
    b.settle();
    EXPECT_FALSE(b.port.done.back().ok);
    b.expect_clean();
}

TEST(dram_controller, sequential_reads_reach_nine_tenths_of_the_peak)
{
    dram_bench b("bench");
    b.elaborate();
    constexpr std::uint64_t accesses = 65536, bytes = 64;
    std::vector<std::uint8_t> data(bytes);
    std::uint64_t next = 0;
    const auto start = [&](std::uint64_t cycle) {
        if (next < accesses)
            b.port.read(bytes * next++, data.data(), bytes, cycle);
    };
    b.port.then = [&](const access_done& done) { start(done.time_ps / 1000); };
    for (int i = 0; i < 1024; ++i) // under way at any time
        start(0);
    b.settle();
    const double reached = double(accesses * bytes) / double(b.port.cycles().back());
    EXPECT_EQ(b.port.done.size(), accesses);
    EXPECT_DOUBLE_EQ(b.parameters.peak_bytes_per_ns(), 128);
    EXPECT_GE(reached, 0.9 * 128) << "bytes/ns";
    EXPECT_LE(reached, 128 * (1 - 260.0 / 3900)); // refreshes do take their time
    EXPECT_GT(b.statistics().all_channels().refreshes, 16u * 5);
    b.expect_clean();
}

TEST(dram_controller, blocking_and_non_blocking_accesses_take_the_same_time)
{
    loas::dram::parameters parameters;
    parameters.timing.t_refi = 0;
    dram_bench b("bench", parameters);
    b.elaborate();
    std::uint8_t value[8] = {1, 2, 3, 4, 5, 6, 7, 8}, back[8] = {};
    b.port.write(0x40, value, 8, 1000);
    b.settle();
    const auto block = [&](std::uint64_t at_ns) {
        tlm::tlm_generic_payload access;
        loas::kernel::prepare(access, tlm::TLM_READ_COMMAND, 0x40, back, 8);
        sc_core::sc_time delay(double(at_ns), sc_core::SC_NS);
        b.other.out.socket->b_transport(access, delay);
        EXPECT_TRUE(access.is_response_ok());
        return delay.value() / 1000 - at_ns;
    };
    const std::uint64_t blocking = block(2000);
    EXPECT_EQ(blocking, b.read_ns(0x40, 8, 3000));
    EXPECT_EQ(back[7], 8);
    // With others under way: they go on, and nothing that comes after the end of the blocking access has happened yet.
    std::vector<std::uint8_t> data(4096);
    for (int i = 0; i < 16; ++i)
        b.port.read(0, data.data(), data.size(), 4000);
    const std::uint64_t end = 4000 + block(4000);
    EXPECT_EQ(b.wheel.now_ps(), end * 1000);
    EXPECT_GT(b.port.out.outstanding(), 0u);
    b.settle();
    b.expect_clean();
}

// A channel must not work ahead of the time at which others may still ask it for something.
TEST(dram_controller, a_later_request_to_the_open_row_overtakes_waiting_conflicts)
{
    loas::dram::parameters parameters;
    parameters.timing.t_refi = 0;
    dram_bench b("bench", parameters);
    b.elaborate();
    std::uint8_t data[4][32];
    b.port.then = [&](const access_done& done) {
        if (done.tag == 1)
            b.other.read(partner_of_0(parameters, false), data[2], 32, done.time_ps / 1000);
    };
    b.port.read(0, data[0], 32, 1000, 1);
    b.port.read(partner_of_0(parameters, true), data[1], 32, 1000, 2);
    b.settle();
    // The first is done after 32 ns; the row may be closed 34 ns after it was opened.
    EXPECT_EQ(b.other.cycles(), cycle_list{1000 + 32 + 18});
    EXPECT_EQ(b.port.cycles()[0], 1000u + 32);
    EXPECT_GT(b.port.cycles()[1], 1000u + 32 + 18);
    b.expect_clean();
}

TEST(dram_controller, a_lost_response_leaves_one_access_open_that_is_named)
{
    dram_bench b("bench", {}, 3);
    b.elaborate();
    std::uint8_t data[8] = {};
    for (std::uint64_t i = 1; i <= 5; ++i) // one after the other, so that the third is the third
        b.port.read(0x1000 * i, data, 8, 1000 * i);
    b.settle();
    EXPECT_EQ(b.port.done.size(), 4u);
    EXPECT_EQ(b.port.out.outstanding(), 1u);
    EXPECT_EQ(b.dram.describe(), "dram has not answered a read at 0x3000");
    EXPECT_NE(b.port.out.describe().find("waits for a read of 8 bytes at 0x3000"), std::string::npos)
        << b.port.out.describe();
    const auto open = b.wires.open();
    ASSERT_EQ(open.size(), 1u);
    EXPECT_NE(open[0].find("read of 8 bytes at 0x3000"), std::string::npos) << open[0];
    EXPECT_EQ(b.wires.violation_count(), 0u);
    for (std::uint64_t i = 10; i < 100; ++i)
        b.port.write(0x40 * i, data, 8, 1000 * i);
    b.settle();
    EXPECT_EQ(b.port.out.outstanding(), 1u);
    EXPECT_EQ(b.port.done.size(), 94u);
}

TEST(dram_controller, says_what_waits)
{
    dram_bench b("bench");
    b.elaborate();
    std::uint8_t data[64] = {};
    EXPECT_EQ(b.dram.describe(), "");
    b.port.write(0x800, data, 32, 1000);
    b.wheel.run_before(1000 * 1000);
    EXPECT_EQ(b.dram.describe().find("dram has not answered a write at 0x800, channel "), 0u) << b.dram.describe();
    b.settle();
    b.expect_clean();
}
