#include "models/kernel/agent.h"

namespace loas::kernel
{

agent::agent(event_wheel& wheel) : m_wheel(wheel)
{
    wheel.m_agents.push_back(this);
}

agent::~agent()
{
    auto& all = m_wheel.m_agents;
    all.erase(std::find(all.begin(), all.end(), this));
}

void agent::run_before(std::uint64_t time_ps)
{
    if (m_wheel.m_agents.size() == 1) {
        m_wheel.run_before(time_ps);
        return;
    }
    const turning in_this_call(*this);
    const auto all_before = [this, time_ps] { return m_wheel.next_ps() >= time_ps; };
    for (turn(all_before); time_ps > others_start_ps(); turn(all_before))
        wait_in_kernel(std::min(time_ps, m_wheel.next_ps()));
    m_wheel.run_before(time_ps);
}

void agent::catch_up()
{
    m_rests_until_ps = m_wheel.now_ps(); // while it waits here, others must not go on
    if (m_wheel.now_ps() > kernel_ps())
        sc_core::wait(sc_core::sc_time::from_value(m_wheel.now_ps() - kernel_ps()));
}

/// First time at which another may start something. What belongs to the kernel's time itself may happen before that.
std::uint64_t agent::others_start_ps() const
{
    const std::uint64_t now_ps = kernel_ps();
    std::uint64_t first = event_wheel::never;
    for (const agent* other : m_wheel.m_agents)
        if (other != this)
            first = std::min(first, other->m_turns > 0 ? now_ps : std::max(other->m_rests_until_ps, now_ps));
    return first;
}

/// Until longest_ps, or until another may have started something. Then who else has something to do at that time has
/// done it, whatever the order of the kernel's processes.
void agent::wait_in_kernel(std::uint64_t longest_ps)
{
    const std::uint64_t now_ps = kernel_ps(), others_ps = others_start_ps();
    const std::uint64_t until_ps = others_ps > now_ps ? std::min(others_ps, longest_ps) : longest_ps;
    sc_core::wait(sc_core::sc_time::from_value(until_ps - now_ps), m_stepped);
    if (kernel_ps() == until_ps)
        sc_core::wait(sc_core::SC_ZERO_TIME);
}

void agent::tell_others()
{
    for (agent* other : m_wheel.m_agents)
        if (other != this && other->m_turns > 0)
            other->m_stepped.notify(sc_core::SC_ZERO_TIME);
}

} // namespace loas::kernel
