// Misses, write-backs and what the host does, with times counted by hand. A line that memory has at cycle c is at its
// port 2 (cache) + 1 (crossbar) cycles later.
#include "tests/unit/memory/memory_bench.h"

#include <cstring>

using namespace loas::memory;

namespace
{

constexpr std::uint64_t hit = 3;
constexpr std::uint64_t line = 32;

// One bank, direct-mapped: 16 lines, those 512 bytes apart share a place.
bench_parameters small_cache(std::uint64_t fixed_cycles)
{
    bench_parameters parameters;
    parameters.ports = 3;
    parameters.fixed_cycles = fixed_cycles;
    parameters.xbar.banks = parameters.cache.geometry.banks = 1;
    parameters.cache.geometry.ways = 1;
    parameters.cache.geometry.size_bytes = 16 * line;
    return parameters;
}

std::vector<std::uint8_t> bytes_of(std::size_t count, std::uint8_t value)
{
    return std::vector<std::uint8_t>(count, value);
}

} // namespace

TEST(global_cache, a_miss_takes_what_memory_takes_more_than_a_hit)
{
    bench_parameters parameters;
    parameters.ports = 1;
    memory_bench ideal("ideal", parameters);
    parameters.fixed_cycles = 40;
    memory_bench fixed("fixed", parameters);
    parameters.dram = true;
    memory_bench dram("dram", parameters);
    const struct {
        memory_bench& bench;
        std::uint64_t cycles;
    } cases[] = {{ideal, 0}, {fixed, 40}, {dram, 26}}; // a closed row: 14 + 14 + 4 ns are 25.6 cycles
    for (memory_bench* each : {&ideal, &fixed, &dram})
        each->elaborate();
    for (const auto& each : cases) {
        SCOPED_TRACE(each.bench.name());
        std::uint8_t data[line] = {};
        each.bench.port(0).read(5 * line, data, line, 0);
        const std::uint64_t t = each.bench.settle();
        each.bench.port(0).read(5 * line + 8, data + 8, 24, t);
        each.bench.settle();
        EXPECT_EQ(each.bench.port(0).cycles(), (cycle_list{each.cycles + hit, t + hit}));
        EXPECT_EQ(data[0], 5 * line);
        EXPECT_EQ(each.bench.counted(of(counter::cache_misses, operand::b_weights)), 1u);
        EXPECT_EQ(each.bench.counted(of(counter::cache_hits, operand::b_weights)), 1u);
        each.bench.expect_clean();
    }
    EXPECT_EQ(dram.counted(of(counter::dram_read, operand::b_weights)), line);
}

TEST(global_cache, misses_of_one_line_merge_and_all_get_its_data)
{
    bench_parameters parameters;
    parameters.ports = 4;
    parameters.dram = true;
    memory_bench b("b", parameters);
    b.elaborate();
    std::uint8_t data[4][line] = {};
    for (std::size_t each = 0; each < 4; ++each)
        b.port(each).read(0x100 + each, data[each], 8, each); // not at once: no bank conflict
    b.settle();
    for (std::size_t each = 0; each < 4; ++each) {
        EXPECT_EQ(b.port(each).cycles(), cycle_list{26 + hit}); // each by its own port
        EXPECT_EQ(data[each][7], each + 7);
    }
    EXPECT_EQ(b.counted(of(counter::dram_read, operand::b_weights)), line);
    EXPECT_EQ(b.counted(counter::mshr_merges), 3u);
    EXPECT_EQ(b.counted(of(counter::cache_hits, operand::b_weights)), 3u);
    EXPECT_EQ(b.counted(of(counter::cache_misses, operand::b_weights)), 1u);
    EXPECT_EQ(b.counted(counter::sram_write_fills), 8 * line);
    b.expect_clean();
}

