// Cycles of the crossbar, counted by hand: a line that hits is there 2 (cache) + 1 (crossbar) cycles after its turn.
#include "tests/unit/memory/memory_bench.h"

using namespace loas::memory;

namespace
{

constexpr std::uint64_t hit = 3;
constexpr std::uint64_t line = 32;

bench_parameters with_banks(unsigned banks, unsigned ports = 2)
{
    bench_parameters parameters;
    parameters.ports = ports;
    parameters.xbar.banks = parameters.cache.geometry.banks = banks;
    return parameters;
}

} // namespace

TEST(crossbar, a_hit_takes_the_latencies_and_a_fiber_one_line_a_cycle)
{
    memory_bench b("b", {});
    b.elaborate();
    const std::uint64_t t = b.warm(0, 0x400);
    std::uint8_t data[256] = {};
    b.port(1).read(4, data, 8, t, 1);
    b.settle();
    b.port(1).read(0x110, data, 5 * line, t + 10, 2); // not on a border: six lines
    b.settle();
    b.port(1).write(0x80, data, 3 * line, t + 30, 3); // data come along: the crossbar's latency alone
    b.settle();
    EXPECT_EQ(b.port(1).cycles(), (cycle_list{t + hit, t + 10 + 5 + hit, t + 30 + 2 + 1}));
    EXPECT_EQ(b.port(1).done[1].tag, 2u);
    EXPECT_EQ(data[0], 0x10);
    EXPECT_EQ(data[5 * line - 1], (0x110 + 5 * line - 1) & 0xFF);
    EXPECT_EQ(b.counted(counter::bank_conflicts), 0u);
    EXPECT_EQ(b.counted(counter::port_conflicts), 0u);
    b.expect_clean();
}

TEST(crossbar, an_access_between_two_edges_is_seen_at_the_later_one)
{
    memory_bench b("b", {});
    b.elaborate();
    const std::uint64_t t = b.warm(0, 0x400);
    std::uint8_t data[8];
    b.port(1).out.start(tlm::TLM_READ_COMMAND, 0, data, 8, operand::bias, t * 1250 + 1, 0);
    b.settle();
    EXPECT_EQ(b.port(1).cycles(), cycle_list{t + 1 + hit});
    EXPECT_EQ(b.counted(of(counter::request_bytes, operand::bias)), 8u);
}

TEST(crossbar, round_robin_alternates_between_ports_that_want_one_bank)
{
    memory_bench b("b", with_banks(1, 3));
    b.elaborate();
    const std::uint64_t t = b.warm(0, 0x400);
    std::uint8_t data[3][4 * line];
    for (const std::size_t each : {2u, 0u}) // whoever began first
        for (std::uint64_t i = 0; i < 4; ++i)
            b.port(each).read(i * line, data[each] + i * line, line, t);
    b.settle();
    const std::uint64_t first = b.port(0).cycles()[0] < b.port(2).cycles()[0] ? 0 : 1;
    EXPECT_EQ(b.port(0).cycles(),
              (cycle_list{t + hit + first, t + hit + 2 + first, t + hit + 4 + first, t + hit + 6 + first}));
    EXPECT_EQ(b.port(2).cycles(),
              (cycle_list{t + hit + 1 - first, t + hit + 3 - first, t + hit + 5 - first, t + hit + 7 - first}));
    EXPECT_EQ(b.counted(counter::bank_conflicts), 7u); // until one has finished, the other one waits each cycle
    b.expect_clean();
}

TEST(crossbar, a_bank_with_two_ports_serves_two_in_a_cycle)
{
    bench_parameters parameters = with_banks(1, 3);
    parameters.xbar.bank_ports = 2;
    memory_bench b("b", parameters);
    b.elaborate();
    const std::uint64_t t = b.warm(0, 0x400);
    std::uint8_t data[3][2 * line];
    for (const std::size_t each : {0u, 1u, 2u})
        for (std::uint64_t i = 0; i < 2; ++i)
            b.port(each).read(i * line, data[each] + i * line, line, t);
    b.settle();
    std::vector<std::uint64_t> all;
    for (const std::size_t each : {0u, 1u, 2u})
        for (const std::uint64_t cycle : b.port(each).cycles())
            all.push_back(cycle - t - hit);
    std::sort(all.begin(), all.end());
    EXPECT_EQ(all, (std::vector<std::uint64_t>{0, 0, 1, 1, 2, 2})); // six lines in three cycles
    EXPECT_EQ(b.counted(counter::bank_conflicts), 2u);              // one port in each of the first two cycles
    b.expect_clean();
}

