// The rules of a DRAM channel clock by clock, with nothing kept that could be looked up again. What models/memory/dram
// does in jumps must come out the same here.
#pragma once

#include "models/memory/dram/channel.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace loas::test
{

class stepped_channel
{
public:
    using request = dram::channel::request;

    stepped_channel(const dram::parameters& parameters, std::uint32_t index)
        : m_parameters(parameters), m_timing(parameters), m_banks(parameters.banks())
    {
        if (m_timing.refi != 0)
            m_refresh_due = parameters.refresh_staggered
                                ? std::uint64_t{m_timing.refi} * (index + 1) / parameters.channels
                                : m_timing.refi;
    }

    std::vector<dram::completion> done;
    dram::channel_statistics statistics;

    /// One clock, in which these requests arrive.
    void step(const std::vector<request>& arriving)
    {
        for (const request& request : arriving)
            admit(request);
        const bool refreshing = m_clock >= m_refresh_due || m_clock < m_refresh_end;
        if (!m_reads.empty() || !m_writes.empty() || m_clock < m_data_end)
            ++statistics.active_clocks;
        if (refreshing) {
            for (auto* list : {&m_reads, &m_writes})
                for (waiting& request : *list)
                    ++request.refresh_clocks;
            if (m_clock >= m_refresh_due)
                refresh();
        } else {
            issue();
        }
        ++m_clock;
    }

    /// After the last request: only data move.
    void step_data()
    {
        if (m_clock++ < m_data_end)
            ++statistics.active_clocks;
    }

    bool idle() const { return m_reads.empty() && m_writes.empty(); }
    std::uint64_t clock() const { return m_clock; }

private:
    struct waiting {
        request from;
        std::size_t bank;
        std::uint64_t refresh_clocks = 0;
        bool activated = false;
        bool precharged = false;
    };
    struct bank_state {
        bool open = false;
        std::uint64_t row = 0;
        std::uint64_t can_activate = 0; // tRP, tRC
        std::uint64_t can_precharge = 0;
        std::uint64_t can_use = 0; // tRCD
        std::uint64_t last_column = 0;
        bool used = false;
    };

    std::vector<waiting>& list() { return m_writing ? m_writes : m_reads; }
    std::size_t window_end()
    {
        const std::size_t window = m_writing ? m_parameters.write_window : m_parameters.read_window;
        return std::min(window, list().size());
    }
    bool hits(const waiting& request) const
    {
        return m_banks[request.bank].open && m_banks[request.bank].row == request.from.where.row;
    }
    static bool same(const dram::location& a, const dram::location& b)
    {
        return a.bank_group == b.bank_group && a.bank == b.bank && a.row == b.row && a.column == b.column;
    }

    void admit(const request& request)
    {
        ++statistics.queue_depth[observe::bucket_of(m_reads.size() + m_writes.size())];
        waiting entry{request, request.where.bank_group * m_parameters.banks_per_group + request.where.bank};
        if (!request.write)
            for (const waiting& write : m_writes)
                if (same(write.from.where, request.where)) {
                    ++statistics.reads;
                    ++statistics.forwarded_reads;
                    ++statistics.read_latency_clocks[1];
                    done.push_back({request.id, m_clock + 1, 0});
                    return;
                }
        (request.write ? m_writes : m_reads).push_back(entry);
        choose_kind();
    }

    void choose_kind()
    {
        if (m_writes.size() >= m_parameters.write_high)
            m_draining = true;
        else if (m_writes.size() <= m_parameters.write_low)
            m_draining = false;
        m_writing = m_draining || (m_reads.empty() && !m_writes.empty());
    }

    void issue()
    {
        const std::size_t end =
            m_parameters.scheduler == dram::scheduling::fcfs ? std::min<std::size_t>(1, window_end()) : window_end();
        std::size_t column = end, row = end;
        for (std::size_t i = 0; i < end && column == end; ++i)
            if (hits(list()[i]) && column_allowed(list()[i].bank))
                column = i;
        for (std::size_t i = 0; i < end && row == end; ++i)
            if (row_allowed(list()[i], end))
                row = i;
        if (row != end)
            issue_row(list()[row]);
        if (column != end)
            issue_column(column);
    }

    bool column_allowed(std::size_t bank) const
    {
        const bank_state& state = m_banks[bank];
        if (m_clock < state.can_use)
            return false;
        for (std::size_t other = 0; other < m_banks.size(); ++other) {
            const bool same_group = other / m_parameters.banks_per_group == bank / m_parameters.banks_per_group;
            if (m_banks[other].used &&
                m_clock < m_banks[other].last_column + (same_group ? m_timing.ccd_l : m_timing.ccd_s))
                return false;
        }
        return m_writing ? m_clock + m_timing.cwl >= m_read_data_end + (m_read_data_end != 0 ? 1 : 0)
                         : m_clock >= m_written_end + (m_written_end != 0 ? m_timing.wtr : 0);
    }

    bool row_allowed(const waiting& request, std::size_t end)
    {
        const bank_state& bank = m_banks[request.bank];
        if (!bank.open) {
            const std::size_t count = m_activates.size();
            return m_clock >= bank.can_activate && (count < 1 || m_clock >= m_activates[count - 1] + m_timing.rrd) &&
                   (count < 4 || m_clock >= m_activates[count - 4] + m_timing.faw);
        }
        if (hits(request) || m_clock < bank.can_precharge)
            return false;
        for (std::size_t i = 0; i < end; ++i)
            if (list()[i].bank == request.bank && hits(list()[i]))
                return false;
        return true;
    }

    void issue_row(waiting& request)
    {
        bank_state& bank = m_banks[request.bank];
        if (bank.open) {
            request.precharged = true;
            precharge(bank, m_clock);
            return;
        }
        request.activated = true;
        m_activates.push_back(m_clock);
        ++statistics.activates;
        bank.open = true;
        bank.row = request.from.where.row;
        bank.can_activate = m_clock + m_timing.rc;
        bank.can_precharge = m_clock + m_timing.ras;
        bank.can_use = m_clock + m_timing.rcd;
    }

    void precharge(bank_state& bank, std::uint64_t clock)
    {
        ++statistics.precharges;
        bank.open = false;
        bank.can_activate = std::max(bank.can_activate, clock + m_timing.rp);
        m_all_precharged = std::max(m_all_precharged, clock + m_timing.rp);
    }

    void issue_column(std::size_t index)
    {
        const waiting request = list()[index];
        list().erase(list().begin() + static_cast<std::ptrdiff_t>(index));
        bank_state& bank = m_banks[request.bank];
        bank.last_column = m_clock;
        bank.used = true;
        std::uint64_t end = m_clock + m_timing.burst;
        if (m_writing) {
            end += m_timing.cwl;
            m_written_end = end;
            bank.can_precharge = std::max(bank.can_precharge, end + m_timing.wr);
            ++statistics.writes;
        } else {
            end += m_timing.cl;
            m_read_data_end = end;
            bank.can_precharge = std::max(bank.can_precharge, m_clock + m_timing.rtp);
            ++statistics.reads;
            ++statistics.read_latency_clocks[observe::bucket_of(end - request.from.clock)];
        }
        m_data_end = std::max(m_data_end, end);
        statistics.data_clocks += m_timing.burst;
        ++(request.precharged  ? statistics.row_conflicts
           : request.activated ? statistics.row_misses
                               : statistics.row_hits);
        done.push_back({request.from.id, end, request.refresh_clocks});
        if (m_parameters.page == dram::page_policy::closed && !wanted(request.bank))
            precharge(bank, bank.can_precharge);
        choose_kind();
    }

    bool wanted(std::size_t bank) const
    {
        const auto hit = [&](const waiting& request) { return request.bank == bank && hits(request); };
        const auto seen = [](const std::vector<waiting>& list, std::size_t window) {
            return list.begin() + static_cast<std::ptrdiff_t>(std::min(list.size(), window));
        };
        return std::any_of(m_reads.begin(), seen(m_reads, m_parameters.read_window), hit) ||
               std::any_of(m_writes.begin(), seen(m_writes, m_parameters.write_window), hit);
    }

    void refresh()
    {
        bank_state* first = nullptr;
        for (bank_state& bank : m_banks)
            if (bank.open && (first == nullptr || bank.can_precharge < first->can_precharge))
                first = &bank;
        if (first != nullptr) {
            if (m_clock >= first->can_precharge)
                precharge(*first, m_clock);
        } else if (m_clock >= m_all_precharged) {
            ++statistics.refreshes;
            m_refresh_due += m_timing.refi;
            m_refresh_end = m_clock + m_timing.rfc;
        }
    }

    dram::parameters m_parameters;
    dram::timing_clocks m_timing;
    std::vector<bank_state> m_banks;
    std::vector<waiting> m_reads, m_writes;
    std::vector<std::uint64_t> m_activates;
    std::uint64_t m_clock = 0;
    std::uint64_t m_refresh_due = dram::channel::never;
    std::uint64_t m_refresh_end = 0;
    std::uint64_t m_all_precharged = 0;
    std::uint64_t m_read_data_end = 0, m_written_end = 0, m_data_end = 0;
    bool m_writing = false;
    bool m_draining = false;
};

} // namespace loas::test
