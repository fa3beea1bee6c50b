#include "platform/machine/board_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <vector>

namespace loas::machine
{
namespace
{

using kernel::field_row;
using kernel::register_row;
using kernel::register_table;
using kernel::right;

struct define {
    std::string what; ///< name and value
    std::string comment;
};

/// Comments of a group stand below each other.
std::string to_text(const std::vector<define>& group)
{
    std::size_t width = 0;
    for (const define& each : group)
        width = std::max(width, each.what.size());
    std::string text;
    for (const define& each : group)
        text +=
            each.comment.empty() ? each.what + "\n" : fmt::format("{:<{}} /* {} */\n", each.what, width, each.comment);
    return text;
}

const char* word_of(right rights)
{
    switch (rights) {
    case right::ro:
        return "RO";
    case right::rw:
        return "RW";
    case right::w1c:
        return "W1C";
    case right::wo:
        return "WO";
    }
    return "";
}

std::string access_of(const register_row& row)
{
    const right rights = row.mask(right::rw) != 0    ? right::rw
                         : row.mask(right::w1c) != 0 ? right::w1c
                         : row.mask(right::wo) != 0  ? right::wo
                                                     : right::ro;
    return word_of(rights) + std::string(row.has(kernel::while_disabled) ? " while disabled" : "");
}

std::string upper(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

/// What a row's meaning does not say itself.
std::string meaning_of(const register_row& row)
{
    std::string text = row.meaning;
    if (row.read_effect != nullptr)
        text += fmt::format("; a read {}", row.read_effect);
    if (row.has(kernel::refuses_reserved))
        text += "; a 1 in another bit is a bus error";
    return text;
}

std::string reset_of(const register_row& row)
{
    return row.has(kernel::by_design) ? "of the design" : fmt::format("{:#x}", row.reset_value());
}

void add_field(const register_row& row, const field_row& field, std::vector<define>& group)
{
    const std::string name = fmt::format("#define {}{}", row.field_prefix, field.name);
    if (field.bits == 1) {
        group.push_back({fmt::format("{} {:#x}u", name, 1U << field.lowest_bit), field.meaning});
        return;
    }
    const std::uint64_t mask = ((std::uint64_t{1} << field.bits) - 1) << field.lowest_bit;
    group.push_back({fmt::format("{}_SHIFT {}u", name, field.lowest_bit), field.meaning});
    group.push_back({fmt::format("{}_MASK {:#x}u", name, mask), "the same, in place"});
}

} // namespace

std::string register_defines(const register_table& table)
{
    std::vector<define> offsets;
    for (const register_row& row : table.rows)
        offsets.push_back({fmt::format("#define {}{} 0x{:03X}u", table.prefix, row.name, row.offset),
                           access_of(row) + ": " + meaning_of(row)});
    std::string text = to_text(offsets);
    std::set<std::string> known; // two registers may have the same bits
    for (const register_row& row : table.rows) {
        std::vector<define> group;
        for (const field_row& field : row.fields)
            if (row.field_prefix != nullptr && known.insert(row.field_prefix + std::string(field.name)).second)
                add_field(row, field, group);
        if (!group.empty())
            text += "\n" + to_text(group);
    }
    return text;
}

std::string register_page(const register_table& table)
{
    std::string text = "| offset | name | access | reset | meaning |\n|---|---|---|---|---|\n";
    std::string fields = "\n| register | bits | field | access | meaning |\n|---|---|---|---|---|\n";
    bool has_fields = false;
    for (const register_row& row : table.rows) {
        text += fmt::format("| 0x{:03X} | {}{} | {} | {} | {} |\n", row.offset, table.prefix, row.name, access_of(row),
                            reset_of(row), meaning_of(row));
        for (const field_row& field : row.fields) {
            if (row.field_prefix == nullptr)
                continue;
            const unsigned last = field.lowest_bit + field.bits - 1;
            const std::string bits =
                field.bits == 1 ? std::to_string(last) : fmt::format("{}-{}", field.lowest_bit, last);
            fields += fmt::format("| {}{} | {} | {}{} | {} | {} |\n", table.prefix, row.name, bits, row.field_prefix,
                                  field.name, word_of(field.rights), field.meaning);
            has_fields = true;
        }
    }
    return has_fields ? text + fields : text;
}

std::string device_defines()
{
    std::string text;
    for (const board_device* device : board::devices)
        if (device->registers != nullptr && device != &board::accelerator)
            text += fmt::format("\n/* {}: {:#x} bytes */\n{}", device->registers().device, device->size_bytes,
                                register_defines(device->registers()));
    return text;
}

std::string device_page()
{
    std::string text;
    for (const board_device* device : board::devices)
        if (device->registers != nullptr && device != &board::accelerator)
            text += fmt::format("\n## Registers: {}\n\nAt `LOAS_BOARD_{}_BASE`, {:#x} bytes.\n\n{}",
                                device->registers().device, upper(device->name), device->size_bytes,
                                register_page(device->registers()));
    return text + "\n";
}

std::string board_regions(std::uint64_t ram_bytes)
{
    std::string text = "MEMORY\n{\n";
    for (const board_device* device : board::devices)
        text += device == &board::ram ? fmt::format("    RAM (rwx) : ORIGIN = {:#010x}, LENGTH = {}M\n", device->base,
                                                    ram_bytes >> 20)
                                      : fmt::format("    {} (rw) : ORIGIN = {:#010x}, LENGTH = {:#x}\n",
                                                    upper(device->name), device->base, device->size_bytes);
    return text + "}\n";
}

std::string board_defines()
{
    std::string text;
    for (const board_device* device : board::devices) {
        const std::string name = "#define LOAS_BOARD_" + upper(device->name);
        const bool wide = device->base > 0xFFFFFFFF;
        text += fmt::format("\n{}_BASE 0x{:08X}u{}\n", name, device->base, wide ? "ll" : "");
        if (device->size_bytes != 0)
            text += fmt::format("{}_BYTES {:#x}u\n", name, device->size_bytes);
        if (device->interrupt >= 0)
            text += fmt::format("{}_INTERRUPT {}u\n", name, device->interrupt);
    }
    return text;
}

std::string board_page()
{
    std::string text = "| address | bytes | interrupt | what |\n|---|---|---|---|\n";
    for (const board_device* device : board::devices)
        text += fmt::format("| 0x{:08X} | {} | {} | {} |\n", device->base,
                            device->size_bytes == 0 ? "" : fmt::format("{:#x}", device->size_bytes),
                            device->interrupt < 0 ? "" : std::to_string(device->interrupt), device->what);
    return text;
}

namespace
{

/// What lies at an address.
struct place {
    const board_device* device = nullptr; ///< nullptr: nothing
    std::uint64_t offset = 0;
    std::uint64_t block = 0; ///< of registers, of which a device may have several
    const register_row* row = nullptr;
    unsigned index = 0; ///< of registers in a row
};

place find(std::uint64_t address)
{
    for (const board_device* device : board::devices) {
        const bool here = address >= device->base && address - device->base < device->size_bytes;
        if (!here)
            continue;
        place found{device, address - device->base, 0, nullptr, 0};
        if (device->registers == nullptr)
            return found;
        const register_table& table = device->registers();
        found.block = found.offset / table.size_bytes;
        for (const register_row& row : table.rows)
            for (unsigned i = 0; i < row.count; ++i)
                if (found.offset % table.size_bytes == row.offset + std::uint64_t{i} * row.stride) {
                    found.row = &row;
                    found.index = i;
                    return found; // of several at one place the first: which it is depends on another's bit
                }
        return found;
    }
    return {};
}

} // namespace

std::string name_of(std::uint64_t address)
{
    if (is_memory(address))
        return "RAM";
    const place at = find(address);
    if (at.device == nullptr)
        return "no device";
    if (at.row == nullptr)
        return fmt::format("{}+{:#x}", at.device->name, at.offset);
    return fmt::format("{}{} {}{}", at.device->name, at.block == 0 ? "" : fmt::format(" ring {}", at.block),
                       at.row->name, at.row->count == 1 ? "" : fmt::format("[{}]", at.index));
}

std::string value_text(std::uint64_t address, unsigned bytes, std::uint64_t value)
{
    std::string text = fmt::format("{:#x}", value);
    const place at = find(address);
    if (at.row == nullptr || bytes > 4)
        return text;
    const char* between = ": ";
    for (const kernel::field_row& field : at.row->fields) {
        const std::uint64_t held = value >> field.lowest_bit & ((std::uint64_t{1} << field.bits) - 1);
        if (field.name[0] == '\0' || held == 0)
            continue;
        // Large numbers are patterns or addresses rather than counts.
        text += fmt::format("{}{} {}", between, field.name,
                            held < 0x1000 ? fmt::format("{}", held) : fmt::format("{:#x}", held));
        between = ", ";
    }
    return text;
}

std::string register_pages()
{
    std::string text;
    for (const board_device* device : board::devices)
        if (device->registers != nullptr)
            text += fmt::format("{} at {:#x}\n\n{}\n", device->registers().device, device->base,
                                register_page(device->registers()));
    return text;
}

bool is_memory(std::uint64_t address)
{
    return address >= board::ram.base;
}

} // namespace loas::machine
