// The global cache among others who use the same memory: the host, debuggers, and accesses that memory refuses.
#include "tests/unit/memory/memory_bench.h"

#include "models/kernel/access_check.h"

#include <cstring>

using namespace loas::memory;

namespace
{

constexpr std::uint64_t hit = 3;
constexpr std::uint64_t line = 32;

bench_parameters with_latency(std::uint64_t fixed_cycles, unsigned ports = 3)
{
    bench_parameters parameters;
    parameters.ports = ports;
    parameters.fixed_cycles = fixed_cycles;
    return parameters;
}

std::uint64_t misses(memory_bench& b)
{
    return b.counted(of(counter::cache_misses, operand::b_weights));
}

unsigned debug(memory_bench& b, tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes)
{
    tlm::tlm_generic_payload access;
    loas::kernel::prepare(access, command, address, data, bytes);
    return b.port(0).out.socket->transport_dbg(access);
}

} // namespace

TEST(cache_coherence, a_line_is_fetched_again_after_the_host_wrote_there)
{
    memory_bench b("b", with_latency(10));
    b.elaborate();
    const std::uint64_t t = b.warm(0, 4 * line);
    misses(b);
    b.cache.snoop(line + 31, 2, true); // two lines
    std::memset(b.storage + line + 31, 0xAB, 2);
    b.cache.snoop(0, 0, true); // nothing
    std::uint8_t back[4 * line];
    b.port(1).read(0, back, 4 * line, t);
    b.settle();
    EXPECT_EQ(misses(b), 2u);
    EXPECT_EQ(back[line + 30], line + 30);
    EXPECT_EQ(back[line + 31], 0xAB);
    EXPECT_EQ(back[line + 32], 0xAB);
    b.expect_clean();
}

TEST(cache_coherence, the_host_reads_and_writes_around_changed_bytes)
{
    memory_bench b("b", with_latency(10));
    b.elaborate();
    const std::vector<std::uint8_t> data(2 * line, 0xEE);
    b.port(0).write(0, data.data(), 2 * line, 0);
    const std::uint64_t t = b.settle();
    b.cache.snoop(4, 4, false);
    EXPECT_EQ(b.storage[0], 0xEE);
    EXPECT_EQ(b.storage[line], line); // the other line was not asked for
    b.cache.snoop(line + 4, 1, true);
    b.storage[line + 4] = 0x11;
    std::uint8_t back[2 * line];
    b.port(1).read(0, back, 2 * line, t);
    b.settle();
    EXPECT_EQ(misses(b), 1u); // what the host only read is still there
    for (std::uint64_t i = 0; i < 2 * line; ++i)
        EXPECT_EQ(back[i], i == line + 4 ? 0x11 : 0xEE) << i;
    b.cache.begin_write_back(b.settle() * 1250);
    b.settle();
    EXPECT_EQ(b.counted(counter::write_backs), 0u); // the snoops stored everything
    b.expect_clean();
}

TEST(cache_coherence, a_line_on_its_way_is_not_kept_when_the_host_writes_there)
{
    memory_bench b("b", with_latency(100));
    b.elaborate();
    std::uint8_t back[line] = {};
    b.port(0).read(0, back, 8, 0);
    b.wheel.run_before(50 * 1250);
    b.cache.snoop(0, 1, true);
    b.storage[0] = 0xAB;
    const std::uint64_t t = b.settle();
    misses(b);
    b.port(0).read(0, back, 8, t);
    b.settle();
    EXPECT_EQ(back[0], 0xAB);
    EXPECT_EQ(misses(b), 1u);
    EXPECT_EQ(b.port(0).cycles().back(), t + 100 + hit);
    const std::uint64_t u = b.settle();
    b.port(0).read(0, back, 8, u);
    b.settle();
    EXPECT_EQ(b.port(0).cycles().back(), u + hit) << "this time it was kept";
    b.expect_clean();
}