TEST(global_cache, memorys_full_queue_holds_up_misses_and_write_backs)
{
    bench_parameters parameters = small_cache(0);
    parameters.dram = true;
    parameters.timing.channels = 1;
    parameters.timing.timing.t_refi = 0;
    parameters.timing.read_window = parameters.timing.write_window = 1;
    memory_bench b("b", parameters);
    b.cache.set_room(*b.dram);
    b.elaborate();
    std::uint8_t data[3][line] = {};
    b.port(0).read(1 * line, data[0], line, 0);
    b.port(1).read(2 * line, data[1], line, 1);
    b.port(2).read(3 * line, data[2], line, 2);
    std::uint64_t t = b.settle();
    EXPECT_GT(b.counted(counter::dram_queue_full), 0u);
    EXPECT_EQ(b.counted(counter::mshr_full), 0u);
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(data[i][5], (i + 1) * line + 5);
    // Nothing ever waited outside the queue, where it would have no bound.
    loas::observe::memory_statistics statistics;
    loas::observe::counter_set counters;
    b.dram->collect(counters, statistics);
    EXPECT_EQ(statistics.all_channels().queue_full_clocks, 0u);

    // Changed lines wait in their buffers; who reads there meanwhile gets what was written.
    std::vector<std::uint8_t> written[3];
    for (std::uint8_t i = 0; i < 3; ++i) {
        written[i] = bytes_of(line, static_cast<std::uint8_t>(200 + i));
        b.port(0).write((4 + i) * line, written[i].data(), line, t + i);
    }
    t = b.settle();
    b.cache.begin_write_back(t * parameters.xbar.clock.period_ps());
    for (std::uint8_t i = 0; i < 3; ++i) {
        EXPECT_EQ(b.storage[(4 + i) * line + 7], 200 + i);
    }
    b.settle();
    EXPECT_EQ(b.counted(counter::write_backs), 3u);
    loas::observe::memory_statistics after;
    b.dram->collect(counters, after);
    EXPECT_EQ(after.all_channels().writes, 3u);
    EXPECT_EQ(after.all_channels().queue_full_clocks, 0u);
    b.expect_clean();
}

TEST(global_cache, write_buffers_full_of_what_memory_does_not_take_are_memorys_fault)
{
    bench_parameters parameters = small_cache(0);
    parameters.cache.write_buffers = 2;
    parameters.dram = true;
    parameters.timing.channels = 1;
    parameters.timing.timing.t_refi = 0;
    parameters.timing.read_window = parameters.timing.write_window = 1;
    memory_bench b("b", parameters);
    b.elaborate();
    const auto some = bytes_of(line, 1);
    for (std::uint64_t i = 0; i < 4; ++i) // all in one place: the second write is in the queue, the third held
        b.port(0).write(16 * i * line, some.data(), line, i);
    b.settle();
    EXPECT_EQ(b.counted(counter::write_backs), 3u);
    EXPECT_EQ(b.counted(counter::dram_queue_full), 12u); // until memory takes the held line ...
    EXPECT_EQ(b.counted(counter::mshr_full), 8u);        // ... and from then on until a buffer is free
    b.expect_clean();
}

TEST(global_cache, without_a_miss_register_misses_wait_and_hits_pass)
{
    bench_parameters parameters = small_cache(100);
    parameters.cache.mshrs = 1;
    memory_bench b("b", parameters);
    b.elaborate();
    const std::uint64_t t = b.warm(0, line);
    std::uint8_t data[3][line] = {};
    b.port(0).read(1 * line, data[0], line, t);
    b.port(1).read(2 * line, data[1], line, t + 1); // no register
    b.port(2).read(0, data[2], line, t + 2);
    b.settle();
    EXPECT_EQ(b.port(0).cycles(), cycle_list{t + 100 + hit});
    EXPECT_EQ(b.port(2).cycles(), cycle_list{t + 2 + hit});
    EXPECT_EQ(b.port(1).cycles(), cycle_list{t + 200 + hit});
    EXPECT_EQ(b.counted(counter::mshr_full), 99u);
    EXPECT_EQ(data[1][0], 2 * line);
    b.expect_clean();
}

