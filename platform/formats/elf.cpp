#include "platform/formats/elf.h"

#include "platform/text/read_text.h"
#include "platform/text/user_error.h"

#include <algorithm>
#include <fmt/format.h>

namespace loas::formats
{
namespace
{

// Larger files are refused: RAM is smaller, and a mistaken path should not eat the memory.
constexpr std::size_t most_file_bytes = std::size_t{1} << 30;

constexpr std::uint64_t header_bytes = 64, segment_header_bytes = 56, section_header_bytes = 64, symbol_bytes = 24;

// Numbers of the ELF specification.
enum : std::uint64_t {
    class_64 = 2,
    little_endian = 1,
    executable = 2,
    shared_object = 3,
    relocatable = 1,
    riscv = 243,
    riscv_embedded = 8, // e_flags: 16 registers
    load = 1,
    interpreter = 3,
    symbol_table = 2,
    no_type = 0,
    function = 2,
};

class reader
{
public:
    reader(const std::vector<std::uint8_t>& bytes, const std::string& source) : m_bytes(bytes), m_source(source) {}

    [[noreturn]] void fail(const std::string& what) const { throw text::user_error(m_source + ": " + what); }

    /// A little-endian number of 1 to 8 bytes; `of` is what it belongs to.
    std::uint64_t number(std::uint64_t at, unsigned bytes, const char* of) const
    {
        need(at, bytes, of);
        std::uint64_t value = 0;
        for (unsigned i = bytes; i-- > 0;)
            value = value << 8 | m_bytes[at + i];
        return value;
    }

    void need(std::uint64_t at, std::uint64_t bytes, const char* of) const
    {
        if (at > m_bytes.size() || bytes > m_bytes.size() - at)
            fail(fmt::format(
                "{} at byte {} ({} bytes) lies beyond the end of the file, which has {} bytes: truncated or "
                "damaged", of, at, bytes, m_bytes.size()));
    }

    std::vector<std::uint8_t> part(std::uint64_t at, std::uint64_t bytes, const char* of) const
    {
        need(at, bytes, of);
        const auto begin = m_bytes.begin() + static_cast<std::ptrdiff_t>(at);
        return {begin, begin + static_cast<std::ptrdiff_t>(bytes)};
    }

