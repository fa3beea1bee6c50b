// The rules of a DRAM channel, clock by clock, with nothing kept that could be looked up again.
// What models/memory/dram does in jumps must come out the same here.
#pragma once

#include "models/memory/dram/channel_group.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

namespace loas::test
{

class stepped_channel
{
public:
    using request = dram::request;
    using clock_type = std::int64_t;
    static constexpr clock_type long_ago = -(clock_type{1} << 40);

    struct waiting {
        request from;
        std::uint64_t sequence;
        std::size_t bank;
        std::uint64_t refresh_clocks = 0;
        bool activated = false;
        bool precharged = false;
    };
    /// What this channel would do in this clock, for which request (0: the refresh; none: nothing).
    struct wish {
        static constexpr std::uint64_t none = ~std::uint64_t{0};
        std::uint64_t sequence = none;
        bool write = false;
        std::size_t index = 0; ///< in its list
    };

    stepped_channel(const dram::parameters& parameters, std::uint32_t index)
        : m_parameters(parameters), m_timing(parameters), m_banks(parameters.banks())
    {
        m_refresh_due = m_timing.refi == 0 ? -1 : m_timing.refresh_interval;
        if (parameters.refresh_staggered)
            m_refresh_due = m_refresh_due * (index + 1) / parameters.channels;
        for (std::size_t i = 0; i < m_banks.size(); ++i)
            m_banks[i].group = i / parameters.banks_per_group;
        statistics.banks.resize(m_banks.size());
    }

    std::vector<dram::completion> done;
    dram::channel_statistics statistics;

    bool idle() const { return m_list[0].empty() && m_list[1].empty() && m_outside.empty(); }

    void arrive(const request& request, std::uint64_t sequence)
    {
        ++statistics.queue_depth[observe::bucket_of(m_list[0].size() + m_list[1].size() + m_outside.size())];
        m_outside.push_back(
            {request, sequence, request.where.bank_group * m_parameters.banks_per_group + request.where.bank});
        take_in(m_clock);
    }

    /// First thing in a clock, after arrivals.
    void begin_clock()
    {
        if (!idle() || m_clock < m_data_end)
            ++statistics.active_clocks;
        const clock_type put_off = idle() ? 0 : m_timing.refresh_put_off;
        if (!m_refreshing && m_refresh_due >= 0 && m_clock >= m_refresh_due + put_off)
            m_refreshing = true;
        const auto wait = [this](waiting& request) {
            if (blocked(request.bank) || m_clock < m_banks[request.bank].refresh_end)
                ++request.refresh_clocks;
        };
        for (auto& list : m_list)
            std::for_each(list.begin(), list.end(), wait);
        std::for_each(m_outside.begin(), m_outside.end(), wait);
    }

    wish column_wish() const
    {
        const std::vector<waiting>& list = m_list[m_writing];
        for (std::size_t i = 0; i < list.size(); ++i) {
            const waiting& request = list[i];
            if (i > 0 && m_parameters.scheduler == dram::scheduling::fcfs)
                break;
            if (may_hit(m_writing, request) && !blocked(request.bank) && column_allowed(request.bank) &&
                (m_wanted == m_writing || m_banks[request.bank].kept_for[m_writing]))
                return {request.sequence, m_writing, i};
        }
        return {};
    }

    wish row_wish() const
    {
        if (m_refreshing && refresh_allowed())
            return {0};
        const wish first = row_wish_of(m_wanted, false);
        const bool prepare = m_wanted == m_writing && m_parameters.scheduler == dram::scheduling::fr_fcfs;
        return first.sequence != wish::none || !prepare ? first : row_wish_of(!m_wanted, true);
    }