TEST(global_cache, without_a_way_that_may_leave_a_miss_waits)
{
    memory_bench b("b", small_cache(100));
    b.elaborate();
    std::uint8_t data[2][line] = {};
    b.port(0).read(0, data[0], line, 0);
    b.port(1).read(16 * line, data[1], line, 1); // the same place
    b.settle();
    EXPECT_EQ(b.port(0).cycles(), cycle_list{100 + hit});
    EXPECT_EQ(b.port(1).cycles(), cycle_list{200 + hit});
    EXPECT_EQ(b.counted(counter::mshr_full), 99u);
    EXPECT_EQ(b.counted(counter::evictions), 1u);
    EXPECT_EQ(b.counted(counter::write_backs), 0u);
    EXPECT_EQ(data[0][31], 31);
    b.expect_clean();
}

TEST(global_cache, without_a_write_buffer_misses_wait)
{
    bench_parameters parameters = small_cache(100);
    parameters.cache.write_buffers = 1;
    memory_bench b("b", parameters);
    b.elaborate();
    const auto ones = bytes_of(line, 1), twos = bytes_of(line, 2), threes = bytes_of(line, 3);
    b.port(0).write(0, ones.data(), line, 0);
    b.port(0).write(16 * line, twos.data(), line, 1); // the line before needs the buffer until 101
    b.port(0).write(32 * line, threes.data(), line, 2);
    b.settle();
    EXPECT_EQ(b.port(0).cycles(), (cycle_list{1, 2, 101 + 1}));
    EXPECT_EQ(b.counted(counter::mshr_full), 99u);
    EXPECT_EQ(b.counted(counter::write_backs), 2u);
    EXPECT_EQ(b.counted(of(counter::dram_write, operand::c_words)), 2 * line);
    EXPECT_EQ(b.storage[0], 1);
    EXPECT_EQ(b.storage[16 * line + 31], 2);
    EXPECT_EQ(b.storage[32 * line], 0); // still in the cache
    b.expect_clean();
}

TEST(global_cache, a_write_of_a_whole_line_fetches_nothing)
{
    memory_bench b("b", small_cache(100));
    b.elaborate();
    const auto data = bytes_of(2 * line, 0xEE);
    b.port(0).write(line, data.data(), 2 * line, 0, 0, operand::c_mask);
    b.settle();
    EXPECT_EQ(b.port(0).cycles(), cycle_list{1 + 1});
    EXPECT_EQ(b.counted(of(counter::dram_read, operand::c_mask)), 0u);
    EXPECT_EQ(b.counted(of(counter::cache_misses, operand::c_mask)), 2u);
    b.expect_clean();
}

TEST(global_cache, a_write_of_a_part_fetches_the_line_and_merges_its_bytes)
{
    memory_bench b("b", small_cache(100));
    b.elaborate();
    const auto data = bytes_of(line, 0xEE);
    std::uint8_t back[2 * line] = {};
    b.port(0).write(line + 30, data.data(), 5, 0, 0, operand::c_pointers); // parts of two lines
    const std::uint64_t t = b.settle();
    EXPECT_EQ(b.port(0).cycles(), cycle_list{1 + 100 + 1});
    EXPECT_EQ(b.counted(of(counter::cache_misses, operand::c_pointers)), 2u);
    b.port(1).read(line, back, 2 * line, t);
    b.settle();
    for (std::uint64_t i = 0; i < 2 * line; ++i)
        EXPECT_EQ(back[i], i >= 30 && i < 35 ? 0xEE : line + i) << i;
    EXPECT_EQ(b.storage[line + 30], line + 30); // not written yet
    b.cache.begin_write_back(b.settle() * 1250);
    b.settle();
    EXPECT_EQ(0, std::memcmp(b.storage + line, back, 2 * line));
    b.expect_clean();
}

