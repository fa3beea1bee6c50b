// One DRAM channel with its queue and command scheduler, in command clocks. Plain C++: whoever drives it says when.
//
// How it is driven: push() requests in order of time; next_clock() says when the channel could do something;
// advance(clock) with exactly that clock issues the commands of that clock. Column commands and row commands have a
// bus each (as in HBM), one command a clock on either.
#pragma once

#include "models/memory/dram/parameters.h"
#include "models/memory/dram/request_window.h"
#include "models/observe/memory_statistics.h"

#include <array>
#include <cstdint>
#include <vector>

namespace loas::dram
{

enum class command : std::uint8_t { activate, precharge, read, write, refresh };

struct issued_command {
    std::uint32_t channel;
    command what;
    std::uint64_t clock;
    std::uint32_t bank_group; ///< meaningless for refresh
    std::uint32_t bank;
    std::uint64_t row; ///< of an activate, read or write
};

/// Sees every command of every channel, in order of time within a channel.
class command_observer
{
public:
    virtual ~command_observer() = default;
    virtual void issued(const issued_command& command) = 0;
};

/// A request whose data have moved, or will have at end_clock.
struct completion {
    std::uint64_t id;
    std::uint64_t end_clock;      ///< last data beat is over
    std::uint64_t refresh_clocks; ///< clocks that the request waited while the channel refreshed
};

using observe::channel_statistics;

class channel
{
public:
    static constexpr std::uint64_t never = ~std::uint64_t{0};

    struct request {
        std::uint64_t id; ///< the caller's
        location where;
        bool write;
        std::uint64_t clock; ///< of arrival; not below that of an earlier push, nor below a clock already advanced to
    };

    /// Throws std::invalid_argument when there is a mistake_in the parameters.
    channel(const parameters& parameters, std::uint32_t index);

    void set_observer(command_observer* observer) { m_observer = observer; }

    void push(const request& request);

    /// First clock in which something can be issued; never: nothing waits. (Refreshes of an idle channel are made up
    /// for at the next push, so an idle channel asks for nothing.)
    std::uint64_t next_clock() const
    {
        if (m_alone)
            return m_steps[m_next_step];
        if (m_stale)
            settle();
        return m_next;
    }

    /// Nothing waits, and it is `clock` by now: the refreshes up to then are made up for. A channel with requests
    /// waiting does them in their turn.
    void idle_until(std::uint64_t clock)
    {
        if (waiting() == 0 && next_clock() == never)
            refresh_until(clock);
    }

    /// Issues what can be issued in `clock` == next_clock(). Appends to `done` each request that got its column command
    /// (or was forwarded). A refresh is issued as a whole, with the PRECHARGEs before it: nothing can come in between.
    void advance(std::uint64_t clock, std::vector<completion>& done);

    /// Requests without their column command.
    std::size_t waiting() const { return waiting_now() + m_future.size() + (m_alone ? 1 : 0); }
    const channel_statistics& statistics() const { return m_statistics; }

private:
    /// The next command of a bus. Commands of one bus do not change what comes next on the other one except for the
    /// bank that they address, so each is kept until something makes it stale.
    struct candidate {
        std::uint64_t clock = never;
        std::uint32_t bank = 0;
    };
    struct bank_state { // first clocks of commands
        std::uint64_t activate = 0;
        std::uint64_t precharge = 0;
        std::uint64_t column = 0;
    };
    struct pending_precharge {
        std::uint64_t clock;
        std::uint32_t bank;
    };

    std::size_t waiting_now() const { return m_windows[0].waiting() + m_windows[1].waiting(); }
    request_window& window() { return m_windows[m_writing ? 1 : 0]; }
    const request_window& window() const { return m_windows[m_writing ? 1 : 0]; }
    bool is_open(std::uint32_t bank) const { return (m_open_banks >> bank & 1) != 0; }

