#include "models/memory/dram/channel.h"

namespace loas::dram
{

namespace
{

bool comes_before(const candidate& a, const candidate& b)
{
    return a.clock < b.clock || (a.clock == b.clock && a.sequence < b.sequence);
}

/// In order, all waits for the oldest one.
bool oldest_goes(const request_window& requests)
{
    return requests.oldest_is_hit(requests.bank_of_oldest());
}

} // namespace

channel::channel(const parameters& parameters, std::uint32_t index)
    : m_timing(parameters), m_index(index), m_group_shift(log2_of(parameters.banks_per_group)),
      m_bank_shift(log2_of(parameters.row_bytes / parameters.burst_bytes())),
      m_row_shift(m_bank_shift + m_group_shift + log2_of(parameters.bank_groups)),
      m_activate_clocks(parameters.activate_clocks), m_precharge_clocks(parameters.precharge_clocks),
      m_closed_page(parameters.page == page_policy::closed), m_in_order(parameters.scheduler == scheduling::fcfs),
      m_per_bank(parameters.refresh == refresh_kind::per_bank), m_merge(parameters.merge_writes),
      m_posted(parameters.posted_writes),
      m_write_high(std::max(std::min(parameters.write_high, parameters.write_window), 1U)),
      m_write_low(std::min<std::size_t>(parameters.write_low, m_write_high - 1)),
      m_put_off(m_timing.clocks().refresh_put_off), m_windows{{parameters.banks(), parameters.read_window,
                                                               parameters.row_hit_cap},
                                                              {parameters.banks(), parameters.write_window,
                                                               parameters.row_hit_cap}},
      // A queue of one place would be full; a posted write is answered before its commands.
      m_may_be_lone(parameters.read_window > 1 && parameters.write_window > 1 && !parameters.posted_writes),
      m_writes_by_hash(256), m_all_banks(never >> (64 - parameters.banks())), m_refreshed(parameters.banks())
{
    m_statistics.banks.resize(parameters.banks());
    const std::uint64_t interval = m_timing.clocks().refresh_interval;
    if (interval != 0)
        m_refresh_due = parameters.refresh_staggered
                            ? interval * (index % parameters.channels + 1) / parameters.channels
                            : interval;
}

// ---- Requests ----

void channel::admit(const request& request, std::uint64_t sequence, std::vector<completion>& at_once)
{
    if (may_be_lone()) {
        admit_lone(request, sequence);
        return;
    }
    const std::size_t queued = waiting();
    ++m_statistics.queue_depth[observe::bucket_of(queued)];
    if (queued == 0)
        m_active_until = std::max(m_active_until, request.clock);
    const std::uint64_t mark = refreshed_until(bank_of(request.where), request.clock);
    if (m_is_lone)
        no_longer_lone();
    if (accepts(request.write))
        enter(request, sequence, request.clock, mark, at_once);
    else
        m_outside.push({request, sequence, mark});
}

void channel::no_longer_lone()
{
    m_is_lone = false;
    std::vector<completion> none; // it is not posted, and no write waits
    enter(m_lone.what, m_lone.sequence, m_lone.what.clock, m_lone.refresh_mark, none);
    m_windows[m_lone.what.write].oldest(m_lone.bank).needed = m_lone.needed;
    m_column_stale = true;
    m_row_stale = true;
}

/// Clocks before `clock` in which the bank was refreshed or waited for it, counted from any beginning.
std::uint64_t channel::refreshed_until(std::uint32_t bank, std::uint64_t clock) const
{
    std::uint64_t clocks = m_refreshed[bank].total - less_or_zero(m_refreshed[bank].end, clock);
    if ((m_blocked >> bank & 1) != 0)
        clocks += less_or_zero(clock, m_refresh_begin);
    return clocks;
}

/// A request that came earlier gets its place in the queue in `clock`.
void channel::enter(const request& request, std::uint64_t sequence, std::uint64_t clock, std::uint64_t refresh_mark,
                    std::vector<completion>& at_once)
{
    m_newest = sequence;
    m_statistics.queue_full_clocks += clock - request.clock;
    const std::uint32_t bank = bank_of(request.where);
    const std::uint64_t burst = burst_of(request.where);
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
    entry.needed = need::none;
    entry.answered = request.write && m_posted;
    if (entry.answered)
        at_once.push_back({request.id, clock + 1, 0, m_index});
    entered.entered(entry);
    if (entered.hits() != hits || entered.misses() != misses)
        changed(bank);
    choose_direction();
}

/// A read is answered from a waiting write to its burst; a write becomes one with it.
bool channel::needs_no_command(const request& request, std::uint64_t burst, std::uint64_t clock,
                               std::vector<completion>& at_once)
{
    const std::uint32_t own = request.write ? 1 : 0;
    if ((request.write && !m_merge) || writes_like(burst) == own || !m_windows[1].holds(burst))
        return false;
    writes_like(burst) -= own;
    const std::uint64_t latency = clock + 1 - request.clock;
    if (request.write) {
        ++m_statistics.writes;
        ++m_statistics.merged_writes;
        m_statistics.write_latency.count(latency);
    } else {
        ++m_statistics.reads;
        ++m_statistics.forwarded_reads;
        m_statistics.read_latency.count(latency);
    }
    at_once.push_back({request.id, clock + 1, 0, m_index});
    return true;
}

// ---- What comes next ----

void channel::choose_direction()
{
    const std::size_t writes = m_windows[1].waiting();
    if (writes == 0 && !m_draining && !m_wanted && !m_writing)
        return; // no bank is kept for a write either
    const std::size_t reads = m_windows[0].waiting();
    const bool gap = reads == 0 ? writes != 0 : (m_windows[0].hits() | m_kept[0]) == 0 && m_kept[1] != 0;
    m_draining = gap || (m_draining ? writes > m_write_low : writes >= m_write_high);
    bool wanted = m_draining;
    const request_window& requests = m_windows[wanted];
    if ((banks_of(requests) & m_kept[!wanted]) != 0) {
        const std::uint32_t oldest = requests.bank_of_oldest();
        // In order, hits of younger requests do not help.
        const bool goes = m_in_order ? requests.oldest_is_hit(oldest) : (requests.hits() >> oldest & 1) != 0;
        if (!goes && (m_kept[!wanted] >> oldest & 1) != 0)
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

void channel::choose_column(std::uint64_t earliest)
{
    m_column_stale = false;
    m_column_new = 0;
    const request_window& requests = m_windows[m_writing];
    std::uint64_t banks = requests.hits() & ~m_blocked;
    if (m_wanted != m_writing)
        banks &= m_kept[m_writing];
    if (m_in_order && banks != 0)
        banks &= oldest_goes(requests) ? bit(requests.bank_of_oldest()) : 0;
    m_column = first_column(banks, earliest);
}

/// As choose_column() would find it, among what was chosen and the banks with something new.
void channel::consider_columns(std::uint64_t earliest)
{
    const std::uint64_t banks =
        m_windows[m_writing].hits() & m_column_new & ~m_blocked & (m_wanted != m_writing ? m_kept[m_writing] : never);
    m_column_new = 0;
    if (const candidate found = first_column(banks, earliest); comes_before(found, m_column))
        m_column = found;
}

/// The oldest of those with the smallest clock. One number has all three, for the branches of a comparison of clocks
/// and ages could not be predicted: clocks after the earliest one possible (26 bits; mistake_in keeps all times far
/// below), negative age (32 bits), bank (6 bits).
candidate channel::first_column(std::uint64_t banks, std::uint64_t earliest) const
{
    if (banks == 0)
        return {};
    const request_window& requests = m_windows[m_writing];
    std::uint64_t first = never;
    for (; banks != 0; banks &= banks - 1) {
        const std::uint32_t bank = lowest(banks);
        const std::uint64_t later = std::max(earliest, m_timing.column_from(bank, m_writing)) - earliest;
        const auto age = static_cast<std::uint32_t>(requests.hit_sequence(bank) - m_newest - 1);
        first = std::min(first, later << 38 | std::uint64_t{age} << 6 | bank);
    }
    const auto bank = static_cast<std::uint32_t>(first & 63);
    return {earliest + (first >> 38), requests.hit_sequence(bank), bank, m_writing, false};
}

void channel::choose_row(std::uint64_t earliest)
{
    m_row_stale = false;
    m_row_new = 0;
    m_row = {};
    m_row_stays = 0;
    if (m_blocked != 0 && choose_refresh(earliest))
        return;
    const std::uint64_t open_to_all = ~(m_kept[0] | m_kept[1] | m_blocked);
    const request_window& requests = m_windows[m_wanted];
    std::uint64_t banks = requests.misses() & open_to_all;
    if (m_in_order && requests.waiting() != 0)
        banks = oldest_goes(requests) ? 0 : bit(requests.bank_of_oldest()) & open_to_all;
    candidate first = first_row(m_wanted, banks, earliest, m_row_stays);
    if (first.clock != earliest && m_wanted == m_writing && !m_in_order) {
        banks = m_windows[!m_wanted].misses() & open_to_all & ~banks_of(requests);
        std::uint64_t stays = 0;
        if (const candidate prepared = first_row(!m_wanted, banks, earliest, stays); prepared.clock < first.clock) {
            first = prepared;
            m_row_stays = 0;
        }
    }
    if (first.clock < m_row.clock) // else a refresh of one bank
        m_row = first;
    if (m_blocked != 0)
        m_row_stays = 0;
}

/// As choose_row() would find it, among what was chosen and the banks with something new.
void channel::consider_rows(std::uint64_t earliest)
{
    const std::uint64_t banks = m_row_new & ~(m_kept[0] | m_kept[1] | m_blocked);
    m_row_new = 0;
    for (const bool write : {m_wanted, !m_wanted}) {
        std::uint64_t eligible = banks & m_windows[write].misses();
        if (write != m_wanted)
            eligible &= m_wanted == m_writing ? ~banks_of(m_windows[m_wanted]) : 0;
        if (eligible == 0)
            continue;
        std::uint64_t stays = 0;
        const candidate found = first_row(write, eligible, earliest, stays);
        const bool same_kind = m_row.write == write && m_row.clock != never && !m_row.refresh;
        if (found.clock < m_row.clock || (found.clock == m_row.clock && !m_row.refresh &&
                                          (same_kind ? found.sequence < m_row.sequence : write == m_wanted))) {
            m_row = found;
            m_row_stays = 0;
        } else if (!same_kind || found.sequence < m_row.sequence) {
            m_row_stays = std::min(m_row_stays, found.clock);
        }
    }
}

/// The oldest of those with the smallest clock. `stays`: were it put off, it would still come before the others until
/// then.
candidate channel::first_row(bool write, std::uint64_t banks, std::uint64_t earliest, std::uint64_t& stays)
{
    stays = never;
    if (banks == 0)
        return {};
    const request_window& requests = m_windows[write];
    if ((banks & (banks - 1)) == 0) {
        const std::uint32_t bank = lowest(banks);
        const std::uint64_t from = is_open(bank) ? m_timing.precharge_from(bank) : m_timing.activate_from(bank);
        return {std::max(earliest, from), requests.oldest_sequence(bank), bank, write, false};
    }
    // Mostly the bus is what is waited for: some bank is ready, and only ages have to be compared.
    for (std::uint64_t waiting = banks & ~m_row_ready; waiting != 0; waiting &= waiting - 1) {
        const std::uint32_t bank = lowest(waiting);
        const std::uint64_t from = is_open(bank) ? m_timing.precharge_from(bank) : m_timing.own_activate_from(bank);
        m_row_ready |= std::uint64_t{from <= earliest} << bank;
        stays = std::min(stays, from <= earliest ? never : from);
    }
    std::uint64_t others_from = never;
    const std::uint64_t groups = m_timing.groups_that_activate(earliest, others_from);
    std::uint64_t ready = banks & m_row_ready & (m_open_banks | groups);
    if (ready != 0) {
        stays = std::min(stays, others_from);
        std::uint64_t oldest = never; // sequence and bank in one, for no branch could be predicted
        for (; ready != 0; ready &= ready - 1)
            oldest = std::min(oldest, requests.oldest_sequence(lowest(ready)) << 6 | lowest(ready));
        return {earliest, oldest >> 6, static_cast<std::uint32_t>(oldest & 63), write, false};
    }
    std::uint64_t first = never;
    for (; banks != 0; banks &= banks - 1) {
        const std::uint32_t bank = lowest(banks);
        const std::uint64_t from = is_open(bank) ? m_timing.precharge_from(bank) : m_timing.activate_from(bank);
        const auto age = static_cast<std::uint32_t>(requests.oldest_sequence(bank) - m_newest - 1);
        first = std::min(first, (std::max(from, earliest) - earliest) << 38 | std::uint64_t{age} << 6 | bank);
    }
    stays = 0;
    const auto bank = static_cast<std::uint32_t>(first & 63);
    return {earliest + (first >> 38), requests.oldest_sequence(bank), bank, write, false};
}

/// The next command of the refresh that has begun. True: no other row command can come before it.
bool channel::choose_refresh(std::uint64_t earliest)
{
    std::uint64_t clock = earliest;
    if (const std::uint64_t open = m_open_banks & m_blocked; open != 0) {
        for (std::uint64_t banks = open; banks != 0; banks &= banks - 1)
            clock = std::max(clock, m_timing.precharge_from(lowest(banks)));
        if (!m_per_bank)
            clock = std::max(clock, m_open_until); // those that close by themselves
    } else {
        clock =
            std::max(clock, m_per_bank ? m_timing.refresh_from(lowest(m_blocked)) : m_timing.refresh_from(m_blocked));
    }
    m_row = {clock, 0, lowest(m_blocked), false, true};
    return !m_per_bank || clock == earliest;
}

} // namespace loas::dram
