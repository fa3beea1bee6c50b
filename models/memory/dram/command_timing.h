// From which clock on the standard's distances allow each command of one channel: what binds a command is noted when
// the earlier one is issued.
#pragma once

#include "models/memory/dram/parameters.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace loas::dram
{

inline std::uint64_t less_or_zero(std::uint64_t from, std::uint64_t amount)
{
    return from > amount ? from - amount : 0;
}

class command_timing
{
public:
    explicit command_timing(const parameters& parameters)
        : m_clocks(checked(parameters)),
          m_group_shift(static_cast<unsigned>(__builtin_ctz(parameters.banks_per_group))), m_banks(parameters.banks()),
          m_groups(parameters.bank_groups)
    {
    }

    const timing_clocks& clocks() const { return m_clocks; }

    std::uint64_t activate_from(std::uint32_t bank) const
    {
        return std::max({m_banks[bank].activate, m_groups[bank >> m_group_shift].activate, m_next_activate});
    }
    /// The same but for what other banks have done.
    std::uint64_t own_activate_from(std::uint32_t bank) const { return m_banks[bank].activate; }
    /// Banks, bit b for bank b, of groups in which an ACTIVATE may come in that clock, and the first clock in which the
    /// others' may.
    std::uint64_t groups_that_activate(std::uint64_t clock, std::uint64_t& others_from) const
    {
        others_from = ~std::uint64_t{0};
        std::uint64_t banks = 0;
        for (std::size_t i = 0; i < m_groups.size(); ++i) {
            const std::uint64_t from = std::max(m_groups[i].activate, m_next_activate);
            const std::uint64_t of_group = ~std::uint64_t{0} >> (64 - (1U << m_group_shift)) << (i << m_group_shift);
            banks |= from <= clock ? of_group : 0;
            others_from = std::min(others_from, from <= clock ? others_from : from);
        }
        return banks;
    }
    std::uint64_t precharge_from(std::uint32_t bank) const { return m_banks[bank].precharge; }
    std::uint64_t column_from(std::uint32_t bank, bool write) const
    {
        return std::max(
            {m_banks[bank].column[write], m_groups[bank >> m_group_shift].column[write], m_next_column[write]});
    }
    /// REFRESH of all banks, or of one.
    std::uint64_t refresh_from(std::uint64_t all_banks) const
    {
        std::uint64_t clock = 0;
        for (std::uint64_t banks = all_banks; banks != 0; banks &= banks - 1)
            clock = std::max(clock, m_banks[static_cast<std::size_t>(__builtin_ctzll(banks))].activate);
        return clock;
    }
    std::uint64_t refresh_from(std::uint32_t bank) const { return activate_from(bank); }

    void activated(std::uint32_t bank, std::uint64_t clock)
    {
        bank_clocks& of = m_banks[bank];
        of.activate = clock + m_clocks.rc;
        of.column[0] = clock + m_clocks.rcd;
        of.column[1] = clock + m_clocks.rcd_write;
        of.precharge = clock + m_clocks.ras;
        m_fifth_activate[m_oldest_activate] = clock + m_clocks.faw;
        m_oldest_activate = (m_oldest_activate + 1) % 4;
        m_next_activate = std::max({m_next_activate, clock + m_clocks.rrd, m_fifth_activate[m_oldest_activate]});
        m_groups[bank >> m_group_shift].activate = clock + m_clocks.rrd_l;
    }

    void precharged(std::uint32_t bank, std::uint64_t clock)
    {
        m_banks[bank].activate = std::max(m_banks[bank].activate, clock + m_clocks.rp);
    }

    /// READ or WRITE. Returns the clock in which the last data beat is over.
    std::uint64_t data_moved(std::uint32_t bank, std::uint64_t clock, bool write)
    {
        group_clocks& group = m_groups[bank >> m_group_shift];
        for (std::size_t i = 0; i < 2; ++i) {
            m_next_column[i] = std::max(m_next_column[i], clock + m_clocks.ccd_s);
            group.column[i] = std::max(group.column[i], clock + m_clocks.ccd_l);
        }
        std::uint64_t& precharge = m_banks[bank].precharge;
        std::uint64_t end = clock + m_clocks.burst;
        if (write) {
            end += m_clocks.cwl;
            m_next_column[0] = std::max(m_next_column[0], end + m_clocks.wtr);
            group.column[0] = std::max(group.column[0], end + m_clocks.wtr_l);
            precharge = std::max(precharge, end + m_clocks.wr);
        } else {
            end += m_clocks.cl;
            m_next_column[1] = std::max(m_next_column[1], less_or_zero(end + 1, m_clocks.cwl)); // data bus turns round
            precharge = std::max(precharge, clock + m_clocks.rtp);
        }
        return end;
    }

    /// A bank; one_bank: not all of the channel.
    void refreshed(std::uint32_t bank, std::uint64_t clock, bool one_bank)
    {
        m_banks[bank].activate = clock + m_clocks.refresh_clocks;
        if (one_bank)
            m_next_activate = std::max(m_next_activate, clock + m_clocks.rrefd);
    }

private:
    // First clocks of commands; of columns: read, write.
    struct bank_clocks {
        std::uint64_t activate = 0;
        std::uint64_t precharge = 0;
        std::uint64_t column[2] = {};
    };
    struct group_clocks {
        std::uint64_t activate = 0;
        std::uint64_t column[2] = {};
    };

    timing_clocks m_clocks;
    unsigned m_group_shift; // bank of the channel to bank group
    std::vector<bank_clocks> m_banks;
    std::vector<group_clocks> m_groups;
    std::uint64_t m_next_column[2] = {};
    std::uint64_t m_next_activate = 0;
    std::uint64_t m_fifth_activate[4] = {}; // first clocks of the ACTIVATE four after each of the last four
    unsigned m_oldest_activate = 0;
};

} // namespace loas::dram
