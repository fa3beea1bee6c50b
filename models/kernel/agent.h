// Who starts accesses of the data plane from outside of the event wheel: an accelerator, the host. Each has a thread of
// the kernel that turns the wheel while it waits for something, and each says until when it will start nothing.
//
// The kernel's time is what all agents have in common. An agent turns the wheel ahead of it as far as all others rest,
// and no further than it while another waits for something of the wheel too, since that may come with any event. So
// whatever is started finds the wheel where it is or before. An agent that is alone, because there is no other or
// because the others rest for ever, turns the wheel as if it were its own, without a wait in the kernel.
#pragma once

#include "models/kernel/clock.h"
#include "models/kernel/event_wheel.h"

#include <algorithm>
#include <cstdint>
#include <systemc>

namespace loas::kernel
{

class agent
{
public:
    /// May start something at any time until it says else.
    explicit agent(event_wheel& wheel);
    ~agent();
    agent(const agent&) = delete;
    agent& operator=(const agent&) = delete;

    /// From now on it starts nothing before time_ps; event_wheel::never: not of itself. Somebody who wakes it earlier
    /// tells it so by a further call; then it has to catch_up() before it starts something.
    void rest_until(std::uint64_t time_ps) { m_rests_until_ps = time_ps; }

    /// In its thread: turns the wheel until done(). False: nothing is left to happen, and it does not hold. In the
    /// meantime the kernel's time may pass.
    template <class condition> bool run_until(condition done)
    {
        if (m_wheel.m_agents.size() == 1)
            return m_wheel.run_until(done);
        const turning in_this_call(*this);
        for (;;) {
            const bool is_done = turn(done);
            if (is_done || m_wheel.next_ps() == event_wheel::never)
                return is_done;
            wait_in_kernel(m_wheel.next_ps());
        }
    }

    /// In its thread: everything before time_ps happens. In the meantime the kernel's time may pass, but not beyond it.
    void run_before(std::uint64_t time_ps);

    /// In its thread: waits until the kernel has come to the wheel, and rests no longer than that.
    void catch_up();

private:
    struct turning { // also when the kernel ends the thread
        explicit turning(agent& whose) : of(whose) { ++of.m_turns; }
        ~turning() { --of.m_turns; }
        turning(const turning&) = delete;
        turning& operator=(const turning&) = delete;
        agent& of;
    };

    /// Lets happen what may happen before others start something.
    template <class condition> bool turn(condition done)
    {
        bool stepped = false, first = true;
        const auto asked = [&] {
            stepped = !first;
            first = false;
            return done();
        };
        const bool is_done = m_wheel.run_until(asked, std::max(others_start_ps(), kernel_ps() + 1));
        if (stepped)
            tell_others();
        return is_done;
    }

    std::uint64_t others_start_ps() const;
    void wait_in_kernel(std::uint64_t longest_ps);
    void tell_others();

    event_wheel& m_wheel;
    std::uint64_t m_rests_until_ps = 0;
    unsigned m_turns = 0;        ///< calls under way that do
    sc_core::sc_event m_stepped; ///< others have turned the wheel while it waited
};

} // namespace loas::kernel
