// The channels that share command buses: in HBM a pair of pseudo channels, elsewhere one alone. Plain C++: whoever
// drives it says when.
//
// How it is driven: push() requests in order of time; next_clock() says when something could happen; advance(clock)
// with exactly that clock issues the commands of that clock, one at most on either bus. When two commands could use a
// bus in the same clock, of two channels or, where it is the only one, a row and a column command, then those of
// refreshes go first, then the older request's (they are numbered in the order in which they arrive).
//
// Who only wants to know of answers in time may come later: run_to(clock) does what would have happened up to that
// clock, and answers_from() says when to look. Requests may be pushed for clocks after that.
#pragma once

#include "models/memory/dram/channel.h"

#include <cstdint>
#include <vector>

namespace loas::dram
{

class channel_group
{
public:
    /// Channels that share buses, for those parameters.
    static unsigned size_of(const parameters& parameters);

    /// The channels from index * size_of() on. Throws std::invalid_argument when there is a mistake_in the parameters.
    channel_group(const parameters& parameters, std::uint32_t index);

    void set_observer(command_observer* observer);

    /// The clock of arrival is not below that of an earlier push, nor below a clock already advanced to. where.channel
    /// is one of this group's.
    void push(const request& request);

    /// Whether so many requests would have places in the queue at once, as it is after the latest clock that has been
    /// decided. One that has not waits outside, which is counted.
    bool accepts(std::uint32_t channel, bool write, std::size_t requests = 1) const
    {
        return m_channels[channel - m_first].accepts(write, requests);
    }

    /// First clock in which something can happen; never: nothing waits. (Refreshes of idle channels are made up for at
    /// the next push, so a group that is idle asks for nothing.)
    std::uint64_t next_clock()
    {
        if (m_stale)
            settle();
        return m_next;
    }

    /// The same for who calls run_to(): it enters when its clock has come. True: answers_from() is sooner now.
    bool announce(const request& request);

    /// Every advance() up to and including `clock`.
    void run_to(std::uint64_t clock, std::vector<completion>& done);

    /// No completion that run_to() has not told of, of what has been pushed, has an end_clock below this one. never:
    /// nobody waits for an answer.
    std::uint64_t answers_from() const { return m_answers_from; }

    /// It is `clock` by now: when nothing waits, the refreshes up to then are made up for.
    void idle_until(std::uint64_t clock);

    /// Appends to `done` each request that got its column command in `clock` == next_clock(), or needs none.
    void advance(std::uint64_t clock, std::vector<completion>& done);

    /// Requests without their column command: of all channels, or of one without those announced for later.
    std::size_t waiting() const;
    std::size_t waiting(std::uint32_t channel) const { return m_channels[channel - m_first].waiting(); }
    const std::vector<channel>& channels() const { return m_channels; }

private:
    bool idle() const { return m_waiting == 0 && m_at_once.empty() && m_future.empty(); }
    void admit_next();
    void admit(const request& request, std::uint64_t sequence);
    bool expect(const request& request);
    void keep_for_later(const request& request, bool soon);
    bool run_lone(std::uint64_t clock, std::vector<completion>& done);
    void expect_answers(std::uint64_t column);
    std::uint64_t first_refresh_due() const;
    void settle();
    void catch_up(std::uint64_t clock);
    void begin_refreshes(std::uint64_t clock);
    void issue_row(channel& from, std::uint64_t clock);
    void issue_column(channel& from, std::uint64_t clock, std::vector<completion>& done);

    std::uint32_t m_first; // number of the first channel
    bool m_one_bus;
    unsigned m_column_clocks;
    std::vector<channel> m_channels;
    command_bus m_bus;
    ring<request> m_future;            // pushed for a clock before which something happens
    std::vector<completion> m_at_once; // to be told of in the next advance()
    std::uint64_t m_sequence = 0;
    std::uint64_t m_now = 0; // first clock that is not over
    std::size_t m_waiting = 0;
    std::uint64_t m_next = never;
    bool m_stale = false;
    bool m_watched = false;
    std::uint64_t m_quiet_until = 0; // no refresh is due before it, and none is under way

    bool m_posted;
    std::uint64_t m_answer_clocks; // from a column command to the end of its data, at least
    std::uint64_t m_answers_from = never;
    std::size_t m_unanswered = 0; // requests
    bool m_future_soon = false;   // one of m_future may need no command
};

} // namespace loas::dram