    /// Returns the clocks of the bus.
    unsigned issue_row(const wish& chosen)
    {
        if (chosen.sequence == 0)
            return refresh();
        waiting& request = m_list[chosen.write][chosen.index];
        bank_state& bank = m_banks[request.bank];
        unsigned clocks = m_parameters.activate_clocks;
        if (bank.open) {
            request.precharged = true;
            precharge(bank, m_clock);
            clocks = m_parameters.precharge_clocks;
        } else {
            request.activated = true;
            m_activates.push_back(m_clock);
            ++statistics.activates;
            ++statistics.banks[request.bank].activates;
            bank.open = true;
            bank.row = request.from.where.row;
            bank.activate = m_clock;
            bank.served[0] = bank.served[1] = 0;
            bank.kept_for[chosen.write] = true;
        }
        choose_direction();
        return clocks;
    }

    void issue_column(const wish& chosen)
    {
        const bool write = chosen.write;
        const waiting request = m_list[write][chosen.index];
        m_list[write].erase(m_list[write].begin() + static_cast<std::ptrdiff_t>(chosen.index));
        bank_state& bank = m_banks[request.bank];
        const clock_type end = m_clock + m_timing.burst + (write ? m_timing.cwl : m_timing.cl);
        (write ? bank.write : bank.read) = m_clock;
        bank.kept_for[write] = false;
        ++bank.served[write];
        m_data_end = std::max(m_data_end, end);
        statistics.data_clocks += m_timing.burst;
        ++(write ? statistics.writes : statistics.reads);
        ++(write ? statistics.banks[request.bank].writes : statistics.banks[request.bank].reads);
        count_latency(request.from, static_cast<std::uint64_t>(end));
        statistics.banks[request.bank].row_conflicts += request.precharged;
        ++(request.precharged  ? statistics.row_conflicts
           : request.activated ? statistics.row_misses
                               : statistics.row_hits);
        if (!write || !m_parameters.posted_writes)
            done.push_back({request.from.id, static_cast<std::uint64_t>(end), request.refresh_clocks, request.from.where.channel});
        if (m_parameters.page == dram::page_policy::closed && !bank.kept_for[0] && !bank.kept_for[1] &&
            !wanted(request.bank))
            precharge(bank, precharge_from(bank));
        choose_direction();
        take_in(m_clock + 1);
    }

    void end_clock()
    {
        if (std::any_of(m_banks.begin(), m_banks.end(),
                        [this](const bank_state& bank) { return bank.open || m_clock < bank.precharge; }))
            ++statistics.open_clocks;
        ++m_clock;
    }
    clock_type clock() const { return m_clock; }

private:
    struct bank_state {
        std::size_t group = 0;
        bool open = false;
        std::uint64_t row = 0;
        clock_type activate = long_ago, precharge = long_ago, read = long_ago, write = long_ago; ///< the last ones
        clock_type refresh = long_ago, refresh_end = long_ago;
        bool kept_for[2] = {};   ///< opened for a read, a write that has not come
        unsigned served[2] = {}; ///< since it was opened
    };

    bool blocked(std::size_t bank) const
    {
        return m_refreshing && (m_parameters.refresh == dram::refresh_kind::all_banks || bank == m_refresh_bank);
    }
    bool hits(const waiting& request) const
    {
        return m_banks[request.bank].open && m_banks[request.bank].row == request.from.where.row;
    }
    /// A hit that the cap lets through.
    bool may_hit(bool write, const waiting& request) const
    {
        if (!hits(request))
            return false;
        const bool served =
            m_parameters.row_hit_cap != 0 && m_banks[request.bank].served[write] >= m_parameters.row_hit_cap;
        const auto oldest = std::find_if(m_list[write].begin(), m_list[write].end(),
                                         [&](const waiting& other) { return other.bank == request.bank; });
        return !served || oldest->sequence == request.sequence;
    }
    /// Some request of that kind may use the open row.
    bool has_hit(bool write, std::size_t bank) const
    {
        return std::any_of(m_list[write].begin(), m_list[write].end(),
                           [&](const waiting& request) { return request.bank == bank && may_hit(write, request); });
    }
    bool wanted(std::size_t bank) const { return has_hit(false, bank) || has_hit(true, bank); }
    bool any_kept(bool write) const
    {
        return std::any_of(m_banks.begin(), m_banks.end(), [&](const bank_state& b) { return b.kept_for[write]; });
    }

