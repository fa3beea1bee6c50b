// Which channel, bank, row and column an address belongs to.
#pragma once

#include "models/memory/dram/parameters.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace loas::dram
{

class address_mapping
{
public:
    /// Orders of the fields, from the highest address bit to the lowest. The row comes first in all of them, so it
    /// takes what is left of an address and no capacity has to be said.
    static constexpr std::array<std::string_view, 4> words = {
        "row-bank-column-bankgroup-channel", "row-column-bank-bankgroup-channel", "row-bank-bankgroup-column-channel",
        "row-channel-bank-bankgroup-column"};
    static bool valid(std::string_view word);

    /// Throws std::invalid_argument when there is a mistake_in the parameters.
    explicit address_mapping(const parameters& parameters);

    /// burst_number: address / burst_bytes().
    location of(std::uint64_t burst_number) const
    {
        location where;
        where.channel = m_channel.of(burst_number);
        if (m_hash) {
            // Only bits above the channel's: each value of them permutes the channels, so nothing meets.
            where.channel ^= fold(burst_number >> m_channel.shift >> m_channel.bits);
        }
        where.bank_group = m_bank_group.of(burst_number);
        where.bank = m_bank.of(burst_number);
        where.column = m_column.of(burst_number);
        where.row = burst_number >> m_row_shift;
        return where;
    }

private:
    struct field {
        unsigned shift = 0;
        unsigned bits = 0;
        std::uint32_t mask = 0;

        std::uint32_t of(std::uint64_t burst_number) const
        {
            return static_cast<std::uint32_t>(burst_number >> shift) & mask;
        }
    };

    /// XOR of all pieces that are as wide as the channel field. Halving the number of pieces each time needs six steps
    /// for any width.
    std::uint32_t fold(std::uint64_t bits) const
    {
        for (unsigned shift = m_first_fold; shift >= m_channel.bits; shift /= 2)
            bits ^= bits >> shift;
        return static_cast<std::uint32_t>(bits) & m_channel.mask;
    }

    field m_channel, m_bank_group, m_bank, m_column;
    unsigned m_row_shift = 0;
    unsigned m_first_fold; ///< the widest shift that leaves anything of 64 bits
    bool m_hash;
};

} // namespace loas::dram
