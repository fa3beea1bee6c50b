#include "models/kernel/event_wheel.h"

#include "tests/support/random.h"

#include <gtest/gtest.h>

#include <functional>

using loas::kernel::event_wheel;

namespace
{

struct recorder {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> seen; ///< time, what
    std::function<void(std::uint64_t, std::uint64_t)> then = [](std::uint64_t, std::uint64_t) {};

    void happen(std::uint64_t now_ps, std::uint64_t what)
    {
        seen.emplace_back(now_ps, what);
        then(now_ps, what);
    }
    std::vector<std::uint64_t> order() const
    {
        std::vector<std::uint64_t> all;
        for (const auto& each : seen)
            all.push_back(each.second);
        return all;
    }
};

void plan(event_wheel& wheel, std::uint64_t time_ps, recorder& to, std::uint64_t what)
{
    wheel.at(time_ps, to, what, event_wheel::order_of(event_wheel::turn::units, 0, what));
}

using numbers = std::vector<std::uint64_t>;

} // namespace

TEST(event_wheel, is_in_order_of_time)
{
    event_wheel wheel;
    recorder r;
    EXPECT_EQ(wheel.next_ps(), event_wheel::never);
    EXPECT_FALSE(wheel.step());
    std::uint64_t what = 0;
    for (const std::uint64_t time : {30u, 10u, 20u, 10u, 30u, 10u})
        plan(wheel, time, r, what++);
    EXPECT_EQ(wheel.next_ps(), 10u);
    EXPECT_TRUE(wheel.step());
    EXPECT_EQ(wheel.now_ps(), 10u);
    while (wheel.step()) {
    }
    EXPECT_EQ(r.order(), (numbers{1, 3, 5, 2, 0, 4}));
    EXPECT_EQ(wheel.now_ps(), 30u);
}

// Within the ring and beyond its end, whoever asks first.
TEST(event_wheel, ties_are_ordered_by_turn_place_and_number)
{
    using turn = event_wheel::turn;
    const std::uint64_t in_order[] = {
        event_wheel::order_of(turn::memory),       event_wheel::order_of(turn::memory, 0, 7),
        event_wheel::order_of(turn::ports, 0, 9),  event_wheel::order_of(turn::ports, 1, 0),
        event_wheel::order_of(turn::ports, 1, 2),  event_wheel::order_of(turn::units, 0, 1),
        event_wheel::order_of(turn::units, 70, 0), event_wheel::order_of(turn::arbitration)};
    numbers ranks;
    for (std::uint64_t i = 0; i < std::size(in_order); ++i)
        ranks.push_back(i);
    loas::support::random_source random(1);
    for (unsigned round = 0; round < 100; ++round) {
        numbers asked = ranks;
        for (std::size_t i = asked.size(); i > 1; --i)
            std::swap(asked[i - 1], asked[random.below(i)]);
        event_wheel wheel;
        recorder r;
        for (const std::uint64_t rank : asked)
            wheel.at(round % 2 == 0 ? 5 : 5000000, r, rank, in_order[rank]);
        while (wheel.step()) {
        }
        EXPECT_EQ(r.order(), ranks);
    }
}

TEST(event_wheel, what_is_asked_for_now_comes_after_what_was_asked_for_before)
{
    event_wheel wheel;
    recorder r;
    r.then = [&](std::uint64_t now, std::uint64_t what) {
        if (what == 0) {
            plan(wheel, now, r, 10);
            plan(wheel, now + 1, r, 11);
        }
    };
    plan(wheel, 5, r, 0);
    plan(wheel, 5, r, 1);
    plan(wheel, 6, r, 2);
    EXPECT_FALSE(wheel.run_until([] { return false; }));
    EXPECT_EQ(r.order(), (numbers{0, 1, 10, 2, 11}));
}

TEST(event_wheel, run_before_leaves_out_the_time_itself_and_moves_now)
{
    event_wheel wheel;
    recorder r;
    r.then = [&](std::uint64_t now, std::uint64_t what) {
        if (what == 1)
            plan(wheel, now + 5, r, 4); // to the bound itself
    };
    plan(wheel, 15, r, 1);
    plan(wheel, 20, r, 2);
    plan(wheel, 25, r, 3);
    wheel.run_before(20);
    EXPECT_EQ(r.order(), numbers{1});
    EXPECT_EQ(wheel.now_ps(), 20u);
    wheel.run_before(18); // has happened already
    EXPECT_EQ(wheel.now_ps(), 20u);
    wheel.run_before(21);
    EXPECT_EQ(r.order(), (numbers{1, 2, 4}));
    wheel.run_before(1000);
    EXPECT_EQ(wheel.now_ps(), 1000u);
    EXPECT_EQ(r.seen.back(), std::make_pair(std::uint64_t{25}, std::uint64_t{3}));
}

