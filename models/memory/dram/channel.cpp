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

} // namespace

channel::channel(const parameters& parameters, std::uint32_t index)
    : m_timing(checked(parameters)), m_index(index), m_group_shift(log2_of(parameters.banks_per_group)),
      m_bank_shift(log2_of(parameters.row_bytes / parameters.burst_bytes())),
      m_row_shift(m_bank_shift + m_group_shift + log2_of(parameters.bank_groups)),
      m_closed_page(parameters.page == page_policy::closed), m_in_order(parameters.scheduler == scheduling::fcfs),
      m_write_high(std::max(parameters.write_high, 1U)),
      m_write_low(std::min<std::size_t>(parameters.write_low, m_write_high - 1)),
      m_windows{{parameters.banks(), parameters.read_window}, {parameters.banks(), parameters.write_window}},
      m_writes_by_hash(hashes), m_banks(parameters.banks()), m_group_column(parameters.bank_groups)
{
    if (m_timing.refi != 0)
        m_refresh_due = parameters.refresh_staggered
                            ? std::uint64_t{m_timing.refi} * (index % parameters.channels + 1) / parameters.channels
                            : m_timing.refi;
}

void channel::push(const request& request)
{
    if (m_alone) {
        m_alone = false;
        admit(m_alone_request, m_alone_needed);
    } else if (waiting() == 0 && take_alone(request)) {
        return;
    }
    // Nothing happens before next_clock(), so a request for no later clock finds the channel as it is now. One for a
    // later clock has to wait, or the result would depend on how far ahead the caller announces requests.
    if (m_future.empty() && (request.clock <= m_now || request.clock <= next_clock())) {
        admit(request);
    } else {
        m_future.push(request);
        m_stale = true;
    }
}

/// A request comes to the idle channel.
void channel::arrive(std::uint64_t clock)
{
    m_now = std::max(m_now, clock);
    refresh_until(clock);
    m_active_until = std::max(m_active_until, clock);
}

/// For a request to the idle channel. False: its commands are not known yet, for something else comes in between.
bool channel::take_alone(const request& request)
{
    if (m_closed_page)
        return false;
    arrive(request.clock);
    const std::uint32_t bank = bank_of(request.where);
    const bank_state& state = m_banks[bank];
    m_next_step = column;
    std::uint64_t clock = m_now;
    std::uint64_t ready = state.column;
    if (!m_windows[0].is_open(bank, request.where.row)) {
        std::uint64_t activate = std::max(m_next_activate, state.activate);
        clock = std::max(clock, m_next_row);
        m_next_step = open_row;
        if (is_open(bank)) {
            m_next_step = close_row;
            clock = std::max(clock, state.precharge);
            m_steps[close_row] = clock;
            activate = std::max(activate, clock + m_timing.rp);
            ++clock;
        }
        clock = std::max(clock, activate);
        m_steps[open_row] = clock;
        ready = clock + m_timing.rcd;
        ++clock;
    }
    m_steps[column] = std::max({clock, ready, m_next_column, request.write ? m_next_write : m_next_read,
                                m_group_column[request.where.bank_group]});
    m_alone = m_steps[column] < m_refresh_due;
    if (m_alone) {
        m_alone_request = request;
        m_alone_needed = waiting_request::need::none;
    }
    return m_alone;
}

void channel::step_alone(std::uint64_t clock, std::vector<completion>& done)
{
    const request& request = m_alone_request;
    const std::uint32_t bank = bank_of(request.where);
    m_now = clock + 1;
    if (m_next_step != column) {
        issue_row(clock, bank, request.where.row, m_alone_needed);
        ++m_next_step;
        return;
    }
    m_alone = false;
    m_stale = false;
    m_next = never;
    ++m_statistics.queue_depth[0];
    tell(request.write ? command::write : command::read, clock, bank, request.where.row);
    const std::uint64_t end = move_data(clock, bank, request.write, request.clock, m_alone_needed);
    done.push_back({request.id, end, less_or_zero(m_refresh_end, request.clock)});
}

