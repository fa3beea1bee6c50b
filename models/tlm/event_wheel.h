// The data plane's own queue of events, in order of time; events of one time happen in the order in which they were
// asked for. Memory, crossbar and the accelerator's fetch units put their work here, and the accelerator's thread turns
// the wheel before it waits in the kernel. So a layer costs one kernel wait per broadcast step however many accesses it
// makes, and the order of accesses does not depend on the kernel's order of processes.
//
// The rule that makes it right: only the thread that turns the wheel starts something new from outside, and it never
// turns the wheel past the time at which it will do so. Within that, the wheel is at or ahead of the kernel's time, so
// a delay annotated to a TLM call from an event is never negative.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace loas::tlm_blocks
{

class event_wheel
{
public:
    static constexpr std::uint64_t never = ~std::uint64_t{0};

    class handler
    {
    public:
        /// `what` is what the handler gave when it asked.
        virtual void happen(std::uint64_t now_ps, std::uint64_t what) = 0;

    protected:
        ~handler() = default;
    };

    /// time_ps: not below now_ps().
    void at(std::uint64_t time_ps, handler& target, std::uint64_t what)
    {
        m_heap.push_back({time_ps, m_next_order++, &target, what});
        std::push_heap(m_heap.begin(), m_heap.end(), later{});
    }

    /// Time of the event under way or of the last one.
    std::uint64_t now_ps() const { return m_now_ps; }
    std::uint64_t next_ps() const { return m_heap.empty() ? never : m_heap.front().time_ps; }

    /// Lets the next event happen; false when there is none.
    bool step()
    {
        if (m_heap.empty())
            return false;
        const event next = m_heap.front();
        std::pop_heap(m_heap.begin(), m_heap.end(), later{});
        m_heap.pop_back();
        m_now_ps = next.time_ps;
        next.target->happen(next.time_ps, next.what);
        return true;
    }

    /// Everything before time_ps; what belongs to that time itself waits for what its initiator will add then.
    void run_before(std::uint64_t time_ps)
    {
        m_bound_ps = time_ps;
        while (next_ps() < time_ps)
            step();
        m_bound_ps = never;
        m_now_ps = std::max(m_now_ps, time_ps);
    }

    /// Steps until done() holds; false: nothing is left to happen and it does not.
    template <class condition> bool run_until(condition done)
    {
        while (!done())
            if (!step())
                return false;
        return true;
    }

    /// True if a handler may do, within its own event, what it would otherwise ask for at time_ps: nothing comes before
    /// it.
    bool nothing_before(std::uint64_t time_ps) const { return time_ps < m_bound_ps && time_ps < next_ps(); }

private:
    struct event {
        std::uint64_t time_ps;
        std::uint64_t order;
        handler* target;
        std::uint64_t what;
    };

    struct later { // an object, not a function: the heap's algorithms inline it
        bool operator()(const event& a, const event& b) const
        {
            return a.time_ps != b.time_ps ? a.time_ps > b.time_ps : a.order > b.order;
        }
    };

    std::vector<event> m_heap;
    std::uint64_t m_next_order = 0;
    std::uint64_t m_now_ps = 0;
    std::uint64_t m_bound_ps = never;
};

} // namespace loas::tlm_blocks