    void arrive(std::uint64_t clock);
    bool take_alone(const request& request);
    void step_alone(std::uint64_t clock, std::vector<completion>& done);
    void admit(const request& request, waiting_request::need needed = waiting_request::need::none);
    void choose_kind();
    void settle() const;
    std::uint64_t rank(std::uint64_t clocks, std::uint64_t sequence, std::uint32_t bank) const;
    static candidate of_rank(std::uint64_t rank, std::uint64_t earliest);
    std::uint64_t earliest_column(std::uint64_t banks, std::uint64_t earliest) const;
    std::uint64_t earliest_row(std::uint64_t banks, std::uint64_t earliest) const;
    std::uint32_t bank_of(const location& where) const { return (where.bank_group << m_group_shift) + where.bank; }
    void issue_column(std::uint64_t clock, std::uint32_t bank, std::vector<completion>& done);
    std::uint64_t move_data(std::uint64_t clock, std::uint32_t bank, bool write, std::uint64_t arrival_clock,
                            waiting_request::need needed);
    void issue_row(std::uint64_t clock, std::uint32_t bank, std::uint64_t row, waiting_request::need& needed);
    void activate(std::uint64_t clock, std::uint32_t bank, std::uint64_t row);
    void precharge(std::uint64_t clock, std::uint32_t bank);
    void auto_precharge(std::uint32_t bank);
    void refresh();
    void refresh_until(std::uint64_t clock);
    void tell(command what, std::uint64_t clock, std::uint32_t bank, std::uint64_t row);
    void tell_pending(std::uint64_t clock);

    timing_clocks m_timing;
    std::uint32_t m_index;
    unsigned m_group_shift; // bank of the channel to bank group
    unsigned m_bank_shift;  // bank of the channel in the number of a burst
    unsigned m_row_shift;   // row in the number of a burst
    bool m_closed_page;
    bool m_in_order;
    std::size_t m_write_high;
    std::size_t m_write_low;

    // Most requests find an idle channel and are served before another one comes. The clocks of their commands are
    // known when they arrive, and they need none of the lists. When another request does come, it becomes one like
    // others, of which some steps have been done.
    enum step : unsigned { close_row, open_row, column };
    bool m_alone = false;
    unsigned m_next_step = column;
    std::uint64_t m_steps[3] = {}; // clocks
    request m_alone_request{};
    waiting_request::need m_alone_needed = waiting_request::need::none;

    request_window m_windows[2]; // reads, writes
    ring<request> m_future;      // pushed for a clock before which the channel has something to do
    std::vector<completion> m_forwarded;
    std::vector<std::uint32_t> m_writes_by_hash; // waiting writes, to know fast that none is to a read's burst
    std::uint64_t m_sequence = 0;
    std::uint64_t m_now = 0; // first clock that is not over
    bool m_writing = false;
    bool m_draining = false; // because of the high watermark

    std::vector<bank_state> m_banks;
    std::vector<std::uint64_t> m_group_column; // first clock of the next column command to a bank group
    std::uint64_t m_open_banks = 0;            // bit b: bank b
    std::uint64_t m_next_column = 0;           // first clocks, for the whole channel
    std::uint64_t m_next_read = 0;
    std::uint64_t m_next_write = 0;
    std::uint64_t m_next_row = 0;
    std::uint64_t m_next_activate = 0;
    std::uint64_t m_fifth_activate[4] = {}; // first clocks of the ACTIVATE four after each of the last four
    unsigned m_oldest_activate = 0;

    std::uint64_t m_refresh_due = never;
    std::uint64_t m_refresh_ready = 0; // all precharged long enough
    std::uint64_t m_refresh_end = 0;
    std::uint64_t m_refresh_total = 0; // clocks from due to end, of all refreshes
    std::uint64_t m_active_until = 0;

    mutable candidate m_column;
    mutable candidate m_row;
    mutable std::uint64_t m_next = never;
    mutable bool m_stale = false;
    mutable bool m_column_stale = false;
    mutable bool m_row_stale = false;

    command_observer* m_observer = nullptr;
    std::vector<pending_precharge> m_pending; // in order of time; only what an observer has not seen yet
    channel_statistics m_statistics;
};

} // namespace loas::dram
