#include "models/memory/dram/channel_group.h"

#include <algorithm>

namespace loas::dram
{

unsigned channel_group::size_of(const parameters& parameters)
{
    return std::min(parameters.channels_per_command_bus, parameters.channels);
}

channel_group::channel_group(const parameters& parameters, std::uint32_t index)
    : m_first(index * size_of(checked(parameters))), m_one_bus(!parameters.separate_column_bus),
      m_column_clocks(parameters.column_clocks),
      // A queue of one place would be full; a posted write is answered before its commands.
      m_may_be_alone(parameters.read_window > 1 && parameters.write_window > 1 && !parameters.posted_writes)
{
    m_channels.reserve(size_of(parameters));
    for (std::uint32_t i = 0; i < size_of(parameters); ++i)
        m_channels.emplace_back(parameters, m_first + i);
}

void channel_group::set_observer(command_observer* observer)
{
    m_watched = observer != nullptr;
    for (channel& each : m_channels)
        each.set_observer(observer);
}

void channel_group::push(const request& request)
{
    if (idle()) {
        catch_up(request.clock);
        if (take_alone(request))
            return;
    } else if (m_alone && request.clock <= m_alone_commands.column) {
        no_longer_alone(request.clock);
    }
    // Nothing happens before next_clock(), so a request for no later clock finds the channels as they are now. One for
    // a later clock has to wait, or the result would depend on how far ahead the caller announces requests.
    if (m_future.empty() && !m_alone && (request.clock <= m_now || idle() || request.clock <= next_clock()))
        admit(request, ++m_sequence);
    else
        m_future.push(request);
    m_stale = !m_alone;
}

void channel_group::admit(const request& request, std::uint64_t sequence)
{
    m_now = std::max(m_now, request.clock);
    channel& to = m_channels[request.where.channel - m_first];
    const std::size_t before = to.waiting();
    to.admit(request, sequence, m_at_once);
    m_waiting += to.waiting() - before;
}

/// False: what comes when is not known yet, for a refresh comes in between.
bool channel_group::take_alone(const request& request)
{
    if (!m_may_be_alone)
        return false;
    const std::uint64_t now = std::max(m_now, request.clock);
    const channel& to = m_channels[request.where.channel - m_first];
    const channel::commands_alone planned = to.plan_alone(request, now, m_bus);
    if (planned.column >= m_quiet_until)
        return false;
    m_now = now;
    m_alone = true;
    m_alone_request = request;
    m_alone_commands = planned;
    m_alone_sequence = ++m_sequence;
    m_waiting = 1;
    m_next = planned.column;
    m_stale = false;
    return true;
}

/// Something else comes in `clock`, which is not after the column command.
void channel_group::no_longer_alone(std::uint64_t clock)
{
    m_alone = false;
    m_waiting = 0;
    admit(m_alone_request, m_alone_sequence);
    m_stale = true;
    std::vector<completion> none;
    while (next_clock() < clock)
        advance(m_next, none);
}

void channel_group::settle()
{
    m_stale = false;
    m_next = never;
    if (idle())
        return;
    for (channel& each : m_channels) {
        each.settle(m_now, m_bus);
        m_next = std::min({m_next, each.column().clock, each.row().clock});
    }
    for (const channel& each : m_channels)
        if (each.refresh_due() <= m_next)
            m_next = std::min(m_next, each.refresh_begin(m_now));
    if (!m_at_once.empty())
        m_next = m_now;
    if (!m_future.empty())
        m_next = std::min(m_next, m_future.front().clock);
}

void channel_group::advance(std::uint64_t clock, std::vector<completion>& done)
{
    if (m_alone) {
        if (clock != m_next)
            return;
        m_alone = false;
        m_waiting = 0;
        m_channels[m_alone_request.where.channel - m_first].issue_alone(m_alone_request, m_alone_commands, done);
        m_bus.column = clock + m_column_clocks;
        m_bus.row = m_one_bus ? m_bus.column : m_alone_commands.row_bus;
        m_now = clock + 1;
        m_next = never;
        m_stale = !m_future.empty();
        return;
    }
    m_now = std::max(m_now, clock);
    while (!m_future.empty() && m_future.front().clock <= clock) {
        const request request = m_future.front();
        m_future.pop();
        admit(request, ++m_sequence);
        m_stale = true;
    }
    if (next_clock() != clock)
        return;
    begin_refreshes(clock);
    if (!m_at_once.empty()) {
        done.insert(done.end(), m_at_once.begin(), m_at_once.end());
        m_at_once.clear();
    }
    // Both are chosen from what was before this clock.
    channel *row = nullptr, *column = nullptr;
    for (channel& each : m_channels) {
        if (each.column().clock == clock && (column == nullptr || each.column().sequence < column->column().sequence))
            column = &each;
        if (each.row().clock == clock && (row == nullptr || each.row().sequence < row->row().sequence))
            row = &each;
    }
    if (row != nullptr && !(m_one_bus && column != nullptr))
        issue_row(*row, clock);
    if (column != nullptr)
        issue_column(*column, clock, done);
    m_now = clock + 1; // one decision a clock
    m_stale = true;
}

void channel_group::issue_row(channel& from, std::uint64_t clock)
{
    m_bus.row = clock + from.issue_row();
    if (m_one_bus)
        m_bus.column = m_bus.row;
}

void channel_group::issue_column(channel& from, std::uint64_t clock, std::vector<completion>& done)
{
    const std::size_t before = from.waiting();
    from.issue_column(done, m_at_once);
    m_waiting -= before - from.waiting();
    m_bus.column = clock + m_column_clocks;
    if (m_one_bus)
        m_bus.row = m_bus.column;
}

void channel_group::begin_refreshes(std::uint64_t clock)
{
    for (channel& each : m_channels)
        if (each.refresh_due() <= clock && each.refresh_begin(m_now) == clock) {
            each.begin_refresh(clock);
            each.settle(m_now, m_bus);
        }
}

/// What idle channels did not ask for, before `clock`.
void channel_group::catch_up(std::uint64_t clock)
{
    while (clock > m_quiet_until) {
        // Only together, for a refresh of one may hold up what another has to close.
        if (!m_watched &&
            std::all_of(m_channels.begin(), m_channels.end(), [](const channel& each) { return each.all_closed(); }))
            for (channel& each : m_channels)
                each.skip_refreshes(clock);
        std::uint64_t step = never;
        bool refreshing = false;
        for (channel& each : m_channels) {
            each.settle(m_now, m_bus);
            step = std::min({step, each.row().clock, each.refresh_begin(m_now)});
            refreshing |= each.refreshing();
        }
        m_quiet_until = refreshing ? 0 : step;
        if (step >= clock)
            break;
        m_now = step;
        begin_refreshes(step);
        const auto row = std::find_if(m_channels.begin(), m_channels.end(),
                                      [step](const channel& each) { return each.row().clock == step; });
        if (row != m_channels.end())
            issue_row(*row, step);
        m_now = step + 1;
        m_quiet_until = 0;
    }
    m_stale = true;
}

void channel_group::idle_until(std::uint64_t clock)
{
    if (m_alone && clock <= m_alone_commands.column)
        no_longer_alone(clock);
    if (idle())
        catch_up(clock);
    for (channel& each : m_channels)
        each.count_open_clocks(clock);
}

std::size_t channel_group::waiting() const
{
    return m_waiting + m_future.size();
}

} // namespace loas::dram