    void count_latency(const request& from, std::uint64_t end)
    {
        if (from.write) {
            statistics.write_latency.count(end - from.clock);
            return;
        }
        ++statistics.read_latency_clocks[observe::bucket_of(end - from.clock)];
        statistics.read_latency.count(end - from.clock);
    }

    /// Those who wait outside come in, in order, as long as there are places.
    void take_in(clock_type clock)
    {
        for (; !m_outside.empty(); m_outside.pop_front()) {
            const waiting entry = m_outside.front();
            const bool write = entry.from.write;
            if (m_list[write].size() >= (write ? m_parameters.write_window : m_parameters.read_window))
                return;
            statistics.queue_full_clocks += static_cast<std::uint64_t>(clock) - entry.from.clock;
            const bool same = std::any_of(m_list[1].begin(), m_list[1].end(), [&](const waiting& other) {
                return other.bank == entry.bank && other.from.where.row == entry.from.where.row &&
                       other.from.where.column == entry.from.where.column;
            });
            const auto answer = static_cast<std::uint64_t>(clock + 1);
            if (same && (!write || m_parameters.merge_writes)) {
                ++(write ? statistics.writes : statistics.reads);
                ++(write ? statistics.merged_writes : statistics.forwarded_reads);
                count_latency(entry.from, answer);
                done.push_back({entry.from.id, answer, 0, entry.from.where.channel});
                continue;
            }
            m_list[write].push_back(entry);
            if (write && m_parameters.posted_writes)
                done.push_back({entry.from.id, answer, 0, entry.from.where.channel});
            choose_direction();
        }
    }

    void choose_direction()
    {
        const std::size_t writes = m_list[1].size();
        const bool a_read_hits =
            std::any_of(m_list[0].begin(), m_list[0].end(), [&](const waiting& read) { return may_hit(false, read); });
        bool gap = m_list[0].empty() && writes != 0;
        if (!m_list[0].empty() && !a_read_hits && !any_kept(false) && any_kept(true))
            gap = true;
        const std::size_t high = std::max(std::min(m_parameters.write_high, m_parameters.write_window), 1U);
        const std::size_t low = std::min<std::size_t>(m_parameters.write_low, high - 1);
        if (writes >= high || gap)
            m_draining = true;
        else if (writes <= low)
            m_draining = false;
        m_wanted = m_draining;
        if (!m_list[m_wanted].empty()) {
            const waiting& oldest = m_list[m_wanted].front();
            const bool in_order = m_parameters.scheduler == dram::scheduling::fcfs;
            const bool goes = in_order ? may_hit(m_wanted, oldest) : has_hit(m_wanted, oldest.bank);
            if (!goes && m_banks[oldest.bank].kept_for[!m_wanted])
                m_wanted = !m_wanted;
        }
        if (!any_kept(m_writing))
            m_writing = m_wanted;
    }

    bool column_allowed(std::size_t index) const
    {
        const bank_state& bank = m_banks[index];
        if (m_clock < bank.activate + (m_writing ? m_timing.rcd_write : m_timing.rcd))
            return false;
        for (const bank_state& other : m_banks) {
            const bool same_group = other.group == bank.group;
            const clock_type written = other.write + m_timing.cwl + m_timing.burst;
            const clock_type read = other.read + m_timing.cl + m_timing.burst;
            if (m_clock < std::max(other.read, other.write) + (same_group ? m_timing.ccd_l : m_timing.ccd_s))
                return false;
            if (!m_writing && m_clock < written + (same_group ? m_timing.wtr_l : m_timing.wtr))
                return false;
            if (m_writing && m_clock + m_timing.cwl < read + 1)
                return false;
        }
        return true;
    }

    clock_type precharge_from(const bank_state& bank) const
    {
        return std::max({bank.activate + m_timing.ras, bank.read + m_timing.rtp,
                         bank.write + m_timing.cwl + m_timing.burst + m_timing.wr});
    }

    bool bank_can_activate(const bank_state& bank) const
    {
        return m_clock >= bank.activate + m_timing.rc && m_clock >= bank.precharge + m_timing.rp &&
               m_clock >= bank.refresh_end;
    }