TEST(crossbar, three_ports_share_a_bank_evenly)
{
    memory_bench b("b", with_banks(1, 3));
    b.elaborate();
    const std::uint64_t t = b.warm(0, 0x400);
    std::uint8_t data[3][8 * line];
    for (std::size_t each = 0; each < 3; ++each)
        b.port(each).read(0, data[each], 8 * line, t);
    b.settle();
    std::vector<std::uint64_t> ends;
    for (std::size_t each = 0; each < 3; ++each)
        ends.push_back(b.port(each).cycles()[0] - t - hit);
    std::sort(ends.begin(), ends.end());
    EXPECT_EQ(ends, (cycle_list{21, 22, 23}));
    EXPECT_EQ(b.counted(counter::bank_conflicts), 22u * 2 + 1);
}

TEST(crossbar, fixed_priority_lets_the_higher_port_starve)
{
    bench_parameters parameters = with_banks(1, 2);
    parameters.xbar.policy = arbitration::fixed_priority;
    memory_bench b("b", parameters);
    b.elaborate();
    const std::uint64_t t = b.warm(0, 0x400);
    std::uint8_t data[2][4 * line];
    b.port(1).read(0, data[1], 4 * line, t);
    b.port(0).read(0, data[0], 4 * line, t);
    b.settle();
    EXPECT_EQ(b.port(0).cycles(), cycle_list{t + 3 + hit});
    EXPECT_EQ(b.port(1).cycles(), cycle_list{t + 7 + hit});
    EXPECT_EQ(b.counted(counter::bank_conflicts), 4u);
}

TEST(crossbar, reads_and_writes_of_a_bank_do_not_disturb_each_other)
{
    memory_bench b("b", with_banks(1, 2));
    b.elaborate();
    const std::uint64_t t = b.warm(0, 0x400);
    std::uint8_t data[2][4 * line] = {};
    b.port(0).read(0x100, data[0], 4 * line, t);
    b.port(1).write(0, data[1], 4 * line, t);
    b.settle();
    EXPECT_EQ(b.port(0).cycles(), cycle_list{t + 3 + hit});
    EXPECT_EQ(b.port(1).cycles(), cycle_list{t + 3 + 1});
    EXPECT_EQ(b.counted(counter::bank_conflicts), 0u);
}

TEST(crossbar, ports_that_want_different_banks_do_not_wait)
{
    memory_bench b("b", with_banks(4, 4));
    b.elaborate();
    const std::uint64_t t = b.warm(0, 0x400);
    std::uint8_t data[4][8 * line];
    for (std::size_t each = 0; each < 4; ++each)
        b.port(each).read(each * line, data[each], 8 * line, t);
    b.settle();
    for (std::size_t each = 0; each < 4; ++each)
        EXPECT_EQ(b.port(each).cycles(), cycle_list{t + 7 + hit});
    EXPECT_EQ(b.counted(counter::bank_conflicts), 0u);
}

