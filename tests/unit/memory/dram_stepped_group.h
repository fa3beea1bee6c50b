// Channels that share command buses, clock by clock.
#pragma once

#include "tests/unit/memory/dram_stepped_channel.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace loas::test
{

/// Those that share buses.
class stepped_group
{
public:
    stepped_group(const dram::parameters& parameters, std::uint32_t index) : m_parameters(parameters)
    {
        const unsigned size = dram::channel_group::size_of(parameters);
        m_first = index * size;
        for (unsigned i = 0; i < size; ++i)
            channels.emplace_back(parameters, m_first + i);
    }

    std::vector<stepped_channel> channels;

    /// One clock, in which these requests arrive.
    void step(const std::vector<dram::request>& arriving)
    {
        for (const dram::request& request : arriving)
            channels[request.where.channel - m_first].arrive(request, ++m_sequence);
        for (stepped_channel& each : channels)
            each.begin_clock();
        std::vector<stepped_channel::wish> columns, rows;
        for (const stepped_channel& each : channels) {
            columns.push_back(each.column_wish());
            rows.push_back(each.row_wish());
        }
        const auto older = [](const stepped_channel::wish& a, const stepped_channel::wish& b) {
            return a.sequence < b.sequence;
        };
        const auto column = std::min_element(columns.begin(), columns.end(), older);
        const auto row = std::min_element(rows.begin(), rows.end(), older);
        const std::uint64_t now = m_clock++;
        bool column_goes = column->sequence != stepped_channel::wish::none && now >= m_column_free;
        bool row_goes = row->sequence != stepped_channel::wish::none && now >= m_row_free;
        if (column_goes && row_goes && !m_parameters.separate_column_bus)
            (older(*row, *column) ? column_goes : row_goes) = false;
        if (row_goes) {
            m_row_free = now + channels[static_cast<std::size_t>(row - rows.begin())].issue_row(*row);
            if (!m_parameters.separate_column_bus)
                m_column_free = m_row_free;
        }
        if (column_goes) {
            channels[static_cast<std::size_t>(column - columns.begin())].issue_column(*column);
            m_column_free = now + m_parameters.column_clocks;
            if (!m_parameters.separate_column_bus)
                m_row_free = m_column_free;
        }
        for (stepped_channel& each : channels)
            each.end_clock();
    }

    bool idle() const
    {
        return std::all_of(channels.begin(), channels.end(), [](const stepped_channel& each) { return each.idle(); });
    }
    std::uint64_t clock() const { return m_clock; }

private:
    dram::parameters m_parameters;
    std::uint32_t m_first;
    std::uint64_t m_sequence = 0;
    std::uint64_t m_clock = 0;
    std::uint64_t m_row_free = 0, m_column_free = 0;
};

} // namespace loas::test
