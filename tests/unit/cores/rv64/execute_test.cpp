// What instructions compute, in both forms of dispatch, against numbers from the ISA manual and from plain arithmetic.
#include "tests/unit/cores/rv64/small_board.h"

#include <gtest/gtest.h>

namespace
{

using namespace loas;
using namespace loas::test::rv64_code;
using loas::test::both_forms;
using loas::test::small_board;

constexpr std::uint64_t least = std::uint64_t{1} << 63, all = ~std::uint64_t{0}, least_32 = 0xffffffff80000000;
constexpr std::uint64_t some = 0x0123456789abcdef;

struct row {
    const char* name;
    word code; ///< rd = 1, rs1 = 2, rs2 = 3
    std::uint64_t a, b, result;
};

constexpr word rr(word funct7, word funct3, word opcode = 0x33)
{
    return r_type(funct7, 3, 2, funct3, 1, opcode);
}
constexpr word ri(std::int32_t immediate, word funct3, word opcode = 0x13)
{
    return i_type(immediate, 2, funct3, 1, opcode);
}

const row rows[] = {
    {"add", rr(0, 0), all, 2, 1},
    {"sub", rr(0x20, 0), 1, 2, all},
    {"sll", rr(0, 1), 1, 127, least},
    {"slt", rr(0, 2), least, 0, 1},
    {"sltu", rr(0, 3), least, 0, 0},
    {"xor", rr(0, 4), some, all, ~some},
    {"srl", rr(0, 5), least, 63, 1},
    {"sra", rr(0x20, 5), least, 63, all},
    {"or", rr(0, 6), 0xf0, 0x0f, 0xff},
    {"and", rr(0, 7), 0xf3, 0x3f, 0x33},
    {"addw", rr(0, 0, 0x3b), 0x7fffffff, 1, least_32},
    {"subw", rr(0x20, 0, 0x3b), 0x80000000, 1, 0x7fffffff},
    {"sllw", rr(0, 1, 0x3b), 1, 63, least_32},
    {"srlw", rr(0, 5, 0x3b), all, 32, all},
    {"srlw by 1", rr(0, 5, 0x3b), all, 1, 0x7fffffff},
    {"sraw", rr(0x20, 5, 0x3b), 0x180000000, 31, all},
    {"addi", ri(-1, 0), 0, 0, all},
    {"slti", ri(-1, 2), least, 0, 1},
    {"sltiu with a sign", ri(-1, 3), 5, 0, 1},
    {"xori", ri(-1, 4), some, 0, ~some},
    {"ori", ri(-256, 6), 1, 0, all - 254},
    {"andi", ri(-256, 7), 0x1ff, 0, 0x100},
    {"slli", ri(63, 1), 3, 0, least},
    {"srli", ri(63, 5), least, 0, 1},
    {"srai", ri(0x400 | 63, 5), least, 0, all},
    {"addiw", ri(1, 0, 0x1b), 0x7fffffff, 0, least_32},
    {"slliw", ri(31, 1, 0x1b), 3, 0, least_32},
    {"srliw", ri(31, 5, 0x1b), all, 0, 1},
    {"sraiw", ri(0x400 | 31, 5, 0x1b), 0x80000000, 0, all},

    {"mul", rr(1, 0), all, 3, all - 2},
    {"mulh", rr(1, 1), all, all, 0},
    {"mulh least", rr(1, 1), least, least, std::uint64_t{1} << 62},
    {"mulh of signs", rr(1, 1), least, 1, all},
    {"mulhsu", rr(1, 2), all, all, all},
    {"mulhsu least", rr(1, 2), least, all, least},
    {"mulhu", rr(1, 3), all, all, all - 1},
    {"mulhu middle", rr(1, 3), some, 0xfedcba9876543210, 0x121fa00ad77d742},
    {"mulw", rr(1, 0, 0x3b), 0x10000, 0x8000, least_32},
    {"div", rr(1, 4), all - 6, 2, all - 2},
    {"div by 0", rr(1, 4), 7, 0, all},
    {"div overflow", rr(1, 4), least, all, least},
    {"divu", rr(1, 5), all, 2, all >> 1},
    {"divu by 0", rr(1, 5), 7, 0, all},
    {"rem", rr(1, 6), all - 6, 2, all},
    {"rem by 0", rr(1, 6), 7, 0, 7},
    {"rem overflow", rr(1, 6), least, all, 0},
    {"remu", rr(1, 7), all, 10, 5},
    {"remu by 0", rr(1, 7), least, 0, least},
    {"divw", rr(1, 4, 0x3b), 0xfffffff9, 2, all - 2},
    {"divw by 0", rr(1, 4, 0x3b), 7, least, all},
    {"divw overflow", rr(1, 4, 0x3b), 0x80000000, 0xffffffff, least_32},
    {"divuw", rr(1, 5, 0x3b), 0xffffffff, 1, all},
    {"divuw by 0", rr(1, 5, 0x3b), 7, 0, all},
    {"remw", rr(1, 6, 0x3b), 0xfffffff9, 2, all},
    {"remw overflow", rr(1, 6, 0x3b), 0x80000000, 0xffffffff, 0},
    {"remuw by 0", rr(1, 7, 0x3b), 0xffffffff, 0, all},

    {"add.uw", rr(4, 0, 0x3b), all, 1, 0x100000000},
    {"sh1add", rr(0x10, 2), 3, 1, 7},
    {"sh2add", rr(0x10, 4), 3, 1, 13},
    {"sh3add", rr(0x10, 6), 3, 1, 25},
    {"sh1add.uw", rr(0x10, 2, 0x3b), all, 1, 0x1ffffffff},
    {"sh2add.uw", rr(0x10, 4, 0x3b), all, 1, 0x3fffffffd},
    {"sh3add.uw", rr(0x10, 6, 0x3b), all, 1, 0x7fffffff9},
    {"slli.uw", ri(0x080 | 32, 1, 0x1b), all, 0, 0xffffffff00000000},
    {"andn", rr(0x20, 7), 0xff, 0x0f, 0xf0},
    {"orn", rr(0x20, 6), 0, 0x0f, all - 15},
    {"xnor", rr(0x20, 4), some, some, all},
    {"clz", ri(0x600, 1), 1, 0, 63},
    {"clz of 0", ri(0x600, 1), 0, 0, 64},
    {"ctz", ri(0x601, 1), least, 0, 63},
    {"ctz of 0", ri(0x601, 1), 0, 0, 64},
    {"cpop", ri(0x602, 1), some, 0, 32},
    {"clzw", ri(0x600, 1, 0x1b), all << 32 | 1, 0, 31},
    {"clzw of 0", ri(0x600, 1, 0x1b), all << 32, 0, 32},
    {"ctzw", ri(0x601, 1, 0x1b), all << 31, 0, 31},
    {"ctzw of 0", ri(0x601, 1, 0x1b), all << 32, 0, 32},
    {"cpopw", ri(0x602, 1, 0x1b), all, 0, 32},
    {"max", rr(5, 6), least, 1, 1},
    {"maxu", rr(5, 7), least, 1, least},
    {"min", rr(5, 4), least, 1, least},
    {"minu", rr(5, 5), least, 1, 1},
    {"sext.b", ri(0x604, 1), 0x180, 0, all - 127},
    {"sext.h", ri(0x605, 1), 0x18000, 0, all - 32767},
    {"zext.h", r_type(4, 0, 2, 4, 1, 0x3b), all, 0, 0xffff},
    {"rol", rr(0x30, 1), some, 4, 0x123456789abcdef0},
    {"rol by 0", rr(0x30, 1), some, 64, some},
    {"ror", rr(0x30, 5), some, 4, 0xf0123456789abcde},
    {"rori", ri(0x600 | 8, 5), some, 0, 0xef0123456789abcd},
    {"rolw", rr(0x30, 1, 0x3b), 0x89abcdef, 4, all << 32 | 0x9abcdef8},
    {"rorw", rr(0x30, 5, 0x3b), 0x89abcdef, 4, all << 32 | 0xf89abcde},
    {"roriw", ri(0x600 | 4, 5, 0x1b), 0x89abcde7, 0, 0x789abcde},
    {"orc.b", ri(0x287, 5), 0x0100800000010010, 0, 0xff00ff0000ff00ff},
    {"rev8", ri(0x6b8, 5), some, 0, 0xefcdab8967452301},
    {"bclr", rr(0x24, 1), all, 127, all >> 1},
    {"bclri", ri(0x480 | 63, 1), all, 0, all >> 1},
    {"bext", rr(0x24, 5), least, 63, 1},
    {"bexti", ri(0x480 | 62, 5), least, 0, 0},
    {"binv", rr(0x34, 1), all, 0, all - 1},
    {"binvi", ri(0x680 | 63, 1), 0, 0, least},
    {"bset", rr(0x14, 1), 0, 63, least},
    {"bseti", ri(0x280 | 40, 1), 0, 0, std::uint64_t{1} << 40},
};

} // namespace

