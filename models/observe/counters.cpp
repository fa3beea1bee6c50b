#include "models/observe/counters.h"

#include <stdexcept>
#include <string>

namespace loas::observe
{
namespace
{

constexpr std::array<counter_info, counter_count> table = {{
#define LOAS_COUNTER(id, group, name, unit, definition) {group, name, unit, definition, merge::sum},
#define LOAS_COUNTER_MAX(id, group, name, unit, definition) {group, name, unit, definition, merge::maximum},
#include "models/observe/counters.inc"
#undef LOAS_COUNTER_MAX
#undef LOAS_COUNTER
}};

} // namespace

const counter_info& info_of(counter which)
{
    return table.at(static_cast<std::size_t>(which));
}

void counter_set::merge_with(const counter_set& other)
{
    for (std::size_t i = 0; i < counter_count; ++i) {
        if (table[i].rule == merge::sum)
            m_values[i] += other.m_values[i];
        else if (other.m_values[i] > m_values[i])
            m_values[i] = other.m_values[i];
    }
}

void counter_set::subtract(const counter_set& earlier)
{
    for (std::size_t i = 0; i < counter_count; ++i)
        m_values[i] -= earlier.m_values[i];
}

std::uint64_t counter_set::group_total(std::string_view group, std::string_view prefix) const
{
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < counter_count; ++i)
        if (table[i].group == group && table[i].name.substr(0, prefix.size()) == prefix)
            total += m_values[i];
    return total;
}

std::uint64_t counter_set::named(std::string_view group, std::string_view name) const
{
    for (std::size_t i = 0; i < counter_count; ++i)
        if (table[i].group == group && table[i].name == name)
            return m_values[i];
    throw std::out_of_range("no counter " + std::string(group) + '.' + std::string(name));
}

} // namespace loas::observe