void channel::admit(const request& request, waiting_request::need needed)
{
    const std::size_t waiting = waiting_now();
    if (waiting == 0)
        arrive(request.clock);
    m_now = std::max(m_now, request.clock);
    m_stale = true;
    ++m_statistics.queue_depth[observe::bucket_of(waiting)];

    const std::uint64_t sequence = m_sequence++;
    const std::uint32_t bank = bank_of(request.where);
    const std::uint64_t burst =
        (request.where.row << m_row_shift) + (std::uint64_t{bank} << m_bank_shift) + request.where.column;
    if (request.write) {
        ++m_writes_by_hash[hash_of(burst)];
    } else if (m_windows[1].waiting() != 0 && m_writes_by_hash[hash_of(burst)] != 0 && m_windows[1].holds(burst)) {
        ++m_statistics.reads;
        ++m_statistics.forwarded_reads;
        ++m_statistics.read_latency_clocks[observe::bucket_of(1)];
        m_forwarded.push_back({request.id, request.clock + 1, 0});
        return;
    }

    request_window& entered = m_windows[request.write ? 1 : 0];
    const std::uint64_t hits = entered.hits();
    const std::uint64_t misses = entered.misses();
    waiting_request& entry = entered.make_room();
    entry.id = request.id;
    entry.arrival_clock = request.clock;
    entry.sequence = sequence;
    entry.burst = burst;
    entry.row = request.where.row;
    entry.refresh_mark = m_refresh_total - less_or_zero(m_refresh_end, request.clock);
    entry.bank = bank;
    entry.needed = needed;
    entered.entered(entry);
    m_column_stale |= entered.hits() != hits;
    m_row_stale |= entered.misses() != misses;
    choose_kind();
}

// Reads or writes next?
void channel::choose_kind()
{
    const std::size_t reads = m_windows[0].waiting();
    const std::size_t writes = m_windows[1].waiting();
    m_draining = m_draining ? writes > m_write_low : writes >= m_write_high;
    const bool writing = m_draining || (reads == 0 && writes != 0);
    if (writing != m_writing) {
        m_writing = writing;
        m_column_stale = true;
        m_row_stale = true;
    }
}

void channel::settle() const
{
    const request_window& requests = window();
    std::uint64_t column_banks = requests.hits();
    std::uint64_t row_banks = requests.misses();
    if (m_in_order && (m_column_stale || m_row_stale)) {
        const std::uint64_t oldest = requests.bank_of_oldest();
        const bool hit = oldest != 0 && requests.oldest_is_hit(static_cast<std::uint32_t>(__builtin_ctzll(oldest)));
        column_banks = hit ? oldest : 0;
        row_banks = hit ? 0 : oldest;
        m_column_stale = true;
        m_row_stale = true;
    }
    if (m_column_stale) {
        const std::uint64_t earliest = std::max({m_now, m_next_column, m_writing ? m_next_write : m_next_read});
        m_column = of_rank(earliest_column(column_banks, earliest), earliest);
    }
    if (m_row_stale) {
        const std::uint64_t earliest = std::max(m_now, m_next_row);
        m_row = of_rank(earliest_row(row_banks, earliest), earliest);
    }
    m_column_stale = false;
    m_row_stale = false;
    m_stale = false;
    m_next = std::min(m_column.clock, m_row.clock);
    if (m_next != never)
        m_next = std::min(m_next, m_refresh_due);
    if (!m_forwarded.empty())
        m_next = m_now;
    if (!m_future.empty())
        m_next = std::min(m_next, m_future.front().clock);
}

// First come, first served among those that are ready first: that is the oldest of those with the smallest clock. One
// number has all three, for the branches of a comparison of clocks and ages could not be predicted: clocks after the
// earliest one possible (26 bits; mistake_in keeps all times far below), negative age (32 bits), bank (6 bits).
std::uint64_t channel::rank(std::uint64_t clocks, std::uint64_t sequence, std::uint32_t bank) const
{
    return clocks << 38 | std::uint64_t{static_cast<std::uint32_t>(sequence - m_sequence)} << 6 | bank;
}

channel::candidate channel::of_rank(std::uint64_t rank, std::uint64_t earliest)
{
    if (rank == never)
        return {};
    return {earliest + (rank >> 38), static_cast<std::uint32_t>(rank & 63)};
}

