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
    void admit(const request& request, std::uint64_t sequence, std::vector<completion>& at_once);

    /// Chooses what comes next, not before `now`. Afterwards column(), row() and refresh_begin() are up to date; what
    /// they say stays true until something is issued or admitted here, or a bus is taken.
    void settle(std::uint64_t now, const command_bus& bus)
    {
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

    /// All commands of a request, for which nothing else is done before its column command.
    struct commands_alone {
        std::uint64_t precharge = never; ///< clock; never: not needed
        std::uint64_t activate = never;
        std::uint64_t column = 0;
        std::uint64_t row_bus = 0; ///< first clock in which the bus is free again
    };
    /// For a channel in which nothing waits.
    commands_alone plan_alone(const request& request, std::uint64_t now, const command_bus& bus) const;
    void issue_alone(const request& request, const commands_alone& planned, std::vector<completion>& done);

    bool all_closed() const { return m_open_banks == 0 && m_blocked == 0; }
    bool refreshing() const { return m_blocked != 0; }
    /// Refreshes that leave nothing behind, of an idle channel that is all_closed(), up to `clock`: counts them, except
    /// for the last ones.
    void skip_refreshes(std::uint64_t clock);

    /// Whether a request that comes now finds a place in the queue.
    bool accepts(bool write) const { return m_outside.empty() && !m_windows[write ? 1 : 0].full(); }
    /// Requests without their column command, those without a place in the queue as well.
    std::size_t waiting() const { return m_windows[0].waiting() + m_windows[1].waiting() + m_outside.size(); }
    const channel_statistics& statistics() const { return m_statistics; }
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
    struct pending_precharge {
        std::uint64_t clock;
        std::uint32_t bank;
    };

    static std::uint64_t bit(std::uint32_t bank) { return std::uint64_t{1} << bank; }
    static std::uint32_t lowest(std::uint64_t banks) { return static_cast<std::uint32_t>(__builtin_ctzll(banks)); }
    bool is_open(std::uint32_t bank) const { return (m_open_banks >> bank & 1) != 0; }
    static std::uint64_t banks_of(const request_window& window) { return window.hits() | window.misses(); }
    std::uint32_t bank_of(const location& where) const { return (where.bank_group << m_group_shift) + where.bank; }
    /// Waiting writes to bursts that cannot be told from this one; mostly none.
    std::uint32_t& writes_like(std::uint64_t burst) { return m_writes_by_hash[(burst * 0x9E3779B97F4A7C15u) >> 56]; }

    // channel.cpp: requests, and what comes next
    std::uint64_t refreshed_until(std::uint32_t bank, std::uint64_t clock) const;
    void enter(const request& request, std::uint64_t sequence, std::uint64_t clock, std::uint64_t refresh_mark,
               std::vector<completion>& at_once);
    bool needs_no_command(const request& request, std::uint64_t burst, std::uint64_t clock,
                          std::vector<completion>& at_once);
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
    unsigned m_column_after_activate; // clocks of the bus, at least
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
