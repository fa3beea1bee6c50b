// One DRAM channel (in HBM: a pseudo channel) with its queues and command scheduler, in command clocks. It says which
// column command and which row command it would issue next; channel_group asks, since channels may share the buses on
// which commands come.
//
// The rules:
// - Column commands: of those that can come first, the oldest request to an open row (FR-FCFS).
// - Reads go before writes, until the writes reach the high watermark or leave a gap: no read waits, or none has an
//   open row while a row is open for a write. Then writes go first down to the low watermark, or as long as that gap
//   lasts. The data bus turns only when each row that was opened for a request of the old direction has been used.
// - A row that was opened for a request is not closed before it has been used, except for a refresh.
// - Row commands serve the direction that is wanted; in clocks without one for it, they prepare banks for the other one
//   in which the wanted direction has no request.
// - When the oldest request of the wanted direction waits for a bank that is kept for the other one, that one goes
//   first.
#pragma once

#include "models/memory/dram/command_timing.h"
#include "models/memory/dram/commands.h"
#include "models/memory/dram/parameters.h"
#include "models/memory/dram/request_window.h"
#include "models/observe/memory_statistics.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace loas::dram
{

/// A request whose data have moved, or will have at end_clock.
struct completion {
    std::uint64_t id;
    std::uint64_t end_clock;      ///< last data beat is over
    std::uint64_t refresh_clocks; ///< clocks that the request waited while its bank was refreshed
    std::uint32_t channel;
};

struct request {
    std::uint64_t id; ///< the caller's
    location where;
    bool write;
    std::uint64_t clock; ///< of arrival
};

using observe::channel_statistics;

constexpr std::uint64_t never = ~std::uint64_t{0};

/// First clocks in which commands find their bus free.
struct command_bus {
    std::uint64_t row = 0;
    std::uint64_t column = 0;
};

/// The next command of a kind.
struct candidate {
    std::uint64_t clock = never;
    std::uint64_t sequence = never; ///< of the request for which it is; 0: a refresh, which goes first
    std::uint32_t bank = 0;
    bool write = false; ///< for a waiting write
    bool refresh = false;
};

class channel
{
public:
    /// Throws std::invalid_argument when there is a mistake_in the parameters.
    channel(const parameters& parameters, std::uint32_t index);

    std::uint32_t index() const { return m_index; }
    void set_observer(command_observer* observer) { m_observer = observer; }

    /// A request arrives; sequence numbers (from 1) order requests of channels that share a bus. Those that need no
    /// command are appended to `at_once`.
    ///
    /// Most requests find nothing waiting and are served before another one comes. For such a one there is nothing to
    /// choose, so it is kept apart (m_lone) until another one joins it or a refresh begins; then it becomes one like
    /// others, of which some commands may have been issued.
    void admit(const request& request, std::uint64_t sequence, std::vector<completion>& at_once);

    /// Chooses what comes next, not before `now`. Afterwards column(), row() and refresh_begin() are up to date; what
    /// they say stays true until something is issued or admitted here, or a bus is taken.
    void settle(std::uint64_t now, const command_bus& bus)
    {
        if (m_is_lone) {
            const bool is_column = lone_column_is_next();
            const std::uint64_t at = std::max({lone_from(), is_column ? bus.column : bus.row, now});
            (is_column ? m_row : m_column).clock = never;
            (is_column ? m_column : m_row) = {at, m_lone.sequence, m_lone.bank, m_lone.what.write, false};
            return;
        }
        if (const std::uint64_t earliest = std::max(now, bus.column); m_column_stale || m_column.clock < earliest)
            choose_column(earliest);
        else if (m_column_new != 0)
            consider_columns(earliest);
        const std::uint64_t earliest = std::max(now, bus.row);
        if (m_row.clock < earliest && earliest < m_row_stays)
            m_row.clock = earliest;
        if (m_row_stale || m_row.clock < earliest)
            choose_row(earliest);
        else if (m_row_new != 0)
            consider_rows(earliest);
    }
    const candidate& column() const { return m_column; }
    const candidate& row() const { return m_row; }
    /// When the next refresh begins: from then on the banks concerned have no other commands. Not before `now`, and not
    /// before it is due.
    std::uint64_t refresh_begin(std::uint64_t now) const
    {
        if (m_blocked != 0 || m_refresh_due == never)
            return never;
        return std::max(now, m_refresh_due + (waiting() != 0 ? m_put_off : 0));
    }
    std::uint64_t refresh_due() const { return m_refresh_due; }

    void begin_refresh(std::uint64_t clock);
    /// Issues column() in its clock. Appends the request to `done`, unless it has been answered.
    void issue_column(std::vector<completion>& done, std::vector<completion>& at_once);
    /// Issues row() in its clock. Returns how many clocks of the bus it takes.
    unsigned issue_row();

    /// Clocks from a row command to a column command that has waited for it, at least.
    std::uint64_t column_after_row() const { return std::min(m_timing.clocks().rcd, m_timing.clocks().rcd_write); }

    // A lone request: its next command, and from when on it may come, whatever the buses do.
    bool is_lone() const { return m_is_lone; }
    std::uint64_t lone_sequence() const { return m_lone.sequence; }
    bool lone_column_is_next() const { return m_lone.column_is_next; }
    std::uint64_t lone_from() const { return m_lone.from; }
    /// It may arrive later than what has been decided, if no refresh comes before it.
    void admit_lone(const request& request, std::uint64_t sequence)
    {
        const std::uint32_t bank = bank_of(request.where);
        ++m_statistics.queue_depth[0];
        m_active_until = std::max(m_active_until, request.clock);
        m_is_lone = true;
        m_lone.what = request;
        m_lone.sequence = sequence;
        m_lone.refresh_mark = m_refreshed[bank].total - less_or_zero(m_refreshed[bank].end, request.clock);
        m_lone.bank = bank;
        m_lone.needed = need::none;
        m_lone.from = request.clock;
        plan_lone();
    }
    /// Its column command does not come before.
    std::uint64_t lone_column_from() const { return m_lone.from + (m_lone.column_is_next ? 0 : column_after_row()); }
    /// Returns how many clocks of the bus it takes.
    unsigned issue_lone_row(std::uint64_t clock);
    void issue_lone_column(std::uint64_t clock, std::vector<completion>& done);

    /// Nothing is to be chosen here: at most one request waits, and no refresh is under way.
    bool simple() const { return m_blocked == 0 && waiting() == (m_is_lone ? 1 : 0); }
    /// A request that comes would be a lone one.
    bool may_be_lone() const { return m_may_be_lone && m_blocked == 0 && waiting() == 0; }

    bool all_closed() const { return m_open_banks == 0 && m_blocked == 0; }
    bool refreshing() const { return m_blocked != 0; }
    /// Refreshes that leave nothing behind, of an idle channel that is all_closed(), up to `clock`: counts them, except
    /// for the last ones.
    void skip_refreshes(std::uint64_t clock);

    /// Whether so many requests that come now find places in the queue, or as many of them as it has places.
    bool accepts(bool write, std::size_t requests = 1) const
    {
        const request_window& window = m_windows[write ? 1 : 0];
        const std::size_t lone = m_is_lone && m_lone.what.write == write ? 1 : 0;
        return m_outside.empty() && window.waiting() + lone + std::min(requests, window.places()) <= window.places();
    }
    /// From this clock on no data move, unless something waits.
    std::uint64_t data_end() const { return m_active_until; }
    /// A request will come. True: perhaps it needs no command, for a write to the same burst is on its way.
    bool expect(const request& what)
    {
        std::uint32_t& like = writes_like(burst_of(what.where));
        const bool others = like != 0;
        like += what.write ? 1 : 0;
        return others;
    }
    /// Requests wait for a place in the queue.
    bool overflows() const { return !m_outside.empty(); }
    /// Requests without their column command, those without a place in the queue as well.
    std::size_t waiting() const
    {
        return m_windows[0].waiting() + m_windows[1].waiting() + m_outside.size() + (m_is_lone ? 1 : 0);
    }
    channel_statistics statistics() const
    {
        channel_statistics all = m_statistics;
        all.read_latency_clocks = all.read_latency.in_buckets();
        return all;
    }
    /// Puts clocks with a row open up to `clock` into the statistics, which else come with the last PRECHARGE.
    void count_open_clocks(std::uint64_t clock);

private:
    using need = waiting_request::need;

    struct refresh_history { // of a bank
        std::uint64_t end = 0;
        std::uint64_t total = 0; // clocks from begin to end of all its refreshes
    };
    struct outside_request {
        request what;
        std::uint64_t sequence;
        std::uint64_t refresh_mark;
    };
    struct lone_request {
        request what{};
        std::uint64_t sequence = 0;
        std::uint64_t refresh_mark = 0;
        std::uint64_t from = 0; // of its next command
        std::uint32_t bank = 0;
        need needed = need::none;
        bool column_is_next = false;
    };
    struct pending_precharge {
        std::uint64_t clock;
        std::uint32_t bank;
    };

    static std::uint64_t bit(std::uint32_t bank) { return std::uint64_t{1} << bank; }
    static std::uint32_t lowest(std::uint64_t banks) { return static_cast<std::uint32_t>(__builtin_ctzll(banks)); }
    bool is_open(std::uint32_t bank) const { return (m_open_banks >> bank & 1) != 0; }
    static std::uint64_t banks_of(const request_window& window) { return window.hits() | window.misses(); }
    std::uint32_t bank_of(const location& where) const { return (where.bank_group << m_group_shift) + where.bank; }
    std::uint64_t burst_of(const location& where) const
    {
        return (where.row << m_row_shift) + (std::uint64_t{bank_of(where)} << m_bank_shift) + where.column;
    }
    /// Writes, waiting or to come, to bursts that cannot be told from this one; mostly none.
    std::uint32_t& writes_like(std::uint64_t burst) { return m_writes_by_hash[(burst * 0x9E3779B97F4A7C15u) >> 56]; }

    // channel.cpp: requests, and what comes next
    std::uint64_t refreshed_until(std::uint32_t bank, std::uint64_t clock) const;
    void enter(const request& request, std::uint64_t sequence, std::uint64_t clock, std::uint64_t refresh_mark,
               std::vector<completion>& at_once);
    bool needs_no_command(const request& request, std::uint64_t burst, std::uint64_t clock,
                          std::vector<completion>& at_once);
    void plan_lone()
    {
        const std::uint32_t bank = m_lone.bank;
        m_lone.column_is_next = m_windows[0].is_open(bank, m_lone.what.where.row);
        m_lone.from = std::max(m_lone.from, m_lone.column_is_next ? m_timing.column_from(bank, m_lone.what.write)
                                            : is_open(bank)       ? m_timing.precharge_from(bank)
                                                                  : m_timing.activate_from(bank));
    }
    void no_longer_lone();
    void choose_direction();
    void choose_column(std::uint64_t earliest);
    void choose_row(std::uint64_t earliest);
    void consider_columns(std::uint64_t earliest);
    void consider_rows(std::uint64_t earliest);
    void changed(std::uint32_t bank);
    bool choose_refresh(std::uint64_t earliest);
    candidate first_column(std::uint64_t banks, std::uint64_t earliest) const;
    candidate first_row(bool write, std::uint64_t banks, std::uint64_t earliest, std::uint64_t& stays);

    // channel_commands.cpp
    std::uint64_t move_data(std::uint64_t clock, std::uint32_t bank, bool write, std::uint64_t arrival_clock,
                            need needed);
    unsigned open_row(std::uint64_t clock, std::uint32_t bank, std::uint64_t row, bool for_write, need& needed);
    void activate(std::uint64_t clock, std::uint32_t bank, std::uint64_t row, bool for_write);
    void precharge(std::uint64_t clock, std::uint32_t bank);
    void close(std::uint64_t clock, std::uint32_t bank);
    void auto_precharge(std::uint32_t bank);
    unsigned issue_refresh(std::uint64_t clock);
    void end_refresh(std::uint64_t clock);
    void tell(command what, std::uint64_t clock, std::uint32_t bank, std::uint64_t row);
    void tell_pending(std::uint64_t clock);

    command_timing m_timing;
    std::uint32_t m_index;
    unsigned m_group_shift; // bank of the channel to bank group
    unsigned m_bank_shift;  // bank of the channel in the number of a burst
    unsigned m_row_shift;   // row in the number of a burst
    unsigned m_activate_clocks, m_precharge_clocks;
    bool m_closed_page;
    bool m_in_order;
    bool m_per_bank;
    bool m_merge;
    bool m_posted;
    std::size_t m_write_high;
    std::size_t m_write_low;
    std::uint64_t m_put_off; // clocks for which waiting requests put off a refresh

    request_window m_windows[2];     // reads, writes
    ring<outside_request> m_outside; // in order, without a place in the queue
    bool m_may_be_lone;
    bool m_is_lone = false;
    lone_request m_lone;
    std::vector<std::uint32_t> m_writes_by_hash;
    std::uint64_t m_newest = 0; // sequence of the last one that entered
    bool m_draining = false;
    bool m_wanted = false;        // direction that row commands serve: writes?
    bool m_writing = false;       // direction of the data bus
    std::uint64_t m_kept[2] = {}; // banks opened for a read or a write that has not come yet

    std::uint64_t m_all_banks;
    std::uint64_t m_open_banks = 0; // bit b: bank b
    std::uint64_t m_open_since = 0;
    std::uint64_t m_open_until = 0;

    std::vector<refresh_history> m_refreshed;
    std::uint64_t m_refresh_due = never;
    std::uint64_t m_refresh_begin = 0;
    std::uint32_t m_refresh_bank = 0; // the next one, when they are refreshed one by one
    std::uint64_t m_blocked = 0;      // banks that are closed and refreshed now
    std::uint64_t m_active_until = 0;

    candidate m_column;
    candidate m_row;
    // What is chosen stays chosen until it is stale; banks with something new are compared with it.
    bool m_column_stale = false;
    bool m_row_stale = false;
    std::uint64_t m_row_ready = 0; // banks known to wait for nothing that they did themselves
    std::uint64_t m_row_stays = 0; // put off, m_row is still the right one until then
    std::uint64_t m_column_new = 0;
    std::uint64_t m_row_new = 0;

    command_observer* m_observer = nullptr;
    std::vector<pending_precharge> m_pending; // in order of time; only what an observer has not seen yet
    channel_statistics m_statistics;
};

} // namespace loas::dram
