// The channels that share command buses: in HBM a pair of pseudo channels, elsewhere one alone. Plain C++: whoever
// drives it says when.
//
// How it is driven: push() requests in order of time; next_clock() says when something could happen; advance(clock)
// with exactly that clock issues the commands of that clock, one at most on either bus. When two channels could use a
// bus in the same clock, refreshes go first, then the older request (they are numbered in the order in which they
// arrive), then the lower channel.
//
// Most requests find nothing waiting and are served before another one comes or a refresh is due. The clocks of their
// commands are known when they arrive; all are issued in the clock of the last one. When another request does come, the
// first one becomes one like others, of which some commands have been issued.
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

    /// Whether a request would have a place in the queue at once. One that has not waits outside, which is counted.
    bool accepts(std::uint32_t channel, bool write) const { return m_channels[channel - m_first].accepts(write); }

    /// First clock in which something can happen; never: nothing waits. (Refreshes of idle channels are made up for at
    /// the next push, so a group that is idle asks for nothing.)
    std::uint64_t next_clock()
    {
        if (m_stale)
            settle();
        return m_next;
    }

    /// It is `clock` by now: when nothing waits, the refreshes up to then are made up for.
    void idle_until(std::uint64_t clock);

    /// Appends to `done` each request that got its column command in `clock` == next_clock(), or needs none.
    void advance(std::uint64_t clock, std::vector<completion>& done);

    /// Requests without their column command: of all channels, or of one without those announced for later.
    std::size_t waiting() const;
    std::size_t waiting(std::uint32_t channel) const
    {
        return m_channels[channel - m_first].waiting() + (m_alone && m_alone_request.where.channel == channel ? 1 : 0);
    }
    const std::vector<channel>& channels() const { return m_channels; }

private:
    bool idle() const { return m_waiting == 0 && m_at_once.empty() && m_future.empty(); }
    void admit(const request& request, std::uint64_t sequence);
    bool take_alone(const request& request);
    void no_longer_alone(std::uint64_t clock);
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

    bool m_may_be_alone;
    bool m_alone = false;
    request m_alone_request{};
    std::uint64_t m_alone_sequence = 0;
    channel::commands_alone m_alone_commands;
};

} // namespace loas::dram
