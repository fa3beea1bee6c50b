// The reference cache against cases worked out by hand.
#include "tests/golden/cache_model.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace loas::golden
{

namespace
{

constexpr unsigned nobody = 0;

/// One bank with one set of 32-byte lines.
cache_config one_set(std::uint64_t ways, const char* policy)
{
    cache_config config;
    config.size_bytes = 32 * ways;
    config.line_bytes = 32;
    config.ways = ways;
    config.policy = policy;
    return config;
}

cache_access read(cache_model& cache, std::uint64_t line_number, bool is_a = false)
{
    return cache.access(line_number, false, is_a, nobody);
}

void expect_evicted(const cache_access& access, std::uint64_t line_number)
{
    EXPECT_FALSE(access.hit);
    EXPECT_TRUE(access.evicted);
    EXPECT_EQ(access.evicted_line, line_number);
}

} // namespace

TEST(cache_model, lru_evicts_the_line_used_longest_ago)
{
    cache_model cache(one_set(3, "lru"));
    for (const std::uint64_t line : {10u, 11u, 12u}) {
        const cache_access first = read(cache, line);
        EXPECT_FALSE(first.hit);
        EXPECT_FALSE(first.evicted);
    }
    EXPECT_TRUE(read(cache, 10).hit);
    expect_evicted(read(cache, 13), 11);
    expect_evicted(read(cache, 14, true), 12);
    expect_evicted(read(cache, 15), 10); // of A or not is all the same
    expect_evicted(read(cache, 16), 13);
    expect_evicted(read(cache, 17), 14);
    EXPECT_EQ(cache.counters().hits, 1u);
    EXPECT_EQ(cache.counters().misses, 8u);
    EXPECT_EQ(cache.counters().evictions, 5u);
    EXPECT_EQ(cache.counters().write_backs, 0u);
}

TEST(cache_model, a_first_keeps_lines_of_a)
{
    cache_model cache(one_set(3, "a_first"));
    read(cache, 1, true);
    read(cache, 2, false);
    read(cache, 3, false);
    expect_evicted(read(cache, 4, true), 2);
    expect_evicted(read(cache, 5, true), 3);
    expect_evicted(read(cache, 6, false), 1); // only A was left
    expect_evicted(read(cache, 7, false), 6); // although it is the newest
    EXPECT_TRUE(read(cache, 5, false).hit);   // no longer of A, but younger than 7
    expect_evicted(read(cache, 8, true), 7);
    expect_evicted(read(cache, 9, true), 5);
}

TEST(cache_model, random_follows_splitmix64)
{
    // The stream of seed 1234567 begins 6457827717110365317, 3203168211198807973, 9817491932198370423,
    // 4593380528125082431, 16408922859458223821 (as published): modulo 4 ways 1, 1, 3, 3, 1.
    cache_config config = one_set(4, "random");
    config.seed = 1234567;
    cache_model cache(config);
    for (std::uint64_t line = 0; line < 4; ++line)
        read(cache, line);
    expect_evicted(read(cache, 4), 1);
    expect_evicted(read(cache, 5), 4);
    expect_evicted(read(cache, 6), 3);
    EXPECT_TRUE(read(cache, 0).hit); // draws nothing
    expect_evicted(read(cache, 7), 6);
    expect_evicted(read(cache, 8), 5);
}

TEST(cache_model, banks_and_sets)
{
    // 4 lines in 2 banks of 2 sets, direct-mapped: lines that are equal modulo 4 meet.
    cache_config config;
    config.size_bytes = 256;
    config.line_bytes = 64;
    config.banks = 2;
    cache_model cache(config);
    for (std::uint64_t line = 0; line < 4; ++line)
        EXPECT_FALSE(read(cache, line).evicted);
    expect_evicted(read(cache, 7), 3);
    expect_evicted(read(cache, 4), 0);
    EXPECT_TRUE(read(cache, 1).hit);
    EXPECT_TRUE(read(cache, 2).hit);
}

TEST(cache_model, writes_back_dirty_lines)
{
    cache_model cache(one_set(2, "lru"));
    cache.access(9, true, false, 3);
    cache.access(4, true, false, 1);
    EXPECT_FALSE(cache.access(9, false, false, 5).written_back); // a hit; reading does not change the owner
    cache_access access = read(cache, 6);
    expect_evicted(access, 4);
    EXPECT_TRUE(access.written_back);
    EXPECT_EQ(access.written_owner, 1u);
    access = read(cache, 7);
    expect_evicted(access, 9);
    EXPECT_EQ(access.written_owner, 3u);
    access = read(cache, 8);
    expect_evicted(access, 6);
    EXPECT_FALSE(access.written_back);
    EXPECT_EQ(cache.counters().write_backs, 2u);
}

TEST(cache_model, flush_is_in_order_and_leaves_clean_lines)
{
    cache_config config;
    config.size_bytes = 256;
    config.line_bytes = 32;
    config.banks = 2;
    config.ways = 4;
    cache_model cache(config);
    for (const std::uint64_t line : {7u, 2u, 5u, 4u})
        cache.access(line, line != 5, false, nobody);
    EXPECT_EQ(cache.flush(), (std::vector<std::uint64_t>{2, 4, 7}));
    EXPECT_EQ(cache.counters().write_backs, 3u);
    EXPECT_TRUE(cache.flush().empty());
    EXPECT_TRUE(read(cache, 2).hit);
}

TEST(cache_model, refuses_what_cannot_be)
{
    cache_config config = one_set(4, "lru");
    config.banks = 8; // one line for 8 banks of 4 ways
    EXPECT_THROW(cache_model{config}, std::invalid_argument);
    EXPECT_THROW(cache_model{one_set(0, "lru")}, std::invalid_argument);
    EXPECT_THROW(cache_model{one_set(4, "fifo")}, std::invalid_argument);
}

} // namespace loas::golden