std::uint64_t channel::earliest_column(std::uint64_t banks, std::uint64_t earliest) const
{
    const request_window& requests = window();
    std::uint64_t best = never;
    for (; banks != 0; banks &= banks - 1) {
        const auto bank = static_cast<std::uint32_t>(__builtin_ctzll(banks));
        const std::uint64_t ready = std::max(m_banks[bank].column, m_group_column[bank >> m_group_shift]);
        best = std::min(best, rank(std::max(earliest, ready) - earliest, requests.hit_sequence(bank), bank));
    }
    return best;
}

std::uint64_t channel::earliest_row(std::uint64_t banks, std::uint64_t earliest) const
{
    const request_window& requests = window();
    std::uint64_t best = never;
    for (std::uint64_t open = banks & m_open_banks; open != 0; open &= open - 1) {
        const auto bank = static_cast<std::uint32_t>(__builtin_ctzll(open));
        const std::uint64_t clock = std::max(earliest, m_banks[bank].precharge);
        best = std::min(best, rank(clock - earliest, requests.oldest_sequence(bank), bank));
    }
    const std::uint64_t any_activate = std::max(earliest, m_next_activate);
    for (std::uint64_t closed = banks & ~m_open_banks; closed != 0; closed &= closed - 1) {
        const auto bank = static_cast<std::uint32_t>(__builtin_ctzll(closed));
        const std::uint64_t clock = std::max(any_activate, m_banks[bank].activate);
        best = std::min(best, rank(clock - earliest, requests.oldest_sequence(bank), bank));
    }
    return best;
}

void channel::advance(std::uint64_t clock, std::vector<completion>& done)
{
    if (m_alone) {
        step_alone(clock, done);
        return;
    }
    m_now = std::max(m_now, clock);
    while (!m_future.empty() && m_future.front().clock <= clock) {
        const request request = m_future.front();
        m_future.pop();
        admit(request);
    }
    if (next_clock() != clock)
        return;
    m_stale = true;
    m_now = clock + 1; // one decision a clock
    if (!m_forwarded.empty()) {
        done.insert(done.end(), m_forwarded.begin(), m_forwarded.end());
        m_forwarded.clear();
    }
    // Both are chosen from what was before this clock.
    const candidate column = m_column;
    const candidate row = m_row;
    if (m_refresh_due <= clock) {
        if (waiting_now() != 0)
            refresh();
        return;
    }
    // The row first, because the column command may end the turn of the reads or writes for which the row was chosen.
    if (row.clock == clock) {
        waiting_request& oldest = window().oldest(row.bank);
        issue_row(clock, row.bank, oldest.row, oldest.needed);
    }
    if (column.clock == clock)
        issue_column(clock, column.bank, done);
}

void channel::issue_column(std::uint64_t clock, std::uint32_t bank, std::vector<completion>& done)
{
    const bool write = m_writing;
    request_window& requests = window();
    const waiting_request& request = requests.hit(bank);
    tell(write ? command::write : command::read, clock, bank, request.row);

    const std::uint64_t end = move_data(clock, bank, write, request.arrival_clock, request.needed);
    if (write)
        --m_writes_by_hash[hash_of(request.burst)];
    done.push_back({request.id, end, m_refresh_total - request.refresh_mark});
    const std::uint64_t misses = requests.misses();
    requests.remove_hit(bank);
    m_column_stale = true;
    m_row_stale |= requests.misses() != misses;

    if (m_closed_page && ((m_windows[0].hits() | m_windows[1].hits()) >> bank & 1) == 0)
        auto_precharge(bank);
    choose_kind();
}

/// What a column command does to the channel. Returns the clock in which the last data beat is over.
std::uint64_t channel::move_data(std::uint64_t clock, std::uint32_t bank, bool write, std::uint64_t arrival_clock,
                                 waiting_request::need needed)
{
    m_next_column = clock + m_timing.ccd_s;
    m_group_column[bank >> m_group_shift] = clock + m_timing.ccd_l;
    std::uint64_t& precharge = m_banks[bank].precharge;
    std::uint64_t end = clock + m_timing.burst;
    if (write) {
        end += m_timing.cwl;
        m_next_read = end + m_timing.wtr;
        precharge = std::max(precharge, end + m_timing.wr);
        ++m_statistics.writes;
    } else {
        end += m_timing.cl;
        m_next_write = less_or_zero(end + 1, m_timing.cwl); // a clock in which the data bus turns round
        precharge = std::max(precharge, clock + m_timing.rtp);
        ++m_statistics.reads;
        ++m_statistics.read_latency_clocks[observe::bucket_of(end - arrival_clock)];
    }
    m_statistics.data_clocks += m_timing.burst;
    m_statistics.active_clocks += less_or_zero(end, m_active_until);
    m_active_until = std::max(m_active_until, end);
    ++(m_statistics.*outcome_of_need[static_cast<std::size_t>(needed)]);
    return end;
}