// Lines 1 and 2, and half of line 3, are read for the last time: only that half's line is still written back.
TEST(global_cache, what_is_read_for_the_last_time_is_not_written_back)
{
    memory_bench b("b", small_cache(0));
    b.elaborate();
    const auto data = bytes_of(3 * line, 0xEE);
    std::uint8_t back[3 * line] = {};
    b.port(0).write(line, data.data(), 3 * line, 0);
    b.port(0).read(line, back, 2 * line + line / 2, b.settle(), 0, operand::partial_sums, true);
    b.cache.begin_write_back(b.settle() * 1250);
    b.settle();
    EXPECT_EQ(0, std::memcmp(back, data.data(), 2 * line + line / 2));
    EXPECT_EQ(b.storage[line], line);
    EXPECT_EQ(b.storage[2 * line], 2 * line);
    EXPECT_EQ(0, std::memcmp(b.storage + 3 * line, data.data(), line));
    EXPECT_EQ(b.counted(counter::write_backs), 1u);
    b.expect_clean();
}

// In the order of asking, whoever asks.
TEST(global_cache, accesses_to_a_line_on_its_way_happen_in_their_order)
{
    memory_bench b("b", small_cache(100));
    b.elaborate();
    const auto data = bytes_of(line, 0xEE);
    std::uint8_t before[line] = {}, after[line] = {};
    b.port(0).read(0x40, before, line, 0);
    b.port(1).write(0x44, data.data(), 8, 1);
    b.port(2).read(0x40, after, line, 2);
    b.settle();
    EXPECT_EQ(b.port(0).cycles(), cycle_list{100 + hit});
    EXPECT_EQ(b.port(1).cycles(), cycle_list{100 + 1});
    EXPECT_EQ(b.port(2).cycles(), cycle_list{100 + hit});
    EXPECT_EQ(before[4], 0x44);
    EXPECT_EQ(after[4], 0xEE);
    EXPECT_EQ(after[12], 0x4C);
    EXPECT_EQ(b.counted(counter::mshr_merges), 2u);
    b.expect_clean();
}

TEST(global_cache, a_changed_line_that_leaves_is_counted_for_who_wrote_it)
{
    memory_bench b("b", small_cache(100));
    b.elaborate();
    const auto data = bytes_of(line, 0xEE);
    std::uint8_t read[line];
    b.port(0).write(0, data.data(), line, 0, 0, operand::c_words);
    b.port(0).write(4, data.data(), 4, 10, 0, operand::c_pointers); // the last one
    b.port(0).read(16 * line, read, line, 20);
    b.settle();
    EXPECT_EQ(b.storage[0], 0xEE);
    EXPECT_EQ(b.storage[31], 0xEE);
    EXPECT_EQ(b.storage[32], 32);
    EXPECT_EQ(b.counted(of(counter::dram_write, operand::c_pointers)), line);
    EXPECT_EQ(b.counted(of(counter::dram_write, operand::c_words)), 0u);
    EXPECT_EQ(b.counted(counter::evictions), 1u);
    EXPECT_EQ(b.port(0).cycles()[2], 20 + 100 + hit) << "the line that leaves is in nobody's way";
    b.expect_clean();
}

// What the policy sees: hits are uses, and who uses a line.
TEST(global_cache, a_victim_is_chosen_by_use_and_by_kind)
{
    bench_parameters parameters = small_cache(10);
    parameters.cache.geometry.ways = 2; // eight sets
    parameters.cache.geometry.policy = loas::cache::replacement::lru;
    memory_bench lru("lru", parameters);
    parameters.cache.geometry.policy = loas::cache::replacement::a_first;
    memory_bench a_first("a_first", parameters);
    for (memory_bench* b : {&lru, &a_first}) {
        SCOPED_TRACE(b->name());
        b->elaborate();
        std::uint8_t data[8];
        std::uint64_t t = 0;
        const auto read = [&](std::uint64_t place, operand kind) {
            b->port(0).read(place * 8 * line, data, 8, t, 0, kind);
            t = b->settle();
        };
        read(0, operand::a_words);
        read(1, operand::b_mask);
        read(0, operand::b_mask); // not of A any more, but used last
        read(2, operand::a_mask); // instead of 1
        read(0, operand::b_mask);
        EXPECT_EQ(b->counted(of(counter::cache_hits, operand::b_mask)), 2u);
        read(3, operand::b_mask); // lru: instead of 2, used before 0; a_first: instead of 0
        read(2, operand::a_mask);
        EXPECT_EQ(b->counted(of(counter::cache_hits, operand::a_mask)), b == &lru ? 0u : 1u);
        b->expect_clean();
    }
}

