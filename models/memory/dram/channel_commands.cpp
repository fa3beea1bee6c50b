// What the commands of a channel do to it.
#include "models/memory/dram/channel.h"

namespace loas::dram
{

namespace
{

// By waiting_request::need. A table, for a branch could not be predicted.
constexpr std::uint64_t channel_statistics::*outcome_of_need[] = {
    &channel_statistics::row_hits, &channel_statistics::row_misses, &channel_statistics::row_conflicts};

} // namespace

// ---- Commands ----

void channel::issue_column(std::vector<completion>& done, std::vector<completion>& at_once)
{
    if (m_is_lone) {
        issue_lone_column(m_column.clock, done);
        return;
    }
    const auto [clock, sequence, bank, write, refresh] = m_column;
    request_window& requests = m_windows[write];
    const waiting_request& request = requests.hit(bank);
    tell(write ? command::write : command::read, clock, bank, request.row);
    const std::uint64_t end = move_data(clock, bank, write, request.arrival_clock, request.needed);
    if (!request.answered)
        done.push_back({request.id, end, m_refreshed[bank].total - request.refresh_mark, m_index});
    if (write)
        --writes_like(request.burst);

    const std::uint64_t kept = m_kept[write];
    const std::uint64_t hits = requests.hits();
    m_kept[write] &= ~bit(bank);
    requests.remove_hit(bank);
    m_column_stale = true;
    if (requests.hits() != hits || m_kept[write] != kept || m_in_order)
        changed(bank);
    if (m_closed_page && (((m_windows[0].hits() | m_windows[1].hits() | m_kept[0] | m_kept[1]) >> bank) & 1) == 0)
        auto_precharge(bank);
    choose_direction();
    while (!m_outside.empty() && !m_windows[m_outside.front().what.write ? 1 : 0].full()) {
        const outside_request next = m_outside.front();
        m_outside.pop();
        enter(next.what, next.sequence, clock + 1, next.refresh_mark, at_once);
    }
}

/// What a column command does to the channel. Returns the clock in which the last data beat is over.
std::uint64_t channel::move_data(std::uint64_t clock, std::uint32_t bank, bool write, std::uint64_t arrival_clock,
                                 need needed)
{
    const std::uint64_t end = m_timing.data_moved(bank, clock, write);
    m_row_ready &= ~bit(bank);
    observe::bank_statistics& of_bank = m_statistics.banks[bank];
    if (write) {
        ++m_statistics.writes;
        ++of_bank.writes;
        m_statistics.write_latency.count(end - arrival_clock);
    } else {
        ++m_statistics.reads;
        ++of_bank.reads;
        m_statistics.read_latency.count(end - arrival_clock);
    }
    m_statistics.data_clocks += m_timing.clocks().burst;
    m_statistics.active_clocks += less_or_zero(end, m_active_until);
    m_active_until = std::max(m_active_until, end);
    ++(m_statistics.*outcome_of_need[static_cast<std::size_t>(needed)]);
    of_bank.row_conflicts += needed == need::precharge;
    return end;
}

unsigned channel::issue_row()
{
    const auto [clock, sequence, bank, write, refresh] = m_row;
    m_row_stale = true;
    if (refresh)
        return issue_refresh(clock);
    if (m_is_lone)
        return issue_lone_row(clock);
    waiting_request& request = m_windows[write].oldest(bank);
    const unsigned bus_clocks = open_row(clock, bank, request.row, write, request.needed);
    choose_direction();
    return bus_clocks;
}

unsigned channel::issue_lone_row(std::uint64_t clock)
{
    const unsigned bus_clocks = open_row(clock, m_lone.bank, m_lone.what.where.row, m_lone.what.write, m_lone.needed);
    plan_lone();
    return bus_clocks;
}

/// ACTIVATE of the row, or PRECHARGE of the one that is open. Returns how many clocks of the bus it takes.
unsigned channel::open_row(std::uint64_t clock, std::uint32_t bank, std::uint64_t row, bool for_write, need& needed)
{
    if (is_open(bank)) {
        needed = need::precharge;
        close(clock, bank);
        return m_precharge_clocks;
    }
    needed = std::max(needed, need::activate);
    activate(clock, bank, row, for_write);
    return m_activate_clocks;
}

void channel::issue_lone_column(std::uint64_t clock, std::vector<completion>& done)
{
    const request& what = m_lone.what;
    const std::uint32_t bank = m_lone.bank;
    tell(what.write ? command::write : command::read, clock, bank, what.where.row);
    const std::uint64_t end = move_data(clock, bank, what.write, what.clock, m_lone.needed);
    done.push_back({what.id, end, m_refreshed[bank].total - m_lone.refresh_mark, m_index});
    if (what.write)
        --writes_like(burst_of(what.where));
    m_kept[what.write] = 0;
    m_windows[what.write].count_served(bank);
    if (m_closed_page)
        auto_precharge(bank);
    m_is_lone = false;
    m_column = m_row = {};
}

/// For a request to another row.
void channel::close(std::uint64_t clock, std::uint32_t bank)
{
    precharge(clock, bank);
    tell(command::precharge, clock, bank, 0);
}

void channel::activate(std::uint64_t clock, std::uint32_t bank, std::uint64_t row, bool for_write)
{
    m_timing.activated(bank, clock);
    m_row_ready &= ~bit(bank);
    if (m_open_banks == 0)
        m_open_since = std::max(clock, m_open_until);
    m_open_banks |= bit(bank);
    m_kept[for_write] |= bit(bank);
    for (request_window& requests : m_windows)
        requests.open(bank, row);
    changed(bank);
    ++m_statistics.activates;
    ++m_statistics.banks[bank].activates;
    tell(command::activate, clock, bank, row);
}

void channel::precharge(std::uint64_t clock, std::uint32_t bank)
{
    m_timing.precharged(bank, clock);
    m_row_ready &= ~bit(bank);
    m_open_until = std::max(m_open_until, clock);
    m_open_banks &= ~bit(bank);
    if (m_open_banks == 0)
        count_open_clocks(m_open_until);
    if (((m_kept[0] | m_kept[1]) >> bank & 1) != 0)
        ++m_statistics.unused_activates;
    m_kept[0] &= ~bit(bank);
    m_kept[1] &= ~bit(bank);
    for (request_window& requests : m_windows)
        requests.close(bank);
    changed(bank);
    m_column_stale |= m_column.bank == bank;
    ++m_statistics.precharges;
}

// With the column command, so it takes no place on the row bus and cannot be called off any more.
void channel::auto_precharge(std::uint32_t bank)
{
    const std::uint64_t clock = m_timing.precharge_from(bank);
    precharge(clock, bank);
    if (m_observer != nullptr) { // it has to see the commands in between first
        const auto later = std::find_if(m_pending.begin(), m_pending.end(),
                                        [clock](const pending_precharge& other) { return other.clock > clock; });
        m_pending.insert(later, {clock, bank});
    }
}

void channel::count_open_clocks(std::uint64_t clock)
{
    if (m_open_banks == 0)
        clock = std::min(clock, m_open_until);
    m_statistics.open_clocks += less_or_zero(clock, m_open_since);
    m_open_since = std::max(m_open_since, clock);
}

// ---- Refresh ----

void channel::begin_refresh(std::uint64_t clock)
{
    if (m_is_lone)
        no_longer_lone();
    m_refresh_begin = clock;
    m_blocked = m_per_bank ? bit(m_refresh_bank) : m_all_banks;
    m_column_stale = true;
    m_row_stale = true;
}

/// PRECHARGE of what is open, then REFRESH.
unsigned channel::issue_refresh(std::uint64_t clock)
{
    if (const std::uint64_t open = m_open_banks & m_blocked; open != 0) {
        for (std::uint64_t banks = open; banks != 0; banks &= banks - 1)
            precharge(clock, lowest(banks));
        tell(m_per_bank ? command::precharge : command::precharge_all, clock, lowest(m_blocked), 0);
    } else {
        tell(m_per_bank ? command::refresh_bank : command::refresh, clock, lowest(m_blocked), 0);
        end_refresh(clock);
    }
    choose_direction();
    return m_precharge_clocks;
}

void channel::end_refresh(std::uint64_t clock)
{
    const std::uint64_t end = clock + m_timing.clocks().refresh_clocks;
    for (std::uint64_t banks = m_blocked; banks != 0; banks &= banks - 1) {
        const std::uint32_t bank = lowest(banks);
        m_timing.refreshed(bank, clock, m_per_bank);
        m_row_ready &= ~bit(bank);
        m_refreshed[bank].end = end;
        m_refreshed[bank].total += end - m_refresh_begin;
    }
    if (m_per_bank) {
        m_refresh_bank = m_refresh_bank + 1 == m_refreshed.size() ? 0 : m_refresh_bank + 1;
        ++m_statistics.bank_refreshes;
    } else {
        ++m_statistics.refreshes;
    }
    m_refresh_due += m_timing.clocks().refresh_interval;
    m_blocked = 0;
    m_column_stale = true;
    m_row_stale = true;
}

void channel::skip_refreshes(std::uint64_t clock)
{
    if (m_refresh_due == never)
        return;
    const std::uint64_t left = max_postponed + 2 + (m_per_bank ? m_refreshed.size() : 0); // so many are done one by one
    const std::uint64_t due = less_or_zero(clock, m_refresh_due) / m_timing.clocks().refresh_interval;
    const std::uint64_t skipped = less_or_zero(due, left);
    m_refresh_due += skipped * m_timing.clocks().refresh_interval;
    if (m_per_bank) {
        m_refresh_bank = static_cast<std::uint32_t>((m_refresh_bank + skipped) % m_refreshed.size());
        m_statistics.bank_refreshes += skipped;
    } else {
        m_statistics.refreshes += skipped;
    }
}

// ---- Who looks on ----

void channel::tell(command what, std::uint64_t clock, std::uint32_t bank, std::uint64_t row)
{
    if (m_observer == nullptr)
        return;
    tell_pending(clock);
    m_observer->issued({m_index, what, clock, bank >> m_group_shift, bank & ((1U << m_group_shift) - 1), row});
}

void channel::tell_pending(std::uint64_t clock)
{
    std::size_t told = 0;
    for (; told < m_pending.size() && m_pending[told].clock <= clock; ++told) {
        const pending_precharge& pending = m_pending[told];
        m_observer->issued({m_index, command::auto_precharge, pending.clock, pending.bank >> m_group_shift,
                            pending.bank & ((1U << m_group_shift) - 1), 0});
    }
    m_pending.erase(m_pending.begin(), m_pending.begin() + static_cast<std::ptrdiff_t>(told));
}

} // namespace loas::dram