/// For a request that needs `row`.
void channel::issue_row(std::uint64_t clock, std::uint32_t bank, std::uint64_t row, waiting_request::need& needed)
{
    m_next_row = clock + 1;
    if (is_open(bank)) {
        needed = waiting_request::need::precharge;
        precharge(clock, bank);
        tell(command::precharge, clock, bank, 0);
    } else {
        needed = std::max(needed, waiting_request::need::activate);
        activate(clock, bank, row);
    }
}

void channel::activate(std::uint64_t clock, std::uint32_t bank, std::uint64_t row)
{
    m_banks[bank].activate = clock + m_timing.rc;
    m_banks[bank].column = clock + m_timing.rcd;
    m_banks[bank].precharge = clock + m_timing.ras;
    m_fifth_activate[m_oldest_activate] = clock + m_timing.faw;
    m_oldest_activate = (m_oldest_activate + 1) % 4;
    m_next_activate = std::max(clock + m_timing.rrd, m_fifth_activate[m_oldest_activate]);
    m_open_banks |= std::uint64_t{1} << bank;
    for (request_window& requests : m_windows)
        requests.open(bank, row);
    m_column_stale = true;
    m_row_stale = true;
    ++m_statistics.activates;
    tell(command::activate, clock, bank, row);
}

void channel::precharge(std::uint64_t clock, std::uint32_t bank)
{
    m_banks[bank].activate = std::max(m_banks[bank].activate, clock + m_timing.rp);
    m_refresh_ready = std::max(m_refresh_ready, clock + m_timing.rp);
    m_open_banks &= ~(std::uint64_t{1} << bank);
    for (request_window& requests : m_windows)
        requests.close(bank);
    m_row_stale = true; // not the column: no request of this turn hits in the bank, or it is closed for a refresh
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

// Nothing but this can happen from the clock in which the refresh is due to its end, so it is done as a whole.
void channel::refresh()
{
    std::uint64_t clock = std::max(m_refresh_due, m_next_row);
    while (m_open_banks != 0) {
        std::uint32_t first = max_banks;
        for (std::uint64_t banks = m_open_banks; banks != 0; banks &= banks - 1) {
            const auto bank = static_cast<std::uint32_t>(__builtin_ctzll(banks));
            if (first == max_banks || m_banks[bank].precharge < m_banks[first].precharge)
                first = bank;
        }
        clock = std::max(clock, m_banks[first].precharge);
        precharge(clock, first);
        tell(command::precharge, clock, first, 0);
        ++clock;
    }
    clock = std::max(clock, m_refresh_ready);
    tell(command::refresh, clock, 0, 0);
    ++m_statistics.refreshes;
    m_refresh_end = clock + m_timing.rfc;
    m_refresh_total += m_refresh_end - m_refresh_due;
    m_refresh_due += m_timing.refi;
    m_next_row = std::max(m_refresh_end, clock + 1);
    m_column_stale = true;
    m_row_stale = true;
}

// What an idle channel did not ask for.
void channel::refresh_until(std::uint64_t clock)
{
    if (m_refresh_due > clock)
        return;
    refresh();
    if (m_observer == nullptr && m_refresh_due <= clock) {
        // All banks are closed now: all but the last one are alike and leave nothing behind.
        const std::uint64_t skipped = (clock - m_refresh_due) / m_timing.refi;
        m_statistics.refreshes += skipped;
        m_refresh_due += skipped * m_timing.refi;
    }
    while (m_refresh_due <= clock)
        refresh();
}

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
        m_observer->issued({m_index, command::precharge, pending.clock, pending.bank >> m_group_shift,
                            pending.bank & ((1U << m_group_shift) - 1), 0});
    }
    m_pending.erase(m_pending.begin(), m_pending.begin() + static_cast<std::ptrdiff_t>(told));
}

} // namespace loas::dram