TEST(global_cache, write_back_writes_each_changed_line_once_and_keeps_it)
{
    bench_parameters parameters = small_cache(100);
    parameters.cache.write_buffers = 2;
    memory_bench b("b", parameters);
    b.elaborate();
    const auto data = bytes_of(5 * line, 0xEE);
    const std::uint64_t t = b.warm(8 * line, line);
    b.port(0).write(line, data.data(), 5 * line, t);
    std::uint64_t now = b.settle();
    EXPECT_TRUE(b.cache.quiet());
    b.cache.begin_write_back(now * 1250);
    EXPECT_FALSE(b.cache.quiet());
    EXPECT_NE(b.cache.describe(), "");
    EXPECT_EQ(b.settle(), now + 300 + 1) << "two at a time";
    EXPECT_TRUE(b.cache.quiet());
    EXPECT_EQ(b.counted(counter::write_backs), 5u);
    EXPECT_EQ(0, std::memcmp(b.storage + line, data.data(), data.size()));
    EXPECT_EQ(b.storage[6 * line], 6 * line);
    now += 400;
    b.cache.begin_write_back(now * 1250); // nothing is changed any more
    EXPECT_TRUE(b.cache.quiet());
    EXPECT_EQ(b.counted(counter::write_backs), 0u);
    b.counted(of(counter::cache_misses, operand::b_weights));
    std::uint8_t back[5 * line];
    b.port(0).read(line, back, 5 * line, now);
    b.settle();
    EXPECT_EQ(b.port(0).cycles().back(), now + 4 + hit);
    EXPECT_EQ(b.counted(of(counter::cache_misses, operand::b_weights)), 0u);
    EXPECT_EQ(b.counted(counter::evictions), 0u);
    b.expect_clean();
}

// A refresh is due after 3900 ns, for 260: a write at 4000 waits 160 for it. The next write-back waits for none.
TEST(global_cache, a_write_back_tells_how_long_it_waited_for_a_refresh)
{
    bench_parameters parameters = small_cache(0);
    parameters.dram = true;
    memory_bench b("b", parameters);
    b.elaborate();
    const auto data = bytes_of(line, 0xEE);
    b.port(0).write(0, data.data(), line, 100);
    b.settle();
    b.cache.begin_write_back(4000000);
    b.settle();
    EXPECT_EQ(b.cache.write_back_refresh_ps(), 160000u);
    EXPECT_EQ(b.counted(counter::write_backs), 1u);
    b.port(0).write(line, data.data(), line, 3600);
    b.settle();
    b.cache.begin_write_back(4600000);
    EXPECT_EQ(b.cache.write_back_refresh_ps(), 0u);
    b.settle();
    EXPECT_EQ(b.cache.write_back_refresh_ps(), 0u);
    EXPECT_EQ(b.counted(counter::write_backs), 1u);
    b.expect_clean();
}

// Of an access to many lines the longest wait for a refresh is told, whichever line comes last: of 64 the first ones are
// asked for in the refresh, the last ones long after it. A part of a line that is written waits for the line, too: here
// for the next refresh, 7800 ns after the start, and before it an open row is closed in 14.
TEST(global_cache, an_access_has_waited_for_a_refresh_as_long_as_its_slowest_line)
{
    bench_parameters parameters = small_cache(0);
    parameters.dram = true;
    memory_bench b("b", parameters);
    b.elaborate();
    std::vector<std::uint8_t> back(64 * line);
    b.port(0).read(0, back.data(), back.size(), 3200);
    b.settle();
    EXPECT_EQ(b.port(0).done.back().refresh_ps, 160000u);
    b.port(1).write(0x4000 + 4, back.data(), 8, 6320);
    const std::uint64_t next = b.settle();
    EXPECT_EQ(b.port(1).done.back().refresh_ps, 174000u);
    b.port(0).read(0, back.data(), 2 * line, next);
    b.port(1).write(0x4000 + 4, back.data(), 8, next);
    b.settle();
    EXPECT_EQ(b.port(0).done.back().refresh_ps, 0u);
    EXPECT_EQ(b.port(1).done.back().refresh_ps, 0u);
    b.expect_clean();
}