// Read once, delivered to all tiles in one cycle: nobody else gets data then.
TEST(crossbar, a_broadcast_is_read_once_and_takes_the_ports_of_all_tiles)
{
    bench_parameters parameters = with_banks(16, 2);
    parameters.broadcast = true;
    memory_bench b("b", parameters);
    b.elaborate();
    const std::uint64_t t = b.warm(0, 0x400);
    b.counted(of(counter::cache_hits, operand::b_weights));
    std::uint8_t data[3][4 * line];
    b.port(2).read(0, data[2], line, t);
    b.port(0).read(1 * line, data[0], line, t + 1);
    b.port(1).read(2 * line, data[1], line, t + 1);
    b.settle();
    EXPECT_EQ(b.port(2).cycles(), cycle_list{t + hit});
    EXPECT_EQ(b.port(0).cycles(), cycle_list{t + 1 + hit}); // the cycle after is free again
    EXPECT_EQ(b.counted(of(counter::cache_hits, operand::b_weights)), 3u);
    EXPECT_EQ(b.counted(counter::port_conflicts), 0u);

    const std::uint64_t u = t + 20;
    b.port(0).read(1 * line, data[0], line, u);
    b.port(2).read(2 * line, data[2], 2 * line, u);
    b.port(1).read(4 * line, data[1], line, u + 1);
    b.settle();
    EXPECT_EQ(b.port(0).cycles()[1], u + hit);
    EXPECT_EQ(b.port(1).cycles()[1], u + 2 + hit) << "waits for the first broadcast line, which waited for tile 0";
    EXPECT_EQ(b.port(2).cycles()[1], u + 3 + hit) << "the second line waits for tile 1";
    EXPECT_EQ(b.counted(counter::port_conflicts), 1u + 1 + 2);
    EXPECT_EQ(data[2][0], 2 * line);
    EXPECT_EQ(data[2][2 * line - 1], 4 * line - 1);
    b.expect_clean();
}

// The same to one neighbour: port 0 waits for it, port 2 does not.
TEST(crossbar, what_a_neighbour_shares_takes_both_ports_and_no_other)
{
    bench_parameters parameters = with_banks(16, 3);
    memory_bench b("b", parameters);
    b.elaborate();
    const std::uint64_t t = b.warm(0, 0x400);
    std::uint8_t data[3][4 * line];
    b.port(1).out.share_with(1, 0);
    b.port(1).read(0, data[1], 2 * line, t);
    b.port(0).read(2 * line, data[0], line, t + 1);
    b.port(2).read(3 * line, data[2], line, t + 1);
    b.settle();
    EXPECT_EQ(b.port(2).cycles(), cycle_list{t + 1 + hit});
    const std::vector<std::uint64_t> both = {b.port(0).cycles().at(0), b.port(1).cycles().at(0)};
    EXPECT_EQ(*std::min_element(both.begin(), both.end()), t + 1 + hit); // in some order one after the other
    EXPECT_EQ(*std::max_element(both.begin(), both.end()), t + 2 + hit);
    EXPECT_EQ(b.counted(counter::port_conflicts), 1u);
    b.port(1).out.share_with(0, 0);
    b.port(1).read(0, data[1], line, t + 20);
    b.port(0).read(2 * line, data[0], line, t + 20);
    b.settle();
    EXPECT_EQ(b.port(0).cycles()[1], t + 20 + hit);
    EXPECT_EQ(b.port(1).cycles()[1], t + 20 + hit);
    EXPECT_EQ(b.counted(counter::port_conflicts), 0u);
    b.expect_clean();
}

TEST(crossbar, data_of_a_fill_and_of_a_hit_come_one_after_the_other)
{
    bench_parameters parameters;
    parameters.fixed_cycles = 10;
    memory_bench b("b", parameters);
    b.elaborate();
    const std::uint64_t t = b.warm(0, line);
    std::uint8_t data[2][line];
    b.port(1).read(0x800, data[0], line, t, 1);
    b.port(1).read(0, data[1], line, t + 10, 2);
    b.settle();
    EXPECT_EQ(b.port(1).cycles(), (cycle_list{t + 10 + hit, t + 11 + hit}));
    EXPECT_EQ(b.counted(counter::port_conflicts), 1u);
    EXPECT_EQ(b.counted(counter::bank_conflicts), 0u);
}

TEST(crossbar, that_is_ideal_lets_nobody_wait)
{
    bench_parameters parameters = with_banks(1, 4);
    parameters.broadcast = true;
    parameters.xbar.ideal = true;
    memory_bench b("b", parameters);
    b.elaborate();
    const std::uint64_t t = b.warm(0, 0x400);
    std::uint8_t data[5][16 * line];
    for (std::size_t each = 0; each < 5; ++each) {
        b.port(each).read(0, data[each], 16 * line, t + 1, 0);
        b.port(each).read(line, data[each], 8, t + 5, 1);
    }
    b.settle();
    for (std::size_t each = 0; each < 5; ++each)
        EXPECT_EQ(b.port(each).cycles(), (cycle_list{t + 1 + hit, t + 5 + hit}));
    EXPECT_EQ(b.counted(counter::bank_conflicts) + b.counted(counter::port_conflicts), 0u);
    b.expect_clean();
}

