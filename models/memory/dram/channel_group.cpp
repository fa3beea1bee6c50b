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
      m_column_clocks(parameters.column_clocks), m_posted(parameters.posted_writes)
{
    const timing_clocks clocks(parameters);
    m_answer_clocks = std::min(clocks.cl, clocks.cwl) + clocks.burst;
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
    const bool soon = expect(request);
    // Nothing happens before next_clock(), so a request for no later clock finds the channels as they are now. One for
    // a later clock has to wait, or the result would depend on how far ahead the caller announces requests.
    if (m_future.empty() && (request.clock <= m_now || idle() || request.clock <= next_clock())) {
        admit(request, ++m_sequence);
    } else {
        keep_for_later(request, soon);
    }
    m_stale = true;
    m_answers_from = std::min(m_answers_from, request.clock + (soon ? 1 : m_answer_clocks));
}

bool channel_group::announce(const request& request)
{
    const bool soon = expect(request);
    m_stale = true;
    channel& to = m_channels[request.where.channel - m_first];
    std::uint64_t column = request.clock;
    if (m_future.empty() && request.clock < m_quiet_until && to.may_be_lone()) { // whatever the others do
        to.admit_lone(request, ++m_sequence);
        ++m_waiting;
        column = to.lone_column_from();
    } else if (idle()) {
        admit(request, ++m_sequence);
    } else {
        keep_for_later(request, soon);
    }
    const std::uint64_t from = soon ? request.clock + 1 : column + m_answer_clocks;
    const bool sooner = from < m_answers_from;
    m_answers_from = sooner ? from : m_answers_from;
    return sooner;
}

/// soon: it may be answered without a command.
void channel_group::keep_for_later(const request& request, bool soon)
{
    m_future_soon = soon || (m_future_soon && !m_future.empty());
    m_future.push(request);
}

/// Before it enters. True: it may be answered without a command.
bool channel_group::expect(const request& request)
{
    if (request.clock > m_quiet_until && idle())
        catch_up(request.clock);
    const bool soon = m_channels[request.where.channel - m_first].expect(request) || (m_posted && request.write);
    ++m_unanswered;
    return soon;
}

void channel_group::run_to(std::uint64_t clock, std::vector<completion>& done)
{
    if (run_lone(clock, done))
        return;
    while (next_clock() <= clock)
        advance(m_next, done);
    while (!m_future.empty() && m_future.front().clock <= next_clock())
        admit_next();
    expect_answers(next_clock());
    if (!m_at_once.empty())
        m_answers_from = m_now + 1;
    else if (std::any_of(m_channels.begin(), m_channels.end(), [](const channel& each) { return each.overflows(); }))
        m_answers_from = std::min(m_answers_from, m_next + 1); // who gets a place then may need no command
}

/// The same as long as no channel has to choose: the same decisions, without what is kept for choosing. False: what is
/// left is for advance().
bool channel_group::run_lone(std::uint64_t clock, std::vector<completion>& done)
{
    if (!m_at_once.empty() || m_one_bus ||
        !std::all_of(m_channels.begin(), m_channels.end(), [](const channel& each) { return each.simple(); }))
        return false;
    m_stale = true;
    if (m_quiet_until <= m_now)
        m_quiet_until = first_refresh_due();
    const std::size_t told = done.size();
    for (;;) {
        // What comes next, a row command and a column command at most: both are chosen from what is before it.
        channel *row = nullptr, *column = nullptr;
        std::uint64_t row_clock = never, column_clock = never;
        for (channel& each : m_channels) {
            if (!each.is_lone())
                continue;
            const bool is_column = each.lone_column_is_next();
            const std::uint64_t at = std::max({each.lone_from(), is_column ? m_bus.column : m_bus.row, m_now});
            channel*& chosen = is_column ? column : row;
            std::uint64_t& chosen_clock = is_column ? column_clock : row_clock;
            if (at < chosen_clock || (at == chosen_clock && each.lone_sequence() < chosen->lone_sequence())) {
                chosen = &each;
                chosen_clock = at;
            }
        }
        const std::uint64_t next = std::min(row_clock, column_clock);
        const bool enters = !m_future.empty() && m_future.front().clock <= std::min(next, clock);
        if (const std::uint64_t up_to = enters ? m_future.front().clock : std::min(next, clock);
            up_to >= m_quiet_until && (enters || next != never))
            break; // a refresh comes first
        if (enters) {
            if (!m_channels[m_future.front().where.channel - m_first].may_be_lone())
                break;
            admit_next();
            continue;
        }
        if (next > clock) {
            m_unanswered -= done.size() - told;
            expect_answers(std::min(column_clock, row == nullptr ? never : row_clock + row->column_after_row()));
            return true;
        }
        if (row_clock == next)
            m_bus.row = next + row->issue_lone_row(next);
        if (column_clock == next) {
            column->issue_lone_column(next, done);
            m_bus.column = next + m_column_clocks;
            --m_waiting;
        }
        m_now = next + 1;
    }
    m_unanswered -= done.size() - told;
    return false;
}

void channel_group::admit(const request& request, std::uint64_t sequence)
{
    m_now = std::max(m_now, request.clock);
    channel& to = m_channels[request.where.channel - m_first];
    const std::size_t before = to.waiting();
    to.admit(request, sequence, m_at_once);
    m_waiting += to.waiting() - before;
}

void channel_group::admit_next()
{
    const request request = m_future.front();
    m_future.pop();
    admit(request, ++m_sequence);
    m_stale = true;
}

/// column: the least clock in which one comes for what has entered.
void channel_group::expect_answers(std::uint64_t column)
{
    m_answers_from = never;
    if (m_unanswered == 0)
        return;
    if (!m_future.empty()) {
        const request& next = m_future.front();
        if (m_future_soon)
            m_answers_from = next.clock + 1;
        column = std::min(column, next.clock);
    }
    m_answers_from = std::min(m_answers_from, column + m_answer_clocks);
}

std::uint64_t channel_group::first_refresh_due() const
{
    std::uint64_t due = never;
    for (const channel& each : m_channels)
        due = std::min(due, each.refresh_due());
    return due;
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
    m_now = std::max(m_now, clock);
    while (!m_future.empty() && m_future.front().clock <= clock)
        admit_next();
    if (next_clock() != clock)
        return;
    const std::size_t told = done.size();
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
    if (m_one_bus && row != nullptr && column != nullptr)
        (row->row().sequence < column->column().sequence ? column : row) = nullptr;
    if (row != nullptr)
        issue_row(*row, clock);
    if (column != nullptr)
        issue_column(*column, clock, done);
    m_unanswered -= done.size() - told;
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