TEST(rv64_execute, arithmetic)
{
    for (const rv64::dispatch form : both_forms) {
        small_board board(form);
        for (const row& each : rows) {
            board.put(board.ram_base, std::vector<word>{each.code});
            board.hart.set_pc(board.ram_base);
            board.hart.set_x(1, 0x5555);
            board.hart.set_x(2, each.a);
            board.hart.set_x(3, each.b);
            board.steps(1);
            EXPECT_EQ(board.hart.x(1), each.result) << each.name << std::hex << ": " << board.hart.x(1);
            EXPECT_EQ(board.hart.pc(), board.ram_base + 4) << each.name;
        }
        EXPECT_EQ(board.hart.traps(), 0u);
        EXPECT_EQ(board.hart.instret(), std::size(rows));
    }
}

TEST(rv64_execute, the_zero_register_stays_zero)
{
    for (const rv64::dispatch form : both_forms) {
        small_board board(form);
        board.put(board.ram_base,
                  std::vector<word>{addi(0, 0, 5), lui(0, 5), lw(0, 1, 0), csrrw(0, rv64::csr::mscratch, 1),
                                    amo(0, 2, 0, 1, 0), jal(0, 4), add(5, 0, 0)});
        board.hart.set_x(1, board.ram_base + 0x100);
        board.set<std::uint32_t>(board.ram_base + 0x100, 7);
        board.hart.set_x(5, 1);
        board.steps(7);
        EXPECT_EQ(board.hart.x(0), 0u);
        EXPECT_EQ(board.hart.x(5), 0u);
    }
}

