#include "models/kernel/register_bank.h"

#include <stdexcept>
#include <string>
#include <utility>

namespace loas::kernel
{
namespace
{

std::uint32_t mask_of(const field_row& field)
{
    return (field.bits < 32 ? (1U << field.bits) - 1 : ~0U) << field.lowest_bit;
}

void check_fields(const register_row& row)
{
    std::uint32_t seen = 0;
    for (const field_row& field : row.fields) {
        const bool fits = field.bits >= 1 && field.lowest_bit + field.bits <= 32;
        if (!fits || (mask_of(field) & seen) != 0)
            throw std::logic_error(std::string(row.name) + ": field " + field.name + " does not fit");
        seen |= mask_of(field);
    }
}

} // namespace

std::uint32_t register_row::mask(right rights) const
{
    std::uint32_t bits = 0;
    for (const field_row& field : fields)
        if (field.rights == rights)
            bits |= mask_of(field);
    return bits;
}

std::uint32_t register_row::reset_value() const
{
    std::uint32_t value = 0;
    for (const field_row& field : fields)
        value |= field.reset << field.lowest_bit;
    return value;
}

register_bank::register_bank(const register_table& table) : m_table(table)
{
    for (const register_row& row : table.rows) {
        check_fields(row);
        for (unsigned i = 0; i < row.count; ++i)
            add(row, row.offset + std::uint64_t{i} * row.stride);
    }
}

void register_bank::add(const register_row& row, std::uint64_t offset)
{
    const entry added{&row, row.reset_value(), row.reset_value(), {}};
    if (offset % m_table.register_bytes != 0 || offset >= m_table.size_bytes ||
        !m_entries.emplace(offset, added).second)
        throw std::logic_error(std::string(row.name) + ": lies outside the block, or where another register is");
}

register_bank::entry& register_bank::at(std::uint64_t offset)
{
    const auto found = m_entries.find(offset);
    if (found == m_entries.end())
        throw std::logic_error(std::string(m_table.device) + ": no register at offset " + std::to_string(offset));
    return found->second;
}

void register_bank::set_effects(std::uint64_t offset, effects with)
{
    at(offset).with = std::move(with);
}

void register_bank::set_reset_value(std::uint64_t offset, std::uint32_t value)
{
    at(offset).reset_value = value;
    at(offset).value = value;
}

std::uint32_t register_bank::value(std::uint64_t offset) const
{
    return m_entries.at(offset).value;
}

void register_bank::set(std::uint64_t offset, std::uint32_t value)
{
    at(offset).value = value;
}

register_bank::answer register_bank::read(std::uint64_t offset, std::uint32_t& value, bool debug)
{
    const auto found = m_entries.find(offset);
    if (found == m_entries.end())
        return answer::no_register;
    const entry& of = found->second;
    value = of.with.value ? of.with.value() : of.value;
    if (!debug && of.with.after_read)
        of.with.after_read();
    return answer::done;
}

register_bank::answer register_bank::write(std::uint64_t offset, std::uint32_t value)
{
    const auto found = m_entries.find(offset);
    if (found == m_entries.end())
        return answer::no_register;
    entry& to = found->second;
    const register_row& row = *to.row;
    const std::uint32_t kept = row.mask(right::rw), cleared = row.mask(right::w1c);
    const std::uint32_t known = kept | cleared | row.mask(right::wo);
    if (known == 0 || (row.has(refuses_reserved) && (value & ~known) != 0))
        return answer::refused;
    const verdict by_device = to.with.written ? to.with.written(value & known) : verdict::keep;
    if (by_device == verdict::refuse)
        return answer::refused;
    if (by_device == verdict::keep)
        to.value = ((to.value & ~kept) | (value & kept)) & ~(value & cleared);
    if (to.with.after_write)
        to.with.after_write();
    return answer::done;
}

void register_bank::reset()
{
    for (auto& item : m_entries)
        item.second.value = item.second.reset_value;
}

} // namespace loas::kernel
