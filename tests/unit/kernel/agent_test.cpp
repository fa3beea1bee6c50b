// Several agents on one wheel: nobody is overtaken, nobody waits for nothing, and who breaks the rule is told.
#include "models/kernel/agent.h"

#include "tests/support/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <list>
#include <string>

using loas::kernel::agent;
using loas::kernel::event_wheel;

namespace
{

struct recorder {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> seen; ///< time, what
    void happen(std::uint64_t now_ps, std::uint64_t what) { seen.emplace_back(now_ps, what); }
};

void plan(event_wheel& wheel, std::uint64_t time_ps, recorder& to, std::uint64_t what)
{
    wheel.at(time_ps, to, what, event_wheel::order_of(event_wheel::turn::units, 0, what));
}

std::uint64_t now_ps()
{
    return sc_core::sc_time_stamp().value();
}

void wait_until(std::uint64_t time_ps)
{
    if (time_ps > now_ps())
        sc_core::wait(sc_core::sc_time::from_value(time_ps - now_ps()));
}

/// An agent with a thread of its own.
struct busy_agent : sc_core::sc_module {
    agent me;
    std::function<void(agent&)> body;

    SC_HAS_PROCESS(busy_agent);
    busy_agent(const sc_core::sc_module_name& name, event_wheel& wheel, std::function<void(agent&)> what)
        : sc_module(name), me(wheel), body(std::move(what))
    {
        SC_THREAD(run);
    }
    void run()
    {
        body(me);
        me.rest_until(event_wheel::never);
    }
};

} // namespace

TEST(event_wheel_check, refuses_what_is_started_in_the_past_of_others)
{
    event_wheel wheel;
    recorder r;
    plan(wheel, 1000, r, 0);
    ASSERT_TRUE(wheel.step());
    plan(wheel, 1000, r, 1); // now is not past
    std::string told;
    sc_core::sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_THROW);
    try {
        plan(wheel, 999, r, 2);
    } catch (const sc_core::sc_report& report) {
        told = report.what();
    }
    EXPECT_NE(told.find("our mistake: something is started at 999 ps, in the past of others, who have come to 1000 ps"),
              std::string::npos)
        << told;
}

TEST(agents, one_whose_others_rest_turns_the_wheel_without_the_kernel)
{
    event_wheel wheel;
    recorder r;
    agent resting(wheel);
    resting.rest_until(event_wheel::never);
    bool ran = false;
    busy_agent busy("busy", wheel, [&](agent& me) {
        for (std::uint64_t i = 1; i <= 100; ++i)
            plan(wheel, i * 1000, r, i);
        EXPECT_TRUE(me.run_until([&] { return r.seen.size() == 60; }));
        EXPECT_EQ(now_ps(), 0u);
        EXPECT_EQ(wheel.now_ps(), 60000u);
        me.run_before(80000);
        EXPECT_EQ(r.seen.size(), 79u);
        me.catch_up();
        EXPECT_EQ(now_ps(), 80000u);
        EXPECT_FALSE(me.run_until([] { return false; })); // nothing is left
        EXPECT_EQ(now_ps(), 80000u);
        ran = true;
    });
    sc_core::sc_start();
    EXPECT_TRUE(ran);
}

TEST(agents, one_goes_as_far_as_another_rests_and_waits_for_it_there)
{
    event_wheel wheel;
    recorder r;
    std::vector<std::string> order;
    // It starts something at the very time at which the other's event is: the order of processes does not matter, the
    // wheel's does.
    busy_agent late("late", wheel, [&](agent& me) {
        me.rest_until(50000);
        wait_until(50000);
        order.push_back("late starts");
        plan(wheel, 50000, r, 7);
        EXPECT_TRUE(me.run_until([&] { return !r.seen.empty() && r.seen.back().second == 7; }));
    });
    busy_agent early("early", wheel, [&](agent& me) {
        for (const std::uint64_t time : {10000u, 49999u, 50000u, 90000u})
            plan(wheel, time, r, time);
        EXPECT_TRUE(me.run_until([&] { return r.seen.size() == 2; }));
        EXPECT_EQ(now_ps(), 0u) << "no need to wait";
        EXPECT_TRUE(me.run_until([&] { return r.seen.size() == 5; }));
        EXPECT_EQ(r.seen.back().first, 90000u);
    });
    sc_core::sc_start();
    EXPECT_EQ(order.size(), 1u);
    const std::vector<std::pair<std::uint64_t, std::uint64_t>> expected{
        {10000, 10000}, {49999, 49999}, {50000, 7}, {50000, 50000}, {90000, 90000}};
    EXPECT_EQ(r.seen, expected);
}