    bool activate_allowed(const bank_state& bank) const
    {
        if (m_activates.size() >= 4 && m_clock < m_activates[m_activates.size() - 4] + m_timing.faw)
            return false;
        for (const bank_state& other : m_banks) {
            if (m_clock < other.activate + (other.group == bank.group ? m_timing.rrd_l : m_timing.rrd))
                return false;
            if (m_parameters.refresh == dram::refresh_kind::per_bank && m_clock < other.refresh + m_timing.rrefd)
                return false;
        }
        return bank_can_activate(bank);
    }

    wish row_wish_of(bool write, bool only_idle_banks) const
    {
        const std::vector<waiting>& list = m_list[write];
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (i > 0 && m_parameters.scheduler == dram::scheduling::fcfs)
                break;
            const std::size_t index = list[i].bank;
            const bank_state& bank = m_banks[index];
            const bool in_order = m_parameters.scheduler == dram::scheduling::fcfs;
            if (blocked(index) || bank.kept_for[0] || bank.kept_for[1] ||
                (in_order ? may_hit(write, list[i]) : has_hit(write, index)))
                continue;
            if (only_idle_banks && std::any_of(m_list[!write].begin(), m_list[!write].end(),
                                               [&](const waiting& other) { return other.bank == index; }))
                continue;
            // A bank's commands are for its oldest request.
            if (std::any_of(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(i),
                            [&](const waiting& older) { return older.bank == index; }))
                continue;
            if (bank.open ? m_clock >= precharge_from(bank) : activate_allowed(bank))
                return {list[i].sequence, write, i};
        }
        return {};
    }

    void precharge(bank_state& bank, clock_type clock)
    {
        ++statistics.precharges;
        statistics.unused_activates += bank.kept_for[0] || bank.kept_for[1];
        bank.kept_for[0] = bank.kept_for[1] = false;
        bank.open = false;
        bank.precharge = clock;
    }

    bool refresh_allowed() const
    {
        bool open = false, can_close = true, can_refresh = true;
        for (std::size_t i = 0; i < m_banks.size(); ++i) {
            if (!blocked(i))
                continue;
            open |= m_banks[i].open;
            can_close &= m_clock >= (m_banks[i].open ? precharge_from(m_banks[i]) : m_banks[i].precharge);
            can_refresh &= bank_can_activate(m_banks[i]);
            if (m_parameters.refresh == dram::refresh_kind::per_bank)
                can_refresh &= activate_allowed(m_banks[i]);
        }
        return open ? can_close : can_refresh;
    }

    unsigned refresh()
    {
        bool closed = false;
        for (std::size_t i = 0; i < m_banks.size(); ++i)
            if (blocked(i) && m_banks[i].open) {
                precharge(m_banks[i], m_clock);
                closed = true;
            }
        if (!closed) {
            for (std::size_t i = 0; i < m_banks.size(); ++i)
                if (blocked(i)) {
                    m_banks[i].refresh = m_clock;
                    m_banks[i].refresh_end = m_clock + m_timing.refresh_clocks;
                }
            const bool one = m_parameters.refresh == dram::refresh_kind::per_bank;
            ++(one ? statistics.bank_refreshes : statistics.refreshes);
            m_refresh_bank = (m_refresh_bank + 1) % m_banks.size();
            m_refresh_due += m_timing.refresh_interval;
            m_refreshing = false;
        }
        choose_direction();
        return m_parameters.precharge_clocks;
    }

    dram::parameters m_parameters;
    dram::timing_clocks m_timing;
    std::vector<bank_state> m_banks;
    std::vector<waiting> m_list[2]; // reads, writes
    std::deque<waiting> m_outside;
    std::vector<clock_type> m_activates;
    clock_type m_clock = 0;
    clock_type m_refresh_due;
    std::size_t m_refresh_bank = 0;
    bool m_refreshing = false;
    clock_type m_data_end = 0;
    bool m_draining = false, m_wanted = false, m_writing = false;
};

} // namespace loas::test
