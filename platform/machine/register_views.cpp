#include "platform/machine/register_views.h"

#include "platform/machine/board.h"

#include <fmt/format.h>

namespace loas::machine
{
namespace
{

using kernel::field_row;
using kernel::register_row;
using kernel::right;

std::string escaped(const std::string& text)
{
    std::string to;
    for (const char c : text)
        to += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
    return to;
}

const char* access_of(const field_row& field)
{
    return field.rights == right::ro ? "read-only" : field.rights == right::wo ? "write-only" : "read-write";
}

std::string view_of(const field_row& field)
{
    if (*field.name == '\0')
        return "";
    return fmt::format("            <field><name>{}</name><description>{}</description><bitOffset>{}</bitOffset>"
                       "<bitWidth>{}</bitWidth><access>{}</access>{}</field>\n",
                       field.name, escaped(field.meaning), field.lowest_bit, field.bits, access_of(field),
                       field.rights == right::w1c ? "<modifiedWriteValues>oneToClear</modifiedWriteValues>" : "");
}

/// A write-only register of ours answers a read with something else; a debugger may show that.
std::string view_of(const register_row& row, unsigned register_bytes)
{
    const bool array = row.count > 1;
    std::string text = "        <register>";
    if (array)
        text += fmt::format("<dim>{}</dim><dimIncrement>{}</dimIncrement>", row.count, row.stride);
    text += fmt::format("<name>{}{}</name><description>{}</description><addressOffset>{:#x}</addressOffset>"
                        "<size>{}</size><access>{}</access><resetValue>{:#x}</resetValue>{}",
                        row.name, array ? "[%s]" : "", escaped(row.meaning), row.offset, 8 * register_bytes,
                        row.writable() ? "read-write" : "read-only", row.reset_value(),
                        row.read_effect != nullptr ? "<readAction>modifyExternal</readAction>" : "");
    std::string fields;
    for (const field_row& field : row.fields)
        fields += view_of(field);
    return text + (fields.empty() ? "" : "\n          <fields>\n" + fields + "          </fields>\n        ") +
           "</register>\n";
}

std::string view_of(const board_device& device, unsigned block, std::uint64_t block_bytes)
{
    const std::string number = block == 0 ? "" : std::to_string(block);
    std::string text = fmt::format(
        "    <peripheral>\n      <name>{}{}</name><description>{}</description><baseAddress>{:#x}</baseAddress>\n"
        "      <addressBlock><offset>0</offset><size>{:#x}</size><usage>registers</usage></addressBlock>\n",
        device.name, number, escaped(device.registers().device), device.base + block * block_bytes, block_bytes);
    if (device.interrupt >= 0)
        text += fmt::format("      <interrupt><name>{}{}</name><value>{}</value></interrupt>\n", device.name, number,
                            device.interrupt + static_cast<int>(block));
    text += "      <registers>\n";
    for (const register_row& row : device.registers().rows)
        text += view_of(row, device.registers().register_bytes);
    return text + "      </registers>\n    </peripheral>\n";
}

} // namespace

std::string register_views(unsigned rings)
{
    std::string text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                       "<device schemaVersion=\"1.3\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema-instance\">\n"
                       "  <name>loas_vp</name><version>1.0</version><description>The board of loas-vp</description>\n"
                       "  <addressUnitBits>8</addressUnitBits><width>32</width>\n  <peripherals>\n";
    for (const board_device* device : board::devices) {
        if (device->registers == nullptr)
            continue;
        const bool accelerator = device == &board::accelerator;
        for (unsigned block = 0; block < (accelerator ? rings : 1); ++block)
            text += view_of(*device, block, accelerator ? LOAS_REGISTER_BLOCK_BYTES : device->size_bytes);
    }
    return text + "  </peripherals>\n</device>\n";
}

} // namespace loas::machine