// A write-back that is given up half way writes nothing more of what was left, and the next one begins anew.
TEST(global_cache, a_write_back_that_is_given_up_leaves_no_lines_for_the_next)
{
    bench_parameters parameters = small_cache(100);
    parameters.cache.write_buffers = 1;
    memory_bench b("b", parameters);
    b.elaborate();
    const auto data = bytes_of(4 * line, 0xEE);
    b.port(0).write(0, data.data(), 4 * line, 10);
    std::uint64_t now = b.settle();
    b.cache.begin_write_back(now * 1250); // the first line is on its way, three are left
    b.cache.discard_changes();
    now = b.settle();
    EXPECT_TRUE(b.cache.quiet());
    EXPECT_EQ(b.counted(counter::write_backs), 1u);
    EXPECT_EQ(b.storage[line], line);
    EXPECT_EQ(b.storage[3 * line], 3 * line);
    b.port(0).write(8 * line, data.data(), line, now);
    now = b.settle();
    b.cache.begin_write_back(now * 1250);
    b.settle();
    EXPECT_EQ(b.counted(counter::write_backs), 1u);
    EXPECT_EQ(b.storage[8 * line], 0xEE);
    b.expect_clean();
}

TEST(global_cache, discarded_changes_are_gone)
{
    memory_bench b("b", small_cache(10));
    b.elaborate();
    const auto data = bytes_of(3 * line, 0xEE);
    b.warm(3 * line, line);
    b.port(0).write(0, data.data(), 3 * line, 50);
    const std::uint64_t t = b.settle();
    b.cache.discard_changes();
    b.cache.begin_write_back(t * 1250);
    EXPECT_TRUE(b.cache.quiet());
    std::uint8_t back[4 * line] = {};
    b.counted(of(counter::cache_misses, operand::b_weights));
    b.port(1).read(0, back, 4 * line, t);
    b.settle();
    EXPECT_EQ(0, std::memcmp(b.storage, back, 4 * line));
    EXPECT_EQ(back[1], 1);
    EXPECT_EQ(b.counted(counter::write_backs), 0u);
    EXPECT_EQ(b.counted(of(counter::cache_misses, operand::b_weights)), 3u); // the unchanged line has stayed
    b.expect_clean();
}

TEST(global_cache, behind_an_ideal_one_is_nothing_to_wait_for)
{
    bench_parameters parameters = small_cache(100);
    parameters.cache.ideal = true;
    memory_bench b("b", parameters);
    b.elaborate();
    const auto data = bytes_of(line, 0xEE);
    std::uint8_t back[40 * line] = {};
    b.port(0).write(4, data.data(), 8, 0);
    b.port(0).read(0, back, 40 * line, 10);
    std::uint64_t t = b.settle();
    EXPECT_EQ(b.port(0).cycles(), (cycle_list{1, 10 + 39 + hit}));
    for (std::uint64_t i = 0; i < 40 * line; ++i)
        ASSERT_EQ(back[i], i >= 4 && i < 12 ? 0xEE : i & 0xFF) << i;
    EXPECT_EQ(b.counted(of(counter::cache_hits, operand::b_weights)), 40u);
    EXPECT_EQ(b.counted(of(counter::dram_read, operand::b_weights)) + b.counted(counter::write_backs), 0u);
    b.port(0).read(0x10000, back, 8, t);
    b.settle();
    EXPECT_FALSE(b.port(0).done.back().ok);
    b.expect_clean();
}