TEST(event_wheel, run_until_stops_at_once)
{
    event_wheel wheel;
    recorder r;
    for (std::uint64_t i = 1; i <= 5; ++i)
        plan(wheel, i, r, i);
    EXPECT_TRUE(wheel.run_until([&] { return r.seen.size() == 3; }));
    EXPECT_EQ(wheel.now_ps(), 3u);
    EXPECT_TRUE(wheel.run_until([] { return true; }));
    EXPECT_EQ(r.seen.size(), 3u);
    EXPECT_FALSE(wheel.run_until([] { return false; }));
    EXPECT_EQ(r.seen.size(), 5u);
}

TEST(event_wheel, nothing_before_knows_the_next_event_and_the_bound)
{
    event_wheel wheel;
    recorder r;
    EXPECT_TRUE(wheel.nothing_before(1000000));
    numbers answers;
    r.then = [&](std::uint64_t, std::uint64_t what) {
        if (what == 0)
            for (const std::uint64_t time : {14u, 15u, 16u, 20u, 21u})
                answers.push_back(wheel.nothing_before(time) ? 1 : 0);
    };
    plan(wheel, 10, r, 0);
    plan(wheel, 15, r, 1);
    wheel.run_before(20);
    EXPECT_EQ(answers, (numbers{1, 0, 0, 0, 0})); // an event of the same time was asked for earlier and comes first
    answers.clear();
    plan(wheel, 21, r, 0);
    plan(wheel, 100, r, 0);
    wheel.run_before(30);
    EXPECT_EQ(answers.size(), 5u);
    answers.clear();
    r.then = [&](std::uint64_t, std::uint64_t) {
        for (const std::uint64_t time : {49u, 50u, 51u})
            answers.push_back(wheel.nothing_before(time) ? 1 : 0);
    };
    plan(wheel, 40, r, 2);
    wheel.run_before(50);
    EXPECT_EQ(answers, (numbers{1, 0, 0}));
    EXPECT_TRUE(wheel.nothing_before(99)); // no bound outside
    EXPECT_FALSE(wheel.nothing_before(100));
}

// Delays from within a slot of the ring to far beyond its end, and steps of a clock, at which many meet.
TEST(event_wheel, equals_a_stable_sort)
{
    loas::support::random_source random(3);
    const std::uint64_t longest[] = {20, 3000, 400000, 600000, 5000000};
    for (const std::uint64_t step : {1u, 1250u, 2000u}) {
        event_wheel wheel;
        recorder r;
        std::vector<std::pair<std::uint64_t, std::uint64_t>> expected;
        std::uint64_t next = 0;
        const auto ask = [&](std::uint64_t from) {
            const std::uint64_t time = (from + random.below(longest[random.below(5)])) / step * step;
            expected.emplace_back(std::max(time, from), next);
            plan(wheel, std::max(time, from), r, next++);
        };
        r.then = [&](std::uint64_t now, std::uint64_t) {
            EXPECT_EQ(wheel.now_ps(), now);
            for (std::uint64_t i = random.below(3); i > 0 && next < 20000; --i)
                ask(now);
        };
        for (int i = 0; i < 50; ++i)
            ask(0);
        for (std::uint64_t bound = 1; wheel.next_ps() != event_wheel::never; bound += random.below(3000000)) {
            for (std::uint64_t i = random.below(50); i > 0 && wheel.step(); --i) {
            }
            bound = std::max(bound, wheel.now_ps());
            wheel.run_before(bound);
            EXPECT_GE(wheel.next_ps(), bound);
            if (next < 20000)
                ask(bound);
        }
        // Numbers are given in order of asking, so a sort by both is the stable sort by time.
        std::sort(expected.begin(), expected.end());
        EXPECT_EQ(r.seen, expected);
        EXPECT_GE(next, 5000u);
    }
}