// Host and accelerator write different bytes of one line, while it is on its way.
TEST(cache_coherence, no_write_of_the_host_is_lost_under_a_partial_write)
{
    memory_bench b("b", with_latency(100));
    b.elaborate();
    const std::uint8_t data[4] = {1, 2, 3, 4};
    b.port(0).write(0x20, data, 4, 0);
    b.wheel.run_before(50 * 1250);
    b.cache.snoop(0x30, 4, true);
    std::memset(b.storage + 0x30, 0xAB, 4);
    const std::uint64_t t = b.settle();
    b.cache.begin_write_back(t * 1250);
    b.settle();
    EXPECT_EQ(b.storage[0x20], 1);
    EXPECT_EQ(b.storage[0x24], 0x24);
    EXPECT_EQ(b.storage[0x30], 0xAB);
    EXPECT_EQ(b.storage[0x33], 0xAB);
    EXPECT_EQ(b.storage[0x34], 0x34);
    b.expect_clean();
}

TEST(cache_coherence, debug_accesses_see_the_newest_data_and_change_nothing_else)
{
    memory_bench b("b", with_latency(10));
    b.elaborate();
    const std::vector<std::uint8_t> data(line, 0xEE);
    b.warm(4 * line, line);
    b.port(0).write(line, data.data(), line, 50);
    std::uint64_t t = b.settle();
    misses(b);
    std::uint8_t back[5 * line] = {};
    ASSERT_EQ(debug(b, tlm::TLM_READ_COMMAND, 0, back, 5 * line), 5 * line);
    EXPECT_EQ(back[line - 1], line - 1);
    EXPECT_EQ(back[line], 0xEE);
    EXPECT_EQ(back[2 * line], 2 * line);
    EXPECT_EQ(b.storage[line], line) << "a debug read must not store a changed line";
    std::uint8_t word[4] = {9, 9, 9, 9};
    ASSERT_EQ(debug(b, tlm::TLM_WRITE_COMMAND, 2 * line - 2, word, 4), 4u); // a changed line and one that is not there
    ASSERT_EQ(debug(b, tlm::TLM_WRITE_COMMAND, 4 * line, word, 4), 4u);     // an unchanged line
    EXPECT_EQ(debug(b, tlm::TLM_READ_COMMAND, 0x10000, word, 4), 0u);
    b.port(1).read(0, back, 5 * line, t);
    t = b.settle();
    EXPECT_EQ(misses(b), 3u) << "lines 1 and 4 are where they were";
    EXPECT_EQ(back[2 * line - 3], 0xEE);
    for (const std::uint64_t at : {2 * line - 2, 2 * line + 1, 4 * line, 4 * line + 3})
        EXPECT_EQ(back[at], 9) << at;
    EXPECT_EQ(back[4 * line + 4], 4 * line + 4);
    b.cache.begin_write_back(t * 1250);
    b.settle();
    EXPECT_EQ(b.counted(counter::write_backs), 1u);
    EXPECT_EQ(b.storage[2 * line - 1], 9);
    b.expect_clean();
}

// Partial sums are written, read once and for the last time, and never stored: nobody may find them afterwards.
TEST(cache_coherence, what_is_given_up_is_nowhere)
{
    memory_bench b("b", with_latency(10));
    b.elaborate();
    const std::vector<std::uint8_t> data(2 * line, 0xEE);
    b.port(0).write(0, data.data(), 2 * line, 0);
    std::uint8_t back[2 * line] = {};
    b.port(0).read(0, back, 2 * line, b.settle(), 0, operand::b_weights, true);
    std::uint64_t t = b.settle();
    EXPECT_EQ(back[0], 0xEE) << "the last read sees them";
    EXPECT_EQ(back[2 * line - 1], 0xEE);
    EXPECT_EQ(b.cache.stale_lines(), std::vector<std::uint64_t>());
    ASSERT_EQ(debug(b, tlm::TLM_READ_COMMAND, 0, back, 2 * line), 2 * line);
    EXPECT_EQ(back[1], 1) << "memory's bytes";
    EXPECT_EQ(back[line + 1], line + 1);
    misses(b);
    b.port(1).read(0, back, 2 * line, t);
    t = b.settle();
    EXPECT_EQ(misses(b), 2u);
    EXPECT_EQ(back[1], 1) << "the device sees what the host sees";
    b.cache.begin_write_back(t * 1250);
    b.settle();
    EXPECT_EQ(b.counted(counter::write_backs), 0u);
    b.expect_clean();
}