// It rested for ever as far as it knew, so the other has turned the wheel ahead, and would turn it further meanwhile.
TEST(agents, one_that_is_woken_starts_where_the_wheel_is)
{
    event_wheel wheel;
    recorder r;
    sc_core::sc_event wake;
    unsigned started = 0;
    busy_agent resting("resting", wheel, [&](agent& me) {
        for (int i = 0; i < 20; ++i) {
            me.rest_until(event_wheel::never);
            sc_core::wait(wake);
            me.catch_up();
            me.run_before(now_ps() + 500);
            me.rest_until(now_ps() + 500);
            wait_until(now_ps() + 500);
            plan(wheel, now_ps(), r, 1000 + started++);
        }
    });
    busy_agent busy("busy", wheel, [&](agent& me) {
        sc_core::wait(sc_core::sc_time(1, sc_core::SC_NS));
        for (std::uint64_t i = 0; i < 20; ++i) {
            wake.notify(sc_core::SC_ZERO_TIME);
            for (std::uint64_t part = 0; part < 7; ++part) { // ahead of the kernel, which it does not wait for at once
                me.catch_up();
                me.run_before(now_ps());
                const std::uint64_t at = now_ps() + 3000 + 100 * i, what = 10 * i + part;
                plan(wheel, at, r, what);
                EXPECT_TRUE(me.run_until([&] { return !r.seen.empty() && r.seen.back().second == what; }));
                me.rest_until(at);
                wait_until(at);
            }
        }
    });
    sc_core::sc_start();
    EXPECT_EQ(started, 20u);
    while (wheel.step()) {
    }
    EXPECT_EQ(r.seen.size(), 160u);
}

// Agents that start, wait, sleep and rest at random, for events that they and others asked for: the check in the wheel
// never fires, events are in order of time, and everybody gets everything in its time.
TEST(agents, at_random_never_start_something_in_anothers_past)
{
    event_wheel wheel;
    recorder r;
    std::list<busy_agent> all;
    std::vector<std::uint64_t> finished;
    std::uint64_t asked = 0;
    for (std::uint64_t index = 0; index < 4; ++index) {
        const std::string name = "agent" + std::to_string(index);
        all.emplace_back(name.c_str(), wheel, [&, index](agent& me) {
            loas::support::random_source random(100 + index);
            for (int round = 0; round < 500; ++round) {
                if (random.chance(1, 2)) { // sleeps, with or without a word
                    const std::uint64_t until = now_ps() + random.below(30000);
                    if (random.chance(2, 3))
                        me.rest_until(until);
                    wait_until(until);
                }
                me.catch_up();
                me.run_before(now_ps());
                const std::uint64_t at = now_ps() + random.below(20000), what = ++asked;
                plan(wheel, at, r, what);
                bool seen = false;
                EXPECT_TRUE(me.run_until([&] {
                    seen = seen || std::find(r.seen.begin(), r.seen.end(), std::make_pair(at, what)) != r.seen.end();
                    return seen;
                }));
                EXPECT_GE(wheel.now_ps(), at);
                me.rest_until(at);
                wait_until(at);
                EXPECT_EQ(now_ps(), at) << "its answer is there at its time";
            }
            finished.push_back(index);
        });
    }
    sc_core::sc_start();
    EXPECT_EQ(finished.size(), 4u);
    EXPECT_EQ(r.seen.size(), 2000u);
    EXPECT_TRUE(
        std::is_sorted(r.seen.begin(), r.seen.end(), [](const auto& a, const auto& b) { return a.first < b.first; }));
}
