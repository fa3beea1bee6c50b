#include "models/memory/dram/mapping.h"

#include <algorithm>

namespace loas::dram
{

bool address_mapping::valid(std::string_view word)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

address_mapping::address_mapping(const parameters& parameters)
    : m_hash(checked(parameters).channel_hash && parameters.channels > 1)
{
    m_channel.bits = log2_of(parameters.channels);
    m_bank_group.bits = log2_of(parameters.bank_groups);
    m_bank.bits = log2_of(parameters.banks_per_group);
    m_column.bits = log2_of(parameters.row_bytes / parameters.burst_bytes());
    for (field* each : {&m_channel, &m_bank_group, &m_bank, &m_column})
        each->mask = (std::uint32_t{1} << each->bits) - 1;
    m_first_fold = m_channel.bits * 32;
    while (m_first_fold >= 64)
        m_first_fold /= 2;

    std::string_view left = parameters.mapping;
    while (!left.empty()) { // from the lowest field upwards
        const std::size_t dash = left.rfind('-');
        const std::string_view name = dash == std::string_view::npos ? left : left.substr(dash + 1);
        left = dash == std::string_view::npos ? std::string_view() : left.substr(0, dash);
        field* const found = name == "channel"     ? &m_channel
                             : name == "bankgroup" ? &m_bank_group
                             : name == "bank"      ? &m_bank
                             : name == "column"    ? &m_column
                                                   : nullptr;
        if (found != nullptr) { // the row is last here and keeps the shift that is reached
            found->shift = m_row_shift;
            m_row_shift += found->bits;
        }
    }
}

} // namespace loas::dram