// A last read of an unchanged line, or of a part of a changed one, takes nothing away; and a line that is written again
// while others wait for it is not given up.
TEST(cache_coherence, only_changed_lines_that_are_read_as_a_whole_are_given_up)
{
    memory_bench b("b", with_latency(100));
    b.elaborate();
    const std::uint8_t data[8] = {0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE};
    std::uint8_t back[line] = {};
    std::uint64_t t = b.warm(0, line);
    b.port(0).read(0, back, line, t, 0, operand::b_weights, true);
    b.port(1).write(line, data, 8, t);
    t = b.settle();
    b.port(1).read(line, back, 8, t, 0, operand::b_weights, true);
    t = b.settle();
    misses(b);
    b.port(0).write(2 * line, data, 8, t); // under way, with two accesses that wait for it
    b.port(1).read(2 * line, back, line, t + 1, 0, operand::b_weights, true);
    b.port(2).write(2 * line + 8, data, 8, t + 2);
    t = b.settle();
    EXPECT_EQ(back[0], 0xEE);
    EXPECT_EQ(back[8], 2 * line + 8);
    EXPECT_EQ(b.cache.stale_lines(), std::vector<std::uint64_t>());
    b.cache.begin_write_back(t * 1250);
    b.settle();
    EXPECT_EQ(b.counted(counter::write_backs), 2u);
    EXPECT_EQ(b.storage[line], 0xEE);
    EXPECT_EQ(b.storage[2 * line + 8], 0xEE);
    b.expect_clean();
}

// The checker itself: a byte that changes behind the cache's back is found, one that the host tells of is not.
TEST(cache_coherence, stale_lines_are_found)
{
    memory_bench b("b", with_latency(10));
    b.elaborate();
    b.warm(0, 4 * line);
    b.storage[3 * line + 5] ^= 1;
    EXPECT_EQ(b.cache.stale_lines(), std::vector<std::uint64_t>{3 * line});
    b.cache.snoop(3 * line, 1, true);
    EXPECT_EQ(b.cache.stale_lines(), std::vector<std::uint64_t>());
    b.expect_clean();
}

TEST(cache_coherence, a_debug_write_reaches_a_line_on_its_way)
{
    memory_bench b("b", with_latency(100));
    b.elaborate();
    std::uint8_t back[line] = {}, value = 0xAB;
    b.port(1).read(0, back, line, 0);
    b.wheel.run_before(50 * 1250);
    ASSERT_EQ(debug(b, tlm::TLM_WRITE_COMMAND, 3, &value, 1), 1u);
    const std::uint64_t t = b.settle();
    b.port(1).read(0, back, line, t);
    b.settle();
    EXPECT_EQ(back[3], 0xAB);
    b.expect_clean();
}

TEST(cache_coherence, every_access_beyond_memory_gets_an_error_and_leaves_no_line)
{
    bench_parameters parameters = with_latency(100, 6);
    memory_bench fixed("fixed", parameters);
    parameters.dram = true;
    memory_bench dram("dram", parameters);
    fixed.elaborate();
    dram.elaborate();
    for (memory_bench* each : {&fixed, &dram}) {
        SCOPED_TRACE(each->name());
        memory_bench& b = *each;
        std::uint8_t data[6][2 * line] = {};
        std::uint64_t t = 0;
        for (int round = 0; round < 2; ++round) { // the second finds no line that the first left
            b.port(0).read(0x10000, data[0], line, t);
            b.port(1).read(0x10000 + 8, data[1], 8, t + 1);
            b.port(2).write(0x10000 + 8, data[2], 8, t + 2);
            b.port(3).write(0x10000 + line, data[3], line, t + 3); // a whole line needs no fetch, but a memory
            b.port(4).read(0x10000 - line, data[4], 2 * line, t + 4);
            b.port(5).read(0x10000 - line, data[5], line, t + 5);
            t = b.settle();
            for (std::size_t port = 0; port < 6; ++port) {
                ASSERT_EQ(b.port(port).done.size(), static_cast<std::size_t>(round) + 1) << port;
                EXPECT_EQ(b.port(port).done.back().ok, port == 5) << port;
            }
        }
        EXPECT_EQ(data[5][0], (0x10000 - line) & 0xFF);
        EXPECT_EQ(b.counted(counter::evictions), 0u);
        b.cache.begin_write_back(t * 1250);
        b.settle();
        EXPECT_EQ(b.counted(counter::write_backs), 0u);
        b.expect_clean();
    }
}
