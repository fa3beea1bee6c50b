#include "models/memory/cache/cache_array.h"

#include "tests/golden/cache_model.h"
#include "tests/support/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>

namespace loas::cache
{

namespace
{

using support::random_source;
using line_index = cache_array::line_index;

constexpr replacement policies[] = {replacement::lru, replacement::a_first, replacement::random};

const char* word(replacement policy)
{
    return policy == replacement::lru ? "lru" : policy == replacement::a_first ? "a_first" : "random";
}

geometry make(std::uint64_t size_bytes, unsigned line_bytes, unsigned banks, unsigned ways, replacement policy)
{
    geometry shape;
    shape.size_bytes = size_bytes;
    shape.line_bytes = line_bytes;
    shape.banks = banks;
    shape.ways = ways;
    shape.policy = policy;
    shape.seed = size_bytes + banks + ways;
    return shape;
}

geometry one_set(unsigned ways, replacement policy)
{
    return make(std::uint64_t{32} * ways, 32, 1, ways, policy);
}

constexpr std::uint64_t kib = 1024;

/// From direct-mapped to fully associative, one bank to 32, one line a bank to 32 Ki lines in one set.
std::vector<geometry> geometries(replacement policy)
{
    return {make(32 * kib, 32, 1, 1, policy),     make(32 * kib, 64, 1, 512, policy),
            make(256 * kib, 32, 16, 16, policy),  make(64 * kib, 64, 4, 2, policy),
            make(128 * kib, 32, 32, 4, policy),   make(512 * kib, 64, 8, 8, policy),
            make(1024 * kib, 64, 32, 1, policy),  make(1024 * kib, 32, 1, 32768, policy),
            make(256 * kib, 32, 32, 256, policy), make(64 * kib, 256, 2, 32, policy),
            make(kib, 32, 32, 1, policy),         make(32 * kib, 8, 16, 16, policy)};
}

struct step {
    std::uint64_t line_number;
    bool write;
    bool is_a;
    std::uint8_t owner;
};

/// Streams, a hot set that fits and random lines that do not, scaled to the cache so that each trace hits and evicts.
class trace
{
public:
    trace(std::uint64_t lines, std::uint64_t seed) : m_lines(lines), m_random(seed) {}

    step next()
    {
        if (m_left == 0) {
            m_kind = m_random.below(3);
            m_left = m_random.between_unsigned(1, 200);
            m_stream = m_random.chance(1, 4) ? m_random.below(4 * m_lines) : m_stream;
        }
        --m_left;
        std::uint64_t offset = 0;
        if (m_kind == 0)
            offset = m_stream++;
        else if (m_kind == 1)
            offset = 5 * m_lines + m_random.below(m_lines / 4 + 1) * 3;
        else
            offset = m_random.below(3 * m_lines);
        // Kinds of operand have regions of their own, as in memory, and now and then a line serves as another kind.
        const bool is_a = (offset / 64 % 3 == 0) != m_random.chance(1, 50);
        return {far + offset, m_random.chance(1, 3), is_a, static_cast<std::uint8_t>(m_random.below(4))};
    }

private:
    static constexpr std::uint64_t far = std::uint64_t{1} << 45; // more than 32 bits of a line number matter

