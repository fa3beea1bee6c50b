#include "models/memory/dram/channel.h"

#include <algorithm>

namespace loas::dram
{

namespace
{

constexpr std::size_t hashes = 256;

// By waiting_request::need. A table, for a branch could not be predicted.
constexpr std::uint64_t channel_statistics::*outcome_of_need[] = {
    &channel_statistics::row_hits, &channel_statistics::row_misses, &channel_statistics::row_conflicts};

std::size_t hash_of(std::uint64_t burst)
{
    return static_cast<std::size_t>((burst * 0x9E3779B97F4A7C15u) >> 56);
}

unsigned log2_of(unsigned power_of_two)
{
    return static_cast<unsigned>(__builtin_ctz(power_of_two));
}

std::uint64_t less_or_zero(std::uint64_t from, std::uint64_t amount)
{
    return from > amount ? from - amount : 0;
}

std::uint32_t lowest(std::uint64_t banks)
{
    return static_cast<std::uint32_t>(__builtin_ctzll(banks));
}

std::uint64_t bit(std::uint32_t bank)
{
    return std::uint64_t{1} << bank;
}

} // namespace

channel::channel(const parameters& parameters, std::uint32_t index)
    : m_timing(checked(parameters)), m_index(index), m_group_shift(log2_of(parameters.banks_per_group)),
      m_bank_shift(log2_of(parameters.row_bytes / parameters.burst_bytes())),
      m_row_shift(m_bank_shift + m_group_shift + log2_of(parameters.bank_groups)),
      m_activate_clocks(parameters.activate_clocks), m_precharge_clocks(parameters.precharge_clocks),
      m_closed_page(parameters.page == page_policy::closed), m_in_order(parameters.scheduler == scheduling::fcfs),
      m_per_bank(parameters.refresh == refresh_kind::per_bank), m_merge(parameters.merge_writes),
      m_posted(parameters.posted_writes),
      m_write_high(std::max(std::min(parameters.write_high, parameters.write_window), 1U)),
      m_write_low(std::min<std::size_t>(parameters.write_low, m_write_high - 1)),
      m_put_off(m_timing.refresh_put_off), m_windows{{parameters.banks(), parameters.read_window,
                                                      parameters.row_hit_cap},
                                                     {parameters.banks(), parameters.write_window,
                                                      parameters.row_hit_cap}},
      m_writes_by_hash(hashes), m_banks(parameters.banks()), m_group_column(parameters.bank_groups),
      m_group_activate(parameters.bank_groups), m_all_banks(never >> (64 - parameters.banks()))
{
    m_statistics.banks.resize(parameters.banks());
    const std::uint64_t interval = m_timing.refresh_interval;
    if (interval != 0)
        m_refresh_due = parameters.refresh_staggered
                            ? interval * (index % parameters.channels + 1) / parameters.channels
                            : interval;
}

// ---- Requests ----

void channel::admit(const request& request, std::uint64_t sequence, std::vector<completion>& at_once)
{
    const std::size_t queued = waiting();
    ++m_statistics.queue_depth[observe::bucket_of(queued)];
    if (queued == 0)
        m_active_until = std::max(m_active_until, request.clock);
    const std::uint32_t bank = bank_of(request.where);
    const std::uint64_t mark = refreshed_until(m_banks[bank], bank, request.clock);
    if (accepts(request.write))
        enter(request, sequence, request.clock, mark, at_once);
    else
        m_outside.push({request, sequence, mark});
}

/// Clocks before `clock` in which the bank was refreshed or waited for it, counted from any beginning.
std::uint64_t channel::refreshed_until(const bank_state& bank, std::uint32_t index, std::uint64_t clock) const
{
    std::uint64_t clocks = bank.refresh_total - less_or_zero(bank.refresh_end, clock);
    if ((m_blocked >> index & 1) != 0)
        clocks += less_or_zero(clock, m_refresh_begin);
    return clocks;
}

/// A request that came earlier gets its place in the queue in `clock`.
void channel::enter(const request& request, std::uint64_t sequence, std::uint64_t clock, std::uint64_t refresh_mark,
                    std::vector<completion>& at_once)
{
    m_sequence = std::max(m_sequence, sequence + 1);
    m_statistics.queue_full_clocks += clock - request.clock;
    const std::uint32_t bank = bank_of(request.where);
    const std::uint64_t burst =
        (request.where.row << m_row_shift) + (std::uint64_t{bank} << m_bank_shift) + request.where.column;
    if (needs_no_command(request, burst, clock, at_once))
        return;

    request_window& entered = m_windows[request.write ? 1 : 0];
    const std::uint64_t hits = entered.hits();
    const std::uint64_t misses = entered.misses();
    waiting_request& entry = entered.make_room();
    entry.id = request.id;
    entry.arrival_clock = request.clock;
    entry.sequence = sequence;
    entry.burst = burst;
    entry.row = request.where.row;
    entry.refresh_mark = refresh_mark;
    entry.bank = bank;
    entry.needed = waiting_request::need::none;
    entry.answered = request.write && m_posted;
    if (request.write)
        ++m_writes_by_hash[hash_of(burst)];
    if (entry.answered)
        at_once.push_back({request.id, clock + 1, 0});
    entered.entered(entry);
    if (entered.hits() != hits || entered.misses() != misses)
        changed(bank);
    choose_direction();
}

/// A read is answered from a waiting write to its burst; a write becomes one with it.
bool channel::needs_no_command(const request& request, std::uint64_t burst, std::uint64_t clock,
                               std::vector<completion>& at_once)
{
    if ((request.write && !m_merge) || m_writes_by_hash[hash_of(burst)] == 0 || !m_windows[1].holds(burst))
        return false;
    const std::uint64_t latency = clock + 1 - request.clock;
    if (request.write) {
        ++m_statistics.writes;
        ++m_statistics.merged_writes;
        m_statistics.write_latency.count(latency);
    } else {
        ++m_statistics.reads;
        ++m_statistics.forwarded_reads;
        ++m_statistics.read_latency_clocks[observe::bucket_of(latency)];
        m_statistics.read_latency.count(latency);
    }
    at_once.push_back({request.id, clock + 1, 0});
    return true;
}

// ---- What comes next ----

std::uint64_t channel::banks_of(const request_window& window) const
{
    return window.hits() | window.misses();
}

void channel::choose_direction()
{
    const std::size_t reads = m_windows[0].waiting();
    const std::size_t writes = m_windows[1].waiting();
    const bool gap = reads == 0 ? writes != 0 : (m_windows[0].hits() | m_kept[0]) == 0 && m_kept[1] != 0;
    m_draining = gap || (m_draining ? writes > m_write_low : writes >= m_write_high);
    bool wanted = m_draining;
    const request_window& requests = m_windows[wanted];
    if (const std::uint64_t kept = banks_of(requests) & m_kept[!wanted]; kept != 0) {
        const std::uint64_t oldest = requests.bank_of_oldest() & kept;
        const std::uint64_t hits = m_in_order ? 0 : requests.hits(); // in order, those of younger requests do not help
        if ((oldest & ~hits) != 0 && !requests.oldest_is_hit(lowest(oldest)))
            wanted = !wanted;
    }
    const bool writing = m_kept[m_writing] == 0 ? wanted : m_writing;
    if (wanted != m_wanted || writing != m_writing) {
        m_wanted = wanted;
        m_writing = writing;
        m_column_stale = true;
        m_row_stale = true;
    }
}

/// A bank has a first request of a kind, or a hit, or no longer.
void channel::changed(std::uint32_t bank)
{
    m_column_new |= bit(bank);
    m_row_new |= bit(bank);
    // In order, all hangs on the oldest request; and what was chosen for this bank may not be right any more.
    m_column_stale |= m_in_order;
    m_row_stale |= m_in_order || m_row.bank == bank;
}

/// As choose_column() would find it, among what was chosen and the banks with something new.
void channel::consider_columns(std::uint64_t earliest)
{
    const std::uint64_t banks =
        m_windows[m_writing].hits() & m_column_new & ~m_blocked & (m_wanted != m_writing ? m_kept[m_writing] : never);
    m_column_new = 0;
    if (banks == 0)
        return;
    earliest = std::max(earliest, m_next_column[m_writing]);
    const std::uint64_t best = earliest_column(banks, earliest);
    const auto bank = static_cast<std::uint32_t>(best & 63);
    const candidate found{earliest + (best >> 38), m_windows[m_writing].hit_sequence(bank), bank, m_writing, false};
    if (found.clock < m_column.clock || (found.clock == m_column.clock && found.sequence < m_column.sequence))
        m_column = found;
}

/// The same of rows.
void channel::consider_rows(std::uint64_t earliest)
{
    const std::uint64_t banks = m_row_new & ~(m_kept[0] | m_kept[1] | m_blocked);
    m_row_new = 0;
    for (const bool write : {m_wanted, !m_wanted}) {
        const request_window& requests = m_windows[write];
        std::uint64_t eligible = banks & requests.misses();
        if (write != m_wanted)
            eligible &= m_wanted == m_writing ? ~banks_of(m_windows[m_wanted]) : 0;
        if (eligible == 0)
            continue;
        const std::uint64_t best = earliest_row(requests, eligible, earliest);
        const auto bank = static_cast<std::uint32_t>(best & 63);
        const candidate found{earliest + (best >> 38), requests.oldest_sequence(bank), bank, write, false};
        const bool same_kind = m_row.write == write && m_row.clock != never && !m_row.refresh;
        if (found.clock < m_row.clock || (found.clock == m_row.clock && !m_row.refresh &&
                                          (same_kind ? found.sequence < m_row.sequence : write == m_wanted)))
            m_row = found;
    }
}

void channel::choose_column(std::uint64_t earliest)
{
    m_column_stale = false;
    m_column_new = 0;
    const request_window& requests = m_windows[m_writing];
    std::uint64_t banks = requests.hits() & ~m_blocked;
    if (m_wanted != m_writing)
        banks &= m_kept[m_writing];
    if (m_in_order && banks != 0) {
        banks &= requests.bank_of_oldest();
        if (banks != 0 && !requests.oldest_is_hit(lowest(banks)))
            banks = 0;
    }
    m_column = {};
    if (banks == 0)
        return;
    earliest = std::max(earliest, m_next_column[m_writing]);
    const std::uint64_t best = earliest_column(banks, earliest);
    const auto bank = static_cast<std::uint32_t>(best & 63);
    m_column = {earliest + (best >> 38), requests.hit_sequence(bank), bank, m_writing, false};
}

void channel::choose_row(std::uint64_t earliest)
{
    m_row_stale = false;
    m_row_new = 0;
    m_row = {};
    if (m_blocked != 0 && choose_refresh(earliest))
        return;
    bool write = m_wanted;
    const std::uint64_t closed_to_all = m_kept[0] | m_kept[1] | m_blocked;
    std::uint64_t banks = m_windows[write].misses() & ~closed_to_all;
    if (m_in_order && m_windows[write].waiting() != 0) {
        const std::uint64_t oldest = m_windows[write].bank_of_oldest();
        banks = m_windows[write].oldest_is_hit(lowest(oldest)) ? 0 : oldest & ~closed_to_all;
    }
    std::uint64_t best = banks != 0 ? earliest_row(m_windows[write], banks, earliest) : never;
    if (best >> 38 != 0 && m_wanted == m_writing && !m_in_order) {
        const std::uint64_t idle = m_windows[!write].misses() & ~closed_to_all & ~banks_of(m_windows[write]);
        const std::uint64_t prepared = idle != 0 ? earliest_row(m_windows[!write], idle, earliest) : never;
        if (prepared >> 38 < best >> 38) {
            best = prepared;
            write = !write;
        }
    }
    if (best == never)
        return;
    const std::uint64_t clock = earliest + (best >> 38);
    if (m_row.clock <= clock) // a refresh of one bank
        return;
    const auto bank = static_cast<std::uint32_t>(best & 63);
    m_row = {clock, m_windows[write].oldest_sequence(bank), bank, write, false};
}

/// The next command of the refresh that has begun. True: no other row command can come before it.
bool channel::choose_refresh(std::uint64_t earliest)
{
    std::uint64_t clock = earliest;
    if (const std::uint64_t open = m_open_banks & m_blocked; open != 0) {
        for (std::uint64_t banks = open; banks != 0; banks &= banks - 1)
            clock = std::max(clock, m_banks[lowest(banks)].precharge);
        if (!m_per_bank)
            clock = std::max(clock, m_open_until); // those that close by themselves
    } else {
        for (std::uint64_t banks = m_blocked; banks != 0; banks &= banks - 1)
            clock = std::max(clock, m_banks[lowest(banks)].activate);
        if (m_per_bank)
            clock = std::max({clock, m_next_activate, m_group_activate[lowest(m_blocked) >> m_group_shift]});
    }
    m_row = {clock, 0, lowest(m_blocked), false, true};
    return !m_per_bank || clock == earliest;
}

// First come, first served among those that are ready first: that is the oldest of those with the smallest clock. One
// number has all three, for the branches of a comparison of clocks and ages could not be predicted: clocks after the
// earliest one possible (26 bits; mistake_in keeps all times far below), negative age (32 bits), bank (6 bits).
std::uint64_t channel::rank(std::uint64_t clocks, std::uint64_t sequence, std::uint32_t bank) const
{
    return clocks << 38 | std::uint64_t{static_cast<std::uint32_t>(sequence - m_sequence)} << 6 | bank;
}

std::uint64_t channel::earliest_column(std::uint64_t banks, std::uint64_t earliest) const
{
    const request_window& requests = m_windows[m_writing];
    std::uint64_t best = never;
    for (; banks != 0; banks &= banks - 1) {
        const std::uint32_t bank = lowest(banks);
        const std::uint64_t ready =
            std::max(m_banks[bank].column[m_writing], m_group_column[bank >> m_group_shift][m_writing]);
        best = std::min(best, rank(less_or_zero(ready, earliest), requests.hit_sequence(bank), bank));
    }
    return best;
}

std::uint64_t channel::earliest_row(const request_window& requests, std::uint64_t banks, std::uint64_t earliest) const
{
    std::uint64_t best = never;
    for (std::uint64_t open = banks & m_open_banks; open != 0; open &= open - 1) {
        const std::uint32_t bank = lowest(open);
        best =
            std::min(best, rank(less_or_zero(m_banks[bank].precharge, earliest), requests.oldest_sequence(bank), bank));
    }
    const std::uint64_t any_activate = std::max(earliest, m_next_activate);
    for (std::uint64_t closed = banks & ~m_open_banks; closed != 0; closed &= closed - 1) {
        const std::uint32_t bank = lowest(closed);
        const std::uint64_t ready = std::max(m_banks[bank].activate, m_group_activate[bank >> m_group_shift]);
        best = std::min(best, rank(std::max(any_activate, ready) - earliest, requests.oldest_sequence(bank), bank));
    }
    return best;
}

// ---- Commands ----

void channel::issue_column(std::vector<completion>& done, std::vector<completion>& at_once)
{
    const auto [clock, sequence, bank, write, refresh] = m_column;
    request_window& requests = m_windows[write];
    const waiting_request& request = requests.hit(bank);
    tell(write ? command::write : command::read, clock, bank, request.row);
    const std::uint64_t end = move_data(clock, request, write);
    if (!request.answered)
        done.push_back({request.id, end, m_banks[bank].refresh_total - request.refresh_mark});
    if (write)
        --m_writes_by_hash[hash_of(request.burst)];

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
std::uint64_t channel::move_data(std::uint64_t clock, const waiting_request& request, bool write)
{
    const std::uint32_t group = request.bank >> m_group_shift;
    m_next_column[0] = std::max(m_next_column[0], clock + m_timing.ccd_s);
    m_next_column[1] = std::max(m_next_column[1], clock + m_timing.ccd_s);
    for (std::uint64_t& ready : m_group_column[group])
        ready = std::max(ready, clock + m_timing.ccd_l);
    std::uint64_t& precharge = m_banks[request.bank].precharge;
    std::uint64_t end = clock + m_timing.burst;
    observe::bank_statistics& of_bank = m_statistics.banks[request.bank];
    if (write) {
        end += m_timing.cwl;
        m_next_column[0] = std::max(m_next_column[0], end + m_timing.wtr);
        m_group_column[group][0] = std::max(m_group_column[group][0], end + m_timing.wtr_l);
        precharge = std::max(precharge, end + m_timing.wr);
        ++m_statistics.writes;
        ++of_bank.writes;
        m_statistics.write_latency.count(end - request.arrival_clock);
    } else {
        end += m_timing.cl;
        m_next_column[1] = std::max(m_next_column[1], less_or_zero(end + 1, m_timing.cwl)); // the data bus turns round
        precharge = std::max(precharge, clock + m_timing.rtp);
        ++m_statistics.reads;
        ++of_bank.reads;
        ++m_statistics.read_latency_clocks[observe::bucket_of(end - request.arrival_clock)];
        m_statistics.read_latency.count(end - request.arrival_clock);
    }
    m_statistics.data_clocks += m_timing.burst;
    m_statistics.active_clocks += less_or_zero(end, m_active_until);
    m_active_until = std::max(m_active_until, end);
    ++(m_statistics.*outcome_of_need[static_cast<std::size_t>(request.needed)]);
    return end;
}

unsigned channel::issue_row()
{
    const auto [clock, sequence, bank, write, refresh] = m_row;
    m_row_stale = true;
    if (refresh)
        return issue_refresh(clock);
    waiting_request& request = m_windows[write].oldest(bank);
    const bool close = is_open(bank);
    if (close) {
        request.needed = waiting_request::need::precharge;
        precharge(clock, bank);
        tell(command::precharge, clock, bank, 0);
        ++m_statistics.banks[bank].row_conflicts;
    } else {
        request.needed = std::max(request.needed, waiting_request::need::activate);
        activate(clock, bank, request.row, write);
    }
    choose_direction();
    return close ? m_precharge_clocks : m_activate_clocks;
}

void channel::activate(std::uint64_t clock, std::uint32_t bank, std::uint64_t row, bool for_write)
{
    bank_state& state = m_banks[bank];
    state.activate = clock + m_timing.rc;
    state.column[0] = clock + m_timing.rcd;
    state.column[1] = clock + m_timing.rcd_write;
    state.precharge = clock + m_timing.ras;
    m_fifth_activate[m_oldest_activate] = clock + m_timing.faw;
    m_oldest_activate = (m_oldest_activate + 1) % 4;
    m_next_activate = std::max({m_next_activate, clock + m_timing.rrd, m_fifth_activate[m_oldest_activate]});
    m_group_activate[bank >> m_group_shift] = clock + m_timing.rrd_l;
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
    m_banks[bank].activate = std::max(m_banks[bank].activate, clock + m_timing.rp);
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
    const std::uint64_t clock = m_banks[bank].precharge;
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
    const std::uint64_t end = clock + m_timing.refresh_clocks;
    for (std::uint64_t banks = m_blocked; banks != 0; banks &= banks - 1) {
        bank_state& bank = m_banks[lowest(banks)];
        bank.activate = end;
        bank.refresh_end = end;
        bank.refresh_total += end - m_refresh_begin;
    }
    if (m_per_bank) {
        m_next_activate = std::max(m_next_activate, clock + m_timing.rrefd);
        m_refresh_bank = m_refresh_bank + 1 == m_banks.size() ? 0 : m_refresh_bank + 1;
        ++m_statistics.bank_refreshes;
    } else {
        ++m_statistics.refreshes;
    }
    m_refresh_due += m_timing.refresh_interval;
    m_blocked = 0;
    m_column_stale = true;
    m_row_stale = true;
}

void channel::skip_refreshes(std::uint64_t clock)
{
    if (m_refresh_due == never)
        return;
    const std::uint64_t left = max_postponed + 2 + (m_per_bank ? m_banks.size() : 0); // so many are done one by one
    const std::uint64_t due = less_or_zero(clock, m_refresh_due) / m_timing.refresh_interval;
    const std::uint64_t skipped = less_or_zero(due, left);
    m_refresh_due += skipped * m_timing.refresh_interval;
    if (m_per_bank) {
        m_refresh_bank = static_cast<std::uint32_t>((m_refresh_bank + skipped) % m_banks.size());
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
