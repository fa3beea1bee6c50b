// The reader of programs: a small program written byte by byte, each way in which it can be wrong, and damage.
#include "platform/formats/elf.h"

#include <cstring>
#include <random>

#include "platform/text/user_error.h"
#include "tests/unit/formats/load_support.h"

namespace
{

using namespace loas;
using formats::elf_program;
using test::scratch_file;
using test::user_error_of;
using testing::HasSubstr;

using bytes = std::vector<std::uint8_t>;

template <typename number> void put(bytes& to, std::size_t at, number value)
{
    std::memcpy(to.data() + at, &value, sizeof value);
}

constexpr std::size_t segments_at = 64, second_segment_at = segments_at + 56, code_at = 176, names_at = 192,
                      symbols_at = 216, sections_at = symbols_at + 4 * 24, file_bytes = sections_at + 3 * 64;
constexpr std::uint64_t base = 0x80000000;

void put_segment(bytes& to, std::size_t at, std::uint64_t offset, std::uint64_t address, std::uint64_t in_file,
                 std::uint64_t in_memory)
{
    put<std::uint32_t>(to, at, 1); // PT_LOAD
    put(to, at + 8, offset);
    put(to, at + 16, address + 0x100000000); // virtual address: not where it is loaded
    put(to, at + 24, address);
    put(to, at + 32, in_file);
    put(to, at + 40, in_memory);
}

void put_symbol(bytes& to, unsigned number, std::uint32_t name, std::uint8_t type, std::uint64_t address,
                std::uint64_t size)
{
    const std::size_t at = symbols_at + number * 24;
    put(to, at, name);
    to[at + 4] = static_cast<std::uint8_t>(0x10 | type);
    put<std::uint16_t>(to, at + 6, 1);
    put(to, at + 8, address);
    put(to, at + 16, size);
}

/// Two segments, the second with 100 bytes of zeros behind its 4; _start, main and a variable.
bytes program()
{
    bytes file(file_bytes);
    const std::uint8_t identity[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    std::copy(std::begin(identity), std::end(identity), file.begin());
    put<std::uint16_t>(file, 16, 2);   // executable
    put<std::uint16_t>(file, 18, 243); // RISC-V
    put<std::uint32_t>(file, 20, 1);
    put<std::uint64_t>(file, 24, base + 4); // entry
    put<std::uint64_t>(file, 32, segments_at);
    put<std::uint64_t>(file, 40, sections_at);
    put<std::uint32_t>(file, 48, 1); // compressed instructions
    put<std::uint16_t>(file, 52, 64);
    put<std::uint16_t>(file, 54, 56);
    put<std::uint16_t>(file, 56, 2);
    put<std::uint16_t>(file, 58, 64);
    put<std::uint16_t>(file, 60, 3);
    put_segment(file, segments_at, code_at + 12, base + 0x1000, 4, 104); // in no order
    put_segment(file, second_segment_at, code_at, base, 12, 12);
    for (std::uint8_t i = 0; i < 16; ++i)
        file[code_at + i] = static_cast<std::uint8_t>(0xa0 + i);
    std::memcpy(file.data() + names_at, "\0_start\0main\0variable\0", 22);
    put_symbol(file, 1, 1, 0, base + 4, 0);
    put_symbol(file, 2, 8, 2, base + 8, 4);
    put_symbol(file, 3, 13, 1, base + 0x1000, 4);
    put<std::uint32_t>(file, sections_at + 64 + 4, 2); // symbols
    put<std::uint64_t>(file, sections_at + 64 + 24, symbols_at);
    put<std::uint64_t>(file, sections_at + 64 + 32, 4 * 24);
    put<std::uint32_t>(file, sections_at + 64 + 40, 2);
    put<std::uint32_t>(file, sections_at + 128 + 4, 3); // their names
    put<std::uint64_t>(file, sections_at + 128 + 24, names_at);
    put<std::uint64_t>(file, sections_at + 128 + 32, 22);
    return file;
}

std::string error_of(const bytes& file)
{
    return user_error_of([&] { formats::parse_elf(file, "fw.elf"); });
}

/// The program with one number changed.
template <typename number> std::string error_with(std::size_t at, number value)
{
    bytes file = program();
    put(file, at, value);
    return error_of(file);
}

} // namespace

TEST(elf, reads_segments_and_symbols)
{
    const elf_program read = formats::parse_elf(program(), "fw.elf");
    EXPECT_EQ(read.source, "fw.elf");
    EXPECT_EQ(read.entry, base + 4);
    ASSERT_EQ(read.segments.size(), 2u);
    EXPECT_EQ(read.segments[0].address, base);
    EXPECT_EQ(read.segments[0].bytes, (bytes{0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab}));
    EXPECT_EQ(read.segments[1].address, base + 0x1000);
    EXPECT_EQ(read.segments[1].memory_bytes, 104u);
    EXPECT_EQ(read.segments[1].bytes, (bytes{0xac, 0xad, 0xae, 0xaf}));
    ASSERT_EQ(read.symbols.size(), 2u);
    EXPECT_EQ(read.place(base), "");
    EXPECT_EQ(read.place(base + 4), "_start");
    EXPECT_EQ(read.place(base + 6), "_start+0x2");
    EXPECT_EQ(read.place(base + 11), "main+0x3");
    EXPECT_EQ(read.place(base + 12), "");
}

TEST(elf, a_stripped_program_has_no_symbols)
{
    bytes file = program();
    put<std::uint64_t>(file, 40, 0);
    put<std::uint16_t>(file, 60, 0);
    file.resize(names_at);
    EXPECT_TRUE(formats::parse_elf(file, "fw.elf").symbols.empty());
}

TEST(elf, says_what_is_wrong)
{
    EXPECT_EQ(error_of({}), "fw.elf: is not an ELF file: it does not begin with 7f 45 4c 46");
    EXPECT_THAT(error_with<std::uint8_t>(4, 1), HasSubstr("fw.elf: is an ELF file of 32 bits; the CPU is RV64"));
    EXPECT_THAT(error_with<std::uint8_t>(5, 2), HasSubstr("big-endian"));
    EXPECT_THAT(error_with<std::uint16_t>(18, 62), HasSubstr("for machine 62 (x86-64); the CPU is RISC-V (243)"));
    EXPECT_THAT(error_with<std::uint16_t>(16, 1), HasSubstr("has not been linked"));
    EXPECT_THAT(error_with<std::uint16_t>(16, 3), HasSubstr("link with -static -no-pie"));
    EXPECT_THAT(error_with<std::uint16_t>(16, 4), HasSubstr("of type 4"));
    EXPECT_THAT(error_with<std::uint32_t>(48, 8), HasSubstr("RV64E"));
    EXPECT_THAT(error_with<std::uint32_t>(segments_at, 3), HasSubstr("dynamically linked; link with -static"));
    EXPECT_THAT(error_with<std::uint16_t>(54, 32), HasSubstr("instead of 56: damaged"));
    EXPECT_THAT(error_with<std::uint16_t>(56, 0), HasSubstr("no segment that is loaded"));
    EXPECT_THAT(error_with<std::uint16_t>(56, 0xffff), HasSubstr("the table of segments at byte 64"));
    EXPECT_THAT(error_with<std::uint64_t>(segments_at + 40, 3), HasSubstr("4 bytes in the file and only 3 in memory"));
    EXPECT_THAT(error_with<std::uint64_t>(segments_at + 40, ~std::uint64_t{0}),
                HasSubstr("round the end of addresses"));
    EXPECT_THAT(error_with<std::uint64_t>(segments_at + 8, ~std::uint64_t{0} - 2),
                HasSubstr("a segment at byte 18446744073709551613 (4 bytes) lies beyond the end"));
    EXPECT_THAT(error_with<std::uint64_t>(segments_at + 24, base + 8),
                HasSubstr("0x80000000 (12 bytes) and 0x80000008 overlap"));
    EXPECT_THAT(error_with<std::uint64_t>(24, base + 12), HasSubstr("entry 0x8000000c lies in no segment"));
    EXPECT_THAT(error_with<std::uint64_t>(24, base + 5), HasSubstr("odd"));
    EXPECT_THAT(error_with<std::uint64_t>(40, 1 << 20), HasSubstr("the table of sections at byte 1048576"));
    EXPECT_THAT(error_with<std::uint32_t>(sections_at + 64 + 40, 9), HasSubstr("in section 9, and there are only 3"));
    EXPECT_THAT(error_with<std::uint32_t>(symbols_at + 24, 22), HasSubstr("name lies beyond the table"));
    EXPECT_THAT(error_with<std::uint64_t>(sections_at + 64 + 32, 1 << 20),
                HasSubstr("the table of symbols at byte 216"));
}

TEST(elf, reads_files)
{
    const scratch_file file("fw.elf");
    const bytes good = program();
    file.write({good.begin(), good.end()});
    EXPECT_EQ(formats::read_elf(file.path()).segments.size(), 2u);
    EXPECT_THAT(user_error_of([&] { formats::read_elf(file.path() + ".none"); }), HasSubstr(".none: cannot be read"));
}

TEST(elf, survives_damage)
{
    const bytes good = program();
    for (std::size_t length = 0; length < good.size(); ++length)
        EXPECT_NE(error_of(bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length))), "") << length;
    std::mt19937 random(1);
    unsigned refused = 0;
    for (int i = 0; i < 50000; ++i) {
        bytes bad = good;
        for (auto changes = 1 + random() % 4; changes > 0; --changes)
            bad[random() % bad.size()] = static_cast<std::uint8_t>(random() % 3 == 0 ? random() : random() % 2 * 255);
        try {
            const elf_program read = formats::parse_elf(bad, "fw.elf");
            for (const formats::elf_segment& each : read.segments)
                EXPECT_LE(each.bytes.size(), each.memory_bytes);
            read.place(read.entry);
        } catch (const text::user_error&) {
            ++refused;
        }
    }
    EXPECT_GT(refused, 10000u);
    EXPECT_LT(refused, 50000u);
}
