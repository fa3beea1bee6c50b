#include "platform/machine/device_tree.h"

#include "models/devices/clint.h"
#include "platform/machine/board.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <variant>

namespace loas::machine
{
namespace
{

using cells = std::vector<std::uint32_t>;
using strings = std::vector<std::string>;

struct property {
    std::string name;
    std::variant<cells, strings> value; ///< no cells: the property is there, which is what it says
};

struct node {
    std::string name;
    std::vector<property> properties;
    std::vector<node> children;
};

constexpr std::uint32_t hart_interrupts = 1, plic_phandle = 2; ///< phandles
constexpr std::uint32_t software_interrupt = 3, timer_interrupt = 7, external_interrupt = 11;

cells two_cells(std::uint64_t value)
{
    return {static_cast<std::uint32_t>(value >> 32), static_cast<std::uint32_t>(value)};
}

cells range(std::uint64_t base, std::uint64_t bytes)
{
    cells to = two_cells(base);
    for (const std::uint32_t each : two_cells(bytes))
        to.push_back(each);
    return to;
}

strings words_of(const std::string& text)
{
    strings words(1);
    for (const char c : text)
        if (c == ' ')
            words.emplace_back();
        else
            words.back() += c;
    return words;
}

node cpus()
{
    const node controller{"interrupt-controller",
                          {{"#interrupt-cells", cells{1}},
                           {"#address-cells", cells{0}},
                           {"interrupt-controller", cells{}},
                           {"compatible", strings{"riscv,cpu-intc"}},
                           {"phandle", cells{hart_interrupts}}},
                          {}};
    const node cpu{"cpu@0",
                   {{"device_type", strings{"cpu"}},
                    {"reg", cells{0}},
                    {"status", strings{"okay"}},
                    {"compatible", strings{"riscv"}},
                    {"riscv,isa", strings{"rv64imafdc_zicsr_zifencei_zba_zbb_zbs"}}},
                   {controller}};
    return {"cpus",
            {{"#address-cells", cells{1}},
             {"#size-cells", cells{0}},
             {"timebase-frequency", cells{static_cast<std::uint32_t>(1000000000000 / devices::clint::tick_ps)}}},
            {cpu}};
}

/// What a kind of device says beside its place.
std::vector<property> particulars(const board_device& device)
{
    if (&device == &board::clint)
        return {{"interrupts-extended", cells{hart_interrupts, software_interrupt, hart_interrupts, timer_interrupt}}};
    if (&device == &board::plic)
        return {{"#interrupt-cells", cells{1}},
                {"#address-cells", cells{0}},
                {"interrupt-controller", cells{}},
                {"interrupts-extended", cells{hart_interrupts, external_interrupt}},
                {"riscv,ndev", cells{devices::plic_inputs - 1}},
                {"phandle", cells{plic_phandle}}};
    if (&device == &board::uart)
        return {{"clock-frequency", cells{16 * 115200}}};
    return {};
}

std::string node_name(const board_device& device)
{
    std::string name = &device == &board::uart   ? "serial"
                       : &device == &board::plic ? "interrupt-controller"
                                                 : device.name;
    std::replace(name.begin(), name.end(), '_', '-');
    return fmt::format("{}@{:x}", name, device.base);
}

node node_of(const board_device& device, const board_sizes& sizes)
{
    const bool rings = &device == &board::accelerator;
    const std::uint64_t bytes = rings ? std::uint64_t{sizes.rings} * LOAS_REGISTER_BLOCK_BYTES : device.size_bytes;
    node to{node_name(device), {{"compatible", words_of(device.compatible)}, {"reg", range(device.base, bytes)}}, {}};
    if (device.interrupt >= 0) {
        cells inputs;
        for (unsigned i = 0; i < (rings ? sizes.rings : 1); ++i)
            inputs.push_back(static_cast<std::uint32_t>(device.interrupt) + i);
        to.properties.push_back({"interrupts", inputs});
        to.properties.push_back({"interrupt-parent", cells{plic_phandle}});
    }
    for (const property& each : particulars(device))
        to.properties.push_back(each);
    return to;
}

node tree(const board_sizes& sizes)
{
    node soc{"soc",
             {{"#address-cells", cells{2}},
              {"#size-cells", cells{2}},
              {"compatible", strings{"simple-bus"}},
              {"ranges", cells{}}},
             {}};
    for (const board_device* device : board::devices)
        if (device != &board::ram)
            soc.children.push_back(node_of(*device, sizes));
    const node memory{fmt::format("memory@{:x}", board::ram.base),
                      {{"device_type", strings{"memory"}}, {"reg", range(board::ram.base, sizes.ram_bytes)}},
                      {}};
    const node chosen{"chosen", {{"stdout-path", strings{"/soc/" + node_name(board::uart)}}}, {}};
    return {"",
            {{"#address-cells", cells{2}},
             {"#size-cells", cells{2}},
             {"compatible", strings{"loas,vp"}},
             {"model", strings{"loas-vp"}}},
            {chosen, cpus(), memory, soc}};
}

// ---------------------------------------------------------------- as source

std::string source_of(const property& of)
{
    std::string text;
    if (const auto* words = std::get_if<strings>(&of.value)) {
        for (const std::string& each : *words)
            text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", each);
        return fmt::format("{} = {};", of.name, text);
    }
    for (const std::uint32_t each : std::get<cells>(of.value))
        text += fmt::format("{}{:#x}", text.empty() ? "" : " ", each);
    return text.empty() ? of.name + ";" : fmt::format("{} = <{}>;", of.name, text);
}

std::string source_of(const node& of, const std::string& indent)
{
    std::string text = fmt::format("{}{} {{\n", indent, of.name.empty() ? "/" : of.name);
    for (const property& each : of.properties)
        text += fmt::format("{}    {}\n", indent, source_of(each));
    for (const node& each : of.children)
        text += "\n" + source_of(each, indent + "    ");
    return text + indent + "};\n";
}

// ---------------------------------------------------------------- in binary form: all numbers big-endian

using bytes = std::vector<std::uint8_t>;

void put(bytes& to, std::uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        to.push_back(static_cast<std::uint8_t>(value >> shift));
}

void put(bytes& to, const std::string& text)
{
    to.insert(to.end(), text.begin(), text.end());
    to.push_back(0);
}

void align(bytes& to)
{
    to.resize((to.size() + 3) / 4 * 4);
}

constexpr std::uint32_t magic = 0xD00DFEED, version = 17, compatible_version = 16;
constexpr std::uint32_t begin_node = 1, end_node = 2, a_property = 3, end = 9;

struct blob {
    bytes structure, names;