// A port that begins something within a cycle must not give the others a second turn in it.
TEST(crossbar, one_line_a_port_and_a_bank_in_a_cycle_whatever_begins_meanwhile)
{
    memory_bench b("b", with_banks(2, 4));
    b.elaborate();
    const std::uint64_t t = b.warm(0, 0x2000);
    std::vector<std::uint8_t> data[4] = {std::vector<std::uint8_t>(100 * line), std::vector<std::uint8_t>(line),
                                         std::vector<std::uint8_t>(line), std::vector<std::uint8_t>(line)};
    for (std::size_t each = 1; each < 4; ++each) {
        b.port(each).then = [&, each](const access_done& done) {
            if (b.port(each).done.size() < 60)
                b.port(each).read(0, data[each].data(), 8, done.time_ps / 1250); // all in bank 0
        };
        b.port(each).read(0, data[each].data(), 8, t + each);
    }
    b.port(0).read(line, data[0].data(), 100 * line, t); // every other line in bank 0
    b.settle();
    EXPECT_GE(b.port(0).cycles()[0], t + 99 + hit);
    // 50 lines of port 0 and 180 of the others came out of bank 0, and no more than one a cycle.
    std::uint64_t last = b.port(0).cycles()[0];
    for (std::size_t each = 1; each < 4; ++each)
        last = std::max(last, b.port(each).cycles().back());
    EXPECT_GE(last, t + 229 + hit);
    b.expect_clean();
}

TEST(crossbar, a_port_writes_one_line_a_cycle_whatever_begins_meanwhile)
{
    memory_bench b("b", with_banks(16, 2));
    b.elaborate();
    const std::uint64_t t = b.warm(0, 0x2000);
    std::vector<std::uint8_t> data(100 * line), other(line);
    b.port(1).then = [&](const access_done& done) {
        if (b.port(1).done.size() < 60)
            b.port(1).read(0, other.data(), 8, done.time_ps / 1250);
    };
    b.port(1).read(0, other.data(), 8, t);
    b.port(0).write(0, data.data(), 100 * line, t);
    b.settle();
    EXPECT_EQ(b.port(0).cycles(), cycle_list{t + 99 + 1});
    EXPECT_EQ(b.port(1).cycles().back(), t + 60 * hit);
    EXPECT_EQ(b.counted(counter::bank_conflicts), 0u); // one reads, one writes
}

TEST(crossbar, an_access_that_is_announced_ahead_begins_in_its_own_cycle)
{
    memory_bench b("b", with_banks(16, 3));
    b.elaborate();
    const std::uint64_t t = b.warm(0, 0x400);
    std::uint8_t data[3][8 * line];
    b.port(1).read(0, data[1], 8, t + 100);
    b.port(0).read(0x100, data[0], 8 * line, t);
    b.port(2).read(0x40, data[2], 8, t + 50);
    b.settle();
    EXPECT_EQ(b.port(0).cycles(), cycle_list{t + 7 + hit});
    EXPECT_EQ(b.port(2).cycles(), cycle_list{t + 50 + hit});
    EXPECT_EQ(b.port(1).cycles(), cycle_list{t + 100 + hit});
}

TEST(crossbar, tells_latencies_and_what_waits)
{
    bench_parameters parameters;
    parameters.fixed_cycles = 100;
    memory_bench b("b", parameters);
    b.elaborate();
    std::uint8_t data[2 * line];
    EXPECT_EQ(b.xbar.describe(), "");
    b.port(1).read(0x7F0, data, 2 * line, 0);
    b.wheel.run_before(50 * 1250);
    EXPECT_EQ(b.xbar.describe(), "xbar: port 1 waits for 3 lines from 0x7f0");
    b.settle();
    loas::observe::memory_statistics statistics;
    loas::observe::counter_set ignored;
    b.xbar.collect(ignored, statistics);
    EXPECT_EQ(b.port(1).cycles(), cycle_list{100 + 2 + hit});
    EXPECT_EQ(statistics.access_latency_cycles[loas::observe::bucket_of(105)], 1u);
}
