// The data plane's own queue of events, in order of time. Memory, crossbar and the accelerator's fetch units put their
// work here, and the accelerator's thread turns the wheel before it waits in the kernel. So a layer costs one kernel
// wait per broadcast step however many accesses it makes, and the order of accesses does not depend on the kernel's
// order of processes.
//
// Events of one time happen in an order that does not depend on who asked when: first by who they belong to (enum
// turn; of one turn those whose place() was taken first), then by number, of an access the one that was started first.
// So in each cycle memory answers before anybody is told that his data are there, units do what follows from it, and
// the crossbar arbitrates what has been asked for by then.
//
// The rule that makes it right: who turns the wheel never turns it past the time at which somebody, itself or another
// (agent.h), may start something new from outside. What is asked for in the past of the wheel is our mistake, and told.
// Within that, the wheel is at or ahead of the kernel's time when an event happens, so a delay annotated to a TLM call
// from an event is never negative.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace loas::kernel
{

class agent;

class event_wheel
{
public:
    static constexpr std::uint64_t never = ~std::uint64_t{0};

    /// Of a time: whose events come first.
    enum class turn : std::uint64_t { memory, ports, units, arbitration };

    /// What an event of a turn is ordered by: the owner's place, then the number (40 bits) that it gives its event.
    static constexpr std::uint64_t order_of(turn whose, std::uint64_t place = 0, std::uint64_t number = 0)
    {
        return static_cast<std::uint64_t>(whose) << 62 | place << 40 | (number & ((std::uint64_t{1} << 40) - 1));
    }
    /// Of one more owner: everybody whose events may share a time takes one when it is built.
    std::uint64_t take_place() { return m_places++; }

    /// Asks for target.happen(time_ps, what) at that time; it may be private, with the wheel as a friend. time_ps: not
    /// below now_ps(): what has happened meanwhile would have been different. order: by order_of(); two events of one
    /// time that differ in what they do differ in it.
    template <class module> void at(std::uint64_t time_ps, module& target, std::uint64_t what, std::uint64_t order)
    {
        // A pointer to the function, not to a table of virtual ones: the processor seldom foretells which one it will
        // be, and then waits for each look-up.
        const call happen{&target, [](void* module_of, std::uint64_t now_ps, std::uint64_t of) {
                              static_cast<module*>(module_of)->happen(now_ps, of);
                          }};
        if (time_ps < m_now_ps)
            refuse(time_ps);
        const std::uint64_t slot =
            std::max(time_ps >> slot_bits, m_first_slot); // turning may be ahead of what happened
        m_next_ps = std::min(m_next_ps, time_ps);
        if (slot - m_first_slot >= slots) {
            m_far.push_back({time_ps, order, happen, what});
            std::push_heap(m_far.begin(), m_far.end(), later{});
        } else {
            enter(slot, time_ps, order, happen, what);
        }
    }

    /// Time of the event under way or of the last one.
    std::uint64_t now_ps() const { return m_now_ps; }
    std::uint64_t next_ps() const { return m_next_ps; }

    /// Lets the next event happen; false when there is none.
    bool step()
    {
        if (m_next_ps == never)
            return false;
        turn_to(m_next_ps);
        list& from = m_slots[m_first_slot % slots];
        const std::uint32_t place = from.first;
        event& next = m_events[place];
        const std::uint64_t time_ps = next.time_ps, what = next.what;
        const call happen = next.happen;
        from.first = next.next;
        next.next = m_free;
        m_free = place;
        if (from.first != none) {
            m_next_ps = m_events[from.first].time_ps;
        } else {
            m_occupied[m_first_slot % slots / 64] &= ~(std::uint64_t{1} << m_first_slot % 64);
            find_next();
        }
        m_now_ps = time_ps;
        happen.function(happen.module, time_ps, what);
        return true;
    }

    /// Everything before time_ps; what belongs to that time itself waits for what its initiator will add then.
    void run_before(std::uint64_t time_ps)
    {
        m_bound_ps = time_ps;
        while (next_ps() < time_ps)
            step();
        m_bound_ps = never;
        if (time_ps > m_now_ps) {
            m_now_ps = time_ps;
            turn_to(time_ps);
        }
    }

    /// Steps until done() holds; false: nothing is left to happen and it does not.
    template <class condition> bool run_until(condition done)
    {
        while (!done())
            if (!step())
                return false;
        return true;
    }

    /// The same, but nothing at limit_ps or later happens.
    template <class condition> bool run_until(condition done, std::uint64_t limit_ps)
    {
        m_bound_ps = limit_ps;
        bool is_done = done();
        while (!is_done && next_ps() < limit_ps) {
            step();
            is_done = done();
        }
        m_bound_ps = never;
        return is_done;
    }

    /// True if an event may do by itself what it would otherwise ask for at time_ps: nothing comes before it.
    bool nothing_before(std::uint64_t time_ps) const { return time_ps < m_bound_ps && time_ps < next_ps(); }

private:
    friend class agent; // m_agents

    // Slots of about a nanosecond in a ring, each with a list in order: a slot holds events of one or two clock edges,
    // so a list is short, and the next slot in use is found with a bit mask. What lies beyond the ring, which few
    // events do, waits in a heap until the ring has turned to it.
    static constexpr unsigned slot_bits = 10; // picoseconds
    static constexpr std::uint64_t slots = 512;
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    struct call {
        void* module;
        void (*function)(void* module, std::uint64_t now_ps, std::uint64_t what);
    };
    struct event {
        std::uint64_t time_ps;
        std::uint64_t order;
        std::uint64_t what;
        call happen;
        std::uint32_t next; ///< of the list of the slot, or of the free events
    };
    struct list {
        std::uint32_t first = none, last = none; ///< last: meaningless when there is no first
    };
    struct far_event {
        std::uint64_t time_ps;
        std::uint64_t order;
        call happen;
        std::uint64_t what;
    };
    struct later { // an object, not a function: the heap's algorithms inline it
        bool operator()(const far_event& a, const far_event& b) const
        {
            return a.time_ps != b.time_ps ? a.time_ps > b.time_ps : a.order > b.order;
        }
    };

    static bool comes_before(std::uint64_t time_ps, std::uint64_t order, const event& other)
    {
        return time_ps != other.time_ps ? time_ps < other.time_ps : order < other.order;
    }

    void enter(std::uint64_t slot, std::uint64_t time_ps, std::uint64_t order, const call& happen, std::uint64_t what)
    {
        if (m_free == none) {
            m_free = static_cast<std::uint32_t>(m_events.size());
            m_events.push_back({0, 0, 0, {}, none});
        }
        const std::uint32_t place = m_free;
        event& added = m_events[place]; // field by field: a processor waits long for a copy of what was just written
        m_free = added.next;
        added.time_ps = time_ps;
        added.order = order;
        added.what = what;
        added.happen.module = happen.module;
        added.happen.function = happen.function;
        added.next = none;
        list& into = m_slots[slot % slots];
        if (into.first == none) {
            into = {place, place};
            m_occupied[slot % slots / 64] |= std::uint64_t{1} << slot % 64;
        } else if (!comes_before(time_ps, order, m_events[into.last])) {
            m_events[into.last].next = place;
            into.last = place;
        } else {
            std::uint32_t* link = &into.first;
            while (!comes_before(time_ps, order, m_events[*link]))
                link = &m_events[*link].next;
            added.next = *link;
            *link = place;
        }
    }

    /// Makes the slot of a time the first one; all before it are empty.
    void turn_to(std::uint64_t time_ps)
    {
        m_first_slot = std::max(m_first_slot, time_ps >> slot_bits);
        while (!m_far.empty() && (m_far.front().time_ps >> slot_bits) - m_first_slot < slots) {
            const far_event near = m_far.front();
            std::pop_heap(m_far.begin(), m_far.end(), later{});
            m_far.pop_back();
            enter(near.time_ps >> slot_bits, near.time_ps, near.order, near.happen, near.what);
        }
    }

    /// The first slot has become empty.
    void find_next()
    {
        const std::uint64_t start = m_first_slot % slots;
        std::uint64_t word = start / 64;
        std::uint64_t bits = m_occupied[word] & ~std::uint64_t{0} << start % 64;
        for (std::uint64_t i = 0; i <= slots / 64; ++i) { // the first word twice: behind the start, then before it
            if (bits != 0) {
                const auto bit = static_cast<std::uint64_t>(__builtin_ctzll(bits));
                m_next_ps = m_events[m_slots[word * 64 + bit].first].time_ps;
                return;
            }
            word = (word + 1) % (slots / 64);
            bits = m_occupied[word];
        }
        m_next_ps = m_far.empty() ? never : m_far.front().time_ps;
    }

    [[noreturn]] void refuse(std::uint64_t time_ps) const;

    std::vector<agent*> m_agents;
    std::array<list, slots> m_slots{};
    std::array<std::uint64_t, slots / 64> m_occupied{}; ///< bit s % 64 of word s / 64: slot s holds events
    std::vector<event> m_events;
    std::uint32_t m_free = none;
    std::vector<far_event> m_far;
    std::uint64_t m_places = 0;
    std::uint64_t m_first_slot = 0; ///< number of the slot (from time 0) at which the ring starts
    std::uint64_t m_next_ps = never;
    std::uint64_t m_now_ps = 0;
    std::uint64_t m_bound_ps = never;
};

} // namespace loas::kernel