    void add(const property& of)
    {
        bytes value;
        if (const auto* words = std::get_if<strings>(&of.value))
            for (const std::string& each : *words)
                put(value, each);
        else
            for (const std::uint32_t each : std::get<cells>(of.value))
                put(value, each);
        put(structure, a_property);
        put(structure, static_cast<std::uint32_t>(value.size()));
        put(structure, static_cast<std::uint32_t>(names.size()));
        put(names, of.name);
        structure.insert(structure.end(), value.begin(), value.end());
        align(structure);
    }
    void add(const node& of)
    {
        put(structure, begin_node);
        put(structure, of.name);
        align(structure);
        for (const property& each : of.properties)
            add(each);
        for (const node& each : of.children)
            add(each);
        put(structure, end_node);
    }
};

void put_64(bytes& to, std::size_t at, std::uint64_t value)
{
    std::memcpy(&to[at], &value, sizeof value); // little-endian, as the hart and this computer are
}

} // namespace

std::string device_tree_source(const board_sizes& sizes)
{
    return "/dts-v1/;\n\n" + source_of(tree(sizes), "");
}

std::vector<std::uint8_t> device_tree_blob(const board_sizes& sizes)
{
    constexpr std::uint32_t header_bytes = 40, reserved_bytes = 16;
    blob parts;
    parts.add(tree(sizes));
    put(parts.structure, end);
    const auto structure_bytes = static_cast<std::uint32_t>(parts.structure.size());
    const auto names_bytes = static_cast<std::uint32_t>(parts.names.size());
    const std::uint32_t structure_at = header_bytes + reserved_bytes, names_at = structure_at + structure_bytes;
    bytes all;
    for (const std::uint32_t each : {magic, names_at + names_bytes, structure_at, names_at, header_bytes, version,
                                     compatible_version, 0U, names_bytes, structure_bytes})
        put(all, each);
    all.resize(structure_at); // no memory is reserved
    all.insert(all.end(), parts.structure.begin(), parts.structure.end());
    all.insert(all.end(), parts.names.begin(), parts.names.end());
    return all;
}

std::vector<std::uint8_t> boot_rom_image(std::uint64_t entry, const board_sizes& sizes)
{
    constexpr std::size_t entry_at = 0x18, tree_address_at = 0x20, tree_at = 0x40;
    constexpr std::uint32_t code[] = {
        0x00000297, // auipc t0, 0
        0xF1402573, // csrr a0, mhartid
        0x0202B583, // ld a1, 32(t0)
        0x0182B283, // ld t0, 24(t0)
        0x00028067, // jr t0
    };
    bytes image(tree_at);
    std::memcpy(image.data(), code, sizeof code);
    put_64(image, entry_at, entry);
    put_64(image, tree_address_at, board::boot_rom.base + tree_at);
    const bytes tree = device_tree_blob(sizes);
    image.insert(image.end(), tree.begin(), tree.end());
    return image;
}

} // namespace loas::machine