    std::uint64_t m_lines;
    random_source m_random;
    std::uint64_t m_kind = 0;
    std::uint64_t m_left = 0;
    std::uint64_t m_stream = 0;
};

golden::cache_access access(cache_array& cache, const step& step, golden::cache_counters& counters)
{
    golden::cache_access result;
    line_index at = cache.find(step.line_number);
    if (at != cache_array::none) {
        result.hit = true;
        ++counters.hits;
        cache.use(at, step.is_a);
    } else {
        ++counters.misses;
        const cache_array::eviction room = cache.allocate(step.line_number, step.is_a);
        at = room.at;
        result.evicted = room.valid;
        counters.evictions += room.valid ? 1 : 0;
        result.evicted_line = room.line_number;
        result.written_back = room.dirty;
        counters.write_backs += room.dirty ? 1 : 0;
        result.written_owner = room.dirty ? room.owner : 0;
    }
    if (step.write)
        cache.set_dirty(at, step.owner);
    return result;
}

std::vector<std::uint64_t> flush(cache_array& cache, golden::cache_counters& counters)
{
    std::vector<std::uint64_t> written;
    for (const line_index at : cache.dirty_lines()) {
        written.push_back(cache.line_number(at));
        cache.clean(at);
    }
    counters.write_backs += written.size();
    return written;
}

void compare_traces(const geometry& shape, std::uint64_t accesses)
{
    cache_array cache(shape);
    golden::cache_config config;
    config.size_bytes = shape.size_bytes;
    config.line_bytes = shape.line_bytes;
    config.banks = shape.banks;
    config.ways = shape.ways;
    config.policy = word(shape.policy);
    config.seed = shape.seed;
    golden::cache_model reference(config);

    golden::cache_counters counters;
    trace steps(shape.lines(), shape.seed);
    for (std::uint64_t i = 0; i < accesses; ++i) {
        if (i == accesses / 2) {
            ASSERT_EQ(flush(cache, counters), reference.flush());
        }
        const step now = steps.next();
        const golden::cache_access got = access(cache, now, counters);
        const golden::cache_access expected = reference.access(now.line_number, now.write, now.is_a, now.owner);
        ASSERT_TRUE(got.hit == expected.hit && got.evicted == expected.evicted &&
                    got.evicted_line == expected.evicted_line && got.written_back == expected.written_back &&
                    got.written_owner == expected.written_owner)
            << "access " << i << " of line " << now.line_number << ": evicted " << got.evicted_line << ", expected "
            << expected.evicted_line;
    }
    EXPECT_EQ(flush(cache, counters), reference.flush());
    EXPECT_EQ(counters.hits, reference.counters().hits);
    EXPECT_EQ(counters.misses, reference.counters().misses);
    EXPECT_EQ(counters.evictions, reference.counters().evictions);
    EXPECT_EQ(counters.write_backs, reference.counters().write_backs);
    // A trace that misses one of these compares little.
    EXPECT_GT(counters.hits, accesses / 20);
    EXPECT_GT(counters.evictions, accesses / 20);
    EXPECT_GT(counters.write_backs, accesses / 50);
}

/// What the header says, with flags and a stamp a way and nothing clever: for pins and invalidation, which the
/// reference does not have.
struct plain_way {
    bool valid = false, pinned = false, dirty = false, is_a = false;
    std::uint64_t line_number = 0, stamp = 0;
};

line_index plain_victim(const std::vector<plain_way>& ways, replacement policy, std::uint64_t& random_state)
{
    for (line_index way = 0; way < ways.size(); ++way)
        if (!ways[way].valid)
            return way;
    if (policy == replacement::random) {
        const std::uint64_t first = random_source::splitmix64(random_state) % ways.size();
        for (std::uint64_t way = first; way < first + ways.size(); ++way)
            if (!ways[way % ways.size()].pinned)
                return static_cast<line_index>(way % ways.size());
        return cache_array::none;
    }
    line_index best = cache_array::none;
    const auto keep = [&](line_index way) { return policy == replacement::a_first && ways[way].is_a; };
    for (line_index way = 0; way < ways.size(); ++way) {
        if (ways[way].pinned)
            continue;
        if (best == cache_array::none || (keep(best) && !keep(way)) ||
            (keep(best) == keep(way) && ways[way].stamp < ways[best].stamp))
            best = way;
    }
    return best;
}

} // namespace

TEST(cache_array, equals_the_reference)
{
    for (const replacement policy : policies) {
        for (const geometry& shape : geometries(policy)) {
            SCOPED_TRACE(std::string(word(policy)) + ", bytes " + std::to_string(shape.size_bytes) + ", line " +
                         std::to_string(shape.line_bytes) + ", banks " + std::to_string(shape.banks) + ", ways " +
                         std::to_string(shape.ways));
            compare_traces(shape, 100000); // 1.2 million a policy
        }
    }
}

TEST(cache_array, equals_a_plain_set_with_pins_and_invalidation)
{
    random_source random(7);
    for (int round = 0; round < 60; ++round) {
        const replacement policy = policies[round % 3];
        const geometry shape = one_set(1U << random.below(7), policy);
        cache_array cache(shape);
        std::vector<plain_way> ways(shape.ways);
        std::uint64_t random_state = shape.seed;
        for (std::uint64_t i = 1; i <= 3000; ++i) {
            std::uint64_t number = random.below(2 * shape.ways + 1);
            if (round % 2 == 1) // pairs that only high bits tell apart, and one with all low bits
                number = (number + 1) / 2 + ((number + 1) % 2 << 32) - 1;
            const bool is_a = random.chance(1, 2);
            const line_index at = cache.find(number);
            const auto held = std::find_if(
                ways.begin(), ways.end(), [&](const plain_way& way) { return way.valid && way.line_number == number; });
            ASSERT_EQ(at, held == ways.end() ? cache_array::none : static_cast<line_index>(held - ways.begin()));
            if (at == cache_array::none) {
                const line_index victim = plain_victim(ways, policy, random_state);
                const cache_array::eviction room = cache.allocate(number, is_a);
                ASSERT_EQ(room.at, victim) << "round " << round << ", step " << i;
                if (victim == cache_array::none) {
                    ASSERT_EQ(cache.find(number), cache_array::none);
                    continue;
                }
                ASSERT_EQ(room.valid, ways[victim].valid);
                ASSERT_EQ(room.dirty, ways[victim].dirty);
                ways[victim] = {true, false, false, is_a, number, i};
            } else if (random.chance(1, 10)) {
                cache.invalidate(at);
                ways[at] = {};
            } else if (random.chance(1, 2)) {
                ways[at].pinned = random.chance(1, 2);
                cache.pin(at, ways[at].pinned);
            } else {
                cache.use(at, is_a);
                ways[at].is_a = is_a;
                ways[at].stamp = i;
                if (random.chance(1, 2)) {
                    cache.set_dirty(at, 2);
                    ways[at].dirty = true;
                }
            }
            if (random.chance(1, 1000)) {
                cache.invalidate_all();
                std::fill(ways.begin(), ways.end(), plain_way{});
            }
        }
    }
}

TEST(cache_array, data_survive_until_they_are_evicted)
{
    for (const replacement policy : policies) {
        for (const geometry& shape :
             {make(8 * kib, 32, 4, 4, policy), make(4 * kib, 8, 1, 512, policy), make(16 * kib, 256, 2, 1, policy)}) {
            cache_array cache(shape);
            std::map<std::uint64_t, std::vector<std::uint8_t>> memory;   // behind the cache
            std::map<std::uint64_t, std::vector<std::uint8_t>> expected; // what a reader has to see
            random_source random(shape.lines());
            trace steps(shape.lines(), 11);
            for (int i = 0; i < 20000; ++i) {
                const step now = steps.next();
                line_index at = cache.find(now.line_number);
                if (at != cache_array::none) {
                    cache.use(at, now.is_a);
                } else {
                    const cache_array::eviction room = cache.allocate(now.line_number, now.is_a);
                    at = room.at;
                    if (room.dirty)
                        memory[room.line_number].assign(cache.data(at), cache.data(at) + shape.line_bytes);
                    std::vector<std::uint8_t>& fetched = memory[now.line_number];
                    fetched.resize(shape.line_bytes);
                    std::memcpy(cache.data(at), fetched.data(), shape.line_bytes);
                }
                ASSERT_EQ(cache.line_number(at), now.line_number);
                std::vector<std::uint8_t>& seen = expected[now.line_number];
                seen.resize(shape.line_bytes);
                ASSERT_EQ(std::memcmp(cache.data(at), seen.data(), shape.line_bytes), 0) << "access " << i;
                if (now.write) {
                    for (std::uint8_t& byte : seen)
                        byte = static_cast<std::uint8_t>(random.next());
                    std::memcpy(cache.data(at), seen.data(), shape.line_bytes);
                    cache.set_dirty(at, now.owner);
                }
            }
            for (const line_index at : cache.dirty_lines())
                memory[cache.line_number(at)].assign(cache.data(at), cache.data(at) + shape.line_bytes);
            EXPECT_EQ(memory, expected);
        }
    }
}

TEST(cache_array, pinned_lines_are_no_victims)
{
    for (const replacement policy : policies) {
        cache_array cache(one_set(4, policy));
        for (std::uint64_t line = 0; line < 4; ++line)
            cache.pin(cache.allocate(line, line == 3).at, true);
        EXPECT_EQ(cache.allocate(9, false).at, cache_array::none);
        EXPECT_EQ(cache.find(9), cache_array::none);
        cache.set_dirty(2, 3);

        cache.pin(2, false);
        const cache_array::eviction room = cache.allocate(9, false);
        EXPECT_EQ(room.at, 2u);
        EXPECT_EQ(room.line_number, 2u);
        EXPECT_FALSE(cache.pinned(2)); // the new line is not
        EXPECT_EQ(cache.owner(2), 0u);
    }
}

TEST(cache_array, random_takes_the_next_way_that_is_not_pinned)
{
    // Draws of this seed modulo 4 ways: 1, 1, 3 (golden/cache_model_test.cpp).
    geometry shape = one_set(4, replacement::random);
    shape.seed = 1234567;
    cache_array cache(shape);
    for (std::uint64_t line = 0; line < 4; ++line)
        cache.allocate(line, false);
    cache.pin(1, true);
    EXPECT_EQ(cache.allocate(4, false).at, 2u);
    cache.pin(2, true);
    EXPECT_EQ(cache.allocate(5, false).at, 3u);
    cache.pin(3, true);
    EXPECT_EQ(cache.allocate(6, false).at, 0u);
}

TEST(cache_array, invalid_ways_fill_from_the_lowest)
{
    for (const replacement policy : policies) {
        cache_array cache(one_set(8, policy));
        for (line_index way = 0; way < 8; ++way)
            EXPECT_EQ(cache.allocate(100 + way, false).at, way);
        cache.set_dirty(5, 1);
        for (const line_index way : {5u, 2u, 6u})
            cache.invalidate(way);
        EXPECT_TRUE(cache.dirty_lines().empty());
        EXPECT_EQ(cache.find(105), cache_array::none);
        for (const line_index way : {2u, 5u, 6u}) {
            const cache_array::eviction room = cache.allocate(200 + way, false);
            EXPECT_EQ(room.at, way);
            EXPECT_FALSE(room.valid || room.dirty);
        }
        EXPECT_TRUE(cache.allocate(300, false).valid);

        cache.invalidate_all();
        for (std::uint64_t line = 0; line < 400; ++line)
            ASSERT_EQ(cache.find(line), cache_array::none);
        EXPECT_EQ(cache.allocate(400, false).at, 0u);
    }
}

TEST(cache_array, dirty_lines_come_in_order_of_line_number)
{
    cache_array cache(geometry{});
    for (const std::uint64_t number : {1000000u, 17u, 16u, 0u, 33u, 99u, 1u})
        cache.set_dirty(cache.allocate(number, false).at, static_cast<std::uint8_t>(number % 7));
    const line_index cleaned = cache.find(33);
    EXPECT_EQ(cache.owner(cleaned), 5u);
    cache.clean(cleaned);
    EXPECT_FALSE(cache.dirty(cleaned));
    EXPECT_EQ(cache.find(33), cleaned);
    std::vector<std::uint64_t> dirty;
    for (const line_index at : cache.dirty_lines())
        dirty.push_back(cache.line_number(at));
    EXPECT_EQ(dirty, (std::vector<std::uint64_t>{0, 1, 16, 17, 99, 1000000}));
}

TEST(cache_array, refuses_what_cannot_be)
{
    constexpr replacement lru = replacement::lru;
    EXPECT_NO_THROW(cache_array{make(8, 8, 1, 1, lru)}); // a single line
    EXPECT_EQ(cache_array{make(kib, 32, 16, 2, lru)}.bank_of(35), 3u);
    for (const geometry& shape : {make(kib, 32, 32, 2, lru), make(kib, 32, 1, 3, lru), make(kib, 48, 1, 1, lru),
                                  make(0, 32, 1, 1, lru), make(kib, 32, 0, 1, lru), make(16, 32, 1, 1, lru)})
        EXPECT_THROW(cache_array{shape}, std::invalid_argument);
}

} // namespace loas::cache