TEST(rv64_execute, branches_and_jumps)
{
    struct branch {
        word funct3;
        std::uint64_t a, b;
        bool taken;
    };
    const branch branches[] = {{0, 1, 1, true},     {0, 1, 2, false},     {1, 1, 2, true},     {1, 1, 1, false},
                               {4, least, 0, true}, {4, 0, 0, false},     {5, 0, least, true}, {5, least, 0, false},
                               {6, 0, least, true}, {6, least, 0, false}, {7, least, 0, true}, {7, 0, least, false}};
    for (const rv64::dispatch form : both_forms) {
        small_board board(form);
        for (const branch& each : branches) {
            board.put(board.ram_base + 8, std::vector<word>{b_type(-8, 3, 2, each.funct3)});
            board.hart.set_pc(board.ram_base + 8);
            board.hart.set_x(2, each.a);
            board.hart.set_x(3, each.b);
            const std::uint64_t cycle = board.hart.cycle();
            board.steps(1);
            EXPECT_EQ(board.hart.pc(), each.taken ? board.ram_base : board.ram_base + 12) << each.funct3;
            EXPECT_EQ(board.hart.cycle() - cycle, each.taken ? 2u : 1u);
        }
        board.put(board.ram_base, std::vector<word>{jal(1, 0x20)});
        board.put(board.ram_base + 0x20, std::vector<word>{jalr(1, 1, 0x101)}); // bit 0 of the target is dropped
        board.hart.set_pc(board.ram_base);
        board.steps(2);
        EXPECT_EQ(board.hart.pc(), board.ram_base + 4 + 0x100);
        EXPECT_EQ(board.hart.x(1), board.ram_base + 0x24);
    }
}

TEST(rv64_execute, compressed_jumps_link_two_bytes_on)
{
    small_board board;
    board.put(board.ram_base, std::vector<std::uint16_t>{test::rv64_code::c_nop, 0x9502}); // c.jalr a0
    board.hart.set_x(10, board.ram_base + 0x40);
    board.steps(2);
    EXPECT_EQ(board.hart.pc(), board.ram_base + 0x40);
    EXPECT_EQ(board.hart.x(1), board.ram_base + 4);
}

// Instructions take what their class costs, whatever the parameters are.
TEST(rv64_execute, class_costs)
{
    const rv64::class_cycles cycles{10, 20, 30, 40, 50, 60, 70, 80};
    struct cost {
        word code;
        unsigned cycles;
    };
    const cost costs[] = {{add(1, 2, 3), 10},
                          {mul(1, 2, 3), 20},
                          {div(1, 2, 3), 30},
                          {lw(1, 4, 0), 40},
                          {sw(1, 4, 0), 50},
                          {beq(0, 0, 8), 60},
                          {bne(0, 0, 8), 10},
                          {jal(0, 8), 60},
                          {jalr(0, 5, 0), 60},
                          {csrrs(1, rv64::csr::mscratch, 0), 70},
                          {amo(0, 2, 1, 4, 3), 90},
                          {amo(2, 3, 1, 4, 0), 90},
                          {0x0ff0000f, 10},
                          {mret, 60},
                          {0, 10},
                          {ecall, 10}};
    for (const rv64::dispatch form : both_forms) {
        small_board board(form, cycles);
        for (const cost& each : costs) {
            board.put(board.ram_base, std::vector<word>{each.code});
            board.hart.set_pc(board.ram_base);
            board.hart.set_x(4, board.ram_base + 0x100);
            board.hart.set_x(5, board.ram_base);
            const std::uint64_t before = board.hart.cycle();
            board.steps(1);
            EXPECT_EQ(board.hart.cycle() - before, each.cycles) << std::hex << each.code;
        }
    }
}