    /// A text that ends with a 0, in a table of the file.
    std::string name(std::uint64_t table, std::uint64_t table_bytes, std::uint64_t at) const
    {
        if (at >= table_bytes)
            fail(fmt::format("a symbol's name lies beyond the table of names at byte {}: damaged", table));
        const auto begin = m_bytes.begin() + static_cast<std::ptrdiff_t>(table + at);
        const auto end = m_bytes.begin() + static_cast<std::ptrdiff_t>(table + table_bytes);
        return {begin, std::find(begin, end, std::uint8_t{0})};
    }

private:
    const std::vector<std::uint8_t>& m_bytes;
    const std::string& m_source;
};

void check_kind(const reader& file)
{
    constexpr const char* header = "the ELF header";
    if (file.number(4, 1, header) != class_64)
        file.fail("is an ELF file of 32 bits; the CPU is RV64: compile with -march=rv64imac -mabi=lp64");
    if (file.number(5, 1, header) != little_endian)
        file.fail("is a big-endian ELF file; the CPU is little-endian");
    file.need(0, header_bytes, header);
    const std::uint64_t machine = file.number(18, 2, header);
    if (machine != riscv)
        file.fail(fmt::format("is an ELF file for machine {}{}; the CPU is RISC-V (243)", machine,
                              machine == 62    ? " (x86-64)"
                              : machine == 183 ? " (AArch64)"
                                               : ""));
    const std::uint64_t type = file.number(16, 2, header);
    if (type == relocatable)
        file.fail("is an object file that has not been linked");
    if (type == shared_object)
        file.fail("is a shared object or position-independent; link with -static -no-pie");
    if (type != executable)
        file.fail(fmt::format("is an ELF file of type {}, not an executable program", type));
    if ((file.number(48, 4, header) & riscv_embedded) != 0)
        file.fail("is compiled for RV64E (16 registers); compile with -march=rv64imac -mabi=lp64");
}

void read_segments(const reader& file, elf_program& to)
{
    constexpr const char* header = "a segment's header";
    const std::uint64_t table = file.number(32, 8, "the ELF header"), count = file.number(56, 2, "the ELF header");
    if (count != 0 && file.number(54, 2, "the ELF header") != segment_header_bytes)
        file.fail(fmt::format("says that a segment's header has {} bytes instead of {}: damaged",
                              file.number(54, 2, "the ELF header"), segment_header_bytes));
    for (std::uint64_t i = 0; i < count; ++i) {
        file.need(table, (i + 1) * segment_header_bytes, "the table of segments");
        const std::uint64_t at = table + i * segment_header_bytes;
        const std::uint64_t type = file.number(at, 4, header);
        if (type == interpreter)
            file.fail("is dynamically linked; link with -static");
        const std::uint64_t file_bytes = file.number(at + 32, 8, header);
        elf_segment segment;
        segment.address = file.number(at + 24, 8, header);
        segment.memory_bytes = file.number(at + 40, 8, header);
        if (type != load || segment.memory_bytes == 0)
            continue;
        if (file_bytes > segment.memory_bytes)
            file.fail(fmt::format("segment {} has {} bytes in the file and only {} in memory: damaged", i, file_bytes,
                                  segment.memory_bytes));
        if (segment.memory_bytes - 1 > ~segment.address)
            file.fail(fmt::format("segment {} at {:#x} of {} bytes goes round the end of addresses", i, segment.address,
                                  segment.memory_bytes));
        segment.bytes = file.part(file.number(at + 8, 8, header), file_bytes, "a segment");
        to.segments.push_back(std::move(segment));
    }
    std::sort(to.segments.begin(), to.segments.end(),
              [](const elf_segment& a, const elf_segment& b) { return a.address < b.address; });
}

void check_segments(const reader& file, const elf_program& of)
{
    if (of.segments.empty())
        file.fail("has no segment that is loaded: no code in it");
    for (std::size_t i = 1; i < of.segments.size(); ++i) {
        const elf_segment& before = of.segments[i - 1];
        if (of.segments[i].address - before.address < before.memory_bytes)
            file.fail(fmt::format("segments at {:#x} ({} bytes) and {:#x} overlap", before.address, before.memory_bytes,
                                  of.segments[i].address));
    }
    const bool has_entry = std::any_of(of.segments.begin(), of.segments.end(), [&](const elf_segment& each) {
        return of.entry >= each.address && of.entry - each.address < each.memory_bytes;
    });
    if (!has_entry)
        file.fail(fmt::format("its entry {:#x} lies in no segment", of.entry));
    if (of.entry % 2 != 0)
        file.fail(fmt::format("its entry {:#x} is odd, and instructions are at even addresses", of.entry));
}

// Names are for messages, but a damaged table of them is told all the same: the rest would be suspect.
void read_symbols(const reader& file, std::uint64_t section, std::uint64_t names, elf_program& to)
{
    constexpr const char* header = "a section's header";
    const std::uint64_t table = file.number(section + 24, 8, header), bytes = file.number(section + 32, 8, header);
    const std::uint64_t text = file.number(names + 24, 8, header), text_bytes = file.number(names + 32, 8, header);
    file.need(table, bytes, "the table of symbols");
    file.need(text, text_bytes, "the table of symbols' names");
    for (std::uint64_t i = 0; i + symbol_bytes <= bytes; i += symbol_bytes) {
        const std::uint64_t at = table + i;
        const std::uint64_t type = file.number(at + 4, 1, "a symbol") & 15,
                            in_section = file.number(at + 6, 2, "a symbol");
        if ((type != function && type != no_type) || in_section == 0 || in_section >= 0xff00)
            continue; // data, undefined, or a number
        elf_symbol symbol;
        symbol.address = file.number(at + 8, 8, "a symbol");
        symbol.bytes = file.number(at + 16, 8, "a symbol");
        symbol.name = file.name(text, text_bytes, file.number(at, 4, "a symbol"));
        if (!symbol.name.empty() && symbol.name[0] != '$' && symbol.name[0] != '.') // not the tools' own marks
            to.symbols.push_back(std::move(symbol));
    }
}

void read_sections(const reader& file, elf_program& to)
{
    const std::uint64_t table = file.number(40, 8, "the ELF header"), count = file.number(60, 2, "the ELF header");
    if (table == 0 || count == 0)
        return; // stripped
    if (file.number(58, 2, "the ELF header") != section_header_bytes)
        file.fail("says that a section's header does not have 64 bytes: damaged");
    file.need(table, count * section_header_bytes, "the table of sections");
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t at = table + i * section_header_bytes;
        if (file.number(at + 4, 4, "a section's header") != symbol_table)
            continue;
        const std::uint64_t names = file.number(at + 40, 4, "a section's header");
        if (names >= count)
            file.fail(
                fmt::format("section {} has its names in section {}, and there are only {}: damaged", i, names, count));
        read_symbols(file, at, table + names * section_header_bytes, to);
    }
    // Of several names of one place the one with a size comes last, which is the one that is looked up.
    std::stable_sort(to.symbols.begin(), to.symbols.end(), [](const elf_symbol& a, const elf_symbol& b) {
        return a.address != b.address ? a.address < b.address : a.bytes < b.bytes;
    });
}

} // namespace

const elf_symbol* elf_program::symbol_at(std::uint64_t address) const
{
    const auto behind = std::upper_bound(symbols.begin(), symbols.end(), address,
                                         [](std::uint64_t at, const elf_symbol& each) { return at < each.address; });
    if (behind == symbols.begin())
        return nullptr;
    const elf_symbol& found = *(behind - 1);
    return found.bytes == 0 || address - found.address < found.bytes ? &found : nullptr;
}

std::string elf_program::place(std::uint64_t address) const
{
    const elf_symbol* found = symbol_at(address);
    if (found == nullptr)
        return "";
    return address == found->address ? found->name : fmt::format("{}+{:#x}", found->name, address - found->address);
}

elf_program parse_elf(const std::vector<std::uint8_t>& bytes, const std::string& source)
{
    const reader file(bytes, source);
    static constexpr std::uint8_t magic[] = {0x7f, 'E', 'L', 'F'};
    if (bytes.size() < sizeof magic || !std::equal(magic, magic + sizeof magic, bytes.begin()))
        file.fail("is not an ELF file: it does not begin with 7f 45 4c 46");
    check_kind(file);
    elf_program to;
    to.source = source;
    to.entry = file.number(24, 8, "the ELF header");
    read_segments(file, to);
    check_segments(file, to);
    read_sections(file, to);
    return to;
}

elf_program read_elf(const std::string& path)
{
    const auto text = text::read_text(path, most_file_bytes);
    if (!text)
        throw text::user_error(path + ": cannot be read");
    if (text->size() > most_file_bytes)
        throw text::user_error(fmt::format("{}: is larger than {} bytes", path, most_file_bytes));
    return parse_elf({text->begin(), text->end()}, path);
}

} // namespace loas::formats
